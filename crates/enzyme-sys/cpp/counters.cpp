// Has the reverse sweep read how far a loop came, where it reads the loop's counter before it is set. The
// counter is set where the sweep enters the loop. What is computed again behind the loop needs it earlier:
// Enzyme sees to that for the loop itself, and not for those around it that end at the same time.

#include "counters.h"

#include "boundary.h"

#include "GradientUtils.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/Support/CommandLine.h"

#include <optional>

using namespace llvm;

namespace {

bool is_on = false;

class Counters {
  GradientUtils &made;

  BasicBlock *primal_of(BasicBlock *block) const {
    auto found = made.reverseBlockToPrimal.find(block);
    return found == made.reverseBlockToPrimal.end() ? nullptr : found->second;
  }

  // The loop whose counter a load reads, where the sweep stands behind it.
  Loop *read_behind(const Instruction &instruction, BasicBlock *behind) const {
    const auto *load = dyn_cast<LoadInst>(&instruction);
    if (!load)
      return nullptr;
    for (auto &pair : made.loopContexts)
      if (pair.second.antivaralloc == load->getPointerOperand())
        return pair.first->contains(behind) ||
                       !made.DT.dominates(pair.second.header, behind)
                   ? nullptr
                   : pair.first;
    return nullptr;
  }

  // What the counter is set to where the sweep enters the loop from an exit that leaves none of the loops
  // around `behind`.
  Value *limit_of(Loop *loop, BasicBlock *behind) const {
    Loop *stays = made.LI.getLoopFor(behind);
    for (User *user : made.loopContexts.find(loop)->second.antivaralloc->users()) {
      auto *store = dyn_cast<StoreInst>(user);
      if (!store)
        continue;
      BasicBlock *before = store->getParent()->getSinglePredecessor();
      BasicBlock *exit = before ? primal_of(before) : nullptr;
      if (!exit || loop->contains(exit))
        continue;
      if (!stays || !stays->contains(loop) || stays->contains(exit))
        return store->getValueOperand();
    }
    return nullptr;
  }

  // A minimum, a product with its overflow, and the like.
  static bool is_pure(const Instruction &instruction) {
    const auto *call = dyn_cast<IntrinsicInst>(&instruction);
    return call && call->doesNotAccessMemory() && call->willReturn() && !call->isConvergent();
  }

  // Computes a value again before `at`; null where that cannot be.
  Value *again(Value *value, Instruction *at, BasicBlock *behind,
               DenseMap<Value *, Value *> &known, unsigned depth) const {
    auto *instruction = dyn_cast<Instruction>(value);
    if (!instruction || instruction->getParent() == made.inversionAllocs)
      return value;
    // Allocas and what the entry computes are there everywhere.
    if (isa<AllocaInst>(instruction) || made.isOriginalBlock(*instruction->getParent()))
      return value;
    if (Value *found = known.lookup(value))
      return found;
    bool is_plain = isa<LoadInst>(instruction) || isa<GetElementPtrInst>(instruction) ||
                    isa<BinaryOperator>(instruction) || isa<CastInst>(instruction) ||
                    isa<CmpInst>(instruction) || isa<SelectInst>(instruction) ||
                    isa<ExtractValueInst>(instruction) || isa<FreezeInst>(instruction) ||
                    is_pure(*instruction);
    if (!is_plain || depth > 64)
      return nullptr;
    if (Loop *loop = read_behind(*instruction, behind)) {
      Value *limit = limit_of(loop, behind);
      return known[value] = limit ? again(limit, at, behind, known, depth + 1) : nullptr;
    }
    SmallVector<Value *, 3> operands;
    for (Value *operand : instruction->operands()) {
      Value *copy = again(operand, at, behind, known, depth + 1);
      if (!copy)
        return nullptr;
      operands.push_back(copy);
    }
    Instruction *copy = instruction->clone();
    for (auto [place, operand] : enumerate(operands))
      copy->setOperand(place, operand);
    copy->insertBefore(at->getIterator());
    return known[value] = copy;
  }

public:
  explicit Counters(GradientUtils &made) : made(made) {}

  void settle() {
    SmallVector<LoadInst *, 8> early;
    for (auto &pair : made.loopContexts)
      if (AllocaInst *counter = pair.second.antivaralloc)
        for (User *user : counter->users())
          if (auto *load = dyn_cast<LoadInst>(user))
            if (BasicBlock *behind = primal_of(load->getParent()))
              if (!load->use_empty() && read_behind(*load, behind))
                early.push_back(load);
    for (LoadInst *load : early) {
      BasicBlock *behind = primal_of(load->getParent());
      DenseMap<Value *, Value *> known;
      if (Value *limit = again(load, load, behind, known, 0)) {
        load->replaceAllUsesWith(limit);
      }
    }
  }
};

} // namespace

void irad::settle_counters(GradientUtils &made) {
  if (is_on)
    Counters(made).settle();
}

void irad_enzyme_repair(bool repairs) {
  is_on = repairs;
  if (repairs)
    irad::keep_sizes();
  // Enzyme has the reverse sweep go once through loops in which nothing is active, though what it kept in each iteration is
  // read and freed there. What somebody asks for stays.
  if (EnzymeInactiveDynamic.getNumOccurrences() == 0)
    EnzymeInactiveDynamic = !repairs;
}
