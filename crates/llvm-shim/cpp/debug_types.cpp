// Writes the types of a function's parameters, by its debug info, as `trace::RustType` reads them.

#include "boundary.h"
#include "text.h"

#include "llvm-c/Core.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/BinaryFormat/Dwarf.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/DebugInfo.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MathExtras.h"

#include <map>
#include <optional>
#include <string>

using namespace llvm;

namespace {

/// How often a type may stand within itself. What is deeper is only named.
constexpr unsigned MostNested = 2;
/// How many types are written at most.
constexpr unsigned MostTypes = 5000;

struct TypeWriter {
  json::OStream &out;
  /// What is being written, from the outside in.
  SmallVector<const DICompositeType *, 16> within = {};
  unsigned count = 0;

  void opaque(StringRef name, uint64_t bits) {
    out.object([&] {
      out.attributeObject("opaque", [&] {
        out.attribute("name", name);
        out.attribute("bytes", int64_t(bits / 8));
      });
    });
  }

  /// Something whose size nobody needs to know.
  void sizeless(StringRef name) {
    out.object([&] { out.attributeObject("opaque", [&] { out.attribute("name", name); }); });
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
      structure(type.getName(), 0, nullptr);
    else
      integer(type.getName(), type.getSizeInBits());
  }

  void pointer(StringRef name, const DIType *to) {
    out.object([&] {
      out.attributeObject("pointer", [&] {
        out.attribute("text", name.empty() ? StringRef("*const _") : name);
        out.attributeBegin("to");
        if (isa_and_nonnull<DISubroutineType>(to))
          sizeless("fn");
        else
          write(to);
        out.attributeEnd();
      });
    });
  }

  static const DIDerivedType *member(const DICompositeType &type, StringRef name) {
    for (const DINode *node : type.getElements())
      if (const auto *found = dyn_cast_or_null<DIDerivedType>(node))
        if (found->getName() == name)
          return found;
    return nullptr;
  }

  /// The fields of a struct or a variant; null for none.
  void fields(const DICompositeType *type, const DIDerivedType *last = nullptr,
              StringRef name = "fields") {
    out.attributeArray(name, [&] {
      if (!type)
        return;
      for (const DINode *node : type->getElements()) {
        const auto *field = dyn_cast_or_null<DIDerivedType>(node);
        if (!field || field == last || field->getTag() != dwarf::DW_TAG_member ||
            field->getSizeInBits() == 0)
          continue;
        // rustc calls the fields of a tuple __0, __1, ….
        StringRef name = field->getName();
        StringRef number = name;
        unsigned ignored;
        if (number.consume_front("__") && !number.getAsInteger(10, ignored))
          name = number;
        out.object([&] {
          out.attribute("name", name);
          out.attribute("offset", int64_t(field->getOffsetInBits() / 8));
          out.attributeBegin("ty");
          write(field->getBaseType());
          out.attributeEnd();
        });
      }
    });
  }

  void structure(StringRef name, uint64_t bits, const DICompositeType *type) {
    out.object([&] {
      out.attributeObject("struct", [&] {
        out.attribute("name", name);
        out.attribute("bytes", int64_t(bits / 8));
        fields(type);
      });
    });
  }

  void tag(uint64_t offset, uint64_t bits) {
    out.attributeObject("tag", [&] {
      out.attribute("offset", int64_t(offset / 8));
      out.attribute("bytes", int64_t(bits / 8));
    });
  }

  /// An enum without fields: an integer that has a few values only.
  void enumeration(const DICompositeType &type) {
    out.object([&] {
      out.attributeObject("enum", [&] {
        out.attribute("name", type.getName());
        out.attribute("bytes", int64_t(type.getSizeInBits() / 8));
        tag(0, type.getSizeInBits());
        out.attributeArray("variants", [&] {
          for (const DINode *node : type.getElements())
            if (const auto *variant = dyn_cast_or_null<DIEnumerator>(node))
              out.object([&] {
                out.attribute("name", variant->getName());
                // The value has as many bits as it needs.
                const APInt &found = variant->getValue();
                APInt wide = variant->isUnsigned() ? found.zextOrTrunc(64) : found.sextOrTrunc(64);
                out.attribute("value", value(wide, type.getSizeInBits()));
                fields(nullptr);
              });
        });
      });
    });
  }

