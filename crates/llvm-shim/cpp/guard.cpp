// Keeps panics through a differentiation. Enzyme takes blocks that cannot return for unreachable,
// and drops the checks before it; a call that does nothing to it and everything at run time stands in
// for each of them.

#include "boundary.h"
#include "enzyme_strings.h"

#include "llvm-c/Core.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Intrinsics.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include "llvm/Transforms/Utils/ValueMapper.h"

#include <string>
#include <vector>

using namespace llvm;

namespace {

const char *const PREFIX = "irad.guard.";

using Blocks = SmallPtrSet<const BasicBlock *, 16>;

// Where control goes when nothing unwinds: Enzyme drops the edges that unwinding takes.
SmallVector<BasicBlock *, 2> normal_successors(Instruction *end) {
  if (auto *invoke = dyn_cast<InvokeInst>(end))
    return {invoke->getNormalDest()};
  SmallVector<BasicBlock *, 2> out;
  for (unsigned at = 0; at < end->getNumSuccessors(); at++)
    out.push_back(end->getSuccessor(at));
  return out;
}

// The blocks that cannot but end in `unreachable`, as Enzyme finds them.
Blocks dead_ends(Function &function) {
  Blocks found;
  for (bool grows = true; grows;) {
    grows = false;
    for (BasicBlock &block : function) {
      Instruction *end = block.getTerminator();
      auto next = normal_successors(end);
      bool is_dead =
          isa<UnreachableInst>(end) ||
          (!next.empty() && all_of(next, [&](BasicBlock *to) { return found.contains(to); }));
      if (is_dead)
        grows |= found.insert(&block).second;
    }
  }
  return found;
}

// True when something happens on the path from here: plain `unreachable` is a promise and no panic.
bool acts(const BasicBlock *from, const Blocks &dead) {
  SmallPtrSet<const BasicBlock *, 8> seen;
  SmallVector<const BasicBlock *, 8> todo{from};
  while (!todo.empty()) {
    const BasicBlock *block = todo.pop_back_val();
    if (!seen.insert(block).second)
      continue;
    for (const Instruction &instruction : *block) {
      const auto *call = dyn_cast<CallBase>(&instruction);
      if (!call)
        continue;
      const Function *callee = call->getCalledFunction();
      bool is_harmless = callee && callee->isIntrinsic() &&
                         callee->getIntrinsicID() != Intrinsic::trap &&
                         callee->getIntrinsicID() != Intrinsic::ubsantrap;
      if (!is_harmless)
        return true;
    }
    for (const BasicBlock *next : successors(block))
      if (dead.contains(next))
        todo.push_back(next);
  }
  return false;
}

// What a block takes from elsewhere; none when a copy of it in a function of its own would not do the
// same: it is more than one block, or has to do with the memory of this call.
std::optional<SmallVector<Value *, 4>> live_ins(BasicBlock &block) {
  Instruction *end = block.getTerminator();
  if (!isa<UnreachableInst>(end) && !isa<InvokeInst>(end))
    return std::nullopt;
  if (block.isEHPad())
    return std::nullopt;
  SmallSetVector<Value *, 4> found;
  for (Instruction &instruction : block) {
    if (isa<AllocaInst>(instruction))
      return std::nullopt;
    if (isa<PHINode>(instruction)) {
      if (instruction.getType()->isPointerTy())
        return std::nullopt;
      found.insert(&instruction);
      continue;
    }
    for (Value *operand : instruction.operands()) {
      if (isa<BasicBlock>(operand) || isa<MetadataAsValue>(operand) || isa<Constant>(operand) ||
          isa<InlineAsm>(operand))
        continue;
      auto *inner = dyn_cast<Instruction>(operand);
      if (inner && inner->getParent() == &block && !isa<PHINode>(inner))
        continue;
      // What lies there may be written differently by the time, or stay in registers otherwise.
      if (operand->getType()->isPointerTy())
        return std::nullopt;
      found.insert(operand);
    }
  }
  return SmallVector<Value *, 4>(found.begin(), found.end());
}

// A function that does what the block does if its first argument is true.
Function *outlined(BasicBlock &block, ArrayRef<Value *> inputs, bool copies, Function *guard) {
  Function *caller = block.getParent();
  Module &module = *caller->getParent();
  LLVMContext &context = module.getContext();
  auto *body = Function::Create(guard->getFunctionType(), GlobalValue::InternalLinkage,
                                guard->getName() + ".body", module);
  for (const char *key : {"target-cpu", "target-features", "tune-cpu", "probe-stack"})
    if (caller->hasFnAttribute(key))
      body->addFnAttr(caller->getFnAttribute(key));
  body->addFnAttr(Attribute::AlwaysInline);
  auto *start = BasicBlock::Create(context, "start", body);
  auto *fails = BasicBlock::Create(context, "fails", body);
  auto *holds = BasicBlock::Create(context, "holds", body);
  IRBuilder<> builder(start);
  BranchInst *branch = builder.CreateCondBr(body->getArg(0), fails, holds);
  // As unlikely as rustc takes a panic to be.
  MDBuilder weights(context);
  branch->setMetadata(LLVMContext::MD_prof, weights.createBranchWeights(1, 1 << 20));
  builder.SetInsertPoint(holds);
  builder.CreateRetVoid();
  builder.SetInsertPoint(fails);
  if (!copies) {
    builder.CreateIntrinsic(Intrinsic::trap, {});
    builder.CreateUnreachable();
    return body;
  }
  ValueToValueMapTy map;
  for (auto [at, input] : enumerate(inputs))
    map[input] = body->getArg(at + 1);
  for (Instruction &instruction : block) {
    if (isa<PHINode>(instruction) || isa<UnreachableInst>(instruction))
      continue;
    Instruction *copy = nullptr;
    if (auto *invoke = dyn_cast<InvokeInst>(&instruction)) {
      SmallVector<Value *, 8> arguments(invoke->args());
      auto *call = CallInst::Create(invoke->getFunctionType(), invoke->getCalledOperand(), arguments);
      call->setCallingConv(invoke->getCallingConv());
      call->setAttributes(invoke->getAttributes());
      copy = call;
    } else {
      copy = instruction.clone();
    }
    copy->dropDbgRecords();
    builder.Insert(copy);
    copy->setDebugLoc(DebugLoc());
    copy->dropUnknownNonDebugMetadata();
    map[&instruction] = copy;
    RemapInstruction(copy, map, RF_NoModuleLevelChanges | RF_IgnoreMissingLocals);
  }
  builder.CreateUnreachable();
  return body;
}

// What Enzyme sees: a call that it keeps and need not differentiate. It may not return, so that nothing
// which stands behind it is moved before it.
Function *declared(Module &module, ArrayRef<Value *> inputs, unsigned number) {
  LLVMContext &context = module.getContext();
  SmallVector<Type *, 4> types{Type::getInt1Ty(context)};
  for (Value *input : inputs)
    types.push_back(input->getType());
  auto *type = FunctionType::get(Type::getVoidTy(context), types, false);
  auto *guard = Function::Create(type, GlobalValue::ExternalLinkage,
                                 PREFIX + std::to_string(number), module);
  guard->addFnAttr(irad::enzyme::INACTIVE);
  guard->addFnAttr(irad::enzyme::READ_OR_THROW);
  guard->setMemoryEffects(MemoryEffects::inaccessibleMemOnly());
  guard->setDoesNotThrow();
  guard->addFnAttr(Attribute::NoFree);
  guard->addFnAttr(Attribute::NoCallback);
  return guard;
}

// True when control goes from the end of a block to another.
Value *taken(Instruction *end, BasicBlock *to, IRBuilder<> &builder) {
  if (auto *branch = dyn_cast<BranchInst>(end)) {
    if (!branch->isConditional())
      return nullptr;
    Value *condition = branch->getCondition();
    return branch->getSuccessor(0) == to ? condition : builder.CreateNot(condition);
  }
  auto *choice = dyn_cast<SwitchInst>(end);
  if (!choice)
    return nullptr;
  Value *is_listed = builder.getFalse();
  bool is_default = choice->getDefaultDest() == to;
  for (auto &one : choice->cases())
    if ((one.getCaseSuccessor() == to) != is_default)
      is_listed = builder.CreateOr(
          is_listed, builder.CreateICmpEQ(choice->getCondition(), one.getCaseValue()));
  return is_default ? builder.CreateNot(is_listed) : is_listed;
}

} // namespace

