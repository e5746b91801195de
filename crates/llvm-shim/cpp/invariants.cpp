// Takes out a promise that Enzyme makes about loads. Where the reverse sweep loads a value again, both loads get an
// `!invariant.group` of their own: whatever is loaded through that pointer is the same. It is not where the load stands in
// a loop and the memory is written there: once LLVM has unrolled the loop, it takes one iteration's value for another's.

#include "boundary.h"

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm-c/Core.h"

using namespace llvm;

void irad_forget_invariants(LLVMModuleRef wrapped) {
  Module &module = *unwrap(wrapped);
  // What Enzyme keeps is written once, before it is read: there the promise holds.
  SmallPtrSet<const MDNode *, 16> written;
  for (Function &function : module)
    for (Instruction &instruction : instructions(function))
      if (isa<StoreInst>(instruction))
        if (const MDNode *group = instruction.getMetadata(LLVMContext::MD_invariant_group))
          written.insert(group);
  for (Function &function : module)
    for (Instruction &instruction : instructions(function))
      if (const MDNode *group = instruction.getMetadata(LLVMContext::MD_invariant_group))
        if (!written.contains(group))
          instruction.setMetadata(LLVMContext::MD_invariant_group, nullptr);
}
