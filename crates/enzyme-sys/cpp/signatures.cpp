// Compiled for its errors only: each assertion says that a declaration in this crate's Rust files
// still matches the C API of the Enzyme sources that are being built.
#include "CApi.h"
#include "Utils.h"

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

// The kinds of error, and what hears of them.
static_assert(int(ErrorType::NoDerivative) == 0 &&
              int(ErrorType::NoShadow) == 1 &&
              int(ErrorType::IllegalTypeAnalysis) == 2 &&
              int(ErrorType::NoType) == 3 &&
              int(ErrorType::IllegalFirstPointer) == 4 &&
              int(ErrorType::InternalError) == 5 &&
              int(ErrorType::TypeDepthExceeded) == 6 &&
              int(ErrorType::MixedActivityError) == 7 &&
              int(ErrorType::IllegalReplaceFicticiousPHIs) == 8 &&
              int(ErrorType::GetIndexError) == 9 &&
              int(ErrorType::NoTruncate) == 10 &&
              int(ErrorType::GCRewrite) == 11 &&
              int(ErrorType::NaNError) == 12);
static_assert(sizeof(ErrorType) == sizeof(int));
static_assert(same<decltype(CustomErrorHandler),
                   LLVMValueRef (*)(const char *, LLVMValueRef, ErrorType, const void *,
                                    LLVMValueRef, LLVMBuilderRef)>);

// `explain.cpp` casts the numbers of the C API to these.
static_assert(int(DIFFE_TYPE::OUT_DIFF) == DFT_OUT_DIFF && int(DIFFE_TYPE::DUP_ARG) == DFT_DUP_ARG &&
              int(DIFFE_TYPE::CONSTANT) == DFT_CONSTANT &&
              int(DIFFE_TYPE::DUP_NONEED) == DFT_DUP_NONEED);
static_assert(int(DerivativeMode::ForwardMode) == DEM_ForwardMode &&
              int(DerivativeMode::ReverseModeGradient) == DEM_ReverseModeGradient &&
              int(DerivativeMode::ReverseModeCombined) == DEM_ReverseModeCombined);

// The structs of the C API, as `logic.rs` lays them out.
static_assert(sizeof(IntList) == 16 && offsetof(IntList, data) == 0 && offsetof(IntList, size) == 8);
static_assert(sizeof(CFnTypeInfo) == 24 && offsetof(CFnTypeInfo, Arguments) == 0 &&
              offsetof(CFnTypeInfo, Return) == 8 && offsetof(CFnTypeInfo, KnownValues) == 16);
