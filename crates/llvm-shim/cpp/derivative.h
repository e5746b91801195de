// A derivative, and what is known of its instructions: what each one is there for, and which instruction of the
// primal it is there for.
//
// Of many Enzyme says so (`said.cpp`). The rest is worked out from these (`role_by_use.cpp`, `primal_of.cpp`):
// Enzyme gives what it generates the source location of what it differentiates, by which the primal's
// instructions were numbered, and names after what they belong to.

#pragma once

#include "boundary.h"
#include "roles.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/IR/Instructions.h"

#include <optional>
#include <vector>

namespace irad {

// What a value is to a derivative.
enum class Kind : uint8_t {
  Plain,   // of the primal, or a constant
  Shadow,  // a pointer to derivatives
  Slot,    // a pointer to the adjoint of one value
  Adjoint, // an adjoint, in registers
  Tangent, // a tangent, in registers
  Cache,   // a pointer to what is kept for the reverse sweep
  Counter, // which iteration of a loop is undone
};

inline Role role_of(Kind kind) {
  switch (kind) {
  case Kind::Shadow:
    return Shadow;
  case Kind::Slot:
  case Kind::Adjoint:
    return Adjoint;
  case Kind::Tangent:
    return Tangent;
  case Kind::Cache:
    return Cache;
  case Kind::Counter:
    return Control;
  default:
    return Primal;
  }
}

class Derivative {
  Function &derivative;
  bool forward;
  SmallPtrSet<const BasicBlock *, 32> sweep; // the primal's blocks, and what Enzyme put between them
  DenseMap<const Value *, Kind> kinds;
  std::vector<const Instruction *> originals; // by number, from 1
  DenseMap<const Value *, unsigned> places;   // the number of an original
  DenseMap<const Instruction *, unsigned> copies;
  StringMap<unsigned> named;
  DenseMap<const Value *, unsigned> taken; // what the reverse sweep has of which original
  DenseMap<const Instruction *, IradOrigin> said; // by Enzyme

public:
  // By the instructions of the derivative, in their order.
  std::vector<uint8_t> roles;
  std::vector<unsigned> numbers;
  // What becomes of the values of the primal (`IradFate`), by number.
  std::vector<uint8_t> fates;

  Derivative(const Function &primal, Function &derivative, bool forward, ArrayRef<IradOrigin> origins);

private:
  Kind kind(const Value *value) const { return kinds.lookup(value); }
  // What the memory is for that a pointer points to.
  Kind memory(const Value *pointer) const;
  Role is(const Instruction &instruction, Kind kind, Role role) {
    kinds[&instruction] = kind;
    return role;
  }
  void find_sweep();
  void find_roles();
  void find_numbers();

  // --- said.cpp ---

  // What Enzyme says of an instruction, as far as it means something in this mode.
  IradOrigin origin_of(const Instruction &instruction) const;
  // The role that what Enzyme says comes to.
  std::optional<Role> told(const Instruction &instruction);

  // --- copies.cpp ---

  // True when a value of the derivative cannot stand for one of the primal.
  bool contradicts(const Value *value, const Value *original) const;
  // True when an instruction does what one of the primal does, as far as both can be compared.
  bool is_alike(const Instruction &instruction, const Instruction &original) const;
  // What Enzyme makes it makes with fast arithmetic; its copies keep the flags and the names that they had.
  bool is_copy(const Instruction &instruction, const Instruction &original) const;

  // --- role_by_use.cpp ---

  // What is computed from nothing of the derivative.
  Role plain(const Instruction &instruction);
  static bool named_after(const CallBase &call, StringRef start);
  // What is taken out of what a callee's derivative returns: the callee's own value comes first, if it comes.
  std::optional<Role> returned(const ExtractValueInst &taken);
  // True for an adjoint that a callee's derivative returned: it is added to what is there.
  static bool is_accumulated(const Instruction &returned);
  // A call of what Enzyme made of a callee.
  std::optional<Role> derived_call(const CallBase &call);
  Role called(const CallBase &call);
  // The role of any instruction.
  Role role(const Instruction &instruction);

  // --- primal_of.cpp ---

  // The value that an adjoint's slot is called after; of one without a name, the one whose adjoint is taken
  // out of it for good.
  unsigned number_of_slot(const Value *slot) const;
  // The instructions of the primal that a value of the sweep is a copy of, which may have gone through the
  // phis that Enzyme puts at the ends of loops.
  SmallVector<unsigned, 2> copied_from(const Value *value, int depth = 0) const;
  // The call whose tape this is, or lies in the memory that this points to.
  unsigned number_of_tape(const Value *value) const;
  // What is kept in the cache that a pointer points into: it is called after that.
  unsigned number_of_cache(const Value *pointer) const;
  // The nameless instruction of the primal that is computed again, if its operands tell it from all others.
  unsigned number_of_nameless(const Instruction &instruction) const;
  // What forward mode makes for an instruction it makes behind that one's copy, with the location of what
  // comes next.
  unsigned number_before(const Instruction &instruction) const;
  // The instruction of the primal that one of the derivative belongs to.
  unsigned number_in(const Instruction &instruction, uint8_t role,
                     const DenseMap<const Value *, unsigned> &before, unsigned &phi) const;

  // --- fates.cpp ---

  // What becomes of the value of an original, as far as one instruction shows it.
  void find_fate(const Instruction &instruction, uint8_t role, unsigned number);
};

} // namespace irad
