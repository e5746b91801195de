; irad check docs/upstream/undefined.ll --fn f --mode reverse --faithful --prepare none --range n=6..6
; %last is the square of the last element above 0.2, of an earlier iteration. Before there is one it is undefined, and not used.
define double @f(ptr %x, i64 %n) {
entry:
  br label %loop

loop:
  %i = phi i64 [ 0, %entry ], [ %i.next, %latch ]
  %has = phi i1 [ false, %entry ], [ %has.next, %latch ]
  %last = phi double [ undef, %entry ], [ %last.next, %latch ]
  %sum = phi double [ 0.0, %entry ], [ %sum.next, %latch ]
  %at = getelementptr double, ptr %x, i64 %i
  %value = load double, ptr %at
  %square = fmul double %value, %value
  %is.large = fcmp ogt double %value, 0.2
  br i1 %is.large, label %large, label %small

large:
  %first = load double, ptr %x
  %third = fmul double %square, %first
  br label %latch

small:
  br i1 %has, label %add, label %latch

add:
  %factor = load double, ptr %x
  %product = fmul double %last, %factor
  br label %latch

latch:
  %has.next = phi i1 [ true, %large ], [ %has, %small ], [ %has, %add ]
  %last.next = phi double [ %square, %large ], [ %last, %small ], [ %last, %add ]
  %more = phi double [ %third, %large ], [ 0.0, %small ], [ %product, %add ]
  %sum.next = fadd double %sum, %more
  %i.next = add i64 %i, 1
  %again = icmp ult i64 %i.next, %n
  br i1 %again, label %loop, label %done

done:
  ret double %sum.next
}
