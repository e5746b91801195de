//! The shim's C interface, wrapped as soon as it is crossed.
#![allow(unsafe_code, reason = "calls into shim.cpp, which this file declares")]

use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};
use std::slice;

use inkwell::context::{AsContextRef, Context};
use inkwell::module::Module;
use inkwell::targets::TargetMachine;
use inkwell::values::{AsValueRef, BasicValue, FunctionValue, InstructionValue};
use llvm_sys::prelude::{LLVMContextRef, LLVMModuleRef, LLVMValueRef};
use llvm_sys::target_machine::LLVMTargetMachineRef;

use crate::text::Numbers;
use crate::{Pass, Pipeline, Severity, Tuning, UnitKind};

#[repr(C)]
struct CTuning {
    level: u8,
    link: u8,
    vectorise: u8,
    unroll: u8,
    merge_functions: u8,
    verify_each: u8,
}

#[repr(C)]
struct CPass {
    class_name: *const c_char,
    pipeline_name: *const c_char,
    unit_kind: c_int,
    unit_name: *const c_char,
    functions: *const *const c_char,
    function_count: usize,
    preserved_all: u8,
    invalidated: u8,
    nanos: u64,
}

#[repr(C)]
struct CPrinter {
    _private: [u8; 0],
}

/// Adds passes to an `llvm::PassBuilder`, as Enzyme's `registerEnzymeAndPassPipeline` does.
pub type Enroll = unsafe extern "C" fn(*mut c_void, bool);

unsafe extern "C" {
    fn irad_run_pipeline(
        module: LLVMModuleRef,
        machine: LLVMTargetMachineRef,
        pipeline: *const c_char,
        tuning: *const CTuning,
        enroll: Option<Enroll>,
        on_pass: Option<extern "C" fn(*mut c_void, *const CPass)>,
        observer: *mut c_void,
    ) -> *mut c_char;
    fn irad_pass_names() -> *mut c_char;
    fn irad_free(text: *mut c_char);
    fn irad_parse_options(count: c_int, arguments: *const *const c_char) -> *mut c_char;
    fn irad_report_crashes();
    fn irad_set_place(place: *const c_char);
    fn irad_keep(module: LLVMModuleRef, function: LLVMValueRef);
    fn irad_mark_unchanged(module: LLVMModuleRef) -> usize;
    fn irad_printer_new(module: LLVMModuleRef) -> *mut CPrinter;
    fn irad_printer_free(printer: *mut CPrinter);
    fn irad_print(
        printer: *mut CPrinter,
        function: LLVMValueRef,
        emit: extern "C" fn(*mut c_void, c_int, *const c_char, usize),
        context: *mut c_void,
    );
    fn irad_write_bitcode(
        module: LLVMModuleRef,
        emit: extern "C" fn(*mut c_void, c_int, *const c_char, usize),
        context: *mut c_void,
    );
    fn irad_references(function: LLVMValueRef) -> *mut c_char;
    fn irad_handle_diagnostics(
        context: LLVMContextRef,
        on_diagnostic: extern "C" fn(
            *mut c_void,
            c_int,
            *const c_char,
            *const c_char,
            *const c_char,
        ),
        data: *mut c_void,
    );
    fn irad_source_lines(value: LLVMValueRef) -> *mut c_char;
    fn irad_unify_types(context: LLVMContextRef);
    fn irad_debug_types(function: LLVMValueRef) -> *mut c_char;
    fn irad_hear_end(hear: OnEnd, context: *mut c_void);
    fn irad_stop(id: u64, a: u64, b: u64, c: u64, d: u64);
    fn irad_call_guarded(
        entry: extern "C" fn(*mut *mut u8),
        arguments: *mut *mut u8,
        stop: *mut CStop,
        milliseconds: i64,
    ) -> c_int;
    fn irad_misbehave(ad: *const c_char);
    fn irad_extract(
        context: LLVMContextRef,
        bytes: *const c_char,
        length: usize,
        source: *const c_char,
        names: *const *const c_char,
        name_count: usize,
        users: extern "C" fn(
            *mut c_void,
            *const u8,
            *const usize,
            usize,
            *mut usize,
            usize,
        ) -> usize,
        users_context: *mut c_void,
        emit: extern "C" fn(*mut c_void, c_int, *const c_char, usize),
        emit_context: *mut c_void,
    ) -> *mut c_char;
}

/// Copies a string that the shim allocated and frees it there; `None` for null.
pub(crate) fn take(text: *mut c_char) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: the shim returns null or a NUL-terminated string that `irad_free` frees.
    unsafe {
        let owned = CStr::from_ptr(text).to_string_lossy().into_owned();
        irad_free(text);
        Some(owned)
    }
}

