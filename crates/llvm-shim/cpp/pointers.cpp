// Calls by name what is called through a pointer, where the functions that it can be are in the module. In forward
// mode Enzyme puts a pointer to the derivative in the shadow of a pointer to a function, and this derivative returns
// the tangent alone, where the call expects the value beside it. A call by name gets a derivative that returns both.

#include "repair.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Operator.h"
#include "llvm/Transforms/Utils/CallPromotionUtils.h"

using namespace llvm;

namespace {

using Candidates = SmallSetVector<Function *, 8>;

// More are not asked for one after the other.
constexpr size_t MOST = 16;

// The functions that a constant holds.
void held(const Constant &constant, Candidates &found) {
  if (const auto *function = dyn_cast<Function>(&constant))
    found.insert(const_cast<Function *>(function));
  else if (!isa<GlobalValue>(constant))
    for (const Use &operand : constant.operands())
      held(*cast<Constant>(operand), found);
}

// The functions that a pointer can be, if all of them can be told: choices of functions, and entries of tables.
bool is_told(Value &pointer, Candidates &found) {
  SmallVector<Value *, 8> open = {&pointer};
  SmallPtrSet<Value *, 8> met = {&pointer};
  auto look_at = [&](Value *value) {
    if (met.insert(value).second)
      open.push_back(value);
  };
  while (!open.empty()) {
    Value *value = open.pop_back_val()->stripPointerCasts();
    if (auto *function = dyn_cast<Function>(value)) {
      found.insert(function);
    } else if (auto *select = dyn_cast<SelectInst>(value)) {
      look_at(select->getTrueValue());
      look_at(select->getFalseValue());
    } else if (auto *phi = dyn_cast<PHINode>(value)) {
      for (Value *incoming : phi->incoming_values())
        look_at(incoming);
    } else if (auto *load = dyn_cast<LoadInst>(value)) {
      SmallVector<const Value *, 4> objects;
      getUnderlyingObjects(load->getPointerOperand(), objects);
      for (const Value *object : objects) {
        const auto *table = dyn_cast<GlobalVariable>(object);
        if (!table || !table->isConstant() || !table->hasDefinitiveInitializer())
          return false;
        held(*table->getInitializer(), found);
      }
    } else {
      return false;
    }
  }
  return !found.empty();
}

// All functions of the module whose addresses are taken and that the call could be of.
void all_alike(const CallBase &call, Candidates &found) {
  for (Function &function : *const_cast<Module *>(call.getModule()))
    if (!function.isIntrinsic() && function.getFunctionType() == call.getFunctionType() &&
        function.hasAddressTaken())
      found.insert(&function);
}

// A call that nothing comes of has no tangent.
bool has_numbers(const CallBase &call) {
  if (!call.getType()->isVoidTy())
    return call.getType()->isFPOrFPVectorTy() || call.getType()->isAggregateType();
  return any_of(call.args(), [](const Use &argument) { return argument->getType()->isFPOrFPVectorTy(); });
}

} // namespace

PreservedAnalyses irad::PointersPass::run(Function &function, FunctionAnalysisManager &) {
  SmallVector<CallBase *, 4> calls;
  for (Instruction &instruction : instructions(function))
    if (auto *call = dyn_cast<CallInst>(&instruction);
        call && call->isIndirectCall() && !call->isInlineAsm() && !call->isMustTailCall() && has_numbers(*call))
      calls.push_back(call);
  bool changed = false;
  for (CallBase *call : calls) {
    Candidates candidates;
    bool is_all = is_told(*call->getCalledOperand(), candidates);
    if (!is_all)
      all_alike(*call, candidates);
    // A table may hold other things beside.
    candidates.remove_if([&](Function *candidate) {
      return candidate->getFunctionType() != call->getFunctionType();
    });
    if (candidates.remove_if([&](Function *candidate) { return !isLegalToPromote(*call, candidate); }))
      is_all = false;
    if (candidates.empty() || candidates.size() > MOST)
      continue;
    changed = true;
    for (Function *candidate : candidates)
      if (is_all && candidate == candidates.back())
        promoteCall(*call, candidate);
      else
        promoteCallWithIfThenElse(*call, candidate);
  }
  return changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
