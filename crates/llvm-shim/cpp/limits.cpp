// Asks of a loop that goes on while a number is at least as large as a limit whether it is larger than the limit less
// one. Enzyme counts the iterations that way itself, and is mistaken twice. It says that `limit - 1` does not wrap where
// that is computed as the unsigned sum of the limit and the largest number, which always wraps: every `limit - 1` of the
// function has that flag then, and LLVM takes the limit for zero. And it takes a comparison of signed numbers for one of
// unsigned ones.

#include "repair.h"

#include "llvm/Analysis/AssumptionCache.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/SimplifyQuery.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/PatternMatch.h"

using namespace llvm;
using namespace llvm::PatternMatch;

namespace {

// A comparison that Enzyme counts iterations by, where it is used.
struct Limit {
  Use *use;
  ICmpInst *comparison;
};

// The comparisons that a condition is made of.
void comparisons(Use &condition, SmallVectorImpl<Limit> &found, unsigned depth = 0) {
  constexpr unsigned DEEPEST = 8;
  auto *made = dyn_cast<Instruction>(condition.get());
  if (!made || depth > DEEPEST)
    return;
  if (auto *comparison = dyn_cast<ICmpInst>(made))
    return found.push_back({&condition, comparison});
  if (!match(made, m_LogicalAnd(m_Value(), m_Value())) && !match(made, m_LogicalOr(m_Value(), m_Value())))
    return;
  for (Use &operand : made->operands())
    comparisons(operand, found, depth + 1);
}

// The same question with `>`, for an `x >= y` that holds while the loop goes on. What is asked in the loop may also be
// when it ends.
bool ask_for_more(const Limit &limit, bool ends, const Loop &loop, const SimplifyQuery &query) {
  ICmpInst &comparison = *limit.comparison;
  CmpInst::Predicate goes_on = ends ? comparison.getInversePredicate() : comparison.getPredicate();
  Value *number = comparison.getOperand(0), *least = comparison.getOperand(1);
  if (loop.isLoopInvariant(number) && !loop.isLoopInvariant(least)) {
    std::swap(number, least);
    goes_on = CmpInst::getSwappedPredicate(goes_on);
  }
  if ((goes_on != CmpInst::ICMP_UGE && goes_on != CmpInst::ICMP_SGE) || !least->getType()->isIntegerTy() ||
      isa<Constant>(least) || loop.isLoopInvariant(number))
    return false;
  const bool is_signed = goes_on == CmpInst::ICMP_SGE;
  IRBuilder<> builder(&comparison);
  Type *type = least->getType();
  Constant *lowest =
      is_signed ? ConstantInt::get(type, APInt::getSignedMinValue(type->getIntegerBitWidth())) : Constant::getNullValue(type);
  Value *less = builder.CreateAdd(least, Constant::getAllOnesValue(type));
  const CmpInst::Predicate more = is_signed ? CmpInst::ICMP_SGT : CmpInst::ICMP_UGT;
  Value *asked = builder.CreateICmp(ends ? CmpInst::getInversePredicate(more) : more, number, less);
  // Nothing is less than the lowest number, and every number is at least that.
  if (is_signed || !isKnownNonZero(least, query.getWithInstruction(&comparison))) {
    Value *is_lowest = builder.CreateICmp(ends ? CmpInst::ICMP_NE : CmpInst::ICMP_EQ, least, lowest);
    asked = ends ? builder.CreateAnd(asked, is_lowest) : builder.CreateOr(asked, is_lowest);
  }
  limit.use->set(asked);
  return true;
}

} // namespace

PreservedAnalyses irad::LimitsPass::run(Function &function, FunctionAnalysisManager &analyses) {
  LoopInfo &loops = analyses.getResult<LoopAnalysis>(function);
  const SimplifyQuery query(function.getDataLayout(), &analyses.getResult<DominatorTreeAnalysis>(function),
                            &analyses.getResult<AssumptionAnalysis>(function));
  bool changed = false;
  for (Loop *loop : loops.getLoopsInPreorder()) {
    SmallVector<BasicBlock *, 4> ends;
    loop->getExitingBlocks(ends);
    for (BasicBlock *end : ends) {
      auto *branch = dyn_cast<BranchInst>(end->getTerminator());
      if (!branch || !branch->isConditional())
        continue;
      SmallVector<Limit, 4> limits;
      for (Use &operand : branch->operands())
        if (operand.get() == branch->getCondition())
          comparisons(operand, limits);
      const bool ends_if_true = !loop->contains(branch->getSuccessor(0));
      for (const Limit &limit : limits)
        changed |= ask_for_more(limit, ends_if_true, *loop, query);
    }
  }
  if (!changed)
    return PreservedAnalyses::all();
  PreservedAnalyses kept;
  kept.preserveSet<CFGAnalyses>();
  return kept;
}
