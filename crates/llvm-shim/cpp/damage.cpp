// Makes a derivative wrong on purpose, so that tests see whether the place is found.

#include "boundary.h"
#include "roles.h"
#include "text.h"

#include "llvm-c/Core.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"

#include <string>
#include <vector>

using namespace irad;
using namespace llvm;

namespace {

bool is_zero(const Value *value) {
  const auto *constant = dyn_cast<Constant>(value);
  return constant && constant->isNullValue();
}

// True for what a damage can be done to.
bool can_damage(const Instruction &instruction, uint8_t role) {
  if (role != Adjoint && role != Tangent && role != Cache)
    return false;
  if (const auto *store = dyn_cast<StoreInst>(&instruction))
    // What is set to zero before anything happens may well be zero before.
    return store->getValueOperand()->getType()->isFloatingPointTy() &&
           store->getParent() != &store->getFunction()->getEntryBlock();
  if (role == Cache || !instruction.getType()->isFloatingPointTy())
    return false;
  return isa<BinaryOperator>(instruction) || isa<UnaryOperator>(instruction) ||
         isa<SelectInst>(instruction) || isa<CallBase>(instruction);
}

void negate(Instruction &instruction) {
  auto *negated = UnaryOperator::CreateFNeg(&instruction);
  negated->insertAfter(instruction.getIterator());
  negated->setDebugLoc(instruction.getDebugLoc());
  instruction.replaceUsesWithIf(negated, [&](Use &use) { return use.getUser() != negated; });
}

void replace(Instruction &instruction, Instruction::BinaryOps opcode) {
  IRBuilder<> builder(&instruction);
  builder.SetCurrentDebugLocation(instruction.getDebugLoc());
  Value *other = builder.CreateBinOp(opcode, instruction.getOperand(0), instruction.getOperand(1));
  instruction.replaceAllUsesWith(other);
  instruction.eraseFromParent();
}

std::string damage(Instruction &instruction, unsigned how) {
  if (isa<StoreInst>(instruction)) {
    std::string what = is_zero(instruction.getOperand(0)) ? "keeps what is to be emptied" : "drops a store";
    instruction.eraseFromParent();
    return what;
  }
  if (isa<UnaryOperator>(instruction)) {
    instruction.replaceAllUsesWith(instruction.getOperand(0));
    instruction.eraseFromParent();
    return "drops a sign";
  }
  if (auto *select = dyn_cast<SelectInst>(&instruction)) {
    select->swapValues();
    return "swaps the sides of a choice";
  }
  if (isa<BinaryOperator>(instruction) && how % 2 == 0) {
    switch (instruction.getOpcode()) {
    case Instruction::FMul:
      replace(instruction, Instruction::FAdd);
      return "adds instead of multiplying";
    case Instruction::FAdd:
      replace(instruction, Instruction::FSub);
      return "subtracts instead of adding";
    case Instruction::FSub:
      replace(instruction, Instruction::FAdd);
      return "adds instead of subtracting";
    case Instruction::FDiv:
      replace(instruction, Instruction::FMul);
      return "multiplies instead of dividing";
    default:
      break;
    }
  }
  negate(instruction);
  return "negates a number";
}

} // namespace

char *irad_damage(LLVMValueRef derivative, const uint8_t *roles, size_t count, uint64_t seed,
                  uint32_t *place) {
  auto &function = *cast<Function>(unwrap(derivative));
  std::vector<std::pair<Instruction *, unsigned>> all; // and their places
  for (BasicBlock &block : function)
    for (Instruction &instruction : block)
      if (unsigned at = number_of(instruction); at && at <= count && can_damage(instruction, roles[at - 1]))
        all.emplace_back(&instruction, at);
  *place = 0;
  if (all.empty())
    return copy("nothing to damage");
  // SplitMix64, once.
  uint64_t mixed = seed + 0x9E3779B97F4A7C15;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
  mixed ^= mixed >> 31;
  auto [instruction, at] = all[mixed % all.size()];
  *place = at;
  return copy(damage(*instruction, unsigned(mixed >> 40)));
}
