// Computes what a guard discards only where it is not discarded. LLVM makes a choice between two computed values
// of `if x > 0 { x.sqrt() } else { 0 }`. In the reverse sweep the discarded one has the adjoint zero, and its slope
// may be infinite or not a number: zero times that is not zero. So operations with such a slope, and what is
// computed of them for the choice only, go back into a block that is entered where the choice falls on them. What
// stands in such a block yet is kept there: Enzyme runs LLVM's SimplifyCFG, too.

#include "repair.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/PostDominators.h"
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

// True when a use of a value needs its derivative for a choice only, or not at all, as comparisons do.
bool is_under_guard(const Use &use, unsigned depth = 0) {
  const auto *user = cast<Instruction>(use.getUser());
  if (isa<FCmpInst>(user))
    return true;
  if (isa<SelectInst>(user))
    return use.getOperandNo() != 0;
  return depth < 4 && is_movable(*user) && !user->use_empty() &&
         all_of(user->uses(), [&](const Use &next) { return is_under_guard(next, depth + 1); });
}

// True when something steep is among what a value is computed of.
bool is_of_steep(const Value *value, unsigned depth = 0) {
  const auto *instruction = dyn_cast<Instruction>(value);
  return instruction && depth < 6 && is_movable(*instruction) &&
         (is_steep(*instruction) || any_of(instruction->operands(), [&](const Value *operand) {
            return is_of_steep(operand, depth + 1);
          }));
}

// The choices of one block that a condition makes together.
using Choices = SmallVector<SelectInst *, 4>;

class Guards {
  LoopInfo &loops;
  DominatorTree &dominators;

public:
  Guards(LoopInfo &loops, DominatorTree &dominators) : loops(loops), dominators(dominators) {}

  // Makes a choice before a loop of what LLVM has moved out of it. True when there was something.
  bool carry_out(SelectInst &choice) {
    bool changed = false;
    for (bool taken : {true, false}) {
      SmallSetVector<Instruction *, 4> outside;
      auto found = only_for(&choice, taken, outside);
      for (Instruction *instruction : outside) {
        const Loop *loop = loops.getLoopFor(choice.getParent());
        if (!loop || loop->contains(instruction) || !instruction->getType()->isFloatingPointTy() ||
            !is_of_steep(instruction))
          continue;
        Instruction *chosen;
        if (BasicBlock *before = before_loop(*instruction, choice)) {
          Value *zero = ConstantFP::getZero(instruction->getType());
          chosen = SelectInst::Create(choice.getCondition(), taken ? instruction : zero, taken ? zero : instruction,
                                      "", before->getTerminator()->getIterator());
          chosen->setDebugLoc(choice.getDebugLoc());
        } else {
          // The condition is another one in each iteration.
          chosen = instruction->clone();
          chosen->setName(instruction->getName());
          chosen->insertBefore(loop->getHeader()->getFirstInsertionPt());
        }
        instruction->replaceUsesWithIf(chosen, [&](Use &use) {
          auto *user = cast<Instruction>(use.getUser());
          return found.contains(user) || &use == &arm(choice, taken);
        });
        changed = true;
      }
    }
    return changed;
  }

