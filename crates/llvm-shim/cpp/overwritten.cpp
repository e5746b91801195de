// Has Enzyme keep what a later iteration of a loop overwrites. It asks LLVM whether a store may touch what was read,
// and LLVM answers for one iteration of the loops around both: a store to `x[i]` never touches `x[i + 1]`, nor a
// store to one of two buffers the other one. So Enzyme reads the memory again in the reverse sweep. Behind such a read
// goes a call that may write there.

#include "repair.h"

#include "llvm/Analysis/AliasAnalysis.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/MemoryBuiltins.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"

#include <numeric>

using namespace llvm;

namespace {

Loop *around_both(Loop *one, const Instruction &other) {
  while (one && !one->contains(&other))
    one = one->getParentLoop();
  return one;
}

// Metadata that says what does not touch what holds for one time that its scope is entered, which may be once for
// each iteration.
MemoryLocation across(const MemoryLocation &location, const Loop &loop) {
  if (!location.AATags.Scope && !location.AATags.NoAlias)
    return location;
  for (BasicBlock *block : loop.blocks())
    for (Instruction &instruction : *block)
      if (auto *scope = dyn_cast<NoAliasScopeDeclInst>(&instruction))
        for (const MDNode *tag : {location.AATags.Scope, location.AATags.NoAlias})
          if (tag && any_of(scope->getScopeList()->operands(), [&](const MDOperand &entered) {
                return is_contained(tag->operands(), entered);
              }))
            return location.getWithoutAATags();
  return location;
}

class Overwritten {
  BatchAAResults within, between;
  LoopInfo &loops;
  ScalarEvolution &evolution;
  const DataLayout &layout;

public:
  Overwritten(AAResults &aliases, LoopInfo &loops, ScalarEvolution &evolution, const DataLayout &layout)
      : within(aliases), between(aliases), loops(loops), evolution(evolution),
        layout(layout) {
    between.enableCrossIterationMode();
  }

  // True when another iteration may write what is read, and Enzyme does not see it.
  bool is_missed(Instruction &reader, const MemoryLocation &read, Instruction &writer) {
    Loop *loop = around_both(loops.getLoopFor(reader.getParent()), writer);
    if (!loop || !isModSet(between.getModRefInfo(&writer, across(read, *loop))))
      return false;
    auto *load = dyn_cast<LoadInst>(&reader);
    auto *store = dyn_cast<StoreInst>(&writer);
    if (load && store && is_done(*load, *store, *loop))
      return false;
    return !isModSet(within.getModRefInfo(&writer, read)) ||
           (load && store && is_elsewhere(*load, *store, *loop));
  }

  // True when an iteration before may have written what a load reads, element by element.
  bool is_refreshed(LoadInst &load, const MemoryLocation &read, Instruction &writer) {
    Loop *loop = around_both(loops.getLoopFor(load.getParent()), writer);
    const auto *moves = dyn_cast<SCEVAddRecExpr>(evolution.getSCEV(load.getPointerOperand()));
    const auto *step = moves ? dyn_cast<SCEVConstant>(moves->getStepRecurrence(evolution)) : nullptr;
    TypeSize size = layout.getTypeAllocSize(load.getType());
    if (!loop || !step || size.isScalable() || step->getAPInt() != size.getFixedValue() ||
        !isModSet(between.getModRefInfo(&writer, across(read, *loop))))
      return false;
    auto *store = dyn_cast<StoreInst>(&writer);
    const auto *written = store ? dyn_cast<SCEVAddRecExpr>(evolution.getSCEV(store->getPointerOperand())) : nullptr;
    if (!written || written->getLoop() != moves->getLoop() || evolution.getPointerBase(written) != evolution.getPointerBase(moves))
      return true;
    // Both go upwards, and the store comes there later, or in the same iteration.
    const auto *apart = dyn_cast<SCEVConstant>(evolution.getMinusSCEV(moves, written));
    return !apart || apart->getAPInt().isNegative();
  }

  // True when Enzyme itself sees that a write may touch what is read.
  bool is_seen(const MemoryLocation &read, Instruction &writer) {
    return isModSet(within.getModRefInfo(&writer, read));
  }

private:
  // True when both go over parts of one object that each iteration of a loop around them chooses anew. Enzyme looks
  // whether these parts overlap, and takes what it finds of one iteration for true of all.
  bool is_elsewhere(LoadInst &load, StoreInst &store, Loop &loop) {
    const SCEV *read = evolution.getSCEV(load.getPointerOperand());
    const SCEV *written = evolution.getSCEV(store.getPointerOperand());
    if (!loop.getParentLoop() || read == written ||
        evolution.getPointerBase(read) != evolution.getPointerBase(written))
      return false;
    return any_of(ArrayRef{read, written}, [&](const SCEV *place) {
      for (; const auto *moves = dyn_cast<SCEVAddRecExpr>(place); place = moves->getStart())
        if (moves->getLoop() != &loop && moves->getLoop()->contains(&loop))
          return true;
      return !evolution.isLoopInvariant(place, loop.getOutermostLoop());
    });
  }

