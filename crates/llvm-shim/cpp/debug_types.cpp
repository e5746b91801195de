// Writes the types of a function's parameters, by its debug info, as `trace::RustType` reads them.

#include "boundary.h"
#include "text.h"

#include "llvm-c/Core.h"
#include "llvm/BinaryFormat/Dwarf.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/Function.h"
#include "llvm/Support/JSON.h"

#include <map>
#include <string>

using namespace llvm;

namespace {

struct TypeWriter {
  json::OStream &out;

  void opaque(StringRef name, uint64_t bits) {
    out.object([&] {
      out.attributeObject("opaque", [&] {
        out.attribute("name", name);
        out.attribute("bytes", int64_t(bits / 8));
      });
    });
  }

  void integer(StringRef name, uint64_t bits) {
    out.object([&] {
      out.attributeObject("integer", [&] {
        out.attribute("name", name);
        out.attribute("bytes", int64_t(bits / 8));
      });
    });
  }

  void basic(const DIBasicType &type) {
    if (type.getEncoding() == dwarf::DW_ATE_float)
      out.object([&] { out.attribute("float", int64_t(type.getSizeInBits())); });
    else if (type.getSizeInBits() == 0)
      structure(type.getName(), 0, nullptr, nullptr, 0);
    else
      integer(type.getName(), type.getSizeInBits());
  }

  void pointer(StringRef name, const DIType *to, const DIType *element, unsigned depth) {
    out.object([&] {
      out.attributeObject("pointer", [&] {
        out.attribute("text", name.empty() ? StringRef("*const _") : name);
        out.attributeBegin("to");
        write(to, element, depth + 1);
        out.attributeEnd();
      });
    });
  }

  static const DIType *field(const DICompositeType &type, StringRef name) {
    for (const DINode *node : type.getElements())
      if (const auto *member = dyn_cast_or_null<DIDerivedType>(node))
        if (member->getName() == name)
          return member->getBaseType();
    return nullptr;
  }

  void structure(StringRef name, uint64_t bits, const DICompositeType *type, const DIType *element,
                 unsigned depth) {
    out.object([&] {
      out.attributeObject("struct", [&] {
        out.attribute("name", name);
        out.attribute("bytes", int64_t(bits / 8));
        out.attributeArray("fields", [&] {
          if (!type)
            return;
          for (const DINode *node : type->getElements()) {
            const auto *member = dyn_cast_or_null<DIDerivedType>(node);
            if (!member || member->getTag() != dwarf::DW_TAG_member ||
                member->getSizeInBits() == 0)
              continue;
            out.array([&] {
              out.value(int64_t(member->getOffsetInBits() / 8));
              write(member->getBaseType(), element, depth + 1);
            });
          }
        });
      });
    });
  }

  void composite(const DICompositeType &type, const DIType *element, unsigned depth) {
    StringRef name = type.getName();
    uint64_t bits = type.getSizeInBits();
    if (type.getTag() == dwarf::DW_TAG_array_type) {
      int64_t count = -1;
      for (const DINode *node : type.getElements())
        if (const auto *range = dyn_cast_or_null<DISubrange>(node))
          if (auto *constant = dyn_cast_if_present<ConstantInt *>(range->getCount()))
            count = constant->getSExtValue();
      if (count < 0)
        return opaque(name, bits);
      out.object([&] {
        out.attributeObject("array", [&] {
          out.attributeBegin("of");
          write(type.getBaseType(), element, depth + 1);
          out.attributeEnd();
          out.attribute("count", count);
        });
      });
      return;
    }
    if (type.getTag() == dwarf::DW_TAG_enumeration_type)
      return integer(name, bits);
    if (type.getTag() != dwarf::DW_TAG_structure_type)
      return opaque(name, bits);
    for (const DINode *node : type.getElements())
      if (const auto *part = dyn_cast_or_null<DICompositeType>(node))
        if (part->getTag() == dwarf::DW_TAG_variant_part)
          return opaque(name, bits);
    // A reference to a slice is a struct of two fields.
    const DIType *data = field(type, "data_ptr");
    if (data && field(type, "length")) {
      const auto *to = dyn_cast<DIDerivedType>(data);
      out.object([&] {
        out.attributeObject("slice", [&] {
          out.attribute("text", name);
          out.attributeBegin("of");
          write(to ? to->getBaseType() : nullptr, element, depth + 1);
          out.attributeEnd();
        });
      });
      return;
    }
    // Inside of a Vec the elements are behind a pointer to bytes.
    if (name.starts_with("Vec<"))
      for (const DITemplateParameter *parameter : type.getTemplateParams()) {
        element = parameter->getType();
        break;
      }
    structure(name, bits, &type, element, depth);
  }

  void write(const DIType *type, const DIType *element, unsigned depth) {
    if (!type)
      return opaque("_", 0);
    if (depth > 12)
      return opaque(type->getName(), type->getSizeInBits());
    if (const auto *found = dyn_cast<DIBasicType>(type))
      return basic(*found);
    if (const auto *found = dyn_cast<DICompositeType>(type))
      return composite(*found, element, depth);
    if (const auto *found = dyn_cast<DIDerivedType>(type)) {
      if (found->getTag() != dwarf::DW_TAG_pointer_type &&
          found->getTag() != dwarf::DW_TAG_reference_type)
        return write(found->getBaseType(), element, depth + 1);
      const DIType *to = found->getBaseType();
      // A raw pointer to bytes may lead to anything.
      bool raw = found->getName().starts_with("*") && to && to->getName() == "u8";
      if (raw)
        return pointer(found->getName(), element, nullptr, depth);
      return pointer(found->getName(), to, nullptr, depth);
    }
    opaque(type->getName(), type->getSizeInBits());
  }
};

} // namespace

char *irad_debug_types(LLVMValueRef value) {
  const DISubprogram *subprogram = cast<Function>(unwrap(value))->getSubprogram();
  if (!subprogram || !subprogram->getType())
    return nullptr;
  std::string text;
  raw_string_ostream stream(text);
  json::OStream out(stream);
  TypeWriter writer{out};
  std::map<unsigned, StringRef> names;
  for (const DINode *node : subprogram->getRetainedNodes())
    if (const auto *variable = dyn_cast_or_null<DILocalVariable>(node))
      if (variable->getArg() > 0)
        names.try_emplace(variable->getArg(), variable->getName());
  out.object([&] {
    out.attributeArray("types", [&] {
      bool is_first = true;
      for (const DIType *type : subprogram->getType()->getTypeArray()) {
        if (is_first && !type)
          out.value(nullptr);
        else
          writer.write(type, nullptr, 0);
        is_first = false;
      }
    });
    out.attributeArray("names", [&] {
      for (unsigned at = 1; at < subprogram->getType()->getTypeArray().size(); at++)
        out.value(names.count(at) ? names[at] : StringRef());
    });
  });
  return irad::copy(stream.str());
}
