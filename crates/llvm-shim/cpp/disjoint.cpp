// Gives `noalias` to shadows that derivatives of called functions are handed, where they are memory of their own.
//
// Enzyme leaves shadows without it even where the primal's parameters have it: two parameters that are only read may be
// the same memory, and then so are their shadows, which are written. Two things show that two of them are not:
//
// - Rust's `&mut`. Shadows lie as the primal's memory does, so those of two references, one of which is unique, are as
//   disjoint as the references.
// - All places that call the derivative. What they hand over goes back to different allocations, or to different
//   parameters of the derivative that was asked for.
//
// And nothing else may lead there: a function that follows addresses which it found in memory is left as it is.

#include "boundary.h"

#include "enzyme_strings.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Analysis/AliasAnalysis.h"
#include "llvm/Analysis/MemoryBuiltins.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Operator.h"
#include "llvm-c/Core.h"

#include <optional>
#include <string>

using namespace llvm;
namespace enzyme = irad::enzyme;

namespace {

using Values = SmallPtrSet<const Value *, 8>;

// What was put into a local variable that holds an address, if nothing but loads and stores see the variable.
bool add_stored(const AllocaInst &slot, SmallVectorImpl<const Value *> &out) {
  for (const User *user : slot.users()) {
    if (isa<LoadInst>(user))
      continue;
    const auto *store = dyn_cast<StoreInst>(user);
    if (!store || store->getValueOperand() == &slot || !store->getValueOperand()->getType()->isPointerTy())
      return false;
    out.push_back(store->getValueOperand());
  }
  return true;
}

// What a pointer may lead into. Enzyme keeps addresses in local variables, which are looked through.
SmallVector<const Value *, 4> objects_behind(const Value *pointer) {
  SmallVector<const Value *, 4> todo = {pointer};
  SmallSetVector<const Value *, 4> out;
  SmallPtrSet<const AllocaInst *, 4> slots;
  while (!todo.empty()) {
    SmallVector<const Value *, 4> objects, stored;
    getUnderlyingObjects(todo.pop_back_val(), objects, nullptr, 0);
    for (const Value *object : objects) {
      const auto *load = dyn_cast<LoadInst>(object);
      const auto *slot = load ? dyn_cast<AllocaInst>(load->getPointerOperand()) : nullptr;
      stored.clear();
      if (!slot || !add_stored(*slot, stored))
        out.insert(object);
      else if (slots.insert(slot).second)
        todo.append(stored);
    }
  }
  return out.takeVector();
}

// The calls of a function, if nothing but calls within the module refers to it.
std::optional<SmallVector<const CallBase *, 4>> calls_of(const Function &function) {
  if (!function.hasLocalLinkage())
    return std::nullopt;
  SmallVector<const CallBase *, 4> out;
  for (const Use &use : function.uses()) {
    const auto *call = dyn_cast<CallBase>(use.getUser());
    if (!call || !call->isCallee(&use) || call->getFunctionType() != function.getFunctionType())
      return std::nullopt;
    out.push_back(call);
  }
  return out;
}

// An address that nothing lies at: where a slice has no elements, or nobody looks.
bool is_nowhere(const Value *object) {
  if (isa<UndefValue, ConstantPointerNull>(object))
    return true;
  const auto *expression = dyn_cast<ConstantExpr>(object);
  return expression && expression->getOpcode() == Instruction::IntToPtr;
}

bool is_tape(const Argument &argument) { return argument.getName() == enzyme::TAPE; }

// No array of caches is in more loops than that.
constexpr unsigned DEEPEST = 8;

std::optional<std::string> path_of(const Value *object, unsigned depth = 0);

// Where in what `base` leads to an address is loaded from, as far as it matters which of several it is.
std::optional<std::string> path_in(const Value *place, unsigned depth) {
  const auto *step = dyn_cast<GetElementPtrInst>(place);
  const Value *base = step ? step->getPointerOperand() : place;
  if (isa<GEPOperator>(base))
    return std::nullopt;
  std::optional<std::string> out;
  for (const Value *object : objects_behind(base)) {
    std::optional<std::string> path = path_of(object, depth + 1);
    if (!path || (out && out != path))
      return std::nullopt;
    out = path;
  }
  if (!out || !step)
    return out ? std::optional(*out + "[0]") : std::nullopt;
  const DataLayout &layout = step->getDataLayout();
  APInt offset(layout.getIndexTypeSizeInBits(step->getType()), 0);
  if (step->accumulateConstantOffset(layout, offset))
    return *out + "[" + std::to_string(offset.getSExtValue()) + "]";
  // Any element of an array of addresses.
  if (step->getNumIndices() == 1 && step->getSourceElementType()->isPointerTy())
    return *out + "[]";
  return std::nullopt;
}

// Says which of the caches of a reverse derivative, or of the addresses in them, something is: the tape, what is taken
// out of it, or what Enzyme allocates to keep values in.
std::optional<std::string> path_of(const Value *object, unsigned depth) {
  std::string taken;
  while (const auto *value = dyn_cast<ExtractValueInst>(object)) {
    std::string indices;
    for (unsigned index : value->indices())
      indices += "." + std::to_string(index);
    taken = indices + taken;
    object = value->getAggregateOperand();
  }
  if (const auto *argument = dyn_cast<Argument>(object); argument && is_tape(*argument))
    return "tape" + taken;
  if (!taken.empty())
    return std::nullopt;
  if (isNoAliasCall(object) && object->getName().contains(enzyme::ALLOCATION_CACHE))
    return object->getName().str();
  const auto *load = dyn_cast<LoadInst>(object);
  if (!load || !load->getType()->isPointerTy() || depth == DEEPEST)
    return std::nullopt;
  return path_in(load->getPointerOperand(), depth);
}

const Argument *shadow_of(const Argument &primal) {
  const Function &function = *primal.getParent();
  if (primal.getArgNo() + 1 >= function.arg_size() || !primal.hasName())
    return nullptr;
  const Argument *next = function.getArg(primal.getArgNo() + 1);
  StringRef name = next->getName();
  return name.consume_back(enzyme::SHADOW) && name == primal.getName() ? next : nullptr;
}

// What Enzyme made a derivative of.
const Function *made_of(const Function &derivative) {
  for (StringRef prefix : {enzyme::REVERSE, enzyme::FORWARD, enzyme::AUGMENTED}) {
    StringRef name = derivative.getName();
    if (!name.consume_front(prefix))
      continue;
    if (const Function *found = derivative.getParent()->getFunction(name))
      return found;
    // The second derivative of a function has a number behind its name.
    auto [symbol, number] = name.rsplit('.');
    if (number.empty() || number.find_first_not_of("0123456789") != StringRef::npos)
      return nullptr;
    return derivative.getParent()->getFunction(symbol);
  }
  return nullptr;
}

bool is_all_rust(const Module &module) {
  const NamedMDNode *compilers = module.getNamedMetadata("llvm.ident");
  if (!compilers || compilers->getNumOperands() == 0)
    return false;
  for (const MDNode *node : compilers->operands()) {
    const auto *name = node->getNumOperands() ? dyn_cast<MDString>(node->getOperand(0)) : nullptr;
    if (!name || !name->getString().starts_with("rustc"))
      return false;
  }
  return true;
}

class Shadows {
  Module &module;
  TargetLibraryInfoImpl libraries;
  TargetLibraryInfo library;
  bool rust;
  // What functions reach by nothing that they are handed. None for one that follows addresses of unknown origin.
  DenseMap<const Function *, std::optional<Values>> reached;

public:
  explicit Shadows(Module &module)
      : module(module), libraries(module.getTargetTriple()), library(libraries), rust(is_all_rust(module)) {}

