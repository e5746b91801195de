//! Has a module's functions compute with dual numbers: see `dual.cpp`.
#![allow(
    unsafe_code,
    reason = "calls into dual.cpp, which instruments code and keeps its tangents"
)]

use std::ffi::{CStr, c_char, c_void};

use inkwell::module::Module;
use inkwell::values::{AsValueRef, FunctionValue};

use crate::boundary::{
    MET_SINGULAR, MET_UNKNOWN, irad_dual_begin, irad_dual_counts, irad_dual_instrument,
    irad_dual_limit, irad_dual_met, irad_dual_read, irad_dual_reset, irad_dual_write,
};

/// A block of a function that was instrumented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The symbol of its function.
    pub function: String,
    /// The source file and line where it begins, where debug info has them.
    pub line: Option<(String, u32)>,
    /// It can only end in a panic.
    pub is_dead_end: bool,
}

/// What a run met that its tangents do not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Met {
    /// An infinite slope where nothing moved: the chain rule has no answer there.
    pub singular: bool,
    /// A tangent went into something that no rule is known for, so that tangents are not to be relied on.
    pub unknown: bool,
}

/// Has every function of `module` compute a tangent beside each of its numbers, and count how often each of
/// its blocks runs. What they compute otherwise stays bit for bit what it was. Gives the blocks in the order of
/// their counters; the counters of several modules follow one another.
///
/// `told`, a function of the module whose instructions are [numbered](crate::number), also tells what it computes: see
/// [`crate::record`].
pub fn instrument(module: &Module<'_>, told: Option<FunctionValue<'_>>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let told = told.map_or(std::ptr::null_mut(), |told| told.as_value_ref());
    // SAFETY: a live module and a function of it, and a callback that gets the vector which outlives the call.
    unsafe {
        irad_dual_instrument(
            module.as_mut_ptr(),
            told,
            on_block,
            (&raw mut blocks).cast::<c_void>(),
        );
    }
    blocks
}

extern "C" fn on_block(
    context: *mut c_void,
    function: *const c_char,
    file: *const c_char,
    line: u32,
    is_dead_end: bool,
) {
    // SAFETY: the context is the vector that `instrument` hands over, and the strings end in a zero and live
    // during the call.
    let (blocks, function, file) = unsafe {
        (
            &mut *context.cast::<Vec<Block>>(),
            CStr::from_ptr(function).to_string_lossy().into_owned(),
            CStr::from_ptr(file).to_string_lossy().into_owned(),
        )
    };
    blocks.push(Block {
        function,
        line: (line > 0).then_some((file, line)),
        is_dead_end,
    });
}

/// How often each block ran since this was asked last.
pub fn take_counts(blocks: usize) -> Vec<u64> {
    let mut counts = vec![0; blocks];
    // SAFETY: there is room for as many as is said.
    let many = unsafe { irad_dual_counts(counts.as_mut_ptr(), counts.len()) };
    counts.truncate(many);
    counts
}

/// How many blocks one run of instrumented code may take from now on; one that takes more ends as
/// [`crate::Stop::Endless`].
pub fn limit_blocks(blocks: u64) {
    // SAFETY: it only sets a number.
    unsafe { irad_dual_limit(blocks) }
}

/// Begins a run of instrumented code. Gives how many blocks the one before took.
pub fn begin_run() -> u64 {
    // SAFETY: it only sets a number.
    unsafe { irad_dual_begin() }
}

/// Makes all tangents zero, and forgets what was met.
pub fn reset_tangents() {
    // SAFETY: it only touches its own memory.
    unsafe { irad_dual_reset() }
}

/// Sets the tangent of the number whose bytes lie at an address.
pub fn set_tangent(at: *const u8, tangent: &[u8]) {
    // SAFETY: the address is only a key; `tangent` is read.
    unsafe {
        irad_dual_write(at.cast_mut().cast(), tangent.as_ptr().cast(), tangent.len());
    }
}

/// Fills `tangent` with the tangent of what lies at an address.
pub fn tangent(at: *const u8, tangent: &mut [u8]) {
    // SAFETY: the address is only a key; `tangent` is written.
    unsafe { irad_dual_read(at.cast(), tangent.as_mut_ptr().cast(), tangent.len()) }
}

/// What was met since the tangents were made zero.
pub fn met() -> Met {
    // SAFETY: it only reads its own memory.
    let met = unsafe { irad_dual_met() };
    Met {
        singular: met & MET_SINGULAR != 0,
        unknown: met & MET_UNKNOWN != 0,
    }
}
