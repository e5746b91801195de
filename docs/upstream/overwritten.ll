; irad check docs/upstream/overwritten.ll --fn f --mode reverse --faithful --prepare none --len x=5 --range n=4..4
; Each element becomes the sine of the next one: what an iteration reads, the next one overwrites.
define void @f(ptr noalias %x, i64 %n) {
entry:
  br label %loop

loop:
  %i = phi i64 [ 0, %entry ], [ %i.next, %loop ]
  %i.next = add nuw nsw i64 %i, 1
  %from = getelementptr inbounds double, ptr %x, i64 %i.next
  %old = load double, ptr %from, align 8
  %new = call double @llvm.sin.f64(double %old)
  %to = getelementptr inbounds double, ptr %x, i64 %i
  store double %new, ptr %to, align 8
  %is.done = icmp eq i64 %i.next, %n
  br i1 %is.done, label %done, label %loop

done:
  ret void
}

declare double @llvm.sin.f64(double)
