// Finds the loads whose memory stays as it is.

#include "unchanged.h"
#include "boundary.h"
#include "versions.h"

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;
using irad::NO_CACHE;
using irad::UNCHANGED;

namespace {

// Finds the parameters that a pointer may have come from; false when it may have come from elsewhere.
bool parameters_behind(const Value *pointer,
                       SmallPtrSetImpl<const Argument *> &found) {
  SmallVector<const Value *, 4> objects;
  getUnderlyingObjects(pointer, objects, nullptr, 0);
  bool only = true;
  for (const Value *object : objects) {
    if (const auto *argument = dyn_cast<Argument>(object))
      found.insert(argument);
    else
      only = false;
  }
  return only;
}

// The parameters that are written through. One that is `noalias` and does not escape is written
// through in no other way than by a pointer that visibly comes from it.
SmallPtrSet<const Argument *, 8> written(const Function &function) {
  SmallPtrSet<const Argument *, 8> out;
  for (const BasicBlock &block : function) {
    for (const Instruction &instruction : block) {
      if (!instruction.mayWriteToMemory())
        continue;
      if (const auto *call = dyn_cast<CallBase>(&instruction)) {
        if (const auto *intrinsic = dyn_cast<IntrinsicInst>(call))
          if (intrinsic->isAssumeLikeIntrinsic())
            continue;
        for (unsigned at = 0; at < call->arg_size(); at++)
          if (call->getArgOperand(at)->getType()->isPointerTy() && !call->onlyReadsMemory(at))
            parameters_behind(call->getArgOperand(at), out);
        continue;
      }
      for (const Value *operand : instruction.operands())
        if (operand->getType()->isPointerTy())
          parameters_behind(operand, out);
    }
  }
  return out;
}

} // namespace

bool irad::mark_unchanged(Function &function) {
  if (function.isDeclaration() || !function.hasFnAttribute(UNCHANGED))
    return false;
  auto changed = written(function);
  SmallPtrSet<const Argument *, 8> stays;
  for (const Argument &argument : function.args()) {
    // An address that is only compared gives nobody access to what lies there.
    if (argument.hasNoAliasAttr() && !changed.contains(&argument) &&
        !irad::is_lent(argument))
      stays.insert(&argument);
  }
  bool any = false;
  for (BasicBlock &block : function) {
    for (Instruction &instruction : block) {
      auto *load = dyn_cast<LoadInst>(&instruction);
      if (!load || load->isVolatile() || load->hasMetadata(NO_CACHE))
        continue;
      SmallPtrSet<const Argument *, 4> from;
      bool all = parameters_behind(load->getPointerOperand(), from) && !from.empty();
      for (const Argument *argument : from)
        all &= stays.contains(argument);
      if (all) {
        load->setMetadata(NO_CACHE, MDNode::get(load->getContext(), {}));
        any = true;
      }
    }
  }
  return any;
}

size_t irad_mark_unchanged(LLVMModuleRef module) {
  size_t count = 0;
  for (Function &function : *unwrap(module)) {
    irad::mark_unchanged(function);
    for (const BasicBlock &block : function)
      for (const Instruction &instruction : block)
        count += instruction.hasMetadata(irad::NO_CACHE);
  }
  return count;
}
