// What a function shares with the rest of its module is hidden from what the rest does with it: LLVM knows
// every use of something local and goes by it. What is told of it is decided in Rust.

#include "shared.h"
#include "llvm-c/Core.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/GlobalAlias.h"
#include "llvm/IR/GlobalIFunc.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

#include <cstring>
#include <string>

using namespace llvm;

namespace {

// Everything that some functions reach. How to unwind is left to a function that nothing looks into.
struct Reached {
  SetVector<GlobalValue *> values;
  SmallPtrSet<const Constant *, 32> constants;
  size_t looked_into = 0;

  void follow(Value *operand) {
    auto *first = dyn_cast<Constant>(operand);
    if (!first)
      return;
    SmallVector<Constant *, 16> rest{first};
    while (!rest.empty()) {
      Constant *next = rest.pop_back_val();
      if (auto *global = dyn_cast<GlobalValue>(next)) {
        values.insert(global);
        continue;
      }
      if (isa<ConstantData>(next) || !constants.insert(next).second)
        continue;
      for (const Use &operand : next->operands())
        if (auto *used = dyn_cast<Constant>(operand.get()))
          rest.push_back(used);
    }
  }

  void finish() {
    for (; looked_into < values.size(); looked_into++) {
      GlobalValue *value = values[looked_into];
      if (auto *function = dyn_cast<Function>(value)) {
        if (function->hasPrefixData())
          follow(function->getPrefixData());
        if (function->hasPrologueData())
          follow(function->getPrologueData());
        for (BasicBlock &block : *function)
          for (Instruction &instruction : block)
            for (const Use &operand : instruction.operands())
              follow(operand.get());
      } else if (auto *variable = dyn_cast<GlobalVariable>(value)) {
        if (variable->hasInitializer() && !is_list(*variable))
          follow(variable->getInitializer());
      } else if (auto *alias = dyn_cast<GlobalAlias>(value)) {
        follow(alias->getAliasee());
      } else if (auto *ifunc = dyn_cast<GlobalIFunc>(value)) {
        follow(ifunc->getResolver());
      }
    }
  }

  // True when something uses it that is not reached. Of a slice a list says so.
  bool is_used_outside(const Value &value, SmallPtrSetImpl<const Value *> &seen) const {
    for (const User *user : value.users()) {
      bool is_outside = false;
      if (const auto *instruction = dyn_cast<Instruction>(user))
        is_outside = !values.contains(const_cast<Function *>(instruction->getFunction()));
      else if (const auto *global = dyn_cast<GlobalValue>(user))
        is_outside = !values.contains(const_cast<GlobalValue *>(global));
      else if (seen.insert(user).second)
        is_outside = is_used_outside(*user, seen);
      if (is_outside)
        return true;
    }
    return false;
  }
};

} // namespace

extern "C" {

// Hides from LLVM how what `root` reaches is used by the rest of the module: from now on it has uses that
// nobody knows. Gives a line with the name of each other local function of which that is so. To free with
// `irad_free`.
char *irad_shield(LLVMModuleRef ref, LLVMValueRef root) {
  Module &module = *unwrap(ref);
  Reached reached;
  reached.values.insert(cast<Function>(unwrap(root)));
  reached.finish();
  auto allocates = [](const GlobalValue *value) { return is_allocator(*value); };
  if (any_of(reached.values, allocates))
    for (Function &function : module)
      if (is_allocator(function))
        reached.values.insert(&function);
  reached.finish();
  std::string names;
  SetVector<GlobalValue *> shared;
  for (GlobalValue *value : reached.values) {
    // Inlined there, it would use there what nothing but itself has used.
    for (const Use &use : value->uses())
      if (auto *call = dyn_cast<CallBase>(use.getUser()))
        if (call->isCallee(&use) && !reached.values.contains(call->getFunction()))
          call->setIsNoInline();
    if (!may_be_listed(*value))
      continue;
    SmallPtrSet<const Value *, 16> seen;
    if (!reached.is_used_outside(*value, seen))
      continue;
    shared.insert(value);
    if (isa<Function>(value) && value->hasLocalLinkage() && value != unwrap(root))
      names += value->getName().str() + "\n";
  }
  // What is declared and not used is dropped, unless the rest of the module uses it; a derivative may want it
  // then.
  for (Function &function : module)
    if (is_library(function) || (is_allocator(function) && reached.values.contains(&function)))
      shared.insert(&function);
  // A constant outside may hold the same as one that is reached, and LLVM would keep one of the two.
  for (GlobalVariable &variable : module.globals())
    if (variable.isConstant() && variable.hasInitializer() && !reached.values.contains(&variable)) {
      if (!variable.hasName())
        variable.setName("irad.outside");
      shared.insert(&variable);
    }
  if (!shared.empty())
    appendToCompilerUsed(module, shared.getArrayRef());
  return strdup(names.c_str());
}

// Takes the lists away that keep what nothing else needs.
void irad_unlist(LLVMModuleRef module) {
  for (const char *name : {"llvm.used", "llvm.compiler.used"})
    if (GlobalVariable *list = unwrap(module)->getNamedGlobal(name))
      list->eraseFromParent();
}

// Puts a function in front of all others that refers to each of `functions`, in this order. Passes go through
// a module by who calls whom, and so come to what these reach first, and in the same order whoever else
// calls it.
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

} // extern "C"
