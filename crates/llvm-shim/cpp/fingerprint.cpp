// Says whether a function would print as it did before, at a fraction of what printing costs.
//
// Everything that the printer reads is written down as words, and the words are hashed. Two functions with the
// same words print the same text. The reverse does not hold and need not: what is written down too much only
// makes the caller print once more.
//
// Addresses stand for what lives as long as the context and never changes: types (but for the names of structs),
// lists of attributes, numbers, strings of metadata. They stand for what a function is made of, too, because
// two things have different addresses as long as both are there; but memory is used again, so what an address
// holds is written down beside it, once for each fingerprint. Nothing is remembered from one fingerprint to the
// next except for the types that were met.

#include "boundary.h"
#include "definitions.h"
#include "versions.h"

#include "llvm-c/Core.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Comdat.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/DebugProgramInstruction.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Operator.h"
#include "llvm/IR/ValueSymbolTable.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/xxhash.h"

#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

using namespace llvm;

namespace {

// The bits in which LLVM keeps alignments, orderings, predicates, calling conventions and their like.
struct Bits : Value {
  static uint64_t of(const Value &value) {
    return (value.*(&Bits::getSubclassDataFromValue))() |
           uint64_t(value.getRawSubclassOptionalData()) << 16;
  }
};

// Options that have the printer show what is not in a function.
bool is_printing_more() {
  auto &options = cl::getRegisteredOptions();
  for (StringRef name : {"preserve-ll-uselistorder", "print-inst-addrs", "print-inst-debug-locs",
                         "print-prof-data"}) {
    auto found = options.find(name);
    if (found == options.end() || found->second->getNumOccurrences() > 0)
      return true;
  }
  return false;
}

} // namespace

struct IradFingerprints {
  explicit IradFingerprints(bool by_position)
      : by_position(by_position), is_always_unknown(is_printing_more()) {}

  // False if the function holds something whose text depends on more than it.
  bool of(const Function &function, uint64_t hash[2]) {
    words.clear();
    positions.clear();
    walk++;
    is_unknown = is_always_unknown;
    current = &function;
    heading(function);
    for (const BasicBlock &block : function)
      this->block(block);
    names(function);
    while (!nodes.empty()) {
      const MDNode *node = nodes.back();
      nodes.pop_back();
      content(*node);
    }
    for (const StructType *type : structs) {
      is_unknown |= !type->hasName();
      text(type->getName());
    }
    XXH128_hash_t all = xxh3_128bits(
        {reinterpret_cast<const uint8_t *>(words.data()), words.size() * sizeof(uint64_t)});
    hash[0] = all.low64;
    hash[1] = all.high64;
    return !is_unknown;
  }

private:
  // No address has this bit.
  static constexpr uint64_t TAG = uint64_t(1) << 63;
  static constexpr uint64_t METADATA = TAG | 1 << 16;
  static constexpr uint64_t RECORD = TAG | 2 << 16;
  static constexpr uint64_t END = TAG | 3 << 16;

  const bool by_position;
  const bool is_always_unknown;
  bool is_unknown = false;
  const Function *current = nullptr;
  std::vector<uint64_t> words;
  // By address: the last fingerprint for which the contents were written down.
  DenseMap<const void *, uint32_t> written;
  uint32_t walk = 0;
  std::vector<const MDNode *> nodes; // whose contents are still to be written down
  DenseMap<const void *, uint64_t> positions;
  // Types and attributes that were searched for structs, and those that were found.
  DenseSet<const void *> searched;
  std::vector<const StructType *> structs;
  SmallVector<std::pair<unsigned, MDNode *>, 8> attached;

  void word(uint64_t word) { words.push_back(word); }

  void address(const void *pointer) { word(reinterpret_cast<uintptr_t>(pointer)); }

  // What may be gone, or something else, the next time.
  void identity(const void *pointer) {
    if (!by_position)
      return address(pointer);
    word(positions.try_emplace(pointer, positions.size()).first->second);
  }

  // True when this fingerprint does not hold yet what is there.
  bool is_new(const void *pointer) {
    uint32_t &last = written[pointer];
    return std::exchange(last, walk) != walk;
  }

  void text(StringRef text) {
    word(text.size());
    size_t end = words.size();
    words.resize(end + (text.size() + 7) / 8);
    if (!text.empty())
      memcpy(&words[end], text.data(), text.size());
  }

  void search(const Type *type) {
    if (!searched.insert(type).second)
      return;
    if (const auto *structure = dyn_cast<StructType>(type))
      if (!structure->isLiteral())
        return structs.push_back(structure);
    for (const Type *part : type->subtypes())
      search(part);
  }

