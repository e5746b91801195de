// Keeps Enzyme from taking a function of the module for another one that has the same name. It knows much of C's
// mathematics library by name, and looks at no body: a `y1` that the module defines would get the derivative of a
// Bessel function, or end Enzyme if it takes other arguments.

#include "repair.h"

#include "llvm-c/Core.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/Module.h"

#include <string>

using namespace llvm;

namespace {

const char *const OWN = "irad.own.";

// What LLVM does not know, and Enzyme does.
const StringSet<> ONLY_ENZYME = {"j0", "j1", "jn", "y0", "y1", "yn", "j0f", "j1f", "jnf", "y0f", "y1f", "ynf",
                                 "erfi", "erfc", "erfcf", "erff", "lgamma", "lgammaf", "lgamma_r", "lgammaf_r",
                                 "tgammaf", "digamma", "remquo", "remquof", "cospi", "sinpi", "sincospi", "fdim",
                                 "fdimf", "rhypot", "rcbrt", "normcdf", "ldexp"};

} // namespace

void irad_hide_names(LLVMModuleRef module_ref, LLVMValueRef but) {
  Module &module = *unwrap(module_ref);
  TargetLibraryInfoImpl library(module.getTargetTriple());
  for (Function &function : module) {
    StringRef name = function.getName();
    LibFunc known;
    if (function.isDeclaration() || &function == unwrap(but) || !function.getReturnType()->isFloatingPointTy())
      continue;
    if (library.getLibFunc(name, known) || ONLY_ENZYME.contains(name))
      function.setName(OWN + name.str());
  }
}

void irad::show_names(Module &module) {
  for (Function &function : module) {
    std::string name = function.getName().str();
    size_t at = name.find(OWN);
    if (at != std::string::npos)
      function.setName(name.erase(at, StringRef(OWN).size()));
  }
}
