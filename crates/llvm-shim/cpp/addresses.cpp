// Says that an address which is only looked at is an integer. Code that is not optimised asks of two pointers at once
// whether they are aligned: it takes the bits of both together. Enzyme has no type for what comes of that.

#include "repair.h"

#include "llvm/IR/DataLayout.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;

namespace {

// True when all that comes of an integer are comparisons.
bool is_only_compared(const Value &integer, unsigned depth = 0) {
  return !integer.use_empty() && depth < 6 && all_of(integer.users(), [&](const User *user) {
    if (isa<ICmpInst>(user))
      return true;
    const auto *call = dyn_cast<IntrinsicInst>(user);
    bool is_bits = isa<BinaryOperator, CastInst, FreezeInst>(user) ||
                   (call && call->getIntrinsicID() == Intrinsic::ctpop);
    return is_bits && user->getType()->isIntegerTy() && is_only_compared(*user, depth + 1);
  });
}

bool meets_others(const Value &integer) {
  return any_of(integer.users(), [](const User *user) {
    const auto *operation = dyn_cast<BinaryOperator>(user);
    return operation && operation->isBitwiseLogicOp() && !isa<Constant>(operation->getOperand(0)) &&
           !isa<Constant>(operation->getOperand(1));
  });
}

} // namespace

PreservedAnalyses irad::AddressesPass::run(Function &function, FunctionAnalysisManager &) {
  bool changed = false;
  for (Instruction &instruction : make_early_inc_range(instructions(function))) {
    auto *address = dyn_cast<PtrToIntInst>(&instruction);
    if (!address || address->getType() != function.getDataLayout().getIntPtrType(address->getOperand(0)->getType()) ||
        !meets_others(*address) || !is_only_compared(*address))
      continue;
    CallInst *integer =
        retyped(*address->getPointerOperand(), address->getType(), "Integer", address->getIterator());
    integer->takeName(address);
    address->replaceAllUsesWith(integer);
    address->eraseFromParent();
    changed = true;
  }
  if (!changed)
    return PreservedAnalyses::all();
  PreservedAnalyses kept;
  kept.preserveSet<CFGAnalyses>();
  return kept;
}
