; irad check docs/upstream/lanes.ll --fn f --mode reverse --faithful --prepare none
; The square root of the second number. The first lane is computed, and nobody asks for it.
define double @f(ptr %x) {
  %both = load <2 x double>, ptr %x, align 8
  %roots = call <2 x double> @llvm.sqrt.v2f64(<2 x double> %both)
  %second = extractelement <2 x double> %roots, i64 1
  ret double %second
}

declare <2 x double> @llvm.sqrt.v2f64(<2 x double>)