  void tell_apart() {
    SmallVector<Function *, 8> derivatives;
    for (Function &function : module) {
      auto calls = !function.isDeclaration() && made_of(function) ? calls_of(function) : std::nullopt;
      if (calls && !calls->empty() && reached_by(function))
        derivatives.push_back(&function);
    }
    SmallVector<Argument *, 8> apart;
    SmallSetVector<Function *, 8> others;
    for (Function *function : derivatives)
      for (Argument &argument : function->args()) {
        const Argument *shadow = shadow_of(argument);
        if (!shadow || !shadow->getType()->isPointerTy() || shadow->hasNoAliasAttr())
          continue;
        if (is_apart(*shadow, *made_of(*function)))
          apart.push_back(function->getArg(shadow->getArgNo()));
        else
          others.insert(function);
      }
    for (Argument *argument : apart)
      argument->addAttr(Attribute::NoAlias);
    for (Function *function : others)
      tell_caches_apart(*function);
  }

private:
  // Puts what a pointer may go back to into `out`; false where not all of that is known.
  bool roots(const Value *pointer, Values &seen, Values &out) {
    bool all = true;
    for (const Value *object : objects_behind(pointer)) {
      if (is_nowhere(object))
        continue;
      if (isa<AllocaInst, GlobalVariable>(object) || isNoAliasCall(object)) {
        out.insert(object);
        continue;
      }
      const auto *argument = dyn_cast<Argument>(object);
      if (!argument) {
        all = false;
        continue;
      }
      if (!seen.insert(argument).second)
        continue;
      auto calls = calls_of(*argument->getParent());
      if (!calls || calls->empty()) {
        all &= argument->hasNoAliasAttr();
        out.insert(argument);
        continue;
      }
      for (const CallBase *call : *calls)
        all &= roots(call->getArgOperand(argument->getArgNo()), seen, out);
    }
    return all;
  }

