// Has the functions of a module compute with dual numbers: beside every number its tangent, in the same
// order of operations and along the same branches. What they compute otherwise stays as it is. So a derivative
// is had that owes nothing to Enzyme, and no rounding to differences.
//
// Tangents of what lies in memory are kept beside it (`dual_memory.cpp`). A tangent has the type of its
// number. An integer has one, too, because integers carry the bits of floats from place to place. Those of
// arguments and results go through two buffers, as in LLVM's memory sanitizer.

#include "boundary.h"
#include "dual.h"
#include "roles.h"
#include "seen.h"
#include "symbols.h"

#include "llvm-c/Core.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/InstVisitor.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Local.h"

#include <string>
#include <vector>

using namespace llvm;
using namespace irad;

namespace {

// True for a type some part of which may hold a tangent.
bool carries(Type *type) {
  if (type->isFloatingPointTy() || type->isIntegerTy())
    return true;
  if (auto *vector = dyn_cast<VectorType>(type))
    return carries(vector->getElementType());
  if (auto *array = dyn_cast<ArrayType>(type))
    return carries(array->getElementType());
  if (auto *structure = dyn_cast<StructType>(type))
    return any_of(structure->elements(), carries);
  return false;
}

bool is_real(Type *type) {
  Type *scalar = type->getScalarType();
  return scalar->isDoubleTy() || scalar->isFloatTy() || scalar->isHalfTy() || scalar->isBFloatTy();
}

// True for what the C library does without touching a number that has a tangent.
bool is_harmless(StringRef symbol) {
  return StringSwitch<bool>(symbol)
      .Cases({"memcmp", "bcmp", "strlen", "strcmp", "puts", "putchar", "printf", "write", "abort"},
             true)
      .Default(symbol.starts_with("irad."));
}

// The name of a function with a rule, without what says the size of its numbers.
StringRef rule_name(const Function &callee, bool is_single) {
  StringRef name = callee.getName();
  if (callee.isIntrinsic())
    return Intrinsic::getBaseName(callee.getIntrinsicID()).drop_front(5);
  return is_single && name.ends_with("f") && name != "erf" ? name.drop_back() : name;
}

struct Instrument : InstVisitor<Instrument> {
  Function &function;
  const DataLayout &layout;
  IRBuilder<> builder;
  DualBuilder dual;
  DenseMap<Value *, Value *> tangents;
  std::vector<std::pair<PHINode *, PHINode *>> phis;
  std::vector<Instruction *> dead;

  // Tells what it computes.
  bool is_told;

  Instrument(Function &function, bool is_told)
      : function(function), layout(function.getDataLayout()), builder(function.getContext()),
        dual(builder), is_told(is_told) {}

  void run() {
    EliminateUnreachableBlocks(function);
    builder.SetInsertPoint(&*function.getEntryBlock().getFirstNonPHIOrDbgOrAlloca());
    arguments();
    ReversePostOrderTraversal<Function *> order(&function);
    std::vector<Instruction *> all;
    for (BasicBlock *block : order)
      for (Instruction &instruction : *block)
        all.push_back(&instruction);
    // What was put before the body is no part of it.
    for (Instruction *instruction : all) {
      if (own.contains(instruction))
        continue;
      builder.SetInsertPoint(instruction);
      // Where it goes on behind this one, before anything is put there.
      Instruction *next = behind_all(*instruction);
      visit(*instruction);
      if (is_told && next)
        tell(*instruction, next);
    }
    for (auto &[phi, tangent] : phis)
      for (auto [value, block] : zip(phi->incoming_values(), phi->blocks()))
        tangent->addIncoming(of(value), block);
    std::vector<WeakTrackingVH> unused;
    for (BasicBlock &block : function)
      for (Instruction &instruction : block)
        if (isInstructionTriviallyDead(&instruction))
          unused.emplace_back(&instruction);
    for (WeakTrackingVH &handle : unused)
      if (auto *instruction = dyn_cast_or_null<Instruction>(static_cast<Value *>(handle)))
        RecursivelyDeleteTriviallyDeadInstructions(instruction);
  }

  // --- what is told ---

