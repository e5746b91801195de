// Which metadata definitions belong to the text of a function.

#pragma once

#include "llvm/IR/DebugInfoMetadata.h"

namespace irad {

// What these refer to is the whole program's debug info, which function passes do not touch.
inline bool is_boundary(const llvm::MDNode &node) {
  using namespace llvm;
  return isa<DIFile>(node) || isa<DICompileUnit>(node) || isa<DIType>(node) ||
         isa<DISubprogram>(node) || isa<DINamespace>(node) || isa<DIGlobalVariable>(node);
}

} // namespace irad
