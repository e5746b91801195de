// What a function of a module reaches.

#pragma once

#include "constants.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/Instructions.h"

#include <functional>

namespace irad {

// Everything that some functions reach. How to unwind is left to a function that nothing looks into.
struct Reached {
  llvm::SetVector<llvm::GlobalValue *> values;
  llvm::SmallPtrSet<const llvm::Constant *, 32> constants;
  // Tells functions whose bodies are not looked into. Without it there are none.
  std::function<bool(const llvm::Function &)> is_closed;
  size_t looked_into = 0;

  void follow(llvm::Value *operand) {
    if (auto *constant = llvm::dyn_cast<llvm::Constant>(operand))
      each_global(*constant, constants, [&](llvm::GlobalValue &found) { values.insert(&found); });
  }

  void finish() {
    for (; looked_into < values.size(); looked_into++) {
      llvm::GlobalValue *value = values[looked_into];
      each_head_constant(*value, [&](llvm::Constant &constant) { follow(&constant); });
      auto *function = llvm::dyn_cast<llvm::Function>(value);
      if (!function || (is_closed && is_closed(*function)))
        continue;
      for (llvm::BasicBlock &block : *function)
        for (llvm::Instruction &instruction : block)
          for (const llvm::Use &operand : instruction.operands())
            follow(operand.get());
    }
  }
};

} // namespace irad
