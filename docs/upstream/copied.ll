; irad check docs/upstream/copied.ll --fn f --mode reverse --faithful --prepare none --len x=6 --range n=6..6
; A running product, and then the cosine of each element.
define void @f(ptr noalias %x, i64 %n) {
entry:
  br label %loop

loop:
  %i = phi i64 [ 0, %entry ], [ %i.next, %loop ]
  %i.next = add nuw nsw i64 %i, 1
  %from = getelementptr inbounds double, ptr %x, i64 %i
  %before = load double, ptr %from, align 8
  %to = getelementptr inbounds double, ptr %x, i64 %i.next
  %old = load double, ptr %to, align 8
  %new = fmul double %before, %old
  store double %new, ptr %to, align 8
  %next.but.one = add nuw nsw i64 %i, 2
  %is.done = icmp eq i64 %next.but.one, %n
  br i1 %is.done, label %cosines, label %loop

cosines:
  %j = phi i64 [ 0, %loop ], [ %j.next, %cosines ]
  %at = getelementptr inbounds double, ptr %x, i64 %j
  %product = load double, ptr %at, align 8
  %cosine = call double @llvm.cos.f64(double %product)
  store double %cosine, ptr %at, align 8
  %j.next = add nuw nsw i64 %j, 1
  %is.last = icmp eq i64 %j.next, %n
  br i1 %is.last, label %done, label %cosines

done:
  ret void
}

declare double @llvm.cos.f64(double)
