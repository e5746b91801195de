// What Enzyme knows of each instruction of a derivative: which instruction of the primal it stands for, is the
// shadow of, keeps or computes again. `GradientUtils` knows it, and does not outlive the making of a derivative.
//
// `EnzymeLogic` ends each derivative with a call of `eraseFictiousPHIs`, when all is made and all is known. The
// build script redirects this call to `irad_enzyme_finish`, which makes the call itself and takes notes. Two of
// Enzyme's own hooks tell of what is not kept until then: stores to caches, and adjoints as they are added up.

#include "boundary.h"
#include "counters.h"

#include "CApi.h"
#include "DiffeGradientUtils.h"
#include "GradientUtils.h"

#include "llvm-c/Core.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/ValueMap.h"

#include <map>

using namespace llvm;

extern "C" {
extern LLVMValueRef *(*EnzymePostCacheStore)(LLVMValueRef, LLVMBuilderRef, uint64_t *size);
extern LLVMValueRef (*EnzymeSanitizeDerivatives)(LLVMValueRef, LLVMValueRef, LLVMBuilderRef,
                                                 LLVMValueRef);

// What `EnzymeLogic` calls in place of `GradientUtils::eraseFictiousPHIs`.
void irad_enzyme_finish(GradientUtils *made);
}

namespace {

// Passes of Enzyme's may still replace or erase what was noted.
using Notes = ValueMap<const Value *, IradOrigin>;

bool is_noting = false;
// By the derivative. Never taken apart: it may outlive the instructions.
std::map<const Function *, Notes *> &notes() {
  static auto *all = new std::map<const Function *, Notes *>;
  return *all;
}
// What the hooks have told of the derivatives that are being made.
Notes &stores() {
  static auto *all = new Notes;
  return *all;
}
Notes &adjoints() {
  static auto *all = new Notes;
  return *all;
}

LLVMValueRef *on_cache_store(LLVMValueRef store, LLVMBuilderRef, uint64_t *size) {
  stores()[unwrap(store)] = {IRAD_ORIGIN_CACHE_STORE, 0, 0, 0};
  *size = 0;
  return nullptr;
}

LLVMValueRef on_adjoint(LLVMValueRef, LLVMValueRef adjoint, LLVMBuilderRef, LLVMValueRef) {
  if (isa<Instruction>(unwrap(adjoint)))
    adjoints()[unwrap(adjoint)] = {IRAD_ORIGIN_ADJOINT, 0, 0, 0};
  return adjoint;
}

bool holds_pointers(const Type *type) {
  while (const auto *array = dyn_cast<ArrayType>(type))
    type = array->getElementType();
  return type->isPtrOrPtrVectorTy();
}

// Notes what one derivative is made of. What was noted first holds.
class Note {
  GradientUtils &made;
  Notes &noted;
  bool is_forward;
  DenseMap<const Value *, unsigned> numbers;  // of the primal
  DenseMap<const Value *, unsigned> inverted; // by the shadow

  void note(const Value *value, IradOriginKind kind, unsigned number, bool of_shadow = false) {
    const auto *instruction = dyn_cast_or_null<Instruction>(value);
    if (!instruction || !instruction->getParent() || instruction->getFunction() != made.newFunc)
      return;
    bool in_reverse = made.reverseBlockToPrimal.count(
        const_cast<BasicBlock *>(instruction->getParent()));
    noted.insert({value, IradOrigin{uint8_t(kind), in_reverse, of_shadow, number}});
  }

  // The instruction of the primal that a value of the derivative is or is the shadow of.
  std::pair<unsigned, bool> number_of(const Value *value) const {
    auto copy = made.newToOriginalFn.find(value);
    if (copy != made.newToOriginalFn.end())
      if (unsigned number = numbers.lookup(copy->second))
        return {number, false};
    return {inverted.lookup(value), true};
  }

  uint8_t said_of(const Value *value) const {
    auto found = noted.find(value);
    return found == noted.end() ? uint8_t(IRAD_ORIGIN_NONE) : found->second.kind;
  }

  bool is_cache(const Value *pointer) const {
    for (int depth = 0; depth < 32; depth++) {
      if (said_of(pointer) == IRAD_ORIGIN_CACHE)
        return true;
      if (const auto *gep = dyn_cast<GetElementPtrInst>(pointer))
        pointer = gep->getPointerOperand();
      else if (const auto *load = dyn_cast<LoadInst>(pointer))
        pointer = load->getPointerOperand();
      else
        break;
    }
    return false;
  }

  // False where something else stands for a value: behind a loop its limit stands for its counter.
  static bool does_again(const Value *available, const Value *value) {
    const auto *again = dyn_cast<Instruction>(available);
    const auto *first = dyn_cast<Instruction>(value);
    return again && first &&
           (again->getOpcode() == first->getOpcode() ||
            (isa<PHINode>(first) && isa<SelectInst>(again)));
  }

  // What stands for a value in the reverse sweep: it is taken from a cache or computed again.
  void note_available(const Value *value, const Value *available) {
    if (!available || available == value || noted.count(available))
      return;
    auto [number, of_shadow] = number_of(value);
    if (!number)
      return;
    const auto *load = dyn_cast<LoadInst>(available);
    if (load && said_of(load->getPointerOperand()) == IRAD_ORIGIN_COUNTER)
      note(available, IRAD_ORIGIN_COUNTER, number);
    else if (load && is_cache(load->getPointerOperand()))
      note(available, IRAD_ORIGIN_RELOAD, number, of_shadow);
    else if (does_again(available, value))
      note(available, IRAD_ORIGIN_RECOMPUTE, number, of_shadow);
  }

public:
  Note(GradientUtils &made, Notes &noted)
      : made(made), noted(noted),
        is_forward(made.mode == DerivativeMode::ForwardMode ||
                   made.mode == DerivativeMode::ForwardModeSplit ||
                   made.mode == DerivativeMode::ForwardModeError) {
    unsigned number = 0;
    for (Instruction &instruction : instructions(*made.oldFunc))
      numbers[&instruction] = ++number;
  }

