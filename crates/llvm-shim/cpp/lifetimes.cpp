// Forgets that a local slot lives for one iteration of a loop, where a function is called with its address. Enzyme then
// takes it that it can fill the slot anew in the reverse sweep, and that the function called need not keep what it
// reads there. Where a value that goes into the slot cannot be computed again, the slot is kept instead, once for
// all iterations, and what is read in the reverse sweep is of the last one.

#include "repair.h"

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;

namespace {

// True when the address of a slot, or of a part of it, goes to a function.
bool is_lent(AllocaInst &slot) {
  SmallVector<Value *, 8> places = {&slot};
  SmallPtrSet<Value *, 8> met = {&slot};
  while (!places.empty()) {
    for (User *user : places.pop_back_val()->users()) {
      if (auto *call = dyn_cast<CallBase>(user); call && !isa<IntrinsicInst>(call))
        return true;
      if (isa<GetElementPtrInst, PHINode, SelectInst, CastInst>(user) && met.insert(user).second)
        places.push_back(user);
    }
  }
  return false;
}

} // namespace

PreservedAnalyses irad::LifetimesPass::run(Function &function, FunctionAnalysisManager &analyses) {
  LoopInfo &loops = analyses.getResult<LoopAnalysis>(function);
  if (loops.empty())
    return PreservedAnalyses::all();
  SmallVector<Instruction *, 8> markers;
  for (Instruction &instruction : instructions(function)) {
    auto *marker = dyn_cast<LifetimeIntrinsic>(&instruction);
    if (!marker || !loops.getLoopFor(marker->getParent()))
      continue;
    auto *slot = dyn_cast<AllocaInst>(marker->getArgOperand(marker->arg_size() - 1)->stripPointerCasts());
    if (slot && is_lent(*slot))
      markers.push_back(marker);
  }
  if (markers.empty())
    return PreservedAnalyses::all();
  for (Instruction *marker : markers)
    marker->eraseFromParent();
  PreservedAnalyses kept;
  kept.preserveSet<CFGAnalyses>();
  return kept;
}