  // Does the same if the loop branches where it uses what LLVM has moved out, and with it what is made of that. If
  // the condition is not known before the loop, it is computed where it is used. True when there was something.
  bool carry_back(Instruction &steep) {
    BasicBlock *block = steep.getParent();
    if (isa<SelectInst>(steep) || !steep.getType()->isFloatingPointTy() || !is_movable(steep) ||
        !is_of_steep(&steep))
      return false;
    SmallVector<std::pair<Use *, Guard>, 4> uses;
    for (Use &use : steep.uses()) {
      if (isa<FCmpInst>(use.getUser()))
        continue;
      std::optional<Guard> guard = guard_of(use, *block);
      if (!guard)
        return false;
      uses.push_back({&use, *guard});
    }
    if (uses.empty() || uses.size() > 4)
      return false;
    const Guard guard = uses.front().second;
    auto *condition = dyn_cast<Instruction>(guard.condition);
    bool is_one = all_of(uses, [&](const auto &use) { return use.second.is_same(guard); });
    if (is_one && (!condition || dominators.dominates(condition, block->getTerminator()))) {
      Value *zero = ConstantFP::getZero(steep.getType());
      auto *chosen = SelectInst::Create(guard.condition, guard.taken ? &steep : zero, guard.taken ? zero : &steep,
                                        "", block->getTerminator()->getIterator());
      chosen->setDebugLoc(steep.getDebugLoc());
      for (auto &[use, _] : uses)
        use->set(chosen);
      return true;
    }
    Places places = places_of(steep);
    if (any_of(places, [](const auto &place) { return !is_splittable(place.first); }))
      return false;
    copy_to(steep, places);
    return true;
  }

  // Computes what is steep where it is used, if it is used behind branches only: LLVM has moved it before them. True
  // when that was so.
  bool sink(Instruction &steep) {
    BasicBlock *block = steep.getParent();
    // A choice is a guard itself.
    if (succ_size(block) < 2 || isa<SelectInst>(steep) || !is_movable(steep) || !is_of_steep(&steep))
      return false;
    Places places = places_of(steep);
    // What every way onward needs is behind no branch.
    auto is_needed = [&](BasicBlock *next) { return places.contains({block, next}); };
    if (places.empty() || places.size() > 4 || all_of(successors(block), is_needed))
      return false;
    if (!always)
      always = std::make_unique<PostDominatorTree>(*block->getParent());
    for (auto &[place, uses] : places) {
      auto [at, onward] = place;
      if (loops.getLoopFor(at) != loops.getLoopFor(block) || (!onward && always->dominates(at, block)) ||
          !is_splittable(place))
        return false;
    }
    copy_to(steep, places);
    return true;
  }

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
  // A condition, and what it is where something is used.
  struct Guard {
    Value *condition;
    bool taken;
    bool is_same(const Guard &other) const { return condition == other.condition && taken == other.taken; }
  };

  // Where a value is used: in a block, or on the way from one to another.
  using Place = std::pair<BasicBlock *, BasicBlock *>;
  using Places = MapVector<Place, SmallVector<Use *, 2>>;

  std::unique_ptr<PostDominatorTree> always;

  // The branch inside of a loop that a use stands behind, if the loop is not around a block.
  std::optional<Guard> guard_of(const Use &use, const BasicBlock &outside) const {
    auto *user = cast<Instruction>(use.getUser());
    auto *phi = dyn_cast<PHINode>(user);
    BasicBlock *at = phi ? phi->getIncomingBlock(use) : user->getParent();
    BasicBlock *onward = phi ? phi->getParent() : nullptr;
    const Loop *loop = loops.getLoopFor(at);
    if (!loop || loop->contains(&outside))
      return std::nullopt;
    for (; at && loop->contains(at); onward = at, at = at->getSinglePredecessor()) {
      auto *branch = dyn_cast<BranchInst>(at->getTerminator());
      if (!onward || !branch || branch->isUnconditional() || branch->getSuccessor(0) == branch->getSuccessor(1))
        continue;
      bool taken = branch->getSuccessor(0) == onward;
      // That the loop goes on guards nothing in it.
      if (loop->contains(branch->getSuccessor(taken ? 1 : 0)))
        return Guard{branch->getCondition(), taken};
    }
    return std::nullopt;
  }

  static Places places_of(Instruction &instruction) {
    Places places;
    for (Use &use : instruction.uses()) {
      auto *user = cast<Instruction>(use.getUser());
      if (isa<FCmpInst>(user))
        continue;
      auto *phi = dyn_cast<PHINode>(user);
      BasicBlock *at = phi ? phi->getIncomingBlock(use) : user->getParent();
      places[{at, phi && succ_size(at) > 1 ? phi->getParent() : nullptr}].push_back(&use);
    }
    return places;
  }