  Instruction *behind_all(Instruction &instruction) {
    if (instruction.isTerminator())
      return nullptr;
    return isa<PHINode>(instruction) ? &*instruction.getParent()->getFirstNonPHIOrDbg()
                                     : instruction.getNextNode();
  }

  void tell(Instruction &instruction, Instruction *next) {
    unsigned number = irad::number_of(instruction);
    Type *type = instruction.getType();
    auto *call_of = dyn_cast<CallInst>(&instruction);
    if (!number || (call_of && call_of->isMustTailCall()))
      return;
    builder.SetInsertPoint(next);
    Value *place = builder.getInt32(number);
    Type *nothing = builder.getVoidTy(), *real = builder.getDoubleTy();
    auto is_plain = [](Type *type) { return type->isDoubleTy() || type->isFloatTy(); };
    auto wide = [&](Value *value) {
      return value->getType() == real ? value : builder.CreateFPExt(value, real);
    };
    if (auto *stored = dyn_cast<StoreInst>(&instruction)) {
      Value *value = stored->getValueOperand();
      if (is_plain(value->getType()))
        call(&irad_seen_store, nothing,
             {place, wide(value), generic(stored->getPointerOperand()), bytes_of(value->getType())});
    } else if (auto *copy = dyn_cast<MemTransferInst>(&instruction)) {
      call(&irad_seen_copy, nothing,
           {place, generic(copy->getRawDest()), generic(copy->getRawSource()),
            builder.CreateZExtOrTrunc(copy->getLength(), builder.getInt64Ty())});
    } else if (auto *fill = dyn_cast<MemSetInst>(&instruction)) {
      call(&irad_seen_copy, nothing,
           {place, generic(fill->getRawDest()), none(builder.getPtrTy()),
            builder.CreateZExtOrTrunc(fill->getLength(), builder.getInt64Ty())});
    } else if (is_plain(type)) {
      auto *loaded = dyn_cast<LoadInst>(&instruction);
      Value *from = loaded ? generic(loaded->getPointerOperand()) : none(builder.getPtrTy());
      Value *tangent = call(&irad_seen_value, real,
                            {place, wide(&instruction), wide(of(&instruction)), from});
      set(instruction, type == real ? tangent : builder.CreateFPTrunc(tangent, type));
    } else if (type->isIntegerTy() && type->getIntegerBitWidth() <= 64) {
      Value *value = type->isIntegerTy(1) ? builder.CreateZExt(&instruction, builder.getInt64Ty())
                                          : builder.CreateSExt(&instruction, builder.getInt64Ty());
      call(&irad_seen_integer, nothing, {place, value});
    }
  }

  // --- values ---

  SmallPtrSet<Instruction *, 16> own;

  Value *none(Type *type) { return Constant::getNullValue(type); }

  Value *of(Value *value) {
    if (auto found = tangents.find(value); found != tangents.end())
      return found->second;
    return none(value->getType());
  }

  void set(Value &value, Value *tangent) { tangents[&value] = tangent; }

  bool is_none(Value *tangent) {
    auto *constant = dyn_cast<Constant>(tangent);
    return constant && constant->isNullValue();
  }

  // True at run time where a tangent is not zero.
  Value *moves(Value *tangent) {
    Type *type = tangent->getType();
    if (type->isFPOrFPVectorTy())
      return builder.CreateFCmpUNE(tangent, none(type));
    return builder.CreateICmpNE(tangent, none(type));
  }

  // Integers that bits of floats went into by arithmetic: what they have for a tangent only tells that they
  // depend on something that moves.
  SmallPtrSet<Value *, 16> mangled;

  void mangle(Instruction &operation, Value *tangent) {
    mangled.insert(&operation);
    set(operation, tangent);
  }

  // Has a mangled integer that is used for more than comparisons be noted.
  void spend(Value *value) {
    if (mangled.contains(value))
      dual.note(moves(of(value)), IRAD_MET_UNKNOWN);
  }

  // --- memory ---

  FunctionCallee runtime(const void *address, Type *result, ArrayRef<Type *> parameters) {
    auto *type = FunctionType::get(result, parameters, false);
    Value *pointer = builder.CreateIntToPtr(
        builder.getInt64(reinterpret_cast<uint64_t>(address)), builder.getPtrTy());
    return {type, pointer};
  }

