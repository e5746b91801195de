//! Has code count what it does: see `counting.cpp`.
#![allow(
    unsafe_code,
    reason = "calls into counting.cpp, which instruments code and keeps its counters"
)]

use std::ffi::{c_char, c_void};

use inkwell::module::Module;

use crate::boundary::{RawCost, irad_count, irad_take_counters};
use crate::strings::borrow;

/// What only a run knows of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measures {
    /// Nothing.
    Nothing,
    /// How many bytes it loads and stores again.
    Moved,
    /// How many bytes it stores.
    Set,
    /// How many bytes it allocates.
    Allocated,
}

/// An instruction of code that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedInstruction {
    /// The symbol of its function.
    pub function: String,
    /// The source file and line that it comes from, where debug info has them.
    pub source: Option<(String, u32)>,
    /// The number of the instruction that it comes from, where functions are [numbered](crate::number); 0 for none.
    pub number: u32,
    /// False for what is nothing on a machine.
    pub counts: bool,
    /// Floating-point operations, each time that it runs.
    pub operations: u64,
    /// Bytes, each time.
    pub loaded: u64,
    /// Bytes, each time.
    pub stored: u64,
    /// It calls a function.
    pub calls: bool,
    /// What else is to be had of a run.
    pub measures: Measures,
    block: usize,
    measured: usize,
}

impl CountedInstruction {
    /// How often it ran, by the values of all counters.
    pub fn executions(&self, counters: &[u64]) -> u64 {
        counters.get(self.block).copied().unwrap_or(0)
    }

    /// How many bytes it [measures](CountedInstruction::measures), by the values of all counters.
    pub fn measured(&self, counters: &[u64]) -> u64 {
        match self.measures {
            Measures::Nothing => 0,
            _ => counters.get(self.measured).copied().unwrap_or(0),
        }
    }
}

/// Has every function of `module` count what it does; it computes what it did before. Gives the instructions, function by
/// function, in their order.
pub fn count(module: &Module<'_>) -> Vec<CountedInstruction> {
    extern "C" fn told(
        all: *mut c_void,
        function: *const c_char,
        file: *const c_char,
        line: u32,
        cost: *const RawCost,
    ) {
        // SAFETY: `all` is the vector below; the strings and the cost live during the call.
        let (all, function, file, cost) = unsafe {
            (
                &mut *all.cast::<Vec<CountedInstruction>>(),
                borrow(function).into_owned(),
                borrow(file).into_owned(),
                *cost,
            )
        };
        all.push(CountedInstruction {
            function,
            source: (line > 0).then_some((file, line)),
            number: cost.number,
            counts: cost.instructions > 0,
            operations: u64::from(cost.operations),
            loaded: cost.loaded,
            stored: cost.stored,
            calls: cost.calls > 0,
            measures: match cost.measures {
                1 => Measures::Moved,
                2 => Measures::Set,
                3 => Measures::Allocated,
                _ => Measures::Nothing,
            },
            block: cost.block as usize,
            measured: cost.measured as usize,
        });
    }
    let mut instructions: Vec<CountedInstruction> = Vec::new();
    // SAFETY: a live module, and a vector that outlives the call.
    unsafe {
        irad_count(module.as_mut_ptr(), told, (&raw mut instructions).cast());
    }
    instructions
}

/// The values of all counters, since they were taken last.
pub fn take_counters() -> Vec<u64> {
    // SAFETY: with room for none, it only says how many there are.
    let many = unsafe { irad_take_counters(std::ptr::null_mut(), 0) };
    let mut values = vec![0; many];
    // SAFETY: there is room for as many as is said.
    unsafe { irad_take_counters(values.as_mut_ptr(), values.len()) };
    values
}
