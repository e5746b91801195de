; ModuleID = 'secret.fac9ae8de562d133-cgu.0'
source_filename = "secret.fac9ae8de562d133-cgu.0"
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-unknown-linux-gnu"

; Function Attrs: nounwind nonlazybind uwtable
define noundef double @square(double noundef %x) unnamed_addr #0 !dbg !7 {
start:
  %x.dbg.spill = alloca [8 x i8], align 8
  store double %x, ptr %x.dbg.spill, align 8
    #dbg_declare(ptr %x.dbg.spill, !14, !DIExpression(), !16)
  %_0 = fmul double %x, %x, !dbg !17
  ret double %_0, !dbg !18
}

attributes #0 = { nounwind nonlazybind uwtable "probe-stack"="inline-asm" "target-cpu"="x86-64" }

!llvm.module.flags = !{!0, !1, !2, !3}
!llvm.ident = !{!4}
!llvm.dbg.cu = !{!5}

!0 = !{i32 8, !"PIC Level", i32 2}
!1 = !{i32 2, !"RtLibUseGOT", i32 1}
!2 = !{i32 7, !"Dwarf Version", i32 4}
!3 = !{i32 2, !"Debug Info Version", i32 3}
!4 = !{!"rustc version 1.95.0 (59807616e 2026-04-14)"}
!5 = distinct !DICompileUnit(language: DW_LANG_Rust, file: !6, producer: "clang LLVM (rustc version 1.95.0 (59807616e 2026-04-14))", isOptimized: true, runtimeVersion: 0, emissionKind: FullDebug, splitDebugInlining: false, nameTableKind: None)
!6 = !DIFile(filename: "secret.rs/@/secret.fac9ae8de562d133-cgu.0", directory: "FOLDER")
!7 = distinct !DISubprogram(name: "square", scope: !9, file: !8, line: 2, type: !10, scopeLine: 2, flags: DIFlagPrototyped, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !5, templateParams: !15, retainedNodes: !13)
!8 = !DIFile(filename: "secret.rs", directory: "FOLDER", checksumkind: CSK_MD5, checksum: "abec70750aa4c3a2cf5fdd5262bb5ae4")
!9 = !DINamespace(name: "secret", scope: null)
!10 = !DISubroutineType(types: !11)
!11 = !{!12, !12}
!12 = !DIBasicType(name: "f64", size: 64, encoding: DW_ATE_float)
!13 = !{!14}
!14 = !DILocalVariable(name: "x", arg: 1, scope: !7, file: !8, line: 2, type: !12)
!15 = !{}
!16 = !DILocation(line: 2, column: 15, scope: !7)
!17 = !DILocation(line: 2, column: 45, scope: !7)
!18 = !DILocation(line: 2, column: 52, scope: !7)
