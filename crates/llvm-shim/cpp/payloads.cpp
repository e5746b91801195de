// Has the variants of an enum share memory that is a float to Enzyme. Where one variant holds a float and another one an
// integer at the same place, the types of both contradict each other, and Enzyme refuses. The integer is stored and
// loaded as the float that has its bits: it has no derivative, and to store it leaves none there. Bits of a float that are only
// compared are an integer of their own.

#include "enzyme_strings.h"
#include "plain_integers.h"
#include "repair.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/Constants.h"
#include "llvm/BinaryFormat/Dwarf.h"
#include "llvm/IR/DataLayout.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;

namespace {

// What is loaded and stored at one place of an object.
struct Place {
  Type *number = nullptr; // the type of the floats there
  SmallVector<Instruction *, 4> integers;
};

// What variants of a type, or fields, have at a place.
struct Declared {
  Type *number = nullptr;
  bool is_integer = false;
};

// Adds what is declared with so many bits.
void declare_at(const DIType *type, uint64_t place, uint64_t bits, Declared &declared, unsigned depth = 0) {
  if (!type || depth > 12)
    return;
  if (auto *basic = dyn_cast<DIBasicType>(type)) {
    if (place || basic->getSizeInBits() != bits)
      return;
    LLVMContext &context = type->getContext();
    if (basic->getEncoding() != dwarf::DW_ATE_float)
      declared.is_integer = true;
    else if (bits == 64 || bits == 32)
      declared.number = bits == 64 ? Type::getDoubleTy(context) : Type::getFloatTy(context);
    return;
  }
  if (auto *member = dyn_cast<DIDerivedType>(type)) {
    if (type->getTag() == dwarf::DW_TAG_member && member->getOffsetInBits() <= place)
      declare_at(member->getBaseType(), place - member->getOffsetInBits(), bits, declared, depth + 1);
    return;
  }
  auto *composite = dyn_cast<DICompositeType>(type);
  if (!composite || type->getTag() == dwarf::DW_TAG_array_type)
    return;
  for (const DINode *element : composite->getElements())
    if (auto *part = dyn_cast<DIType>(element))
      declare_at(part, place, bits, declared, depth + 1);
}

// The function that returns its result in some memory.
const Function *returning_in(const Value *object) {
  if (auto *argument = dyn_cast<Argument>(object))
    return argument->hasStructRetAttr() ? argument->getParent() : nullptr;
  if (!isa<AllocaInst>(object))
    return nullptr;
  for (const Use &use : object->uses())
    if (auto *call = dyn_cast<CallBase>(use.getUser()); call && call->isArgOperand(&use))
      if (call->paramHasAttr(call->getArgOperandNo(&use), Attribute::StructRet))
        return call->getCalledFunction();
  return nullptr;
}

// The same of what a function returns in memory, to itself and to its callers.
Declared returned_at(const Value *object, int64_t offset, uint64_t bits) {
  const Function *function = returning_in(object);
  const DISubprogram *program = function ? function->getSubprogram() : nullptr;
  Declared declared;
  if (!program || offset < 0 || !program->getType())
    return declared;
  auto types = program->getType()->getTypeArray();
  if (types.size())
    declare_at(types[0], 8 * static_cast<uint64_t>(offset), bits, declared);
  return declared;
}

bool is_float_bits(const Value *value) {
  const auto *cast = dyn_cast<BitCastInst>(value);
  return cast && !irad::float_name(cast->getSrcTy()).empty();
}

// The float that has the bits of a value, if that is one or nothing but an integer.
Value *as_number(Value *value, Type *number, BasicBlock::iterator before) {
  if (is_float_bits(value))
    return cast<BitCastInst>(value)->getOperand(0);
  if (auto *constant = dyn_cast<Constant>(value))
    return ConstantExpr::getBitCast(constant, number);
  return irad::retyped(*value, number, irad::float_name(number), before);
}

// True for a use that a derivative ends at, whatever is used.
bool asks_integer(const User *user) { return isa<ICmpInst, SwitchInst, UIToFPInst, SIToFPInst>(user); }

// The same for values: a choice between the bits of a float and an integer is one between floats.
bool choose_numbers(Instruction &choice) {
  if (!choice.getType()->isIntegerTy() || !isa<SelectInst, PHINode>(choice))
    return false;
  unsigned first = isa<SelectInst>(choice) ? 1 : 0;
  Type *number = nullptr;
  bool is_mixed = false;
  for (const Use &use : drop_begin(choice.operands(), first)) {
    if (is_float_bits(use))
      number = cast<BitCastInst>(use)->getSrcTy();
    else if (irad::is_plain_integer(*use, choice.getDataLayout()))
      is_mixed = true;
    else
      return false;
  }
  if (!number || !is_mixed)
    return false;
  Instruction *chosen;
  if (auto *select = dyn_cast<SelectInst>(&choice)) {
    Value *one = as_number(select->getTrueValue(), number, choice.getIterator());
    Value *other = as_number(select->getFalseValue(), number, choice.getIterator());
    chosen = SelectInst::Create(select->getCondition(), one, other, "", choice.getIterator());
  } else {
    auto *phi = cast<PHINode>(&choice);
    auto *numbers = PHINode::Create(number, phi->getNumIncomingValues(), "", choice.getIterator());
    for (unsigned at = 0; at < phi->getNumIncomingValues(); ++at) {
      BasicBlock *from = phi->getIncomingBlock(at);
      int known = numbers->getBasicBlockIndex(from);
      Value *value = known >= 0 ? numbers->getIncomingValue(known)
                                : as_number(phi->getIncomingValue(at), number, from->getTerminator()->getIterator());
      numbers->addIncoming(value, from);
    }
    chosen = numbers;
  }
  chosen->setDebugLoc(choice.getDebugLoc());
  auto behind = isa<PHINode>(choice) ? choice.getParent()->getFirstInsertionPt() : choice.getIterator();
  auto *bits = new BitCastInst(chosen, choice.getType(), "", behind);
  bits->takeName(&choice);
  choice.replaceAllUsesWith(bits);
  SmallVector<Use *, 4> counted;
  for (Use &use : bits->uses())
    if (asks_integer(use.getUser()))
      counted.push_back(&use);
  if (!counted.empty()) {
    CallInst *integer = irad::retyped(*chosen, bits->getType(), "Integer", std::next(bits->getIterator()));
    for (Use *use : counted)
      use->set(integer);
  }
  choice.eraseFromParent();
  return true;
}

// What is the bits of a float along one path and a number along another, as the payload of a `Result<f64, usize>` in a
// register: it is a float, and the number is made of it.
bool take_for_number(Value &payload, BasicBlock::iterator behind) {
  if (!payload.getType()->isIntegerTy() || is_float_bits(&payload))
    return false;
  Type *number = nullptr;
  SmallVector<Use *, 4> counted;
  for (Use &use : payload.uses()) {
    if (auto *cast = dyn_cast<BitCastInst>(use.getUser()); cast && !irad::float_name(cast->getType()).empty())
      number = cast->getType();
    else if (asks_integer(use.getUser()))
      counted.push_back(&use);
  }
  if (!number || counted.empty())
    return false;
  auto *bits = new BitCastInst(&payload, number, "", behind);
  CallInst *integer = irad::retyped(*bits, payload.getType(), "Integer", behind);
  for (Use *use : counted)
    use->set(integer);
  return true;
}

// True when an integer is made of a float: of its bits, or of what it is rounded to.
bool comes_of_float(const Value *value, unsigned depth = 0) {
  const auto *instruction = dyn_cast<Instruction>(value);
  if (!instruction)
    return false;
  if (depth > 8 || isa<FPToSIInst, FPToUIInst>(instruction) || is_float_bits(instruction))
    return true;
  return any_of(instruction->operands(), [&](const Value *operand) {
    return operand->getType()->isIntegerTy() && comes_of_float(operand, depth + 1);
  });
}

// A number whose bits stand beside floats in a choice, as the payload of a `Result<f64, usize>` does.
bool take_for_float(BitCastInst &bits) {
  Value *number = bits.getOperand(0);
  StringRef name = irad::float_name(bits.getType());
  if (name.empty() || !number->getType()->isIntegerTy() || comes_of_float(number) ||
      !all_of(bits.users(), [](const User *user) { return isa<SelectInst, PHINode, StoreInst>(user); }))
    return false;
  auto *made = dyn_cast<Instruction>(number);
  if (!irad::is_plain_integer(*number, bits.getDataLayout()) && !(made && irad::is_integer_arithmetic(*made)))
    return false;
  bits.replaceAllUsesWith(irad::retyped(*number, bits.getType(), name, bits.getIterator()));
  bits.eraseFromParent();
  return true;
}

// True for a float that is loaded out of what a function returns in memory, where there may be an integer as well; or
// that may be such a one.
bool may_be_integer(const Value *value, unsigned depth = 0) {
  if (isa<PHINode, SelectInst>(value))
    return depth < 4 && any_of(cast<Instruction>(value)->operands(), [&](const Value *operand) {
             return may_be_integer(operand, depth + 1);
           });
  auto *load = dyn_cast<LoadInst>(value);
  if (!load || irad::float_name(load->getType()).empty())
    return false;
  const DataLayout &layout = load->getDataLayout();
  APInt offset(layout.getIndexTypeSizeInBits(load->getPointerOperandType()), 0);
  const Value *object =
      load->getPointerOperand()->stripAndAccumulateConstantOffsets(layout, offset, /*AllowNonInbounds=*/true);
  return returned_at(object, offset.getSExtValue(), load->getType()->getScalarSizeInBits()).is_integer;
}

// The same where a float is counted with.
bool count_with_float(BitCastInst &bits) {
  Value *number = bits.getOperand(0);
  if (!bits.getType()->isIntegerTy() || bits.use_empty() || !all_of(bits.users(), asks_integer) ||
      !may_be_integer(number))
    return false;
  bits.replaceAllUsesWith(irad::retyped(*number, bits.getType(), "Integer", bits.getIterator()));
  bits.eraseFromParent();
  return true;
}

// True for what looks at the sign of a number's bits, which no one takes for an integer's.
bool asks_sign(const User *user) {
  const auto *compare = dyn_cast<ICmpInst>(user);
  const auto *with = compare ? dyn_cast<ConstantInt>(compare->getOperand(1)) : nullptr;
  return with && compare->isSigned() && (with->isZero() || with->isMinusOne());
}

// True when all that comes of an integer is compared: what it decides has no derivative, and no float is made of it again.
bool is_only_looked_at(const Value &number, SmallPtrSetImpl<const Value *> &seen) {
  if (!seen.insert(&number).second)
    return true;
  return !number.use_empty() && all_of(number.users(), [&](const User *user) {
    if (isa<ICmpInst, SwitchInst, BranchInst>(user))
      return true;
    if (const auto *choice = dyn_cast<SelectInst>(user); choice && choice->getCondition() == &number)
      return true;
    const auto *call = dyn_cast<IntrinsicInst>(user);
    bool is_arithmetic = isa<BinaryOperator, TruncInst, ZExtInst, SExtInst, SelectInst, PHINode, FreezeInst>(user) ||
                         (call && (isa<MinMaxIntrinsic>(call) || call->getIntrinsicID() == Intrinsic::abs));
    return is_arithmetic && user->getType()->isIntegerTy() && is_only_looked_at(*user, seen);
  });
}

// The bits of a float that are only compared, as in a test whether two numbers are neighbours. Enzyme takes them for a float
// in one place and for an integer in another.
bool look_at_bits(BitCastInst &bits) {
  Value *number = bits.getOperand(0);
  SmallPtrSet<const Value *, 16> seen;
  if (!bits.getType()->isIntegerTy() || irad::float_name(number->getType()).empty() ||
      all_of(bits.users(), asks_sign) || !is_only_looked_at(bits, seen))
    return false;
  bits.replaceAllUsesWith(irad::retyped(*number, bits.getType(), "Integer", bits.getIterator()));
  bits.eraseFromParent();
  return true;
}

// True for the tag of an enum that a call returns in registers: its few bits choose.
bool is_tag(const Instruction &instruction) {
  return isa<ExtractValueInst>(instruction) && instruction.getType()->isIntegerTy() && !instruction.use_empty() &&
         !instruction.hasMetadata(irad::enzyme::TYPE) && all_of(instruction.users(), [](const User *user) {
           return isa<SwitchInst>(user) || (isa<TruncInst>(user) && user->getType()->getScalarSizeInBits() <= 8);
         });
}

void mark_as_integer(Instruction &instruction) {
  LLVMContext &context = instruction.getContext();
  auto *all = ConstantAsMetadata::get(ConstantInt::getSigned(Type::getInt64Ty(context), -1));
  auto *integer = MDNode::get(context, {MDString::get(context, "Integer")});
  instruction.setMetadata(irad::enzyme::TYPE, MDNode::get(context, {MDString::get(context, "Unknown"), all, integer}));
}

} // namespace

