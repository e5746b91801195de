// Tells Enzyme which variables of a thread, which tables that are filled once, and which atomic operations no derivative flows
// through: it has a shadow for no variable of a thread (in forward mode it takes null for one), reads a shadow of such a table
// that nobody has filled, and refuses atomic operations on memory whose type does not show.

#include "boundary.h"
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
  function_ref<bool(const DIType &)> is_fine;

public:
  Contents(function_ref<bool(const DIType &)> is_fine) : is_fine(is_fine) {}

  // Whether a type and all that it holds and leads to are fine.
  bool all_fine(const DIType *type) {
    if (!type || !seen.insert(type).second)
      return true;
    if (!is_fine(*type))
      return false;
    // A pointer to a function leads to no memory.
    if (isa<DIBasicType>(type) || isa<DISubroutineType>(type))
      return true;
    if (const auto *derived = dyn_cast<DIDerivedType>(type))
      return all_fine(derived->getBaseType());
    const auto *composite = dyn_cast<DICompositeType>(type);
    if (!composite || type->isForwardDecl() || type->getName().contains("dyn "))
      return false;
    if (!all_fine(composite->getBaseType()))
      return false;
    for (const DINode *element : composite->getElements()) {
      const auto *part = dyn_cast_or_null<DIType>(element);
      if (part && !all_fine(part))
        return false;
    }
    // Of what a `Vec` holds, nothing else tells.
    for (const DINode *parameter : composite->getTemplateParams())
      if (const auto *of = dyn_cast_or_null<DITemplateTypeParameter>(parameter); of && !all_fine(of->getType()))
        return false;
    return true;
  }
};

bool is_no_float(const DIType &type) {
  const auto *basic = dyn_cast<DIBasicType>(&type);
  return !basic || basic->getEncoding() != dwarf::DW_ATE_float;
}

const DIType *type_of(const GlobalVariable &variable) {
  SmallVector<DIGlobalVariableExpression *, 1> expressions;
  variable.getDebugInfo(expressions);
  return expressions.empty() ? nullptr : expressions.front()->getVariable()->getType();
}

// A variable of the standard library's own, such as the keys of hashes.
bool is_of_library(const GlobalVariable &variable) {
  std::string path = demangle(variable.getName());
  return StringRef(path).ltrim('<').starts_with("std::");
}

bool holds_no_float(const GlobalVariable &variable) {
  if (is_of_library(variable))
    return true;
  const DIType *type = type_of(variable);
  return type && Contents(is_no_float).all_fine(type);
}

// The crate that a type is from.
StringRef root_of(const DIType &type) {
  StringRef root;
  for (const DIScope *scope = type.getScope(); scope; scope = scope->getScope())
    if (const auto *space = dyn_cast<DINamespace>(scope))
      root = space->getName();
  return root;
}

// Whether a variable is filled once, with what nobody changes afterwards (`static TABLE: OnceLock<Vec<f64>>`).
bool is_filled_once(const GlobalVariable &variable) {
  const auto *type = dyn_cast_or_null<DICompositeType>(type_of(variable));
  if (!type || variable.isThreadLocal() || !is_contained(ArrayRef<StringRef>{"std", "once_cell", "lazy_static"}, root_of(*type)) ||
      !is_contained(ArrayRef<StringRef>{"OnceLock", "LazyLock", "OnceCell", "Lazy"}, type->getName().split('<').first))
    return false;
  auto parameters = type->getTemplateParams();
  const auto *held = parameters.size() == 0 ? nullptr : dyn_cast_or_null<DITemplateTypeParameter>(parameters[0]);
  auto is_fixed = [](const DIType &part) { return !part.getName().starts_with("UnsafeCell<"); };
  return held && held->getType() && Contents(is_fixed).all_fine(held->getType());
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

// What a float is rounded to (`x as usize`) is constant but for steps. Enzyme has no rule for it.
bool rounds(const IntrinsicInst &call) {
  return call.getIntrinsicID() == Intrinsic::fptosi_sat || call.getIntrinsicID() == Intrinsic::fptoui_sat;
}

// Whether what is made of an integer are the bits of a float: then somebody computes with these, and means a slope.
bool gives_bits(const Value &number, SmallPtrSetImpl<const Value *> &seen) {
  if (!seen.insert(&number).second)
    return false;
  return any_of(number.users(), [&](const User *user) {
    if (isa<BitCastInst>(user))
      return !user->getType()->isIntOrIntVectorTy();
    bool is_arithmetic = isa<BinaryOperator, TruncInst, ZExtInst, SExtInst, SelectInst, PHINode, FreezeInst, IntrinsicInst>(user);
    return is_arithmetic && user->getType()->isIntOrIntVectorTy() && gives_bits(*user, seen);
  });
}

bool is_inactive(const Instruction &instruction) {
  if (const auto *update = dyn_cast<AtomicRMWInst>(&instruction))
    return counts(*update);
  // A lock is taken by constants.
  if (const auto *exchange = dyn_cast<AtomicCmpXchgInst>(&instruction))
    return isa<ConstantInt>(exchange->getCompareOperand()) && isa<ConstantInt>(exchange->getNewValOperand());
  const auto *call = dyn_cast<IntrinsicInst>(&instruction);
  if (call && rounds(*call)) {
    SmallPtrSet<const Value *, 16> seen;
    return !gives_bits(*call, seen);
  }
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
  for (Instruction &instruction : instructions(function))
    for (Value *operand : instruction.operands()) {
      auto *variable = dyn_cast<GlobalVariable>(operand->stripInBoundsConstantOffsets());
      if (!variable || variable->hasMetadata(enzyme::INACTIVE) || !is_filled_once(*variable))
        continue;
      variable->setMetadata(enzyme::INACTIVE, MDNode::get(function.getContext(), {}));
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
  for (GlobalVariable &variable : module.globals())
    if (variable.hasMetadata(enzyme::INACTIVE) && is_filled_once(variable))
      variable.setMetadata(enzyme::INACTIVE, nullptr);
}

bool irad_is_inactive(LLVMValueRef variable) {
  const auto *global = dyn_cast<GlobalVariable>(unwrap(variable));
  return global && global->hasMetadata(irad::enzyme::INACTIVE);
}
