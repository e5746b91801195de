// Prints functions of one module and keeps LLVM's numbering between prints, with what the text refers to:
// attributes and metadata.

#include "boundary.h"
#include "definitions.h"
#include "text.h"

#include "llvm-c/Core.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/DebugProgramInstruction.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/ModuleSlotTracker.h"

#include <algorithm>
#include <string>
#include <vector>

using namespace llvm;
using irad::BufferedString;

// A metadata definition that was printed, and what it was printed from.
struct IradDefinition {
  SmallVector<const Metadata *, 6> operands;
  uint64_t position = 0; // line and column of a location
  uint32_t id = 0; // from 1; 0 before the first print
  uint32_t last_print = 0; // the print that last reached it
};

struct IradPrinter {
  Module *module;
  ModuleSlotTracker tracker;
  // Small buckets, since every location of every instruction is looked up in each print.
  DenseMap<const MDNode *, uint32_t> positions;
  std::vector<IradDefinition> definitions;
  uint32_t next_id = 0;
  uint32_t prints = 0;
  size_t longest = 0;
  explicit IradPrinter(Module *module) : module(module), tracker(module, false) {}
};

IradPrinter *irad_printer_new(LLVMModuleRef module) { return new IradPrinter(unwrap(module)); }
void irad_printer_free(IradPrinter *printer) { delete printer; }

namespace {
void reach(IradPrinter &printer, const Metadata *metadata,
           SmallVectorImpl<std::pair<const MDNode *, uint32_t>> &order) {
  SmallVector<const Metadata *, 16> todo{metadata};
  while (!todo.empty()) {
    const auto *node = dyn_cast_or_null<MDNode>(todo.pop_back_val());
    if (!node || isa<DIExpression>(node) || isa<DIArgList>(node))
      continue;
    auto [slot, is_new] = printer.positions.try_emplace(node, printer.definitions.size());
    if (is_new)
      printer.definitions.emplace_back();
    uint32_t &last_print = printer.definitions[slot->second].last_print;
    if (last_print == printer.prints)
      continue;
    last_print = printer.prints;
    order.push_back({node, slot->second});
    if (irad::is_boundary(*node))
      continue;
    for (const MDOperand &operand : node->operands())
      todo.push_back(operand.get());
  }
}
} // namespace

void irad_print(IradPrinter *printer, LLVMValueRef value, IradEmit emit, void *context) {
  auto &function = *cast<Function>(unwrap(value));
  printer->prints++;
  std::string text;
  text.reserve(printer->longest);
  {
    BufferedString stream(text);
    static_cast<Value &>(function).print(stream, printer->tracker);
  }
  printer->longest = std::max(printer->longest, text.size());
  emit(context, IRAD_PART_BODY, text.data(), text.size());

  SmallVector<std::pair<const MDNode *, uint32_t>, 32> order;
  auto attributes = [&](const AttributeSet &set) {
    if (set.hasAttributes()) {
      std::string written = set.getAsString(/*InAttrGrp=*/false);
      emit(context, IRAD_PART_ATTRIBUTES, written.data(), written.size());
    }
  };
  auto attached = [&](const SmallVectorImpl<std::pair<unsigned, MDNode *>> &list) {
    for (const auto &pair : list)
      reach(*printer, pair.second, order);
  };
  attributes(function.getAttributes().getFnAttrs());
  SmallVector<std::pair<unsigned, MDNode *>, 8> list;
  function.getAllMetadata(list);
  attached(list);
  for (const BasicBlock &block : function)
    for (const Instruction &instruction : block) {
      for (const DbgRecord &record : instruction.getDbgRecordRange()) {
        reach(*printer, record.getDebugLoc().getAsMDNode(), order);
        if (const auto *variable = dyn_cast<DbgVariableRecord>(&record))
          reach(*printer, variable->getVariable(), order);
      }
      if (const auto *call = dyn_cast<CallBase>(&instruction))
        attributes(call->getAttributes().getFnAttrs());
      for (const Use &operand : instruction.operands())
        if (const auto *wrapped = dyn_cast<MetadataAsValue>(operand.get()))
          reach(*printer, wrapped->getMetadata(), order);
      list.clear();
      instruction.getAllMetadata(list);
      attached(list);
    }
  SmallVector<uint32_t, 64> ids;
  for (auto [node, slot] : order) {
    uint64_t position = 0;
    if (const auto *location = dyn_cast<DILocation>(node))
      position = uint64_t(location->getLine()) << 16 | location->getColumn();
    IradDefinition &found = printer->definitions[slot];
    if (found.id == 0 || found.position != position ||
        !std::equal(node->op_begin(), node->op_end(), found.operands.begin(),
                    found.operands.end(),
                    [](const MDOperand &a, const Metadata *b) { return a.get() == b; })) {
      std::string line;
      raw_string_ostream stream(line);
      node->print(stream, printer->tracker, printer->module);
      emit(context, IRAD_PART_DEFINITION, line.data(), line.size());
      found.id = ++printer->next_id;
      found.position = position;
      found.operands.assign(node->op_begin(), node->op_end());
    }
    ids.push_back(found.id - 1);
  }
  emit(context, IRAD_PART_METADATA,
       reinterpret_cast<const char *>(ids.data()), ids.size() * sizeof(uint32_t));
}
