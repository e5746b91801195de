// What LLVM's C API does not offer: pass callbacks, printing with a kept slot tracker, and a word
// about where a crash happened. C in, C out; policy is in Rust.

#include "unchanged.h"

#include "llvm-c/Core.h"
#include "llvm-c/TargetMachine.h"
#include "llvm/Analysis/AliasAnalysis.h"
#include "llvm/Analysis/LazyCallGraph.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/DebugProgramInstruction.h"
#include "llvm/IR/DiagnosticHandler.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/ModuleSlotTracker.h"
#include "llvm/IR/PassInstrumentation.h"
#include "llvm/IR/Verifier.h"
#include "llvm/BinaryFormat/Dwarf.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemAlloc.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

#include <cassert>
#include <chrono>
#include <csetjmp>
#include <csignal>
#include <ctime>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

using namespace llvm;

namespace {

// Where the pipeline is, kept in plain memory so that a signal handler can write it.
char where[1024];

void say_where(void *) {
  size_t length = strnlen(where, sizeof where);
  if (length != 0) {
    ssize_t ignored = write(2, where, length);
    (void)ignored;
  }
  // Another thread sends on what was written so far; that takes a few milliseconds.
  usleep(10000);
}

char *copy(StringRef text) {
  char *out = static_cast<char *>(malloc(text.size() + 1));
  memcpy(out, text.data(), text.size());
  out[text.size()] = 0;
  return out;
}

struct Unit {
  int kind; // 0 module, 1 SCC, 2 function, 3 loop
  std::string name;
  std::vector<std::string> functions;
  std::vector<const Function *> scc; // to see whether a pass replaced one; never followed
};

std::string name_of(const Value &value) {
  if (value.hasName())
    return value.getName().str();
  std::string text;
  raw_string_ostream stream(text);
  value.printAsOperand(stream, false);
  return text;
}

void add_callers(const Function &function, std::vector<std::string> &names) {
  for (const User *user : function.users())
    if (const auto *call = dyn_cast<CallBase>(user))
      if (const Function *caller = call->getFunction())
        names.push_back(caller->getName().str());
}

Unit unit_of(const Any &ir) {
  if (const auto *function = any_cast<const Function *>(&ir))
    return {2, (*function)->getName().str(), {(*function)->getName().str()}, {}};
  if (const auto *loop = any_cast<const Loop *>(&ir)) {
    const Function *parent = (*loop)->getHeader()->getParent();
    return {3, parent->getName().str() + ":" + name_of(*(*loop)->getHeader()),
            {parent->getName().str()}, {}};
  }
  if (const auto *scc = any_cast<const LazyCallGraph::SCC *>(&ir)) {
    Unit unit{1, "", {}, {}};
    for (const LazyCallGraph::Node &node : **scc) {
      const Function &function = node.getFunction();
      if (!unit.name.empty())
        unit.name += ",";
      unit.name += function.getName();
      unit.functions.push_back(function.getName().str());
      unit.scc.push_back(&function);
    }
    return unit;
  }
  return {0, "module", {}, {}};
}

// Passes that change attributes, flags, alignments or metadata without owning up to it. A test holds every
// other pass to what it says.
bool may_be_silent(StringRef pass) {
  return StringSwitch<bool>(pass)
      .Cases({"ADCEPass", "ArgumentPromotionPass", "CalledValuePropagationPass",
              "ConstraintEliminationPass", "DeadArgumentEliminationPass", "IPSCCPPass",
              "IndVarSimplifyPass", "InferAlignmentPass", "InstCombinePass"},
             true)
      .Default(false);
}

bool is_manager(StringRef pass) {
  StringRef name = pass.substr(0, pass.find('<'));
  for (StringRef ending : {"PassManager", "PassAdaptor", "AnalysisManagerProxy",
                           "DevirtSCCRepeatedPass", "ModuleInlinerWrapperPass", "VerifierPass",
                           "RequireAnalysisPass", "InvalidateAnalysisPass"})
    if (name.ends_with(ending))
      return true;
  return false;
}

struct Running {
  Unit unit;
  std::chrono::steady_clock::time_point start;
};

} // namespace

