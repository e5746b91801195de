// Takes a module out of the program that it came from: one function stays visible, everything else is
// its own or somebody else's. What LLVM's C API does not offer for that; what to make of the outcome is
// decided in Rust.

#include "boundary.h"
#include "text.h"
#include "symbols.h"
#include "versions.h"

#include "llvm-c/Core.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/GlobalAlias.h"
#include "llvm/IR/GlobalIFunc.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"

#include <string>

using namespace llvm;

namespace {

// Enzyme's shadow of a variable is the derivative's alone.
bool is_shadow(const GlobalVariable &variable) {
  StringRef name = variable.getName();
  if (name.starts_with(irad::SINK))
    return true;
  return name.consume_back("_shadow") && variable.getParent()->getNamedGlobal(name);
}

// True when a copy would not do: it changes, or where it lies means something.
bool has_identity(const GlobalVariable &variable) {
  return !variable.isConstant() || variable.isThreadLocal() || variable.hasSection() ||
         variable.isExternallyInitialized() ||
         GlobalValue::isInterposableLinkage(variable.getLinkage());
}

// A panic that rustc said cannot happen, because it was to abort, unwinds in a program where panics
// do. What C and the allocator promise holds everywhere.
bool never_unwinds(const Function &function) {
  if (!function.isDeclaration() || function.hasFnAttribute(Attribute::NoReturn))
    return function.isIntrinsic();
  StringRef name = function.getName();
  bool is_mangled = name.starts_with("_R") || name.starts_with("_ZN");
  return !is_mangled || name.contains("__rust_");
}

void may_unwind(Module &module) {
  for (Function &function : module) {
    if (!never_unwinds(function))
      function.removeFnAttr(Attribute::NoUnwind);
    if (function.isDeclaration())
      continue;
    // Without a table the unwinder takes a function for the end of the stack.
    function.setUWTableKind(UWTableKind::Async);
    for (BasicBlock &block : function)
      for (Instruction &instruction : block)
        if (auto *call = dyn_cast<CallBase>(&instruction))
          if (!call->isInlineAsm())
            call->removeFnAttr(Attribute::NoUnwind);
  }
}

} // namespace

char *irad_isolate(LLVMModuleRef ref, LLVMValueRef keep_ref) {
  Module &module = *unwrap(ref);
  const auto *keep = cast<Function>(unwrap(keep_ref));
  std::string text;
  raw_string_ostream out(text);
  // What these lists name is kept or run by the object that rustc makes.
  for (const char *name :
       {"llvm.used", "llvm.compiler.used", "llvm.global_ctors", "llvm.global_dtors"})
    if (GlobalVariable *list = module.getNamedGlobal(name))
      list->eraseFromParent();
  if (!module.getModuleInlineAsm().empty()) {
    out << "assembly\t\n";
    irad::drop_assembly(module);
  }
  // What it stands for may become a declaration, which an alias must not lead to.
  for (GlobalAlias &alias : make_early_inc_range(module.aliases())) {
    if (GlobalValue::isInterposableLinkage(alias.getLinkage()))
      out << "weak\t" << alias.getName() << "\n";
    alias.replaceAllUsesWith(alias.getAliasee());
    alias.eraseFromParent();
  }
  for (GlobalIFunc &choice : module.ifuncs())
    choice.setLinkage(GlobalValue::InternalLinkage);
  for (Function &function : module) {
    if (function.isDeclaration() || &function == keep)
      continue;
    // In a group of its old name the linker would drop one of two.
    function.setComdat(nullptr);
    if (GlobalValue::isInterposableLinkage(function.getLinkage())) {
      out << "weak\t" << function.getName() << "\n";
      function.deleteBody();
    } else {
      function.setLinkage(GlobalValue::InternalLinkage);
    }
  }
  for (GlobalVariable &variable : module.globals()) {
    if (variable.isDeclaration())
      continue;
    variable.setComdat(nullptr);
    if (!has_identity(variable) || is_shadow(variable)) {
      if (!variable.hasLocalLinkage())
        variable.setLinkage(GlobalValue::InternalLinkage);
      continue;
    }
    if (!variable.hasName())
      variable.setName("irad.nameless");
    out << (variable.hasLocalLinkage() ? "local\t" : "elsewhere\t") << variable.getName() << "\n";
    variable.setLinkage(GlobalValue::ExternalLinkage);
    variable.setInitializer(nullptr);
  }
  may_unwind(module);
  return irad::copy(out.str());
}

// Inlining leaves personalities where nothing is caught any more.
void irad_drop_personalities(LLVMModuleRef ref) {
  for (Function &function : *unwrap(ref))
    if (function.hasPersonalityFn() && none_of(function, [](const BasicBlock &block) {
          return block.isEHPad() || isa<InvokeInst>(block.getTerminator());
        }))
      function.setPersonalityFn(nullptr);
}

char *irad_processors(LLVMTargetMachineRef machine) {
  std::string text;
  raw_string_ostream out(text);
  irad::processors(*reinterpret_cast<const TargetMachine *>(machine),
                   [&](StringRef name) { out << name << "\n"; });
  return irad::copy(out.str());
}
