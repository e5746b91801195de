// Goes through a derivative, finds the role of each instruction and what it belongs to, and tells of both.

#include "derivative.h"

#include "llvm-c/Core.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/IR/CFG.h"

using namespace irad;
using namespace llvm;

Derivative::Derivative(const Function &primal, Function &derivative, bool forward,
                       ArrayRef<IradOrigin> origins)
    : derivative(derivative), forward(forward), originals{nullptr} {
  for (const BasicBlock &block : primal)
    for (const Instruction &instruction : block) {
      if (instruction.hasName())
        named[instruction.getName()] = originals.size();
      places[&instruction] = originals.size();
      originals.push_back(&instruction);
    }
  fates.assign(originals.size(), 0);
  // A number that no instruction of the primal has says nothing.
  for (BasicBlock &block : derivative)
    for (Instruction &instruction : block)
      if (number_of(instruction) >= originals.size())
        instruction.setDebugLoc(DebugLoc());
  for (const BasicBlock &block : derivative)
    for (const Instruction &instruction : block)
      if (!origins.empty()) {
        said[&instruction] = origins.front();
        if (origins.front().number >= originals.size())
          said[&instruction].number = 0;
        origins = origins.drop_front();
      }
  find_sweep();
  find_roles();
  find_numbers();
}

void Derivative::find_sweep() {
  auto undoes = [&](const BasicBlock *block) {
    return any_of(*block, [&](const Instruction &instruction) {
      return said.lookup(&instruction).in_reverse != 0;
    });
  };
  std::vector<const BasicBlock *> todo{&derivative.getEntryBlock()};
  while (!todo.empty()) {
    const BasicBlock *block = todo.back();
    todo.pop_back();
    if (undoes(block) || !sweep.insert(block).second)
      continue;
    for (const BasicBlock *next : successors(block))
      todo.push_back(next);
  }
}

void Derivative::find_roles() {
  for (const Argument &argument : derivative.args())
    if (auto role = role_of_parameter(argument, forward))
      kinds[&argument] = *role == Adjoint   ? Kind::Adjoint
                         : *role == Cache   ? Kind::Cache
                         : *role == Tangent ? Kind::Tangent
                                            : Kind::Shadow;
  // What a phi carries around a loop is known after one iteration.
  for (int iteration = 0; iteration < 3; iteration++) {
    roles.clear();
    copies.clear();
    ReversePostOrderTraversal<Function *> order(&derivative);
    DenseMap<const Instruction *, uint8_t> found;
    for (BasicBlock *block : order)
      for (Instruction &instruction : *block)
        found[&instruction] = role(instruction);
    for (BasicBlock &block : derivative)
      for (Instruction &instruction : block) {
        auto at = found.find(&instruction);
        roles.push_back(at == found.end() ? uint8_t(Control) : at->second);
      }
  }
}

void Derivative::find_numbers() {
  size_t at = 0;
  DenseMap<const Value *, unsigned> before;
  for (BasicBlock &block : derivative) {
    unsigned phi = 0;
    for (Instruction &instruction : block) {
      uint8_t role = roles[at++];
      unsigned number = number_in(instruction, role, before, phi);
      numbers.push_back(number);
      if (role == Recompute || (role == Cache && !instruction.getType()->isPointerTy()))
        taken[&instruction] = number;
      if (role == Adjoint || role == Tangent)
        before[&instruction] = number;
      find_fate(instruction, role, number);
    }
  }
}

Kind Derivative::memory(const Value *pointer) const {
  for (int depth = 0; depth < 32; depth++) {
    if (Kind found = kind(pointer); found != Kind::Plain)
      return found;
    if (const auto *gep = dyn_cast<GetElementPtrInst>(pointer))
      pointer = gep->getPointerOperand();
    else if (const auto *cast = dyn_cast<CastInst>(pointer))
      pointer = cast->getOperand(0);
    else
      break;
  }
  return Kind::Plain;
}

void irad_roles(LLVMValueRef primal, LLVMValueRef derivative, bool forward,
                const IradOrigin *origins, size_t count, IradOnRole on_role, void *context,
                IradOnFate on_fate, void *fate_context) {
  Derivative found(*cast<Function>(unwrap(primal)), *cast<Function>(unwrap(derivative)), forward,
                   ArrayRef(origins, count));
  for (size_t at = 0; at < found.roles.size(); at++)
    on_role(context, found.roles[at], found.numbers[at]);
  for (size_t at = 1; at < found.fates.size(); at++)
    on_fate(fate_context, found.fates[at]);
}