  /// The bits of a tag, of which there are 64 at most.
  static uint64_t value(const APInt &value, uint64_t bits) {
    return value.sextOrTrunc(64).getZExtValue() & maskTrailingOnes<uint64_t>(unsigned(bits));
  }

  /// An enum with fields. The variants' offsets are those in the enum.
  void variants(const DICompositeType &type, const DICompositeType &part) {
    const DIDerivedType *discriminator = part.getDiscriminator();
    uint64_t bits = discriminator ? discriminator->getSizeInBits() : 0;
    // Beside the variants there is nothing, but in what an `async` block becomes.
    if (type.getElements().size() != 1 || bits > 64)
      return opaque(type.getName(), type.getSizeInBits());
    out.object([&] {
      out.attributeObject("enum", [&] {
        out.attribute("name", type.getName());
        out.attribute("bytes", int64_t(type.getSizeInBits() / 8));
        if (discriminator)
          tag(discriminator->getOffsetInBits(), bits);
        out.attributeArray("variants", [&] {
          for (const DINode *node : part.getElements()) {
            const auto *variant = dyn_cast_or_null<DIDerivedType>(node);
            if (!variant)
              continue;
            const auto *body = dyn_cast_or_null<DICompositeType>(variant->getBaseType());
            const auto *number = dyn_cast_or_null<ConstantInt>(variant->getDiscriminantValue());
            out.object([&] {
              out.attribute("name", body ? body->getName() : variant->getName());
              if (number)
                out.attribute("value", value(number->getValue(), bits));
              fields(body);
            });
          }
        });
      });
    });
  }

  /// A reference to a slice is a struct of two fields, and so is one to a struct that ends in a slice: the
  /// type of its last field is that of the slice's elements, and the field has no size.
  void slice(StringRef name, const DIType *to) {
    const auto *whole = dyn_cast_or_null<DICompositeType>(to);
    const DIDerivedType *last = nullptr;
    if (whole && whole->getTag() == dwarf::DW_TAG_structure_type)
      for (const DINode *node : whole->getElements())
        if (const auto *field = dyn_cast_or_null<DIDerivedType>(node))
          if (field->getTag() == dwarf::DW_TAG_member && field->getSizeInBits() == 0 &&
              field->getBaseType() && field->getBaseType()->getSizeInBits() != 0)
            last = field;
    out.object([&] {
      if (!last)
        return out.attributeObject("slice", [&] {
          out.attribute("text", name);
          out.attributeBegin("of");
          write(to);
          out.attributeEnd();
        });
      out.attributeObject("tail", [&] {
        out.attribute("text", name);
        fields(whole, last, "head");
        out.attribute("name", last->getName());
        out.attribute("offset", int64_t(last->getOffsetInBits() / 8));
        out.attributeBegin("of");
        write(last->getBaseType());
        out.attributeEnd();
      });
    });
  }

  /// Where a `Vec` has its words, however deep in structs within it.
  struct Words {
    std::optional<uint64_t> pointer, capacity, length;
  };

  static void find(const DIType *type, uint64_t offset, Words &words, StringRef name = "") {
    if (const auto *composite = dyn_cast_or_null<DICompositeType>(type)) {
      for (const DINode *node : composite->getElements())
        if (const auto *field = dyn_cast_or_null<DIDerivedType>(node))
          // Where a deque begins is no part of how large it is.
          if (field->getTag() == dwarf::DW_TAG_member && field->getSizeInBits() != 0 &&
              field->getName() != "head")
            find(field->getBaseType(), offset + field->getOffsetInBits(), words,
                 name == "len" ? name : field->getName());
    } else if (isa_and_nonnull<DIDerivedType>(type)) {
      words.pointer = offset / 8;
    } else if (name == "len") {
      words.length = offset / 8;
    } else {
      words.capacity = offset / 8;
    }
  }

