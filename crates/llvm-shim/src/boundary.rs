//! Everything that crosses the boundary between this crate's C++ and its Rust: `cpp/boundary.h` in Rust.
//!
//! That header says what each function does. Both sides assert the same numbers, so that a change on one side
//! alone does not compile.
#![allow(unsafe_code, reason = "declares the functions of the folder `cpp`")]

use std::ffi::{c_char, c_void};
use std::mem::offset_of;

use inkwell::llvm_sys::prelude::{LLVMContextRef, LLVMModuleRef, LLVMValueRef};
use inkwell::llvm_sys::target_machine::LLVMTargetMachineRef;

/// `IradPart`: a printed function, or all bytes of a module.
pub(crate) const PART_BODY: i32 = 0;
/// `IradPart`: one set of attributes.
pub(crate) const PART_ATTRIBUTES: i32 = 1;
/// `IradPart`: a metadata definition.
pub(crate) const PART_DEFINITION: i32 = 2;
/// `IradPart`: ids of metadata definitions.
pub(crate) const PART_METADATA: i32 = 3;

/// `IradLink`: the pipeline of one module.
pub(crate) const LINK_NONE: u8 = 0;
/// `IradLink`: before link time and at it.
pub(crate) const LINK_BEFORE_AND_AT: u8 = 1;
/// `IradLink`: at link time.
pub(crate) const LINK_AT: u8 = 2;

/// `IradRepair`.
pub(crate) const REPAIR_NONE: u8 = 0;
/// `IradRepair`.
pub(crate) const REPAIR_FORWARD: u8 = 1;
/// `IradRepair`.
pub(crate) const REPAIR_REVERSE: u8 = 2;

/// `IradUnitKind`.
pub(crate) const UNIT_MODULE: i32 = 0;
/// `IradUnitKind`.
pub(crate) const UNIT_SCC: i32 = 1;
/// `IradUnitKind`.
pub(crate) const UNIT_FUNCTION: i32 = 2;
/// `IradUnitKind`.
pub(crate) const UNIT_LOOP: i32 = 3;

/// `IradSeverity`.
pub(crate) const SEVERITY_ERROR: i32 = 0;
/// `IradSeverity`.
pub(crate) const SEVERITY_WARNING: i32 = 1;
/// `IradSeverity`.
pub(crate) const SEVERITY_REMARK: i32 = 2;
/// `IradSeverity`.
pub(crate) const SEVERITY_NOTE: i32 = 3;

/// `IradEnd`.
pub(crate) const END_ASSERTION: i32 = 0;
/// `IradEnd`.
pub(crate) const END_UNREACHABLE: i32 = 1;
/// `IradEnd`.
pub(crate) const END_FATAL: i32 = 2;

/// `IradOutcome`.
pub(crate) const OUTCOME_RETURNED: i32 = 0;
/// `IradOutcome`.
pub(crate) const OUTCOME_STOPPED: i32 = 1;
/// `IradOutcome`.
pub(crate) const OUTCOME_SIGNAL: i32 = 2;

/// `IRAD_STOP_ENDLESS`.
pub(crate) const STOP_ENDLESS: u64 = u64::MAX;

/// `IradMet`: an infinite slope where nothing moved.
pub(crate) const MET_SINGULAR: u64 = 1;
/// `IradMet`: a tangent went into something without a rule.
pub(crate) const MET_UNKNOWN: u64 = 2;

/// `IradInPlace`: a loop.
pub(crate) const IN_PLACE_LOOP: u8 = 1;
/// `IradInPlace`: a move.
pub(crate) const IN_PLACE_MOVE: u8 = 2;

/// `IradFate`.
pub(crate) const FATE_CACHED: u8 = 1;
/// `IradFate`.
pub(crate) const FATE_RECOMPUTED: u8 = 2;
/// `IradFate`.
pub(crate) const FATE_USED: u8 = 4;

