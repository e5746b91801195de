// Forgets of memory that is only read that nothing else touches it. Two shared references may lead to one place, and
// where a call with both was inlined LLVM says of each that the other one does not touch it. That is true as long as
// nothing is written. Enzyme says the same of the adjoints, which are written, and LLVM moves one update past another.

#include "repair.h"

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Metadata.h"

using namespace llvm;

PreservedAnalyses irad::ScopesPass::run(Function &function, FunctionAnalysisManager &) {
  SmallPtrSet<const Metadata *, 16> written;
  for (Instruction &instruction : instructions(function))
    if (const MDNode *scopes = instruction.getMetadata(LLVMContext::MD_alias_scope);
        scopes && instruction.mayWriteToMemory())
      for (const MDOperand &scope : scopes->operands())
        written.insert(scope.get());
  bool changed = false;
  for (Instruction &instruction : instructions(function))
    for (unsigned kind : {LLVMContext::MD_alias_scope, LLVMContext::MD_noalias}) {
      const MDNode *scopes = instruction.getMetadata(kind);
      if (!scopes)
        continue;
      SmallVector<Metadata *, 8> left;
      for (const MDOperand &scope : scopes->operands())
        if (written.contains(scope.get()))
          left.push_back(scope.get());
      if (left.size() == scopes->getNumOperands())
        continue;
      instruction.setMetadata(kind, left.empty() ? nullptr : MDNode::get(function.getContext(), left));
      changed = true;
    }
  if (!changed)
    return PreservedAnalyses::all();
  PreservedAnalyses kept;
  kept.preserveSet<CFGAnalyses>();
  return kept;
}
