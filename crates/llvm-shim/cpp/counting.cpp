// Counts what a module's functions do: how often each block runs, and how many bytes its instructions move and
// allocate where only the run knows.

#include "boundary.h"
#include "roles.h"
#include "symbols.h"

#include "llvm-c/Core.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"

#include <memory>
#include <utility>
#include <vector>

using namespace irad;
using namespace llvm;

namespace {

// They stay where they are: compiled code has their addresses.
std::vector<std::unique_ptr<uint64_t>> &counters() {
  static auto *all = new std::vector<std::unique_ptr<uint64_t>>;
  return *all;
}

// A new counter, and its place among all.
std::pair<uint32_t, uint64_t *> counter() {
  counters().push_back(std::make_unique<uint64_t>(0));
  return {uint32_t(counters().size() - 1), counters().back().get()};
}

// Adds to a counter.
void add(IRBuilder<> &builder, uint64_t *counter, Value *amount) {
  Value *at = builder.CreateIntToPtr(builder.getInt64(reinterpret_cast<uint64_t>(counter)), builder.getPtrTy());
  Value *before = builder.CreateLoad(builder.getInt64Ty(), at);
  builder.CreateStore(builder.CreateAdd(before, amount), at);
}

uint64_t lanes(const Type *type) {
  const auto *vector = dyn_cast<FixedVectorType>(type);
  return vector ? vector->getNumElements() : 1;
}

// True for what is there for the compiler, and no instruction of any machine.
bool is_nothing(const Instruction &instruction) {
  const auto *call = dyn_cast<IntrinsicInst>(&instruction);
  return isa<PHINode>(instruction) ||
         (call && (call->isAssumeLikeIntrinsic() || isa<DbgInfoIntrinsic>(call)));
}

// Floating-point operations of a call: of a function of mathematics, one for each number.
uint64_t operations(const CallBase &call) {
  const Type *type = call.getType();
  if (!type->isFPOrFPVectorTy())
    return 0;
  switch (call.getIntrinsicID()) {
  case Intrinsic::fma:
  case Intrinsic::fmuladd:
    return 2 * lanes(type);
  case Intrinsic::vector_reduce_fadd:
  case Intrinsic::vector_reduce_fmul:
    return lanes(call.getArgOperand(1)->getType());
  // These choose, round or change the sign's bit.
  case Intrinsic::fabs:
  case Intrinsic::copysign:
  case Intrinsic::minnum:
  case Intrinsic::maxnum:
  case Intrinsic::minimum:
  case Intrinsic::maximum:
  case Intrinsic::floor:
  case Intrinsic::ceil:
  case Intrinsic::trunc:
  case Intrinsic::rint:
  case Intrinsic::nearbyint:
  case Intrinsic::round:
  case Intrinsic::roundeven:
  case Intrinsic::canonicalize:
  case Intrinsic::masked_load:
  case Intrinsic::masked_gather:
  case Intrinsic::vector_reduce_fmax:
  case Intrinsic::vector_reduce_fmin:
    return 0;
  case Intrinsic::not_intrinsic: {
    const Function *called = call.getCalledFunction();
    bool is_mathematics = called && called->isDeclaration() && call.arg_size() > 0 &&
                          all_of(call.args(), [](const Use &one) {
                            return one->getType()->isFPOrFPVectorTy() || one->getType()->isIntegerTy();
                          });
    return is_mathematics ? lanes(type) : 0;
  }
  default:
    return lanes(type);
  }
}

uint64_t operations(const Instruction &instruction) {
  switch (instruction.getOpcode()) {
  case Instruction::FAdd:
  case Instruction::FSub:
  case Instruction::FMul:
  case Instruction::FDiv:
  case Instruction::FRem:
  case Instruction::FNeg:
    return lanes(instruction.getType());
  default:
    const auto *call = dyn_cast<CallBase>(&instruction);
    return call ? operations(*call) : 0;
  }
}

// How many bytes a call allocates, if it does.
Value *allocated(CallBase &call, IRBuilder<> &builder) {
  const Function *called = call.getCalledFunction();
  if (!called)
    return nullptr;
  StringRef name = allocator_name(called->getName());
  auto argument = [&](unsigned at) { return builder.CreateZExtOrTrunc(call.getArgOperand(at), builder.getInt64Ty()); };
  if (name == "__rust_alloc" || name == "__rust_alloc_zeroed" || name == "malloc")
    return argument(0);
  if (name == "calloc")
    return builder.CreateMul(argument(0), argument(1));
  if (name == "realloc")
    return argument(1);
  if (name == "__rust_realloc")
    return argument(3);
  return nullptr;
}

void count(Function &function, IradOnCounted on_counted, void *context) {
  const DataLayout &layout = function.getParent()->getDataLayout();
  IRBuilder<> builder(function.getContext());
  std::string symbol = function.getName().str();
  std::vector<std::pair<Instruction *, IradCost>> all;
  for (BasicBlock &block : function) {
    auto [at, counts] = counter();
    for (Instruction &instruction : block) {
      IradCost cost = {};
      cost.block = at;
      cost.number = number_of(instruction);
      cost.instructions = is_nothing(instruction) ? 0 : 1;
      cost.operations = uint32_t(operations(instruction));
      if (isa<LoadInst>(instruction))
        cost.loaded = layout.getTypeStoreSize(instruction.getType()).getKnownMinValue();
      else if (const auto *store = dyn_cast<StoreInst>(&instruction))
        cost.stored = layout.getTypeStoreSize(store->getValueOperand()->getType()).getKnownMinValue();
      else if (const auto *call = dyn_cast<CallBase>(&instruction))
        cost.calls = call->getIntrinsicID() == Intrinsic::not_intrinsic && !call->isInlineAsm();
      all.push_back({&instruction, cost});
    }
    builder.SetInsertPoint(&*block.getFirstInsertionPt());
    builder.SetCurrentDebugLocation(DebugLoc());
    add(builder, counts, builder.getInt64(1));
  }
  for (auto &[instruction, cost] : all) {
    Value *amount = nullptr;
    builder.SetInsertPoint(instruction);
    builder.SetCurrentDebugLocation(DebugLoc());
    if (auto *block = dyn_cast<MemIntrinsic>(instruction)) {
      amount = builder.CreateZExtOrTrunc(block->getLength(), builder.getInt64Ty());
      cost.measures = isa<MemTransferInst>(block) ? IRAD_MEASURES_MOVED : IRAD_MEASURES_SET;
    } else if (auto *call = dyn_cast<CallBase>(instruction)) {
      amount = allocated(*call, builder);
      cost.measures = amount ? IRAD_MEASURES_ALLOCATED : IRAD_MEASURES_NOTHING;
    }
    if (amount) {
      auto [at, counts] = counter();
      cost.measured = at;
      add(builder, counts, amount);
    }
    const DILocation *location = users_own(instruction->getDebugLoc());
    on_counted(context, symbol.c_str(), location ? location->getFilename().str().c_str() : "",
               location ? location->getLine() : 0, &cost);
  }
}

} // namespace

void irad_count(LLVMModuleRef ref, IradOnCounted on_counted, void *context) {
  for (Function &function : *unwrap(ref)) {
    if (function.isDeclaration() || function.getName().starts_with("irad.entry") ||
        function.getName().starts_with("irad.stop"))
      continue;
    count(function, on_counted, context);
    // It writes to memory that nobody else sees.
    function.removeFnAttr(Attribute::Memory);
    for (User *user : function.users())
      if (auto *call = dyn_cast<CallBase>(user))
        call->removeFnAttr(Attribute::Memory);
  }
}

size_t irad_take_counters(uint64_t *values, size_t most) {
  for (size_t at = 0; at < std::min(most, counters().size()); at++)
    values[at] = std::exchange(*counters()[at], 0);
  return counters().size();
}
