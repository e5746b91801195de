// Marks the loads that Enzyme may repeat instead of keeping what they gave: a pass that runs where
// each function is simplified, before it is inlined and its parameters are lost in its callers.

#pragma once

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Analysis/CaptureTracking.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PassManager.h"

namespace irad {

// On a function: what it only reads stays as it is until the derivative has been worked out.
constexpr const char *UNCHANGED = "irad_unchanged";
// On a load: Enzyme's own word for one that need not be kept.
constexpr const char *NO_CACHE = "enzyme_nocache";

inline bool any_unchanged(const llvm::Module &module) {
  for (const llvm::Function &function : module)
    if (function.hasFnAttribute(UNCHANGED))
      return true;
  return false;
}

// Finds the parameters that a pointer may have come from; false when it may have come from elsewhere.
inline bool parameters_behind(const llvm::Value *pointer,
                              llvm::SmallPtrSetImpl<const llvm::Argument *> &found) {
  llvm::SmallVector<const llvm::Value *, 4> objects;
  llvm::getUnderlyingObjects(pointer, objects, nullptr, 0);
  bool only = true;
  for (const llvm::Value *object : objects) {
    if (const auto *argument = llvm::dyn_cast<llvm::Argument>(object))
      found.insert(argument);
    else
      only = false;
  }
  return only;
}

// The parameters that are written through. One that is `noalias` and does not escape is written
// through in no other way than by a pointer that visibly comes from it.
inline llvm::SmallPtrSet<const llvm::Argument *, 8> written(const llvm::Function &function) {
  llvm::SmallPtrSet<const llvm::Argument *, 8> out;
  for (const llvm::BasicBlock &block : function) {
    for (const llvm::Instruction &instruction : block) {
      if (!instruction.mayWriteToMemory())
        continue;
      if (const auto *call = llvm::dyn_cast<llvm::CallBase>(&instruction)) {
        if (const auto *intrinsic = llvm::dyn_cast<llvm::IntrinsicInst>(call))
          if (intrinsic->isAssumeLikeIntrinsic())
            continue;
        for (unsigned at = 0; at < call->arg_size(); at++)
          if (call->getArgOperand(at)->getType()->isPointerTy() && !call->onlyReadsMemory(at))
            parameters_behind(call->getArgOperand(at), out);
        continue;
      }
      for (const llvm::Value *operand : instruction.operands())
        if (operand->getType()->isPointerTy())
          parameters_behind(operand, out);
    }
  }
  return out;
}

// Marks the function's loads from what it only reads; says whether there was one.
inline bool mark_unchanged(llvm::Function &function) {
  if (function.isDeclaration() || !function.hasFnAttribute(UNCHANGED))
    return false;
  auto changed = written(function);
  llvm::SmallPtrSet<const llvm::Argument *, 8> stays;
  for (const llvm::Argument &argument : function.args()) {
    // An address that is only compared gives nobody access to what lies there.
    if (argument.hasNoAliasAttr() && !changed.contains(&argument) &&
        !llvm::capturesAnything(llvm::PointerMayBeCaptured(&argument, true,
                                                           llvm::CaptureComponents::Provenance)))
      stays.insert(&argument);
  }
  bool any = false;
  for (llvm::BasicBlock &block : function) {
    for (llvm::Instruction &instruction : block) {
      auto *load = llvm::dyn_cast<llvm::LoadInst>(&instruction);
      if (!load || load->isVolatile() || load->hasMetadata(NO_CACHE))
        continue;
      llvm::SmallPtrSet<const llvm::Argument *, 4> from;
      bool all = parameters_behind(load->getPointerOperand(), from) && !from.empty();
      for (const llvm::Argument *argument : from)
        all &= stays.contains(argument);
      if (all) {
        load->setMetadata(NO_CACHE, llvm::MDNode::get(load->getContext(), {}));
        any = true;
      }
    }
  }
  return any;
}

struct UnchangedPass : llvm::PassInfoMixin<UnchangedPass> {
  static llvm::StringRef name() { return "UnchangedPass"; }

  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &) {
    if (!mark_unchanged(function))
      return llvm::PreservedAnalyses::all();
    // Metadata alone; but what preserves everything is not looked at, and a reader should see it.
    llvm::PreservedAnalyses kept;
    kept.preserveSet<llvm::CFGAnalyses>();
    return kept;
  }
};

} // namespace irad
