// The role of an instruction that Enzyme says nothing of: by what it reads and writes, by the sweep that it
// stands in, and by its name.

#include "derivative.h"

#include "llvm/IR/Operator.h"

using namespace irad;
using namespace llvm;

Role Derivative::plain(const Instruction &instruction) {
  bool in_sweep = sweep.contains(instruction.getParent());
  StringRef name = instruction.getName();
  unsigned number = number_of(instruction);
  const Instruction *original = number < originals.size() ? originals[number] : nullptr;
  bool again = original && is_alike(instruction, *original);
  if (in_sweep && again && is_copy(instruction, *original)) {
    copies[&instruction] = number;
    return is(instruction, Kind::Plain, Primal);
  }
  // A value that leaves a loop goes through a phi of its own.
  if (in_sweep && name.contains(enzyme::LEAVES_LOOP))
    return is(instruction, Kind::Plain, Primal);
  // In inlined code only arithmetic that Enzyme made is fast.
  bool is_fast = isa<FPMathOperator>(instruction) && instruction.isFast();
  if (is_inlined(instruction) && !is_fast) {
    if (in_sweep)
      return is(instruction, Kind::Plain, Primal);
    if (instruction.getType()->isFPOrFPVectorTy())
      return is(instruction, Kind::Plain, Recompute);
  }
  if (name.contains(enzyme::RECOMPUTED))
    return is(instruction, Kind::Plain, Recompute);
  // A phi that is computed again is taken apart, and its value comes together there.
  if (isa<PHINode>(instruction) && instruction.getParent()->getName().contains(enzyme::RECOMPUTED_PHI))
    return is(instruction, Kind::Plain, Recompute);
  // What the primal returns goes through a slot to the derivative's only return.
  bool returns = isa<StoreInst>(instruction) ? in_sweep : isa<InsertValueInst>(instruction);
  if (returns || name == enzyme::RETURNED)
    return is(instruction, Kind::Plain, Primal);
  // A rule compares to choose, not to branch.
  if (isa<FCmpInst>(instruction) && !again)
    return is(instruction, Kind::Plain, forward ? Tangent : Adjoint);
  // Bounds of loops and the like; and what a rule for a derivative computes of the primal's values.
  if (!instruction.getType()->isFPOrFPVectorTy())
    return is(instruction, Kind::Plain, again && !forward ? Recompute : Control);
  return is(instruction, Kind::Plain, forward ? Tangent : again ? Recompute : Adjoint);
}

bool Derivative::named_after(const CallBase &call, StringRef start) {
  const auto *callee = dyn_cast<Function>(call.getCalledOperand()->stripPointerCasts());
  return callee && callee->getName().starts_with(start);
}

std::optional<Role> Derivative::returned(const ExtractValueInst &taken) {
  const auto *call = dyn_cast<CallBase>(taken.getAggregateOperand());
  if (!call)
    return std::nullopt;
  unsigned number = number_of(*call), at = taken.getIndices().front();
  const auto *type = dyn_cast<StructType>(call->getType());
  if (!number || number >= originals.size() || !type || taken.getNumIndices() != 1)
    return std::nullopt;
  bool is_pointer = holds_pointers(taken.getType());
  auto primal = [&] {
    copies[&taken] = number;
    return is(taken, Kind::Plain, Primal);
  };
  bool is_first = at == 0 && taken.getType() == originals[number]->getType();
  if (named_after(*call, enzyme::AUGMENTED)) {
    if (ends_with(taken.getName(), enzyme::COUNTER))
      return is(taken, Kind::Shadow, Shadow);
    if (taken.getName().contains(enzyme::NAMES_TAPE) || taken.getName().contains(enzyme::NAMES_CACHE))
      return is(taken, is_pointer ? Kind::Cache : Kind::Plain, Cache);
    if (taken.getType() == originals[number]->getType())
      return primal();
  } else if (named_after(*call, enzyme::FORWARD)) {
    if (type->getNumElements() != 2 || type->getElementType(0) != originals[number]->getType())
      return std::nullopt;
    if (is_first)
      return primal();
    return is_pointer ? is(taken, Kind::Shadow, Shadow) : is(taken, Kind::Tangent, Tangent);
  } else if (named_after(*call, enzyme::REVERSE) && is_first && !is_accumulated(taken)) {
    return primal();
  }
  return std::nullopt;
}

bool Derivative::is_accumulated(const Instruction &returned) {
  return returned.use_empty() || any_of(returned.users(), [](const User *user) {
           const auto *sum = dyn_cast<BinaryOperator>(user);
           return sum && sum->getOpcode() == Instruction::FAdd && sum->isFast();
         });
}

std::optional<Role> Derivative::derived_call(const CallBase &call) {
  // The primal's half of a callee's derivative, which gives its value and a tape.
  if (named_after(call, enzyme::AUGMENTED)) {
    copies[&call] = number_of(call);
    return is(call, Kind::Plain, Primal);
  }
  if (named_after(call, enzyme::REVERSE))
    return is(call, Kind::Adjoint, Adjoint);
  if (named_after(call, enzyme::FORWARD))
    return is(call, holds_pointers(call.getType()) ? Kind::Shadow : Kind::Tangent, Tangent);
  return std::nullopt;
}