  // Whether two shadows, or a shadow and something else, lead to different memory.
  bool are_apart(const Argument &shadow, const Argument &other, const Function &primal) {
    Values seen, of_shadow, of_other;
    bool known = roots(&shadow, seen, of_shadow);
    seen.clear();
    known &= roots(&other, seen, of_other);
    const Reference here = reference(shadow, primal), there = reference(other, primal);
    const bool by_rust = here.is && there.is && (here.unique || there.unique);
    return (known || by_rust) && none_of(of_shadow, [&](const Value *root) {
             // Pieces of what is one allocation to LLVM are what Rust keeps apart; but the shadow of what has no
             // derivative may be one for several.
             return of_other.contains(root) && (!by_rust || isa<GlobalVariable>(root));
           });
  }

  // What Rust says of the parameter of the primal that this is the shadow of: true for a reference, and whether it is
  // a unique one.
  struct Reference {
    bool is;
    bool unique;
  };
  Reference reference(const Argument &shadow, const Function &primal) const {
    StringRef name = shadow.getName();
    if (!rust || !name.consume_back(enzyme::SHADOW))
      return {false, false};
    for (const Argument &argument : primal.args())
      if (argument.getName() == name)
        return {argument.hasNoAliasAttr(), argument.hasNoAliasAttr() && !argument.onlyReadsMemory()};
    return {false, false};
  }

  bool is_apart(const Argument &shadow, const Function &primal) {
    const Function &function = *shadow.getParent();
    const Values others = *reached_by(function);
    Values seen, own;
    if (!others.empty() &&
        (!roots(&shadow, seen, own) || any_of(own, [&](const Value *root) { return others.contains(root); })))
      return false;
    return all_of(function.args(), [&](const Argument &other) {
      return &other == &shadow || !other.getType()->isPointerTy() || is_tape(other) ||
             are_apart(shadow, other, primal);
    });
  }

  LibFunc known(const CallBase &call) const {
    LibFunc found = NotLibFunc;
    const Function *called = call.getCalledFunction();
    return called && library.getLibFunc(*called, found) ? found : NotLibFunc;
  }

  // LLVM knows those of C by attributes, which Enzyme does not write.
  const Value *freed_by(const CallBase &call) const {
    return known(call) == LibFunc_free ? call.getArgOperand(0) : getFreedOperand(&call, &library);
  }
  bool allocates(const CallBase &call) const {
    return is_contained({LibFunc_malloc, LibFunc_calloc}, known(call)) || isAllocationFn(&call, &library);
  }

  // A reverse derivative frees its caches at the end. The forward sweep has allocated them, and nobody else has their
  // addresses.
  StringSet<> caches(const Function &function) const {
    StringSet<> out;
    if (!function.getName().starts_with(enzyme::REVERSE))
      return out;
    for (const Instruction &instruction : instructions(function)) {
      const auto *call = dyn_cast<CallBase>(&instruction);
      const Value *freed = call ? freed_by(*call) : nullptr;
      if (!freed)
        continue;
      for (const Value *object : objects_behind(freed))
        if (std::optional<std::string> path = path_of(object))
          out.insert(*path);
    }
    return out;
  }

  static bool is_one_of(const StringSet<> &caches, const Value *object) {
    const std::optional<std::string> path = path_of(object);
    return path && caches.contains(*path);
  }

