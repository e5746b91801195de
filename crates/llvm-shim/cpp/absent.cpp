// Gives numbers that are not there a value. `Some(x.sqrt())` or `None`: of `None` the payload is undefined, and LLVM
// takes that of `Some` for it and computes it always. Its adjoint, zero, is multiplied by an infinite slope where the
// guard does not hold. With a zero in its place a choice remains, which `GuardsPass` finds.

#include "repair.h"
#include "steep.h"

#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;
using namespace irad;

namespace {

// The same constant with zeros for the floats in it that are undefined.
Constant *defined(Constant *constant) {
  Type *type = constant->getType();
  if (isa<UndefValue>(constant) && type->isFloatingPointTy())
    return Constant::getNullValue(type);
  auto *aggregate = dyn_cast<StructType>(type);
  if (!aggregate)
    return constant;
  SmallVector<Constant *, 4> parts;
  for (unsigned at = 0; at < aggregate->getNumElements(); at++) {
    Constant *part = constant->getAggregateElement(at);
    if (!part)
      return constant;
    parts.push_back(defined(part));
  }
  return ConstantStruct::get(aggregate, parts);
}

// What may have an infinite slope, or calls what may be inlined and have one.
bool may_be_steep(const Value *value, unsigned depth = 0) {
  if (is_of_steep(value))
    return true;
  const auto *instruction = dyn_cast<Instruction>(value);
  if (!instruction || depth > 6)
    return false;
  if (isa<CallInst>(instruction))
    return !isa<IntrinsicInst>(instruction);
  return !isa<PHINode, LoadInst>(instruction) && any_of(instruction->operands(), [&](const Value *operand) {
    return may_be_steep(operand, depth + 1);
  });
}

} // namespace

PreservedAnalyses irad::AbsentPass::run(Function &function, FunctionAnalysisManager &) {
  bool changed = false;
  for (BasicBlock &block : function)
    for (PHINode &phi : block.phis()) {
      if (none_of(phi.incoming_values(), [](const Value *value) { return may_be_steep(value); }))
        continue;
      for (Use &value : phi.incoming_values())
        if (auto *constant = dyn_cast<Constant>(value.get())) {
          Constant *there = defined(constant);
          changed |= there != constant;
          value.set(there);
        }
    }
  if (!changed)
    return PreservedAnalyses::all();
  PreservedAnalyses kept;
  kept.preserveSet<CFGAnalyses>();
  return kept;
}
