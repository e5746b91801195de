// Calls that stand for something which only Enzyme is to be kept from seeing through. It keeps them, because it
// knows nothing of them but that they have no derivative, and they are gone when it has run.

#include "repair.h"

#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Local.h"

using namespace llvm;

namespace {

const char *const NEVER = "irad.never";
const char *const APART = "irad.apart";

Function *declared(Module &module, const char *name, Type *result, MemoryEffects effects) {
  if (Function *function = module.getFunction(name))
    return function;
  auto *function = Function::Create(FunctionType::get(result, false), GlobalValue::ExternalLinkage,
                                    name, module);
  function->addFnAttr("enzyme_inactive");
  function->setMemoryEffects(effects);
  function->setDoesNotThrow();
  for (auto kind : {Attribute::NoFree, Attribute::NoCallback, Attribute::WillReturn})
    function->addFnAttr(kind);
  return function;
}

} // namespace

Value *irad::never(BasicBlock &block) {
  Function *never = declared(*block.getModule(), NEVER, Type::getInt1Ty(block.getContext()),
                             MemoryEffects::none());
  // Rather than keep what it gave.
  never->addFnAttr("enzyme_shouldrecompute");
  return CallInst::Create(never, "never", &block);
}

void irad::hold_apart(BasicBlock &block) {
  Function *apart = declared(*block.getModule(), APART, Type::getVoidTy(block.getContext()),
                             MemoryEffects::inaccessibleMemOnly());
  auto *call = CallInst::Create(apart);
  call->insertInto(&block, block.getTerminator() ? block.getTerminator()->getIterator() : block.end());
}

void irad::settle(Module &module, const Function *except) {
  if (Function *apart = module.getFunction(APART)) {
    for (User *user : make_early_inc_range(apart->users()))
      if (cast<CallInst>(user)->getFunction() != except)
        cast<CallInst>(user)->eraseFromParent();
    if (apart->use_empty())
      apart->eraseFromParent();
  }
  Function *never = module.getFunction(NEVER);
  if (!never)
    return;
  SmallPtrSet<Function *, 4> changed;
  for (User *user : make_early_inc_range(never->users())) {
    auto *call = cast<CallInst>(user);
    if (call->getFunction() == except)
      continue;
    changed.insert(call->getFunction());
    call->replaceAllUsesWith(ConstantInt::getFalse(module.getContext()));
    call->eraseFromParent();
  }
  if (never->use_empty())
    never->eraseFromParent();
  for (Function *function : changed) {
    for (BasicBlock &block : *function)
      ConstantFoldTerminator(&block, true);
    removeUnreachableBlocks(*function);
    for (BasicBlock &block : make_early_inc_range(*function))
      MergeBlockIntoPredecessor(&block);
  }
}
