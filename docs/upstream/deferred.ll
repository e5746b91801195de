; irad check docs/upstream/deferred.ll --fn f --mode reverse --faithful --prepare none --sig (x:&[f64;2])->f64
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-unknown-linux-gnu"

define double @f(ptr noalias noundef readonly align 8 dereferenceable(16) %x) {
start:
  %filled = alloca [16 x i8], align 8
  %copy = alloca [16 x i8], align 8
  call void @fill(ptr %filled, ptr %x)
  call void @llvm.memcpy.p0.p0.i64(ptr align 8 %copy, ptr align 8 %filled, i64 16, i1 false)
  br label %body

body:
  %i = phi i64 [ 0, %start ], [ %next, %body ]
  %sum = phi double [ 0.0, %start ], [ %sum.next, %body ]
  %at = getelementptr inbounds double, ptr %copy, i64 %i
  %value = load double, ptr %at, align 8
  %square = fmul double %value, %value
  %sum.next = fadd double %sum, %square
  %next = add nuw nsw i64 %i, 1
  %done = icmp eq i64 %next, 2
  br i1 %done, label %exit, label %body

exit:
  ret double %sum.next
}

define internal void @fill(ptr noalias noundef align 8 %out, ptr noalias noundef readonly align 8 %x) noinline {
start:
  %first = load double, ptr %x, align 8
  %twice = fmul double %first, 2.0
  store double %twice, ptr %out, align 8
  %at = getelementptr inbounds i8, ptr %x, i64 8
  %second = load double, ptr %at, align 8
  %thrice = fmul double %second, 3.0
  %to = getelementptr inbounds i8, ptr %out, i64 8
  store double %thrice, ptr %to, align 8
  ret void
}

declare void @llvm.memcpy.p0.p0.i64(ptr noalias, ptr noalias, i64, i1)
