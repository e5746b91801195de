; irad check docs/upstream/invariants.ll --fn steps --mode reverse --faithful --prepare none --cleanup default<O3> --sig (x:&mut[f64;4])->f64
; Takes each element from the first one, and then sums the products of all with the first.
define double @steps(ptr noalias align 8 dereferenceable(32) %x) {
start:
  %before = load double, ptr %x, align 8
  br label %outer

outer:
  %i = phi i64 [ 0, %start ], [ %i.next, %next ]
  %first = phi double [ %before, %start ], [ %first.next, %next ]
  %i.next = add nuw nsw i64 %i, 1
  %is.first = icmp eq i64 %i, 0
  br i1 %is.first, label %next, label %take

take:
  %at = getelementptr inbounds nuw double, ptr %x, i64 %i
  %taken = load double, ptr %at, align 8
  %less = fsub double %first, %taken
  store double %less, ptr %x, align 8
  br label %next

next:
  %first.next = phi double [ %first, %outer ], [ %less, %take ]
  %is.last = icmp eq i64 %i.next, 4
  br i1 %is.last, label %sum, label %outer

sum:
  %s = phi double [ %s.next, %sum ], [ 0.0, %next ]
  %k = phi i64 [ %k.next, %sum ], [ 0, %next ]
  %place = getelementptr inbounds nuw double, ptr %x, i64 %k
  %element = load double, ptr %place, align 8
  %again = load double, ptr %x, align 8
  %product = fmul double %element, %again
  %s.next = fadd double %s, %product
  %k.next = add nuw nsw i64 %k, 1
  %is.done = icmp eq i64 %k.next, 4
  br i1 %is.done, label %done, label %sum

done:
  ret double %s.next
}