  // Says that what is kept is not where anything else is. The tape comes as a value that no attribute can say it of, and
  // where all shadows are apart, they are from it as well.
  void tell_caches_apart(Function &function) {
    const StringSet<> own = caches(function);
    if (own.empty())
      return;
    LLVMContext &context = module.getContext();
    MDBuilder metadata(context);
    MDNode *scope = metadata.createAnonymousAliasScope(metadata.createAnonymousAliasScopeDomain(), "tape");
    MDNode *scopes = MDNode::get(context, scope);
    bool is_used = false;
    for (Instruction &instruction : instructions(function)) {
      SmallVector<const Value *, 2> pointers;
      if (const Value *pointer = getLoadStorePointerOperand(&instruction))
        pointers.push_back(pointer);
      else if (const auto *copy = dyn_cast<MemTransferInst>(&instruction))
        pointers = {copy->getDest(), copy->getSource()};
      else if (const auto *set = dyn_cast<MemSetInst>(&instruction))
        pointers.push_back(set->getDest());
      // What was allocated here may be an element of a cache; nothing is said of that.
      unsigned in_cache = 0, elsewhere = 0, unknown = 0;
      for (const Value *pointer : pointers)
        for (const Value *object : objects_behind(pointer))
          (is_one_of(own, object)                                                                  ? in_cache
           : isa<AllocaInst, GlobalVariable>(object) || (isa<Argument>(object) && !is_tape(*cast<Argument>(object)))
               ? elsewhere
               : unknown)++;
      if (unknown || (in_cache == 0) == (elsewhere == 0))
        continue;
      const unsigned kind = in_cache ? LLVMContext::MD_alias_scope : LLVMContext::MD_noalias;
      instruction.setMetadata(kind, MDNode::concatenate(instruction.getMetadata(kind), scopes));
      is_used |= in_cache > 0;
    }
    // Where the function is inlined, each time is another one.
    if (is_used)
      IRBuilder<>(&*function.getEntryBlock().getFirstInsertionPt()).CreateNoAliasScopeDeclaration(scopes);
  }

  std::optional<Values> reached_by(const Function &function) {
    // Of one that calls itself nothing is known.
    auto [known, is_new] = reached.try_emplace(&function, std::nullopt);
    if (!is_new)
      return known->second;
    std::optional<Values> found = look_into(function);
    reached[&function] = found;
    return found;
  }

  std::optional<Values> look_into(const Function &function) {
    Values out;
    const StringSet<> own = caches(function);
    auto is_handed = [&](const Value *pointer) {
      for (const Value *object : objects_behind(pointer)) {
        if (const auto *argument = dyn_cast<Argument>(object)) {
          if (is_tape(*argument) && !is_one_of(own, argument))
            return false;
        } else if (isa<GlobalVariable>(object)) {
          out.insert(object);
        } else if (!is_nowhere(object) && !isa<AllocaInst>(object) && !isNoAliasCall(object) &&
                   !is_one_of(own, object)) {
          return false;
        }
      }
      return true;
    };
    for (const Instruction &instruction : instructions(function)) {
      if (!instruction.mayReadOrWriteMemory())
        continue;
      const auto *call = dyn_cast<CallBase>(&instruction);
      if (!call) {
        const Value *pointer = getLoadStorePointerOperand(&instruction);
        if (const auto *changed = dyn_cast<AtomicRMWInst>(&instruction))
          pointer = changed->getPointerOperand();
        if (!pointer || !is_handed(pointer))
          return std::nullopt;
        continue;
      }
      if (const auto *intrinsic = dyn_cast<IntrinsicInst>(call); intrinsic && intrinsic->isAssumeLikeIntrinsic())
        continue;
      // A panic knows of no shadow.
      if (call->doesNotReturn())
        continue;
      if (freed_by(*call) || allocates(*call))
        continue;
      const Function *called = call->getCalledFunction();
      const bool has_body = called && !called->isDeclaration();
      for (const Value *argument : call->args()) {
        const Type *type = argument->getType();
        // A function with a body that takes addresses out of what it is handed is looked at for that itself.
        if (type->isPointerTy() ? !is_handed(argument) : !has_body && !type->isSingleValueType())
          return std::nullopt;
        if (type->isPtrOrPtrVectorTy() && !type->isPointerTy())
          return std::nullopt;
      }
      if (has_body) {
        const std::optional<Values> below = reached_by(*called);
        if (!below)
          return std::nullopt;
        out.insert(below->begin(), below->end());
      } else if (!has_nothing_else(*call)) {
        return std::nullopt;
      }
    }
    return out;
  }

  // True for a call that reaches no memory but what it is handed.
  bool has_nothing_else(const CallBase &call) const {
    const bool takes_numbers =
        none_of(call.args(), [](const Value *argument) { return argument->getType()->isPtrOrPtrVectorTy(); });
    if (takes_numbers && call.getType()->isFPOrFPVectorTy() && known(call) != NotLibFunc)
      return true;
    return !isModOrRefSet(call.getMemoryEffects().getModRef(IRMemLocation::Other));
  }
};

} // namespace

void irad_tell_shadows_apart(LLVMModuleRef module) { Shadows(*unwrap(module)).tell_apart(); }
