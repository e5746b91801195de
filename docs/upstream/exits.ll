; irad check docs/upstream/exits.ll --fn f --mode reverse --faithful --prepare none --range n=4..4
; The inner loop %inner is left to %taken, which stays in the outer loop, or to %done, which leaves both.
define double @f(double %x, i64 %n) {
entry:
  br label %outer

outer:
  %i.outer = phi i64 [ 0, %entry ], [ %i.next, %taken ]
  %s = phi double [ 0.0, %entry ], [ %s.next, %taken ]
  br label %inner

inner:
  %i = phi i64 [ %i.outer, %outer ], [ %i.next, %next ]
  %is.done = icmp eq i64 %i, %n
  br i1 %is.done, label %done, label %next

next:
  %i.next = add i64 %i, 1
  %bit = and i64 %i, 1
  %is.odd = icmp eq i64 %bit, 1
  br i1 %is.odd, label %taken, label %inner

taken:
  %k = uitofp i64 %i to double
  %v = fmul double %x, %k
  %square = fmul double %v, %v
  %s.next = fadd double %s, %square
  br label %outer

done:
  ret double %s
}