/// `IradTuning`.
#[repr(C)]
pub(crate) struct RawTuning {
    pub(crate) level: u8,
    pub(crate) link: u8,
    pub(crate) vectorise: u8,
    pub(crate) unroll: u8,
    pub(crate) merge_functions: u8,
    pub(crate) verify_each: u8,
}

const _: () = assert!(
    size_of::<RawTuning>() == 6
        && offset_of!(RawTuning, level) == 0
        && offset_of!(RawTuning, link) == 1
        && offset_of!(RawTuning, vectorise) == 2
        && offset_of!(RawTuning, unroll) == 3
        && offset_of!(RawTuning, merge_functions) == 4
        && offset_of!(RawTuning, verify_each) == 5
);

/// `IradPass`.
#[repr(C)]
pub(crate) struct RawPass {
    pub(crate) class_name: *const c_char,
    pub(crate) pipeline_name: *const c_char,
    pub(crate) unit_kind: i32,
    pub(crate) unit_name: *const c_char,
    pub(crate) functions: *const *const c_char,
    pub(crate) function_count: usize,
    pub(crate) preserved_all: u8,
    pub(crate) invalidated: u8,
    pub(crate) nanos: u64,
}

const _: () = assert!(
    size_of::<RawPass>() == 64
        && offset_of!(RawPass, class_name) == 0
        && offset_of!(RawPass, pipeline_name) == 8
        && offset_of!(RawPass, unit_kind) == 16
        && offset_of!(RawPass, unit_name) == 24
        && offset_of!(RawPass, functions) == 32
        && offset_of!(RawPass, function_count) == 40
        && offset_of!(RawPass, preserved_all) == 48
        && offset_of!(RawPass, invalidated) == 49
        && offset_of!(RawPass, nanos) == 56
);

/// `IradDiagnostic`.
#[repr(C)]
pub(crate) struct RawDiagnostic {
    pub(crate) severity: i32,
    pub(crate) message: *const c_char,
    pub(crate) position: *const c_char,
    pub(crate) function: *const c_char,
    pub(crate) name: *const c_char,
}

const _: () = assert!(
    size_of::<RawDiagnostic>() == 40
        && offset_of!(RawDiagnostic, severity) == 0
        && offset_of!(RawDiagnostic, message) == 8
        && offset_of!(RawDiagnostic, position) == 16
        && offset_of!(RawDiagnostic, function) == 24
        && offset_of!(RawDiagnostic, name) == 32
);

/// Machine instructions that ran one by one.
#[repr(C)]
pub(crate) struct RawSteps {
    pub(crate) begin: u64,
    pub(crate) end: u64,
    pub(crate) most: u64,
    pub(crate) own: u64,
    pub(crate) others: u64,
}

const _: () = assert!(
    size_of::<RawSteps>() == 40
        && offset_of!(RawSteps, begin) == 0
        && offset_of!(RawSteps, end) == 8
        && offset_of!(RawSteps, most) == 16
        && offset_of!(RawSteps, own) == 24
        && offset_of!(RawSteps, others) == 32
);

/// `IradStop`.
#[repr(C)]
pub(crate) struct RawStop {
    pub(crate) signal: i32,
    pub(crate) id: u64,
    pub(crate) words: [u64; 4],
}

const _: () = assert!(
    size_of::<RawStop>() == 48
        && offset_of!(RawStop, signal) == 0
        && offset_of!(RawStop, id) == 8
        && offset_of!(RawStop, words) == 16
);

/// `IradOrigin`: what Enzyme says of an instruction of a derivative.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// `IradOriginKind`; 0 when it says nothing.
    pub kind: u8,
    /// Not 0 when it stands in the reverse sweep.
    pub in_reverse: u8,
    /// Not 0 when what is kept, or computed again, is a shadow.
    pub of_shadow: u8,
    /// The instruction of the primal, by its place from 1; 0 for none.
    pub number: u32,
}

