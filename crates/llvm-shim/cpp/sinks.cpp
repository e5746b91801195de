// Shadows of memory without a derivative, where a pointer to it meets pointers to memory with one: a closure that holds
// an active and an inactive variable, or an iterator over a table of constants. What is added there, nobody reads; as a
// tangent, it is zero.

#include "boundary.h"
#include "enzyme_strings.h"
#include "symbols.h"

#include "llvm/IR/Constants.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Operator.h"
#include "llvm-c/Core.h"

using namespace llvm;

namespace {

bool holds_pointer(const Type *type) {
  if (auto *array = dyn_cast<ArrayType>(type))
    return holds_pointer(array->getElementType());
  if (auto *vector = dyn_cast<VectorType>(type))
    return holds_pointer(vector->getElementType());
  if (auto *structure = dyn_cast<StructType>(type))
    return any_of(structure->elements(), holds_pointer);
  return type->isPointerTy();
}

// More than this is no table that somebody wrote into a function.
constexpr uint64_t MostBytes = 1 << 20;

// The bytes of what a pointer leads into, if it holds numbers alone; zero if that is not known.
uint64_t size_of_numbers(const Value *object, bool holds_numbers, const DataLayout &layout) {
  if (auto *global = dyn_cast<GlobalVariable>(object)) {
    bool is_table = global->isConstant() && global->hasDefinitiveInitializer();
    return is_table && !holds_pointer(global->getValueType()) ? layout.getTypeAllocSize(global->getValueType()) : 0;
  }
  if (!holds_numbers)
    return 0;
  // Enzyme has made such memory of a local variable that is one for each iteration.
  if (auto *call = dyn_cast<CallInst>(object); call && call->hasMetadata(irad::enzyme::FROM_STACK)) {
    auto *size = call->arg_size() ? dyn_cast<ConstantInt>(call->getArgOperand(0)) : nullptr;
    return size ? size->getZExtValue() : 0;
  }
  auto *local = dyn_cast<AllocaInst>(object);
  if (!local)
    return 0;
  std::optional<TypeSize> size = local->getAllocationSize(layout);
  return size && !size->isScalable() ? size->getFixedValue() : 0;
}

} // namespace

LLVMValueRef irad_sink(LLVMValueRef of, LLVMValueRef wrapped, bool holds_numbers, uint64_t width) {
  auto *instruction = dyn_cast<Instruction>(unwrap(of));
  Value *pointer = unwrap(wrapped);
  // rustc stores the fields of a closure as integers where it knows no better.
  auto *bits = dyn_cast<PtrToIntOperator>(pointer);
  if (bits)
    pointer = bits->getPointerOperand();
  if (!instruction || !pointer->getType()->isPointerTy())
    return nullptr;
  Module &module = *instruction->getModule();
  const DataLayout &layout = module.getDataLayout();
  APInt offset(layout.getIndexTypeSizeInBits(pointer->getType()), 0);
  const Value *object = pointer->stripAndAccumulateConstantOffsets(layout, offset, /*AllowNonInbounds=*/true);
  uint64_t size = size_of_numbers(object, holds_numbers, layout);
  // A pointer behind the last element is an iterator's end.
  if (!size || size > MostBytes || offset.isNegative() || offset.ugt(size))
    return nullptr;
  std::string name = (irad::SINK + object->getName()).str();
  GlobalVariable *sink = module.getNamedGlobal(name);
  auto *type = ArrayType::get(Type::getInt8Ty(module.getContext()), size);
  if (!sink || sink->getValueType() != type) {
    sink = new GlobalVariable(module, type, /*isConstant=*/false, GlobalValue::InternalLinkage,
                              ConstantAggregateZero::get(type), name);
    sink->setAlignment(Align(16));
  }
  Constant *shadow = sink;
  if (!offset.isZero())
    shadow = ConstantExpr::getGetElementPtr(Type::getInt8Ty(module.getContext()), sink,
                                            ConstantInt::get(module.getContext(), offset));
  if (bits)
    shadow = ConstantExpr::getPtrToInt(shadow, bits->getType());
  if (width > 1)
    shadow = ConstantArray::get(ArrayType::get(shadow->getType(), width),
                                SmallVector<Constant *, 8>(width, shadow));
  return wrap(shadow);
}
