; irad check docs/upstream/halving.ll --fn f --mode reverse --faithful --prepare none --len x=8 --range n=4..4
; The upper half of the slice from the lower one, and then half as much: what is read is overwritten in the next round.
define void @f(ptr noalias %x, i64 %n) {
entry:
  br label %round

round:
  %half = phi i64 [ %n, %entry ], [ %rest, %round.done ]
  %upper = getelementptr inbounds double, ptr %x, i64 %half
  br label %loop

loop:
  %i = phi i64 [ 0, %round ], [ %i.next, %loop ]
  %from = getelementptr inbounds double, ptr %x, i64 %i
  %read = load double, ptr %from, align 8
  %to = getelementptr inbounds double, ptr %upper, i64 %i
  %old = load double, ptr %to, align 8
  %sine = call double @llvm.sin.f64(double %read)
  %new = fmul double %old, %sine
  store double %new, ptr %to, align 8
  %i.next = add nuw nsw i64 %i, 1
  %is.done = icmp eq i64 %i.next, %half
  br i1 %is.done, label %round.done, label %loop

round.done:
  %rest = lshr i64 %half, 1
  %was.last = icmp eq i64 %rest, 0
  br i1 %was.last, label %done, label %round

done:
  ret void
}

declare double @llvm.sin.f64(double)
