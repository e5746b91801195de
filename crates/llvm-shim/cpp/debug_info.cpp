// Where code comes from, by its debug info.

#include "boundary.h"
#include "text.h"

#include "llvm-c/Core.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/LLVMContext.h"

#include <string>

using namespace llvm;

void irad_unify_types(LLVMContextRef context) { unwrap(context)->enableDebugTypeODRUniquing(); }

char *irad_source_lines(LLVMValueRef value) {
  const auto *instruction = dyn_cast_or_null<Instruction>(unwrap(value));
  if (!instruction)
    return nullptr;
  std::string text;
  raw_string_ostream stream(text);
  for (const DILocation *at = instruction->getDebugLoc().get(); at; at = at->getInlinedAt()) {
    if (at->getLine() == 0 && at->getInlinedAt())
      continue;
    if (const DISubprogram *subprogram = at->getScope()->getSubprogram())
      stream << (subprogram->getLinkageName().empty() ? subprogram->getName()
                                                      : subprogram->getLinkageName());
    stream << '\t' << at->getFilename() << ':' << at->getLine() << ':' << at->getColumn() << '\n';
  }
  return text.empty() ? nullptr : irad::copy(text);
}
