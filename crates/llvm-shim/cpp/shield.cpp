// What a function shares with the rest of its module is hidden from what the rest does with it: LLVM knows
// every use of something local and goes by it. What is told of it is decided in Rust.

#include "boundary.h"
#include "reached.h"
#include "symbols.h"
#include "text.h"

#include "llvm-c/Core.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

#include <string>

using namespace irad;
using namespace llvm;

namespace {

// What a function reaches, and what else uses that.
struct Shared : Reached {
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

char *irad_shield(LLVMModuleRef ref, LLVMValueRef root) {
  Module &module = *unwrap(ref);
  Shared reached;
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
  return copy(names);
}