Role Derivative::called(const CallBase &call) {
  StringRef name = call.getName();
  if (name.contains(enzyme::ALLOCATION_CACHE) || name.contains(enzyme::CACHE))
    return is(call, Kind::Cache, Cache);
  if (ends_with(name, enzyme::SHADOW_ALLOCATION) || name.contains(enzyme::SHADOW_OPERATION))
    return is(call, Kind::Shadow, Shadow);
  // Memory that is set, copied or given back.
  for (const Use &argument : call.args()) {
    Kind found = memory(argument);
    if (found == Kind::Plain || found == Kind::Counter)
      continue;
    if (found == Kind::Shadow && !forward && !sweep.contains(call.getParent()))
      return is(call, Kind::Adjoint, Adjoint);
    if (found == Kind::Cache && !call.getType()->isVoidTy() && !call.getType()->isPointerTy())
      continue;
    return is(call, found == Kind::Slot ? Kind::Adjoint : found, role_of(found));
  }
  return plain(call);
}

Role Derivative::role(const Instruction &instruction) {
  bool in_sweep = sweep.contains(instruction.getParent());
  StringRef name = instruction.getName();
  if (instruction.isTerminator() && !isa<InvokeInst>(instruction))
    return Control;
  if (auto role = told(instruction))
    return *role;
  if (isa<AllocaInst>(instruction)) {
    if (ends_with(name, enzyme::SLOT))
      return is(instruction, Kind::Slot, Adjoint);
    if (is_counter(name, cast<AllocaInst>(instruction).getAllocatedType()))
      return is(instruction, Kind::Counter, Control);
    // Forward mode counts how often a loop has run, and nobody asks.
    if (forward && name.starts_with(enzyme::LOOP_LIMIT) && name.contains(enzyme::CACHE))
      return is(instruction, Kind::Counter, Control);
    if (name.contains(enzyme::CACHE) || name.contains(enzyme::ALLOCATION_CACHE))
      return is(instruction, Kind::Cache, Cache);
    if (name.contains(enzyme::SHADOW))
      return is(instruction, Kind::Shadow, Shadow);
    return Primal;
  }
  if (const auto *load = dyn_cast<LoadInst>(&instruction)) {
    bool is_pointer = load->getType()->isPtrOrPtrVectorTy();
    switch (Kind found = memory(load->getPointerOperand())) {
    case Kind::Slot:
      return is(instruction, Kind::Adjoint, Adjoint);
    case Kind::Counter:
      return is(instruction, Kind::Counter, Control);
    case Kind::Cache:
      return is(instruction, is_pointer ? Kind::Cache : Kind::Plain, Cache);
    case Kind::Shadow:
      if (is_pointer)
        return is(instruction, Kind::Shadow, Shadow);
      if (forward)
        return is(instruction, Kind::Tangent, Tangent);
      return is(instruction, Kind::Adjoint, in_sweep ? Shadow : Adjoint);
    default:
      (void)found;
      return plain(instruction);
    }
  }
  const Value *written = nullptr, *value = nullptr;
  if (const auto *store = dyn_cast<StoreInst>(&instruction))
    written = store->getPointerOperand(), value = store->getValueOperand();
  else if (const auto *exchange = dyn_cast<AtomicRMWInst>(&instruction))
    written = exchange->getPointerOperand(), value = exchange->getValOperand();
  if (written) {
    Kind found = memory(written);
    // Lengths and pointers are written to a shadow as they are.
    bool is_derivative = kind(value) == Kind::Tangent || value->getType()->isFPOrFPVectorTy();
    if (found == Kind::Shadow)
      return (forward ? is_derivative : !in_sweep) ? (forward ? Tangent : Adjoint) : Shadow;
    if (written->getName() == enzyme::RETURN_SLOT)
      return is(instruction, Kind::Plain, Primal);
    return found == Kind::Plain ? (in_sweep ? plain(instruction) : Recompute) : role_of(found);
  }
  if (const auto *call = dyn_cast<CallBase>(&instruction)) {
    if (auto derived = derived_call(*call))
      return *derived;
    for (const Use &argument : call->args())
      if (Kind found = kind(argument); found == Kind::Adjoint || found == Kind::Tangent)
        return is(instruction, found, role_of(found));
    return called(*call);
  }
  if (name.contains(enzyme::SHADOW_OPERATION))
    return is(instruction, Kind::Shadow, Shadow);
  if (const auto *taken = dyn_cast<ExtractValueInst>(&instruction))
    if (auto of_callee = returned(*taken))
      return *of_callee;
  if (isa<ExtractValueInst>(instruction) && (name.contains(enzyme::NAMES_CACHE) || name.contains(enzyme::NAMES_TAPE)))
    return is(instruction, Kind::Plain, Cache);
  // An address is what its base is, whichever element it is of.
  if (const auto *gep = dyn_cast<GetElementPtrInst>(&instruction)) {
    Kind found = memory(gep->getPointerOperand());
    return found == Kind::Plain ? plain(instruction) : is(instruction, found, role_of(found));
  }
  bool counts = false;
  for (Kind wanted : {Kind::Adjoint, Kind::Tangent, Kind::Shadow, Kind::Slot, Kind::Cache})
    for (const Use &operand : instruction.operands())
      if (kind(operand) == wanted)
        return is(instruction, wanted, role_of(wanted));
  for (const Use &operand : instruction.operands())
    counts |= kind(operand) == Kind::Counter;
  if (counts && !name.contains(enzyme::RECOMPUTED))
    return is(instruction, Kind::Counter, Control);
  return plain(instruction);
}
