// Computes what a guard discards only where it is not discarded. LLVM makes a choice between two computed values
// of `if x > 0 { x.sqrt() } else { 0 }`. In the reverse sweep the discarded one has the adjoint zero, and its slope
// may be infinite or not a number: zero times that is not zero. So operations with such a slope, and what is
// computed of them for the choice only, go back into a block that is entered where the choice falls on them. What
// stands in such a block yet is kept there: Enzyme runs LLVM's SimplifyCFG, too.

#include "repair.h"
#include "steep.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/DebugInfo.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;
using namespace irad;

namespace {

// The choices of one block that a condition makes together.
using Choices = SmallVector<SelectInst *, 4>;

class Guards {
  LoopInfo &loops;
  DominatorTree &dominators;

public:
  Guards(LoopInfo &loops, DominatorTree &dominators) : loops(loops), dominators(dominators) {}

  // Makes branches of the choices in a block as far as needed. True when there was one.
  bool open(BasicBlock &block) {
    // From the last one, which may be around others.
    for (Instruction &instruction : reverse(block)) {
      auto *last = dyn_cast<SelectInst>(&instruction);
      if (!last || !last->getCondition()->getType()->isIntegerTy(1))
        continue;
      Choices choices;
      for (Instruction &before : make_range(block.begin(), std::next(last->getIterator())))
        if (auto *choice = dyn_cast<SelectInst>(&before))
          if (choice->getCondition() == last->getCondition())
            choices.push_back(choice);
      for (; !choices.empty(); choices.erase(choices.begin())) {
        auto taken = behind(choices, true), other = behind(choices, false);
        if (taken.empty() && other.empty())
          continue;
        if (!are_there(choices, taken, other))
          continue;
        branch(choices, taken, other);
        return true;
      }
    }
    return false;
  }

  // True when LLVM may make a choice of what a block computes: there is another path to where it leads.
  bool is_guarded(const BasicBlock &block) const {
    const BasicBlock *before = block.getSinglePredecessor();
    if (!before || succ_size(before) < 2 || none_of(block, is_steep))
      return false;
    SmallPtrSet<const BasicBlock *, 4> seen;
    for (const BasicBlock *at = &block; seen.insert(at).second;) {
      const BasicBlock *onward = nullptr;
      for (const BasicBlock *next : successors(at)) {
        // A block that panics leads nowhere.
        if (isa<UnreachableInst>(next->getTerminator()))
          continue;
        if (onward && onward != next)
          return false;
        onward = next;
      }
      if (!onward)
        return false;
      if (!dominators.dominates(&block, onward))
        return true;
      at = onward;
    }
    return false;
  }

private:
  // As far as it is steep, or made of what is.
  SmallSetVector<Instruction *, 8> behind(const Choices &choices, bool taken) const {
    SmallSetVector<Instruction *, 4> outside;
    auto found = only_for(choices, taken, loops, outside);
    SmallSetVector<Instruction *, 8> steep;
    for (bool grows = true; grows;) {
      grows = false;
      for (Instruction *instruction : found)
        if (!steep.contains(instruction) &&
            (is_steep(*instruction) || any_of(instruction->operands(), [&](Value *operand) {
               auto *of = dyn_cast<Instruction>(operand);
               return of && steep.contains(of);
             })))
          grows |= steep.insert(instruction);
    }
    return steep;
  }

  // True when all that both sides need is computed before the first of the choices.
  bool are_there(const Choices &choices, const SmallSetVector<Instruction *, 8> &taken,
                 const SmallSetVector<Instruction *, 8> &other) const {
    auto is_there = [&](Value *value, const SmallSetVector<Instruction *, 8> &moved) {
      auto *instruction = dyn_cast<Instruction>(value);
      // What another one of the choices gives on this side is asked for below.
      return !instruction || moved.contains(instruction) || is_contained(choices, instruction) ||
             dominators.dominates(instruction, choices.front());
    };
    for (const auto *moved : {&taken, &other})
      for (Instruction *instruction : *moved)
        for (Value *operand : instruction->operands())
          if (!is_there(operand, *moved))
            return false;
    return all_of(choices, [&](SelectInst *choice) {
      return is_there(arm(*choice, true), taken) && is_there(arm(*choice, false), other);
    });
  }

