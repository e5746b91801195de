// Reads debug info for what lies where in memory.

#include "layout.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/BinaryFormat/Dwarf.h"
#include "llvm/IR/Argument.h"
#include "llvm/IR/DebugInfo.h"
#include "llvm/IR/DebugProgramInstruction.h"
#include "llvm/IR/Function.h"

using namespace llvm;
using namespace irad;

StringRef irad::float_type(uint64_t bits) {
  switch (bits) {
  case 16:
    return "Float@half";
  case 32:
    return "Float@float";
  case 64:
    return "Float@double";
  default:
    return {};
  }
}

bool irad::add_parts(const DIType *type, uint64_t offset, Layout &layout) {
  if (!type || layout.parts.size() > MostParts)
    return false;
  uint64_t bytes = type->getSizeInBits() / 8;
  if (auto *basic = dyn_cast<DIBasicType>(type)) {
    bool is_float = basic->getEncoding() == dwarf::DW_ATE_float;
    StringRef name = is_float ? float_type(type->getSizeInBits()) : "Integer";
    if (bytes)
      layout.parts.push_back({offset, bytes, name});
    return !name.empty();
  }
  if (auto *derived = dyn_cast<DIDerivedType>(type)) {
    if (type->getTag() == dwarf::DW_TAG_pointer_type) {
      layout.parts.push_back({offset, bytes, "Pointer"});
      return true;
    }
    return add_parts(derived->getBaseType(), offset, layout);
  }
  auto *composite = dyn_cast<DICompositeType>(type);
  if (!composite)
    return false;
  if (!bytes)
    return true;
  switch (type->getTag()) {
  case dwarf::DW_TAG_enumeration_type:
    layout.parts.push_back({offset, bytes, "Integer"});
    return true;
  case dwarf::DW_TAG_array_type: {
    const DIType *element = composite->getBaseType();
    uint64_t size = element ? element->getSizeInBits() / 8 : 0;
    for (uint64_t at = 0; size && at < bytes; at += size)
      if (!add_parts(element, offset + at, layout))
        return false;
    return size > 0;
  }
  case dwarf::DW_TAG_union_type:
  case dwarf::DW_TAG_structure_type: {
    // A union says what it holds if all but one of its fields have no size, as in `MaybeUninit`.
    unsigned sized = 0;
    for (const DINode *element : composite->getElements()) {
      auto *field = dyn_cast<DIDerivedType>(element);
      if (!field || field->getTag() != dwarf::DW_TAG_member)
        return false;
      if (field->isStaticMember() || !field->getBaseType() || !field->getBaseType()->getSizeInBits())
        continue;
      if (++sized > 1 && type->getTag() == dwarf::DW_TAG_union_type)
        return false;
      if (!add_parts(field->getBaseType(), offset + field->getOffsetInBits() / 8, layout))
        return false;
    }
    return true;
  }
  default:
    return false;
  }
}

namespace {

// The parts of a type that lie within some bytes.
class Within {
  uint64_t from, to;
  // One that only partly does, or two that contradict each other.
  bool is_torn = false;

public:
  Layout found;

  Within(uint64_t from, uint64_t bytes) : from(from), to(from + bytes) { found.bytes = bytes; }

  void add(const Part &part) {
    if (part.offset + part.bytes <= from || to <= part.offset)
      return;
    Part inside = {part.offset - from, part.bytes, part.type};
    is_torn |= part.offset < from || to < part.offset + part.bytes;
    for (const Part &other : found.parts) {
      bool is_same = other.offset == inside.offset && other.bytes == inside.bytes && other.type == inside.type;
      if (is_same)
        return;
      is_torn |= other.offset < inside.offset + inside.bytes && inside.offset < other.offset + other.bytes;
    }
    found.parts.push_back(inside);
  }

  // False where it cannot be told what lies there.
  bool add(const DIType *type, uint64_t offset) {
    if (!type || is_torn)
      return false;
    uint64_t bytes = type->getSizeInBits() / 8;
    if (!bytes || offset + bytes <= from || to <= offset)
      return true;
    Layout whole;
    if (add_parts(type, offset, whole)) {
      for (const Part &part : whole.parts)
        add(part);
      return !is_torn;
    }
    auto *composite = dyn_cast<DICompositeType>(type);
    if (!composite || type->getTag() != dwarf::DW_TAG_structure_type)
      return false;
    for (const DINode *element : composite->getElements())
      if (!add_member(element, offset))
        return false;
    return !is_torn;
  }

  bool add_member(const DINode *element, uint64_t offset) {
    // The variants of an enum, and what tells them apart.
    if (auto *variants = dyn_cast<DICompositeType>(element))
      return variants->getTag() == dwarf::DW_TAG_variant_part && all_of(variants->getElements(), [&](const DINode *variant) {
               return add_member(variant, offset);
             }) && (!variants->getDiscriminator() || add_member(variants->getDiscriminator(), offset));
    auto *field = dyn_cast<DIDerivedType>(element);
    return field && field->getTag() == dwarf::DW_TAG_member &&
           (field->isStaticMember() || add(field->getBaseType(), offset + field->getOffsetInBits() / 8));
  }
};

// The type of the memory that a parameter leads to.
const DIType *behind(const Argument &argument) {
  const DISubprogram *program = argument.getParent()->getSubprogram();
  if (argument.hasStructRetAttr()) {
    if (!program || !program->getType())
      return nullptr;
    auto types = program->getType()->getTypeArray();
    return types && types.size() ? types[0] : nullptr;
  }
  SmallVector<DbgVariableRecord *, 2> records;
  findDbgUsers(const_cast<Argument *>(&argument), records);
  for (const DbgVariableRecord *record : records) {
    const DILocalVariable *variable = record->getVariable();
    // What was inlined may take a part of it for something else.
    if (record->getExpression()->getNumElements() != 0 || record->getDebugLoc()->getInlinedAt() || !variable->isParameter())
      continue;
    if (record->isDbgDeclare())
      return variable->getType();
    const auto *reference = dyn_cast_or_null<DIDerivedType>(variable->getType());
    if (reference && reference->getTag() == dwarf::DW_TAG_pointer_type)
      return reference->getBaseType();
  }
  return nullptr;
}

} // namespace

std::optional<Layout> irad::declared_at(const Value *pointer, uint64_t bytes, const DataLayout &sizes) {
  APInt offset(sizes.getIndexTypeSizeInBits(pointer->getType()), 0);
  const auto *argument = dyn_cast<Argument>(pointer->stripAndAccumulateConstantOffsets(sizes, offset, true));
  const DIType *type = argument && !offset.isNegative() ? behind(*argument) : nullptr;
  // An array behind a pointer to its first element is longer than what is declared.
  if (!type || offset.getZExtValue() + bytes > type->getSizeInBits() / 8)
    return std::nullopt;
  Within within(offset.getZExtValue(), bytes);
  if (!within.add(type, 0) || within.found.parts.empty())
    return std::nullopt;
  return within.found;
}
