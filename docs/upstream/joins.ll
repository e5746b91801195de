; irad check docs/upstream/joins.ll --fn f --mode reverse --faithful --prepare none --range n=2..2,x=0.5..0.9
; %join is reached from %entry, from %found, and from %latch. The last iteration goes by %halve, around %test.
define double @f(double %x, i64 %n) {
entry:
  %is.empty = icmp eq i64 %n, 0
  br i1 %is.empty, label %join, label %loop.entry

loop.entry:
  br label %loop

loop:
  %i = phi i64 [ 0, %loop.entry ], [ %i.next, %latch ]
  %s = phi double [ %x, %loop.entry ], [ %s.next, %latch ]
  %i.next = add i64 %i, 1
  %is.large = fcmp ogt double %s, 1.0
  br i1 %is.large, label %halve, label %choose

halve:
  %half = call double @llvm.sin.f64(double %s)
  br label %latch

choose:
  %t = fmul double %s, 3.0
  %is.small = fcmp olt double %s, 0.1
  br i1 %is.small, label %bend, label %widen

widen:
  %w = call double @cosh(double %t)
  br label %test

bend:
  %u = call double @tanh(double %t)
  br label %test

test:
  %y = phi double [ %u, %bend ], [ %w, %widen ]
  %k = uitofp i64 %i.next to double
  %far = fmul double %x, %k
  %is.found = fcmp ogt double %far, 1.0
  br i1 %is.found, label %found, label %latch

latch:
  %s.next = phi double [ %half, %halve ], [ %y, %test ]
  %is.last = icmp eq i64 %i.next, %n
  br i1 %is.last, label %out, label %loop

out:
  %sum = fadd double %s.next, 1.0
  br label %join

found:
  %cube = fmul double %s, %x
  br label %join

join:
  %r = phi double [ %x, %entry ], [ %sum, %out ], [ %cube, %found ]
  ret double %r
}

declare double @llvm.sin.f64(double)
declare double @cosh(double)
declare double @tanh(double)
