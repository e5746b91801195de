// What differs between the LLVMs that irad is built with. Everything else in this folder is the same for all.
#pragma once

#include "llvm/Analysis/CaptureTracking.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/IR/Argument.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/Target/TargetMachine.h"

static_assert(LLVM_VERSION_MAJOR == 22 || LLVM_VERSION_MAJOR == 23,
              "irad was not written for this LLVM: see what it changed, and begin here");

// The opcodes of branches, as labels of a switch: LLVM 23 has one for each kind.
#if LLVM_VERSION_MAJOR >= 23
#define IRAD_CASE_BRANCHES                                                                         \
  case llvm::Instruction::UncondBr:                                                                \
  case llvm::Instruction::CondBr
#else
#define IRAD_CASE_BRANCHES case llvm::Instruction::Br
#endif

namespace irad {

// Takes a module's assembly out of it.
inline void drop_assembly(llvm::Module &module) {
#if LLVM_VERSION_MAJOR >= 23
  module.setModuleInlineAsm(llvm::ArrayRef<llvm::Module::GlobalAsmFragment>());
#else
  module.setModuleInlineAsm("");
#endif
}

// Shows `found` the name of each processor that the target knows.
template <typename Found> void processors(const llvm::TargetMachine &target, Found found) {
#if LLVM_VERSION_MAJOR >= 23
  for (const llvm::SubtargetSubTypeKV &processor :
       target.getMCSubtargetInfo().getAllProcessorDescriptions())
    found(llvm::StringRef(processor.key()));
#else
  if (const llvm::MCSubtargetInfo *info = target.getMCSubtargetInfo())
    for (const llvm::SubtargetSubTypeKV &processor : info->getAllProcessorDescriptions())
      found(llvm::StringRef(processor.Key));
#endif
}

// True when a function lets somebody else have access to what a parameter points to, by returning it among others.
inline bool is_lent(const llvm::Argument &argument) {
  const auto access = llvm::CaptureComponents::Provenance;
#if LLVM_VERSION_MAJOR >= 23
  return llvm::capturesAnything(llvm::PointerMayBeCaptured(&argument, access).WithRet);
#else
  return llvm::capturesAnything(llvm::PointerMayBeCaptured(&argument, true, access));
#endif
}

} // namespace irad