  template <typename Body> CallInst *call(Body *body, Type *result, ArrayRef<Value *> arguments) {
    SmallVector<Type *, 4> types;
    for (Value *argument : arguments)
      types.push_back(argument->getType());
    auto *call = builder.CreateCall(runtime(reinterpret_cast<const void *>(body), result, types),
                                    arguments);
    call->setDoesNotThrow();
    return call;
  }

  CallInst *reads(CallInst *call) {
    call->setOnlyReadsMemory();
    call->addFnAttr(Attribute::WillReturn);
    return call;
  }

  Value *bytes_of(Type *type) { return builder.getInt64(layout.getTypeStoreSize(type)); }

  Value *generic(Value *pointer) {
    if (pointer->getType()->getPointerAddressSpace() == 0)
      return pointer;
    return builder.CreateAddrSpaceCast(pointer, builder.getPtrTy());
  }

  // Room for a tangent on its way from or to memory.
  Value *room(Type *type) {
    IRBuilder<> start(&function.getEntryBlock(), function.getEntryBlock().begin());
    auto *slot = start.CreateAlloca(type);
    own.insert(slot);
    return slot;
  }

  Value *load(Type *type, Value *from) {
    if (!carries(type))
      return none(type);
    from = generic(from);
    if (type->isDoubleTy() || type->isIntegerTy(64)) {
      Value *bits = reads(call(&irad_dual_load8, builder.getInt64Ty(), {from}));
      return builder.CreateBitCast(bits, type);
    }
    if (type->isFloatTy() || type->isIntegerTy(32)) {
      Value *bits = reads(call(&irad_dual_load4, builder.getInt32Ty(), {from}));
      return builder.CreateBitCast(bits, type);
    }
    if (type->isIntegerTy(1) || type->isIntegerTy(8))
      return none(type);
    Value *slot = room(type);
    call(&irad_dual_load, builder.getVoidTy(), {slot, from, bytes_of(type)});
    return builder.CreateLoad(type, slot);
  }

  void store(Value *tangent, Value *to) {
    Type *type = tangent->getType();
    to = generic(to);
    if (is_none(tangent))
      call(&irad_dual_zero, builder.getVoidTy(), {to, bytes_of(type)});
    else if (type->isDoubleTy() || type->isIntegerTy(64))
      call(&irad_dual_store8, builder.getVoidTy(),
           {to, builder.CreateBitCast(tangent, builder.getInt64Ty())});
    else if (type->isFloatTy() || type->isIntegerTy(32))
      call(&irad_dual_store4, builder.getVoidTy(),
           {to, builder.CreateBitCast(tangent, builder.getInt32Ty())});
    else {
      Value *slot = room(type);
      builder.CreateStore(tangent, slot);
      call(&irad_dual_store, builder.getVoidTy(), {to, slot, bytes_of(type)});
    }
  }

  // Where the tangent of an argument or a result is handed over.
  Value *place(const unsigned char *buffer, uint64_t offset) {
    return builder.CreateIntToPtr(
        builder.getInt64(reinterpret_cast<uint64_t>(buffer) + offset), builder.getPtrTy());
  }

  // How far the next one is.
  uint64_t after(uint64_t offset, Type *type) {
    return alignTo(offset + layout.getTypeStoreSize(type), 16);
  }

  bool fits(uint64_t offset, Type *type) {
    return type->isSized() && offset + layout.getTypeStoreSize(type) <= DUAL_ROOM;
  }

  void arguments() {
    uint64_t offset = 0;
    Instruction *before = &*builder.GetInsertPoint();
    Instruction *first = before->getPrevNode();
    for (Argument &argument : function.args()) {
      Type *type = argument.getType();
      if (!fits(offset, type))
        break;
      if (argument.hasByValAttr()) {
        // A copy of the caller's memory, whose address it hands over.
        Value *from = builder.CreateLoad(builder.getPtrTy(), place(irad_dual_arguments, offset));
        Type *copied = argument.getParamByValType();
        call(&irad_dual_copy, builder.getVoidTy(), {&argument, from, bytes_of(copied)});
      } else if (carries(type)) {
        set(argument, builder.CreateAlignedLoad(type, place(irad_dual_arguments, offset), Align(1)));
      }
      offset = after(offset, type);
    }
    for (Instruction *at = first ? first->getNextNode() : &function.getEntryBlock().front();
         at != before; at = at->getNextNode())
      own.insert(at);
  }

