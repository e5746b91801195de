// What some functions of a module that is read lazily reach, with its metadata.

#pragma once

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/Module.h"

#include <string>
#include <vector>

namespace irad {

// What is kept, and what was looked at on the way.
class Closure {
public:
  llvm::SetVector<llvm::GlobalValue *> kept;
  llvm::SmallPtrSet<const llvm::GlobalValue *, 4> unwinders; // read, but not looked into
  llvm::SmallPtrSet<const llvm::Metadata *, 32> nodes;
  llvm::SmallPtrSet<const llvm::DICompileUnit *, 4> units;
  std::string error; // why a function could not be read

  // Reads the body of a function. False when that failed.
  bool read(llvm::GlobalValue &value);
  void keep(llvm::GlobalValue &value);
  void follow(llvm::Metadata *metadata);
  // Looks into everything that is kept, until there is nothing new. False when something could not be read.
  bool finish();

private:
  llvm::SmallPtrSet<const llvm::Constant *, 32> constants;
  std::vector<llvm::Function *> todo;

  void follow(llvm::Constant &constant);
  void attachments(const llvm::GlobalObject &object);
  void body(llvm::Function &function);
};

} // namespace irad
