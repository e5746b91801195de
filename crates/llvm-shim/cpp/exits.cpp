// Lets Enzyme see every exit of a loop. It takes an exit from which every path leads back into the loop, or to a
// block that cannot return, for no exit: it was meant to leave out panics. So it leaves out those of an inner
// loop that stay in an outer one which is left by the inner one only, and does not note there how often the
// inner loop ran. Where two paths meet again behind an exit, Enzyme takes it for one.

#include "repair.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

namespace {

// What Enzyme takes an exit to be.
bool is_seen(const Loop &loop, BasicBlock *exit) {
  SmallPtrSet<BasicBlock *, 8> seen;
  SmallVector<BasicBlock *, 8> rest{exit};
  while (!rest.empty()) {
    BasicBlock *block = rest.pop_back_val();
    if (!seen.insert(block).second)
      return true;
    Instruction *end = block->getTerminator();
    if (isa<UnreachableInst>(end))
      continue;
    if (!isa<BranchInst>(end))
      return true;
    for (BasicBlock *next : successors(block))
      if (!loop.contains(next))
        rest.push_back(next);
  }
  return false;
}

bool leads_back(const Loop &loop, BasicBlock *exit) {
  SmallPtrSet<BasicBlock *, 8> seen;
  SmallVector<BasicBlock *, 8> rest{exit};
  while (!rest.empty()) {
    BasicBlock *block = rest.pop_back_val();
    if (!seen.insert(block).second)
      continue;
    for (BasicBlock *next : successors(block)) {
      if (loop.contains(next))
        return true;
      rest.push_back(next);
    }
  }
  return false;
}

// Has two paths lead on from the exit, one of which is never taken.
void fork(BasicBlock &exit) {
  BasicBlock *rest = SplitBlock(&exit, exit.getFirstNonPHIOrDbg());
  BasicBlock *detour = BasicBlock::Create(exit.getContext(), "detour", exit.getParent(), rest);
  irad::hold_apart(*detour);
  BranchInst::Create(rest, detour);
  exit.getTerminator()->eraseFromParent();
  BranchInst::Create(detour, rest, irad::never(exit), &exit);
}

} // namespace

PreservedAnalyses irad::VisibleExitsPass::run(Function &function, FunctionAnalysisManager &analyses) {
  LoopInfo &loops = analyses.getResult<LoopAnalysis>(function);
  SmallSetVector<BasicBlock *, 4> unseen;
  for (Loop *loop : loops.getLoopsInPreorder()) {
    SmallVector<BasicBlock *, 4> exits;
    loop->getUniqueExitBlocks(exits);
    for (BasicBlock *exit : exits)
      if (!is_seen(*loop, exit) && leads_back(*loop, exit))
        unseen.insert(exit);
  }
  if (unseen.empty())
    return PreservedAnalyses::all();
  for (BasicBlock *exit : unseen)
    fork(*exit);
  return PreservedAnalyses::none();
}