  // --- instructions ---

  void visitInstruction(Instruction &instruction) {
    if (is_real(instruction.getType()))
      unknown(instruction);
  }

  // Notes at run time that a tangent goes into what no rule is known for.
  void unknown(Instruction &instruction) {
    for (Value *operand : instruction.operands())
      if (is_real(operand->getType()))
        if (Value *tangent = of(operand); !is_none(tangent))
          dual.note(moves(tangent), IRAD_MET_UNKNOWN);
  }

  void visitPHINode(PHINode &phi) {
    if (!carries(phi.getType()))
      return;
    PHINode *tangent = PHINode::Create(phi.getType(), phi.getNumIncomingValues(), "", phi.getIterator());
    if (any_of(phi.incoming_values(), [&](Value *value) { return mangled.contains(value); }))
      mangled.insert(&phi);
    phis.emplace_back(&phi, tangent);
    set(phi, tangent);
  }

  void visitSelectInst(SelectInst &select) {
    if (mangled.contains(select.getTrueValue()) || mangled.contains(select.getFalseValue()))
      mangled.insert(&select);
    if (carries(select.getType()))
      set(select, builder.CreateSelect(select.getCondition(), of(select.getTrueValue()),
                                       of(select.getFalseValue())));
  }

  void visitFreezeInst(FreezeInst &freeze) { set(freeze, of(freeze.getOperand(0))); }

  void visitUnaryOperator(UnaryOperator &operation) {
    if (Value *tangent = of(operation.getOperand(0)); !is_none(tangent))
      set(operation, builder.CreateFNeg(tangent));
  }

  void visitBinaryOperator(BinaryOperator &operation) {
    Value *x = operation.getOperand(0);
    Value *y = operation.getOperand(1);
    Value *dx = of(x);
    Value *dy = of(y);
    if (is_none(dx) && is_none(dy))
      return;
    builder.SetInsertPoint(operation.getNextNode());
    if (!is_real(operation.getType()) && operation.getType()->isFPOrFPVectorTy())
      return unknown(operation);
    if (mangled.contains(x) || mangled.contains(y))
      return mangle(operation, builder.CreateOr(dx, dy));
    switch (operation.getOpcode()) {
    case Instruction::FAdd:
      return set(operation, builder.CreateFAdd(dx, dy));
    case Instruction::FSub:
      return set(operation, builder.CreateFSub(dx, dy));
    case Instruction::FMul:
      return set(operation, builder.CreateFAdd(dual.times(y, dx), dual.times(x, dy)));
    case Instruction::FDiv: {
      Value *one = ConstantFP::get(y->getType(), 1.0);
      Value *inverse = builder.CreateFDiv(one, y);
      Value *moved = dual.times(inverse, dx);
      return set(operation, builder.CreateFSub(
                                moved, dual.times(builder.CreateFMul(&operation, inverse), dy)));
    }
    case Instruction::FRem: {
      Value *times = builder.CreateUnaryIntrinsic(Intrinsic::trunc, builder.CreateFDiv(x, y));
      return set(operation, builder.CreateFSub(dx, dual.times(times, dy)));
    }
    // Bits of floats that are put together and taken apart.
    case Instruction::Or:
      return set(operation, builder.CreateOr(dx, dy));
    case Instruction::Shl:
    case Instruction::LShr:
    case Instruction::AShr: {
      bool is_left = operation.getOpcode() == Instruction::Shl;
      if (is_none(dx))
        return;
      return set(operation, is_left ? builder.CreateShl(dx, y) : builder.CreateLShr(dx, y));
    }
    case Instruction::And:
    case Instruction::Xor:
      return bits(operation, x, dx, y, dy);
    default:
      if (operation.getType()->isIntOrIntVectorTy())
        mangle(operation, builder.CreateOr(dx, dy));
      return;
    }
  }