extern "C" {

struct IradTuning {
  uint8_t level; // 0: the pipeline is text; 1 to 3: LLVM's default pipeline of that level
  uint8_t link;  // 0: the pipeline of one module, 1: before and at link time, 2: at link time
  uint8_t vectorise;
  uint8_t unroll;
  uint8_t merge_functions;
  uint8_t verify_each;
};

struct IradPass {
  const char *class_name;
  const char *pipeline_name;
  int unit_kind;
  const char *unit_name;
  const char *const *functions;
  size_t function_count;
  uint8_t preserved_all;
  uint8_t invalidated;
  uint64_t nanos;
};

using IradOnPass = void (*)(void *, const IradPass *);
using IradRegister = void (*)(void *, bool);

// Runs `pipeline` on the module. Returns null, or a message to free with `irad_free`.
char *irad_run_pipeline(LLVMModuleRef module_ref, LLVMTargetMachineRef machine,
                        const char *pipeline, const IradTuning *tuning, IradRegister enroll,
                        IradOnPass on_pass, void *observer) {
  Module &module = *unwrap(module_ref);
  PipelineTuningOptions options;
  if (tuning->level != 0) {
    options.LoopVectorization = tuning->vectorise;
    options.SLPVectorization = tuning->vectorise;
    options.LoopInterleaving = tuning->vectorise;
    options.LoopUnrolling = tuning->unroll;
    options.MergeFunctions = tuning->merge_functions;
  }

  PassInstrumentationCallbacks callbacks;
  PassBuilder builder(reinterpret_cast<TargetMachine *>(machine), options, std::nullopt,
                      &callbacks);
  if (enroll)
    enroll(&builder, false);
  // Only where somebody asked for it: it is a step like any other.
  if (irad::any_unchanged(module))
    builder.registerScalarOptimizerLateEPCallback(
        [](FunctionPassManager &passes, OptimizationLevel) {
          passes.addPass(irad::UnchangedPass());
        });

  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager sccs;
  ModuleAnalysisManager modules;
  functions.registerPass([&] { return builder.buildDefaultAAPipeline(); });
  functions.registerPass(
      [&] { return TargetLibraryAnalysis(TargetLibraryInfoImpl(module.getTargetTriple())); });
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(sccs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, sccs, modules);

  std::vector<Running> running;
  std::string verify_error;
  auto report = [&](StringRef pass, const PreservedAnalyses &preserved, bool invalidated,
                    const Any *ir) {
    if (is_manager(pass) || running.empty())
      return;
    uint64_t nanos = std::chrono::duration_cast<std::chrono::nanoseconds>(
                         std::chrono::steady_clock::now() - running.back().start)
                         .count();
    Unit unit = std::move(running.back().unit);
    running.pop_back();
    // It takes attributes from parameters and from the calls that fill them.
    bool is_promotion = pass == "ArgumentPromotionPass";
    if (unit.kind == 1 && (is_promotion || !preserved.areAllPreserved())) {
      if (ir) {
        Unit after = unit_of(*ir);
        unit.functions.insert(unit.functions.end(), after.functions.begin(),
                              after.functions.end());
      }
      // A pass over an SCC stays within it, unless it replaced a function: then it rewrote the
      // calls to it, which are outside.
      for (size_t at = 0; at < unit.scc.size(); at++) {
        const Function *now = module.getFunction(unit.functions[at]);
        if (now && (is_promotion || now != unit.scc[at]))
          add_callers(*now, unit.functions);
      }
    }
    if (on_pass) {
      std::string class_name = pass.str();
      std::string pipeline_name = callbacks.getPassNameForClassName(pass).str();
      std::vector<const char *> names;
      for (const std::string &name : unit.functions)
        names.push_back(name.c_str());
      bool preserved_all = preserved.areAllPreserved() && !may_be_silent(pass);
      IradPass info{class_name.c_str(), pipeline_name.c_str(), unit.kind, unit.name.c_str(),
                    names.data(), names.size(), preserved_all, invalidated, nanos};
      on_pass(observer, &info);
    }
    if (tuning->verify_each && !preserved.areAllPreserved() && verify_error.empty()) {
      raw_string_ostream stream(verify_error);
      if (verifyModule(module, &stream))
        verify_error = "invalid IR after " + pass.str() + " on " + unit.name + ": " + verify_error;
      else
        verify_error.clear();
    }
    where[0] = 0;
  };
  callbacks.registerBeforeNonSkippedPassCallback([&](StringRef pass, Any ir) {
    if (is_manager(pass))
      return;
    Unit unit = unit_of(ir);
    snprintf(where, sizeof where, "\nirad-engine: in pass %.*s on %s\n",
             static_cast<int>(pass.size()), pass.data(), unit.name.c_str());
    running.push_back({std::move(unit), std::chrono::steady_clock::now()});
  });
  callbacks.registerAfterPassCallback(
      [&](StringRef pass, Any ir, const PreservedAnalyses &preserved) {
        report(pass, preserved, false, &ir);
      });
  callbacks.registerAfterPassInvalidatedCallback(
      [&](StringRef pass, const PreservedAnalyses &preserved) {
        report(pass, preserved, true, nullptr);
      });

  ModulePassManager passes;
  if (tuning->level != 0) {
    // As text, `default<O2>` switches vectorising back on whatever the options say.
    OptimizationLevel level = tuning->level == 1   ? OptimizationLevel::O1
                              : tuning->level == 2 ? OptimizationLevel::O2
                                                   : OptimizationLevel::O3;
    if (tuning->link == 0)
      passes = builder.buildPerModuleDefaultPipeline(level);
    if (tuning->link == 1)
      passes = builder.buildLTOPreLinkDefaultPipeline(level);
    if (tuning->link != 0)
      passes.addPass(builder.buildLTODefaultPipeline(level, nullptr));
  } else if (Error error = builder.parsePassPipeline(passes, pipeline)) {
    return copy(toString(std::move(error)));
  }
  passes.run(module, modules);
  where[0] = 0;
  return verify_error.empty() ? nullptr : copy(verify_error);
}

// Every name that a pipeline may use here, one a line, to free with `irad_free`.
char *irad_pass_names() {
  PassBuilder builder;
  std::string text;
  raw_string_ostream stream(text);
  builder.printPassNames(stream);
  return copy(text);
}

void irad_free(char *text) { free(text); }

// Hands options to LLVM's own parser. Returns null, or a message to free with `irad_free`.
char *irad_parse_options(int count, const char *const *arguments) {
  std::string message;
  raw_string_ostream stream(message);
  if (cl::ParseCommandLineOptions(count, arguments, "", &stream))
    return nullptr;
  return copy(message);
}

// Writes the pass that was running to standard error when the process crashes.
void irad_report_crashes() {
  sys::AddSignalHandler(say_where, nullptr);
}

// Says where the process is from now on, for `irad_report_crashes`.
void irad_set_place(const char *place) {
  snprintf(where, sizeof where, "\nirad-engine: in %s\n", place);
}

// Keeps a function with local linkage alive through module passes.
void irad_keep(LLVMModuleRef module, LLVMValueRef function) {
  appendToCompilerUsed(*unwrap(module), {cast<GlobalValue>(unwrap(function))});
}

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

// kind 0: the function as LLVM prints it; kind 1: one attribute set written out, in the order in
// which the groups appear in the text; kind 2: a metadata definition that was not printed before, or
// has changed since, its id is the number of definitions before it; kind 3: the ids of the
// definitions that the text refers to, four bytes each.
using IradEmit = void (*)(void *, int kind, const char *, size_t);

namespace {
// LLVM's own string streams have no buffer, and its printer then does without one too: every comma
// is a call down to the string. With this one a function prints in half the time.
class BufferedString final : public raw_ostream {
  std::string &text;
  void write_impl(const char *data, size_t size) override { text.append(data, size); }
  uint64_t current_pos() const override { return text.size(); }

public:
  explicit BufferedString(std::string &text) : text(text) { SetBufferSize(1 << 16); }
  ~BufferedString() override { flush(); }
};

bool is_boundary(const MDNode *node) {
  // What these refer to is the whole program's debug info, which function passes do not touch.
  return isa<DIFile>(node) || isa<DICompileUnit>(node) || isa<DIType>(node) ||
         isa<DISubprogram>(node) || isa<DINamespace>(node) || isa<DIGlobalVariable>(node);
}

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
    if (is_boundary(node))
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
  emit(context, 0, text.data(), text.size());

  SmallVector<std::pair<const MDNode *, uint32_t>, 32> order;
  auto attributes = [&](const AttributeSet &set) {
    if (set.hasAttributes()) {
      std::string written = set.getAsString(/*InAttrGrp=*/false);
      emit(context, 1, written.data(), written.size());
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
      emit(context, 2, line.data(), line.size());
      found.id = ++printer->next_id;
      found.position = position;
      found.operands.assign(node->op_begin(), node->op_end());
    }
    ids.push_back(found.id - 1);
  }
  emit(context, 3, reinterpret_cast<const char *>(ids.data()), ids.size() * sizeof(uint32_t));
}

// Bitcode as `opt` writes it, with use-list orders kept, which LLVM's C API leaves out.
void irad_write_bitcode(LLVMModuleRef module, IradEmit emit, void *context) {
  std::string bytes;
  raw_string_ostream stream(bytes);
  WriteBitcodeToFile(*unwrap(module), stream, /*ShouldPreserveUseListOrder=*/true);
  emit(context, 0, bytes.data(), bytes.size());
}

// What a function refers to outside of itself, one line each: a name, a tab, and what a caller can
// see of it. To free with `irad_free`.
char *irad_references(LLVMValueRef value) {
  auto &function = *cast<Function>(unwrap(value));
  SmallPtrSet<const GlobalValue *, 16> seen;
  std::string text;
  raw_string_ostream stream(text);
  for (const BasicBlock &block : function)
    for (const Instruction &instruction : block)
      for (const Use &operand : instruction.operands()) {
        const auto *global = dyn_cast<GlobalValue>(operand.get()->stripPointerCasts());
        if (!global || global == &function || !seen.insert(global).second)
          continue;
        stream << global->getName() << '\t' << global->getLinkage() << ' '
               << static_cast<unsigned>(global->getUnnamedAddr());
        if (const auto *callee = dyn_cast<Function>(global)) {
          stream << ' ' << *callee->getFunctionType();
          AttributeList list = callee->getAttributes();
          for (unsigned index : list.indexes())
            if (list.hasAttributesAtIndex(index))
              stream << ' ' << index << ':' << list.getAsString(index);
        } else if (const auto *variable = dyn_cast<GlobalVariable>(global)) {
          stream << (variable->isConstant() ? " constant " : " global ");
          if (variable->hasInitializer())
            variable->getInitializer()->printAsOperand(stream);
        }
        stream << '\n';
      }
  return copy(stream.str());
}

// (severity, message, source position or "", function or "")
using IradOnDiagnostic = void (*)(void *, int, const char *, const char *, const char *);

namespace {
class Handler final : public DiagnosticHandler {
  IradOnDiagnostic on_diagnostic;
  void *context;

public:
  Handler(IradOnDiagnostic on_diagnostic, void *context)
      : on_diagnostic(on_diagnostic), context(context) {}
  // Enzyme says its remarks under this name; LLVM's own would be thousands.
  bool isPassedOptRemarkEnabled(StringRef pass) const override {
    return pass == "enzyme" || DiagnosticHandler::isPassedOptRemarkEnabled(pass);
  }
  bool isMissedOptRemarkEnabled(StringRef pass) const override {
    return pass == "enzyme" || DiagnosticHandler::isMissedOptRemarkEnabled(pass);
  }
  bool isAnalysisRemarkEnabled(StringRef pass) const override {
    return pass == "enzyme" || DiagnosticHandler::isAnalysisRemarkEnabled(pass);
  }
  bool handleDiagnostics(const DiagnosticInfo &info) override {
    std::string message, position, function;
    if (const auto *remark = dyn_cast<DiagnosticInfoOptimizationBase>(&info)) {
      message = remark->getMsg();
      function = remark->getFunction().getName().str();
      if (remark->isLocationAvailable())
        position = remark->getLocationStr();
    } else {
      raw_string_ostream stream(message);
      DiagnosticPrinterRawOStream printer(stream);
      info.print(printer);
      // Enzyme's warnings and failures are of this kind.
      if (const auto *located = dyn_cast<DiagnosticInfoUnsupported>(&info)) {
        function = located->getFunction().getName().str();
        if (located->isLocationAvailable())
          position = located->getLocationStr();
      }
    }
    on_diagnostic(context, info.getSeverity(), message.c_str(), position.c_str(),
                  function.c_str());
    return true;
  }
};
} // namespace

// Types of the same identifier become one while modules are read into the context, as in `opt`.
void irad_unify_types(LLVMContextRef context) { unwrap(context)->enableDebugTypeODRUniquing(); }

// Hands every diagnostic of the context to a callback, Enzyme's remarks included.
void irad_handle_diagnostics(LLVMContextRef context_ref, IradOnDiagnostic on_diagnostic,
                             void *context) {
  unwrap(context_ref)->setDiagnosticHandler(std::make_unique<Handler>(on_diagnostic, context),
                                            /*RespectFilters=*/true);
}

// Where an instruction comes from in the source, innermost first, or null; to free with `irad_free`.
// A line for each inlined call: the function, a tab, `file:line:column`.
char *irad_source_lines(LLVMValueRef value) {
  const auto *instruction = dyn_cast_or_null<Instruction>(unwrap(value));
  if (!instruction)
    return nullptr;
  std::string text;
  raw_string_ostream stream(text);
  for (const DILocation *at = instruction->getDebugLoc().get(); at; at = at->getInlinedAt()) {
    if (at->getLine() == 0 && at->getInlinedAt())
      continue;
    if (const DISubprogram *subprogram = at->getScope()->getSubprogram())
      stream << (subprogram->getLinkageName().empty() ? subprogram->getName()
                                                      : subprogram->getLinkageName());
    stream << '\t' << at->getFilename() << ':' << at->getLine() << ':' << at->getColumn() << '\n';
  }
  return text.empty() ? nullptr : copy(text);
}

namespace {
// Writes a type of the debug info as `trace::RustType` reads it.
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

// A function's `types`, the result first (null for nothing), and the `names` of its parameters (empty
// where there is none), as a JSON object; null without debug info. To free with `irad_free`.
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
  return copy(stream.str());
}

// (kind, what was said, file or "", line). Kind 0: an assertion, 1: what was taken for unreachable,
// 2: a fatal error.
using IradOnEnd = void (*)(void *, int, const char *, const char *, unsigned);

namespace {
IradOnEnd on_end = nullptr;
void *on_end_context = nullptr;

// Called once: what hears of an end may come to one itself.
void ended(int kind, const char *message, const char *file, unsigned line) {
  if (IradOnEnd hear = std::exchange(on_end, nullptr))
    hear(on_end_context, kind, message ? message : "", file ? file : "", line);
}

void fatal(void *, const char *reason, bool) { ended(2, reason, nullptr, 0); }
} // namespace

// Hands assertions, what is taken for unreachable, and fatal errors to a callback before the process
// ends over them.
void irad_hear_end(IradOnEnd hear, void *context) {
  on_end = hear;
  on_end_context = context;
  install_fatal_error_handler(fatal, nullptr);
}

// Ends the process in one of the ways in which LLVM or Enzyme do, to see what is made of it.
void irad_misbehave(const char *how) {
  StringRef what(how);
  if (what == "assertion")
    __assert_fail("false && \"asked to\"", "misbehave.cpp", 1, "irad_misbehave");
  if (what == "unreachable")
    llvm_unreachable_internal("asked to", "misbehave.cpp", 2);
  if (what == "fatal")
    report_fatal_error("asked to");
  if (what == "segfault")
    *static_cast<volatile int *>(nullptr) = 1;
  if (what == "abort")
    abort();
  if (what == "stack") {
    // Not a tail call: what it returns is needed here.
    struct Deep {
      static int down(volatile char *above, int depth) {
        volatile char frame[4096];
        frame[0] = above ? above[0] : 1;
        if (frame[0] == 0)
          return depth;
        return down(frame, depth + 1) + frame[0];
      }
    };
    where[1023] = static_cast<char>(Deep::down(nullptr, 0));
  }
  if (what == "memory") {
    static void *volatile last; // so that no compiler thinks it unused
    for (size_t taken = 0; taken < (size_t(20) << 30); taken += 1 << 20)
      memset(last = safe_malloc(1 << 20), 1, 1 << 20);
  }
  if (what == "loop")
    for (volatile size_t turns = 0;; turns = turns + 1)
      ;
  if (what == "noise") {
    std::string line(1023, '.');
    line += '\n';
    for (;;) {
      for (int i = 0; i < 1024; i++) {
        ssize_t ignored = write(2, line.data(), line.size());
        (void)ignored;
      }
      usleep(100000);
    }
  }
}

// How a guarded call ended: 0 by itself, 1 in `irad_stop`, or by a signal.
struct IradStop {
  int signal;
  uint64_t id;
  uint64_t words[4];
};

namespace {
thread_local sigjmp_buf landing;
thread_local IradStop *stopped = nullptr;

void caught(int signal) {
  if (!stopped)
    _exit(128 + signal);
  stopped->signal = signal;
  siglongjmp(landing, 2);
}
} // namespace

// What code that was compiled at run time calls where it would not return: the frames of that code
// are left without any clearing up.
void irad_stop(uint64_t id, uint64_t a, uint64_t b, uint64_t c, uint64_t d) {
  if (!stopped)
    abort();
  *stopped = {0, id, {a, b, c, d}};
  siglongjmp(landing, 1);
}

// Calls `entry` and returns 0, or how it ended otherwise: 1 for `irad_stop`, 2 for a signal, SIGALRM
// among them when it takes longer than so many milliseconds (0 for as long as it likes).
int irad_call_guarded(void (*entry)(void **), void **arguments, IradStop *stop, long milliseconds) {
  static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM};
  constexpr int count = sizeof signals / sizeof *signals;
  struct sigaction before[count];
  struct sigaction action = {};
  action.sa_handler = caught;
  action.sa_flags = SA_ONSTACK | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  for (int at = 0; at < count; at++)
    sigaction(signals[at], &action, &before[at]);
  // The alarm rings in this thread, wherever the process has others.
  static thread_local timer_t timer;
  static thread_local bool has_timer = [] {
    struct sigevent event = {};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGALRM;
    event._sigev_un._tid = gettid();
    return timer_create(CLOCK_MONOTONIC, &event, &timer) == 0;
  }();
  auto set_alarm = [&](long milliseconds) {
    struct itimerspec when = {};
    when.it_value.tv_sec = milliseconds / 1000;
    when.it_value.tv_nsec = milliseconds % 1000 * 1000000;
    if (has_timer)
      timer_settime(timer, 0, &when, nullptr);
  };
  stopped = stop;
  int end = sigsetjmp(landing, 1);
  if (end == 0) {
    if (milliseconds)
      set_alarm(milliseconds);
    entry(arguments);
  }
  if (milliseconds)
    set_alarm(0);
  stopped = nullptr;
  for (int at = 0; at < count; at++)
    sigaction(signals[at], &before[at], nullptr);
  return end;
}

size_t irad_mark_unchanged(LLVMModuleRef module) {
  size_t count = 0;
  for (Function &function : *unwrap(module)) {
    irad::mark_unchanged(function);
    for (const BasicBlock &block : function)
      for (const Instruction &instruction : block)
        count += instruction.hasMetadata(irad::NO_CACHE);
  }
  return count;
}

} // extern "C"

// Enzyme is linked into this program statically, so its calls end up here, ahead of the C library's
// and LLVM's own.
extern "C" void __assert_fail(const char *assertion, const char *file, unsigned line,
                                           const char *function) noexcept {
  ended(0, assertion, file, line);
  fprintf(stderr, "%s:%u: %s: Assertion `%s' failed.\n", file, line, function, assertion);
  abort();
}

namespace llvm {
[[noreturn]] void llvm_unreachable_internal(const char *message, const char *file, unsigned line) {
  ended(1, message, file, line);
  fprintf(stderr, "%s\nUNREACHABLE executed at %s:%u!\n", message ? message : "",
          file ? file : "", line);
  abort();
}
} // namespace llvm
