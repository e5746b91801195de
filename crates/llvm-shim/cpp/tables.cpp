// Says of a float out of a constant that it is a float. rustc writes tables of constants as bytes, and bytes may be
// anything to Enzyme. Where such a value meets an active one, as in a phi, it takes the value for its own tangent in
// forward mode, as is right for an address.

#include "repair.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;

StringRef irad::float_name(const Type *type) {
  switch (type->getTypeID()) {
  case Type::HalfTyID:
    return "Float@half";
  case Type::FloatTyID:
    return "Float@float";
  case Type::DoubleTyID:
    return "Float@double";
  default:
    return {};
  }
}

static bool is_constant(const LoadInst &load) {
  SmallVector<const Value *, 4> objects;
  getUnderlyingObjects(load.getPointerOperand(), objects);
  return any_of(objects, [](const Value *object) {
    const auto *global = dyn_cast<GlobalVariable>(object);
    return global && global->isConstant();
  });
}

PreservedAnalyses irad::TablesPass::run(Function &function, FunctionAnalysisManager &) {
  bool changed = false;
  for (Instruction &instruction : make_early_inc_range(instructions(function))) {
    auto *load = dyn_cast<LoadInst>(&instruction);
    if (!load || float_name(load->getType()).empty() || !is_constant(*load))
      continue;
    CallInst *number = retyped(*load, load->getType(), float_name(load->getType()), std::next(load->getIterator()));
    load->replaceUsesWithIf(number, [&](const Use &use) { return use.getUser() != number; });
    changed = true;
  }
  if (!changed)
    return PreservedAnalyses::all();
  PreservedAnalyses kept;
  kept.preserveSet<CFGAnalyses>();
  return kept;
}