  // Masks, and the sign bit: how integers take an absolute value or change a sign.
  void bits(BinaryOperator &operation, Value *x, Value *dx, Value *y, Value *dy) {
    if (!isa<ConstantInt>(y)) {
      std::swap(x, y);
      std::swap(dx, dy);
    }
    auto *mask = dyn_cast<ConstantInt>(y);
    if (!mask || is_none(dx))
      return mangle(operation, builder.CreateOr(dx, dy));
    const APInt &value = mask->getValue();
    Type *type = x->getType();
    Value *sign = ConstantInt::get(type, APInt::getSignMask(value.getBitWidth()));
    Value *moves = builder.CreateICmpNE(dx, none(type));
    if (operation.getOpcode() == Instruction::Xor) {
      if (value.isSignMask())
        set(operation, builder.CreateSelect(moves, builder.CreateXor(dx, sign), none(type)));
      else
        mangle(operation, dx);
    } else if (value.isMaxSignedValue() && (value.getBitWidth() == 64 || value.getBitWidth() == 32)) {
      Value *flipped = builder.CreateXor(dx, builder.CreateAnd(x, sign));
      set(operation, builder.CreateSelect(moves, flipped, none(type)));
    } else if (!value.isSignMask()) {
      set(operation, builder.CreateAnd(dx, y));
    }
  }

  void visitCastInst(CastInst &cast) {
    Value *tangent = of(cast.getOperand(0));
    if (is_none(tangent))
      return;
    builder.SetInsertPoint(cast.getNextNode());
    switch (cast.getOpcode()) {
    case Instruction::BitCast:
    case Instruction::FPExt:
    case Instruction::FPTrunc:
    case Instruction::Trunc:
    case Instruction::ZExt:
    case Instruction::SExt:
      if (mangled.contains(cast.getOperand(0))) {
        if (cast.getType()->isIntOrIntVectorTy())
          mangled.insert(&cast);
        else
          spend(cast.getOperand(0));
      }
      return set(cast, builder.CreateCast(cast.getOpcode(), tangent, cast.getType()));
    case Instruction::SIToFP:
    case Instruction::UIToFP:
      // A number made of bits, as in an approximation of a logarithm.
      return dual.note(moves(tangent), IRAD_MET_UNKNOWN);
    default:
      return;
    }
  }

  void visitCmpInst(CmpInst &) {}
  void visitGetElementPtrInst(GetElementPtrInst &) {}
  void visitAllocaInst(AllocaInst &) {}
  void visitFenceInst(FenceInst &) {}
  void visitVAArgInst(VAArgInst &) {}
  void visitLandingPadInst(LandingPadInst &) {}

  void visitExtractValueInst(ExtractValueInst &part) {
    if (Value *whole = of(part.getAggregateOperand()); !is_none(whole))
      set(part, builder.CreateExtractValue(whole, part.getIndices()));
  }

  void visitInsertValueInst(InsertValueInst &made) {
    Value *whole = of(made.getAggregateOperand());
    Value *part = of(made.getInsertedValueOperand());
    if (!is_none(whole) || !is_none(part))
      set(made, builder.CreateInsertValue(whole, part, made.getIndices()));
  }

  void visitExtractElementInst(ExtractElementInst &part) {
    if (Value *whole = of(part.getVectorOperand()); !is_none(whole))
      set(part, builder.CreateExtractElement(whole, part.getIndexOperand()));
  }

  void visitInsertElementInst(InsertElementInst &made) {
    set(made, builder.CreateInsertElement(of(made.getOperand(0)), of(made.getOperand(1)),
                                          made.getOperand(2)));
  }

  void visitShuffleVectorInst(ShuffleVectorInst &made) {
    set(made, builder.CreateShuffleVector(of(made.getOperand(0)), of(made.getOperand(1)),
                                          made.getShuffleMask()));
  }

  void visitLoadInst(LoadInst &loaded) {
    if (carries(loaded.getType()))
      set(loaded, load(loaded.getType(), loaded.getPointerOperand()));
  }

  void visitStoreInst(StoreInst &stored) {
    spend(stored.getValueOperand());
    store(of(stored.getValueOperand()), stored.getPointerOperand());
  }

  void visitAtomicCmpXchgInst(AtomicCmpXchgInst &exchange) {
    store(none(exchange.getNewValOperand()->getType()), exchange.getPointerOperand());
  }

