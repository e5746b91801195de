// The lists of what is kept whatever uses it: `llvm.used` and `llvm.compiler.used`.

#include "boundary.h"

#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace llvm;

void irad_keep(LLVMModuleRef module, LLVMValueRef function) {
  appendToCompilerUsed(*unwrap(module), {cast<GlobalValue>(unwrap(function))});
}

void irad_unlist(LLVMModuleRef module) {
  for (const char *name : {"llvm.used", "llvm.compiler.used"})
    if (GlobalVariable *list = unwrap(module)->getNamedGlobal(name))
      list->eraseFromParent();
}