  void type(const Type *type) {
    address(type);
    if (type->isStructTy() || type->getNumContainedTypes() != 0)
      search(type);
  }

  void attributes(AttributeList list) {
    address(list.getRawPointer());
    if (list.isEmpty() || !searched.insert(list.getRawPointer()).second)
      return;
    for (AttributeSet set : list)
      for (Attribute attribute : set)
        if (attribute.isTypeAttribute())
          if (const Type *type = attribute.getValueAsType())
            search(type);
  }

  void operand(const Value *value) {
    if (!value)
      return word(0);
    if (isa<Instruction>(value) || isa<Argument>(value) || isa<BasicBlock>(value))
      return identity(value);
    if (const auto *constant = dyn_cast<Constant>(value))
      return this->constant(*constant);
    if (const auto *wrapped = dyn_cast<MetadataAsValue>(value)) {
      word(METADATA);
      return metadata(wrapped->getMetadata());
    }
    if (const auto *assembly = dyn_cast<InlineAsm>(value)) {
      identity(assembly);
      if (!is_new(assembly))
        return;
      word(uint64_t(assembly->hasSideEffects()) | assembly->isAlignStack() << 1 |
           assembly->canThrow() << 2 | assembly->getDialect() << 3);
      text(assembly->getAsmString());
      return text(assembly->getConstraintString());
    }
    is_unknown = true;
  }

  void constant(const Constant &constant) {
    switch (constant.getValueID()) {
    case Value::ConstantIntVal:
    case Value::ConstantFPVal:
      // These live as long as the context.
      return address(&constant);
    case Value::UndefValueVal:
    case Value::PoisonValueVal:
    case Value::ConstantAggregateZeroVal:
    case Value::ConstantPointerNullVal:
    case Value::ConstantTokenNoneVal:
    case Value::ConstantTargetNoneVal:
      word(TAG | constant.getValueID());
      return type(constant.getType());
    }
    identity(&constant);
    if (!is_new(&constant))
      return;
    word(TAG | constant.getValueID());
    type(constant.getType());
    switch (constant.getValueID()) {
    case Value::FunctionVal:
    case Value::GlobalVariableVal:
    case Value::GlobalAliasVal:
    case Value::GlobalIFuncVal:
      // Without a name it has a number, which the printer keeps by its address.
      return text(constant.getName());
    case Value::ConstantDataArrayVal:
    case Value::ConstantDataVectorVal:
      return text(cast<ConstantDataSequential>(constant).getRawDataValues());
    case Value::BlockAddressVal:
      // A block of another function may have a number in it.
      is_unknown |= cast<BlockAddress>(constant).getFunction() != current;
      break;
    case Value::ConstantExprVal:
      expression(cast<ConstantExpr>(constant));
      break;
    case Value::ConstantArrayVal:
    case Value::ConstantStructVal:
    case Value::ConstantVectorVal:
    case Value::DSOLocalEquivalentVal:
    case Value::NoCFIValueVal:
    case Value::ConstantPtrAuthVal:
      break;
    default:
      is_unknown = true;
    }
    word(constant.getNumOperands());
    for (const Use &use : constant.operands())
      operand(use.get());
  }

  void expression(const ConstantExpr &expression) {
    word(Bits::of(expression));
    if (const auto *gep = dyn_cast<GEPOperator>(&expression)) {
      type(gep->getSourceElementType());
      std::optional<ConstantRange> range = gep->getInRange();
      word(range.has_value());
      if (range)
        for (const APInt &bound : {range->getLower(), range->getUpper()}) {
          word(bound.getBitWidth());
          words.insert(words.end(), bound.getRawData(), bound.getRawData() + bound.getNumWords());
        }
    }
    if (expression.getOpcode() == Instruction::ShuffleVector)
      mask(expression.getShuffleMask());
  }

  void mask(ArrayRef<int> mask) {
    word(mask.size());
    for (int at : mask)
      word(static_cast<uint64_t>(at));
  }

  void metadata(const Metadata *metadata) {
    if (!metadata)
      return word(0);
    if (const auto *node = dyn_cast<MDNode>(metadata)) {
      identity(node);
      if (is_new(node))
        nodes.push_back(node);
      return;
    }
    leaf(*metadata);
  }

  void leaf(const Metadata &metadata) {
    if (isa<MDString>(metadata))
      return address(&metadata);
    word(METADATA | metadata.getMetadataID());
    if (const auto *value = dyn_cast<ValueAsMetadata>(&metadata))
      return operand(value->getValue());
    if (const auto *list = dyn_cast<DIArgList>(&metadata)) {
      word(list->getArgs().size());
      for (const ValueAsMetadata *value : list->getArgs())
        this->metadata(value);
      return;
    }
    is_unknown = true;
  }

