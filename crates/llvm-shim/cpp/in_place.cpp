// Finds updates in place that Enzyme's reverse mode gets wrong without a word: loops that read floats at one
// distance from their counter and write them at another, and moves of memory within one object.

#include "boundary.h"

#include "llvm-c/Core.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/Passes/PassBuilder.h"

#include <string>

using namespace llvm;

namespace {

// True when a derivative needs the value: it goes into something that is not linear in it.
bool is_needed(const Value &value) {
  SmallPtrSet<const Value *, 16> seen;
  SmallVector<const Value *, 16> rest{&value};
  while (!rest.empty()) {
    const Value *next = rest.pop_back_val();
    if (!seen.insert(next).second)
      continue;
    for (const User *user : next->users()) {
      const auto *instruction = dyn_cast<Instruction>(user);
      if (!instruction)
        return true;
      switch (instruction->getOpcode()) {
      case Instruction::FAdd:
      case Instruction::FSub:
      case Instruction::FNeg:
      case Instruction::FPExt:
      case Instruction::FPTrunc:
      case Instruction::PHI:
      case Instruction::Select:
        rest.push_back(instruction);
        break;
      case Instruction::FMul:
      case Instruction::FDiv:
        if (!isa<Constant>(instruction->getOperand(1)) &&
            !(instruction->getOpcode() == Instruction::FMul &&
              isa<Constant>(instruction->getOperand(0))))
          return true;
        rest.push_back(instruction);
        break;
      case Instruction::Store:
      case Instruction::Ret:
        break;
      default:
        return true;
      }
    }
  }
  return false;
}

bool has_loop_carried_read(Function &function, FunctionAnalysisManager &analyses) {
  SmallVector<StoreInst *, 16> stores;
  SmallVector<LoadInst *, 16> loads;
  for (BasicBlock &block : function)
    for (Instruction &instruction : block) {
      if (auto *store = dyn_cast<StoreInst>(&instruction)) {
        if (store->getValueOperand()->getType()->isFPOrFPVectorTy())
          stores.push_back(store);
      } else if (auto *load = dyn_cast<LoadInst>(&instruction)) {
        if (load->getType()->isFPOrFPVectorTy())
          loads.push_back(load);
      }
    }
  if (stores.empty() || loads.empty())
    return false;
  LoopInfo &loops = analyses.getResult<LoopAnalysis>(function);
  if (loops.empty())
    return false;
  ScalarEvolution &evolution = analyses.getResult<ScalarEvolutionAnalysis>(function);
  for (StoreInst *store : stores) {
    const SCEV *written = evolution.getSCEV(store->getPointerOperand());
    if (!isa<SCEVAddRecExpr>(written))
      continue;
    for (LoadInst *load : loads) {
      // Of one iteration, or of two: the innermost loop around both goes over the elements.
      if (loops.getLoopFor(load->getParent()) != loops.getLoopFor(store->getParent()))
        continue;
      const SCEV *read = evolution.getSCEV(load->getPointerOperand());
      if (!isa<SCEVAddRecExpr>(read) ||
          evolution.getPointerBase(read) != evolution.getPointerBase(written))
        continue;
      const auto *distance = dyn_cast<SCEVConstant>(evolution.getMinusSCEV(read, written));
      if (!distance || distance->isZero() || !is_needed(*load))
        continue;
      // Another field of the elements that the loop steps over is never the one that is written.
      const auto *step =
          dyn_cast<SCEVConstant>(cast<SCEVAddRecExpr>(written)->getStepRecurrence(evolution));
      if (!step || step->isZero() ||
          distance->getAPInt().srem(step->getAPInt().sextOrTrunc(distance->getAPInt().getBitWidth())) == 0)
        return true;
    }
  }
  return false;
}

bool has_overlapping_move(Function &function) {
  for (BasicBlock &block : function)
    for (Instruction &instruction : block)
      if (auto *move = dyn_cast<MemMoveInst>(&instruction))
        if (getUnderlyingObject(move->getDest(), 0) == getUnderlyingObject(move->getSource(), 0))
          return true;
  return false;
}

} // namespace

void irad_in_place(const LLVMValueRef *refs, size_t count, uint8_t *found) {
  PassBuilder builder;
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager components;
  ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  for (size_t at = 0; at < count; at++) {
    auto &function = *cast<Function>(unwrap(refs[at]));
    found[at] = (has_loop_carried_read(function, functions) ? IRAD_IN_PLACE_LOOP : 0) |
                (has_overlapping_move(function) ? IRAD_IN_PLACE_MOVE : 0);
  }
}
