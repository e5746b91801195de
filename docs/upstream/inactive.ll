; irad check docs/upstream/inactive.ll --fn f --mode reverse --faithful --prepare none --range n=2..2
; Nothing in the loops %middle and %inner is active, and each is left in two ways. The first time, %middle does not enter %inner.
define double @f(double %b, double %limit, i64 %n) {
entry:
  %w = alloca [4 x double]
  %w.3 = getelementptr double, ptr %w, i64 3
  store double %b, ptr %w
  store double %b, ptr %w.3
  br label %outer

outer:
  %i = phi i64 [ 0, %entry ], [ %i.next, %latch ]
  %i.next = add i64 %i, 1
  br label %middle

middle:
  %j = phi i64 [ 0, %outer ], [ %j.next, %middle.next ]
  %j.next = add i64 %j, 1
  %is.first = icmp eq i64 %j, 0
  br i1 %is.first, label %middle.next, label %inner

inner:
  %k = phi i64 [ 0, %middle ], [ %k.next, %inner.next ]
  %k.next = add i64 %k, 1
  %at = getelementptr double, ptr %w, i64 %k
  %v = load double, ptr %at
  %is.large = fcmp ogt double %v, 0.5
  br i1 %is.large, label %noted, label %decide

noted:
  call void asm sideeffect "", "~{memory}"()
  br label %decide

decide:
  %gives.up = fcmp oge double %limit, -1.0e3
  br i1 %gives.up, label %latch, label %inner.next

inner.next:
  %inner.done = icmp eq i64 %k.next, %j
  br i1 %inner.done, label %middle.next, label %inner

middle.next:
  %middle.done = icmp eq i64 %j.next, 4
  br i1 %middle.done, label %after, label %middle

after:
  %to = getelementptr double, ptr %w, i64 %i
  store double 0.5, ptr %to
  br label %latch

latch:
  %is.done = icmp eq i64 %i.next, %n
  br i1 %is.done, label %done, label %outer

done:
  %r = load double, ptr %w.3
  ret double %r
}
