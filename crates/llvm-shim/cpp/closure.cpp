// Finds what some functions reach.

#include "closure.h"
#include "constants.h"

#include "llvm/IR/Constants.h"
#include "llvm/IR/DebugProgramInstruction.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;
using irad::Closure;

bool Closure::read(GlobalValue &value) {
  if (Error failed = value.materialize()) {
    error = toString(std::move(failed));
    return false;
  }
  return true;
}

void Closure::keep(GlobalValue &value) {
  if (!kept.insert(&value))
    return;
  // A function has to be read before it is looked into.
  if (auto *function = dyn_cast<Function>(&value)) {
    todo.push_back(function);
    return;
  }
  if (auto *variable = dyn_cast<GlobalVariable>(&value))
    attachments(*variable);
  irad::each_head_constant(value, [&](Constant &constant) { follow(constant); });
}

void Closure::follow(Constant &constant) {
  irad::each_global(constant, constants, [&](GlobalValue &found) { keep(found); });
}

void Closure::attachments(const GlobalObject &object) {
  SmallVector<std::pair<unsigned, MDNode *>, 4> list;
  object.getAllMetadata(list);
  for (const auto &pair : list)
    follow(pair.second);
}

void Closure::follow(Metadata *metadata) {
  SmallVector<Metadata *, 16> rest{metadata};
  while (!rest.empty()) {
    Metadata *next = rest.pop_back_val();
    if (!next || !nodes.insert(next).second)
      continue;
    if (auto *value = dyn_cast<ConstantAsMetadata>(next)) {
      follow(*value->getValue());
      continue;
    }
    if (auto *arguments = dyn_cast<DIArgList>(next)) {
      for (ValueAsMetadata *argument : arguments->getArgs())
        rest.push_back(argument);
      continue;
    }
    auto *node = dyn_cast<MDNode>(next);
    if (!node)
      continue;
    auto *unit = dyn_cast<DICompileUnit>(node);
    if (unit)
      units.insert(unit);
    for (const MDOperand &operand : node->operands()) {
      // What a unit lists of the whole program does not come along with it.
      bool is_listed = unit && (operand.get() == unit->getRawEnumTypes() ||
                                operand.get() == unit->getRawRetainedTypes() ||
                                operand.get() == unit->getRawGlobalVariables() ||
                                operand.get() == unit->getRawImportedEntities());
      if (!is_listed)
        rest.push_back(operand.get());
    }
  }
}

void Closure::body(Function &function) {
  attachments(function);
  SmallVector<std::pair<unsigned, MDNode *>, 4> list;
  for (BasicBlock &block : function)
    for (Instruction &instruction : block) {
      for (const Use &operand : instruction.operands()) {
        if (auto *constant = dyn_cast<Constant>(operand.get()))
          follow(*constant);
        else if (auto *wrapped = dyn_cast<MetadataAsValue>(operand.get()))
          follow(wrapped->getMetadata());
      }
      list.clear();
      instruction.getAllMetadata(list);
      for (const auto &pair : list)
        follow(pair.second);
      for (DbgRecord &record : instruction.getDbgRecordRange()) {
        follow(record.getDebugLoc().getAsMDNode());
        if (auto *label = dyn_cast<DbgLabelRecord>(&record)) {
          follow(label->getLabel());
          continue;
        }
        auto &variable = cast<DbgVariableRecord>(record);
        follow(variable.getRawLocation());
        follow(variable.getVariable());
        if (variable.isDbgAssign()) {
          follow(variable.getAssignID());
          follow(variable.getRawAddress());
        }
      }
    }
}

bool Closure::finish() {
  while (!todo.empty()) {
    Function *function = todo.back();
    todo.pop_back();
    if (!read(*function))
      return false;
    body(*function);
    if (function->hasPersonalityFn()) {
      Constant *personality = function->getPersonalityFn();
      if (auto *unwinder = dyn_cast<Function>(personality))
        unwinders.insert(unwinder);
      else
        follow(*personality);
    }
    irad::each_head_constant(*function, [&](Constant &constant) { follow(constant); });
  }
  return true;
}
