// Walks along constants.

#include "constants.h"
#include "symbols.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/GlobalAlias.h"
#include "llvm/IR/GlobalIFunc.h"
#include "llvm/IR/GlobalVariable.h"

using namespace llvm;

void irad::each_global(Constant &from, SmallPtrSetImpl<const Constant *> &seen,
                       function_ref<void(GlobalValue &)> found) {
  SmallVector<Constant *, 16> rest{&from};
  while (!rest.empty()) {
    Constant *next = rest.pop_back_val();
    if (auto *global = dyn_cast<GlobalValue>(next)) {
      found(*global);
      continue;
    }
    if (isa<ConstantData>(next) || !seen.insert(next).second)
      continue;
    for (const Use &operand : next->operands())
      if (auto *used = dyn_cast<Constant>(operand.get()))
        rest.push_back(used);
  }
}

void irad::each_head_constant(GlobalValue &value, function_ref<void(Constant &)> found) {
  if (auto *function = dyn_cast<Function>(&value)) {
    if (function->hasPrefixData())
      found(*function->getPrefixData());
    if (function->hasPrologueData())
      found(*function->getPrologueData());
  } else if (auto *variable = dyn_cast<GlobalVariable>(&value)) {
    if (variable->hasInitializer() && !is_list(*variable))
      found(*variable->getInitializer());
  } else if (auto *alias = dyn_cast<GlobalAlias>(&value)) {
    found(*alias->getAliasee());
  } else if (auto *ifunc = dyn_cast<GlobalIFunc>(&value)) {
    found(*ifunc->getResolver());
  }
}
