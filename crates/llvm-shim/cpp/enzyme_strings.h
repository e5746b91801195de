// Strings of Enzyme's that C++ depends on: the names that it gives to what it makes, and attributes that it reads.
// `ad-pass/tests/enzyme_strings.rs` finds each in the sources that are built, so that a changed name is noticed.
// Those that Rust depends on stand in `trace/src/enzyme.rs`.

#pragma once

#include "llvm/ADT/StringRef.h"

namespace irad::enzyme {

// Before the symbols of functions that Enzyme makes.
constexpr llvm::StringLiteral AUGMENTED = "augmented_", FORWARD = "fwddiffe", REVERSE = "diffe";

// Parameters of a derivative: the seed, and the tape.
constexpr llvm::StringLiteral SEED = "differeturn", TAPE = "tapeArg";
// The slot of what the primal returns, and a value that is read from it.
constexpr llvm::StringLiteral RETURN_SLOT = "toreturn", RETURNED = "retreload";

// Behind the name of a value: its shadow, and the many kinds of instructions that make one.
constexpr llvm::StringLiteral SHADOW = "'", SHADOW_OPERATION = "'ip", SHADOW_ALLOCATION = "'mi";
// Behind the name of a value: the slot of its adjoint.
constexpr llvm::StringLiteral SLOT = "'de";
// Behind the name of a value: its shadow in memory, or what a loop counts with.
constexpr llvm::StringLiteral COUNTER = "'ac";
// Behind the name of a value: where it is kept.
constexpr llvm::StringLiteral CACHE = "_cache", ALLOCATION_CACHE = "_malloccache";
// What is taken out of the result of an augmented primal has one of these in its name.
constexpr llvm::StringLiteral NAMES_TAPE = "tape", NAMES_CACHE = "cache";
// The number of iterations of a loop.
constexpr llvm::StringLiteral LOOP_LIMIT = "loopLimit";
// Behind the name of a value that is computed again, and of the block where its alternatives meet.
constexpr llvm::StringLiteral RECOMPUTED = "_unwrap", RECOMPUTED_PHI = "_phimerge";
// Behind the name of a value that leaves a loop.
constexpr llvm::StringLiteral LEAVES_LOOP = "!manual_lcssa";

// Before the names of what Enzyme looks for in a module.
constexpr llvm::StringLiteral RESERVED = "__enzyme_", MARKER = "enzyme_";
// Functions whose calls ask Enzyme's pass for a derivative.
constexpr llvm::StringLiteral CALL_REVERSE = "__enzyme_autodiff", CALL_REVERSE_TOO = "__enzyme_reverse",
                              CALL_FORWARD = "__enzyme_fwddiff";

// Attributes of functions.
constexpr llvm::StringLiteral INACTIVE = "enzyme_inactive", NO_ESCAPE = "enzyme_no_escaping_allocation",
                              RECOMPUTE = "enzyme_shouldrecompute", READ_OR_THROW = "enzyme_ReadOnlyOrThrow";
// Metadata of a load that may be repeated.
constexpr llvm::StringLiteral NO_CACHE = "enzyme_nocache";
// Metadata of what must be kept and not computed again.
constexpr llvm::StringLiteral MUST_CACHE = "enzyme_mustcache";
// Metadata of memory that Enzyme has made of a local variable.
constexpr llvm::StringLiteral FROM_STACK = "enzyme_fromstack";
// What lies behind a pointer: an attribute, or metadata.
constexpr llvm::StringLiteral TYPE = "enzyme_type";

} // namespace irad::enzyme