  void visitAtomicRMWInst(AtomicRMWInst &update) {
    Value *at = update.getPointerOperand();
    Value *tangent = of(update.getValOperand());
    Value *before = load(update.getType(), at);
    set(update, before);
    switch (update.getOperation()) {
    case AtomicRMWInst::Xchg:
      return store(tangent, at);
    case AtomicRMWInst::FAdd:
      return store(builder.CreateFAdd(before, tangent), at);
    case AtomicRMWInst::FSub:
      return store(builder.CreateFSub(before, tangent), at);
    default:
      return store(none(update.getType()), at);
    }
  }

  void visitReturnInst(ReturnInst &end) {
    Value *value = end.getReturnValue();
    if (!value || !fits(0, value->getType()))
      return;
    spend(value);
    if (auto *call = end.getParent()->getTerminatingMustTailCall(); call)
      return;
    if (carries(value->getType()))
      builder.CreateAlignedStore(of(value), place(irad_dual_returned, 0), Align(1));
  }

  // --- calls ---

  void visitMemTransferInst(MemTransferInst &copy) {
    Value *bytes = builder.CreateZExtOrTrunc(copy.getLength(), builder.getInt64Ty());
    call(&irad_dual_copy, builder.getVoidTy(),
         {generic(copy.getRawDest()), generic(copy.getRawSource()), bytes});
  }

  void visitMemSetInst(MemSetInst &fill) {
    Value *bytes = builder.CreateZExtOrTrunc(fill.getLength(), builder.getInt64Ty());
    call(&irad_dual_zero, builder.getVoidTy(), {generic(fill.getRawDest()), bytes});
  }

  void visitDbgInfoIntrinsic(DbgInfoIntrinsic &) {}

  void visitCallBase(CallBase &called) {
    // The counter of a block.
    if (isa<ConstantExpr>(called.getCalledOperand()))
      return;
    if (called.isInlineAsm())
      return unknown(called);
    Function *callee = called.getCalledFunction();
    if (callee && callee->isIntrinsic())
      return intrinsic(cast<CallInst>(called), *callee);
    if (callee && callee->isDeclaration())
      return external(called, *callee);
    uint64_t offset = 0;
    for (unsigned at = 0; at < called.arg_size(); at++) {
      Value *argument = called.getArgOperand(at);
      spend(argument);
      Type *type = argument->getType();
      if (!fits(offset, type))
        break;
      if (called.isByValArgument(at))
        builder.CreateStore(argument, place(irad_dual_arguments, offset));
      else if (carries(type))
        builder.CreateAlignedStore(of(argument), place(irad_dual_arguments, offset), Align(1));
      offset = after(offset, type);
    }
    if (called.isMustTailCall() || !carries(called.getType()) || !fits(0, called.getType()))
      return;
    // What has no body here leaves no tangent.
    builder.CreateAlignedStore(none(called.getType()), place(irad_dual_returned, 0), Align(1));
    if (!behind(called))
      return;
    set(called,
        builder.CreateAlignedLoad(called.getType(), place(irad_dual_returned, 0), Align(1)));
  }

  // Goes on behind a call; false where nothing is.
  bool behind(CallBase &called) {
    if (auto *invoke = dyn_cast<InvokeInst>(&called)) {
      BasicBlock *next = invoke->getNormalDest();
      if (!next->getSinglePredecessor())
        next = SplitEdge(invoke->getParent(), next);
      builder.SetInsertPoint(&*next->getFirstInsertionPt());
      return true;
    }
    builder.SetInsertPoint(called.getNextNode());
    return true;
  }