PreservedAnalyses irad::PayloadsPass::run(Function &function, FunctionAnalysisManager &) {
  const DataLayout &layout = function.getDataLayout();
  MapVector<std::pair<const Value *, int64_t>, Place> places;
  for (Instruction &instruction : instructions(function)) {
    const Value *pointer = getLoadStorePointerOperand(&instruction);
    Type *type = pointer ? getLoadStoreType(&instruction) : nullptr;
    if (!type || (!type->isIntegerTy() && float_name(type).empty()))
      continue;
    APInt offset(layout.getIndexTypeSizeInBits(pointer->getType()), 0);
    const Value *object = pointer->stripAndAccumulateConstantOffsets(layout, offset, /*AllowNonInbounds=*/true);
    Place &place = places[{object, offset.getSExtValue()}];
    if (type->isIntegerTy())
      place.integers.push_back(&instruction);
    else
      place.number = type;
  }
  bool changed = false;
  for (Instruction &instruction : make_early_inc_range(instructions(function)))
    changed |= choose_numbers(instruction);
  for (Instruction &instruction : make_early_inc_range(instructions(function)))
    if (auto *bits = dyn_cast<BitCastInst>(&instruction))
      changed |= take_for_float(*bits) || count_with_float(*bits) || look_at_bits(*bits);
  for (Argument &argument : function.args())
    changed |= take_for_number(argument, function.getEntryBlock().getFirstNonPHIOrDbgOrAlloca());
  for (Instruction &instruction : make_early_inc_range(instructions(function)))
    if (std::optional<BasicBlock::iterator> behind = instruction.getInsertionPointAfterDef())
      changed |= take_for_number(instruction, *behind);
  for (Instruction &instruction : instructions(function))
    if (is_tag(instruction)) {
      mark_as_integer(instruction);
      changed = true;
    }
  for (auto &[at, place] : places) {
    if (!place.number && !place.integers.empty())
      place.number =
          returned_at(at.first, at.second, getLoadStoreType(place.integers.front())->getScalarSizeInBits()).number;
    if (!place.number)
      continue;
    for (Instruction *instruction : place.integers) {
      if (getLoadStoreType(instruction)->getScalarSizeInBits() != place.number->getScalarSizeInBits())
        continue;
      if (auto *store = dyn_cast<StoreInst>(instruction)) {
        Value *value = store->getValueOperand();
        if (store->isAtomic() || !is_plain_integer(*value, layout))
          continue;
        Value *number = isa<ConstantInt>(value) ? ConstantExpr::getBitCast(cast<Constant>(value), place.number)
                                                : static_cast<Value *>(retyped(*value, place.number,
                                                                               float_name(place.number),
                                                                               store->getIterator()));
        store->setOperand(0, number);
        changed = true;
      } else if (auto *load = dyn_cast<LoadInst>(instruction); load && !load->isAtomic() && irad::counts(*load)) {
        auto *number = new LoadInst(place.number, load->getPointerOperand(), load->getName(), load->isVolatile(),
                                    load->getAlign(), load->getIterator());
        number->setDebugLoc(load->getDebugLoc());
        CallInst *integer = retyped(*number, load->getType(), "Integer", load->getIterator());
        load->replaceAllUsesWith(integer);
        load->eraseFromParent();
        changed = true;
      }
    }
  }
  if (!changed)
    return PreservedAnalyses::all();
  PreservedAnalyses kept;
  kept.preserveSet<CFGAnalyses>();
  return kept;
}
