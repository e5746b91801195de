// What global values are by their names: which of them may be listed as used by what is left out of a part of
// their module. `ir-load/src/shared.rs` says the same of text.

#pragma once

#include "enzyme_strings.h"

#include "llvm/IR/Function.h"
#include "llvm/IR/GlobalVariable.h"

namespace irad {

// Before the names of shadows that nobody reads.
constexpr llvm::StringLiteral SINK = "irad.sink.";

// Entry points of Rust's allocator, by their names, mangled or not. What a derivative allocates it frees, and
// what it keeps it allocates, so where one of them is needed all of them may be.
inline bool is_allocator(const llvm::GlobalValue &value) {
  llvm::StringRef name = value.getName();
  return name.ends_with("__rust_alloc") || name.ends_with("__rust_alloc_zeroed") ||
         name.ends_with("__rust_dealloc") || name.ends_with("__rust_realloc");
}

// What an allocator is called, without what rustc puts around its name; empty for what is none.
inline llvm::StringRef allocator_name(llvm::StringRef symbol) {
  for (llvm::StringRef name : {"__rust_alloc_zeroed", "__rust_realloc", "__rust_dealloc", "__rust_alloc",
                               "__rust_no_alloc_shim_is_unstable_v2"})
    if (symbol.ends_with(name))
      return name;
  for (llvm::StringRef name : {"malloc", "calloc", "realloc", "free"})
    if (symbol == name)
      return name;
  return "";
}

// Lists of what is kept or run, which use what they list in a way of their own.
inline bool is_list(const llvm::GlobalValue &value) {
  llvm::StringRef name = value.getName();
  return name == "llvm.used" || name == "llvm.compiler.used" || name == "llvm.global_ctors" ||
         name == "llvm.global_dtors";
}

// True for what may stand in such a list: it has a name, and not one that LLVM or Enzyme knows.
inline bool may_be_listed(const llvm::GlobalValue &value) {
  llvm::StringRef name = value.getName();
  return (llvm::isa<llvm::Function>(value) || llvm::isa<llvm::GlobalVariable>(value)) &&
         !name.empty() && !name.starts_with("llvm.") && !name.starts_with(irad::enzyme::RESERVED) &&
         !name.starts_with(irad::enzyme::MARKER);
}

// What is declared of libraries: names of Rust's own are those of functions that only Rust calls.
inline bool is_library(const llvm::GlobalValue &value) {
  llvm::StringRef name = value.getName();
  return llvm::isa<llvm::Function>(value) && value.isDeclaration() && may_be_listed(value) &&
         !name.starts_with("_ZN") && !name.starts_with("_R");
}

} // namespace irad
