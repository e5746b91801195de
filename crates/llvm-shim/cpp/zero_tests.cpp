// Has no path of its own for zero. `vec![e; n]` asks whether the bits of a float `e` are zero, and then takes memory that
// is zero already: along that path nothing depends on `e`. What it does otherwise gives the same memory. Only a
// constant keeps its path: `vec![0.0; n]` depends on nothing, and is best taken as it is.

#include "boundary.h"
#include "repair.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm-c/Core.h"

using namespace llvm;

// The implementations of std's `IsZero` for `f64` and `f32`, in either mangling.
static bool is_zero_test(StringRef symbol) {
  for (const char *name : {"5alloc3vec7is_zerod", "5alloc3vec7is_zerof", "f64$u20$as$u20$alloc..vec..is_zero..IsZero$",
                           "f32$u20$as$u20$alloc..vec..is_zero..IsZero$"})
    if (symbol.contains(name))
      return true;
  return false;
}

// Where such a function returns; null for another one. Not a closure of it, nor that of an array of floats, which asks
// this one.
static ReturnInst *end_of_zero_test(Function &function) {
  if (!is_zero_test(function.getName()) || !function.getReturnType()->isIntegerTy(1) || function.arg_size() != 1 ||
      function.size() != 1)
    return nullptr;
  return dyn_cast<ReturnInst>(function.getEntryBlock().getTerminator());
}

void irad_forgo_zero_tests(LLVMModuleRef module) {
  for (Function &function : *unwrap(module))
    if (ReturnInst *end = end_of_zero_test(function))
      end->setOperand(0, ConstantInt::getFalse(function.getContext()));
}

PreservedAnalyses irad::ZeroTestsPass::run(Function &function, FunctionAnalysisManager &) {
  ReturnInst *end = end_of_zero_test(function);
  if (!end)
    return PreservedAnalyses::all();
  LoadInst *number = nullptr;
  for (Instruction &instruction : function.getEntryBlock())
    if (auto *load = dyn_cast<LoadInst>(&instruction); load && load->getType()->isFloatingPointTy())
      number = load;
  if (!number)
    return PreservedAnalyses::all();
  IRBuilder<> builder(end);
  Value *is_constant = builder.CreateIntrinsic(Intrinsic::is_constant, {number->getType()}, {number});
  end->setOperand(0, builder.CreateAnd(end->getReturnValue(), is_constant));
  PreservedAnalyses kept;
  kept.preserveSet<CFGAnalyses>();
  return kept;
}
