; irad check docs/upstream/moves.ll --fn f --mode reverse --faithful --prepare none --len x=4
; Three elements move one place to the left, and the first one is squared.
define double @f(ptr %x) {
  %from = getelementptr inbounds double, ptr %x, i64 1
  call void @llvm.memmove.p0.p0.i64(ptr align 8 %x, ptr align 8 %from, i64 24, i1 false)
  %first = load double, ptr %x, align 8
  %square = fmul double %first, %first
  ret double %square
}

declare void @llvm.memmove.p0.p0.i64(ptr, ptr, i64, i1)