  /// Writes a `Vec`; false if it is not one of the kind that is known.
  bool vec(const DICompositeType &type) {
    bool known = type.getName().starts_with("Vec<") || type.getName().starts_with("VecDeque<");
    if (!known || type.getTemplateParams().empty())
      return false;
    Words words;
    find(&type, 0, words);
    if (!words.pointer || !words.capacity || !words.length)
      return false;
    out.object([&] {
      out.attributeObject("vec", [&] {
        out.attribute("name", type.getName());
        out.attribute("bytes", int64_t(type.getSizeInBits() / 8));
        out.attribute("pointer", int64_t(*words.pointer));
        out.attribute("capacity", int64_t(*words.capacity));
        out.attribute("length", int64_t(*words.length));
        // The elements are behind a pointer to bytes.
        out.attributeBegin("of");
        write(type.getTemplateParams()[0]->getType());
        out.attributeEnd();
      });
    });
    return true;
  }

  /// How many elements an array has; less than none if its type does not say.
  static int64_t length(const DICompositeType &type) {
    int64_t count = -1;
    for (const DINode *node : type.getElements())
      if (const auto *range = dyn_cast_or_null<DISubrange>(node))
        if (auto *constant = dyn_cast_if_present<ConstantInt *>(range->getCount()))
          count = constant->getSExtValue();
    return count;
  }

  void composite(const DICompositeType &type) {
    StringRef name = type.getName();
    uint64_t bits = type.getSizeInBits();
    if (type.getTag() == dwarf::DW_TAG_array_type) {
      int64_t count = length(type);
      if (count < 0)
        return opaque(name, bits);
      out.object([&] {
        out.attributeObject("array", [&] {
          out.attributeBegin("of");
          write(type.getBaseType());
          out.attributeEnd();
          out.attribute("count", count);
        });
      });
      return;
    }
    if (type.getTag() == dwarf::DW_TAG_enumeration_type && bits > 0 && bits <= 64)
      return enumeration(type);
    if (type.getTag() == dwarf::DW_TAG_union_type && name.starts_with("MaybeUninit<"))
      if (const auto *inside = member(type, "value"))
        return write(inside->getBaseType());
    if (type.getTag() != dwarf::DW_TAG_structure_type)
      return opaque(name, bits);
    for (const DINode *node : type.getElements())
      if (const auto *part = dyn_cast_or_null<DICompositeType>(node))
        if (part->getTag() == dwarf::DW_TAG_variant_part)
          return variants(type, *part);
    const auto *data = member(type, "data_ptr");
    if (data && member(type, "length")) {
      const auto *to = dyn_cast_or_null<DIDerivedType>(data->getBaseType());
      return slice(name, to ? to->getBaseType() : nullptr);
    }
    if (!vec(type))
      structure(name, bits, &type);
  }

  void write(const DIType *type) {
    if (!type)
      return opaque("_", 0);
    if (++count > MostTypes)
      return opaque(type->getName(), type->getSizeInBits());
    if (const auto *found = dyn_cast<DIBasicType>(type))
      return basic(*found);
    if (const auto *found = dyn_cast<DICompositeType>(type)) {
      if (llvm::count(within, found) >= MostNested)
        return opaque(type->getName(), type->getSizeInBits());
      within.push_back(found);
      composite(*found);
      within.pop_back();
      return;
    }
    if (const auto *found = dyn_cast<DIDerivedType>(type)) {
      if (found->getTag() != dwarf::DW_TAG_pointer_type &&
          found->getTag() != dwarf::DW_TAG_reference_type)
        return write(found->getBaseType());
      return pointer(found->getName(), found->getBaseType());
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
  for (const auto *node : subprogram->getRetainedNodes())
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
          writer.write(type);
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

int64_t irad_member_offset(LLVMModuleRef module, const char *type, const char *member) {
  DebugInfoFinder finder;
  finder.processModule(*unwrap(module));
  for (const DIType *found : finder.types()) {
    const auto *composite = dyn_cast<DICompositeType>(found);
    if (!composite || !composite->getName().starts_with(type))
      continue;
    for (const DINode *element : composite->getElements())
      if (const auto *part = dyn_cast<DIDerivedType>(element))
        if (part->getTag() == dwarf::DW_TAG_member && part->getName() == member)
          return int64_t(part->getOffsetInBits() / 8);
  }
  return -1;
}
