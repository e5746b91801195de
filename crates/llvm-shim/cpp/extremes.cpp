// Makes the larger or the smaller of two numbers a choice like any other, if it may discard what is not a number, as in
// `x.ln().max(-3.0)`. Enzyme compares the two and takes a NaN for the one that was chosen.

#include "repair.h"
#include "steep.h"

#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;

namespace {

// So many operations are looked through.
constexpr unsigned DEPTH = 8;

// True when a value is made of what may not be a number for a finite argument.
bool may_be_nan(const Value *value, unsigned depth = DEPTH) {
  const auto *instruction = dyn_cast<Instruction>(value);
  if (!instruction || !depth || isa<PHINode>(instruction) || instruction->mayReadFromMemory())
    return false;
  return irad::is_steep(*instruction) ||
         any_of(instruction->operands(), [&](const Value *operand) { return may_be_nan(operand, depth - 1); });
}

bool choose(IntrinsicInst &extreme) {
  Intrinsic::ID kind = extreme.getIntrinsicID();
  bool is_larger = kind == Intrinsic::maxnum || kind == Intrinsic::maximumnum;
  bool is_smaller = kind == Intrinsic::minnum || kind == Intrinsic::minimumnum;
  if ((!is_larger && !is_smaller) || extreme.getType()->isVectorTy())
    return false;
  Value *one = extreme.getArgOperand(0), *other = extreme.getArgOperand(1);
  if (!may_be_nan(one) && !may_be_nan(other))
    return false;
  IRBuilder<> builder(&extreme);
  Value *is_one = is_larger ? builder.CreateFCmpOGT(one, other) : builder.CreateFCmpOLT(one, other);
  const auto *constant = dyn_cast<ConstantFP>(other);
  if (!constant || constant->isNaN())
    is_one = builder.CreateOr(is_one, builder.CreateFCmpUNO(other, other));
  Value *choice = builder.CreateSelect(is_one, one, other);
  choice->takeName(&extreme);
  extreme.replaceAllUsesWith(choice);
  extreme.eraseFromParent();
  return true;
}

} // namespace

PreservedAnalyses irad::ExtremesPass::run(Function &function, FunctionAnalysisManager &) {
  bool changed = false;
  for (Instruction &instruction : make_early_inc_range(instructions(function)))
    if (auto *call = dyn_cast<IntrinsicInst>(&instruction))
      changed |= choose(*call);
  if (!changed)
    return PreservedAnalyses::all();
  PreservedAnalyses kept;
  kept.preserveSet<CFGAnalyses>();
  return kept;
}
