// Numbers a function's instructions by source locations, and reads the numbers after passes have run.

#include "boundary.h"
#include "roles.h"

#include "llvm-c/Core.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/BinaryFormat/Dwarf.h"
#include "llvm/IR/DIBuilder.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Operator.h"

#include <optional>
#include <vector>

using namespace irad;
using namespace llvm;

namespace {

// What Enzyme's names say, which passes keep where they can.
std::optional<uint8_t> role_by_name(const Instruction &instruction) {
  StringRef name = instruction.getName();
  if (is_counter(name, instruction.getType()))
    return Control;
  for (auto [part, role] : {std::pair<StringRef, Role>{enzyme::SHADOW_OPERATION, Shadow},
                            {enzyme::SLOT, Adjoint},
                            {enzyme::CACHE, Cache},
                            {enzyme::ALLOCATION_CACHE, Cache},
                            {enzyme::RECOMPUTED, Recompute}})
    if (name.contains(part))
      return role;
  return std::nullopt;
}

} // namespace

void irad_number(LLVMValueRef function_ref, IradOnLine on_line, void *context) {
  auto &function = *cast<Function>(unwrap(function_ref));
  DISubprogram *scope = function.getSubprogram();
  if (!scope) {
    DIBuilder builder(*function.getParent());
    DIFile *file = builder.createFile("irad", "");
    builder.createCompileUnit(DISourceLanguageName(dwarf::DW_LANG_Rust), file, "irad", false, "", 0);
    auto *type = builder.createSubroutineType(builder.getOrCreateTypeArray({}));
    scope = builder.createFunction(file, function.getName(), "", file, 0, type, 0, DINode::FlagZero,
                                   DISubprogram::SPFlagDefinition);
    function.setSubprogram(scope);
    builder.finalize();
  }
  unsigned line = 0;
  for (BasicBlock &block : function)
    for (Instruction &instruction : block) {
      const DILocation *had = users_own(instruction.getDebugLoc());
      on_line(context, had ? had->getFilename().str().c_str() : "", had ? had->getLine() : 0);
      instruction.setDebugLoc(DILocation::get(function.getContext(), ++line, 0, scope));
    }
}

// What passes have made without saying of what is there for what its operands are there for.
void irad_roles_after(LLVMValueRef derivative, const uint8_t *roles, const uint32_t *numbers,
                      size_t count, IradOnRole on_role, void *context) {
  auto &function = *cast<Function>(unwrap(derivative));
  bool forward = is_contained(ArrayRef(roles, count), uint8_t(Tangent));
  uint8_t derived = forward ? Tangent : Adjoint;
  DenseMap<const Value *, uint8_t> found;
  for (const Argument &argument : function.args())
    if (auto role = role_of_parameter(argument, forward))
      found[&argument] = *role;
  auto uses_derivative = [&](const Instruction &instruction) {
    return any_of(instruction.operands(), [&](const Use &operand) {
      auto at = found.find(operand);
      return at != found.end() && at->second == derived;
    });
  };
  for (int iteration = 0; iteration < 3; iteration++)
    for (BasicBlock &block : function)
      for (Instruction &instruction : block) {
        unsigned line = number_of(instruction);
        if (instruction.isTerminator() && !isa<InvokeInst>(instruction)) {
          found[&instruction] = Control;
        } else if (line && line <= count) {
          found[&instruction] = roles[line - 1];
          // A factor of the primal may have been drawn into the derivative's arithmetic, which is fast; and
          // what both compute is computed once, and is fast no more.
          bool is_arithmetic =
              (isa<BinaryOperator>(instruction) || isa<IntrinsicInst>(instruction)) &&
              isa<FPMathOperator>(instruction);
          bool is_fast = is_arithmetic && instruction.isFast();
          bool is_merged = isa<PHINode>(instruction) && !instruction.hasName();
          if ((is_fast || is_merged) && uses_derivative(instruction))
            found[&instruction] = derived;
          else if (is_arithmetic && !is_fast && found[&instruction] == derived &&
                   !uses_derivative(instruction))
            found[&instruction] = Primal;
        } else if (auto said = role_by_name(instruction)) {
          found[&instruction] = *said;
        } else {
          uint8_t best = Control;
          bool is_known = false;
          for (uint8_t wanted : {Adjoint, Tangent, Shadow, Cache, Recompute, Primal})
            for (const Use &operand : instruction.operands())
              if (auto at = found.find(operand); !is_known && at != found.end() && at->second == wanted)
                best = wanted, is_known = true;
          // A factor that was moved out of a loop is there for whoever uses it.
          if (is_known && best == Primal && !instruction.use_empty()) {
            auto role_of_user = [&](const User *user) {
              auto at = found.find(user);
              return at == found.end() ? uint8_t(Primal) : at->second;
            };
            uint8_t first = role_of_user(*instruction.user_begin());
            if (all_of(instruction.users(), [&](User *user) { return role_of_user(user) == first; }))
              best = first;
          }
          if (is_known && best == Shadow && isa<LoadInst>(instruction) &&
              instruction.getType()->isFPOrFPVectorTy())
            best = derived;
          found[&instruction] = is_known ? best : uint8_t(Primal);
        }
      }
  for (BasicBlock &block : function)
    for (Instruction &instruction : block) {
      unsigned line = number_of(instruction);
      on_role(context, found[&instruction], line && line <= count ? numbers[line - 1] : 0);
    }
}
