// Has Enzyme keep what each load reads of a local array. If a load in a loop cannot be repeated, Enzyme keeps the whole
// array before that loop, and takes what it kept there for any other load of the same array: one in another loop, where
// the array held something else, or where nothing was kept at all. It knows an array by the type of its alloca, and so
// the array becomes the one field of a struct.

#include "repair.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/DerivedTypes.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;

// True when several loads in loops read elements of it.
static bool is_shared(const AllocaInst &array, const LoopInfo &loops) {
  unsigned loads = 0;
  for (const User *user : array.users())
    if (const auto *element = dyn_cast<GetElementPtrInst>(user))
      for (const User *reader : element->users())
        if (const auto *load = dyn_cast<LoadInst>(reader); load && loops.getLoopFor(load->getParent()))
          loads++;
  return loads > 1;
}

PreservedAnalyses irad::ArraysPass::run(Function &function, FunctionAnalysisManager &analyses) {
  const LoopInfo &loops = analyses.getResult<LoopAnalysis>(function);
  bool changed = false;
  for (Instruction &instruction : function.getEntryBlock()) {
    auto *array = dyn_cast<AllocaInst>(&instruction);
    if (!array || !isa<ArrayType>(array->getAllocatedType()) || !is_shared(*array, loops))
      continue;
    array->setAllocatedType(StructType::get(array->getAllocatedType()));
    changed = true;
  }
  if (!changed)
    return PreservedAnalyses::all();
  PreservedAnalyses kept;
  kept.preserveSet<CFGAnalyses>();
  return kept;
}
