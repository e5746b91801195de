// Moves memory onto itself by way of other memory. Enzyme has one rule for memcpy and memmove: in the reverse sweep the
// adjoints go from the target to the source, element by element from the first on. Where the source begins behind
// the target and both overlap, each adjoint is carried on by the next step.

#include "repair.h"

#include "llvm/Analysis/AliasAnalysis.h"
#include "llvm/Analysis/MemoryLocation.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace {

bool may_go_left(const MemMoveInst &move, const DataLayout &layout, AAResults &aliases) {
  if (move.isVolatile() || move.getDestAddressSpace() != 0 || move.getSourceAddressSpace() != 0)
    return false;
  // Where either comes from several places, the two may still be one.
  if (aliases.isNoAlias(MemoryLocation::getForDest(&move), MemoryLocation::getForSource(&move)))
    return false;
  std::optional<int64_t> distance = move.getDest()->getPointerOffsetFrom(move.getSource(), layout);
  const auto *length = dyn_cast<ConstantInt>(move.getLength());
  if (!distance)
    return true;
  return *distance < 0 && !(length && length->getValue().ule(-static_cast<uint64_t>(*distance)));
}

void go_round(MemMoveInst &move) {
  Module &module = *move.getModule();
  IRBuilder<> builder(&move);
  Type *size = module.getDataLayout().getIntPtrType(module.getContext());
  FunctionCallee allocate = module.getOrInsertFunction("malloc", builder.getPtrTy(), size);
  FunctionCallee release = module.getOrInsertFunction("free", builder.getVoidTy(), builder.getPtrTy());
  Value *length = builder.CreateZExtOrTrunc(move.getLength(), size);
  CallInst *between = builder.CreateCall(allocate, length, "moved");
  between->addRetAttr(Attribute::NoAlias);
  builder.CreateMemCpy(between, Align(8), move.getSource(), move.getSourceAlign(), length);
  builder.CreateMemCpy(move.getDest(), move.getDestAlign(), between, Align(8), length);
  builder.CreateCall(release, between);
  move.eraseFromParent();
}

} // namespace

PreservedAnalyses irad::MovesPass::run(Function &function, FunctionAnalysisManager &manager) {
  SmallVector<MemMoveInst *, 4> moves;
  for (BasicBlock &block : function)
    for (Instruction &instruction : block)
      if (auto *move = dyn_cast<MemMoveInst>(&instruction))
        if (may_go_left(*move, function.getDataLayout(), manager.getResult<AAManager>(function)))
          moves.push_back(move);
  if (moves.empty())
    return PreservedAnalyses::all();
  for (MemMoveInst *move : moves)
    go_round(*move);
  PreservedAnalyses kept;
  kept.preserveSet<CFGAnalyses>();
  return kept;
}
