// Gives a value to what a loop begins with undefined: the payload of an enum before the first iteration that sets it, as in
// `let mut last = None`. Enzyme's RemoveRedundantPHI takes phis that hold nothing else but one value for that value, and
// passes over what is undefined. If the value is computed in the loop, the phi holds that of an earlier iteration.

#include "repair.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;

PreservedAnalyses irad::UndefinedPass::run(Function &function, FunctionAnalysisManager &analyses) {
  LoopInfo &loops = analyses.getResult<LoopAnalysis>(function);
  bool changed = false;
  for (Loop *loop : loops.getLoopsInPreorder())
    for (PHINode &phi : loop->getHeader()->phis())
      for (Use &incoming : phi.incoming_values())
        if (isa<UndefValue>(incoming) && !loop->contains(phi.getIncomingBlock(incoming))) {
          incoming.set(Constant::getNullValue(phi.getType()));
          changed = true;
        }
  if (!changed)
    return PreservedAnalyses::all();
  PreservedAnalyses kept;
  kept.preserveSet<CFGAnalyses>();
  return kept;
}
