// Takes some functions out of a bitcode module with LLVM's lazy reader: what they do not reach is never
// read. Bitcode does not say who uses what; a callback does.

#include "boundary.h"
#include "closure.h"
#include "constants.h"
#include "enzyme_strings.h"
#include "symbols.h"
#include "text.h"

#include "llvm-c/Core.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

#include <string>
#include <vector>

using namespace irad;
using namespace llvm;

namespace {

// What holds a constant: variables, aliases and functions whose heads refer to it.
void holders(Value &value, SmallPtrSetImpl<Value *> &seen, SmallVectorImpl<GlobalValue *> &found) {
  for (User *user : value.users()) {
    if (!seen.insert(user).second)
      continue;
    if (auto *global = dyn_cast<GlobalValue>(user))
      found.push_back(global);
    else if (isa<Constant>(user))
      holders(*user, seen, found);
  }
}

bool is_request(StringRef name) {
  return name.starts_with(irad::enzyme::CALL_REVERSE) || name.starts_with(irad::enzyme::CALL_REVERSE_TOO) ||
         name.starts_with(irad::enzyme::CALL_FORWARD);
}

// Finds those of `wanted` that a function mentions, and takes them out.
void resolve(const Function &function, SmallSetVector<GlobalValue *, 32> &wanted,
             SmallVectorImpl<GlobalValue *> &found) {
  SmallPtrSet<const Constant *, 32> seen;
  for (const BasicBlock &block : function)
    for (const Instruction &instruction : block)
      for (const Use &operand : instruction.operands())
        if (auto *constant = dyn_cast<Constant>(operand.get()))
          each_global(*constant, seen, [&](GlobalValue &global) {
            if (wanted.remove(&global))
              found.push_back(&global);
          });
}

// Leaves in a unit's list what something else refers to.
void shorten(DICompileUnit &unit, Metadata *list, const SmallPtrSetImpl<const Metadata *> &nodes) {
  auto *tuple = dyn_cast_or_null<MDTuple>(list);
  if (!tuple)
    return;
  SmallVector<Metadata *, 8> members;
  for (const MDOperand &member : tuple->operands())
    if (nodes.contains(member.get()))
      members.push_back(member.get());
  if (members.size() == tuple->getNumOperands())
    return;
  MDTuple *shorter = MDTuple::get(unit.getContext(), members);
  for (unsigned at = 0; at < unit.getNumOperands(); at++)
    if (unit.getOperand(at).get() == list)
      unit.replaceOperandWith(at, shorter);
}

} // namespace

