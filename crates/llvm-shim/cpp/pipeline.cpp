// Runs pass pipelines and tells of every pass.

#include "boundary.h"
#include "crash.h"
#include "pass_unit.h"
#include "repair.h"
#include "text.h"
#include "unchanged.h"

#include "llvm-c/Core.h"
#include "llvm/Analysis/AliasAnalysis.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PassInstrumentation.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"

#include <chrono>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

using namespace llvm;

namespace {

struct Running {
  irad::Unit unit;
  std::chrono::steady_clock::time_point start;
};

} // namespace

char *irad_run_pipeline(LLVMModuleRef module_ref, LLVMTargetMachineRef machine, const char *pipeline,
                        const IradTuning *tuning, IradRepair repair, IradEnroll enroll,
                        IradOnPass on_pass, void *context) {
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

  // As soon as local memory has become values, and before branches become choices.
  if (repair == IRAD_REPAIR_REVERSE)
    builder.registerPipelineEarlySimplificationEPCallback(
        [](ModulePassManager &passes, OptimizationLevel, ThinOrFullLTOPhase) {
          passes.addPass(createModuleToFunctionPassAdaptor(irad::AbsentPass()));
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
    if (irad::is_manager(pass) || running.empty())
      return;
    uint64_t nanos = std::chrono::duration_cast<std::chrono::nanoseconds>(
                         std::chrono::steady_clock::now() - running.back().start)
                         .count();
    irad::Unit unit = std::move(running.back().unit);
    running.pop_back();
    if (unit.kind == IRAD_UNIT_SCC && (irad::is_argument_promotion(pass) || !preserved.areAllPreserved()))
      irad::add_touched(unit, ir, module, pass);
    if (on_pass) {
      std::string class_name = pass.str();
      std::string pipeline_name = callbacks.getPassNameForClassName(pass).str();
      std::vector<const char *> names;
      for (const std::string &name : unit.functions)
        names.push_back(name.c_str());
      bool preserved_all = preserved.areAllPreserved() && !irad::may_be_silent(pass);
      IradPass info{class_name.c_str(), pipeline_name.c_str(), unit.kind, unit.name.c_str(),
                    names.data(), names.size(), preserved_all, invalidated, nanos};
      on_pass(context, &info);
    }
    if (tuning->verify_each && !preserved.areAllPreserved() && verify_error.empty()) {
      raw_string_ostream stream(verify_error);
      if (verifyModule(module, &stream))
        verify_error = "invalid IR after " + pass.str() + " on " + unit.name + ": " + verify_error;
      else
        verify_error.clear();
    }
    irad::place[0] = 0;
  };
  callbacks.registerBeforeNonSkippedPassCallback([&](StringRef pass, Any ir) {
    if (irad::is_manager(pass))
      return;
    irad::Unit unit = irad::unit_of(ir);
    snprintf(irad::place, sizeof irad::place, "\nirad-engine: in pass %.*s on %s\n",
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
  irad::repair_before(passes, repair);
  if (tuning->level != 0) {
    // As text, `default<O2>` switches vectorising back on whatever the options say.
    OptimizationLevel level = tuning->level == 1   ? OptimizationLevel::O1
                              : tuning->level == 2 ? OptimizationLevel::O2
                                                   : OptimizationLevel::O3;
    if (tuning->link == IRAD_LINK_NONE)
      passes.addPass(builder.buildPerModuleDefaultPipeline(level));
    if (tuning->link == IRAD_LINK_BEFORE_AND_AT)
      passes.addPass(builder.buildLTOPreLinkDefaultPipeline(level));
    if (tuning->link != IRAD_LINK_NONE)
      passes.addPass(builder.buildLTODefaultPipeline(level, nullptr));
  } else if (*pipeline) {
    ModulePassManager stated;
    if (Error error = builder.parsePassPipeline(stated, pipeline))
      return irad::copy(toString(std::move(error)));
    passes.addPass(std::move(stated));
  }
  irad::repair_after(passes, repair);
  passes.run(module, modules);
  irad::place[0] = 0;
  return verify_error.empty() ? nullptr : irad::copy(verify_error);
}

char *irad_pass_names() {
  PassBuilder builder;
  std::string text;
  raw_string_ostream stream(text);
  builder.printPassNames(stream);
  return irad::copy(text);
}
