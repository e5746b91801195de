// The units that passes run on, and what is known of passes by their names.

#pragma once

#include "boundary.h"

#include "llvm/ADT/Any.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/IR/Function.h"

#include <string>
#include <vector>

namespace irad {

struct Unit {
  IradUnitKind kind;
  std::string name;
  std::vector<std::string> functions;
  std::vector<const llvm::Function *> scc; // to see whether a pass replaced one; never followed
};

Unit unit_of(const llvm::Any &ir);

// The functions that a pass may have touched that ran on an SCC and changed something: those of the SCC as
// it was and as it is now (null when there is none any more), and their callers where the pass replaced a
// function.
void add_touched(Unit &unit, const llvm::Any *now, const llvm::Module &module, llvm::StringRef pass);

// True for passes that change attributes, flags, alignments or metadata without reporting it. A test
// holds every other pass to what it says.
bool may_be_silent(llvm::StringRef pass);

// It takes attributes from parameters and from the calls that fill them.
inline bool is_argument_promotion(llvm::StringRef pass) { return pass == "ArgumentPromotionPass"; }

// True for what only runs other passes, or changes nothing by design.
bool is_manager(llvm::StringRef pass);

} // namespace irad
