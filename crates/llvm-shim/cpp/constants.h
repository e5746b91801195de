// The walk along constants: which global values one of them leads to.

#pragma once

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/GlobalValue.h"

namespace irad {

// Tells of every global value that a constant is or refers to, and goes no further than these. What is in
// `seen` was walked along before.
void each_global(llvm::Constant &from, llvm::SmallPtrSetImpl<const llvm::Constant *> &seen,
                 llvm::function_ref<void(llvm::GlobalValue &)> found);

// Tells of every constant that the head of a global value refers to: its initializer unless it is a list of
// what is used, what it is an alias of, its resolver, its prefix and prologue. The personality is left out.
void each_head_constant(llvm::GlobalValue &value, llvm::function_ref<void(llvm::Constant &)> found);

} // namespace irad
