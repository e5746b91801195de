// What is linked as one module brings bodies along that nobody wants to look into: of what never returns, which is
// hundreds of functions of formatting and unwinding, and of the allocator, which Enzyme knows by the names of its
// entry points and not by what they do.

#include "boundary.h"
#include "reached.h"
#include "symbols.h"

#include "llvm-c/Core.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace irad;
using namespace llvm;

namespace {

// True for what was compiled with the standard library: its crates' units are called
// `library/core/src/lib.rs/@/core.0123456789abcdef-cgu.0`. What these define and others call is a symbol that
// every program has.
bool is_of_std(const Function &function) {
  const DISubprogram *subprogram = function.getSubprogram();
  const DICompileUnit *unit = subprogram ? subprogram->getUnit() : nullptr;
  return unit && unit->getFilename().contains("library/") && unit->getFilename().contains("/src/lib.rs/@/");
}

bool is_dropped(const Function &function) {
  if (function.isDeclaration())
    return false;
  return is_allocator(function) || (function.doesNotReturn() && is_of_std(function));
}

} // namespace

void irad_drop_bodies(LLVMModuleRef ref, LLVMValueRef root) {
  Module &module = *unwrap(ref);
  auto is_closed = [&](const Function &function) { return &function != unwrap(root) && is_dropped(function); };
  SmallVector<Function *, 16> dropped;
  for (Function &function : module)
    if (is_closed(function))
      dropped.push_back(&function);
  if (dropped.empty())
    return;
  Reached reached;
  reached.is_closed = is_closed;
  reached.values.insert(cast<Function>(unwrap(root)));
  reached.finish();
  // As if they were called from elsewhere: what is inlined or specialised does not depend on the bodies.
  Reached used;
  for (Function *function : dropped)
    for (BasicBlock &block : *function)
      for (Instruction &instruction : block)
        for (const Use &operand : instruction.operands())
          used.follow(operand.get());
  SmallVector<GlobalValue *, 16> shared;
  for (GlobalValue *value : reached.values)
    if (used.values.contains(value) && may_be_listed(*value) && !is_contained(dropped, value))
      shared.push_back(value);
  for (Function *function : dropped) {
    function->deleteBody();
    function->setComdat(nullptr);
    function->setVisibility(GlobalValue::DefaultVisibility);
    function->setDSOLocal(false);
  }
  if (!shared.empty())
    appendToCompilerUsed(module, shared);
}