/// # Safety
/// `text` is NUL-terminated and lives as long as the result.
unsafe fn borrow<'a>(text: *const c_char) -> std::borrow::Cow<'a, str> {
    // SAFETY: promised by the caller.
    unsafe { CStr::from_ptr(text) }.to_string_lossy()
}

pub(crate) fn c_string(text: &str) -> CString {
    CString::new(text.replace('\0', "")).expect("no NUL is left")
}

extern "C" fn on_pass(observer: *mut c_void, pass: *const CPass) {
    // SAFETY: `run_pipeline` passes its observer, which outlives the run, and the shim passes a
    // pointer to a live description whose strings and array live until this function returns.
    unsafe {
        let observer = &mut *observer.cast::<&mut dyn FnMut(&Pass<'_>)>();
        let pass = &*pass;
        let functions = slice::from_raw_parts(
            if pass.function_count == 0 {
                std::ptr::NonNull::dangling().as_ptr()
            } else {
                pass.functions
            },
            pass.function_count,
        );
        let class_name = borrow(pass.class_name);
        let pipeline_name = borrow(pass.pipeline_name);
        let unit_name = borrow(pass.unit_name);
        observer(&Pass {
            class_name: &class_name,
            pipeline_name: &pipeline_name,
            unit_kind: match pass.unit_kind {
                0 => UnitKind::Module,
                1 => UnitKind::Scc,
                2 => UnitKind::Function,
                _ => UnitKind::Loop,
            },
            unit_name: &unit_name,
            functions: functions
                .iter()
                .map(|&name| borrow(name).into_owned())
                .collect(),
            preserved_all: pass.preserved_all != 0,
            invalidated: pass.invalidated != 0,
            nanos: pass.nanos,
        });
    }
}

/// Runs a pipeline; the error is LLVM's message.
pub(crate) fn run_pipeline(
    module: &Module<'_>,
    machine: Option<&TargetMachine>,
    pipeline: Pipeline<'_>,
    enroll: Option<Enroll>,
    observer: Option<&mut dyn FnMut(&Pass<'_>)>,
) -> Result<(), String> {
    let (level, link, text, tuning) = match pipeline {
        Pipeline::Default(level, tuning) => (level, 0, "", tuning),
        Pipeline::BeforeAndAtLinkTime(level, tuning) => (level, 1, "", tuning),
        Pipeline::AtLinkTime(level, tuning) => (level, 2, "", tuning),
        Pipeline::Text(text) => (0, 0, text, Tuning::FULL),
    };
    let pipeline = c_string(text);
    let tuning = CTuning {
        level,
        link,
        vectorise: tuning.vectorise.into(),
        unroll: tuning.unroll.into(),
        merge_functions: tuning.merge_functions.into(),
        verify_each: tuning.verify_each.into(),
    };
    let watched = observer.is_some();
    let mut nobody = |_: &Pass<'_>| {};
    let mut observer: &mut dyn FnMut(&Pass<'_>) = observer.unwrap_or(&mut nobody);
    // SAFETY: module and machine are live inkwell objects, the strings and the observer outlive
    // the call, and the shim keeps none of them.
    let message = unsafe {
        irad_run_pipeline(
            module.as_mut_ptr(),
            machine.map_or(std::ptr::null_mut(), TargetMachine::as_mut_ptr),
            pipeline.as_ptr(),
            &tuning,
            enroll,
            watched.then_some(on_pass as extern "C" fn(*mut c_void, *const CPass)),
            (&raw mut observer).cast(),
        )
    };
    take(message).map_or(Ok(()), Err)
}

/// LLVM's list of pass names, as `opt --print-passes` prints it.
pub(crate) fn pass_names() -> String {
    // SAFETY: takes nothing, returns an owned string.
    take(unsafe { irad_pass_names() }).unwrap_or_default()
}

/// Hands options, each with its leading dash, to LLVM's command-line parser.
pub(crate) fn parse_options(options: &[String]) -> Result<(), String> {
    let program = c_string("irad-engine");
    let options: Vec<CString> = options.iter().map(|option| c_string(option)).collect();
    let mut arguments = vec![program.as_ptr()];
    arguments.extend(options.iter().map(|option| option.as_ptr()));
    let count = c_int::try_from(arguments.len()).expect("few options");
    // SAFETY: an array of `count` NUL-terminated strings that live through the call.
    take(unsafe { irad_parse_options(count, arguments.as_ptr()) }).map_or(Ok(()), Err)
}

/// From now on a crash of this process writes where it was to standard error.
pub fn report_crashes() {
    // SAFETY: installs signal handlers that only write static memory.
    unsafe { irad_report_crashes() }
}

/// Says where the process is, for [`report_crashes`].
pub fn set_place(place: &str) {
    let place = c_string(place);
    // SAFETY: the shim copies the string.
    unsafe { irad_set_place(place.as_ptr()) }
}

/// Keeps a function alive through module passes, even when nothing calls it any more.
pub fn keep(module: &Module<'_>, function: FunctionValue<'_>) {
    // SAFETY: both are live, and the function belongs to the module.
    unsafe { irad_keep(module.as_mut_ptr(), function.as_value_ref()) }
}

/// Marks the loads that need not be kept in every function with the attribute [`crate::UNCHANGED`],
/// and counts those of the module. Pipelines that simplify functions do the same as they go.
pub fn mark_unchanged(module: &Module<'_>) -> usize {
    // SAFETY: a live module.
    unsafe { irad_mark_unchanged(module.as_mut_ptr()) }
}

/// Removes a function that nothing refers to.
///
/// # Panics
/// When something does.
pub fn erase(function: FunctionValue<'_>) {
    let pointer = function.as_global_value().as_pointer_value();
    assert!(pointer.get_first_use().is_none(), "nothing refers to it");
    // SAFETY: a live function without uses; the caller's copy of the handle ends here.
    unsafe { function.delete() }
}

/// What `function` refers to outside of itself: a line for each name with what a caller sees of it.
pub(crate) fn references(function: FunctionValue<'_>) -> String {
    // SAFETY: a live function; the result is an owned string.
    take(unsafe { irad_references(function.as_value_ref()) }).unwrap_or_default()
}

/// Where an instruction comes from in the source, innermost first: for each inlined call the
/// function's symbol (its name where debug info has no symbol) and `file:line:column`.
pub fn source_lines(instruction: InstructionValue<'_>) -> Vec<(String, String)> {
    // SAFETY: a live instruction; the result is an owned string.
    take(unsafe { irad_source_lines(instruction.as_value_ref()) })
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(function, place)| (function.to_owned(), place.to_owned()))
        .collect()
}

/// Has debug info's types of the same identifier be one in modules that are read from now on, as
/// LLVM's `opt` has it.
pub fn unify_types(context: &Context) {
    // SAFETY: a live context.
    unsafe { irad_unify_types(context.as_ctx_ref()) }
}

/// What a function's debug info says of its parameters, as a JSON object: `types`, an array of what
/// `trace::RustType` reads, the result first (null for nothing), and `names`, without the result;
/// `None` without debug info.
pub fn debug_types(function: FunctionValue<'_>) -> Option<String> {
    // SAFETY: a live function; the result is an owned string.
    take(unsafe { irad_debug_types(function.as_value_ref()) })
}

/// Why the process is about to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// An assertion does not hold.
    Assertion,
    /// What was taken for impossible has happened.
    Unreachable,
    /// LLVM or Enzyme gives up.
    Fatal,
}

type OnEnd = extern "C" fn(*mut c_void, c_int, *const c_char, *const c_char, c_uint);
type HearEnd = Box<dyn FnMut(End, &str, &str, u32)>;

extern "C" fn on_end(
    context: *mut c_void,
    kind: c_int,
    message: *const c_char,
    file: *const c_char,
    line: c_uint,
) {
    let end = match kind {
        0 => End::Assertion,
        1 => End::Unreachable,
        _ => End::Fatal,
    };
    // SAFETY: `hear_end` leaked the box, so it lives; the strings live through the call.
    unsafe {
        let hear = &mut *context.cast::<HearEnd>();
        hear(end, &borrow(message), &borrow(file), line);
    }
}

/// Has `hear` told of an assertion, an unreachable place or a fatal error in C++ before the process
/// ends over it: its kind, the words, and the file and line if they are known.
pub fn hear_end(hear: impl FnMut(End, &str, &str, u32) + 'static) {
    let hear: HearEnd = Box::new(hear);
    let context = Box::into_raw(Box::new(hear));
    // SAFETY: the context is leaked and of the type that `on_end` takes it for.
    unsafe { irad_hear_end(on_end, context.cast()) }
}

/// Ends the process in a way in which LLVM or Enzyme do: `assertion`, `unreachable`, `fatal`,
/// `segfault`, `abort`, `stack`, `memory`, `loop` or `noise`. Returns for any other.
pub fn misbehave(ad: &str) {
    let ad = CString::new(ad).unwrap_or_default();
    // SAFETY: a NUL-terminated string. What happens then is wanted, and ends the process.
    unsafe { irad_misbehave(ad.as_ptr()) }
}

/// How compiled code ended that did not return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It called [`stop_address`] with these words.
    Called {
        /// The first.
        id: u64,
        /// The others.
        words: [u64; 4],
    },
    /// The processor did not go along: SIGSEGV, SIGBUS, SIGFPE or SIGILL; or the time was up:
    /// SIGALRM.
    Signal(i32),
}

