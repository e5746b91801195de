// What each instruction of a derivative is there for, and which instruction of the primal it is there
// for. Enzyme does not say; but it gives what it generates the source location of what it differentiates,
// and names after what they belong to. So the primal's instructions are numbered by locations first.
// C in, C out.

#include "roles.h"
#include "boundary.h"

#include "llvm-c/Core.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DepthFirstIterator.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Operator.h"
#include "llvm/IR/ValueSymbolTable.h"

#include <optional>
#include <vector>

using namespace irad;
using namespace llvm;

namespace {

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

class Roles {
  Function &derivative;
  bool forward;
  SmallPtrSet<const BasicBlock *, 32> sweep; // the primal's blocks, and what Enzyme put between them
  DenseMap<const Value *, Kind> kinds;
  std::vector<const Instruction *> originals; // by number, from 1
  DenseMap<const Value *, unsigned> places;   // the number of an original
  DenseMap<const Instruction *, unsigned> copies;
  StringMap<unsigned> named;
  DenseMap<const Value *, unsigned> taken; // what the reverse sweep has of which original

public:
  std::vector<uint8_t> roles;
  std::vector<unsigned> numbers;
  std::vector<uint8_t> kept; // by number: 1 cached, 2 recomputed, 4 used as it is

  Roles(const Function &primal, Function &derivative, bool forward)
      : derivative(derivative), forward(forward), originals{nullptr} {
    for (const BasicBlock &block : primal)
      for (const Instruction &instruction : block) {
        if (instruction.hasName())
          named[instruction.getName()] = originals.size();
        places[&instruction] = originals.size();
        originals.push_back(&instruction);
      }
    kept.assign(originals.size(), 0);
    std::vector<const BasicBlock *> todo{&derivative.getEntryBlock()};
    while (!todo.empty()) {
      const BasicBlock *block = todo.back();
      todo.pop_back();
      bool undoes = block->getName().starts_with("invert") && !forward;
      if (undoes || !sweep.insert(block).second)
        continue;
      for (const BasicBlock *next : successors(block))
        todo.push_back(next);
    }
    for (const Argument &argument : derivative.args())
      if (auto role = role_of_parameter(argument, forward))
        kinds[&argument] = *role == Adjoint   ? Kind::Adjoint
                           : *role == Cache   ? Kind::Cache
                           : *role == Tangent ? Kind::Tangent
                                              : Kind::Shadow;
    // What a phi carries around a loop is known after one iteration.
    for (int round = 0; round < 3; round++) {
      roles.clear();
      copies.clear();
      ReversePostOrderTraversal<Function *> order(&derivative);
      DenseMap<const Instruction *, uint8_t> found;
      for (BasicBlock *block : order)
        for (Instruction &instruction : *block)
          found[&instruction] = role(instruction);
      for (BasicBlock &block : derivative)
        for (Instruction &instruction : block) {
          auto at = found.find(&instruction);
          roles.push_back(at == found.end() ? uint8_t(Control) : at->second);
        }
    }
    pair_up();
  }

private:
  Kind kind(const Value *value) const { return kinds.lookup(value); }

  // What the memory is for that a pointer points to.
  Kind memory(const Value *pointer) const {
    for (int depth = 0; depth < 32; depth++) {
      if (Kind found = kind(pointer); found != Kind::Plain)
        return found;
      if (const auto *gep = dyn_cast<GetElementPtrInst>(pointer))
        pointer = gep->getPointerOperand();
      else if (const auto *cast = dyn_cast<CastInst>(pointer))
        pointer = cast->getOperand(0);
      else
        break;
    }
    return Kind::Plain;
  }

