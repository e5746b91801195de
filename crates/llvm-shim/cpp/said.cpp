// The role of an instruction by what Enzyme says of it.

#include "derivative.h"

using namespace irad;
using namespace llvm;

IradOrigin Derivative::origin_of(const Instruction &instruction) const {
  IradOrigin origin = said.lookup(&instruction);
  // Forward mode counts how often a loop has run, in a cache, and nobody asks.
  bool is_cache = origin.kind == IRAD_ORIGIN_CACHE || origin.kind == IRAD_ORIGIN_CACHE_STORE ||
                  origin.kind == IRAD_ORIGIN_RELOAD;
  return forward && is_cache ? IradOrigin{} : origin;
}

std::optional<Role> Derivative::told(const Instruction &instruction) {
  IradOrigin origin = origin_of(instruction);
  bool is_pointer = holds_pointers(instruction.getType());
  switch (IradOriginKind(origin.kind)) {
  case IRAD_ORIGIN_COPY:
    copies[&instruction] = origin.number;
    // A callee's derivative stands for the call of the callee.
    if (const auto *call = dyn_cast<CallBase>(&instruction))
      if (auto derived = derived_call(*call))
        return derived;
    return is(instruction, Kind::Plain, Primal);
  case IRAD_ORIGIN_SHADOW:
    return is(instruction, Kind::Shadow, Shadow);
  case IRAD_ORIGIN_TANGENT:
    return is(instruction, Kind::Tangent, Tangent);
  case IRAD_ORIGIN_SLOT:
    return is(instruction, Kind::Slot, Adjoint);
  case IRAD_ORIGIN_ADJOINT:
    return is(instruction, Kind::Adjoint, Adjoint);
  case IRAD_ORIGIN_CACHE:
    return is(instruction, Kind::Cache, Cache);
  case IRAD_ORIGIN_CACHE_STORE:
    return Cache;
  case IRAD_ORIGIN_RELOAD:
    return is(instruction, origin.of_shadow && is_pointer ? Kind::Shadow : Kind::Plain, Cache);
  case IRAD_ORIGIN_RECOMPUTE:
    if (origin.of_shadow)
      return is(instruction, Kind::Shadow, Shadow);
    return is(instruction, Kind::Plain, Recompute);
  case IRAD_ORIGIN_COUNTER:
    // In the primal's sweep a counter is a value like any other.
    return is(instruction, isa<AllocaInst, LoadInst>(instruction) ? Kind::Counter : Kind::Plain,
              Control);
  case IRAD_ORIGIN_NONE:
    break;
  }
  return std::nullopt;
}