#[repr(C)]
struct CStop {
    signal: c_int,
    id: u64,
    words: [u64; 4],
}

/// The address of a function that takes five 64-bit integers and ends the innermost
/// [`call_guarded`].
pub fn stop_address() -> usize {
    irad_stop as *const () as usize
}

/// Calls code that was compiled at run time, and returns also where it does not, or not within so many
/// milliseconds (0 for as long as it likes).
///
/// # Safety
/// `entry` is the address of a function that takes one pointer and returns nothing, and that accesses
/// only memory that it may access when it is handed `arguments`. No Rust frame lies between it and a
/// call of [`stop_address`].
pub unsafe fn call_guarded(
    entry: usize,
    arguments: &mut [*mut u8],
    milliseconds: u32,
) -> Result<(), Stop> {
    let mut stop = CStop {
        signal: 0,
        id: 0,
        words: [0; 4],
    };
    // SAFETY: promised by the caller; the shim writes to `stop` during the call alone.
    let end = unsafe {
        let entry = std::mem::transmute::<usize, extern "C" fn(*mut *mut u8)>(entry);
        irad_call_guarded(
            entry,
            arguments.as_mut_ptr(),
            &raw mut stop,
            i64::from(milliseconds),
        )
    };
    match end {
        0 => Ok(()),
        1 => Err(Stop::Called {
            id: stop.id,
            words: stop.words,
        }),
        _ => Err(Stop::Signal(stop.signal)),
    }
}

