// What debug info says lies where in memory.

#pragma once

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/IR/DataLayout.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/Value.h"

#include <cstdint>
#include <optional>

namespace irad {

// What lies at one place of a type.
struct Part {
  uint64_t offset; // bytes
  uint64_t bytes;
  llvm::StringRef type; // as Enzyme calls it
};

// More parts than this are not looked at.
constexpr size_t MostParts = 64;

struct Layout {
  uint64_t bytes = 0;
  llvm::SmallVector<Part, 8> parts;
  // A `Vec` moves it to or from its own memory, where one lies behind the other.
  bool is_of_vec = false;

  // The one type of every part, if they fill the whole.
  llvm::StringRef uniform() const {
    uint64_t filled = 0;
    for (const Part &part : parts) {
      if (part.type != parts.front().type)
        return {};
      filled += part.bytes;
    }
    return !parts.empty() && filled == bytes ? parts.front().type : llvm::StringRef();
  }
};

// What Enzyme calls a float of so many bits; empty where it has none.
llvm::StringRef float_type(uint64_t bits);

// Adds the parts of a type at an offset; false where it cannot be told what lies there, as in an enum.
bool add_parts(const llvm::DIType *type, uint64_t offset, Layout &layout);

// What lies in so many bytes of memory whose type is declared: that of a function's result, or of what a parameter refers
// to. Of an enum, what all variants have there that have anything.
std::optional<Layout> declared_at(const llvm::Value *pointer, uint64_t bytes, const llvm::DataLayout &sizes);

} // namespace irad
