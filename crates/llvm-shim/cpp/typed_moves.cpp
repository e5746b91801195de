// Tells Enzyme what memory holds that is only moved. Rust moves floats as bytes (memcpy, memmove) and as integers
// (`ptr::swap`, `ptr::read`); where no use shows what they are, Enzyme refuses the copy, or takes a float for an
// integer and forgets its adjoint. Debug info knows: `ptr::swap::<f64>` has a parameter for its type. So it does of what
// the standard library sorts: integers have no derivative.

#include "enzyme_strings.h"
#include "layout.h"
#include "plain_integers.h"
#include "repair.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/BinaryFormat/Dwarf.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

#include <optional>
#include <string>

using namespace llvm;
using namespace irad;

namespace {

// On a call of which irad says that it frees nothing.
constexpr StringLiteral NO_FREE_OF_OURS = "irad.nofree";

/// How Enzyme calls it.
constexpr StringLiteral TYPE = irad::enzyme::TYPE;

// A function's parameter `T`.
const DIType *parameter(const DISubprogram &function) {
  for (const DINode *node : function.getTemplateParams())
    if (auto *parameter = dyn_cast<DITemplateTypeParameter>(node); parameter && parameter->getName() == "T")
      return parameter->getType();
  return nullptr;
}

// What functions of the standard library do with `T`.
enum Mover {
  NOT,
  // It does not say, but may stand between those that do.
  BETWEEN,
  // What it loads, stores or copies is `T`.
  ALL,
  // What it copies, moves or fills is `T`.
  BLOCKS,
};

Mover mover(const DISubprogram &function) {
  StringRef file = function.getFilename();
  auto is_in = [&](StringRef part) { return file.contains(part); };
  if (is_in("core/src/ptr/") || is_in("core/src/mem/") || is_in("core/src/intrinsics/"))
    // What it drops is code of its own.
    return function.getName().starts_with("drop_in_place") ? NOT : parameter(function) ? ALL : BETWEEN;
  // Growth copies the elements to another place. `RawVec` knows what they are.
  if (is_in("alloc/src/raw_vec") || is_in("alloc/src/alloc.rs"))
    return parameter(function) ? BLOCKS : BETWEEN;
  bool is_slice = is_in("core/src/slice/") || is_in("core/src/array/");
  bool is_vec = is_in("alloc/src/vec/") || is_in("alloc/src/slice.rs") || is_in("alloc/src/collections/vec_deque/");
  if (!is_slice && !is_vec)
    return NOT;
  StringRef name = function.getName().split('<').first;
  bool moves = StringSwitch<bool>(name)
                   .Cases({"swap", "reverse", "rotate_left", "rotate_right", "ptr_rotate"}, true)
                   .Cases({"copy_within", "copy_from_slice", "clone_from_slice", "spec_clone_from"}, true)
                   .Cases({"fill", "spec_fill", "append_elements"}, true)
                   .Cases({"copy", "copy_nonoverlapping", "wrap_copy"}, true)
                   .Default(false);
  return moves && parameter(function) ? BLOCKS : NOT;
}

// The type that the outermost of the functions moves into which an instruction was inlined, as far as one stands
// in the other.
std::optional<Layout> moved(const Instruction &instruction, bool is_block) {
  const DIType *found = nullptr;
  Layout layout;
  bool is_growth = false;
  for (const DILocation *at = instruction.getDebugLoc(); at; at = at->getInlinedAt()) {
    const DISubprogram *function = at->getScope()->getSubprogram();
    Mover kind = function ? mover(*function) : NOT;
    layout.is_of_vec = function && function->getFilename().contains("alloc/src/vec/mod.rs") &&
                       function->getName().starts_with("push");
    if (kind == NOT) {
      // `Vec`'s own functions have it grow, where that does not say what it holds.
      if (is_block && !found && is_growth && function && function->getFilename().contains("alloc/src/vec/"))
        found = parameter(*function);
      break;
    }
    is_growth |= function->getFilename().contains("alloc/src/raw_vec");
    if (kind == ALL || (kind == BLOCKS && is_block))
      found = parameter(*function);
  }
  if (!found || !add_parts(found, 0, layout))
    return std::nullopt;
  layout.bytes = found->getSizeInBits() / 8;
  return layout;
}

// What lies behind a pointer to so many bytes, as Enzyme writes it; empty where that cannot be said.
std::string behind(const Layout &layout, const Value *length) {
  auto *count = dyn_cast<ConstantInt>(length);
  StringRef uniform = layout.uniform();
  if (!count && !uniform.empty())
    return "{[-1]:Pointer, [-1,-1]:" + uniform.str() + "}";
  // What is copied may be a part of something larger: nothing is said of what lies behind it. LLVM makes one copy of a
  // loop that copies one element after another.
  uint64_t elements = count && layout.bytes ? count->getZExtValue() / layout.bytes : 1;
  if (count && (elements * layout.bytes != count->getZExtValue() || elements * layout.parts.size() > MostParts))
    return {};
  // Of many elements, Enzyme asks for the first one's type only: it copies shadows of pointers and integers alike.
  if (!count && any_of(layout.parts, [](const Part &part) { return part.type.starts_with("Float"); }))
    return {};
  std::string text = "{[-1]:Pointer";
  for (uint64_t element = 0; element < elements; ++element)
    for (const Part &part : layout.parts)
      // Each byte of an integer is one.
      for (uint64_t at = 0; at < (part.type == "Integer" ? part.bytes : 1); ++at)
        text += ", [-1," + std::to_string(element * layout.bytes + part.offset + at) + "]:" + part.type.str();
  return text + "}";
}

// The part of an element that a block of a constant length is: what LLVM left of a store of the whole. The element
// has to be one of several, so that it is known where it begins.
std::optional<Layout> part_of(const Layout &layout, const MemIntrinsic &block) {
  const auto *count = dyn_cast<ConstantInt>(block.getLength());
  if (!count || count->getZExtValue() >= layout.bytes)
    return std::nullopt;
  const DataLayout &sizes = block.getDataLayout();
  APInt offset(sizes.getIndexTypeSizeInBits(block.getRawDest()->getType()), 0);
  const Value *base = block.getRawDest()->stripAndAccumulateConstantOffsets(sizes, offset, true);
  const auto *element = dyn_cast<GetElementPtrInst>(base);
  bool is_element = element ? element->getNumIndices() == 1 &&
                                  sizes.getTypeAllocSize(element->getSourceElementType()) == layout.bytes
                            : layout.is_of_vec && isa<CallInst, LoadInst, PHINode>(base);
  if (!is_element || offset.isNegative())
    return std::nullopt;
  uint64_t from = offset.getZExtValue() % layout.bytes, to = from + count->getZExtValue();
  Layout part;
  part.bytes = count->getZExtValue();
  for (const Part &whole : layout.parts) {
    if (whole.offset + whole.bytes <= from || to <= whole.offset)
      continue;
    if (whole.offset < from || to < whole.offset + whole.bytes)
      return std::nullopt;
    part.parts.push_back({whole.offset - from, whole.bytes, whole.type});
  }
  return part;
}

// More uses than these are not looked at.
constexpr size_t MostUses = 256;

// The one type of floats that local memory holds, as far as every use of it shows.
StringRef held(const AllocaInst &memory) {
  StringRef found;
  SmallPtrSet<const Value *, 16> seen;
  SmallVector<const Value *, 16> addresses = {&memory};
  auto holds = [&](Type *type) {
    StringRef name = irad::float_name(type);
    if (name.empty() || (!found.empty() && name != found))
      return false;
    found = name;
    return true;
  };
  while (!addresses.empty()) {
    const Value *address = addresses.pop_back_val();
    if (!seen.insert(address).second)
      continue;
    if (seen.size() > MostUses)
      return {};
    for (const User *user : address->users()) {
      if (isa<GetElementPtrInst, PHINode, SelectInst>(user)) {
        addresses.push_back(user);
      } else if (auto *load = dyn_cast<LoadInst>(user)) {
        if (!holds(load->getType()))
          return {};
      } else if (auto *store = dyn_cast<StoreInst>(user)) {
        if (store->getValueOperand() == address || !holds(store->getValueOperand()->getType()))
          return {};
      } else if (!isa<MemIntrinsic, LifetimeIntrinsic, ICmpInst>(user)) {
        return {};
      }
    }
  }
  return found;
}

// What `Zip` counts with: `index`, `len` and `a_len` begin with zero.
bool is_zip(const MemIntrinsic &block) {
  const DILocation *at = block.getDebugLoc();
  const DISubprogram *function = at ? at->getScope()->getSubprogram() : nullptr;
  const auto *length = dyn_cast<ConstantInt>(block.getLength());
  uint64_t word = block.getDataLayout().getPointerSize();
  return function && function->getFilename().ends_with("iter/adapters/zip.rs") &&
         function->getName().starts_with("new<") && length && length->getZExtValue() <= 3 * word;
}

// What local memory that is filled with zeros holds.
std::string filled(const MemIntrinsic &block) {
  if (!isa<MemSetInst>(block))
    return {};
  if (is_zip(block)) {
    std::string bytes = "{[-1]:Pointer";
    for (uint64_t at = 0; at < cast<ConstantInt>(block.getLength())->getZExtValue(); ++at)
      bytes += ", [-1," + std::to_string(at) + "]:Integer";
    return bytes + "}";
  }
  SmallVector<const Value *, 4> objects;
  getUnderlyingObjects(block.getRawDest(), objects);
  StringRef found;
  for (const Value *object : objects) {
    const auto *memory = dyn_cast<AllocaInst>(object);
    StringRef type = memory ? held(*memory) : StringRef();
    if (type.empty() || (!found.empty() && found != type))
      return {};
    found = type;
  }
  return found.empty() ? "" : "{[-1]:Pointer, [-1,-1]:" + found.str() + "}";
}

// What a block holds that lies in memory of a declared type: where a result is to be stored, or behind a reference.
std::string declared(const MemIntrinsic &block) {
  const auto *count = dyn_cast<ConstantInt>(block.getLength());
  if (!count)
    return {};
  auto at = [&](const Value *pointer) { return declared_at(pointer, count->getZExtValue(), block.getDataLayout()); };
  std::optional<Layout> layout = at(block.getRawDest());
  if (auto *copy = dyn_cast<MemTransferInst>(&block); copy && !layout)
    layout = at(copy->getRawSource());
  return layout ? behind(*layout, count) : "";
}

bool type_block(MemIntrinsic &block) {
  std::optional<Layout> layout = moved(block, true);
  if (layout && isa<MemSetInst>(block))
    if (std::optional<Layout> part = part_of(*layout, block))
      layout = part;
  std::string type = layout ? behind(*layout, block.getLength()) : filled(block);
  if (type.empty())
    type = declared(block);
  if (type.empty())
    return false;
  Attribute attribute = Attribute::get(block.getContext(), TYPE, type);
  block.addParamAttr(0, attribute);
  if (isa<MemTransferInst>(block))
    block.addParamAttr(1, attribute);
  return true;
}

// How far a copy goes.
std::optional<int64_t> distance(const MemTransferInst &copy) {
  return copy.getRawDest()->getPointerOffsetFrom(copy.getRawSource(), copy.getDataLayout());
}

// The elements of a copy of unknown length that hold integers or addresses and floats, part by part. Enzyme asks for the
// type of the first bytes only.
std::optional<Layout> mixed(const MemTransferInst &copy) {
  if (isa<ConstantInt>(copy.getLength()) || copy.isVolatile() || copy.getDestAddressSpace() != 0 ||
      copy.getSourceAddressSpace() != 0)
    return std::nullopt;
  // Which end it has to begin at is not known.
  if (isa<MemMoveInst>(copy) && !distance(copy))
    return std::nullopt;
  std::optional<Layout> layout = moved(copy, true);
  if (!layout || !layout->uniform().empty())
    return std::nullopt;
  bool has_float = any_of(layout->parts, [](const Part &part) { return part.type.starts_with("Float"); });
  return has_float && layout->parts.size() <= MostParts ? layout : std::nullopt;
}

Type *type_of(const Part &part, LLVMContext &context) {
  if (part.type == "Pointer")
    return PointerType::get(context, 0);
  if (part.type == "Integer")
    return IntegerType::get(context, part.bytes * 8);
  return part.bytes == 8 ? Type::getDoubleTy(context) : part.bytes == 4 ? Type::getFloatTy(context) : Type::getHalfTy(context);
}

// Copies element by element, and each part as what it is.
void copy_parts(MemTransferInst &copy, const Layout &layout) {
  IRBuilder<> builder(&copy);
  Type *size = copy.getLength()->getType();
  Value *count = builder.CreateUDiv(copy.getLength(), ConstantInt::get(size, layout.bytes), "elements");
  Value *any = builder.CreateICmpNE(count, ConstantInt::get(size, 0));
  Instruction *then = SplitBlockAndInsertIfThen(any, copy.getIterator(), false);
  auto [body, nth] = SplitBlockAndInsertSimpleForLoop(count, then->getIterator());
  builder.SetInsertPoint(body);
  builder.SetCurrentDebugLocation(copy.getDebugLoc());
  Value *element = nth;
  // To the right, the last element goes first.
  if (isa<MemMoveInst>(copy) && distance(copy).value_or(0) > 0)
    element = builder.CreateSub(builder.CreateSub(count, ConstantInt::get(size, 1)), nth);
  Value *at = builder.CreateMul(element, ConstantInt::get(size, layout.bytes), "", true, true);
  for (const Part &part : layout.parts) {
    Value *offset = builder.CreateAdd(at, ConstantInt::get(size, part.offset), "", true, true);
    Type *type = type_of(part, copy.getContext());
    auto place = [&](Value *of) { return builder.CreateInBoundsGEP(builder.getInt8Ty(), of, offset); };
    Value *value = builder.CreateAlignedLoad(type, place(copy.getRawSource()), Align(1));
    builder.CreateAlignedStore(value, place(copy.getRawDest()), Align(1));
  }
  copy.eraseFromParent();
}

// What an instruction gives, as metadata.
void set_type(Instruction &instruction, StringRef type) {
  LLVMContext &context = instruction.getContext();
  auto *all = ConstantAsMetadata::get(ConstantInt::getSigned(Type::getInt64Ty(context), -1));
  auto *of = MDNode::get(context, {MDString::get(context, type)});
  instruction.setMetadata(TYPE, MDNode::get(context, {MDString::get(context, "Unknown"), all, of}));
}

// What `total_cmp` compares: the bits of floats, which LLVM may take for what is moved, too.
StringRef compared(const LoadInst &load) {
  const DILocation *at = load.getDebugLoc();
  const DISubprogram *function = at ? at->getScope()->getSubprogram() : nullptr;
  if (!function || function->getName() != "total_cmp")
    return {};
  StringRef file = function->getFilename();
  return file.ends_with("core/src/num/f64.rs")   ? float_type(64)
         : file.ends_with("core/src/num/f32.rs") ? float_type(32)
                                                 : StringRef();
}

// The capacity of a `Vec` of integers, where its memory is managed: no float says what that is. Elements are only copied
// there.
bool is_capacity(const LoadInst &load) {
  const DILocation *at = load.getDebugLoc();
  const DISubprogram *function = at ? at->getScope()->getSubprogram() : nullptr;
  if (!function || !load.getType()->isIntegerTy(load.getDataLayout().getPointerSizeInBits()) ||
      !function->getFilename().contains("alloc/src/raw_vec"))
    return false;
  std::optional<Layout> layout = moved(load, true);
  return layout && layout->uniform() == "Integer";
}

// What an integer is used as, if all that is done with it is to take its bits for a float.
StringRef cast_to(const LoadInst &load) {
  StringRef found;
  for (const User *user : load.users()) {
    StringRef name = isa<BitCastInst>(user) ? irad::float_name(user->getType()) : StringRef();
    if (name.empty() || (!found.empty() && found != name))
      return {};
    found = name;
  }
  return found;
}

// Whether an instruction is part of what takes a float apart, as `f64::next_up` does.
bool is_of_bits(const Instruction &instruction) {
  for (const DILocation *at = instruction.getDebugLoc(); at; at = at->getInlinedAt()) {
    StringRef file = at->getFilename();
    if (file.ends_with("core/src/num/f64.rs") || file.ends_with("core/src/num/f32.rs"))
      return true;
  }
  return false;
}

// A number that is counted up or down, as that of references to a value or borrows of a cell: nobody adds to the bits of a
// float. Enzyme does not see what lies beside the floats of an allocation.
bool is_counter(const LoadInst &load) {
  constexpr uint64_t MostSteps = 1 << 12;
  // Without debug info, they could be the bits of a float after all.
  if (!load.getDebugLoc())
    return false;
  bool is_counted = false;
  for (const User *user : load.users()) {
    const auto *instruction = cast<Instruction>(user);
    if (is_of_bits(*instruction) || isa<BitCastInst>(user))
      return false;
    unsigned code = instruction->getOpcode();
    if (code != Instruction::Add && code != Instruction::Sub)
      continue;
    const auto *step = dyn_cast<ConstantInt>(instruction->getOperand(1));
    bool is_step = step && step->getValue().abs().ule(MostSteps);
    if (!is_step || any_of(instruction->users(), [](const User *used) {
          return isa<BitCastInst>(used) || is_of_bits(*cast<Instruction>(used));
        }))
      return false;
    is_counted = true;
  }
  return is_counted && !is_of_bits(load);
}

// A length or an index: more than compared, for an address may be compared with nothing. Variants of an enum may have something
// else there.
bool is_length(const LoadInst &load) {
  return !is_of_bits(load) && irad::counts(load) && any_of(load.users(), [](const User *user) {
    return isa<MinMaxIntrinsic, GetElementPtrInst>(user);
  });
}

// A load of an integer that is a float, or of several; or that is a count and nothing else shows it.
bool type_load(LoadInst &load) {
  Type *element = load.getType();
  if (auto *vector = dyn_cast<FixedVectorType>(element))
    element = vector->getElementType();
  if (!element->isIntegerTy() || load.hasMetadata(TYPE))
    return false;
  if (is_capacity(load) || is_counter(load) || is_length(load)) {
    set_type(load, "Integer");
    return true;
  }
  if (StringRef name = cast_to(load); !name.empty()) {
    set_type(load, name);
    return true;
  }
  std::optional<Layout> layout = moved(load, false);
  StringRef uniform = layout ? layout->uniform() : compared(load);
  if (!uniform.starts_with("Float") || uniform != float_type(element->getIntegerBitWidth()))
    return false;
  // A parameter that unoptimised code keeps in memory.
  const auto *memory = dyn_cast<AllocaInst>(getUnderlyingObject(load.getPointerOperand()));
  const DataLayout &sizes = load.getDataLayout();
  if (memory && memory->getAllocationSize(sizes) == sizes.getTypeStoreSize(load.getType()))
    return false;
  set_type(load, uniform);
  return true;
}

// True where a float is all that a value can be: it is computed, handed over, or loaded as one. rustc loads nothing else as a
// float; the bits of an integer come by a cast.
bool is_of_floats(const Value *value) {
  return isa<BinaryOperator, UnaryOperator, CallInst, Argument, ConstantFP, UndefValue, LoadInst>(value);
}

// A choice between floats, or between what is computed with them and something that is only moved or not there at all, to
// be stored or returned beside something else: it is a float.
bool type_choice(Instruction &choice) {
  SmallVector<const Value *, 4> chosen;
  if (auto *phi = dyn_cast<PHINode>(&choice))
    chosen.append(phi->value_op_begin(), phi->value_op_end());
  else
    chosen = {choice.getOperand(1), choice.getOperand(2)};
  StringRef name = irad::float_name(choice.getType());
  auto computes = [](const Value *value) { return isa<BinaryOperator, UnaryOperator, CallInst>(value); };
  auto is_float = [&](const Value *value) {
    const auto *instruction = dyn_cast<Instruction>(value);
    return instruction && (computes(value) || instruction->hasMetadata(TYPE));
  };
  if (name.empty() || choice.hasMetadata(TYPE) || (none_of(chosen, is_float) && !all_of(chosen, is_of_floats)) ||
      all_of(chosen, [](const Value *value) { return isa<Constant>(value); }) ||
      none_of(choice.users(), [](const User *user) { return isa<StoreInst, InsertValueInst>(user); }) ||
      // Its uses say so.
      any_of(choice.users(), [&](const User *user) { return computes(user) || isa<FCmpInst>(user); }))
    return false;
  set_type(choice, name);
  return true;
}

// The smaller or larger of two lengths: what `usize` holds are no bits of a float.
bool is_of_lengths(const Instruction &chosen) {
  const DILocation *at = chosen.getDebugLoc();
  const DISubprogram *function = at ? at->getScope()->getSubprogram() : nullptr;
  StringRef name = function ? function->getName() : StringRef();
  return name == "min<usize>" || name == "max<usize>";
}

bool type_length(MinMaxIntrinsic &chosen) {
  if (chosen.hasMetadata(TYPE) || !chosen.getType()->isIntegerTy() || !is_of_lengths(chosen))
    return false;
  set_type(chosen, "Integer");
  return true;
}

// A call of std's sorting of what is nothing but integers. It moves no float, whatever it compares.
bool quieten_sort(CallInst &call) {
  const Function *called = call.getCalledFunction();
  const DISubprogram *program = called && !called->isDeclaration() ? called->getSubprogram() : nullptr;
  if (!program || !program->getFilename().contains("core/src/slice/sort/") || call.hasFnAttr(irad::enzyme::INACTIVE))
    return false;
  Layout layout;
  const DIType *element = parameter(*program);
  if (!element || !add_parts(element, 0, layout) || layout.parts.empty() ||
      any_of(layout.parts, [](const Part &part) { return part.type != "Integer"; }))
    return false;
  call.addFnAttr(Attribute::get(call.getContext(), irad::enzyme::INACTIVE));
  // What it frees, it has allocated.
  if (!call.hasFnAttr(Attribute::NoFree)) {
    call.addFnAttr(Attribute::NoFree);
    call.addFnAttr(Attribute::get(call.getContext(), NO_FREE_OF_OURS));
  }
  return true;
}

void forget_quiet(CallInst &call) {
  call.removeFnAttr(irad::enzyme::INACTIVE);
  if (!call.hasFnAttr(NO_FREE_OF_OURS))
    return;
  call.removeFnAttr(NO_FREE_OF_OURS);
  call.removeFnAttr(Attribute::NoFree);
}

} // namespace