  // What the printer shows of a node, and what shows only in a definition.
  void content(const MDNode &node) {
    word(METADATA | node.getMetadataID() | uint64_t(node.isDistinct()) << 8);
    word(node.getNumOperands());
    bool is_boundary = irad::is_boundary(node);
    for (const MDOperand &operand : node.operands())
      if (is_boundary && isa_and_nonnull<MDNode>(operand.get()))
        identity(operand.get());
      else
        metadata(operand.get());
    if (const auto *tagged = dyn_cast<DINode>(&node))
      word(tagged->getTag());
    if (const auto *location = dyn_cast<DILocation>(&node)) {
      word(uint64_t(location->getLine()) << 32 | location->getColumn());
      word(uint64_t(location->getAtomGroup()) << 8 | location->getAtomRank() << 1 |
           location->isImplicitCode());
    } else if (const auto *expression = dyn_cast<DIExpression>(&node)) {
      ArrayRef<uint64_t> elements = expression->getElements();
      word(elements.size());
      words.insert(words.end(), elements.begin(), elements.end());
    } else if (const auto *variable = dyn_cast<DILocalVariable>(&node)) {
      word(uint64_t(variable->getLine()) << 32 | variable->getArg());
      word(uint64_t(variable->getFlags()) << 32 | variable->getAlignInBits());
    } else if (const auto *block = dyn_cast<DILexicalBlock>(&node)) {
      word(uint64_t(block->getLine()) << 32 | block->getColumn());
    } else if (const auto *block = dyn_cast<DILexicalBlockFile>(&node)) {
      word(block->getDiscriminator());
    } else if (const auto *label = dyn_cast<DILabel>(&node)) {
      word(uint64_t(label->getLine()) << 32 | label->getColumn());
      word(label->isArtificial());
    } else if (const auto *subprogram = dyn_cast<DISubprogram>(&node)) {
      word(uint64_t(subprogram->getLine()) << 32 | subprogram->getScopeLine());
      word(uint64_t(subprogram->getFlags()) << 32 | subprogram->getSPFlags());
    }
  }

  void heading(const Function &function) {
    operand(&function);
    type(function.getFunctionType());
    attributes(function.getAttributes());
    word(Bits::of(function));
    word(uint64_t(function.getLinkage()) | uint64_t(function.getVisibility()) << 8 |
         uint64_t(function.getDLLStorageClass()) << 16 | uint64_t(function.getUnnamedAddr()) << 24 |
         uint64_t(function.isDSOLocal()) << 32 | uint64_t(function.getCallingConv()) << 40);
    word(function.getAlign() ? function.getAlign()->value() : 0);
    text(function.getSection());
    text(function.getPartition());
    const Comdat *comdat = function.getComdat();
    word(comdat != nullptr);
    if (comdat)
      text(comdat->getName());
    text(function.hasGC() ? StringRef(function.getGC()) : StringRef());
    operand(function.hasPrefixData() ? function.getPrefixData() : nullptr);
    operand(function.hasPrologueData() ? function.getPrologueData() : nullptr);
    operand(function.hasPersonalityFn() ? function.getPersonalityFn() : nullptr);
    function.getAllMetadata(attached);
    attachments();
    for (const Argument &argument : function.args())
      identity(&argument);
  }

  void attachments() {
    word(attached.size());
    for (auto [kind, node] : attached) {
      word(kind);
      metadata(node);
    }
    attached.clear();
  }

  // The table of a function's names is read as it lies in memory: to ask each value for its name takes longer.
  void names(const Function &function) {
    word(END);
    const ValueSymbolTable *table = function.getValueSymbolTable();
    if (!table)
      return;
    word(table->size());
    for (const auto &entry : *table) {
      identity(entry.getValue());
      text(entry.getKey());
    }
  }

  void block(const BasicBlock &block) {
    word(END);
    identity(&block);
    // A comment names them.
    for (const BasicBlock *predecessor : predecessors(&block))
      identity(predecessor);
    word(END);
    for (const Instruction &instruction : block) {
      for (const DbgRecord &record : instruction.getDbgRecordRange())
        this->record(record);
      this->instruction(instruction);
    }
  }

