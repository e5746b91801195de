// What Enzyme knows of a function that it differentiates, which its C API does not tell: the clone that
// it simplifies first, and of every value the type and the activity. C in, C out.
#include "ActivityAnalysis.h"
#include "CApi.h"
#include "EnzymeLogic.h"
#include "FunctionUtils.h"
#include "TypeAnalysis/TypeAnalysis.h"

#include "llvm/Analysis/TargetLibraryInfo.h"

using namespace llvm;

extern "C" {

// The clone that will be differentiated in this mode. Enzyme keeps it, and takes it as it then is.
LLVMValueRef irad_enzyme_preprocess(EnzymeLogicRef logic, LLVMValueRef function, int mode) {
  auto &cache = reinterpret_cast<EnzymeLogic *>(logic)->PPC;
  return wrap(cache.preprocessForClone(cast<Function>(unwrap(function)),
                                       static_cast<DerivativeMode>(mode)));
}

// Tells of every parameter and then of every instruction of a clone, in their order, its type tree and
// whether it is constant (1) and whether it passes no derivative on (2). False if the clone was not
// differentiated with these types.
bool irad_enzyme_explain(EnzymeLogicRef logic, EnzymeTypeAnalysisRef types, LLVMValueRef clone,
                         int returned, const int *arguments,
                         void (*told)(void *, const char *type, uint8_t constant), void *context) {
  auto &cache = reinterpret_cast<EnzymeLogic *>(logic)->PPC;
  auto &analysis = *reinterpret_cast<TypeAnalysis *>(types);
  auto *function = cast<Function>(unwrap(clone));
  TypeAnalyzer *analyzer = nullptr;
  for (auto &pair : analysis.analyzedFunctions)
    if (pair.first.Function == function)
      analyzer = pair.second.get();
  if (!analyzer)
    return false;
  TypeResults known(*analyzer);
  SmallPtrSet<Value *, 4> constant, active;
  size_t at = 0;
  for (Argument &argument : function->args()) {
    bool is_constant = arguments[at++] == static_cast<int>(DIFFE_TYPE::CONSTANT);
    (is_constant ? constant : active).insert(&argument);
  }
  const SmallPtrSet<BasicBlock *, 4> unreachable = getGuaranteedUnreachable(function);
  ActivityAnalyzer activity(cache, cache.getAAResultsFromFunction(function), unreachable,
                            cache.FAM.getResult<TargetLibraryAnalysis>(*function), constant, active,
                            static_cast<DIFFE_TYPE>(returned));
  auto type = [&](Value &value) {
    return value.getType()->isVoidTy() ? std::string() : known.query(&value).str();
  };
  for (Argument &argument : function->args())
    told(context, type(argument).c_str(), constant.contains(&argument) ? 3 : 0);
  for (BasicBlock &block : *function)
    for (Instruction &instruction : block) {
      if (unreachable.contains(&block)) {
        told(context, "", 3);
        continue;
      }
      bool value = instruction.getType()->isVoidTy() || activity.isConstantValue(known, &instruction);
      bool acts = activity.isConstantInstruction(known, &instruction);
      told(context, type(instruction).c_str(), (value ? 1 : 0) | (acts ? 2 : 0));
    }
  return true;
}

} // extern "C"
