// Has Enzyme keep what functions return that take long, where it would call them again in the reverse sweep.

#include "boundary.h"
#include "enzyme_strings.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace {

// A function of C's mathematics library. What processors have an instruction for takes no time.
bool is_slow_library(const Function &function, const TargetLibraryInfo &library) {
  LibFunc known;
  StringRef name = function.getName();
  name.consume_back("f");
  return function.isDeclaration() && library.getLibFunc(function, known) &&
         all_of(function.args(), [](const Argument &argument) { return !argument.getType()->isPointerTy(); }) &&
         !StringSwitch<bool>(name)
              .Cases({"fabs", "sqrt", "copysign", "fmin", "fmax"}, true)
              .Cases({"ceil", "floor", "trunc", "round", "rint", "nearbyint"}, true)
              .Default(false);
}

// The same of what LLVM has an intrinsic for.
bool is_slow(const Function &callee, const TargetLibraryInfo &library) {
  switch (callee.getIntrinsicID()) {
  case Intrinsic::not_intrinsic:
    return is_slow_library(callee, library);
  case Intrinsic::acos:
  case Intrinsic::asin:
  case Intrinsic::atan:
  case Intrinsic::atan2:
  case Intrinsic::cos:
  case Intrinsic::cosh:
  case Intrinsic::exp:
  case Intrinsic::exp10:
  case Intrinsic::exp2:
  case Intrinsic::log:
  case Intrinsic::log10:
  case Intrinsic::log2:
  case Intrinsic::pow:
  case Intrinsic::powi:
  case Intrinsic::sin:
  case Intrinsic::sinh:
  case Intrinsic::tan:
  case Intrinsic::tanh:
    return true;
  default:
    return false;
  }
}

} // namespace

size_t irad_keep_results(LLVMModuleRef module, const char *const *symbols, size_t count) {
  StringSet<> named;
  for (size_t at = 0; at < count; at++)
    named.insert(symbols[at]);
  bool all = named.contains("*");
  TargetLibraryInfoImpl known(unwrap(module)->getTargetTriple());
  TargetLibraryInfo library(known);
  size_t kept = 0;
  for (Function &function : *unwrap(module))
    for (Instruction &instruction : instructions(function)) {
      auto *call = dyn_cast<CallInst>(&instruction);
      const Function *callee = call ? call->getCalledFunction() : nullptr;
      if (!callee || !call->getType()->isFPOrFPVectorTy())
        continue;
      if (named.contains(callee->getName()) || (all && is_slow(*callee, library))) {
        call->setMetadata(irad::enzyme::MUST_CACHE, MDNode::get(call->getContext(), {}));
        kept++;
      }
    }
  return kept;
}