PreservedAnalyses irad::TypedMovesPass::run(Function &function, FunctionAnalysisManager &) {
  SmallVector<std::pair<MemTransferInst *, Layout>, 4> in_parts;
  for (Instruction &instruction : instructions(function))
    if (auto *copy = dyn_cast<MemTransferInst>(&instruction))
      if (std::optional<Layout> layout = mixed(*copy))
        in_parts.push_back({copy, *layout});
  for (const auto &[copy, layout] : in_parts)
    copy_parts(*copy, layout);
  bool changed = false;
  for (Instruction &instruction : instructions(function)) {
    if (auto *block = dyn_cast<MemIntrinsic>(&instruction))
      changed |= type_block(*block);
    else if (auto *load = dyn_cast<LoadInst>(&instruction))
      changed |= type_load(*load);
    else if (isa<PHINode, SelectInst>(instruction))
      changed |= type_choice(instruction);
    else if (auto *chosen = dyn_cast<MinMaxIntrinsic>(&instruction))
      changed |= type_length(*chosen);
    else if (auto *call = dyn_cast<CallInst>(&instruction))
      changed |= quieten_sort(*call);
  }
  if (!in_parts.empty())
    return PreservedAnalyses::none();
  if (!changed)
    return PreservedAnalyses::all();
  PreservedAnalyses kept;
  kept.preserveSet<CFGAnalyses>();
  return kept;
}

void irad::forget_types(Module &module, const Function *except) {
  for (Function &function : module) {
    if (&function == except)
      continue;
    for (Instruction &instruction : instructions(function)) {
      if (isa<LoadInst, ExtractValueInst, PHINode, SelectInst, MinMaxIntrinsic>(instruction))
        instruction.setMetadata(TYPE, nullptr);
      else if (auto *block = dyn_cast<MemIntrinsic>(&instruction))
        for (unsigned at : {0u, 1u})
          block->removeParamAttr(at, TYPE);
      else if (auto *call = dyn_cast<CallInst>(&instruction))
        forget_quiet(*call);
    }
  }
}