const _: () = assert!(
    size_of::<Origin>() == 8
        && offset_of!(Origin, kind) == 0
        && offset_of!(Origin, in_reverse) == 1
        && offset_of!(Origin, of_shadow) == 2
        && offset_of!(Origin, number) == 4
);

/// `IradPrinter`, opaque.
#[repr(C)]
pub(crate) struct RawPrinter {
    _private: [u8; 0],
}

/// `IradFingerprints`, opaque.
#[repr(C)]
pub(crate) struct RawFingerprints {
    _private: [u8; 0],
}

/// `IradEmit`.
pub(crate) type OnPart = extern "C" fn(*mut c_void, i32, *const c_char, usize);
/// `IradOnPass`.
pub(crate) type OnPass = extern "C" fn(*mut c_void, *const RawPass);
/// `IradEnroll`: adds passes to an `llvm::PassBuilder`, as Enzyme's `registerEnzymeAndPassPipeline` does.
pub type Enroll = unsafe extern "C" fn(*mut c_void, bool);
/// `IradUsers`.
pub(crate) type OnUsers =
    extern "C" fn(*mut c_void, *const u8, *const usize, usize, *mut usize, usize) -> usize;
/// `IradOnDiagnostic`.
pub(crate) type OnDiagnostic = extern "C" fn(*mut c_void, *const RawDiagnostic);
/// `IradOnEnd`.
pub(crate) type OnEnd = extern "C" fn(*mut c_void, i32, *const c_char, *const c_char, u32);
/// `IradOnBlock`.
pub(crate) type OnBlock = extern "C" fn(*mut c_void, *const c_char, *const c_char, u32, bool);
/// `IradCost`: what an instruction costs each time that it runs.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RawCost {
    pub(crate) loaded: u64,
    pub(crate) stored: u64,
    pub(crate) block: u32,
    pub(crate) measured: u32,
    pub(crate) number: u32,
    pub(crate) operations: u32,
    pub(crate) instructions: u8,
    pub(crate) calls: u8,
    pub(crate) measures: u8,
}

const _: () = assert!(
    size_of::<RawCost>() == 40
        && offset_of!(RawCost, operations) == 28
        && offset_of!(RawCost, measures) == 34
);

/// `IradOnCounted`.
pub(crate) type OnCounted =
    extern "C" fn(*mut c_void, *const c_char, *const c_char, u32, *const RawCost);
/// `IradSeen`: something that instrumented code computed.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RawSeen {
    pub(crate) kind: u32,
    pub(crate) number: u32,
    pub(crate) by: u32,
    pub(crate) value: f64,
    pub(crate) tangent: f64,
    pub(crate) address: u64,
    pub(crate) bytes: u64,
    pub(crate) from: u64,
}

const _: () = assert!(
    size_of::<RawSeen>() == 56
        && offset_of!(RawSeen, kind) == 0
        && offset_of!(RawSeen, number) == 4
        && offset_of!(RawSeen, by) == 8
        && offset_of!(RawSeen, value) == 16
        && offset_of!(RawSeen, tangent) == 24
        && offset_of!(RawSeen, address) == 32
        && offset_of!(RawSeen, bytes) == 40
        && offset_of!(RawSeen, from) == 48
);

/// `IradOnSeen`.
pub(crate) type OnSeen = extern "C" fn(*mut c_void, *const RawSeen);
/// `IradOnLine`.
pub(crate) type OnLine = extern "C" fn(*mut c_void, *const c_char, u32);
/// `IradOnRole`.
pub(crate) type OnRole = extern "C" fn(*mut c_void, u8, u32);
/// `IradOnFate`.
pub(crate) type OnFate = extern "C" fn(*mut c_void, u8);