  static Role role_of(Kind kind) {
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

  Role is(const Instruction &instruction, Kind kind, Role role) {
    kinds[&instruction] = kind;
    return role;
  }

  // True when a value of the derivative cannot stand for one of the primal.
  bool contradicts(const Value *value, const Value *original) const {
    if (isa<MetadataAsValue>(original) || isa<BasicBlock>(original))
      return false;
    if (const auto *parameter = dyn_cast<Argument>(original)) {
      const auto *argument = dyn_cast<Argument>(value);
      return !argument || (parameter->hasName() && parameter->getName() != argument->getName());
    }
    unsigned number = places.lookup(original);
    if (!number)
      return value != original;
    switch (kind(value)) {
    case Kind::Plain:
    case Kind::Cache:
      break;
    case Kind::Counter:
      return !isa<PHINode>(original);
    default:
      return true;
    }
    unsigned known = copies.lookup(dyn_cast<Instruction>(value));
    return isa<Argument>(value) || (known && known != number);
  }

  // True when an instruction does what one of the primal does, as far as both can be compared.
  bool is_alike(const Instruction &instruction, const Instruction &original) const {
    if (original.getOpcode() != instruction.getOpcode() ||
        original.getType() != instruction.getType() ||
        original.getNumOperands() != instruction.getNumOperands())
      return false;
    if (const auto *call = dyn_cast<CallBase>(&instruction);
        call && call->getCalledOperand() != cast<CallBase>(original).getCalledOperand())
      return false;
    // From where a phi comes is written in no particular order, and it may come from below.
    if (isa<PHINode>(instruction))
      return true;
    for (unsigned at = 0; at < original.getNumOperands(); at++)
      if (contradicts(instruction.getOperand(at), original.getOperand(at)))
        return false;
    return true;
  }

  // What Enzyme makes it makes with fast arithmetic; its copies keep the flags and the names that they had.
  bool is_copy(const Instruction &instruction, const Instruction &original) const {
    if (original.hasName() && original.getName() != instruction.getName())
      return false;
    if (isa<FPMathOperator>(instruction) &&
        instruction.getFastMathFlags() != original.getFastMathFlags())
      return false;
    return is_alike(instruction, original);
  }

  // What is computed from nothing of the derivative.
  Role plain(const Instruction &instruction) {
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
    if (in_sweep && name.contains("!manual_lcssa"))
      return is(instruction, Kind::Plain, Primal);
    // In inlined code only arithmetic that Enzyme made is fast.
    bool is_fast = isa<FPMathOperator>(instruction) && instruction.isFast();
    if (is_inlined(instruction) && !is_fast) {
      if (in_sweep)
        return is(instruction, Kind::Plain, Primal);
      if (instruction.getType()->isFPOrFPVectorTy())
        return is(instruction, Kind::Plain, Recompute);
    }
    if (name.contains("_unwrap"))
      return is(instruction, Kind::Plain, Recompute);
    // A phi that is computed again is taken apart, and its value comes together there.
    if (isa<PHINode>(instruction) && instruction.getParent()->getName().contains("_phimerge"))
      return is(instruction, Kind::Plain, Recompute);
    // What the primal returns goes through a slot to the derivative's only return.
    bool returns = isa<StoreInst>(instruction) ? in_sweep : isa<InsertValueInst>(instruction);
    if (returns || name == "retreload")
      return is(instruction, Kind::Plain, Primal);
    // A rule compares to choose, not to branch.
    if (isa<FCmpInst>(instruction) && !again)
      return is(instruction, Kind::Plain, forward ? Tangent : Adjoint);
    // Bounds of loops and the like; and what a rule for a derivative computes of the primal's values.
    if (!instruction.getType()->isFPOrFPVectorTy())
      return is(instruction, Kind::Plain, again && !forward ? Recompute : Control);
    return is(instruction, Kind::Plain, forward ? Tangent : again ? Recompute : Adjoint);
  }

  static bool named_after(const CallBase &call, StringRef start) {
    const auto *callee = dyn_cast<Function>(call.getCalledOperand()->stripPointerCasts());
    return callee && callee->getName().starts_with(start);
  }

  // What is taken out of what a callee's derivative returns: the callee's own value comes first, if it comes.
  std::optional<Role> returned(const ExtractValueInst &taken) {
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
    if (named_after(*call, "augmented_")) {
      if (ends_with(taken.getName(), "'ac"))
        return is(taken, Kind::Shadow, Shadow);
      if (taken.getName().contains("tape") || taken.getName().contains("cache"))
        return is(taken, is_pointer ? Kind::Cache : Kind::Plain, Cache);
      if (taken.getType() == originals[number]->getType())
        return primal();
    } else if (named_after(*call, "fwddiffe")) {
      if (type->getNumElements() != 2 || type->getElementType(0) != originals[number]->getType())
        return std::nullopt;
      if (is_first)
        return primal();
      return is_pointer ? is(taken, Kind::Shadow, Shadow) : is(taken, Kind::Tangent, Tangent);
    } else if (named_after(*call, "diffe") && is_first && !is_accumulated(taken)) {
      return primal();
    }
    return std::nullopt;
  }

  // True for an adjoint that a callee's derivative returned: it is added to what is there.
  static bool is_accumulated(const Instruction &returned) {
    return returned.use_empty() || any_of(returned.users(), [](const User *user) {
             const auto *sum = dyn_cast<BinaryOperator>(user);
             return sum && sum->getOpcode() == Instruction::FAdd && sum->isFast();
           });
  }

  // A call of what Enzyme made of a callee.
  std::optional<Role> derived_call(const CallBase &call) {
    // The primal's half of a callee's derivative, which gives its value and a tape.
    if (named_after(call, "augmented_")) {
      copies[&call] = number_of(call);
      return is(call, Kind::Plain, Primal);
    }
    if (named_after(call, "diffe"))
      return is(call, Kind::Adjoint, Adjoint);
    if (named_after(call, "fwddiffe"))
      return is(call, holds_pointers(call.getType()) ? Kind::Shadow : Kind::Tangent, Tangent);
    return std::nullopt;
  }

  Role called(const CallBase &call) {
    StringRef name = call.getName();
    if (name.contains("_malloccache") || name.contains("_cache"))
      return is(call, Kind::Cache, Cache);
    if (ends_with(name, "'mi") || name.contains("'ip"))
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

  Role role(const Instruction &instruction) {
    bool in_sweep = sweep.contains(instruction.getParent());
    StringRef name = instruction.getName();
    if (instruction.isTerminator() && !isa<InvokeInst>(instruction))
      return Control;
    if (isa<AllocaInst>(instruction)) {
      if (ends_with(name, "'de"))
        return is(instruction, Kind::Slot, Adjoint);
      if (is_counter(name, cast<AllocaInst>(instruction).getAllocatedType()))
        return is(instruction, Kind::Counter, Control);
      // Forward mode counts how often a loop has run, and nobody asks.
      if (forward && name.starts_with("loopLimit_cache"))
        return is(instruction, Kind::Counter, Control);
      if (name.contains("_cache") || name.contains("_malloccache"))
        return is(instruction, Kind::Cache, Cache);
      if (name.contains("'"))
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
      if (written->getName() == "toreturn")
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
    if (name.contains("'ip"))
      return is(instruction, Kind::Shadow, Shadow);
    if (const auto *taken = dyn_cast<ExtractValueInst>(&instruction))
      if (auto of_callee = returned(*taken))
        return *of_callee;
    if (isa<ExtractValueInst>(instruction) && (name.contains("cache") || name.contains("tape")))
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
    if (counts && !name.contains("_unwrap"))
      return is(instruction, Kind::Counter, Control);
    return plain(instruction);
  }

  // The value that an adjoint's slot is called after; of one without a name, the one whose adjoint is taken
  // out of it for good.
  unsigned number_of_slot(const Value *slot) const {
    StringRef name = slot->getName();
    if (unsigned number = named.lookup(name.take_until([](char letter) { return letter == '\''; })))
      return number;
    for (const User *user : slot->users())
      if (const auto *store = dyn_cast<StoreInst>(user); store && !sweep.contains(store->getParent()))
        if (const auto *zero = dyn_cast<Constant>(store->getValueOperand()); zero && zero->isNullValue())
          return number_of(*store);
    return 0;
  }

  // The instructions of the primal that a value of the sweep is a copy of, which may have gone through the
  // phis that Enzyme puts at the ends of loops.
  SmallVector<unsigned, 2> origins(const Value *value, int depth = 0) const {
    SmallVector<unsigned, 2> found;
    const auto *instruction = dyn_cast<Instruction>(value);
    if (!instruction || depth > 8)
      return found;
    if (unsigned number = copies.lookup(instruction)) {
      found.push_back(number);
    } else if (isa<PHINode>(instruction) || isa<CastInst>(instruction)) {
      for (const Use &operand : instruction->operands())
        if (operand != instruction)
          found.append(origins(operand, depth + 1));
    }
    return found;
  }

  // The call whose tape this is, or lies in the memory that this points to.
  unsigned number_of_tape(const Value *value) const {
    if (const auto *load = dyn_cast<LoadInst>(value))
      value = load->getPointerOperand();
    const auto *taken = dyn_cast<ExtractValueInst>(value);
    const auto *call = taken ? dyn_cast<CallBase>(taken->getAggregateOperand()) : nullptr;
    return call && named_after(*call, "augmented_") ? number_of(*call) : 0;
  }

  // What is kept in the cache that a pointer points into: it is called after that.
  unsigned number_of_cache(const Value *pointer) const {
    if (unsigned number = number_of_tape(pointer))
      return number;
    for (int depth = 0; depth < 32; depth++) {
      if (const auto *gep = dyn_cast<GetElementPtrInst>(pointer))
        pointer = gep->getPointerOperand();
      else if (const auto *load = dyn_cast<LoadInst>(pointer))
        pointer = load->getPointerOperand();
      else
        break;
    }
    StringRef name = pointer->getName();
    size_t end = std::min(name.find("_malloccache"), name.find("_cache"));
    if (end == StringRef::npos || end == 0)
      return 0;
    StringRef of = name.take_front(end);
    // Of a shadow it is called after the value and what the shadow is.
    for (StringRef name : {of, of.take_front(of.find("'ip"))})
      if (unsigned number = named.lookup(name))
        return number;
    if (const Value *value = derivative.getValueSymbolTable()->lookup(of)) {
      if (auto found = origins(value); !found.empty())
        return found.front();
      return number_of_tape(value);
    }
    return 0;
  }

  // The nameless instruction of the primal that is computed again, if its operands tell it from all others.
  unsigned number_of_nameless(const Instruction &instruction) const {
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

  // What forward mode makes for an instruction it makes behind that one's copy, with the location of what
  // comes next.
  unsigned number_before(const Instruction &instruction) const {
    unsigned number = number_of(instruction);
    if (!number || number >= originals.size() || isa<PHINode>(instruction) ||
        instruction.isTerminator() || is_inlined(instruction))
      return number < originals.size() ? number : 0;
    if (instruction.getName().contains("'ip"))
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

  // The instruction of the primal that one of the derivative belongs to.
  unsigned number_in(const Instruction &instruction, uint8_t role,
                     const DenseMap<const Value *, unsigned> &before, unsigned &phi) const {
    StringRef name = instruction.getName();
    if (size_t end = name.find("_unwrap"); role == Recompute && end != StringRef::npos) {
      if (unsigned number = named.lookup(name.take_front(end)))
        return number;
      return is_inlined(instruction) ? number_of(instruction) : number_of_nameless(instruction);
    }
    if (role == Recompute && isa<PHINode>(instruction) && !is_inlined(instruction))
      return number_of_nameless(instruction);
    if (size_t end = name.find("'ip"); role == Shadow && end != StringRef::npos)
      if (unsigned number = named.lookup(name.take_front(end)))
        return number;
    if (unsigned number = copies.lookup(&instruction))
      return number;
    if (const auto *taken = dyn_cast<ExtractValueInst>(&instruction))
      if (const auto *call = dyn_cast<CallBase>(taken->getAggregateOperand());
          call && (named_after(*call, "fwddiffe") || named_after(*call, "diffe")))
        return number_of(*call);
    if (role == Primal && name.contains("!manual_lcssa")) {
      auto found = origins(&instruction);
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
        if (auto found = origins(store->getValueOperand()); !found.empty())
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
      size_t end = std::min(name.find('\''), std::min(name.find("_cache"), name.find("_malloccache")));
      return named.lookup(name.take_front(end));
    }
    if (role == Adjoint || role == Tangent)
      for (const Use &operand : instruction.operands())
        if (unsigned number = before.lookup(operand))
          return number;
    return 0;
  }

  // What is of which instruction of the primal, and what becomes of that one's value.
  void pair_up() {
    size_t at = 0;
    DenseMap<const Value *, unsigned> before;
    for (BasicBlock &block : derivative) {
      bool in_sweep = sweep.contains(&block);
      unsigned phi = 0;
      for (Instruction &instruction : block) {
        uint8_t role = roles[at++];
        unsigned number = number_in(instruction, role, before, phi);
        numbers.push_back(number);
        if (role == Recompute || (role == Cache && !instruction.getType()->isPointerTy()))
          taken[&instruction] = number;
        if (role == Adjoint || role == Tangent)
          before[&instruction] = number;
        // Of a phi a choice may be left.
        if (role == Recompute && number && !is_inlined(instruction) &&
            (originals[number]->getOpcode() == instruction.getOpcode() ||
             (isa<PHINode>(originals[number]) && isa<SelectInst>(instruction))))
          kept[number] |= 2;
        // What a loop reads may be kept all at once.
        if (const auto *copy = dyn_cast<MemTransferInst>(&instruction);
            copy && in_sweep && role == Cache && memory(copy->getDest()) == Kind::Cache && number)
          kept[number] |= 1;
        if (const auto *store = dyn_cast<StoreInst>(&instruction); store && role == Cache) {
          for (unsigned original : origins(store->getValueOperand()))
            kept[original] |= 1;
        }
        if (forward || in_sweep)
          continue;
        for (const Use &operand : instruction.operands())
          if (const auto *used = dyn_cast<Instruction>(operand.get()))
            if (unsigned original = copies.lookup(used))
              kept[original] |= 4;
      }
    }
  }
};

} // namespace

// Tells the role and the number of every instruction of a derivative, and then for every instruction of
// the primal (which was numbered before) what becomes of its value.
void irad_roles(LLVMValueRef primal, LLVMValueRef derivative, bool forward,
                void (*told)(void *, uint8_t role, unsigned number), void *context,
                void (*kept)(void *, uint8_t kept), void *kept_context) {
  Roles roles(*cast<Function>(unwrap(primal)), *cast<Function>(unwrap(derivative)), forward);
  for (size_t at = 0; at < roles.roles.size(); at++)
    told(context, roles.roles[at], roles.numbers[at]);
  for (size_t at = 1; at < roles.kept.size(); at++)
    kept(kept_context, roles.kept[at]);
}
