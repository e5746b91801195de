; irad check docs/upstream/counters.ll --fn f --mode reverse --faithful --prepare none --range n=3..3,x=0.5..0.9
; %last is the value of %s before the last iteration of %inner. It is used in %found, behind three loops.
define double @f(double %x, i64 %n) {
entry:
  br label %outer

outer:
  %i = phi i64 [ 0, %entry ], [ %i.next, %middle ]
  %s.outer = phi double [ %x, %entry ], [ %s.middle, %middle ]
  %i.next = add i64 %i, 1
  %more = icmp ult i64 %i, %n
  br i1 %more, label %middle.entry, label %done

middle.entry:
  br label %middle

middle:
  %j = phi i64 [ 0, %middle.entry ], [ %j.next, %check ]
  %s.middle = phi double [ %s.outer, %middle.entry ], [ %s, %check ]
  %l.middle = phi double [ 1.0, %middle.entry ], [ %last, %check ]
  %j.next = add i64 %j, 1
  %again = icmp ult i64 %j, 2
  br i1 %again, label %inner.entry, label %outer

inner.entry:
  br label %inner

inner:
  %k = phi i64 [ 0, %inner.entry ], [ %k.next, %body ]
  %s = phi double [ %s.middle, %inner.entry ], [ %s.next, %body ]
  %last = phi double [ %l.middle, %inner.entry ], [ %s, %body ]
  %k.next = add i64 %k, 1
  %on = icmp ult i64 %k, %n
  br i1 %on, label %body, label %check

body:
  %p = fmul double %s, %x
  %s.next = call double @llvm.sin.f64(double %p)
  br label %inner

check:
  %is.found = fcmp olt double %s, 0.02
  br i1 %is.found, label %found, label %middle

found:
  %r = fmul double %last, %last
  ret double %r

done:
  ret double %s.outer
}

declare double @llvm.sin.f64(double)
