; irad check docs/upstream/guards.ll --fn f --mode reverse --faithful --prepare none
; The square root is taken of positive numbers only. Where x is negative, f is zero, and so is its derivative.
define double @f(double %x) {
entry:
  %is.positive = fcmp ogt double %x, 0.0
  br i1 %is.positive, label %positive, label %done

positive:
  %root = call double @llvm.sqrt.f64(double %x)
  br label %done

done:
  %y = phi double [ %root, %positive ], [ 0.0, %entry ]
  ret double %y
}

declare double @llvm.sqrt.f64(double)
