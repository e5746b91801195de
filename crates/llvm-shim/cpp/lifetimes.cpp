// Forgets that a local slot lives for one iteration of a loop, where a function is called with its address, or where what
// goes into it is carried from iteration to iteration. Enzyme takes it that it can fill such a slot anew in the reverse
// sweep, and that nobody need keep what is read there. Where a value that goes into the slot cannot be computed again,
// the slot is kept instead, once for all iterations, and what is read in the reverse sweep is of the last one.

#include "repair.h"

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;

namespace {

// True when a value of an iteration follows from one of the iteration before, or from memory that may be written
// meanwhile, or from a function: Enzyme cannot compute it again.
bool is_carried(Value *value, const Loop &loop) {
  constexpr unsigned Most = 64;
  SmallVector<Value *, 8> open = {value};
  SmallPtrSet<Value *, 16> met;
  while (!open.empty()) {
    auto *instruction = dyn_cast<Instruction>(open.pop_back_val());
    if (!instruction || !loop.contains(instruction) || !met.insert(instruction).second)
      continue;
    if (met.size() > Most)
      return true;
    if (isa<PHINode>(instruction) && instruction->getParent() == loop.getHeader()) {
      if (instruction->getType()->isFPOrFPVectorTy())
        return true;
      continue;
    }
    if (auto *load = dyn_cast<LoadInst>(instruction)) {
      const Value *object = getUnderlyingObject(load->getPointerOperand());
      auto *argument = dyn_cast<Argument>(object);
      auto *global = dyn_cast<GlobalVariable>(object);
      if (!(argument && argument->onlyReadsMemory()) && !(global && global->isConstant()))
        return true;
      continue;
    }
    if (auto *call = dyn_cast<CallBase>(instruction); call && !isa<IntrinsicInst>(call))
      return true;
    open.append(instruction->op_begin(), instruction->op_end());
  }
  return false;
}

// True when the address of a slot, or of a part of it, goes to a function, or when what is carried along goes into it.
bool is_kept(AllocaInst &slot, const Loop &loop) {
  SmallVector<Value *, 8> places = {&slot};
  SmallPtrSet<Value *, 8> met = {&slot};
  while (!places.empty()) {
    for (User *user : places.pop_back_val()->users()) {
      if (auto *call = dyn_cast<CallBase>(user); call && !isa<IntrinsicInst>(call))
        return true;
      if (auto *store = dyn_cast<StoreInst>(user); store && met.contains(store->getPointerOperand()) &&
                                                  is_carried(store->getValueOperand(), loop))
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
    Loop *loop = marker ? loops.getLoopFor(marker->getParent()) : nullptr;
    if (!loop)
      continue;
    auto *slot = dyn_cast<AllocaInst>(marker->getArgOperand(marker->arg_size() - 1)->stripPointerCasts());
    if (slot && is_kept(*slot, *loop))
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
