// The order in which passes run that make IR which Enzyme gets right.

#include "repair.h"

#include "llvm/IR/Module.h"
#include "llvm-c/Core.h"
#include "llvm/Transforms/Scalar/LowerConstantIntrinsics.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"

using namespace llvm;

void irad::repair_before(ModulePassManager &passes, IradRepair repair) {
  if (repair == IRAD_REPAIR_NONE)
    return;
  FunctionPassManager functions;
  // Before it is inlined.
  functions.addPass(ZeroTestsPass());
  // Before LLVM makes a nest of a loop with several back edges.
  if (repair == IRAD_REPAIR_REVERSE)
    functions.addPass(SingleLatchPass());
  passes.addPass(createModuleToFunctionPassAdaptor(std::move(functions)));
}

void irad::repair_after(ModulePassManager &passes, IradRepair repair) {
  if (repair == IRAD_REPAIR_NONE)
    return;
  FunctionPassManager functions;
  // What `ZeroTestsPass` asks, where no pipeline has answered it.
  functions.addPass(LowerConstantIntrinsicsPass());
  if (repair == IRAD_REPAIR_FORWARD)
    functions.addPass(PointersPass());
  if (repair == IRAD_REPAIR_REVERSE) {
    functions.addPass(LanesPass());
    functions.addPass(ReduciblePass());
    // As Enzyme runs it: what it would change after us, it changes now.
    functions.addPass(SimplifyCFGPass(SimplifyCFGOptions()));
  }
  functions.addPass(ExtremesPass());
  if (repair == IRAD_REPAIR_REVERSE) {
    functions.addPass(GuardsPass());
    functions.addPass(MovesPass());
    functions.addPass(ScopesPass());
    functions.addPass(LifetimesPass());
    functions.addPass(ArraysPass());
    functions.addPass(KeepOverwrittenPass());
    functions.addPass(KeepCallsPass());
    functions.addPass(SingleLatchPass());
    functions.addPass(LimitsPass());
    functions.addPass(SplitJoinsPass());
    functions.addPass(VisibleExitsPass());
  }
  functions.addPass(UndefinedPass());
  functions.addPass(TypedMovesPass());
  functions.addPass(PayloadsPass());
  functions.addPass(InactiveMemoryPass());
  functions.addPass(AddressesPass());
  if (repair == IRAD_REPAIR_FORWARD)
    functions.addPass(TablesPass());
  passes.addPass(createModuleToFunctionPassAdaptor(std::move(functions)));
}

void irad_settle(LLVMModuleRef module, LLVMValueRef except) {
  const Function *kept = except ? unwrap<Function>(except) : nullptr;
  irad::settle(*unwrap(module), kept);
  irad::forget_types(*unwrap(module), kept);
  irad::forget_inactive(*unwrap(module), kept);
}
