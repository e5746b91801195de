// Computes a vector of which not every lane counts as the single numbers that do. A lane that nobody asks for may be
// poison, and Enzyme multiplies all lanes with their adjoints, those that are zero too: zero times poison is poison, and
// zero times the slope of a square root at zero is NaN.

#include "repair.h"

#include "llvm/ADT/SmallBitVector.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Transforms/InstCombine/InstCombine.h"
#include "llvm/Transforms/Scalar/SROA.h"
#include "llvm/Transforms/Scalar/Scalarizer.h"

using namespace llvm;

namespace {

bool holds_floats(const Type *type) {
  const auto *vector = dyn_cast<FixedVectorType>(type);
  return vector && vector->getElementType()->isFloatingPointTy();
}

// True for a chain of insertions that begins at poison and does not come to every lane.
bool is_partly_filled(const InsertElementInst &last) {
  unsigned lanes = cast<FixedVectorType>(last.getType())->getNumElements();
  SmallBitVector filled(lanes);
  const Value *at = &last;
  while (const auto *insert = dyn_cast<InsertElementInst>(at)) {
    const auto *lane = dyn_cast<ConstantInt>(insert->getOperand(2));
    if (!lane)
      return false;
    if (lane->getValue().ult(lanes))
      filled.set(lane->getZExtValue());
    at = insert->getOperand(0);
  }
  return isa<UndefValue>(at) && !filled.all();
}

bool goes_on(const InsertElementInst &insert) {
  return all_of(insert.users(), [&](const User *user) {
    return isa<InsertElementInst>(user) && user->getOperand(0) == &insert;
  });
}

// The lanes of an instruction's value that its users ask for.
SmallBitVector used_lanes(const Instruction &instruction) {
  unsigned lanes = cast<FixedVectorType>(instruction.getType())->getNumElements();
  SmallBitVector used(lanes);
  for (const User *user : instruction.users()) {
    if (const auto *extract = dyn_cast<ExtractElementInst>(user)) {
      const auto *lane = dyn_cast<ConstantInt>(extract->getIndexOperand());
      if (!lane || lane->getValue().uge(lanes))
        return used.set();
      used.set(lane->getZExtValue());
    } else if (const auto *shuffle = dyn_cast<ShuffleVectorInst>(user)) {
      for (int lane : shuffle->getShuffleMask())
        if (lane >= 0 && shuffle->getOperand(unsigned(lane) / lanes) == &instruction)
          used.set(unsigned(lane) % lanes);
    } else {
      return used.set();
    }
  }
  return used;
}

bool has_idle_lanes(const Instruction &instruction) {
  if (const auto *shuffle = dyn_cast<ShuffleVectorInst>(&instruction))
    return holds_floats(shuffle->getType()) && is_contained(shuffle->getShuffleMask(), PoisonMaskElem);
  if (const auto *insert = dyn_cast<InsertElementInst>(&instruction))
    return holds_floats(insert->getType()) && !goes_on(*insert) && is_partly_filled(*insert);
  bool computes = isa<UnaryOperator, BinaryOperator, CallInst, SelectInst>(instruction);
  if (computes && holds_floats(instruction.getType()) && !used_lanes(instruction).all())
    return true;
  return any_of(instruction.operands(), [](const Value *operand) {
    const auto *constant = dyn_cast<Constant>(operand);
    return constant && holds_floats(constant->getType()) && !isa<UndefValue>(constant) &&
           constant->containsUndefOrPoisonElement();
  });
}

} // namespace

PreservedAnalyses irad::LanesPass::run(Function &function, FunctionAnalysisManager &analyses) {
  if (none_of(instructions(function), has_idle_lanes))
    return PreservedAnalyses::all();
  ScalarizerPassOptions options;
  options.ScalarizeLoadStore = true;
  FunctionPassManager passes;
  passes.addPass(ScalarizerPass(options));
  passes.addPass(InstCombinePass());
  passes.addPass(SROAPass(SROAOptions::PreserveCFG));
  return passes.run(function, analyses);
}
