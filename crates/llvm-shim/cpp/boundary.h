// Everything that crosses the boundary between our C++ and our Rust. `src/boundary.rs` says the same in Rust,
// and `enzyme-sys/src/ask.rs` of what that crate defines, at the end. Both sides assert the same numbers, so
// that a change on one side alone does not compile.
//
// Strings that are returned are freed with `irad_free`, and a null one stands for nothing. Callbacks get the
// context that came with them, and what they are handed lives only as long as the call.

#pragma once

#include "llvm-c/TargetMachine.h"
#include "llvm-c/Types.h"

#include <cstddef>
#include <cstdint>

extern "C" {

// What a text or a part of one is (`IradEmit`).
enum IradPart : int32_t {
  // A function as LLVM prints it; or all bytes of a module.
  IRAD_PART_BODY = 0,
  // One set of attributes written out. They come in the order in which their groups appear in the body.
  IRAD_PART_ATTRIBUTES = 1,
  // A metadata definition that was not printed before, or has changed since. Its id is the number of
  // definitions before it.
  IRAD_PART_DEFINITION = 2,
  // The ids of the definitions that the body refers to, four bytes each.
  IRAD_PART_METADATA = 3,
};
using IradEmit = void (*)(void *context, int32_t part, const char *bytes, size_t length);

void irad_free(char *text);

// Hands on what LLVM and C have printed and still hold.
void irad_flush_output();

// --- pipeline.cpp ---

enum IradLink : uint8_t {
  IRAD_LINK_NONE = 0,       // the pipeline of one module
  IRAD_LINK_BEFORE_AND_AT = 1, // before link time and at it
  IRAD_LINK_AT = 2,         // at link time
};

struct IradTuning {
  uint8_t level; // 0: the pipeline is text; 1 to 3: LLVM's default pipeline of that level
  uint8_t link;  // `IradLink`
  uint8_t vectorise;
  uint8_t unroll;
  uint8_t merge_functions;
  uint8_t verify_each;
};
static_assert(sizeof(IradTuning) == 6 && offsetof(IradTuning, level) == 0 &&
              offsetof(IradTuning, link) == 1 && offsetof(IradTuning, vectorise) == 2 &&
              offsetof(IradTuning, unroll) == 3 && offsetof(IradTuning, merge_functions) == 4 &&
              offsetof(IradTuning, verify_each) == 5);

enum IradUnitKind : int32_t {
  IRAD_UNIT_MODULE = 0,
  IRAD_UNIT_SCC = 1,
  IRAD_UNIT_FUNCTION = 2,
  IRAD_UNIT_LOOP = 3,
};

// A pass that has run.
struct IradPass {
  const char *class_name;
  const char *pipeline_name;
  int32_t unit_kind; // `IradUnitKind`
  const char *unit_name;
  const char *const *functions;
  size_t function_count;
  uint8_t preserved_all;
  uint8_t invalidated;
  uint64_t nanos;
};
static_assert(sizeof(IradPass) == 64 && offsetof(IradPass, class_name) == 0 &&
              offsetof(IradPass, pipeline_name) == 8 && offsetof(IradPass, unit_kind) == 16 &&
              offsetof(IradPass, unit_name) == 24 && offsetof(IradPass, functions) == 32 &&
              offsetof(IradPass, function_count) == 40 && offsetof(IradPass, preserved_all) == 48 &&
              offsetof(IradPass, invalidated) == 49 && offsetof(IradPass, nanos) == 56);

// What of irad's own runs around a pipeline, so that Enzyme gets right what follows.
enum IradRepair : uint8_t {
  IRAD_REPAIR_NONE = 0,
  IRAD_REPAIR_FORWARD = 1,
  IRAD_REPAIR_REVERSE = 2,
};

using IradOnPass = void (*)(void *context, const IradPass *pass);
// Adds passes to an `llvm::PassBuilder`, as Enzyme's `registerEnzymeAndPassPipeline` does.
using IradEnroll = void (*)(void *pass_builder, bool augment);

// Runs a pipeline on a module. Returns null, or why it did not run.
char *irad_run_pipeline(LLVMModuleRef module, LLVMTargetMachineRef machine, const char *pipeline,
                        const IradTuning *tuning, IradRepair repair, IradEnroll enroll,
                        IradOnPass on_pass, void *context);
// Every name that a pipeline may use, one a line.
char *irad_pass_names();

// --- plain_integers.cpp ---

// Whether an integer that an instruction uses is nothing but that: no float and no address has its bits.
bool irad_is_plain_integer(LLVMValueRef of, LLVMValueRef value);

// --- inactive_memory.cpp ---

// Whether Enzyme was told that nothing flows through a variable.
bool irad_is_inactive(LLVMValueRef variable);

// --- zero_tests.cpp ---

// Has `vec![e; n]` no path of its own for zero, which would lose the tangent of `e`.
void irad_forgo_zero_tests(LLVMModuleRef module);

// --- invariants.cpp ---

// Takes out what Enzyme promises of loads in loops, which is not true.
void irad_forget_invariants(LLVMModuleRef module);

// --- disjoint.cpp ---

// Gives `noalias` to the shadows in derivatives of called functions that are memory of their own.
void irad_tell_shadows_apart(LLVMModuleRef module);

// --- freed_twice.cpp ---

// Takes out what frees memory in the forward sweep that the reverse sweep frees, too.
void irad_free_once(LLVMModuleRef module);

// --- sinks.cpp ---

// Memory that stands for the shadow of what has no derivative: a table of constants, or a local variable that is known to
// hold floats and integers only. Null if the pointer is to something else.
LLVMValueRef irad_sink(LLVMValueRef of, LLVMValueRef pointer, bool holds_numbers, uint64_t width);

// --- repair.cpp ---

// Takes back what the repairs have left for Enzyme alone, but in one function, if that is not null.
void irad_settle(LLVMModuleRef module, LLVMValueRef except);

// --- opaque.cpp ---

// Gives what the repairs have left a body, so that it can run: it does nothing.
void irad_embody(LLVMModuleRef module);

// --- names.cpp ---

// Gives functions other names that Enzyme would take for others, except `but`. `irad_settle` takes it back.
void irad_hide_names(LLVMModuleRef module, LLVMValueRef but);

// --- options.cpp ---

// Hands options to LLVM's own parser. Returns null, or why it did not take them.
char *irad_parse_options(int32_t count, const char *const *arguments);

// --- unchanged.cpp ---

// Marks loads that need not be kept in the functions whose reads are promised to stay as they are. Returns
// how many loads of the module are marked.
size_t irad_mark_unchanged(LLVMModuleRef module);

// --- kept.cpp ---

// Has Enzyme keep what calls of functions return, by symbol, if it is a number; `*` is every one of the mathematics
// library that takes long. Returns how many calls there are.
size_t irad_keep_results(LLVMModuleRef module, const char *const *symbols, size_t count);

// --- printer.cpp ---

struct IradPrinter;

IradPrinter *irad_printer_new(LLVMModuleRef module);
void irad_printer_free(IradPrinter *printer);
// Gives the parts of a printed function.
void irad_print(IradPrinter *printer, LLVMValueRef function, IradEmit emit, void *context);

// --- fingerprint.cpp ---

struct IradFingerprints;

// `by_position` numbers what functions are made of, so that functions of different modules of one context
// compare. Else addresses stand for it.
IradFingerprints *irad_fingerprints_new(bool by_position);
void irad_fingerprints_free(IradFingerprints *fingerprints);
// Writes the fingerprint of a function, and returns true; or false if its text depends on more than it.
bool irad_fingerprint(IradFingerprints *fingerprints, LLVMValueRef function, uint64_t hash[2]);

// --- bitcode.cpp ---

// Bitcode as `opt` writes it, with use-list orders kept, which LLVM's C API leaves out.
void irad_write_bitcode(LLVMModuleRef module, IradEmit emit, void *context);

// --- extract.cpp ---

// Asks which functions may use any of `count` global values. Each is given by its kind (0 a variable,
// 1 a function) and its place among the module's values of that kind. The answer is places of functions,
// written to `users`, where there is room for `most`, and their number, or SIZE_MAX for all.
using IradUsers = size_t (*)(void *context, const uint8_t *kinds, const size_t *places, size_t count,
                             size_t *users, size_t most);

// Prints a module of some functions of a bitcode module and of what they reach, from which a slice can be
// cut as from the text of the whole. What the rest uses, too, is in `llvm.compiler.used`. Returns null, or
// why it failed.
char *irad_extract(LLVMContextRef context, const char *bytes, size_t length, const char *source,
                   const char *const *names, size_t name_count, IradUsers users,
                   void *users_context, IradEmit emit, void *emit_context);

// --- references.cpp ---

// What a function refers to outside of itself, one line each: a name, a tab, and what a caller can see of
// it.
char *irad_references(LLVMValueRef function);

// --- diagnostics.cpp ---

// As LLVM counts them (`llvm::DiagnosticSeverity`).
enum IradSeverity : int32_t {
  IRAD_SEVERITY_ERROR = 0,
  IRAD_SEVERITY_WARNING = 1,
  IRAD_SEVERITY_REMARK = 2,
  IRAD_SEVERITY_NOTE = 3,
};

struct IradDiagnostic {
  int32_t severity; // `IradSeverity`
  const char *message;
  const char *position; // in the source; empty when unknown
  const char *function; // empty when unknown
  const char *name;     // of a remark, which tells its kind; empty for anything else
};
static_assert(sizeof(IradDiagnostic) == 40 && offsetof(IradDiagnostic, severity) == 0 &&
              offsetof(IradDiagnostic, message) == 8 && offsetof(IradDiagnostic, position) == 16 &&
              offsetof(IradDiagnostic, function) == 24 && offsetof(IradDiagnostic, name) == 32);

using IradOnDiagnostic = void (*)(void *data, const IradDiagnostic *diagnostic);

// Hands every diagnostic of a context to a callback, Enzyme's remarks included.
void irad_handle_diagnostics(LLVMContextRef context, IradOnDiagnostic on_diagnostic, void *data);

// --- debug_info.cpp ---

// Has types of the same identifier be one in modules that are read from now on, as in `opt`.
void irad_unify_types(LLVMContextRef context);
// Where an instruction comes from in the source, innermost first, or null. A line for each inlined call: the
// function, a tab, `file:line:column`.
char *irad_source_lines(LLVMValueRef instruction);

// --- debug_types.cpp ---

// A function's `types`, the result first (null for nothing), and the `names` of its parameters (empty
// where there is none), as a JSON object; null without debug info.
char *irad_debug_types(LLVMValueRef function);
// Where a member stands in the first type whose name begins so, in bytes; -1 where debug info does not say.
int64_t irad_member_offset(LLVMModuleRef module, const char *type, const char *member);

// --- crash.cpp ---

// Has a crash of the process write to standard error where it was.
void irad_report_crashes();
// Says where the process is from now on.
void irad_set_place(const char *place);

// --- ending.cpp ---

enum IradEnd : int32_t {
  IRAD_END_ASSERTION = 0,
  IRAD_END_UNREACHABLE = 1,
  IRAD_END_FATAL = 2,
};
// What was said, and the file (empty when unknown) and line where.
using IradOnEnd = void (*)(void *context, int32_t end, const char *message, const char *file,
                           uint32_t line);

// Hands assertions, what was taken for unreachable, and fatal errors to a callback before the process ends
// over them.
void irad_hear_end(IradOnEnd on_end, void *context);

// --- misbehave.cpp ---

// Ends the process in one of the ways in which LLVM or Enzyme do, to see what is made of it.
void irad_misbehave(const char *fault);

// --- compiled_call.cpp ---

// How a call of compiled code ended that did not return: in `irad_stop` with an id and words, or by a signal.
struct IradStop {
  int32_t signal;
  uint64_t id;
  uint64_t words[4];
};
static_assert(sizeof(IradStop) == 48 && offsetof(IradStop, signal) == 0 &&
              offsetof(IradStop, id) == 8 && offsetof(IradStop, words) == 16);

// Machine instructions that ran one by one: `own` between `begin` and `end`, `others` elsewhere. Beyond `most` of both
// they run as usual, and are not counted.
struct IradSteps {
  uint64_t begin;
  uint64_t end;
  uint64_t most;
  uint64_t own;
  uint64_t others;
};
static_assert(sizeof(IradSteps) == 40 && offsetof(IradSteps, begin) == 0 && offsetof(IradSteps, end) == 8 &&
              offsetof(IradSteps, most) == 16 && offsetof(IradSteps, own) == 24 && offsetof(IradSteps, others) == 32);

enum IradOutcome : int32_t {
  IRAD_OUTCOME_RETURNED = 0,
  IRAD_OUTCOME_STOPPED = 1,
  IRAD_OUTCOME_SIGNAL = 2,
};

// The id of a run that was stopped because it took too many blocks.
constexpr uint64_t IRAD_STOP_ENDLESS = UINT64_MAX;

// What compiled code calls where it would not return. The frames of that code are left without any clearing
// up.
void irad_stop(uint64_t id, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
// Calls `entry` and says how that ended (`IradOutcome`). It gets SIGALRM when it takes longer than so many
// milliseconds (0 for as long as it likes).
int32_t irad_call_guarded(void (*entry)(void **), void **arguments, IradStop *stop,
                          int64_t milliseconds);
// Has calls of `irad_call_guarded` count machine instructions, until it is given null. False where this processor is
// not known to run them one by one. The process has to have settled down (`irad_settle_down`).
bool irad_count_steps(IradSteps *steps);
// What ends a process that makes a system call which its filter refuses, as its exit code.
constexpr int32_t IRAD_REFUSED = 97;
// From now on this process, which is a fork with one thread, does nothing but call compiled code. Handlers of
// signals are set once and stay, so that later calls need not ask the system for them. A system call that a
// filter refuses leaves its number in `refused`, and the process ends with `IRAD_REFUSED`, now or, after calls that
// only prepare others, in the end. Nothing that is printed waits in a buffer.
void irad_settle_down(int64_t *refused);

// --- dual.cpp and dual_memory.cpp ---

// A block of a function: the function, the file (empty when unknown) and line where it begins, and whether it
// can only end in a panic.
using IradOnBlock = void (*)(void *context, const char *function, const char *file, uint32_t line,
                             bool is_dead_end);

// What was met on the way of a run, added up.
enum IradMet : uint64_t {
  IRAD_MET_SINGULAR = 1, // an infinite slope where nothing moved
  IRAD_MET_UNKNOWN = 2,  // a tangent went into something without a rule
};

// Has every function of a module compute a tangent beside each of its numbers, and count how often each of its
// blocks runs. Tells of the blocks, in the order of their counters. `told`, if not null, is a function whose
// instructions are numbered (`numbers.cpp`), and which tells what it computes (`seen.cpp`).
void irad_dual_instrument(LLVMModuleRef module, LLVMValueRef told, IradOnBlock on_block,
                          void *context);
// Takes the counts since they were taken last. Returns how many there are.
size_t irad_dual_counts(uint64_t *counts, size_t most);
// How many blocks one run may take; then it ends as by `irad_stop` with `IRAD_STOP_ENDLESS`.
void irad_dual_limit(uint64_t blocks);
// Begins a run. Returns how many blocks the one before took.
uint64_t irad_dual_begin();
// Makes all tangents zero.
void irad_dual_reset();
// Sets and gives the tangents of what lies at an address.
void irad_dual_write(void *at, const void *tangent, size_t bytes);
void irad_dual_read(const void *at, void *tangent, size_t bytes);
// What was met (`IradMet`) since the tangents were made zero.
uint64_t irad_dual_met();

// --- counting.cpp ---

// What only a run knows of an instruction: how many bytes it moves, sets or allocates.
enum IradMeasures : uint8_t {
  IRAD_MEASURES_NOTHING = 0,
  IRAD_MEASURES_MOVED = 1,
  IRAD_MEASURES_SET = 2,
  IRAD_MEASURES_ALLOCATED = 3,
};

// What an instruction costs each time that it runs.
struct IradCost {
  uint64_t loaded;       // bytes
  uint64_t stored;       // bytes
  uint32_t block;        // the counter of its block
  uint32_t measured;     // the counter of the bytes that only the run knows
  uint32_t number;       // the number of the instruction that it comes from (`numbers.cpp`)
  uint32_t operations;   // with floating-point numbers
  uint8_t instructions;  // 0 for what is nothing on a machine
  uint8_t calls;
  uint8_t measures;      // `IradMeasures`
};
static_assert(offsetof(IradCost, operations) == 28 && offsetof(IradCost, measures) == 34 && sizeof(IradCost) == 40);

// Tells of an instruction: its function, and the source file (empty when unknown) and line that it comes from.
using IradOnCounted = void (*)(void *context, const char *function, const char *file, uint32_t line,
                               const IradCost *cost);

// Has every function of a module count what it does. Tells of their instructions, in their order.
void irad_count(LLVMModuleRef module, IradOnCounted on_counted, void *context);
// Takes the counters since they were taken last, of all modules. Returns how many there are.
size_t irad_take_counters(uint64_t *values, size_t most);

// --- seen.cpp ---

enum IradSeenKind : uint32_t {
  IRAD_SEEN_VALUE = 0,   // a value of the primal
  IRAD_SEEN_STORE = 1,   // the primal put a float into memory
  IRAD_SEEN_COPY = 2,    // the primal copied memory, or filled it
  IRAD_SEEN_ADJOINT = 3, // the derivative took the adjoint of a value of the primal
  IRAD_SEEN_ADDED = 4,   // it added to one
  IRAD_SEEN_TANGENT = 5, // it computed a tangent
  IRAD_SEEN_COPIED = 6,  // it computed what stands for a value of the primal
  IRAD_SEEN_AGAIN = 7,   // it took a value of the primal from a cache, or computed it again
};

// Something that instrumented code computed.
struct IradSeen {
  uint32_t kind;   // `IradSeenKind`
  uint32_t number; // the instruction of the primal, from 1; its parameters come behind these
  // Of what is added to an adjoint, the instruction of the primal whose rule does it. Else the place of the
  // instruction in the derivative, from 1.
  uint32_t by;
  double value;     // that of the primal, or what the derivative has
  double tangent;   // of a float of the primal
  uint64_t address; // of what was loaded, stored, or copied to; 0 for none
  uint64_t bytes;   // of what was stored or copied
  uint64_t from;    // where it was copied from; 0 where memory was filled
};
static_assert(sizeof(IradSeen) == 56 && offsetof(IradSeen, kind) == 0 &&
              offsetof(IradSeen, number) == 4 && offsetof(IradSeen, by) == 8 &&
              offsetof(IradSeen, value) == 16 && offsetof(IradSeen, tangent) == 24 &&
              offsetof(IradSeen, address) == 32 && offsetof(IradSeen, bytes) == 40 &&
              offsetof(IradSeen, from) == 48);
using IradOnSeen = void (*)(void *context, const IradSeen *seen);

// Begins to record what instrumented code computes, `limit` times at most; with 0 nothing is recorded.
void irad_seen_begin(uint64_t limit);
// From now on the value of that instruction of the primal has a tangent of one more, in that of its executions (from
// 1). With 0 none has.
void irad_seen_aim(uint32_t number, uint64_t execution);
// Tells what was recorded, in order. False if that is not all.
bool irad_seen_end(IradOnSeen on_seen, void *context);

// --- watch.cpp ---

struct IradOrigin;

// Has a derivative that was numbered tell what it computes. The first lists have an entry for each of its
// instructions as they were numbered; `origins` may be empty.
void irad_watch(LLVMValueRef primal, LLVMValueRef derivative, bool forward, const uint8_t *roles,
                const uint32_t *numbers, size_t count, const IradOrigin *origins,
                size_t origin_count);

// --- damage.cpp ---

// Makes a derivative that was numbered wrong on purpose, somewhere: `seed` says where. Says in words what was done,
// and to which of its instructions, from 1; to 0 if to none.
char *irad_damage(LLVMValueRef derivative, const uint8_t *roles, size_t count, uint64_t seed,
                  uint32_t *place);

// --- guard.cpp ---

// Puts a guard before every branch to a panic in every function. The numbers of those that panic as the
// primal does, and of those that only end the process, go to `kept` and `trapped`.
void irad_guard(LLVMModuleRef module, uint32_t *kept, uint32_t *trapped);
// Gives the guards their bodies.
void irad_unguard(LLVMModuleRef module);

// --- isolate.cpp ---

// Makes every definition but `keep` local, and variables with an identity declarations. Gives a line
// for each thing worth knowing, `kind TAB name`: `elsewhere` a variable that another object defines,
// `local` one that no other object can give, `weak` what the linker may have replaced, `assembly` that
// there was some.
char *irad_isolate(LLVMModuleRef module, LLVMValueRef keep);
// Takes the personality from functions that catch nothing.
void irad_drop_personalities(LLVMModuleRef module);
// The processors that a machine's target knows, a line each.
char *irad_processors(LLVMTargetMachineRef machine);

// --- used_list.cpp ---

// Keeps a function with local linkage alive through module passes.
void irad_keep(LLVMModuleRef module, LLVMValueRef function);
// Takes the lists away that keep what nothing else needs.
void irad_unlist(LLVMModuleRef module);

// --- shield.cpp ---

// Hides from LLVM how what `root` reaches is used by the rest of the module: from now on it has uses that
// nobody knows. Gives a line with the name of each other local function of which that is so.
char *irad_shield(LLVMModuleRef module, LLVMValueRef root);

// --- bodies.cpp ---

// Makes declarations of the allocator's entry points, and of what the standard library's own crates hold of
// functions that never return. `root` stays. What only these bodies used of what `root` reaches counts as used by
// the rest of the module.
void irad_drop_bodies(LLVMModuleRef module, LLVMValueRef root);

// --- lead.cpp ---

// Puts a function in front of all others that refers to each of `functions`, in this order.
void irad_lead(LLVMModuleRef module, const LLVMValueRef *functions, size_t count, const char *name);

// --- order.cpp ---

// Whether what this thread asks for from now on lies in memory in that order.
void irad_order(bool begins);

// --- in_place.cpp ---

enum IradInPlace : uint8_t {
  IRAD_IN_PLACE_LOOP = 1,
  IRAD_IN_PLACE_MOVE = 2,
};

// Which updates in place (`IradInPlace`, added up) there are in each of `count` functions.
void irad_in_place(const LLVMValueRef *functions, size_t count, uint8_t *found);

// --- numbers.cpp and roles.cpp ---

// What an instruction of a derivative is there for, as `trace::AdRole` counts them.
enum IradRole : uint8_t {
  IRAD_ROLE_PRIMAL = 0,
  IRAD_ROLE_SHADOW = 1,
  IRAD_ROLE_ADJOINT = 2,
  IRAD_ROLE_TANGENT = 3,
  IRAD_ROLE_CACHE = 4,
  IRAD_ROLE_RECOMPUTE = 5,
  IRAD_ROLE_CONTROL = 6,
};

// What becomes of a value of the primal in the derivative, added up.
enum IradFate : uint8_t {
  IRAD_FATE_CACHED = 1,
  IRAD_FATE_RECOMPUTED = 2,
  IRAD_FATE_USED = 4, // as it is
};

// Line 0 for none.
using IradOnLine = void (*)(void *context, const char *file, uint32_t line);
using IradOnRole = void (*)(void *context, uint8_t role, uint32_t number);
using IradOnFate = void (*)(void *context, uint8_t fate);

// Gives every instruction of a function a location whose line is its place in the function, from 1, in
// place of the one that it has. Tells the lines that they had.
void irad_number(LLVMValueRef function, IradOnLine on_line, void *context);
// What Enzyme says of an instruction of a derivative.
enum IradOriginKind : uint8_t {
  IRAD_ORIGIN_NONE = 0,
  IRAD_ORIGIN_COPY = 1,        // it stands for an instruction of the primal
  IRAD_ORIGIN_SHADOW = 2,      // the shadow of that one's value
  IRAD_ORIGIN_TANGENT = 3,     // its tangent
  IRAD_ORIGIN_SLOT = 4,        // the memory of its adjoint
  IRAD_ORIGIN_ADJOINT = 5,     // an adjoint that is about to be stored
  IRAD_ORIGIN_CACHE = 6,       // memory in which its value is kept, or an address within
  IRAD_ORIGIN_CACHE_STORE = 7, // puts the value there
  IRAD_ORIGIN_RELOAD = 8,      // takes it from there
  IRAD_ORIGIN_RECOMPUTE = 9,   // computes it again
  IRAD_ORIGIN_COUNTER = 10,    // the iteration of a loop that is differentiated
};

struct IradOrigin {
  uint8_t kind;       // `IradOriginKind`
  uint8_t in_reverse; // whether it stands in the reverse sweep
  uint8_t of_shadow;  // whether what is kept, or computed again, is the shadow of that value
  uint32_t number;    // the instruction of the primal, by its place from 1; 0 for none
};
static_assert(sizeof(IradOrigin) == 8 && offsetof(IradOrigin, kind) == 0 &&
              offsetof(IradOrigin, in_reverse) == 1 && offsetof(IradOrigin, of_shadow) == 2 &&
              offsetof(IradOrigin, number) == 4);

// Tells the role and the number of every instruction of a derivative, and then for every instruction of
// the primal (which was numbered before) what becomes of its value. `origins` has what Enzyme says of each
// instruction of the derivative, in their order.
void irad_roles(LLVMValueRef primal, LLVMValueRef derivative, bool forward,
                const IradOrigin *origins, size_t count, IradOnRole on_role, void *context,
                IradOnFate on_fate, void *fate_context);
// Tells the role and the number of every instruction of a derivative that was numbered and then
// simplified. `roles` and `numbers` are those of the instructions as they were numbered.
void irad_roles_after(LLVMValueRef derivative, const uint8_t *roles, const uint32_t *numbers,
                      size_t count, IradOnRole on_role, void *context);

// --- enzyme-sys/cpp/explain.cpp ---

struct EnzymeOpaqueLogic;
struct EnzymeOpaqueTypeAnalysis;

enum IradConstant : uint8_t {
  IRAD_CONSTANT_VALUE = 1,       // its value has no derivative
  IRAD_CONSTANT_INSTRUCTION = 2, // it passes no derivative on
};

// Its type tree, and `IradConstant` added up.
using IradOnValue = void (*)(void *context, const char *type, uint8_t constant);

// The clone that will be differentiated in this mode. Enzyme keeps it, and takes it as it then is.
LLVMValueRef irad_enzyme_preprocess(EnzymeOpaqueLogic *logic, LLVMValueRef function, int32_t mode);
// Tells of every parameter and then of every instruction of a clone, in their order. False if the clone was
// not differentiated with these types.
bool irad_enzyme_explain(EnzymeOpaqueLogic *logic, EnzymeOpaqueTypeAnalysis *types,
                         LLVMValueRef clone, int32_t returned, const int32_t *arguments,
                         IradOnValue on_value, void *context);

// --- enzyme-sys/cpp/origins.cpp ---

// Notes from now on what Enzyme knows of the derivatives that it finishes.
void irad_enzyme_note_origins();
// Gives what was noted of the instructions of a derivative. `origins` has room for as many as it has, `count`.
// False if nothing was.
bool irad_enzyme_origins(LLVMValueRef derivative, IradOrigin *origins, size_t count);

// --- enzyme-sys/cpp/counters.cpp ---

// Whether derivatives are mended as they are finished.
void irad_enzyme_repair(bool repairs);

} // extern "C"
