// Compiled for its errors only: each assertion says that a declaration in this crate's Rust files
// still matches the C API of the Enzyme sources that are being built.
#include "CApi.h"

#include <type_traits>

template <class T, class U> constexpr bool same = std::is_same<T, U>::value;

static_assert(same<decltype(&CreateEnzymeLogic), EnzymeLogicRef (*)(uint8_t)>);
static_assert(same<decltype(&FreeEnzymeLogic), void (*)(EnzymeLogicRef)>);
static_assert(same<decltype(&CreateTypeAnalysis),
                   EnzymeTypeAnalysisRef (*)(EnzymeLogicRef, char **, CustomRuleType *, size_t)>);
static_assert(same<decltype(&FreeTypeAnalysis), void (*)(EnzymeTypeAnalysisRef)>);
static_assert(same<decltype(&EnzymeNewTypeTree), CTypeTreeRef (*)()>);
static_assert(
    same<decltype(&EnzymeNewTypeTreeCT), CTypeTreeRef (*)(CConcreteType, LLVMContextRef)>);
static_assert(same<decltype(&EnzymeFreeTypeTree), void (*)(CTypeTreeRef)>);
static_assert(same<decltype(&EnzymeTypeTreeOnlyEq), void (*)(CTypeTreeRef, int64_t)>);
static_assert(same<decltype(&EnzymeTypeTreeInsertEq),
                   void (*)(CTypeTreeRef, const int64_t *, size_t, CConcreteType, LLVMContextRef)>);
static_assert(
    same<decltype(&EnzymeCreateForwardDiff),
         LLVMValueRef (*)(EnzymeLogicRef, LLVMValueRef, LLVMBuilderRef, LLVMValueRef, CDIFFE_TYPE,
                          CDIFFE_TYPE *, size_t, EnzymeTypeAnalysisRef, uint8_t, CDerivativeMode,
                          uint8_t, uint8_t, uint8_t, unsigned, LLVMTypeRef, CFnTypeInfo, uint8_t,
                          uint8_t *, size_t, EnzymeAugmentedReturnPtr)>);
static_assert(
    same<decltype(&EnzymeCreatePrimalAndGradient),
         LLVMValueRef (*)(EnzymeLogicRef, LLVMValueRef, LLVMBuilderRef, LLVMValueRef, CDIFFE_TYPE,
                          CDIFFE_TYPE *, size_t, EnzymeTypeAnalysisRef, uint8_t, uint8_t,
                          CDerivativeMode, uint8_t, uint8_t, unsigned, uint8_t, LLVMTypeRef,
                          uint8_t, CFnTypeInfo, uint8_t, uint8_t *, size_t,
                          EnzymeAugmentedReturnPtr, uint8_t)>);
static_assert(same<decltype(&EnzymeExtractFunctionFromAugmentation),
                   LLVMValueRef (*)(EnzymeAugmentedReturnPtr)>);
static_assert(same<decltype(&EnzymeExtractTapeTypeFromAugmentation),
                   LLVMTypeRef (*)(EnzymeAugmentedReturnPtr)>);
static_assert(DFT_OUT_DIFF == 0 && DFT_DUP_ARG == 1 && DFT_CONSTANT == 2 && DFT_DUP_NONEED == 3);
static_assert(DEM_ForwardMode == 0 && DEM_ReverseModeGradient == 2 &&
              DEM_ReverseModeCombined == 3);
static_assert(DT_Integer == 1 && DT_Pointer == 2 && DT_Half == 3 && DT_Float == 4 &&
              DT_Double == 5 && DT_X86_FP80 == 7 && DT_BFloat16 == 8 && DT_FP128 == 9);
