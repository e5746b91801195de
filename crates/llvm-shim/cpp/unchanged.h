// Marks the loads that Enzyme may repeat instead of keeping what they gave: a pass that runs where
// each function is simplified, before it is inlined and its parameters are lost in its callers.

#pragma once

#include "enzyme_strings.h"

#include "llvm/IR/Module.h"
#include "llvm/IR/PassManager.h"

namespace irad {

// On a function: what it only reads stays as it is until the derivative has been worked out.
constexpr const char *UNCHANGED = "irad_unchanged";
// On a load: Enzyme's own word for one that need not be kept.
constexpr llvm::StringLiteral NO_CACHE = enzyme::NO_CACHE;

inline bool any_unchanged(const llvm::Module &module) {
  for (const llvm::Function &function : module)
    if (function.hasFnAttribute(UNCHANGED))
      return true;
  return false;
}

// Marks the function's loads from what it only reads; says whether there was one.
bool mark_unchanged(llvm::Function &function);

struct UnchangedPass : llvm::PassInfoMixin<UnchangedPass> {
  static llvm::StringRef name() { return "UnchangedPass"; }

  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &) {
    if (!mark_unchanged(function))
      return llvm::PreservedAnalyses::all();
    // Metadata alone; but what preserves everything is not looked at, and a reader should see it.
    llvm::PreservedAnalyses kept;
    kept.preserveSet<llvm::CFGAnalyses>();
    return kept;
  }
};

} // namespace irad
