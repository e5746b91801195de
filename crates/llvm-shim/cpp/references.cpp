// What a function refers to outside of itself.

#include "boundary.h"
#include "text.h"

#include "llvm-c/Core.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"

#include <string>

using namespace llvm;

char *irad_references(LLVMValueRef value) {
  auto &function = *cast<Function>(unwrap(value));
  SmallPtrSet<const GlobalValue *, 16> seen;
  std::string text;
  raw_string_ostream stream(text);
  for (const BasicBlock &block : function)
    for (const Instruction &instruction : block)
      for (const Use &operand : instruction.operands()) {
        const auto *global = dyn_cast<GlobalValue>(operand.get()->stripPointerCasts());
        if (!global || global == &function || !seen.insert(global).second)
          continue;
        stream << global->getName() << '\t' << global->getLinkage() << ' '
               << static_cast<unsigned>(global->getUnnamedAddr());
        if (const auto *callee = dyn_cast<Function>(global)) {
          stream << ' ' << *callee->getFunctionType();
          AttributeList list = callee->getAttributes();
          for (unsigned index : list.indexes())
            if (list.hasAttributesAtIndex(index))
              stream << ' ' << index << ':' << list.getAsString(index);
        } else if (const auto *variable = dyn_cast<GlobalVariable>(global)) {
          stream << (variable->isConstant() ? " constant " : " global ");
          if (variable->hasInitializer())
            variable->getInitializer()->printAsOperand(stream);
        }
        stream << '\n';
      }
  return irad::copy(stream.str());
}