/// Prints functions of one module and keeps LLVM's numbering of metadata between prints.
pub struct Printer {
    raw: *mut CPrinter,
    /// Every metadata definition so far, by the id that the shim gives it.
    pub(crate) definitions: Vec<String>,
    pub(crate) numbers: Numbers,
}

/// The parts of one printed function.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) body: String,
    pub(crate) attributes: Vec<String>,
    pub(crate) definitions: Vec<String>,
    pub(crate) metadata: Vec<u32>,
}

extern "C" fn on_part(context: *mut c_void, kind: c_int, text: *const c_char, length: usize) {
    // SAFETY: `Printer::parts` passes its own `Parts`, and the shim a buffer of that length.
    let (parts, bytes) = unsafe {
        let bytes: &[u8] = if length == 0 {
            &[]
        } else {
            slice::from_raw_parts(text.cast::<u8>(), length)
        };
        (&mut *context.cast::<Parts>(), bytes)
    };
    // Names in IR may hold any bytes, but hardly ever do.
    let text = || match str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    };
    match kind {
        0 => parts.body = text(),
        1 => parts.attributes.push(text()),
        2 => parts.definitions.push(text()),
        _ => {
            let (ids, _) = bytes.as_chunks();
            parts.metadata = ids.iter().copied().map(u32::from_ne_bytes).collect();
        }
    }
}

impl Printer {
    /// A printer for `module`, which must outlive it.
    pub fn new(module: &Module<'_>) -> Self {
        // SAFETY: a live module; the caller keeps it alive, as the doc says. Every use below goes
        // through a function of that module.
        let raw = unsafe { irad_printer_new(module.as_mut_ptr()) };
        Printer {
            raw,
            definitions: Vec::new(),
            numbers: Numbers::default(),
        }
    }

    pub(crate) fn parts(&mut self, function: FunctionValue<'_>) -> Parts {
        let mut parts = Parts::default();
        // SAFETY: the printer and the function are live, and `parts` outlives the call.
        unsafe {
            irad_print(
                self.raw,
                function.as_value_ref(),
                on_part,
                (&raw mut parts).cast(),
            );
        }
        parts
    }
}

impl Drop for Printer {
    fn drop(&mut self) {
        // SAFETY: made by `irad_printer_new` and freed once.
        unsafe { irad_printer_free(self.raw) }
    }
}

