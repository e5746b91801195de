// What becomes of the values of the primal: they are cached, recomputed, or used as they are.

#include "derivative.h"

#include "llvm/IR/IntrinsicInst.h"

using namespace irad;
using namespace llvm;

void Derivative::find_fate(const Instruction &instruction, uint8_t role, unsigned number) {
  bool in_sweep = sweep.contains(instruction.getParent());
  // Of a phi a choice may be left.
  if (role == Recompute && number && !is_inlined(instruction) &&
      (originals[number]->getOpcode() == instruction.getOpcode() ||
       (isa<PHINode>(originals[number]) && isa<SelectInst>(instruction))))
    fates[number] |= IRAD_FATE_RECOMPUTED;
  // What a loop reads may be kept all at once.
  if (const auto *copy = dyn_cast<MemTransferInst>(&instruction);
      copy && in_sweep && role == Cache && memory(copy->getDest()) == Kind::Cache && number)
    fates[number] |= IRAD_FATE_CACHED;
  if (const auto *store = dyn_cast<StoreInst>(&instruction); store && role == Cache)
    for (unsigned original : copied_from(store->getValueOperand()))
      fates[original] |= IRAD_FATE_CACHED;
  if (forward || in_sweep)
    return;
  for (const Use &operand : instruction.operands())
    if (const auto *used = dyn_cast<Instruction>(operand.get()))
      if (unsigned original = copies.lookup(used))
        fates[original] |= IRAD_FATE_USED;
}
