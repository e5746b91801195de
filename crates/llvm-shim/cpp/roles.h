// What the files that tell the roles of a derivative's instructions share: the roles, and how an instruction
// is numbered.

#pragma once

#include "boundary.h"
#include "enzyme_strings.h"

#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/Instructions.h"

#include <optional>

namespace irad {

using namespace llvm;

using Role = IradRole;
constexpr Role Primal = IRAD_ROLE_PRIMAL, Shadow = IRAD_ROLE_SHADOW, Adjoint = IRAD_ROLE_ADJOINT,
               Tangent = IRAD_ROLE_TANGENT, Cache = IRAD_ROLE_CACHE,
               Recompute = IRAD_ROLE_RECOMPUTE, Control = IRAD_ROLE_CONTROL;

// The number that `irad_number` gave an instruction's origin, where inlined code counts as the call
// that it came from; 0 for none.
inline unsigned number_of(const Instruction &instruction) {
  const DILocation *location = instruction.getDebugLoc();
  while (location && location->getInlinedAt())
    location = location->getInlinedAt();
  return location ? location->getLine() : 0;
}

// Where code stands in the source. What comes from the standard library is there because of the line that it was
// inlined into: the user's own.
inline const DILocation *users_own(const DILocation *location) {
  const DILocation *own = location;
  while (own && (own->getFilename().starts_with("library/") || own->getFilename().starts_with("/rustc/")))
    own = own->getInlinedAt();
  return own ? own : location;
}

inline bool is_inlined(const Instruction &instruction) {
  const DILocation *location = instruction.getDebugLoc();
  return location && location->getInlinedAt();
}

// True for `x'de`, also when LLVM has put a number behind it to tell it from another, or inlined it.
inline bool ends_with(StringRef name, StringRef end) {
  name = name.rtrim("0123456789");
  while (name.consume_back(".i"))
    name = name.rtrim("0123456789");
  return name.ends_with(end);
}

// True for pointers, and for those of several directions.
inline bool holds_pointers(const Type *type) {
  while (const auto *array = dyn_cast<ArrayType>(type))
    type = array->getElementType();
  return type->isPtrOrPtrVectorTy();
}

// What a parameter of a derivative is there for, if not for the primal.
inline std::optional<Role> role_of_parameter(const Argument &argument, bool forward) {
  StringRef name = argument.getName();
  if (name == enzyme::SEED)
    return Adjoint;
  if (name == enzyme::TAPE)
    return Cache;
  if (!ends_with(name, enzyme::SHADOW))
    return std::nullopt;
  return holds_pointers(argument.getType()) || !forward ? Shadow : Tangent;
}

// A slot, a counter and a shadow are called `'ac` alike: what a loop counts with is an integer.
inline bool is_counter(StringRef name, const Type *type) {
  return name.contains(enzyme::COUNTER) && type->isIntegerTy();
}

} // namespace irad