unsafe extern "C" {
    pub(crate) fn irad_free(text: *mut c_char);
    pub(crate) fn irad_flush_output();
    pub(crate) fn irad_run_pipeline(
        module: LLVMModuleRef,
        machine: LLVMTargetMachineRef,
        pipeline: *const c_char,
        tuning: *const RawTuning,
        repair: u8,
        enroll: Option<Enroll>,
        on_pass: Option<OnPass>,
        context: *mut c_void,
    ) -> *mut c_char;
    pub(crate) fn irad_pass_names() -> *mut c_char;
    pub(crate) fn irad_parse_options(count: i32, arguments: *const *const c_char) -> *mut c_char;
    pub(crate) fn irad_is_inactive(variable: LLVMValueRef) -> bool;
    pub(crate) fn irad_is_plain_integer(of: LLVMValueRef, value: LLVMValueRef) -> bool;
    pub(crate) fn irad_embody(module: LLVMModuleRef);
    pub(crate) fn irad_settle(module: LLVMModuleRef, except: LLVMValueRef);
    pub(crate) fn irad_forgo_zero_tests(module: LLVMModuleRef);
    pub(crate) fn irad_forget_invariants(module: LLVMModuleRef);
    pub(crate) fn irad_free_once(module: LLVMModuleRef);
    pub(crate) fn irad_tell_shadows_apart(module: LLVMModuleRef);
    pub(crate) fn irad_sink(
        of: LLVMValueRef,
        pointer: LLVMValueRef,
        holds_numbers: bool,
        width: u64,
    ) -> LLVMValueRef;
    pub(crate) fn irad_hide_names(module: LLVMModuleRef, but: LLVMValueRef);
    pub(crate) fn irad_mark_unchanged(module: LLVMModuleRef) -> usize;
    pub(crate) fn irad_keep_results(
        module: LLVMModuleRef,
        symbols: *const *const c_char,
        count: usize,
    ) -> usize;
    pub(crate) fn irad_printer_new(module: LLVMModuleRef) -> *mut RawPrinter;
    pub(crate) fn irad_printer_free(printer: *mut RawPrinter);
    pub(crate) fn irad_print(
        printer: *mut RawPrinter,
        function: LLVMValueRef,
        emit: OnPart,
        context: *mut c_void,
    );
    pub(crate) fn irad_fingerprints_new(by_position: bool) -> *mut RawFingerprints;
    pub(crate) fn irad_fingerprints_free(fingerprints: *mut RawFingerprints);
    pub(crate) fn irad_fingerprint(
        fingerprints: *mut RawFingerprints,
        function: LLVMValueRef,
        hash: *mut [u64; 2],
    ) -> bool;
    pub(crate) fn irad_write_bitcode(module: LLVMModuleRef, emit: OnPart, context: *mut c_void);
    pub(crate) fn irad_extract(
        context: LLVMContextRef,
        bytes: *const c_char,
        length: usize,
        source: *const c_char,
        names: *const *const c_char,
        name_count: usize,
        users: OnUsers,
        users_context: *mut c_void,
        emit: OnPart,
        emit_context: *mut c_void,
    ) -> *mut c_char;
    pub(crate) fn irad_references(function: LLVMValueRef) -> *mut c_char;
    pub(crate) fn irad_handle_diagnostics(
        context: LLVMContextRef,
        on_diagnostic: OnDiagnostic,
        data: *mut c_void,
    );
    pub(crate) fn irad_unify_types(context: LLVMContextRef);
    pub(crate) fn irad_source_lines(instruction: LLVMValueRef) -> *mut c_char;
    pub(crate) fn irad_debug_types(function: LLVMValueRef) -> *mut c_char;
    pub(crate) fn irad_member_offset(
        module: LLVMModuleRef,
        ty: *const c_char,
        member: *const c_char,
    ) -> i64;
    pub(crate) fn irad_report_crashes();
    pub(crate) fn irad_set_place(place: *const c_char);
    pub(crate) fn irad_hear_end(on_end: OnEnd, context: *mut c_void);
    pub(crate) fn irad_misbehave(fault: *const c_char);
    pub(crate) fn irad_stop(id: u64, a: u64, b: u64, c: u64, d: u64);
    pub(crate) fn irad_call_guarded(
        entry: extern "C" fn(*mut *mut u8),
        arguments: *mut *mut u8,
        stop: *mut RawStop,
        milliseconds: i64,
    ) -> i32;
    pub(crate) fn irad_count_steps(steps: *mut RawSteps) -> bool;
    pub(crate) fn irad_settle_down(refused: *mut i64);
    pub(crate) fn irad_dual_instrument(
        module: LLVMModuleRef,
        told: LLVMValueRef,
        on_block: OnBlock,
        context: *mut c_void,
    );
    pub(crate) fn irad_count(module: LLVMModuleRef, on_counted: OnCounted, context: *mut c_void);
    pub(crate) fn irad_take_counters(values: *mut u64, most: usize) -> usize;
    pub(crate) fn irad_dual_counts(counts: *mut u64, most: usize) -> usize;
    pub(crate) fn irad_dual_limit(blocks: u64);
    pub(crate) fn irad_dual_begin() -> u64;
    pub(crate) fn irad_dual_reset();
    pub(crate) fn irad_dual_write(at: *mut c_void, tangent: *const c_void, bytes: usize);
    pub(crate) fn irad_dual_read(at: *const c_void, tangent: *mut c_void, bytes: usize);
    pub(crate) fn irad_dual_met() -> u64;
    pub(crate) fn irad_seen_begin(limit: u64);
    pub(crate) fn irad_seen_aim(number: u32, execution: u64);
    pub(crate) fn irad_seen_end(on_seen: OnSeen, context: *mut c_void) -> bool;
    pub(crate) fn irad_damage(
        derivative: LLVMValueRef,
        roles: *const u8,
        count: usize,
        seed: u64,
        place: *mut u32,
    ) -> *mut c_char;
    pub(crate) fn irad_watch(
        primal: LLVMValueRef,
        derivative: LLVMValueRef,
        forward: bool,
        roles: *const u8,
        numbers: *const u32,
        count: usize,
        origins: *const Origin,
        origin_count: usize,
    );
    pub(crate) fn irad_guard(module: LLVMModuleRef, kept: *mut u32, trapped: *mut u32);
    pub(crate) fn irad_unguard(module: LLVMModuleRef);
    pub(crate) fn irad_isolate(module: LLVMModuleRef, keep: LLVMValueRef) -> *mut c_char;
    pub(crate) fn irad_drop_personalities(module: LLVMModuleRef);
    pub(crate) fn irad_processors(machine: LLVMTargetMachineRef) -> *mut c_char;
    pub(crate) fn irad_keep(module: LLVMModuleRef, function: LLVMValueRef);
    pub(crate) fn irad_unlist(module: LLVMModuleRef);
    pub(crate) fn irad_shield(module: LLVMModuleRef, root: LLVMValueRef) -> *mut c_char;
    pub(crate) fn irad_drop_bodies(module: LLVMModuleRef, root: LLVMValueRef);
    pub(crate) fn irad_lead(
        module: LLVMModuleRef,
        functions: *const LLVMValueRef,
        count: usize,
        name: *const c_char,
    );
    pub(crate) fn irad_order(begins: bool);
    pub(crate) fn irad_in_place(functions: *const LLVMValueRef, count: usize, found: *mut u8);
    pub(crate) fn irad_number(function: LLVMValueRef, on_line: OnLine, context: *mut c_void);
    pub(crate) fn irad_roles(
        primal: LLVMValueRef,
        derivative: LLVMValueRef,
        forward: bool,
        origins: *const Origin,
        count: usize,
        on_role: OnRole,
        context: *mut c_void,
        on_fate: OnFate,
        fate_context: *mut c_void,
    );
    pub(crate) fn irad_roles_after(
        derivative: LLVMValueRef,
        roles: *const u8,
        numbers: *const u32,
        count: usize,
        on_role: OnRole,
        context: *mut c_void,
    );
}
