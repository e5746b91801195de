// Which operations have a slope that may be infinite, and what is computed of them for a choice only.

#include "steep.h"

#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;
using namespace irad;

bool irad::is_steep(const Instruction &instruction) {
  if (instruction.getType()->isVectorTy())
    return false;
  if (instruction.getOpcode() == Instruction::FDiv)
    return !isa<Constant>(instruction.getOperand(1));
  if (instruction.getOpcode() == Instruction::FRem)
    return true;
  const auto *call = dyn_cast<IntrinsicInst>(&instruction);
  if (!call)
    return false;
  switch (call->getIntrinsicID()) {
  case Intrinsic::sqrt:
  case Intrinsic::log:
  case Intrinsic::log2:
  case Intrinsic::log10:
  case Intrinsic::pow:
  case Intrinsic::powi:
  case Intrinsic::exp:
  case Intrinsic::exp2:
  case Intrinsic::exp10:
  case Intrinsic::tan:
  case Intrinsic::asin:
  case Intrinsic::acos:
  case Intrinsic::sinh:
  case Intrinsic::cosh:
    return true;
  default:
    return false;
  }
}

bool irad::is_movable(const Instruction &instruction) {
  return !isa<PHINode>(instruction) && !instruction.isTerminator() && !instruction.isEHPad() &&
         !isa<AllocaInst>(instruction) && !instruction.mayReadOrWriteMemory() &&
         !instruction.mayHaveSideEffects();
}

bool irad::is_of_steep(const Value *value, unsigned depth) {
  const auto *instruction = dyn_cast<Instruction>(value);
  return instruction && depth < 6 && is_movable(*instruction) &&
         (is_steep(*instruction) || any_of(instruction->operands(), [&](const Value *operand) {
            return is_of_steep(operand, depth + 1);
          }));
}

namespace {

// True when a use of a value needs its derivative for a choice only, or not at all, as comparisons do.
bool is_under_guard(const Use &use, unsigned depth = 0) {
  const auto *user = cast<Instruction>(use.getUser());
  if (isa<FCmpInst>(user))
    return true;
  if (isa<SelectInst>(user))
    return use.getOperandNo() != 0;
  return depth < 4 && is_movable(*user) && !user->use_empty() &&
         all_of(user->uses(), [&](const Use &next) { return is_under_guard(next, depth + 1); });
}

} // namespace

SmallSetVector<Instruction *, 8> irad::only_for(ArrayRef<SelectInst *> choices, bool taken, const LoopInfo &loops,
                                                SmallSetVector<Instruction *, 4> &outside) {
  const Loop *loop = loops.getLoopFor(choices.front()->getParent());
  SmallPtrSet<const Use *, 4> ends;
  SmallSetVector<Instruction *, 8> found;
  SmallVector<Value *, 8> rest;
  for (SelectInst *choice : choices) {
    ends.insert(&arm(*choice, taken));
    rest.push_back(arm(*choice, taken));
  }
  while (!rest.empty()) {
    auto *instruction = dyn_cast<Instruction>(rest.pop_back_val());
    if (!instruction || found.contains(instruction) || !is_movable(*instruction) || is_contained(choices, instruction))
      continue;
    bool is_only_for_it = all_of(instruction->uses(), [&](const Use &use) {
      return ends.contains(&use) || found.contains(cast<Instruction>(use.getUser())) ||
             is_under_guard(use);
    });
    if (!is_only_for_it)
      continue;
    if (loops.getLoopFor(instruction->getParent()) != loop) {
      outside.insert(instruction);
      continue;
    }
    found.insert(instruction);
    for (Value *operand : instruction->operands())
      rest.push_back(operand);
  }
  return found;
}
