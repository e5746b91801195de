// Gives each loop one back edge. A `continue` makes a second one, and LLVM's LoopSimplify turns a loop with
// several into a nest: the inner loop of it leaves only by the edge back to the outer one, or out of both.
// Enzyme counts the iterations of such a loop at some of its exits and reads the count after all of them.

#include "repair.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

PreservedAnalyses irad::SingleLatchPass::run(Function &function, FunctionAnalysisManager &analyses) {
  LoopInfo &loops = analyses.getResult<LoopAnalysis>(function);
  DominatorTree &dominators = analyses.getResult<DominatorTreeAnalysis>(function);
  bool changed = false;
  for (Loop *loop : loops.getLoopsInPreorder()) {
    SmallVector<BasicBlock *, 4> latches;
    loop->getLoopLatches(latches);
    bool can_redirect = all_of(
        latches, [](BasicBlock *latch) { return !isa<IndirectBrInst>(latch->getTerminator()); });
    if (latches.size() < 2 || !can_redirect)
      continue;
    SplitBlockPredecessors(loop->getHeader(), latches, ".latch", &dominators, &loops);
    changed = true;
  }
  if (!changed)
    return PreservedAnalyses::all();
  PreservedAnalyses kept;
  kept.preserve<LoopAnalysis>();
  kept.preserve<DominatorTreeAnalysis>();
  return kept;
}
