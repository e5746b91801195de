// Operations whose slope may be infinite, and what is computed of them for a choice only: steep.cpp.

#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Instructions.h"

namespace irad {

// True when the slope may be infinite, or not a number, for a finite argument.
bool is_steep(const llvm::Instruction &instruction);

// True when something steep is among what a value is computed of.
bool is_of_steep(const llvm::Value *value, unsigned depth = 0);

// True when an instruction may be computed elsewhere, or not at all.
bool is_movable(const llvm::Instruction &instruction);

// What a choice gives if its condition holds, or if not.
inline llvm::Use &arm(llvm::SelectInst &choice, bool taken) { return choice.getOperandUse(taken ? 1 : 2); }

// What is computed for one side of the choices only. What of it lies outside of the loop that they are in goes into
// `outside`.
llvm::SmallSetVector<llvm::Instruction *, 8> only_for(llvm::ArrayRef<llvm::SelectInst *> choices, bool taken,
                                                      const llvm::LoopInfo &loops,
                                                      llvm::SmallSetVector<llvm::Instruction *, 4> &outside);

// Guards again what LLVM has moved out of a loop, or before the branches that guarded it. True when there was some.
bool guard_hoisted(llvm::Function &function, llvm::LoopInfo &loops, llvm::DominatorTree &dominators);

} // namespace irad
