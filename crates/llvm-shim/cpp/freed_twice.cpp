// Has memory freed once. Enzyme asks twice whether the reverse sweep needs an allocation. Where it first says no, the primal's
// own free stays in the forward sweep; where it then says yes, it keeps the address and frees the memory in the reverse
// sweep as well.

#include "boundary.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm-c/Core.h"

using namespace llvm;

namespace {

bool frees(const CallInst &call) {
  const Function *called = call.getCalledFunction();
  return called && call.arg_size() > 0 && call.getType()->isVoidTy() &&
         (called->getName().contains("__rust_dealloc") || called->getName() == "free");
}

// The address that is freed, if it was kept in a slot that holds nothing else.
const Instruction *kept(const CallInst &call) {
  const auto *load = dyn_cast<LoadInst>(call.getArgOperand(0));
  const auto *slot = load ? dyn_cast<AllocaInst>(load->getPointerOperand()) : nullptr;
  if (!slot)
    return nullptr;
  const Value *found = nullptr;
  for (const User *user : slot->users()) {
    if (isa<LoadInst>(user))
      continue;
    const auto *store = dyn_cast<StoreInst>(user);
    if (!store || store->getValueOperand() == slot || found)
      return nullptr;
    found = store->getValueOperand();
  }
  return dyn_cast_or_null<Instruction>(found);
}

// True for the block of the reverse sweep that belongs to one of the forward sweep, which Enzyme names so: it runs exactly
// if that one has run.
bool undoes(const BasicBlock &reverse, const BasicBlock &forward) {
  StringRef name = reverse.getName();
  return name.consume_front("invert") && forward.hasName() && name.consume_front(forward.getName()) &&
         (name.empty() || name.starts_with("_"));
}

} // namespace

void irad_free_once(LLVMModuleRef wrapped) {
  for (Function &function : *unwrap(wrapped)) {
    SmallVector<CallInst *, 8> calls;
    for (Instruction &instruction : instructions(function))
      if (auto *call = dyn_cast<CallInst>(&instruction); call && frees(*call))
        calls.push_back(call);
    if (calls.size() < 2)
      continue;
    DominatorTree dominators(function);
    LoopInfo loops(dominators);
    SmallPtrSet<CallInst *, 4> early;
    for (CallInst *late : calls) {
      const Instruction *address = kept(*late);
      if (!address || loops.getLoopFor(address->getParent()) || !undoes(*late->getParent(), *address->getParent()))
        continue;
      for (CallInst *call : calls)
        if (call != late && call->getCalledFunction() == late->getCalledFunction() &&
            call->getArgOperand(0)->stripPointerCasts() == address)
          early.insert(call);
    }
    for (CallInst *call : early)
      call->eraseFromParent();
  }
}
