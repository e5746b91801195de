// Computes what a guard discards only where it is not discarded. LLVM makes a choice between two computed values
// of `if x > 0 { x.sqrt() } else { 0 }`. In the reverse sweep the discarded one has the adjoint zero, and its slope
// may be infinite or not a number: zero times that is not zero. So operations with such a slope, and what is
// computed of them for the choice only, go back into a block that is entered where the choice falls on them. What
// stands in such a block yet is kept there: Enzyme runs LLVM's SimplifyCFG, too.

#include "repair.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/DebugInfo.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

// True when the slope may be infinite, or not a number, for a finite argument.
bool irad::is_steep(const Instruction &instruction) {
  if (instruction.getType()->isVectorTy())
    return false;
  if (instruction.getOpcode() == Instruction::FDiv)
    return !isa<Constant>(instruction.getOperand(1));
  if (instruction.getOpcode() == Instruction::FRem)
    return true;
  const auto *call = dyn_cast<IntrinsicInst>(&instruction);
  if (!call)
    return false;
  switch (call->getIntrinsicID()) {
  case Intrinsic::sqrt:
  case Intrinsic::log:
  case Intrinsic::log2:
  case Intrinsic::log10:
  case Intrinsic::pow:
  case Intrinsic::powi:
  case Intrinsic::exp:
  case Intrinsic::exp2:
  case Intrinsic::exp10:
  case Intrinsic::tan:
  case Intrinsic::asin:
  case Intrinsic::acos:
  case Intrinsic::sinh:
  case Intrinsic::cosh:
    return true;
  default:
    return false;
  }
}

namespace {

using irad::is_steep;

bool is_movable(const Instruction &instruction) {
  return !isa<PHINode>(instruction) && !instruction.isTerminator() && !instruction.isEHPad() &&
         !isa<AllocaInst>(instruction) && !instruction.mayReadOrWriteMemory() &&
         !instruction.mayHaveSideEffects();
}

// A comparison looks at the value and has no derivative.
bool only_looks(const User *user) { return isa<FCmpInst>(user); }

// The choices of one block that a condition makes together.
using Choices = SmallVector<SelectInst *, 4>;

class Guards {
  LoopInfo &loops;
  DominatorTree &dominators;

public:
  Guards(LoopInfo &loops, DominatorTree &dominators) : loops(loops), dominators(dominators) {}

  // Makes branches of the choices in a block as far as needed. True when there was one.
  bool open(BasicBlock &block) {
    for (Instruction &instruction : block) {
      auto *first = dyn_cast<SelectInst>(&instruction);
      if (!first || !first->getCondition()->getType()->isIntegerTy(1))
        continue;
      Choices choices;
      for (Instruction &next : make_range(first->getIterator(), block.end()))
        if (auto *choice = dyn_cast<SelectInst>(&next))
          if (choice->getCondition() == first->getCondition())
            choices.push_back(choice);
      for (; !choices.empty(); choices.pop_back()) {
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

  // True when LLVM may make a choice of what a block computes: there is another way to where it leads.
  bool is_guarded(const BasicBlock &block) const {
    const BasicBlock *before = block.getSinglePredecessor();
    if (!before || succ_size(before) < 2 || none_of(block, is_steep))
      return false;
    SmallPtrSet<const BasicBlock *, 4> seen;
    for (const BasicBlock *at = &block; seen.insert(at).second;) {
      const BasicBlock *onward = nullptr;
      for (const BasicBlock *next : successors(at)) {
        // A panic is no way.
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
  static Use &arm(SelectInst &choice, bool taken) { return choice.getOperandUse(taken ? 1 : 2); }

  // What is computed for one side of the choices only, as far as it is steep or made of what is.
  SmallSetVector<Instruction *, 8> behind(const Choices &choices, bool taken) const {
    const Loop *loop = loops.getLoopFor(choices.front()->getParent());
    SmallPtrSet<const Use *, 4> ends;
    SmallSetVector<Instruction *, 8> found;
    SmallVector<Value *, 8> rest;
    for (SelectInst *choice : choices) {
      ends.insert(&arm(*choice, taken));
      rest.push_back(arm(*choice, taken));
    }
    while (!rest.empty()) {
      auto *instruction = dyn_cast<Instruction>(rest.pop_back_val());
      if (!instruction || found.contains(instruction) || !is_movable(*instruction) ||
          loops.getLoopFor(instruction->getParent()) != loop)
        continue;
      bool is_only_for_it = all_of(instruction->uses(), [&](const Use &use) {
        return ends.contains(&use) || found.contains(cast<Instruction>(use.getUser())) ||
               only_looks(use.getUser());
      });
      if (!is_only_for_it)
        continue;
      found.insert(instruction);
      for (Value *operand : instruction->operands())
        rest.push_back(operand);
    }
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
      return !instruction || moved.contains(instruction) ||
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

  // Moves instructions to the end of a block; what a comparison looks at stays, and a copy goes.
  void move(const SmallSetVector<Instruction *, 8> &moved, BasicBlock &block, const Choices &choices,
            bool taken) const {
    SmallVector<Instruction *, 8> ordered(moved.begin(), moved.end());
    sort(ordered, [&](Instruction *a, Instruction *b) {
      return a->getParent() == b->getParent() ? a->comesBefore(b)
                                              : dominators.dominates(a->getParent(), b->getParent());
    });
    // What a comparison looks at is needed in any case, with all that it is made of.
    SmallPtrSet<Instruction *, 8> stays;
    DenseMap<Value *, Value *> copies;
    for (Instruction *instruction : reverse(ordered))
      if (any_of(instruction->users(), [&](User *user) {
            return only_looks(user) || stays.contains(cast<Instruction>(user));
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
  Guards guards(loops, dominators);
  bool changed = false;
  // What is split off stands behind its block, and is come to next.
  for (auto at = function.begin(); at != function.end(); ++at)
    changed |= guards.open(*at);
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