  void external(CallBase &called, Function &callee) {
    StringRef name = callee.getName();
    StringRef memory = allocator_name(name);
    if (!memory.empty()) {
      behind(called);
      if (memory == "__rust_alloc_zeroed")
        call(&irad_dual_zero, builder.getVoidTy(), {&called, called.getArgOperand(0)});
      else if (memory == "calloc")
        call(&irad_dual_zero, builder.getVoidTy(),
             {&called, builder.CreateMul(called.getArgOperand(0), called.getArgOperand(1))});
      else if (memory == "realloc" || memory == "__rust_realloc") {
        // As much as both have: what lies behind the old one has no tangent.
        Value *bytes = called.getArgOperand(memory == "realloc" ? 1 : 3);
        if (memory == "__rust_realloc")
          bytes = builder.CreateBinaryIntrinsic(Intrinsic::umin, bytes, called.getArgOperand(1));
        call(&irad_dual_copy, builder.getVoidTy(), {&called, called.getArgOperand(0), bytes});
      }
      return;
    }
    if ((name == "memcpy" || name == "memmove") && called.arg_size() == 3) {
      call(&irad_dual_copy, builder.getVoidTy(),
           {called.getArgOperand(0), called.getArgOperand(1), called.getArgOperand(2)});
      return;
    }
    if (name == "memset" && called.arg_size() == 3) {
      call(&irad_dual_zero, builder.getVoidTy(),
           {called.getArgOperand(0), called.getArgOperand(2)});
      return;
    }
    if (is_harmless(name))
      return;
    if (is_real(called.getType()) && !called.getType()->isVectorTy() && known(called, callee))
      return;
    unknown(called);
    // It may write through what it is handed.
    for (Value *argument : called.args())
      if (argument->getType()->isPointerTy() && !called.onlyReadsMemory())
        return dual.note(builder.getTrue(), IRAD_MET_UNKNOWN);
  }

  void intrinsic(CallInst &called, Function &callee) {
    Type *type = called.getType();
    switch (callee.getIntrinsicID()) {
    case Intrinsic::ptrmask:
    case Intrinsic::expect:
    case Intrinsic::launder_invariant_group:
      return set(called, of(called.getArgOperand(0)));
    case Intrinsic::powi: {
      Value *x = called.getArgOperand(0);
      Value *n = called.getArgOperand(1);
      if (is_none(of(x)))
        return;
      Value *less = builder.CreateSub(n, ConstantInt::get(n->getType(), 1));
      Value *power = builder.CreateIntrinsic(Intrinsic::powi, {type, n->getType()}, {x, less});
      Value *factor = builder.CreateFMul(builder.CreateSIToFP(n, type), power);
      Value *is_zero = builder.CreateICmpEQ(n, ConstantInt::get(n->getType(), 0));
      factor = builder.CreateSelect(is_zero, none(type), factor);
      return set(called, dual.times(factor, of(x)));
    }
    case Intrinsic::ldexp: {
      if (is_none(of(called.getArgOperand(0))))
        return;
      SmallVector<Value *, 2> arguments{of(called.getArgOperand(0)), called.getArgOperand(1)};
      return set(called, builder.CreateCall(&callee, arguments));
    }
    case Intrinsic::sincos: {
      Value *x = called.getArgOperand(0);
      Value *dx = of(x);
      if (is_none(dx))
        return;
      builder.SetInsertPoint(called.getNextNode());
      Value *sine = builder.CreateExtractValue(&called, 0);
      Value *cosine = builder.CreateExtractValue(&called, 1);
      Value *made = builder.CreateInsertValue(none(type), dual.times(cosine, dx), 0);
      return set(called, builder.CreateInsertValue(
                             made, dual.times(builder.CreateFNeg(sine), dx), 1));
    }
    case Intrinsic::vector_reduce_fadd: {
      Value *start = of(called.getArgOperand(0));
      Value *lanes = of(called.getArgOperand(1));
      return set(called, builder.CreateFAddReduce(start, lanes));
    }
    default:
      break;
    }
    if (is_real(type)) {
      if (!known(called, callee))
        unknown(called);
    }
  }

