// Whether an instruction of the derivative does what one of the primal does.

#include "derivative.h"

#include "llvm/IR/Operator.h"

using namespace irad;
using namespace llvm;

bool Derivative::contradicts(const Value *value, const Value *original) const {
  if (isa<MetadataAsValue>(original) || isa<BasicBlock>(original))
    return false;
  if (const auto *parameter = dyn_cast<Argument>(original)) {
    const auto *argument = dyn_cast<Argument>(value);
    return !argument || (parameter->hasName() && parameter->getName() != argument->getName());
  }
  unsigned number = places.lookup(original);
  if (!number)
    return value != original;
  switch (kind(value)) {
  case Kind::Plain:
  case Kind::Cache:
    break;
  case Kind::Counter:
    return !isa<PHINode>(original);
  default:
    return true;
  }
  unsigned known = copies.lookup(dyn_cast<Instruction>(value));
  return isa<Argument>(value) || (known && known != number);
}

bool Derivative::is_alike(const Instruction &instruction, const Instruction &original) const {
  if (original.getOpcode() != instruction.getOpcode() ||
      original.getType() != instruction.getType() ||
      original.getNumOperands() != instruction.getNumOperands())
    return false;
  if (const auto *call = dyn_cast<CallBase>(&instruction);
      call && call->getCalledOperand() != cast<CallBase>(original).getCalledOperand())
    return false;
  // From where a phi comes is written in no particular order, and it may come from below.
  if (isa<PHINode>(instruction))
    return true;
  for (unsigned at = 0; at < original.getNumOperands(); at++)
    if (contradicts(instruction.getOperand(at), original.getOperand(at)))
      return false;
  return true;
}

bool Derivative::is_copy(const Instruction &instruction, const Instruction &original) const {
  if (original.hasName() && original.getName() != instruction.getName())
    return false;
  if (isa<FPMathOperator>(instruction) &&
      instruction.getFastMathFlags() != original.getFastMathFlags())
    return false;
  return is_alike(instruction, original);
}
