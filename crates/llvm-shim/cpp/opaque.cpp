// Calls that stand for something which only Enzyme is to be kept from seeing through. It keeps them, because it
// knows nothing of them but that they have no derivative, and they are gone when it has run.

#include "enzyme_strings.h"
#include "repair.h"

#include "llvm-c/Core.h"

#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Local.h"

using namespace llvm;

namespace {

const char *const NEVER = "irad.never";
const char *const APART = "irad.apart";
const char *const OVERWRITTEN = "irad.overwritten";
const char *const FREED = "irad.freed";
// One for each pair of types.
const char *const RETYPED = "irad.retyped.";

// What a call stands for that says of a value what it is.
Value *what_it_gives(CallInst &call) {
  Value *value = call.getArgOperand(0);
  if (value->getType() == call.getType())
    return value;
  return CastInst::CreateBitOrPointerCast(value, call.getType(), "", call.getIterator());
}

Function *declared(Module &module, const char *name, Type *result, MemoryEffects effects,
                   ArrayRef<Type *> parameters = {}) {
  if (Function *function = module.getFunction(name))
    return function;
  auto *function = Function::Create(FunctionType::get(result, parameters, false), GlobalValue::ExternalLinkage,
                                    name, module);
  function->addFnAttr(irad::enzyme::INACTIVE);
  // Else Enzyme wants a derivative of it all the same.
  function->addFnAttr(irad::enzyme::NO_ESCAPE);
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
  never->addFnAttr(irad::enzyme::RECOMPUTE);
  return CallInst::Create(never, "never", &block);
}

void irad::hold_apart(BasicBlock &block) {
  Function *apart = declared(*block.getModule(), APART, Type::getVoidTy(block.getContext()),
                             MemoryEffects::inaccessibleMemOnly());
  auto *call = CallInst::Create(apart);
  call->insertInto(&block, block.getTerminator() ? block.getTerminator()->getIterator() : block.end());
}

void irad::may_free(BasicBlock &block) {
  Function *freed = declared(*block.getModule(), FREED, Type::getVoidTy(block.getContext()),
                             MemoryEffects::inaccessibleMemOnly());
  freed->removeFnAttr(Attribute::NoFree);
  CallInst::Create(freed)->insertBefore(block.getTerminator()->getIterator());
}

void irad::may_write(Value &address, Instruction &before) {
  Module &module = *before.getModule();
  Function *overwritten = declared(module, OVERWRITTEN, Type::getVoidTy(module.getContext()),
                                   MemoryEffects::argMemOnly(), PointerType::get(module.getContext(), 0));
  overwritten->addParamAttr(
      0, Attribute::getWithCaptureInfo(module.getContext(), CaptureInfo::none()));
  auto *call = CallInst::Create(overwritten, &address);
  call->setDebugLoc(before.getDebugLoc());
  call->insertBefore(before.getIterator());
}

CallInst *irad::retyped(Value &value, Type *result, StringRef type, BasicBlock::iterator before) {
  std::string name;
  raw_string_ostream(name) << RETYPED << type << ".of." << *value.getType();
  Function *retyped = declared(*before->getModule(), name.c_str(), result, MemoryEffects::none(), value.getType());
  retyped->addFnAttr(enzyme::RECOMPUTE);
  auto *call = CallInst::Create(retyped, &value);
  call->addRetAttr(Attribute::get(result->getContext(), enzyme::TYPE, ("{[-1]:" + type + "}").str()));
  call->setDebugLoc(before->getDebugLoc());
  call->insertBefore(before);
  return call;
}

void irad_embody(LLVMModuleRef module_ref) {
  Module &module = *unwrap(module_ref);
  for (Function &function : module)
    if (function.isDeclaration() && function.getName().starts_with(RETYPED)) {
      auto *block = BasicBlock::Create(module.getContext(), "", &function);
      Value *value = function.getArg(0);
      if (value->getType() != function.getReturnType())
        value = CastInst::CreateBitOrPointerCast(value, function.getReturnType(), "", block);
      ReturnInst::Create(module.getContext(), value, block);
      function.setLinkage(GlobalValue::InternalLinkage);
    }
  for (const char *name : {APART, OVERWRITTEN, FREED, NEVER}) {
    Function *function = module.getFunction(name);
    if (!function || !function->isDeclaration())
      continue;
    auto *block = BasicBlock::Create(module.getContext(), "", function);
    Type *result = function->getReturnType();
    ReturnInst::Create(module.getContext(), result->isVoidTy() ? nullptr : Constant::getNullValue(result), block);
    function->setLinkage(GlobalValue::InternalLinkage);
  }
}

void irad::settle(Module &module, const Function *except) {
  show_names(module);
  for (const char *name : {APART, OVERWRITTEN, FREED})
    if (Function *function = module.getFunction(name)) {
      for (User *user : make_early_inc_range(function->users()))
        if (cast<CallInst>(user)->getFunction() != except)
          cast<CallInst>(user)->eraseFromParent();
      if (function->use_empty())
        function->eraseFromParent();
    }
  for (Function &function : make_early_inc_range(module)) {
    if (!function.getName().starts_with(RETYPED))
      continue;
    for (User *user : make_early_inc_range(function.users())) {
      auto *call = cast<CallInst>(user);
      if (call->getFunction() == except)
        continue;
      call->replaceAllUsesWith(what_it_gives(*call));
      call->eraseFromParent();
    }
    if (function.use_empty())
      function.eraseFromParent();
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
