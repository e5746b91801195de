; irad check docs/upstream/limits.ll --fn f --mode reverse --faithful --prepare none --range from=1..3 --range to=-3..-1
; The loop goes on while %i is at least as large as %to, both with a sign.
define double @f(double %x, i64 %from, i64 %to) {
entry:
  %runs = icmp sge i64 %from, %to
  br i1 %runs, label %loop, label %done

loop:
  %i = phi i64 [ %from, %entry ], [ %i.next, %loop ]
  %s = phi double [ 1.0, %entry ], [ %s.next, %loop ]
  %product = fmul double %s, %x
  %s.next = call double @llvm.sin.f64(double %product)
  %i.next = add nsw i64 %i, -1
  %more = icmp sge i64 %i.next, %to
  br i1 %more, label %loop, label %done

done:
  %r = phi double [ 1.0, %entry ], [ %s.next, %loop ]
  ret double %r
}

declare double @llvm.sin.f64(double)
