// What Enzyme knows of a function that it differentiates, which its C API does not tell: the clone that
// it simplifies first, and of every value the type and the activity.

#include "boundary.h"

#include "ActivityAnalysis.h"
#include "CApi.h"
#include "EnzymeLogic.h"
#include "FunctionUtils.h"
#include "TypeAnalysis/TypeAnalysis.h"

#include "llvm/Analysis/TargetLibraryInfo.h"

#include <type_traits>

using namespace llvm;

// What this file takes Enzyme's objects for; `signatures.cpp` has the values of its enums.
static_assert(std::is_same_v<decltype(EnzymeLogic::PPC), PreProcessCache>);
static_assert(std::is_same_v<decltype(&PreProcessCache::preprocessForClone),
                             Function *(PreProcessCache::*)(Function *, DerivativeMode)>);
static_assert(std::is_same_v<decltype(TypeAnalysis::analyzedFunctions),
                             std::map<FnTypeInfo, std::shared_ptr<TypeAnalyzer>>>);

LLVMValueRef irad_enzyme_preprocess(EnzymeLogicRef logic, LLVMValueRef function, int32_t mode) {
  auto &cache = reinterpret_cast<EnzymeLogic *>(logic)->PPC;
  return wrap(cache.preprocessForClone(cast<Function>(unwrap(function)),
                                       static_cast<DerivativeMode>(mode)));
}

bool irad_enzyme_explain(EnzymeLogicRef logic, EnzymeTypeAnalysisRef types, LLVMValueRef clone,
                         int32_t returned, const int32_t *arguments, IradOnValue on_value,
                         void *context) {
  auto &cache = reinterpret_cast<EnzymeLogic *>(logic)->PPC;
  auto &analysis = *reinterpret_cast<TypeAnalysis *>(types);
  auto *function = cast<Function>(unwrap(clone));
  TypeAnalyzer *analyzer = nullptr;
  for (auto &pair : analysis.analyzedFunctions)
    if (pair.first.Function == function)
      analyzer = pair.second.get();
  if (!analyzer)
    return false;
  constexpr uint8_t all = IRAD_CONSTANT_VALUE | IRAD_CONSTANT_INSTRUCTION;
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
    on_value(context, type(argument).c_str(), constant.contains(&argument) ? all : 0);
  for (BasicBlock &block : *function)
    for (Instruction &instruction : block) {
      if (unreachable.contains(&block)) {
        on_value(context, "", all);
        continue;
      }
      bool value = instruction.getType()->isVoidTy() || activity.isConstantValue(known, &instruction);
      bool is_constant = activity.isConstantInstruction(known, &instruction);
      on_value(context, type(instruction).c_str(),
               (value ? IRAD_CONSTANT_VALUE : 0) | (is_constant ? IRAD_CONSTANT_INSTRUCTION : 0));
    }
  return true;
}
