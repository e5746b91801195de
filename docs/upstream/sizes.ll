; irad check docs/upstream/sizes.ll --fn f --mode reverse --faithful --prepare none --range n=3..3
; The memory that %grow allocates is as large as a number says that it reads. It holds indices, which have no derivative.
define double @f(ptr %x, i64 %n) {
entry:
  %list = alloca { i64, ptr }
  %data.at = getelementptr i8, ptr %list, i64 8
  %first = call ptr @__rust_alloc(i64 8, i64 8)
  store i64 8, ptr %list
  store ptr %first, ptr %data.at
  br label %loop

loop:
  %i = phi i64 [ 0, %entry ], [ %i.next, %loop ]
  %sum = phi double [ 0.0, %entry ], [ %sum.next, %loop ]
  call void @grow(ptr %list)
  %data = load ptr, ptr %data.at
  %slot = getelementptr i64, ptr %data, i64 %i
  store i64 %i, ptr %slot
  %index = load i64, ptr %slot
  %at = getelementptr double, ptr %x, i64 %index
  %value = load double, ptr %at
  %square = fmul double %value, %value
  %sum.next = fadd double %sum, %square
  %i.next = add i64 %i, 1
  %more = icmp ult i64 %i.next, %n
  br i1 %more, label %loop, label %done

done:
  %last = load ptr, ptr %data.at
  %size = load i64, ptr %list
  call void @__rust_dealloc(ptr %last, i64 %size, i64 8)
  ret double %sum.next
}

define internal void @grow(ptr %list) noinline {
  %old.size = load i64, ptr %list
  %size = add i64 %old.size, 8
  %data.at = getelementptr i8, ptr %list, i64 8
  %old = load ptr, ptr %data.at
  %new = call ptr @__rust_alloc(i64 %size, i64 8)
  call void @llvm.memcpy.p0.p0.i64(ptr %new, ptr "enzyme_type"="{[-1]:Pointer, [-1,-1]:Integer}" %old, i64 %old.size, i1 false)
  call void @__rust_dealloc(ptr %old, i64 %old.size, i64 8)
  store ptr %new, ptr %data.at
  store i64 %size, ptr %list
  ret void
}

declare noalias ptr @__rust_alloc(i64, i64)
declare void @__rust_dealloc(ptr, i64, i64)
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
