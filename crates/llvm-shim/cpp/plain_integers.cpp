// Integers that are nothing but integers: a count, a tag, a truth value. No float and no address has their bits.

#include "plain_integers.h"

#include "boundary.h"
#include "enzyme_strings.h"

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/DebugInfo.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace {

// No memory lies in the first page, and as the bits of a float these are next to nothing.
constexpr int64_t SMALL = 4096;

class Plain {
  const DataLayout &layout;
  SmallPtrSet<const Value *, 16> seen;

public:
  explicit Plain(const DataLayout &layout) : layout(layout) {}

  // True when a value is such an integer. What is asked for already is taken for one: a phi of itself adds nothing.
  bool holds(const Value *value) {
    auto *type = dyn_cast<IntegerType>(value->getType());
    if (!type)
      return false;
    if (auto *number = dyn_cast<ConstantInt>(value))
      return number->getValue().sge(-SMALL) && number->getValue().sle(SMALL);
    if (type->getBitWidth() <= 8 || !seen.insert(value).second)
      return true;
    if (seen.size() > 64)
      return false;
    if (computeKnownBits(value, layout).getMaxValue().ule(SMALL))
      return true;
    if (auto *argument = dyn_cast<Argument>(value))
      return is_declared(*argument);
    auto *instruction = dyn_cast<Instruction>(value);
    return instruction && is_made_of_plain(*instruction);
  }

private:
  // True when debug info says that a parameter is an integer.
  static bool is_declared(const Argument &argument) {
    SmallVector<DbgVariableRecord *, 2> records;
    findDbgUsers(const_cast<Argument *>(&argument), records);
    return any_of(records, [](const DbgVariableRecord *record) {
      const auto *type = dyn_cast_or_null<DIBasicType>(record->getVariable()->getType());
      return type && type->getSignedness() && record->getExpression()->getNumElements() == 0;
    });
  }

  // True where irad has told Enzyme so.
  static bool is_said_to_be(const Instruction &instruction) {
    const MDNode *type = instruction.getMetadata(irad::enzyme::TYPE);
    const auto *inner = type && type->getNumOperands() == 3 ? dyn_cast<MDNode>(type->getOperand(2)) : nullptr;
    const auto *name = inner && inner->getNumOperands() ? dyn_cast<MDString>(inner->getOperand(0)) : nullptr;
    return name && name->getString() == "Integer";
  }

  bool is_made_of_plain(const Instruction &instruction) {
    if (is_said_to_be(instruction))
      return true;
    switch (instruction.getOpcode()) {
    case Instruction::FPToSI:
    case Instruction::FPToUI:
      return true;
    case Instruction::Select:
      return holds(instruction.getOperand(1)) && holds(instruction.getOperand(2));
    case Instruction::PHI:
    case Instruction::ZExt:
    case Instruction::SExt:
    case Instruction::Trunc:
    case Instruction::Freeze:
      return all_of(instruction.operands(), [&](const Value *operand) { return holds(operand); });
    default:
      break;
    }
    if (irad::is_integer_arithmetic(instruction))
      return all_of(instruction.operands(), [&](const Value *operand) { return holds(operand); });
    auto *call = dyn_cast<IntrinsicInst>(&instruction);
    if (!call)
      return false;
    switch (call->getIntrinsicID()) {
    case Intrinsic::ctpop:
    case Intrinsic::ctlz:
    case Intrinsic::cttz:
      return true;
    case Intrinsic::umin:
    case Intrinsic::umax:
    case Intrinsic::smin:
    case Intrinsic::smax:
    case Intrinsic::uadd_sat:
    case Intrinsic::usub_sat:
      return all_of(call->args(), [&](const Value *operand) { return holds(operand); });
    default:
      return false;
    }
  }
};

} // namespace

bool irad::is_integer_arithmetic(const Instruction &instruction) {
  switch (instruction.getOpcode()) {
  case Instruction::Add:
  case Instruction::Sub:
  case Instruction::Mul:
  case Instruction::UDiv:
  case Instruction::SDiv:
  case Instruction::URem:
  case Instruction::SRem:
    return true;
  default:
    return false;
  }
}

bool irad::counts(const Value &integer, unsigned depth) {
  return !integer.use_empty() && all_of(integer.users(), [&](const User *user) {
    if (isa<ICmpInst, SwitchInst, GetElementPtrInst, UIToFPInst, SIToFPInst>(user))
      return true;
    // The smaller of two lengths; of two floats by their bits, if it is one again.
    if (isa<MinMaxIntrinsic>(user))
      return none_of(user->users(), [](const User *used) { return isa<BitCastInst, StoreInst>(used); });
    const auto *instruction = dyn_cast<Instruction>(user);
    if (isa<TruncInst, ZExtInst, SExtInst, PHINode, SelectInst, FreezeInst>(user))
      return depth < 4 && counts(*instruction, depth + 1);
    return instruction && is_integer_arithmetic(*instruction);
  });
}

bool irad::is_plain_integer(const Value &value, const DataLayout &layout) { return Plain(layout).holds(&value); }

// True when an integer has fewer bits than an address, and nothing in the module computes with floats of that size or a
// smaller one: it holds neither.
static bool is_too_small(const Value &value, const Module &module) {
  auto *type = dyn_cast<IntegerType>(value.getType());
  if (!type || type->getBitWidth() >= module.getDataLayout().getPointerSizeInBits())
    return false;
  for (const Function &function : module)
    for (const Instruction &instruction : instructions(function)) {
      auto is_such = [&](const Value *each) {
        Type *scalar = each->getType()->getScalarType();
        return scalar->isFloatingPointTy() && scalar->getPrimitiveSizeInBits() <= type->getBitWidth();
      };
      if (is_such(&instruction) || any_of(instruction.operands(), [&](const Use &use) { return is_such(use.get()); }))
        return false;
    }
  return true;
}

bool irad_is_plain_integer(LLVMValueRef of, LLVMValueRef value) {
  const auto *instruction = dyn_cast<Instruction>(unwrap(of));
  return instruction && (irad::is_plain_integer(*unwrap(value), instruction->getDataLayout()) ||
                         is_too_small(*unwrap(value), *instruction->getModule()));
}