  static bool is_splittable(const Place &place) {
    return !place.second || !isa<IndirectBrInst, SwitchInst>(place.first->getTerminator());
  }

  // Computes something at each place, and no longer where it was.
  void copy_to(Instruction &instruction, Places &places) {
    for (auto &[place, uses] : places) {
      auto [at, onward] = place;
      if (onward) {
        at = SplitEdge(at, onward, &dominators, &loops);
        always = nullptr;
      }
      Instruction *before = at->getTerminator();
      for (Use *use : uses)
        if (auto *user = cast<Instruction>(use->getUser()); !isa<PHINode>(user) && user->comesBefore(before))
          before = user;
      Instruction *copy = instruction.clone();
      copy->setName(instruction.getName());
      copy->insertBefore(before->getIterator());
      for (Use *use : uses)
        use->set(copy);
    }
    if (instruction.use_empty())
      instruction.eraseFromParent();
  }

  static Use &arm(SelectInst &choice, bool taken) { return choice.getOperandUse(taken ? 1 : 2); }

  // What is computed for one side of the choices only. What of it lies outside of the loop that they are in goes
  // into `outside`.
  SmallSetVector<Instruction *, 8> only_for(ArrayRef<SelectInst *> choices, bool taken,
                                            SmallSetVector<Instruction *, 4> &outside) const {
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
      if (!instruction || found.contains(instruction) || !is_movable(*instruction))
        continue;
      bool is_only_for_it = all_of(instruction->uses(), [&](const Use &use) {
        return ends.contains(&use) || found.contains(cast<Instruction>(use.getUser())) ||
               is_under_guard(use);
      });
      if (!is_only_for_it)
        continue;
      if (loops.getLoopFor(instruction->getParent()) != loop) {
        outside.insert(instruction);
        continue;
      }
      found.insert(instruction);
      for (Value *operand : instruction->operands())
        rest.push_back(operand);
    }
    return found;
  }

  // As far as it is steep, or made of what is.
  SmallSetVector<Instruction *, 8> behind(const Choices &choices, bool taken) const {
    SmallSetVector<Instruction *, 4> outside;
    auto found = only_for(choices, taken, outside);
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

  // The block before the outermost loop around a choice that an instruction is not in, if the choice could be made
  // there.
  BasicBlock *before_loop(const Instruction &outside, const SelectInst &choice) const {
    const Loop *around = loops.getLoopFor(outside.getParent());
    const Loop *loop = loops.getLoopFor(choice.getParent());
    while (loop && loop->getParentLoop() != around)
      loop = loop->getParentLoop();
    BasicBlock *before = loop ? loop->getLoopPreheader() : nullptr;
    if (!before || loop->contains(&outside))
      return nullptr;
    auto *condition = dyn_cast<Instruction>(choice.getCondition());
    bool is_known = !condition || dominators.dominates(condition, before->getTerminator());
    return is_known ? before : nullptr;
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
  SmallVector<SelectInst *, 8> choices;
  for (BasicBlock &block : function)
    for (Instruction &instruction : block)
      if (auto *choice = dyn_cast<SelectInst>(&instruction))
        if (loops.getLoopFor(&block) && choice->getCondition()->getType()->isIntegerTy(1))
          choices.push_back(choice);
  for (SelectInst *choice : choices)
    changed |= guards.carry_out(*choice);
  SmallVector<Instruction *, 8> movable;
  for (BasicBlock &block : function)
    for (Instruction &instruction : block)
      if (is_of_steep(&instruction))
        movable.push_back(&instruction);
  // What is made of others comes first.
  for (Instruction *instruction : reverse(movable))
    changed |= guards.carry_back(*instruction) || guards.sink(*instruction);
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