  // True when both never meet, or only where the store comes first.
  bool is_done(LoadInst &load, StoreInst &store, Loop &loop) {
    const SCEV *read = evolution.getSCEV(load.getPointerOperand());
    const SCEV *written = evolution.getSCEV(store.getPointerOperand());
    if (evolution.getPointerBase(read) != evolution.getPointerBase(written))
      return false;
    const auto *apart = dyn_cast<SCEVConstant>(evolution.getMinusSCEV(read, written));
    if (!apart || !apart->getAPInt().isSignedIntN(62))
      return false;
    int64_t distance = apart->getAPInt().getSExtValue();

    uint64_t step = 0;
    const SCEV *start = written;
    while (const auto *moves = dyn_cast<SCEVAddRecExpr>(start)) {
      APInt by = evolution.getConstantMultiple(moves->getStepRecurrence(evolution)).abs();
      step = std::gcd(step, by.getLimitedValue());
      start = moves->getStart();
    }
    if (step == 0 || step > INT64_MAX || !evolution.isLoopInvariant(start, loop.getOutermostLoop()))
      return false;
    // Other fields of the elements that the loops go over.
    int64_t stride = static_cast<int64_t>(step);
    int64_t field = ((distance % stride) + stride) % stride;
    TypeSize written_size = layout.getTypeStoreSize(store.getValueOperand()->getType());
    TypeSize read_size = layout.getTypeStoreSize(load.getType());
    if (written_size.isScalable() || read_size.isScalable())
      return false;
    if (field >= static_cast<int64_t>(written_size.getFixedValue()) &&
        field + static_cast<int64_t>(read_size.getFixedValue()) <= stride)
      return true;

    const auto *moves = dyn_cast<SCEVAddRecExpr>(written);
    bool is_one_loop = !loop.getParentLoop() && loops.getLoopFor(load.getParent()) == &loop &&
                       loops.getLoopFor(store.getParent()) == &loop;
    if (!moves || moves->getLoop() != &loop || !is_one_loop)
      return false;
    const auto *by = dyn_cast<SCEVConstant>(moves->getStepRecurrence(evolution));
    // The store comes to what was read in an iteration before.
    return by && field == 0 && (distance < 0) != by->getAPInt().isNegative();
  }
};

// The places that an instruction reads and that Enzyme may have to keep.
SmallVector<MemoryLocation, 2> read_by(Instruction &instruction, const TargetLibraryInfo &library) {
  if (auto *load = dyn_cast<LoadInst>(&instruction))
    return {MemoryLocation::get(load)};
  SmallVector<MemoryLocation, 2> places;
  auto *call = dyn_cast<CallInst>(&instruction);
  Function *called = call ? call->getCalledFunction() : nullptr;
  if (called && !called->isDeclaration() && call->mayReadFromMemory())
    for (Use &argument : call->args())
      if (argument->getType()->isPointerTy())
        places.push_back(
            MemoryLocation::getForArgument(call, call->getArgOperandNo(&argument), library));
  return places;
}

// What is written is not read as a number, or nothing is read any more.
bool is_bookkeeping(const Instruction &instruction, const TargetLibraryInfo &library) {
  if (isa<IntrinsicInst>(instruction) && !isa<MemIntrinsic>(instruction))
    return true;
  const auto *call = dyn_cast<CallBase>(&instruction);
  return call && getFreedOperand(call, &library);
}

} // namespace

PreservedAnalyses irad::KeepOverwrittenPass::run(Function &function, FunctionAnalysisManager &analyses) {
  LoopInfo &loops = analyses.getResult<LoopAnalysis>(function);
  if (loops.empty())
    return PreservedAnalyses::all();
  auto &library = analyses.getResult<TargetLibraryAnalysis>(function);
  Overwritten overwritten(analyses.getResult<AAManager>(function), loops,
                          analyses.getResult<ScalarEvolutionAnalysis>(function),
                          function.getDataLayout());
  SmallVector<Instruction *, 16> readers, writers, all_writers;
  for (BasicBlock &block : function)
    for (Instruction &instruction : block)
      if (instruction.mayWriteToMemory() && !is_bookkeeping(instruction, library))
        all_writers.push_back(&instruction);
  for (Loop *loop : loops)
    for (BasicBlock *block : loop->blocks())
      for (Instruction &instruction : *block) {
        if (is_bookkeeping(instruction, library))
          continue;
        if (instruction.mayReadFromMemory())
          readers.push_back(&instruction);
        if (instruction.mayWriteToMemory())
          writers.push_back(&instruction);
      }
  // What Enzyme keeps anyway, as something writes there later, it must not keep before the loop.
  auto is_copied_too_early = [&](Instruction &reader, const MemoryLocation &place) {
    auto *load = dyn_cast<LoadInst>(&reader);
    return load &&
           any_of(writers, [&](Instruction *writer) { return overwritten.is_refreshed(*load, place, *writer); }) &&
           any_of(all_writers, [&](Instruction *writer) { return overwritten.is_seen(place, *writer); });
  };
  SmallVector<std::pair<Instruction *, Value *>, 8> missed;
  for (Instruction *reader : readers)
    for (const MemoryLocation &place : read_by(*reader, library))
      if (any_of(writers, [&](Instruction *writer) {
            return overwritten.is_missed(*reader, place, *writer);
          }) ||
          is_copied_too_early(*reader, place))
        missed.push_back({reader, const_cast<Value *>(place.Ptr)});
  if (missed.empty())
    return PreservedAnalyses::all();
  for (auto &[reader, address] : missed)
    irad::may_write(*address, *reader);
  PreservedAnalyses kept;
  kept.preserveSet<CFGAnalyses>();
  return kept;
}