void irad_guard(LLVMModuleRef ref, uint32_t *kept, uint32_t *trapped) {
  Module &module = *unwrap(ref);
  *kept = *trapped = 0;
  unsigned number = 0;
  std::vector<Function *> functions;
  for (Function &function : module)
    if (!function.isDeclaration())
      functions.push_back(&function);
  for (Function *function : functions) {
    Blocks dead = dead_ends(*function);
    // For each panic, the blocks that may go there.
    MapVector<BasicBlock *, SmallSetVector<BasicBlock *, 2>> edges;
    for (BasicBlock &block : *function)
      if (!dead.contains(&block))
        for (BasicBlock *next : normal_successors(block.getTerminator()))
          if (dead.contains(next) && acts(next, dead))
            edges[next].insert(&block);
    for (auto &[panic, origins] : edges) {
      auto inputs = live_ins(*panic);
      bool copies = inputs.has_value();
      if (!copies)
        inputs.emplace();
      Function *guard = declared(module, *inputs, number++);
      outlined(*panic, *inputs, copies, guard);
      *(copies ? kept : trapped) += 1;
      for (BasicBlock *origin : origins) {
        Instruction *end = origin->getTerminator();
        IRBuilder<> builder(end);
        Value *fails = taken(end, panic, builder);
        if (!fails)
          continue;
        SmallVector<Value *, 4> arguments{fails};
        for (Value *input : *inputs) {
          auto *phi = dyn_cast<PHINode>(input);
          bool is_own = phi && phi->getParent() == panic;
          arguments.push_back(is_own ? phi->getIncomingValueForBlock(origin) : input);
        }
        builder.CreateCall(guard, arguments)->setDebugLoc(end->getDebugLoc());
      }
    }
  }
}

void irad_unguard(LLVMModuleRef ref) {
  Module &module = *unwrap(ref);
  std::vector<Function *> guards;
  for (Function &function : module)
    if (function.getName().starts_with(PREFIX) && function.isDeclaration())
      guards.push_back(&function);
  for (Function *guard : guards) {
    std::string name = guard->getName().str();
    Function *body = module.getFunction(name + ".body");
    guard->replaceAllUsesWith(body);
    guard->eraseFromParent();
    body->setName(name);
  }
}