  // Sets the tangent of a call of what has a rule, one lane after the other. False for what has none.
  bool known(CallBase &called, Function &callee) {
    Type *type = called.getType();
    bool is_single = type->getScalarType()->isFloatTy();
    StringRef name = rule_name(callee, is_single);
    SmallVector<Value *, 3> numbers;
    bool moves = false;
    for (Value *argument : called.args()) {
      if (argument->getType() != type)
        continue;
      numbers.push_back(argument);
      moves |= !is_none(of(argument));
    }
    if (!moves)
      return true;
    if (numbers.size() != called.arg_size() && name != "lgamma_r")
      return false;
    if (!behind(called))
      return true;
    Type *real = builder.getDoubleTy();
    auto wide = [&](Value *value) {
      return value->getType() == real ? value : builder.CreateFPExt(value, real);
    };
    auto *vector = dyn_cast<FixedVectorType>(type);
    unsigned lanes = vector ? vector->getNumElements() : 1;
    Value *out = none(type);
    for (unsigned lane = 0; lane < lanes; lane++) {
      auto part = [&](Value *value) {
        return wide(vector ? builder.CreateExtractElement(value, lane) : value);
      };
      SmallVector<Value *, 3> at, tangents;
      for (Value *number : numbers) {
        at.push_back(part(number));
        tangents.push_back(part(of(number)));
      }
      Value *tangent = dual.rule(name, at, tangents, part(&called));
      if (!tangent)
        return false;
      if (type->getScalarType() != real)
        tangent = builder.CreateFPTrunc(tangent, type->getScalarType());
      out = vector ? builder.CreateInsertElement(out, tangent, lane) : tangent;
    }
    set(called, out);
    return true;
  }
};

// Counters of how often blocks ran. They stay where they are: compiled code has their addresses.
std::vector<uint64_t *> &counters() {
  static auto *all = new std::vector<uint64_t *>;
  return *all;
}

// The blocks that end in a panic, or in what cannot be.
SmallPtrSet<BasicBlock *, 16> dead_ends(Function &function) {
  SmallPtrSet<BasicBlock *, 16> found;
  for (bool grows = true; grows;) {
    grows = false;
    for (BasicBlock &block : function) {
      Instruction *end = block.getTerminator();
      bool is_dead = isa<UnreachableInst>(end) || isa<ResumeInst>(end) || block.isLandingPad() ||
                     (end->getNumSuccessors() > 0 && all_of(successors(&block), [&](BasicBlock *to) {
                        return found.contains(to);
                      }));
      if (is_dead)
        grows |= found.insert(&block).second;
    }
  }
  return found;
}

// The line that a block begins at, in the file where it stands.
const DILocation *line_of(const BasicBlock &block) {
  for (const Instruction &instruction : block)
    if (const DILocation *location = instruction.getDebugLoc(); location && location->getLine())
      return location;
  return nullptr;
}

void count(Function &function, IradOnBlock on_block, void *context) {
  auto dead = dead_ends(function);
  IRBuilder<> builder(function.getContext());
  for (BasicBlock &block : function) {
    auto *counter = new uint64_t(0);
    counters().push_back(counter);
    builder.SetInsertPoint(&*block.getFirstInsertionPt());
    auto address = [&](const void *of) {
      return builder.CreateIntToPtr(builder.getInt64(reinterpret_cast<uint64_t>(of)),
                                    builder.getPtrTy());
    };
    auto *type = FunctionType::get(builder.getVoidTy(), {builder.getPtrTy()}, false);
    builder.CreateCall(type, address(reinterpret_cast<const void *>(&irad_dual_enter)),
                       {address(counter)});
    const DILocation *location = line_of(block);
    std::string file = location ? location->getFilename().str() : "";
    std::string symbol = function.getName().str();
    on_block(context, symbol.c_str(), file.c_str(), location ? location->getLine() : 0,
             dead.contains(&block));
  }
}

} // namespace

void irad_dual_instrument(LLVMModuleRef ref, LLVMValueRef told, IradOnBlock on_block,
                          void *context) {
  std::vector<Function *> functions;
  for (Function &function : *unwrap(ref))
    if (!function.isDeclaration())
      functions.push_back(&function);
  // Functions lose what was known of them: they write to memory that nobody sees.
  for (Function *function : functions) {
    function->removeFnAttr(Attribute::Memory);
    for (User *user : function->users())
      if (auto *call = dyn_cast<CallBase>(user))
        call->removeFnAttr(Attribute::Memory);
    if (!function->getName().starts_with("irad."))
      count(*function, on_block, context);
  }
  for (Function *function : functions)
    if (!function->getName().starts_with("irad.stop"))
      Instrument(*function, wrap(function) == told).run();
}

size_t irad_dual_counts(uint64_t *counts, size_t most) {
  size_t many = std::min(most, counters().size());
  for (size_t at = 0; at < many; at++) {
    counts[at] = *counters()[at];
    *counters()[at] = 0;
  }
  return many;
}
