// Which instruction of the primal an instruction of the derivative belongs to.

#include "derivative.h"

#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/ValueSymbolTable.h"

using namespace irad;
using namespace llvm;

unsigned Derivative::number_of_slot(const Value *slot) const {
  if (const auto *memory = dyn_cast<Instruction>(slot); memory && origin_of(*memory).kind == IRAD_ORIGIN_SLOT)
    if (unsigned number = origin_of(*memory).number)
      return number;
  StringRef name = slot->getName();
  if (unsigned number = named.lookup(name.take_until([](char letter) { return letter == '\''; })))
    return number;
  for (const User *user : slot->users())
    if (const auto *store = dyn_cast<StoreInst>(user); store && !sweep.contains(store->getParent()))
      if (const auto *zero = dyn_cast<Constant>(store->getValueOperand()); zero && zero->isNullValue())
        return number_of(*store);
  return 0;
}

SmallVector<unsigned, 2> Derivative::copied_from(const Value *value, int depth) const {
  SmallVector<unsigned, 2> found;
  const auto *instruction = dyn_cast<Instruction>(value);
  if (!instruction || depth > 8)
    return found;
  if (unsigned number = copies.lookup(instruction)) {
    found.push_back(number);
  } else if (isa<PHINode>(instruction) || isa<CastInst>(instruction)) {
    for (const Use &operand : instruction->operands())
      if (operand != instruction)
        found.append(copied_from(operand, depth + 1));
  }
  return found;
}

unsigned Derivative::number_of_tape(const Value *value) const {
  if (const auto *load = dyn_cast<LoadInst>(value))
    value = load->getPointerOperand();
  const auto *taken = dyn_cast<ExtractValueInst>(value);
  const auto *call = taken ? dyn_cast<CallBase>(taken->getAggregateOperand()) : nullptr;
  return call && named_after(*call, enzyme::AUGMENTED) ? number_of(*call) : 0;
}

unsigned Derivative::number_of_cache(const Value *pointer) const {
  if (unsigned number = number_of_tape(pointer))
    return number;
  for (int depth = 0; depth < 32; depth++) {
    if (const auto *step = dyn_cast<Instruction>(pointer); step && origin_of(*step).kind == IRAD_ORIGIN_CACHE)
      if (unsigned number = origin_of(*step).number)
        return number;
    if (const auto *gep = dyn_cast<GetElementPtrInst>(pointer))
      pointer = gep->getPointerOperand();
    else if (const auto *load = dyn_cast<LoadInst>(pointer))
      pointer = load->getPointerOperand();
    else
      break;
  }
  StringRef name = pointer->getName();
  size_t end = std::min(name.find(enzyme::ALLOCATION_CACHE), name.find(enzyme::CACHE));
  if (end == StringRef::npos || end == 0)
    return 0;
  StringRef of = name.take_front(end);
  // Of a shadow it is called after the value and what the shadow is.
  for (StringRef name : {of, of.take_front(of.find(enzyme::SHADOW_OPERATION))})
    if (unsigned number = named.lookup(name))
      return number;
  if (const Value *value = derivative.getValueSymbolTable()->lookup(of)) {
    if (auto found = copied_from(value); !found.empty())
      return found.front();
    return number_of_tape(value);
  }
  return 0;
}

unsigned Derivative::number_of_nameless(const Instruction &instruction) const {
  unsigned found = 0;
  for (unsigned number = 1; number < originals.size(); number++) {
    const Instruction &original = *originals[number];
    if (original.hasName() || !is_alike(instruction, original) || isa<PHINode>(original))
      continue;
    bool is_it = true;
    for (unsigned at = 0; at < original.getNumOperands(); at++) {
      const Value *value = instruction.getOperand(at);
      unsigned wanted = places.lookup(original.getOperand(at));
      unsigned known = taken.lookup(value);
      if (!known)
        known = copies.lookup(dyn_cast<Instruction>(value));
      // The counter of a loop is called after the loop's variable.
      if (const auto *load = dyn_cast<LoadInst>(value); load && kind(load) == Kind::Counter)
        known = named.lookup(load->getPointerOperand()->getName().take_until(
            [](char letter) { return letter == '\''; }));
      is_it &= !wanted || wanted == known;
    }
    if (is_it && found)
      return 0;
    if (is_it)
      found = number;
  }
  return found;
}