  void record(const DbgRecord &record) {
    word(RECORD | record.getRecordKind());
    metadata(record.getDebugLoc().getAsMDNode());
    if (const auto *variable = dyn_cast<DbgVariableRecord>(&record)) {
      word(uint64_t(variable->getType()));
      metadata(variable->getRawLocation());
      metadata(variable->getRawVariable());
      metadata(variable->getRawExpression());
      if (!variable->isDbgAssign())
        return;
      metadata(variable->getRawAssignID());
      metadata(variable->getRawAddress());
      metadata(variable->getRawAddressExpression());
    } else if (const auto *label = dyn_cast<DbgLabelRecord>(&record)) {
      metadata(label->getRawLabel());
    } else {
      is_unknown = true;
    }
  }

  void instruction(const Instruction &instruction) {
    identity(&instruction);
    word(TAG | instruction.getOpcode() | Bits::of(instruction) << 8 |
         uint64_t(instruction.getNumOperands()) << 32);
    type(instruction.getType());
    for (const Use &use : instruction.operands())
      operand(use.get());
    rest(instruction);
    metadata(instruction.getDebugLoc().getAsMDNode());
    if (instruction.hasMetadataOtherThanDebugLoc()) {
      instruction.getAllMetadataOtherThanDebugLoc(attached);
      attachments();
    }
  }

  // What an instruction holds beside its operands and its bits. One that is not listed here is not known.
  void rest(const Instruction &instruction) {
    switch (instruction.getOpcode()) {
    case Instruction::Alloca:
      return type(cast<AllocaInst>(instruction).getAllocatedType());
    case Instruction::Load:
      return word(cast<LoadInst>(instruction).getSyncScopeID());
    case Instruction::Store:
      return word(cast<StoreInst>(instruction).getSyncScopeID());
    case Instruction::Fence:
      return word(cast<FenceInst>(instruction).getSyncScopeID());
    case Instruction::AtomicCmpXchg:
      return word(cast<AtomicCmpXchgInst>(instruction).getSyncScopeID());
    case Instruction::AtomicRMW:
      return word(cast<AtomicRMWInst>(instruction).getSyncScopeID());
    case Instruction::GetElementPtr:
      return type(cast<GetElementPtrInst>(instruction).getSourceElementType());
    case Instruction::ShuffleVector:
      return mask(cast<ShuffleVectorInst>(instruction).getShuffleMask());
    case Instruction::ExtractValue:
      return indices(cast<ExtractValueInst>(instruction).getIndices());
    case Instruction::InsertValue:
      return indices(cast<InsertValueInst>(instruction).getIndices());
    case Instruction::PHI:
      for (const BasicBlock *from : cast<PHINode>(instruction).blocks())
        identity(from);
      return;
    case Instruction::Switch:
      for (auto at : cast<SwitchInst>(instruction).cases())
        constant(*at.getCaseValue());
      return;
    case Instruction::CallBr:
      word(cast<CallBrInst>(instruction).getNumIndirectDests());
      return call(cast<CallBase>(instruction));
    case Instruction::Call:
    case Instruction::Invoke:
      return call(cast<CallBase>(instruction));
    case Instruction::Ret:
    IRAD_CASE_BRANCHES:
    case Instruction::IndirectBr:
    case Instruction::Resume:
    case Instruction::Unreachable:
    case Instruction::CleanupRet:
    case Instruction::CatchRet:
    case Instruction::CatchSwitch:
    case Instruction::CleanupPad:
    case Instruction::CatchPad:
    case Instruction::LandingPad:
    case Instruction::ICmp:
    case Instruction::FCmp:
    case Instruction::Select:
    case Instruction::Freeze:
    case Instruction::VAArg:
    case Instruction::ExtractElement:
    case Instruction::InsertElement:
      return;
    }
    is_unknown |= !instruction.isUnaryOp() && !instruction.isBinaryOp() && !instruction.isCast();
  }

  void indices(ArrayRef<unsigned> indices) {
    word(indices.size());
    for (unsigned index : indices)
      word(index);
  }

  void call(const CallBase &call) {
    type(call.getFunctionType());
    attributes(call.getAttributes());
    word(call.getNumOperandBundles());
    for (const CallBase::BundleOpInfo &bundle : call.bundle_op_infos()) {
      word(bundle.Tag->getValue());
      word(uint64_t(bundle.Begin) << 32 | bundle.End);
    }
  }
};

IradFingerprints *irad_fingerprints_new(bool by_position) {
  return new IradFingerprints(by_position);
}

void irad_fingerprints_free(IradFingerprints *fingerprints) { delete fingerprints; }

bool irad_fingerprint(IradFingerprints *fingerprints, LLVMValueRef function, uint64_t hash[2]) {
  return fingerprints->of(*cast<Function>(unwrap(function)), hash);
}
