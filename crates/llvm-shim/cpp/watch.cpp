// Has a derivative tell what it computes: which adjoint each value of the primal has when its turn comes, who
// added what to it, which tangents there are, and what the derivative takes for the primal's values.

#include "derivative.h"
#include "seen.h"

#include "llvm-c/Core.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

using namespace irad;
using namespace llvm;

namespace {

bool is_float(const Type *type) { return type->isDoubleTy() || type->isFloatTy(); }

bool is_told(const Type *type) {
  return is_float(type) || (type->isIntegerTy() && type->getIntegerBitWidth() <= 64);
}

class Watch {
  Function &derivative;
  ArrayRef<uint8_t> roles;
  ArrayRef<uint32_t> numbers;
  ArrayRef<IradOrigin> origins;
  bool forward;
  std::vector<const Instruction *> originals{nullptr};
  StringMap<unsigned> parameters; // by name, behind the instructions
  DenseMap<const Value *, unsigned> slots;
  IRBuilder<> builder;

public:
  Watch(const Function &primal, Function &derivative, bool forward, ArrayRef<uint8_t> roles,
        ArrayRef<uint32_t> numbers, ArrayRef<IradOrigin> origins)
      : derivative(derivative), roles(roles), numbers(numbers), origins(origins), forward(forward),
        builder(derivative.getContext()) {
    for (const BasicBlock &block : primal)
      for (const Instruction &instruction : block)
        originals.push_back(&instruction);
    for (const Argument &parameter : primal.args())
      parameters[parameter.getName()] = originals.size() + parameter.getArgNo();
  }

  void run() {
    std::vector<Instruction *> all;
    for (BasicBlock &block : derivative)
      for (Instruction &instruction : block)
        all.push_back(&instruction);
    for (Instruction *instruction : all)
      if (auto *slot = dyn_cast<AllocaInst>(instruction))
        note_slot(*slot);
    BasicBlock *block = nullptr;
    DenseSet<unsigned> taken;
    DenseMap<unsigned, Instruction *> tangents;
    for (Instruction *instruction : all) {
      if (instruction->getParent() != block) {
        tell_tangents(tangents);
        taken.clear();
        block = instruction->getParent();
      }
      if (forward)
        forwards(*instruction, tangents);
      else
        backwards(*instruction, taken);
      copies(*instruction);
    }
    tell_tangents(tangents);
  }

private:
  unsigned place(const Instruction &instruction) const {
    unsigned place = ::number_of(instruction);
    return place <= roles.size() ? place : 0;
  }
  unsigned primal_of(const Instruction &instruction) const {
    unsigned at = place(instruction);
    return at ? numbers[at - 1] : 0;
  }
  uint8_t role(const Instruction &instruction) const {
    unsigned at = place(instruction);
    return at ? roles[at - 1] : uint8_t(Control);
  }
  IradOrigin origin(const Instruction &instruction) const {
    unsigned at = place(instruction);
    return at && at <= origins.size() ? origins[at - 1] : IradOrigin{};
  }
  const Instruction *original(unsigned number) const {
    return number && number < originals.size() ? originals[number] : nullptr;
  }
  bool is_first(const Instruction &instruction) const {
    return instruction.getParent() == &derivative.getEntryBlock();
  }

  void note_slot(const AllocaInst &slot) {
    if (!ends_with(slot.getName(), enzyme::SLOT) || !is_float(slot.getAllocatedType()))
      return;
    unsigned number = primal_of(slot);
    if (!number)
      number = parameters.lookup(slot.getName().take_until([](char letter) { return letter == '\''; }));
    if (number)
      slots[&slot] = number;
  }

  // --- calls ---

  FunctionCallee runtime(const void *address, ArrayRef<Type *> parameters) {
    auto *type = FunctionType::get(builder.getVoidTy(), parameters, false);
    return {type, builder.CreateIntToPtr(builder.getInt64(reinterpret_cast<uint64_t>(address)),
                                         builder.getPtrTy())};
  }

  Value *wide(Value *value) {
    Type *real = builder.getDoubleTy();
    if (value->getType()->isIntegerTy(1))
      return builder.CreateUIToFP(value, real);
    if (value->getType()->isIntegerTy())
      return builder.CreateSIToFP(value, real);
    return value->getType() == real ? value : builder.CreateFPExt(value, real);
  }

  void tell(IradSeenKind kind, unsigned number, unsigned by, Value *value) {
    Type *word = builder.getInt32Ty();
    builder.CreateCall(runtime(reinterpret_cast<const void *>(&irad_seen_derived),
                               {word, word, word, builder.getDoubleTy()}),
                       {builder.getInt32(kind), builder.getInt32(number), builder.getInt32(by),
                        wide(value)});
  }

