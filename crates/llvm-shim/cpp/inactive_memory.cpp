// Tells Enzyme which variables of a thread and which atomic operations no derivative flows through: it has a shadow for no
// variable of a thread (in forward mode it takes null for one), and refuses atomic operations on memory whose type does not
// show.

#include "enzyme_strings.h"
#include "repair.h"

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/BinaryFormat/Dwarf.h"
#include "llvm/Demangle/Demangle.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace {

// Debug info's types, all of which are looked at once.
class Contents {
  SmallPtrSet<const DIType *, 32> seen;

public:
  // Whether a type holds no float, and leads to none.
  bool have_no_float(const DIType *type) {
    if (!type || !seen.insert(type).second)
      return true;
    if (const auto *basic = dyn_cast<DIBasicType>(type))
      return basic->getEncoding() != dwarf::DW_ATE_float;
    // A pointer to a function leads to no memory.
    if (isa<DISubroutineType>(type))
      return true;
    if (const auto *derived = dyn_cast<DIDerivedType>(type))
      return have_no_float(derived->getBaseType());
    const auto *composite = dyn_cast<DICompositeType>(type);
    if (!composite || type->isForwardDecl() || type->getName().contains("dyn "))
      return false;
    if (!have_no_float(composite->getBaseType()))
      return false;
    for (const DINode *element : composite->getElements()) {
      const auto *part = dyn_cast_or_null<DIType>(element);
      if (part && !have_no_float(part))
        return false;
    }
    // Of what a `Vec` holds, nothing else tells.
    for (const DINode *parameter : composite->getTemplateParams())
      if (const auto *of = dyn_cast_or_null<DITemplateTypeParameter>(parameter); of && !have_no_float(of->getType()))
        return false;
    return true;
  }
};

// A variable of the standard library's own, such as the keys of hashes.
bool is_of_library(const GlobalVariable &variable) {
  std::string path = demangle(variable.getName());
  return StringRef(path).ltrim('<').starts_with("std::");
}

bool holds_no_float(const GlobalVariable &variable) {
  if (is_of_library(variable))
    return true;
  SmallVector<DIGlobalVariableExpression *, 1> expressions;
  variable.getDebugInfo(expressions);
  return !expressions.empty() && Contents().have_no_float(expressions.front()->getVariable()->getType());
}

// Whether all that a function does with an address is to read what lies there.
bool is_only_read(const Value &address) {
  return all_of(address.users(), [](const User *user) {
    if (isa<GetElementPtrInst>(user))
      return is_only_read(*user);
    return isa<LoadInst>(user) && !user->getType()->isPointerTy();
  });
}

// Whether a number is only looked at: it is no float that something else takes for one.
bool is_only_compared(const Value &number) {
  return all_of(number.users(), [](const User *user) { return isa<ICmpInst>(user); });
}

// The operations of integers that are no move. A lock is given back by a constant.
bool counts(const AtomicRMWInst &update) {
  switch (update.getOperation()) {
  case AtomicRMWInst::Xchg:
    return isa<ConstantInt>(update.getValOperand()) && is_only_compared(update);
  case AtomicRMWInst::Add:
  case AtomicRMWInst::Sub:
  case AtomicRMWInst::And:
  case AtomicRMWInst::Nand:
  case AtomicRMWInst::Or:
  case AtomicRMWInst::Xor:
  case AtomicRMWInst::Max:
  case AtomicRMWInst::Min:
  case AtomicRMWInst::UMax:
  case AtomicRMWInst::UMin:
    return true;
  default:
    return false;
  }
}

bool is_inactive(const Instruction &instruction) {
  if (const auto *update = dyn_cast<AtomicRMWInst>(&instruction))
    return counts(*update);
  // A lock is taken by constants.
  if (const auto *exchange = dyn_cast<AtomicCmpXchgInst>(&instruction))
    return isa<ConstantInt>(exchange->getCompareOperand()) && isa<ConstantInt>(exchange->getNewValOperand());
  const auto *call = dyn_cast<IntrinsicInst>(&instruction);
  if (!call || call->getIntrinsicID() != Intrinsic::threadlocal_address)
    return false;
  const auto *variable = dyn_cast<GlobalVariable>(call->getArgOperand(0));
  return variable && (holds_no_float(*variable) || is_only_read(*call));
}

} // namespace

PreservedAnalyses irad::InactiveMemoryPass::run(Function &function, FunctionAnalysisManager &) {
  bool changed = false;
  for (Instruction &instruction : instructions(function))
    if (is_inactive(instruction)) {
      instruction.setMetadata(enzyme::INACTIVE, MDNode::get(function.getContext(), {}));
      changed = true;
    }
  if (!changed)
    return PreservedAnalyses::all();
  PreservedAnalyses kept;
  kept.preserveSet<CFGAnalyses>();
  return kept;
}

void irad::forget_inactive(Module &module, const Function *except) {
  for (Function &function : module)
    if (&function != except)
      for (Instruction &instruction : instructions(function))
        if (instruction.hasMetadata(enzyme::INACTIVE) && is_inactive(instruction))
          instruction.setMetadata(enzyme::INACTIVE, nullptr);
}
