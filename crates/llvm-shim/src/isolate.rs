//! Takes a module out of the program that it came from.
#![allow(unsafe_code, reason = "calls into isolate.cpp")]

use inkwell::module::Module;
use inkwell::targets::TargetMachine;
use inkwell::values::{AsValueRef, FunctionValue};

use crate::boundary::{irad_drop_personalities, irad_isolate, irad_processors};
use crate::strings::take;

/// What became of a module that was isolated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Isolated {
    /// Variables that another object defines, and that are declarations now.
    pub defined_elsewhere: Vec<String>,
    /// Variables that no other object can give, and that are declarations now all the same: what
    /// still refers to one in the end cannot be linked.
    pub local: Vec<String>,
    /// Definitions that the linker may replace by others, and that are declarations now.
    pub weak: Vec<String>,
    /// There was assembly beside the functions; it is gone.
    pub assembly: bool,
}

/// Makes every definition but `keep` local to the module, leaves variables that must not be copied to
/// the object that the module came from, and lets every function unwind that might.
pub fn isolate(module: &Module<'_>, keep: FunctionValue<'_>) -> Isolated {
    // SAFETY: both are live, and the function belongs to the module; the result is an owned string.
    let lines = unsafe { take(irad_isolate(module.as_mut_ptr(), keep.as_value_ref())) };
    let mut isolated = Isolated::default();
    for line in lines.unwrap_or_default().lines() {
        let (kind, name) = line.split_once('\t').unwrap_or((line, ""));
        let list = match kind {
            "elsewhere" => &mut isolated.defined_elsewhere,
            "local" => &mut isolated.local,
            "weak" => &mut isolated.weak,
            _ => {
                isolated.assembly = true;
                continue;
            }
        };
        list.push(name.to_owned());
    }
    isolated
}

/// Takes the personality from functions that catch nothing: they need none.
pub fn drop_personalities(module: &Module<'_>) {
    // SAFETY: a live module.
    unsafe { irad_drop_personalities(module.as_mut_ptr()) }
}

/// The processors that a machine's target knows.
pub fn processors(machine: &TargetMachine) -> Vec<String> {
    // SAFETY: a live machine; the result is an owned string.
    let lines = unsafe { take(irad_processors(machine.as_mut_ptr())) };
    let lines = lines.unwrap_or_default();
    lines.lines().map(str::to_owned).collect()
}
