; irad check docs/upstream/names.ll --fn f --mode reverse --faithful --prepare none
; This y1 has nothing to do with the Bessel function.
define double @f(double %x) {
  %y = call double @y1(double %x)
  %twice = fmul double %y, 2.0
  ret double %twice
}

define double @y1(double %x) noinline {
  %square = fmul double %x, %x
  %y = fadd double %square, %x
  ret double %y
}
