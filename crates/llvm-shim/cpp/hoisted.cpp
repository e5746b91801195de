// Guards again what LLVM has moved out of a loop, or before the branches that guarded it: guards.cpp says why.

#include "steep.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/Analysis/PostDominators.h"
#include "llvm/IR/Constants.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

#include <memory>
#include <optional>

using namespace llvm;
using namespace irad;

namespace {

class Hoisted {
  LoopInfo &loops;
  DominatorTree &dominators;

public:
  Hoisted(LoopInfo &loops, DominatorTree &dominators) : loops(loops), dominators(dominators) {}

  // Makes a choice before a loop of what LLVM has moved out of it. True when there was something.
  bool carry_out(SelectInst &choice) {
    bool changed = false;
    for (bool taken : {true, false}) {
      SmallSetVector<Instruction *, 4> outside;
      auto found = only_for(&choice, taken, loops, outside);
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
};

} // namespace

bool irad::guard_hoisted(Function &function, LoopInfo &loops, DominatorTree &dominators) {
  Hoisted hoisted(loops, dominators);
  bool changed = false;
  SmallVector<SelectInst *, 8> choices;
  SmallVector<Instruction *, 8> movable;
  for (BasicBlock &block : function)
    for (Instruction &instruction : block)
      if (auto *choice = dyn_cast<SelectInst>(&instruction))
        if (loops.getLoopFor(&block) && choice->getCondition()->getType()->isIntegerTy(1))
          choices.push_back(choice);
  for (SelectInst *choice : choices)
    changed |= hoisted.carry_out(*choice);
  for (BasicBlock &block : function)
    for (Instruction &instruction : block)
      if (is_of_steep(&instruction))
        movable.push_back(&instruction);
  // What is made of others comes first.
  for (Instruction *instruction : reverse(movable))
    changed |= hoisted.carry_back(*instruction) || hoisted.sink(*instruction);
  return changed;
}
