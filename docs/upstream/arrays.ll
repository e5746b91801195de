; irad check docs/upstream/arrays.ll --fn f --mode reverse --faithful --prepare none
; Sums of tanh over an array, which then becomes its squares, and of sin over those.
define double @f(ptr noalias %x) {
entry:
  %values = alloca [32 x i8], align 8
  call void @llvm.memcpy.p0.p0.i64(ptr align 8 %values, ptr align 8 %x, i64 32, i1 false)
  br label %first

first:
  %i = phi i64 [ 0, %entry ], [ %i.next, %first ]
  %sum = phi double [ 0.0, %entry ], [ %sum.next, %first ]
  %at = getelementptr inbounds double, ptr %values, i64 %i
  %value = load double, ptr %at, align 8
  %tanh = call double @tanh(double %value)
  %sum.next = fadd double %sum, %tanh
  %i.next = add nuw nsw i64 %i, 1
  %is.done = icmp eq i64 %i.next, 4
  br i1 %is.done, label %square, label %first

square:
  %j = phi i64 [ 0, %first ], [ %j.next, %square ]
  %at.j = getelementptr inbounds double, ptr %values, i64 %j
  %old = load double, ptr %at.j, align 8
  %new = fmul double %old, %old
  store double %new, ptr %at.j, align 8
  %j.next = add nuw nsw i64 %j, 1
  %is.squared = icmp eq i64 %j.next, 4
  br i1 %is.squared, label %second, label %square

second:
  %k = phi i64 [ 0, %square ], [ %k.next, %second ]
  %total = phi double [ %sum.next, %square ], [ %total.next, %second ]
  %at.k = getelementptr inbounds double, ptr %values, i64 %k
  %last = load double, ptr %at.k, align 8
  %sine = call double @llvm.sin.f64(double %last)
  %total.next = fadd double %total, %sine
  %k.next = add nuw nsw i64 %k, 1
  %is.summed = icmp eq i64 %k.next, 4
  br i1 %is.summed, label %clear, label %second

clear:
  call void @llvm.memset.p0.i64(ptr align 8 %values, i8 0, i64 32, i1 false)
  ret double %total.next
}

declare double @tanh(double)
declare double @llvm.sin.f64(double)
declare void @llvm.memcpy.p0.p0.i64(ptr noalias, ptr noalias, i64, i1)
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
