//! Runs pass pipelines and tells an observer about every pass.
#![allow(unsafe_code, reason = "calls into pipeline.cpp")]

use std::ffi::c_void;

use inkwell::module::Module;
use inkwell::targets::TargetMachine;

use crate::boundary::{
    Enroll, LINK_AT, LINK_BEFORE_AND_AT, LINK_NONE, OnPass, REPAIR_FORWARD, REPAIR_NONE,
    REPAIR_REVERSE, RawPass, RawTuning, UNIT_FUNCTION, UNIT_LOOP, UNIT_MODULE, UNIT_SCC,
    irad_pass_names, irad_run_pipeline,
};
use crate::error::Error;
use crate::strings::{borrow, c_string, elements, take};

/// What to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pipeline<'a> {
    /// LLVM's default pipeline of a level from 1 to 3.
    Default(u8, Tuning),
    /// What full link-time optimisation of that level runs on each module, and then on all as one.
    BeforeAndAtLinkTime(u8, Tuning),
    /// What it runs on all as one.
    AtLinkTime(u8, Tuning),
    /// A pipeline in LLVM's textual syntax, exactly as `opt` runs it.
    Text(&'a str),
}

/// Knobs of LLVM's default pipelines, and whether to verify after every pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tuning {
    /// Vectorise loops and straight-line code, and interleave loops.
    pub vectorise: bool,
    /// Unroll loops.
    pub unroll: bool,
    /// Merge functions with equal bodies.
    pub merge_functions: bool,
    /// Verify the module after every pass that changed something.
    pub verify_each: bool,
}

impl Tuning {
    /// What LLVM's own `opt` uses.
    pub const FULL: Tuning = Tuning {
        vectorise: true,
        unroll: true,
        merge_functions: false,
        verify_each: false,
    };
    /// Keeps the shape of loops and the identity of functions, so that the result can be read.
    pub const READABLE: Tuning = Tuning {
        vectorise: false,
        unroll: false,
        merge_functions: false,
        verify_each: false,
    };
}

/// Which of irad's own passes run around a pipeline, so that Enzyme gets right what follows: see `repair.cpp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair {
    /// None.
    None,
    /// Those that forward mode needs.
    Forward,
    /// Those that reverse mode needs. [`settle`](crate::settle) takes back what they leave.
    Reverse,
}

/// A pass that has run.
#[derive(Debug)]
pub struct Pass<'a> {
    /// Its class (`SROAPass`).
    pub class_name: &'a str,
    /// Its name in pipelines (`sroa`), empty if it has none.
    pub pipeline_name: &'a str,
    /// What kind of unit it ran on.
    pub unit_kind: UnitKind,
    /// The unit's name before the pass ran.
    pub unit_name: &'a str,
    /// The functions that it may have touched; empty for a module, where it means all. For an SCC
    /// these are its functions, and their callers when it replaced one of them.
    pub functions: Vec<String>,
    /// True when it says that every analysis is still valid, that is, that it changed nothing.
    pub preserved_all: bool,
    /// True when it deleted or replaced its unit.
    pub invalidated: bool,
    /// Its wall-clock time, in nanoseconds.
    pub nanos: u64,
}

/// The kinds of unit that passes run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitKind {
    /// A whole module.
    Module,
    /// Functions that call each other.
    Scc,
    /// One function.
    Function,
    /// One loop.
    Loop,
}

/// Runs a pipeline on a module.
///
/// `enroll` adds further passes to LLVM's (Enzyme's); `observer` hears of every pass that ran, in
/// their order, after it ran. Pass managers and adaptors are not passes.
pub fn run(
    module: &Module<'_>,
    machine: Option<&TargetMachine>,
    pipeline: Pipeline<'_>,
    enroll: Option<Enroll>,
    observer: Option<&mut dyn FnMut(&Pass<'_>)>,
) -> Result<(), Error> {
    run_repaired(module, machine, pipeline, Repair::None, enroll, observer)
}

/// The same with irad's own passes around the pipeline.
pub fn run_repaired(
    module: &Module<'_>,
    machine: Option<&TargetMachine>,
    pipeline: Pipeline<'_>,
    repair: Repair,
    enroll: Option<Enroll>,
    observer: Option<&mut dyn FnMut(&Pass<'_>)>,
) -> Result<(), Error> {
    let repair = match repair {
        Repair::None => REPAIR_NONE,
        Repair::Forward => REPAIR_FORWARD,
        Repair::Reverse => REPAIR_REVERSE,
    };
    let (level, link, text, tuning) = match pipeline {
        Pipeline::Default(level, tuning) => (level, LINK_NONE, "", tuning),
        Pipeline::BeforeAndAtLinkTime(level, tuning) => (level, LINK_BEFORE_AND_AT, "", tuning),
        Pipeline::AtLinkTime(level, tuning) => (level, LINK_AT, "", tuning),
        Pipeline::Text(text) => (0, LINK_NONE, text, Tuning::FULL),
    };
    let pipeline = c_string(text);
    let tuning = RawTuning {
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
    // the call, and C++ keeps none of them.
    let message = unsafe {
        take(irad_run_pipeline(
            module.as_mut_ptr(),
            machine.map_or(std::ptr::null_mut(), TargetMachine::as_mut_ptr),
            pipeline.as_ptr(),
            &tuning,
            repair,
            enroll,
            watched.then_some(on_pass as OnPass),
            (&raw mut observer).cast(),
        ))
    };
    message.map_or(Ok(()), |message| Err(Error::Pipeline(message)))
}

extern "C" fn on_pass(observer: *mut c_void, pass: *const RawPass) {
    // SAFETY: `run` passes its observer, which outlives the run, and C++ passes a
    // pointer to a live description whose strings and array live until this function returns.
    unsafe {
        let observer = &mut *observer.cast::<&mut dyn FnMut(&Pass<'_>)>();
        let pass = &*pass;
        let functions = elements(pass.functions, pass.function_count);
        let class_name = borrow(pass.class_name);
        let pipeline_name = borrow(pass.pipeline_name);
        let unit_name = borrow(pass.unit_name);
        observer(&Pass {
            class_name: &class_name,
            pipeline_name: &pipeline_name,
            unit_kind: match pass.unit_kind {
                UNIT_MODULE => UnitKind::Module,
                UNIT_SCC => UnitKind::Scc,
                UNIT_FUNCTION => UnitKind::Function,
                UNIT_LOOP => UnitKind::Loop,
                kind => unreachable!("no kind of unit: {kind}"),
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

/// The names that a pipeline may use, LLVM's own, as `opt --print-passes` prints them.
pub fn pass_names() -> Vec<String> {
    // SAFETY: takes nothing, returns an owned string.
    let text = unsafe { take(irad_pass_names()) }.unwrap_or_default();
    text.lines()
        .filter(|line| line.starts_with("  "))
        .map(|line| line.trim().to_owned())
        .collect()
}
