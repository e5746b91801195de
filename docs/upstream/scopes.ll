; irad check docs/upstream/scopes.ll --fn f --mode reverse --faithful --prepare none --len x=4 --range n=4..4
; Each element times the square of the third, which is read through another reference.
define double @f(ptr %x, i64 %n) {
entry:
  %third = getelementptr inbounds double, ptr %x, i64 2
  br label %loop

loop:
  %i = phi i64 [ 0, %entry ], [ %i.next, %loop ]
  %sum = phi double [ 0.0, %entry ], [ %sum.next, %loop ]
  %at = getelementptr inbounds double, ptr %x, i64 %i
  %value = load double, ptr %at, align 8, !alias.scope !1, !noalias !2
  %weight = load double, ptr %third, align 8, !alias.scope !2, !noalias !1
  %square = fmul double %weight, %weight
  %term = fmul double %value, %square
  %sum.next = fadd double %sum, %term
  %i.next = add nuw nsw i64 %i, 1
  %is.done = icmp eq i64 %i.next, %n
  br i1 %is.done, label %done, label %loop

done:
  ret double %sum.next
}

!0 = distinct !{!0}
!1 = !{!3}
!2 = !{!4}
!3 = distinct !{!3, !0}
!4 = distinct !{!4, !0}
