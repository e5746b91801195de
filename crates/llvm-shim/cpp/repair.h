// Passes that make IR which Enzyme gets right. Each prevents one fault, which stands at the top of its file.

#pragma once

#include "boundary.h"

#include "llvm/IR/BasicBlock.h"
#include "llvm/IR/PassManager.h"
#include "llvm/IR/Value.h"

namespace irad {

// opaque.cpp: a condition that never holds, at the end of a block; a call that keeps a block from being folded into
// others; one that may write to memory, in front of an instruction; one that gives the bits of a value, known
// to be of a type of Enzyme's; and what takes them out again.
llvm::Value *never(llvm::BasicBlock &block);
void hold_apart(llvm::BasicBlock &block);
void may_write(llvm::Value &address, llvm::Instruction &before);
// Before what leaves the block goes a call that may free memory.
void may_free(llvm::BasicBlock &block);
llvm::CallInst *retyped(llvm::Value &value, llvm::Type *result, llvm::StringRef type,
                        llvm::BasicBlock::iterator before);

// tables.cpp: how Enzyme calls a type of floats; empty for another type.
llvm::StringRef float_name(const llvm::Type *type);
void settle(llvm::Module &module, const llvm::Function *except);

// names.cpp: gives functions of the module the names back that Enzyme would take for others.
void show_names(llvm::Module &module);

// zero_tests.cpp
struct ZeroTestsPass : llvm::PassInfoMixin<ZeroTestsPass> {
  static llvm::StringRef name() { return "ZeroTestsPass"; }
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

// absent.cpp
struct AbsentPass : llvm::PassInfoMixin<AbsentPass> {
  static llvm::StringRef name() { return "AbsentPass"; }
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

// latches.cpp
struct SingleLatchPass : llvm::PassInfoMixin<SingleLatchPass> {
  static llvm::StringRef name() { return "SingleLatchPass"; }
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

// limits.cpp
struct LimitsPass : llvm::PassInfoMixin<LimitsPass> {
  static llvm::StringRef name() { return "LimitsPass"; }
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

// exits.cpp
struct VisibleExitsPass : llvm::PassInfoMixin<VisibleExitsPass> {
  static llvm::StringRef name() { return "VisibleExitsPass"; }
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

// joins.cpp
struct SplitJoinsPass : llvm::PassInfoMixin<SplitJoinsPass> {
  static llvm::StringRef name() { return "SplitJoinsPass"; }
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

// typed_moves.cpp: says what moved memory holds; and takes that out again.
struct TypedMovesPass : llvm::PassInfoMixin<TypedMovesPass> {
  static llvm::StringRef name() { return "TypedMovesPass"; }
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};
void forget_types(llvm::Module &module, const llvm::Function *except);

// payloads.cpp
struct PayloadsPass : llvm::PassInfoMixin<PayloadsPass> {
  static llvm::StringRef name() { return "PayloadsPass"; }
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

// undefined.cpp
struct UndefinedPass : llvm::PassInfoMixin<UndefinedPass> {
  static llvm::StringRef name() { return "UndefinedPass"; }
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

// inactive_memory.cpp: says what no derivative flows through; and takes that out again.
struct InactiveMemoryPass : llvm::PassInfoMixin<InactiveMemoryPass> {
  static llvm::StringRef name() { return "InactiveMemoryPass"; }
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};
void forget_inactive(llvm::Module &module, const llvm::Function *except);

// addresses.cpp
struct AddressesPass : llvm::PassInfoMixin<AddressesPass> {
  static llvm::StringRef name() { return "AddressesPass"; }
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

// tables.cpp
struct TablesPass : llvm::PassInfoMixin<TablesPass> {
  static llvm::StringRef name() { return "TablesPass"; }
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

// extremes.cpp
struct ExtremesPass : llvm::PassInfoMixin<ExtremesPass> {
  static llvm::StringRef name() { return "ExtremesPass"; }
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

// lanes.cpp
struct LanesPass : llvm::PassInfoMixin<LanesPass> {
  static llvm::StringRef name() { return "LanesPass"; }
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

// guards.cpp
struct GuardsPass : llvm::PassInfoMixin<GuardsPass> {
  static llvm::StringRef name() { return "GuardsPass"; }
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

// scopes.cpp
struct ScopesPass : llvm::PassInfoMixin<ScopesPass> {
  static llvm::StringRef name() { return "ScopesPass"; }
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

// pointers.cpp
struct PointersPass : llvm::PassInfoMixin<PointersPass> {
  static llvm::StringRef name() { return "PointersPass"; }
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

// lifetimes.cpp
struct LifetimesPass : llvm::PassInfoMixin<LifetimesPass> {
  static llvm::StringRef name() { return "LifetimesPass"; }
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

// deferred.cpp
struct KeepCallsPass : llvm::PassInfoMixin<KeepCallsPass> {
  static llvm::StringRef name() { return "KeepCallsPass"; }
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

// arrays.cpp
struct ArraysPass : llvm::PassInfoMixin<ArraysPass> {
  static llvm::StringRef name() { return "ArraysPass"; }
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

// overwritten.cpp
struct KeepOverwrittenPass : llvm::PassInfoMixin<KeepOverwrittenPass> {
  static llvm::StringRef name() { return "KeepOverwrittenPass"; }
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

// irreducible.cpp
struct ReduciblePass : llvm::PassInfoMixin<ReduciblePass> {
  static llvm::StringRef name() { return "ReduciblePass"; }
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

// moves.cpp
struct MovesPass : llvm::PassInfoMixin<MovesPass> {
  static llvm::StringRef name() { return "MovesPass"; }
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

// What runs before the prepare pipeline, and what after it.
void repair_before(llvm::ModulePassManager &passes, IradRepair repair);
void repair_after(llvm::ModulePassManager &passes, IradRepair repair);

} // namespace irad
