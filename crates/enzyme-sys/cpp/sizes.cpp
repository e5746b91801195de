// Has the reverse sweep know how large an allocation is. Where memory without a derivative is allocated in a function that
// is differentiated in two halves, the second half frees it, and Rust's allocator is told the size. Enzyme keeps what it
// takes for needed, and forgets that it will need this.

#include "counters.h"

#include "DifferentialUseAnalysis.h"
#include "FunctionUtils.h"
#include "GradientUtils.h"

using namespace llvm;

namespace {

// True where Enzyme frees `call` in the second half.
bool is_freed_there(const GradientUtils &made, const CallInst &call, DerivativeMode mode) {
  auto *allocation = const_cast<CallInst *>(&call);
  if (made.rematerializableAllocations.count(allocation))
    return false;
  if (!made.allocationsWithGuaranteedFree.count(allocation))
    return true;
  // The primal's own call frees it, unless something of it is needed afterwards. What is needed of sizes asks for this
  // again.
  static bool is_asking = false;
  if (is_asking)
    return false;
  is_asking = true;
  std::map<UsageKey, bool> seen;
  bool is_needed = DifferentialUseAnalysis::is_value_needed_in_reverse<QueryType::Primal>(
      &made, allocation, mode, seen, getGuaranteedUnreachable(made.oldFunc));
  is_asking = false;
  return is_needed;
}

bool needs(const CallInst *call, const GradientUtils *made, const Value *, bool of_shadow,
           DerivativeMode mode, bool &as_usual) {
  bool is_half =
      mode == DerivativeMode::ReverseModePrimal || mode == DerivativeMode::ReverseModeGradient;
  // What is active has a shadow of the same size, and Enzyme knows that it needs this.
  bool is_inactive = made->isConstantValue(const_cast<CallInst *>(call));
  as_usual = of_shadow || !is_half || !is_inactive || !is_freed_there(*made, *call, mode);
  return true;
}

} // namespace

void irad::keep_sizes() {
  for (const char *name : {"__rust_alloc", "__rust_alloc_zeroed"})
    customDiffUseHandlers[name] = needs;
}