  void take() {
    for (Instruction &instruction : instructions(*made.newFunc)) {
      auto copy = made.newToOriginalFn.find(&instruction);
      if (copy != made.newToOriginalFn.end())
        if (unsigned number = numbers.lookup(copy->second))
          note(&instruction, IRAD_ORIGIN_COPY, number);
    }
    for (auto &pair : made.loopContexts) {
      LoopContext &loop = pair.second;
      for (const Value *value : {static_cast<Value *>(loop.var), static_cast<Value *>(loop.incvar),
                                 static_cast<Value *>(loop.antivaralloc)})
        note(value, IRAD_ORIGIN_COUNTER, 0);
    }
    for (Instruction &original : instructions(*made.oldFunc)) {
      unsigned number = numbers.lookup(&original);
      auto shadow = made.invertedPointers.find(&original);
      if (shadow != made.invertedPointers.end()) {
        const Value *value = shadow->second;
        inverted.try_emplace(value, number);
        bool is_tangent = is_forward && !holds_pointers(value->getType());
        note(value, is_tangent ? IRAD_ORIGIN_TANGENT : IRAD_ORIGIN_SHADOW, number);
      }
    }
    take_slots();
    take_caches();
    for (auto &at : made.lookup_cache)
      for (auto pair : at.second)
        note_available(pair.first, pair.second);
    for (auto &at : made.unwrap_cache)
      for (auto pair : at.second)
        for (auto &scope : pair.second)
          note_available(pair.first, scope.second);
    if (!is_forward)
      for (Instruction &instruction : instructions(*made.newFunc))
        if (adjoints().count(&instruction))
          note(&instruction, IRAD_ORIGIN_ADJOINT, 0);
    // Of the rest it is known in which sweep it stands.
    for (Instruction &instruction : instructions(*made.newFunc))
      note(&instruction, IRAD_ORIGIN_NONE, 0);
  }

private:
  void take_slots() {
    // An augmented primal has none.
    if (made.mode == DerivativeMode::ReverseModePrimal)
      return;
    auto &slots = static_cast<DiffeGradientUtils &>(made).differentials;
    auto take = [&](const Value &original) {
      auto slot = slots.find(&original);
      if (slot != slots.end())
        note(slot->second, IRAD_ORIGIN_SLOT, numbers.lookup(&original));
    };
    for (Argument &parameter : made.oldFunc->args())
      take(parameter);
    for (Instruction &original : instructions(*made.oldFunc))
      take(original);
  }

  void take_caches() {
    for (Instruction &instruction : instructions(*made.newFunc))
      if (stores().count(&instruction))
        if (const auto *store = dyn_cast<StoreInst>(&instruction)) {
          auto [number, of_shadow] = number_of(store->getValueOperand());
          note(store, IRAD_ORIGIN_CACHE_STORE, number, number && of_shadow);
        }
    std::map<const AllocaInst *, std::pair<unsigned, bool>> kept;
    for (auto &pair : made.scopeMap) {
      const AllocaInst *cache = pair.second.first;
      auto found = number_of(pair.first);
      note(cache, IRAD_ORIGIN_CACHE, found.first, found.first && found.second);
      kept[cache] = found;
    }
    auto note_way = [&](const AllocaInst *cache, const Value *value) {
      auto found = kept.find(cache);
      bool is_way = isa<GetElementPtrInst>(value) || isa<LoadInst>(value) ||
                    isa<StoreInst>(value) || isa<CallBase>(value) || isa<CastInst>(value);
      if (found != kept.end() && is_way)
        note(value, IRAD_ORIGIN_CACHE, found->second.first,
             found->second.first && found->second.second);
    };
    for (auto &pair : made.scopeInstructions) {
      // How often a loop has run is kept, too, and is no value of the primal's.
      note(pair.first, IRAD_ORIGIN_CACHE, 0);
      for (auto &instruction : pair.second)
        note_way(pair.first, instruction);
    }
    for (auto &pair : made.scopeAllocs)
      for (auto &call : pair.second)
        note_way(pair.first, call);
    for (auto &pair : made.scopeFrees)
      for (auto &call : pair.second)
        note_way(pair.first, call);
  }
};

} // namespace

void irad_enzyme_finish(GradientUtils *made) {
  made->eraseFictiousPHIs();
  irad::settle_counters(*made);
  if (!is_noting)
    return;
  auto *noted = new Notes;
  Note(*made, *noted).take();
  notes()[made->newFunc] = noted;
}

void irad_enzyme_note_origins() {
  is_noting = true;
  EnzymePostCacheStore = on_cache_store;
  EnzymeSanitizeDerivatives = on_adjoint;
}

bool irad_enzyme_origins(LLVMValueRef derivative, IradOrigin *origins, size_t count) {
  auto &function = *cast<Function>(unwrap(derivative));
  auto found = notes().find(&function);
  if (found == notes().end())
    return false;
  size_t at = 0;
  for (const Instruction &instruction : instructions(function)) {
    if (at == count)
      return false;
    auto noted = found->second->find(&instruction);
    origins[at++] = noted == found->second->end() ? IradOrigin{} : noted->second;
  }
  return true;
}
