; irad check docs/upstream/irreducible.ll --fn f --mode reverse --faithful --prepare none --range n=3..3
; The cycle of %product and %sum is entered at either of them, so that it is no loop.
define double @f(double %x, i1 %begins.with.sum, i64 %n) {
entry:
  br i1 %begins.with.sum, label %sum, label %product

product:
  %p.in = phi double [ %x, %entry ], [ %s, %sum ]
  %p.rounds = phi i64 [ 0, %entry ], [ %rounds, %sum ]
  %p = fmul double %p.in, %x
  br label %sum

sum:
  %s.in = phi double [ 2.0, %entry ], [ %p, %product ]
  %s.rounds = phi i64 [ 0, %entry ], [ %p.rounds, %product ]
  %s = fadd double %s.in, %x
  %rounds = add i64 %s.rounds, 1
  %goes.on = icmp ult i64 %rounds, %n
  br i1 %goes.on, label %product, label %done

done:
  ret double %s
}
