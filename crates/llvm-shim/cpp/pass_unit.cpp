// The units that passes run on.

#include "pass_unit.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Analysis/LazyCallGraph.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"

#include <string>

using namespace llvm;

namespace {

// As LLVM prints it. For a block without a name LLVM would number its whole module, which takes longer than many
// a pass over a loop.
std::string name_of(const BasicBlock &block) {
  if (block.hasName())
    return block.getName().str();
  unsigned number = 0;
  for (const Argument &argument : block.getParent()->args())
    number += !argument.hasName();
  for (const BasicBlock &before : *block.getParent()) {
    if (&before == &block)
      break;
    number += !before.hasName();
    for (const Instruction &instruction : before)
      number += !instruction.hasName() && !instruction.getType()->isVoidTy();
  }
  return "%" + std::to_string(number);
}

void add_callers(const Function &function, std::vector<std::string> &names) {
  for (const User *user : function.users())
    if (const auto *call = dyn_cast<CallBase>(user))
      if (const Function *caller = call->getFunction())
        names.push_back(caller->getName().str());
}

} // namespace

irad::Unit irad::unit_of(const Any &ir) {
  if (const auto *function = any_cast<const Function *>(&ir))
    return {IRAD_UNIT_FUNCTION,
            (*function)->getName().str(),
            {(*function)->getName().str()},
            {}};
  if (const auto *loop = any_cast<const Loop *>(&ir)) {
    const Function *parent = (*loop)->getHeader()->getParent();
    return {IRAD_UNIT_LOOP,
            parent->getName().str() + ":" + name_of(*(*loop)->getHeader()),
            {parent->getName().str()},
            {}};
  }
  if (const auto *scc = any_cast<const LazyCallGraph::SCC *>(&ir)) {
    Unit unit{IRAD_UNIT_SCC, "", {}, {}};
    for (const LazyCallGraph::Node &node : **scc) {
      const Function &function = node.getFunction();
      if (!unit.name.empty())
        unit.name += ",";
      unit.name += function.getName();
      unit.functions.push_back(function.getName().str());
      unit.scc.push_back(&function);
    }
    return unit;
  }
  return {IRAD_UNIT_MODULE, "module", {}, {}};
}

void irad::add_touched(Unit &unit, const Any *now, const Module &module, StringRef pass) {
  if (now) {
    Unit after = unit_of(*now);
    unit.functions.insert(unit.functions.end(), after.functions.begin(), after.functions.end());
  }
  // A pass over an SCC stays within it, unless it replaced a function: then it rewrote the calls to it,
  // which are outside.
  for (size_t at = 0; at < unit.scc.size(); at++) {
    const Function *present = module.getFunction(unit.functions[at]);
    if (present && (is_argument_promotion(pass) || present != unit.scc[at]))
      add_callers(*present, unit.functions);
  }
}

bool irad::may_be_silent(StringRef pass) {
  return StringSwitch<bool>(pass)
      .Cases({"ADCEPass", "ArgumentPromotionPass", "CalledValuePropagationPass",
              "ConstraintEliminationPass", "DeadArgumentEliminationPass", "IPSCCPPass",
              "IndVarSimplifyPass", "InferAlignmentPass", "InstCombinePass"},
             true)
      .Default(false);
}

bool irad::is_manager(StringRef pass) {
  StringRef name = pass.substr(0, pass.find('<'));
  for (StringRef ending : {"PassManager", "PassAdaptor", "AnalysisManagerProxy",
                           "DevirtSCCRepeatedPass", "ModuleInlinerWrapperPass", "VerifierPass",
                           "RequireAnalysisPass", "InvalidateAnalysisPass"})
    if (name.ends_with(ending))
      return true;
  return false;
}