  bool go_behind(Instruction &instruction) {
    if (instruction.isTerminator())
      return false;
    if (isa<PHINode>(instruction))
      builder.SetInsertPoint(&*instruction.getParent()->getFirstInsertionPt());
    else
      builder.SetInsertPoint(instruction.getNextNode());
    builder.SetCurrentDebugLocation(DebugLoc());
    return true;
  }

  // --- what is told ---

  // When the turn of a value comes, its adjoint is taken out of its slot; that of memory out of its shadow.
  void backwards(Instruction &instruction, DenseSet<unsigned> &taken) {
    unsigned number = primal_of(instruction);
    if (auto *load = dyn_cast<LoadInst>(&instruction); load && is_float(load->getType())) {
      auto slot = slots.find(load->getPointerOperand());
      bool is_turn = slot != slots.end()
                         ? slot->second == number && !is_first(instruction)
                         : role(instruction) == Adjoint &&
                               isa_and_nonnull<StoreInst>(original(number)) &&
                               !ends_with(load->getPointerOperand()->getName(), enzyme::SLOT);
      if (is_turn && number && taken.insert(number).second && go_behind(instruction))
        tell(IRAD_SEEN_ADJOINT, number, place(instruction), load);
      return;
    }
    auto *store = dyn_cast<StoreInst>(&instruction);
    if (!store || is_first(instruction))
      return;
    auto slot = slots.find(store->getPointerOperand());
    auto *constant = dyn_cast<Constant>(store->getValueOperand());
    if (slot == slots.end() || (constant && constant->isNullValue()))
      return;
    builder.SetInsertPoint(store);
    builder.SetCurrentDebugLocation(DebugLoc());
    Value *before = builder.CreateLoad(store->getValueOperand()->getType(), store->getPointerOperand());
    Type *word = builder.getInt32Ty(), *real = builder.getDoubleTy();
    builder.CreateCall(
        runtime(reinterpret_cast<const void *>(&irad_seen_added), {word, word, real, real}),
        {builder.getInt32(slot->second), builder.getInt32(number), wide(before),
         wide(store->getValueOperand())});
  }

  // The tangent of a value is what Enzyme says it is, or else the last of the value's own instructions.
  void forwards(Instruction &instruction, DenseMap<unsigned, Instruction *> &tangents) {
    unsigned number = primal_of(instruction);
    const Instruction *of = original(number);
    if (!of)
      return;
    if (auto *store = dyn_cast<StoreInst>(&instruction)) {
      Value *value = store->getValueOperand();
      if (!isa<StoreInst>(of) || !is_float(value->getType()) || role(instruction) == Primal)
        return;
      builder.SetInsertPoint(store);
      builder.SetCurrentDebugLocation(DebugLoc());
      return tell(IRAD_SEEN_TANGENT, number, place(instruction), value);
    }
    if (role(instruction) != Tangent || instruction.getType() != of->getType() ||
        !is_float(instruction.getType()))
      return;
    Instruction *&found = tangents[number];
    // What has the same place was put behind it.
    if (found && origin(*found).kind == IRAD_ORIGIN_TANGENT && origin(*found).number == number &&
        place(*found) != place(instruction))
      return;
    found = &instruction;
  }

  void tell_tangents(DenseMap<unsigned, Instruction *> &tangents) {
    for (auto [number, instruction] : tangents)
      if (go_behind(*instruction))
        tell(IRAD_SEEN_TANGENT, number, place(*instruction), instruction);
    tangents.clear();
  }

  // What stands for a value of the primal: computed in the same order, or taken from a cache, or computed again.
  void copies(Instruction &instruction) {
    unsigned number = primal_of(instruction);
    const Instruction *of = original(number);
    if (!of || of->getType() != instruction.getType() || !is_told(instruction.getType()))
      return;
    uint8_t role = this->role(instruction);
    IradOrigin from = origin(instruction);
    bool is_copy = role == Primal && from.kind == IRAD_ORIGIN_COPY && from.number == number;
    bool is_again = (from.kind == IRAD_ORIGIN_RELOAD || from.kind == IRAD_ORIGIN_RECOMPUTE) &&
                    from.number == number && !from.of_shadow;
    if ((is_copy || is_again) && go_behind(instruction))
      tell(is_copy ? IRAD_SEEN_COPIED : IRAD_SEEN_AGAIN, number, place(instruction), &instruction);
  }
};

} // namespace

void irad_watch(LLVMValueRef primal, LLVMValueRef derivative, bool forward, const uint8_t *roles,
                const uint32_t *numbers, size_t count, const IradOrigin *origins,
                size_t origin_count) {
  Watch(*cast<Function>(unwrap(primal)), *cast<Function>(unwrap(derivative)), forward,
        ArrayRef(roles, count), ArrayRef(numbers, count), ArrayRef(origins, origin_count))
      .run();
}
