// Has Enzyme call in the forward sweep what fills memory. Where it takes it that only the reverse sweep needs what a call
// writes, it puts the call off until then, and does both sweeps of it at once. It then leaves out what reads that memory
// and seems to serve nothing else, and misses that a copy is read in its turn, or that the function's own value comes from
// there. It puts no call off that something follows which may free memory.

#include "repair.h"

#include "llvm/Analysis/AliasAnalysis.h"
#include "llvm/Analysis/CFG.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;

namespace {

// A call that Enzyme may put off: of a function that is differentiated with it, and that writes.
bool may_be_put_off(const Instruction &instruction) {
  auto *call = dyn_cast<CallInst>(&instruction);
  const Function *called = call ? call->getCalledFunction() : nullptr;
  return called && !called->isDeclaration() && call->mayWriteToMemory();
}

// What a load or a copy reads.
std::optional<MemoryLocation> read_by(const Instruction &instruction) {
  if (auto *load = dyn_cast<LoadInst>(&instruction))
    return MemoryLocation::get(load);
  if (auto *copy = dyn_cast<AnyMemTransferInst>(&instruction))
    return MemoryLocation::getForSource(copy);
  return std::nullopt;
}

} // namespace

PreservedAnalyses irad::KeepCallsPass::run(Function &function, FunctionAnalysisManager &analyses) {
  SmallVector<Instruction *, 8> calls;
  SmallVector<std::pair<Instruction *, MemoryLocation>, 16> readers;
  SmallVector<BasicBlock *, 4> ends;
  for (Instruction &instruction : instructions(function)) {
    if (may_be_put_off(instruction))
      calls.push_back(&instruction);
    else if (std::optional<MemoryLocation> place = read_by(instruction))
      readers.push_back({&instruction, *place});
    if (isa<ReturnInst>(instruction))
      ends.push_back(instruction.getParent());
  }
  if (calls.empty() || readers.empty() || ends.empty())
    return PreservedAnalyses::all();
  BatchAAResults aliases(analyses.getResult<AAManager>(function));
  auto &dominators = analyses.getResult<DominatorTreeAnalysis>(function);
  bool is_read = any_of(calls, [&](Instruction *call) {
    return any_of(readers, [&](auto &reader) {
      return isModSet(aliases.getModRefInfo(call, reader.second)) &&
             isPotentiallyReachable(call, reader.first, nullptr, &dominators);
    });
  });
  if (!is_read)
    return PreservedAnalyses::all();
  for (BasicBlock *end : ends)
    irad::may_free(*end);
  PreservedAnalyses kept;
  kept.preserveSet<CFGAnalyses>();
  return kept;
}