extern "C" fn on_bytes(context: *mut c_void, _kind: c_int, bytes: *const c_char, length: usize) {
    // SAFETY: `write_bitcode` passes its own vector, and the shim a buffer of that length.
    unsafe {
        let out = &mut *context.cast::<Vec<u8>>();
        out.extend_from_slice(slice::from_raw_parts(bytes.cast::<u8>(), length));
    }
}

/// The module as bitcode, as `opt` writes it: with use-list orders.
pub fn write_bitcode(module: &Module<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    // SAFETY: a live module, and `out` outlives the call.
    unsafe { irad_write_bitcode(module.as_mut_ptr(), on_bytes, (&raw mut out).cast()) }
    out
}

/// What [`extract`] asks: the functions that may use one of some global values.
///
/// Each of these is given as whether it is a function, and its place among the module's functions or
/// variables; the answer is places of functions, in order, or `None` where it is not known.
pub type Users<'a> = dyn FnMut(&[(bool, usize)]) -> Option<Vec<usize>> + 'a;

extern "C" fn on_users(
    context: *mut c_void,
    kinds: *const u8,
    places: *const usize,
    count: usize,
    answer: *mut usize,
    most: usize,
) -> usize {
    if count == 0 || most == 0 {
        return 0;
    }
    // SAFETY: `extract` passes its own callback; the shim passes arrays of `count` elements, and room
    // for `most` answers, as many as there are functions.
    unsafe {
        let users = &mut *context.cast::<&mut Users<'_>>();
        let kinds = slice::from_raw_parts(kinds, count).iter();
        let places = slice::from_raw_parts(places, count).iter();
        let wanted: Vec<(bool, usize)> =
            kinds.map(|&kind| kind == 1).zip(places.copied()).collect();
        let answer = slice::from_raw_parts_mut(answer, most);
        match users(&wanted) {
            Some(found) if found.len() <= most && found.iter().all(|&place| place < most) => {
                answer[..found.len()].copy_from_slice(&found);
                found.len()
            }
            // What was read here and what LLVM read are not the same, so neither is relied on.
            _ => usize::MAX,
        }
    }
}

/// The text of a module of bitcode with no more in it than what some functions reach, and what uses
/// something local of that. The rest is not read. The error is LLVM's message.
pub fn extract(
    context: &Context,
    bytes: &[u8],
    source: &str,
    symbols: &[String],
    mut users: &mut Users<'_>,
) -> Result<Vec<u8>, String> {
    let source = c_string(source);
    let symbols: Vec<CString> = symbols.iter().map(|symbol| c_string(symbol)).collect();
    let names: Vec<*const c_char> = symbols.iter().map(|symbol| symbol.as_ptr()).collect();
    let mut out = Vec::new();
    // SAFETY: a live context, bytes and strings that live through the call, and callbacks with the
    // contexts that they expect. The module that is read from the bytes is not given out.
    let message = unsafe {
        irad_extract(
            context.as_ctx_ref(),
            bytes.as_ptr().cast(),
            bytes.len(),
            source.as_ptr(),
            names.as_ptr(),
            names.len(),
            on_users,
            (&raw mut users).cast(),
            on_bytes,
            (&raw mut out).cast(),
        )
    };
    take(message).map_or(Ok(out), Err)
}

type Diagnostics = Box<dyn FnMut(Severity, &str, &str, &str)>;

extern "C" fn on_diagnostic(
    context: *mut c_void,
    severity: c_int,
    message: *const c_char,
    position: *const c_char,
    function: *const c_char,
) {
    let severity = match severity {
        0 => Severity::Error,
        1 => Severity::Warning,
        2 => Severity::Remark,
        _ => Severity::Note,
    };
    // SAFETY: `handle_diagnostics` leaked the box, so it lives; the strings live through the call.
    unsafe {
        let handler = &mut *context.cast::<Diagnostics>();
        handler(
            severity,
            &borrow(message),
            &borrow(position),
            &borrow(function),
        );
    }
}

/// Hands every diagnostic of the context to `handler`: severity, message, source position (empty
/// when unknown) and function (empty when unknown). Enzyme's remarks are switched on.
///
/// The handler lives as long as the process, which serves one request and ends.
pub fn handle_diagnostics<'c>(
    context: impl AsContextRef<'c>,
    handler: impl FnMut(Severity, &str, &str, &str) + 'static,
) {
    let handler: Diagnostics = Box::new(handler);
    let data = Box::into_raw(Box::new(handler));
    // SAFETY: the context is live, and the leaked box outlives it.
    unsafe { irad_handle_diagnostics(context.as_ctx_ref(), on_diagnostic, data.cast()) }
}
