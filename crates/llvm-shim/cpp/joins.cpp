// Splits joins of three predecessors of which Enzyme may mistake where control came from. For two predecessors, Enzyme computes
// again the condition of the branch that chose. For three it looks for two branches, and computes both conditions
// whatever the first one says. It is content with a second one that control need not have come by: in a loop it
// then asks what a branch would have chosen that the last iteration did not meet, or reads through an address that
// the first one guards.

#include "repair.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

#include <map>
#include <set>

using namespace llvm;

namespace {

using Edge = std::pair<const BasicBlock *, const BasicBlock *>;

// For each edge the predecessors of `join` that it may lead to, found as Enzyme finds them: backwards, and over no back
// edge.
std::map<Edge, std::set<const BasicBlock *>> reached(const BasicBlock &join, const DominatorTree &dominators,
                                                  const LoopInfo &loops) {
  std::map<Edge, std::set<const BasicBlock *>> found;
  SmallVector<std::pair<Edge, const BasicBlock *>, 16> rest;
  for (const BasicBlock *predecessor : predecessors(&join))
    rest.push_back({{predecessor, &join}, predecessor});
  while (!rest.empty()) {
    auto [edge, predecessor] = rest.pop_back_val();
    if (!found[edge].insert(predecessor).second || dominators.dominates(edge.first, &join))
      continue;
    const Loop *loop = loops.getLoopFor(edge.first);
    for (const BasicBlock *before : predecessors(edge.first))
      if (!loop || loop->getHeader() != edge.first || loop != loops.getLoopFor(before))
        rest.push_back({{before, edge.first}, predecessor});
  }
  return found;
}

// True when control can get from a block to the join, and not by `without`.
bool can_avoid(const BasicBlock &from, const BasicBlock &join, const BasicBlock &without) {
  SmallPtrSet<const BasicBlock *, 16> seen{&without};
  SmallVector<const BasicBlock *, 16> rest{&from};
  while (!rest.empty()) {
    const BasicBlock *block = rest.pop_back_val();
    if (block == &join)
      return true;
    if (!seen.insert(block).second)
      continue;
    for (const BasicBlock *next : successors(block))
      rest.push_back(next);
  }
  return false;
}

// The blocks that cannot return, which Enzyme drops with the edges to them.
SmallPtrSet<const BasicBlock *, 8> dead_ends(const Function &function) {
  SmallPtrSet<const BasicBlock *, 8> found;
  for (bool grows = true; grows;) {
    grows = false;
    for (const BasicBlock &block : function) {
      bool is_dead = isa<UnreachableInst>(block.getTerminator()) ||
                     (!succ_empty(&block) && all_of(successors(&block), [&](const BasicBlock *next) {
                       return found.contains(next);
                     }));
      grows |= is_dead && found.insert(&block).second;
    }
  }
  return found;
}

class Joins {
  const DominatorTree &dominators;
  const LoopInfo &loops;
  SmallPtrSet<const BasicBlock *, 8> dead;

  // For each of the two successors of a block, the predecessors of the join that it may lead to.
  using Choice = std::vector<std::pair<const BasicBlock *, std::set<const BasicBlock *>>>;

public:
  Joins(const Function &function, const DominatorTree &dominators, const LoopInfo &loops)
      : dominators(dominators), loops(loops), dead(dead_ends(function)) {}

  // The two predecessors to join first, or nothing where Enzyme is right about all three.
  std::set<const BasicBlock *> mistaken(const BasicBlock &join) const {
    std::set<const BasicBlock *> targets(pred_begin(&join), pred_end(&join));
    if (targets.size() != 3 || !dominators.isReachableFromEntry(&join))
      return {};
    auto found = reached(join, dominators, loops);
    std::map<const BasicBlock *, Choice> choices;
    for (auto &pair : found)
      choices[pair.first.first];
    for (auto &pair : choices) {
      std::set<const BasicBlock *> live;
      for (const BasicBlock *next : successors(pair.first))
        if (!dead.contains(next) && live.insert(next).second)
          pair.second.push_back({next, found[{pair.first, next}]});
    }
    for (auto &first : choices) {
      if (first.second.size() != 2 || !dominators.dominates(first.first, &join))
        continue;
      // One successor leads to one predecessor, the other to a second choice.
      bool is_second = first.second[1].second.size() == 1;
      const auto &sure = first.second[is_second];
      const auto &[onward, open] = first.second[!is_second];
      if (sure.second.size() != 1 || open.size() != 2 || open.count(*sure.second.begin()))
        continue;
      for (auto &second : choices) {
        if (second.second.size() != 2)
          continue;
        auto &one = second.second[0].second, &other = second.second[1].second;
        bool parts = one.size() == 1 && other.size() == 1 && one != other &&
                     open.count(*one.begin()) && open.count(*other.begin());
        if (parts && (!is_computable(*second.first, join) || can_avoid(*onward, join, *second.first)))
          return open;
      }
    }
    return {};
  }

private:
  // True when the condition at the end of a block can be computed where the block was not reached.
  bool is_computable(const BasicBlock &block, const BasicBlock &join) const {
    if (const Loop *loop = loops.getLoopFor(&block))
      if (!loop->contains(&join))
        return false;
    SmallPtrSet<const Value *, 16> seen;
    SmallVector<const Value *, 16> rest{block.getTerminator()->getOperand(0)};
    while (!rest.empty()) {
      const auto *instruction = dyn_cast<Instruction>(rest.pop_back_val());
      if (!instruction || !seen.insert(instruction).second)
        continue;
      if (isa<PHINode>(instruction) || instruction->mayReadOrWriteMemory())
        return false;
      for (const Value *operand : instruction->operands())
        rest.push_back(operand);
    }
    return true;
  }
};

void split(BasicBlock &join, const std::set<const BasicBlock *> &first, DominatorTree &dominators,
           LoopInfo &loops) {
  SmallVector<BasicBlock *, 2> both;
  for (BasicBlock *predecessor : predecessors(&join))
    if (first.count(predecessor) && !is_contained(both, predecessor))
      both.push_back(predecessor);
  if (BasicBlock *block = SplitBlockPredecessors(&join, both, ".join", &dominators, &loops))
    irad::hold_apart(*block);
}

} // namespace

PreservedAnalyses irad::SplitJoinsPass::run(Function &function, FunctionAnalysisManager &analyses) {
  LoopInfo &loops = analyses.getResult<LoopAnalysis>(function);
  DominatorTree &dominators = analyses.getResult<DominatorTreeAnalysis>(function);
  Joins joins(function, dominators, loops);
  std::vector<std::pair<BasicBlock *, std::set<const BasicBlock *>>> mistaken;
  for (BasicBlock &block : function)
    if (auto first = joins.mistaken(block); !first.empty())
      mistaken.push_back({&block, std::move(first)});
  if (mistaken.empty())
    return PreservedAnalyses::all();
  for (auto &[block, first] : mistaken)
    split(*block, first, dominators, loops);
  PreservedAnalyses kept;
  kept.preserve<LoopAnalysis>();
  kept.preserve<DominatorTreeAnalysis>();
  return kept;
}
