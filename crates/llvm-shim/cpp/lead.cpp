// Has passes come to some functions first. They go through a module by who calls whom; so they come to what
// these functions reach in the same order, whoever else calls it.

#include "boundary.h"

#include "llvm-c/Core.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

using namespace llvm;

void irad_lead(LLVMModuleRef ref, const LLVMValueRef *functions, size_t count, const char *name) {
  Module &module = *unwrap(ref);
  LLVMContext &context = module.getContext();
  Type *pointer = PointerType::get(context, 0);
  auto *type = FunctionType::get(Type::getVoidTy(context), {pointer}, false);
  auto *lead = Function::Create(type, GlobalValue::ExternalLinkage, name);
  module.getFunctionList().push_front(lead);
  IRBuilder<> builder(BasicBlock::Create(context, "", lead));
  for (size_t at = 0; at < count; at++)
    builder.CreateStore(unwrap(functions[at]), lead->getArg(0), /*isVolatile=*/true);
  builder.CreateRetVoid();
}
