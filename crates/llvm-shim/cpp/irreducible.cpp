// Makes loops of control flow that goes in circles and can be entered at several places. Enzyme knows loops only: it
// takes blocks that are run again and again for blocks that are run once.

#include "repair.h"

#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/Analysis/CFG.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Transforms/Utils/FixIrreducible.h"
#include "llvm/Transforms/Utils/LowerSwitch.h"

using namespace llvm;

PreservedAnalyses irad::ReduciblePass::run(Function &function, FunctionAnalysisManager &analyses) {
  LoopInfo &loops = analyses.getResult<LoopAnalysis>(function);
  ReversePostOrderTraversal<const Function *> order(&function);
  bool is_irreducible =
      containsIrreducibleCFG<const BasicBlock *, const ReversePostOrderTraversal<const Function *>,
                             const LoopInfo>(order, loops);
  bool is_plain = all_of(function, [](const BasicBlock &block) {
    const Instruction *end = block.getTerminator();
    return isa<BranchInst, SwitchInst, ReturnInst, UnreachableInst>(end);
  });
  if (!is_irreducible || !is_plain)
    return PreservedAnalyses::all();
  PreservedAnalyses kept = LowerSwitchPass().run(function, analyses);
  analyses.invalidate(function, kept);
  kept.intersect(FixIrreduciblePass().run(function, analyses));
  return kept;
}