unsigned Derivative::number_before(const Instruction &instruction) const {
  unsigned number = number_of(instruction);
  if (!number || number >= originals.size() || isa<PHINode>(instruction) ||
      instruction.isTerminator() || is_inlined(instruction))
    return number < originals.size() ? number : 0;
  if (instruction.getName().contains(enzyme::SHADOW_OPERATION))
    return number;
  const Instruction *next = originals[number], *own = next->getPrevNode();
  if (const auto *call = dyn_cast<CallBase>(&instruction)) {
    const auto *theirs = dyn_cast<CallBase>(next);
    if (!isa<IntrinsicInst>(call) ||
        (theirs && theirs->getCalledOperand() == call->getCalledOperand()))
      return number;
  }
  // A store's is made before it.
  auto stores = [](const User *user) { return isa<StoreInst>(user); };
  if (isa<StoreInst>(next) &&
      (stores(&instruction) ||
       (isa<ExtractValueInst>(instruction) && all_of(instruction.users(), stores))))
    return number;
  // The last value is made for the return.
  if (isa<ReturnInst>(next) && isa<InsertValueInst>(instruction) &&
      instruction.getType()->isStructTy() &&
      instruction.getType() == derivative.getReturnType())
    return number;
  if (!own)
    return number;
  for (const Instruction *before = instruction.getPrevNode(); before; before = before->getPrevNode())
    if (copies.lookup(before) == number)
      return number;
  return number - 1;
}

unsigned Derivative::number_in(const Instruction &instruction, uint8_t role,
                   const DenseMap<const Value *, unsigned> &before, unsigned &phi) const {
  if (unsigned number = origin_of(instruction).number)
    return number;
  StringRef name = instruction.getName();
  if (size_t end = name.find(enzyme::RECOMPUTED); role == Recompute && end != StringRef::npos) {
    if (unsigned number = named.lookup(name.take_front(end)))
      return number;
    return is_inlined(instruction) ? number_of(instruction) : number_of_nameless(instruction);
  }
  if (role == Recompute && isa<PHINode>(instruction) && !is_inlined(instruction))
    return number_of_nameless(instruction);
  if (size_t end = name.find(enzyme::SHADOW_OPERATION); role == Shadow && end != StringRef::npos)
    if (unsigned number = named.lookup(name.take_front(end)))
      return number;
  if (unsigned number = copies.lookup(&instruction))
    return number;
  if (const auto *taken = dyn_cast<ExtractValueInst>(&instruction))
    if (const auto *call = dyn_cast<CallBase>(taken->getAggregateOperand());
        call && (named_after(*call, enzyme::FORWARD) || named_after(*call, enzyme::REVERSE)))
      return number_of(*call);
  if (role == Primal && name.contains(enzyme::LEAVES_LOOP)) {
    auto found = copied_from(&instruction);
    return found.empty() ? 0 : found.front();
  }
  if (forward && (role == Tangent || role == Control) && !isa<AllocaInst>(instruction)) {
    unsigned number = number_before(instruction);
    // What is returned is of nothing in particular, as in reverse mode.
    if (number || instruction.getType() == derivative.getReturnType())
      return number;
  }
  const Value *slot = &instruction;
  if (const auto *store = dyn_cast<StoreInst>(&instruction))
    slot = store->getPointerOperand();
  else if (const auto *load = dyn_cast<LoadInst>(&instruction))
    slot = load->getPointerOperand();
  bool is_of_slot = kind(slot) == Kind::Slot;
  if (role == Cache) {
    if (const auto *store = dyn_cast<StoreInst>(&instruction)) {
      if (auto found = copied_from(store->getValueOperand()); !found.empty())
        return found.front();
      if (unsigned number = number_of_tape(store->getValueOperand()))
        return number;
      // Shadows are cached as values are.
      if (const auto *value = dyn_cast<Instruction>(store->getValueOperand());
          value && kind(value) == Kind::Shadow)
        return number_in(*value, Shadow, before, phi);
    }
    if (unsigned number = number_of_cache(slot))
      return number;
    if (const auto *call = dyn_cast<CallBase>(&instruction))
      for (const Use &argument : call->args())
        if (unsigned number = number_of_cache(argument))
          return number;
  }
  // Where the builder of a slot stood is where it happened to stand.
  if (unsigned number = number_of(instruction); number && !isa<AllocaInst>(instruction))
    return number < originals.size() ? number : 0;
  if (is_of_slot) {
    unsigned number = number_of_slot(slot);
    // What a phi's adjoint is handed on to is of the phi: first its slot is emptied.
    const auto *load = dyn_cast<LoadInst>(&instruction);
    const auto *store = dyn_cast_or_null<StoreInst>(instruction.getNextNode());
    if (load && store && store->getPointerOperand() == slot && number &&
        isa<Constant>(store->getValueOperand()) && isa<PHINode>(originals[number]))
      phi = number;
    return phi && !sweep.contains(instruction.getParent()) ? phi : number;
  }
  if (isa<AllocaInst>(instruction)) {
    size_t end = std::min(name.find(enzyme::SHADOW), std::min(name.find(enzyme::CACHE), name.find(enzyme::ALLOCATION_CACHE)));
    return named.lookup(name.take_front(end));
  }
  if (role == Adjoint || role == Tangent)
    for (const Use &operand : instruction.operands())
      if (unsigned number = before.lookup(operand))
        return number;
  return 0;
}
