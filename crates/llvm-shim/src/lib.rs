//! Runs LLVM pass pipelines and tells an observer about every pass.
//!
//! LLVM's C API has no pass callbacks; a small C++ shim adds them. What an observer hears is the
//! pass, the unit it ran on, whether it says to have changed anything, and its time. [`Printer`]
//! prints a function often without rescanning the module's metadata each time.

mod carried;
mod ffi;
mod guard;
mod isolate;
mod order;
mod roles;
mod shield;
mod text;

use inkwell::module::Module;
use inkwell::targets::TargetMachine;
use inkwell::values::FunctionValue;

pub use carried::{Carried, carried};
pub use ffi::{
    End, Enroll, Printer, Stop, Users, call_guarded, debug_types, erase, extract,
    handle_diagnostics, hear_end, keep, mark_unchanged, misbehave, report_crashes, set_place,
    source_lines, stop_address, unify_types, write_bitcode,
};
pub use guard::{Guards, guard, unguard};
pub use isolate::{Isolated, drop_personalities, isolate, processors};
pub use order::InOrder;
pub use roles::{Roles, SourceLine, number, roles, roles_after};
pub use shield::{lead, shield, unlist};

/// The attribute of a function whose reads are promised to stay as they are: see [`mark_unchanged`].
pub const UNCHANGED: &str = "irad_unchanged";

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

/// How grave a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The work cannot go on.
    Error,
    /// The result may not be what was meant.
    Warning,
    /// A decision that was made.
    Remark,
    /// A side note.
    Note,
}

/// Why a pipeline did not run, or options were not taken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// LLVM's words.
    #[error("{0}")]
    Pipeline(String),
    /// LLVM's words.
    #[error("{0}")]
    Options(String),
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
    ffi::run_pipeline(module, machine, pipeline, enroll, observer).map_err(Error::Pipeline)
}

/// Hands options to LLVM's own command-line parser, each with its leading dash.
pub fn parse_options(options: &[String]) -> Result<(), Error> {
    if options.is_empty() {
        return Ok(());
    }
    ffi::parse_options(options).map_err(|text| Error::Options(text.trim().to_owned()))
}

/// The names that a pipeline may use, LLVM's own.
pub fn pass_names() -> Vec<String> {
    ffi::pass_names()
        .lines()
        .filter(|line| line.starts_with("  "))
        .map(|line| line.trim().to_owned())
        .collect()
}

/// What a function refers to outside of itself: names, each with what a caller can see of it.
pub fn references(function: FunctionValue<'_>) -> Vec<(String, String)> {
    ffi::references(function)
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(name, seen)| (name.to_owned(), seen.to_owned()))
        .collect()
}

/// A printed function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// The function as LLVM prints it, with attribute groups written out in place, and metadata
    /// numbered as it appears in what the printer prints.
    pub body: String,
    /// What it refers to, as positions in [`Printer::definitions`].
    pub metadata: Vec<u32>,
}

impl Printer {
    /// Prints a function. A metadata definition is printed with the first function that refers to
    /// it, and again only when it has changed.
    pub fn parts_of(&mut self, function: FunctionValue<'_>) -> Printed {
        let parts = self.parts(function);
        // LLVM heads a function with a comment that repeats its attributes, which stand in it here.
        let start = parts.body.find("define ").unwrap_or(0);
        let body = text::rewrite(&parts.body[start..], &parts.attributes, &mut self.numbers);
        // The text comes first: metadata is numbered as it appears there.
        for line in parts.definitions {
            self.definitions.push(self.numbers.definition(&line));
        }
        Printed {
            body: text::without_addresses(body),
            metadata: parts.metadata,
        }
    }

    /// Every metadata definition that was printed so far, a line each.
    pub fn definitions(&self) -> &[String] {
        &self.definitions
    }

    /// The function with the definitions that it refers to in one text.
    pub fn print(&mut self, function: FunctionValue<'_>) -> String {
        let printed = self.parts_of(function);
        let mut text = printed.body;
        for id in printed.metadata {
            text.push_str(&self.definitions[id as usize]);
            text.push('\n');
        }
        text
    }
}