  // Moves instructions to the end of a block.
  void move(const SmallSetVector<Instruction *, 8> &moved, BasicBlock &block, const Choices &choices,
            bool taken) const {
    SmallVector<Instruction *, 8> ordered(moved.begin(), moved.end());
    sort(ordered, [&](Instruction *a, Instruction *b) {
      return a->getParent() == b->getParent() ? a->comesBefore(b)
                                              : dominators.dominates(a->getParent(), b->getParent());
    });
    // What something else needs stays, with all that it is made of, and a copy goes.
    SmallPtrSet<Instruction *, 8> stays;
    DenseMap<Value *, Value *> copies;
    for (Instruction *instruction : reverse(ordered))
      if (any_of(instruction->uses(), [&](Use &use) {
            auto *user = cast<Instruction>(use.getUser());
            auto *choice = dyn_cast<SelectInst>(user);
            bool is_end = choice && is_contained(choices, choice) && &use == &arm(*choice, taken);
            return stays.contains(user) || (!moved.contains(user) && !is_end);
          }))
        stays.insert(instruction);
    for (Instruction *instruction : ordered) {
      if (!stays.contains(instruction)) {
        SmallVector<DbgVariableRecord *, 2> records;
        findDbgUsers(instruction, records);
        for (DbgVariableRecord *record : records)
          record->setKillLocation();
        instruction->moveBefore(block.getTerminator()->getIterator());
        continue;
      }
      Instruction *copy = instruction->clone();
      copy->setName(instruction->getName());
      copy->insertBefore(block.getTerminator()->getIterator());
      copies[instruction] = copy;
    }
    for (Instruction &instruction : block)
      for (Use &operand : instruction.operands())
        if (Value *copy = copies.lookup(operand.get()))
          operand.set(copy);
    for (SelectInst *choice : choices)
      if (Value *copy = copies.lookup(arm(*choice, taken)))
        arm(*choice, taken).set(copy);
    // What is computed of another one of the choices knows what that gives on this side.
    for (Instruction &instruction : block)
      for (Use &operand : instruction.operands())
        operand.set(given(operand.get(), choices, taken));
  }

  // What a value is on one side of the choices.
  static Value *given(Value *value, const Choices &choices, bool taken) {
    while (is_contained(choices, value))
      value = arm(*cast<SelectInst>(value), taken);
    return value;
  }

  void branch(const Choices &choices, const SmallSetVector<Instruction *, 8> &taken,
              const SmallSetVector<Instruction *, 8> &other) {
    SelectInst *first = choices.front();
    BasicBlock *head = first->getParent();
    Value *condition = first->getCondition();
    // A choice may be made by what is undefined, a branch may not.
    if (!isGuaranteedNotToBeUndefOrPoison(condition, nullptr, first, &dominators))
      condition = new FreezeInst(condition, "", first->getIterator());
    BasicBlock *tail = SplitBlock(head, first->getIterator(), &dominators, &loops);
    BasicBlock *from[2];
    for (bool is_taken : {true, false}) {
      const auto &moved = is_taken ? taken : other;
      from[is_taken] = head;
      if (moved.empty())
        continue;
      auto *block = BasicBlock::Create(head->getContext(), "guarded", head->getParent(), tail);
      BranchInst::Create(tail, block)->setDebugLoc(first->getDebugLoc());
      move(moved, *block, choices, is_taken);
      dominators.addNewBlock(block, head);
      if (Loop *loop = loops.getLoopFor(head))
        loop->addBasicBlockToLoop(block, loops);
      from[is_taken] = block;
    }
    for (SelectInst *choice : choices)
      for (bool is_taken : {true, false})
        arm(*choice, is_taken).set(given(arm(*choice, is_taken), choices, is_taken));
    Instruction *end = head->getTerminator();
    auto *branch = BranchInst::Create(from[1] == head ? tail : from[1], from[0] == head ? tail : from[0],
                                      condition, end->getIterator());
    branch->setDebugLoc(first->getDebugLoc());
    end->eraseFromParent();
    for (SelectInst *choice : choices) {
      PHINode *joined = PHINode::Create(choice->getType(), 2, "", tail->begin());
      joined->takeName(choice);
      joined->setDebugLoc(choice->getDebugLoc());
      if (isa<FPMathOperator>(joined))
        joined->setFastMathFlags(choice->getFastMathFlags());
      joined->addIncoming(choice->getTrueValue(), from[1]);
      joined->addIncoming(choice->getFalseValue(), from[0]);
      choice->replaceAllUsesWith(joined);
      choice->eraseFromParent();
    }
  }
};

} // namespace

PreservedAnalyses irad::GuardsPass::run(Function &function, FunctionAnalysisManager &analyses) {
  LoopInfo &loops = analyses.getResult<LoopAnalysis>(function);
  DominatorTree &dominators = analyses.getResult<DominatorTreeAnalysis>(function);
  bool changed = guard_hoisted(function, loops, dominators);
  Guards guards(loops, dominators);
  // What is split off stands behind its block, and is come to next.
  for (auto at = function.begin(); at != function.end(); ++at)
    while (guards.open(*at))
      changed = true;
  for (BasicBlock &block : function)
    if (guards.is_guarded(block)) {
      irad::hold_apart(block);
      changed = true;
    }
  if (!changed)
    return PreservedAnalyses::all();
  PreservedAnalyses kept;
  kept.preserve<LoopAnalysis>();
  kept.preserve<DominatorTreeAnalysis>();
  return kept;
}
