; irad check docs/upstream/pointers.ll --fn f --mode forward --faithful --prepare none
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-unknown-linux-gnu"

define double @f(double %x) {
start:
  %is_large = fcmp ogt double %x, 1.000000e-01
  %function = select i1 %is_large, ptr @square, ptr @twice
  %value = call double %function(double %x)
  %result = fmul double %value, %value
  ret double %result
}

define internal double @square(double %x) noinline {
  %result = fmul double %x, %x
  ret double %result
}

define internal double @twice(double %x) noinline {
  %result = fmul double %x, 2.000000e+00
  ret double %result
}