char *irad_extract(LLVMContextRef context_ref, const char *bytes, size_t length,
                   const char *source, const char *const *names, size_t name_count, IradUsers users,
                   void *users_context, IradEmit emit, void *emit_context) {
  LLVMContext &context = *unwrap(context_ref);
  MemoryBufferRef buffer(StringRef(bytes, length), source);
  Expected<std::unique_ptr<Module>> parsed =
      getLazyBitcodeModule(buffer, context, /*ShouldLazyLoadMetadata=*/true);
  if (!parsed)
    return copy(toString(parsed.takeError()));
  Module &module = **parsed;

  // Places are those in the file; what LLVM puts in while it reads comes behind or between them.
  std::vector<Function *> functions;
  DenseMap<const GlobalValue *, size_t> places;
  std::vector<size_t> answer;
  for (Function &function : module) {
    places[&function] = functions.size();
    functions.push_back(&function);
  }
  size_t next = 0;
  for (GlobalVariable &variable : module.globals())
    places[&variable] = next++;
  SmallPtrSet<const GlobalValue *, 32> absent; // only declared in the file
  for (Function *function : functions)
    if (function->isDeclaration())
      absent.insert(function);
  auto ask = [&](ArrayRef<GlobalValue *> wanted) {
    std::vector<uint8_t> kinds;
    std::vector<size_t> asked;
    for (GlobalValue *value : wanted) {
      kinds.push_back(isa<Function>(value));
      asked.push_back(places.lookup(value));
    }
    answer.assign(functions.size(), 0);
    size_t found = users(users_context, kinds.data(), asked.data(), asked.size(), answer.data(),
                         answer.size());
    if (found <= functions.size()) {
      answer.resize(found);
      return;
    }
    for (size_t place = 0; place < functions.size(); place++)
      answer[place] = place;
  };

  Closure closure;
  SmallVector<GlobalValue *, 4> roots;
  for (size_t at = 0; at < name_count; at++) {
    Function *root = module.getFunction(names[at]);
    if (!root)
      return copy("there is no function " + std::string(names[at]));
    roots.push_back(root);
    closure.keep(*root);
  }
  SmallVector<GlobalValue *, 8> requests;
  for (GlobalObject &object : module.global_objects()) {
    if (is_request(object.getName()))
      requests.push_back(&object);
    if (isa<GlobalVariable>(object) && object.getName().starts_with(irad::enzyme::RESERVED))
      closure.keep(object);
  }
  for (GlobalAlias &alias : module.aliases())
    if (alias.getName().starts_with(irad::enzyme::RESERVED))
      closure.keep(alias);
  for (NamedMDNode &named : module.named_metadata())
    if (named.getName() != "llvm.dbg.cu")
      for (MDNode *node : named.operands())
        closure.follow(node);
  SmallVector<Function *, 8> callers;
  if (!requests.empty()) {
    ask(requests);
    for (size_t place : answer) {
      Function *caller = functions[place];
      if (!closure.read(*caller))
        return copy(closure.error);
      SmallSetVector<GlobalValue *, 32> wanted;
      wanted.insert(roots.begin(), roots.end());
      SmallVector<GlobalValue *, 4> found;
      resolve(*caller, wanted, found);
      if (!found.empty())
        closure.keep(*caller);
      callers.push_back(caller);
    }
  }
  if (!closure.finish())
    return copy(closure.error);
  auto allocates = [](const GlobalValue *value) { return is_allocator(*value); };
  if (any_of(closure.kept, allocates))
    for (Function *function : functions)
      if (is_allocator(*function))
        closure.keep(*function);
  if (!closure.finish())
    return copy(closure.error);
  for (const GlobalValue *unwinder : closure.unwinders)
    if (!closure.read(*const_cast<GlobalValue *>(unwinder)))
      return copy(closure.error);

  // What is used by the rest, too: LLVM would know of every such use.
  SmallVector<GlobalValue *, 32> shared;
  SmallSetVector<GlobalValue *, 32> pending;
  for (GlobalValue *value : closure.kept) {
    if (!may_be_listed(*value) || is_library(*value))
      continue;
    SmallPtrSet<Value *, 16> seen;
    SmallVector<GlobalValue *, 8> found;
    holders(*value, seen, found);
    bool is_held = any_of(found, [&](GlobalValue *holder) {
      return !is_list(*holder) && !closure.kept.contains(holder);
    });
    if (is_held)
      shared.push_back(value);
    else
      pending.insert(value);
  }
  // A function that may use one is read to see whether it does. As a rule the first ones settle it; what is
  // asked again is what these have left open.
  SmallPtrSet<const Function *, 32> examined;
  auto examine = [&](Function &user) {
    if (closure.kept.contains(&user) || closure.unwinders.contains(&user) ||
        !examined.insert(&user).second)
      return false;
    if (!closure.read(user))
      return false;
    resolve(user, pending, shared);
    // Its uses of what is kept would be counted.
    user.deleteBody();
    return true;
  };
  for (Function *caller : callers)
    examine(*caller);
  for (size_t most = 8; !pending.empty(); most *= 2) {
    ask(pending.getArrayRef());
    size_t count = 0;
    for (size_t place : answer) {
      count += examine(*functions[place]);
      if (!closure.error.empty())
        return copy(closure.error);
      if (count == most || pending.empty())
        break;
    }
    if (count < most)
      break;
  }

  // The lists of units name what is needed of the program.
  SmallPtrSet<const Metadata *, 32> needed(closure.nodes.begin(), closure.nodes.end());
  if (NamedMDNode *units = module.getNamedMetadata("llvm.dbg.cu")) {
    SmallVector<MDNode *, 8> reached;
    for (MDNode *node : units->operands()) {
      auto *unit = cast<DICompileUnit>(node);
      if (closure.units.contains(unit))
        reached.push_back(unit);
      for (Metadata *list : {unit->getRawEnumTypes(), unit->getRawRetainedTypes(),
                             unit->getRawGlobalVariables(), unit->getRawImportedEntities()})
        shorten(*unit, list, needed);
    }
    units->clearOperands();
    for (MDNode *unit : reached)
      units->addOperand(unit);
  }

  // What stays moves to a module of its own. To take the rest apart would take longer.
  auto kept = std::make_unique<Module>(module.getModuleIdentifier(), context);
  Module &part = *kept;
  part.setSourceFileName(module.getSourceFileName());
  part.setDataLayout(module.getDataLayout());
  part.setTargetTriple(module.getTargetTriple());
  part.setModuleInlineAsm(module.getModuleInlineAsm());
  auto stays = [&](GlobalValue &value) { return closure.kept.contains(&value); };
  size_t left = 0;
  auto leave = [&](GlobalValue &value) {
    // Something that stays may refer to it, for which it needs a name.
    if (!value.hasName())
      value.setName("_ZN4irad4leftE." + Twine(left++));
  };
  for (GlobalVariable &variable : make_early_inc_range(module.globals()))
    if (stays(variable) || is_list(variable)) {
      variable.removeFromParent();
      part.insertGlobalVariable(&variable);
    } else {
      leave(variable);
    }
  for (GlobalAlias &alias : make_early_inc_range(module.aliases()))
    if (stays(alias)) {
      alias.removeFromParent();
      part.insertAlias(&alias);
    } else {
      leave(alias);
    }
  for (GlobalIFunc &ifunc : make_early_inc_range(module.ifuncs()))
    if (stays(ifunc)) {
      ifunc.removeFromParent();
      part.insertIFunc(&ifunc);
    } else {
      leave(ifunc);
    }
  for (Function &function : make_early_inc_range(module))
    if (stays(function) || closure.unwinders.contains(&function) ||
        (function.isDeclaration() && !examined.contains(&function))) {
      function.removeFromParent();
      part.getFunctionList().push_back(&function);
    } else {
      leave(function);
    }
  for (NamedMDNode &named : module.named_metadata()) {
    NamedMDNode *own = part.getOrInsertNamedMetadata(named.getName());
    for (MDNode *node : named.operands())
      own->addOperand(node);
  }

  // In the order in which they stand there.
  SmallPtrSet<const GlobalValue *, 32> is_shared(shared.begin(), shared.end());
  shared.clear();
  for (GlobalVariable &variable : part.globals())
    if (is_shared.contains(&variable))
      shared.push_back(&variable);
  for (Function &function : part)
    if (is_shared.contains(&function))
      shared.push_back(&function);
  if (!shared.empty())
    appendToCompilerUsed(part, shared);

  std::string text;
  {
    BufferedString stream(text);
    // With the order of uses as it was read, which passes go by: from text it would be another.
    part.print(stream, nullptr, /*ShouldPreserveUseListOrder=*/true);
  }
  emit(emit_context, IRAD_PART_BODY, text.data(), text.size());
  // Neither is taken apart: the process ends soon.
  parsed->release();
  kept.release();
  return nullptr;
}
