//! Calls code that was compiled at run time, and returns also where that does not.
#![allow(unsafe_code, reason = "calls into compiled_call.cpp")]

use std::ops::Range;
use std::sync::atomic::AtomicI64;

use crate::boundary::{
    OUTCOME_RETURNED, OUTCOME_SIGNAL, OUTCOME_STOPPED, RawSteps, RawStop, STOP_ENDLESS,
    irad_call_guarded, irad_count_steps, irad_settle_down, irad_stop,
};

/// The exit code of a process that made a system call which its filter refuses.
pub const REFUSED: i32 = 97;

/// Prepares this process, which is a fork with one thread, for doing nothing but [`call_guarded`]: no later call
/// asks the system for anything but the time. A system call that a filter refuses leaves its number in `refused`
/// and ends the process with [`REFUSED`]; one that only prepares others fails, and leaves its number.
pub fn settle_down(refused: &'static AtomicI64) {
    // SAFETY: the number lives as long as the process.
    unsafe { irad_settle_down(refused.as_ptr()) }
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
    /// It took more blocks than it may.
    Endless,
    /// The processor did not go along: SIGSEGV, SIGBUS, SIGFPE or SIGILL; or the time was up:
    /// SIGALRM.
    Signal(i32),
}

/// The address of a function that takes five 64-bit integers and ends the innermost
/// [`call_guarded`].
pub fn stop_address() -> usize {
    irad_stop as *const () as usize
}

/// Machine instructions that ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    /// Of the code that was asked about.
    pub own: u64,
    /// Of what that called: the C library's functions, and the allocator.
    pub others: u64,
}

/// Runs `work`, whose [`call_guarded`] count the machine instructions that they run, one by one: those at `own`, and all
/// others. None where this processor cannot do that, or where there were more than `most` of both. Only in a process
/// that has settled down.
pub fn count_steps<T>(
    own: Range<usize>,
    most: u64,
    work: impl FnOnce() -> T,
) -> (T, Option<Steps>) {
    let mut steps = RawSteps {
        begin: own.start as u64,
        end: own.end as u64,
        most,
        own: 0,
        others: 0,
    };
    // SAFETY: C++ writes to it until it is given null, below.
    let counts = unsafe { irad_count_steps(&raw mut steps) };
    let done = work();
    // SAFETY: as above.
    unsafe { irad_count_steps(std::ptr::null_mut()) };
    let counted = Steps {
        own: steps.own,
        others: steps.others,
    };
    let is_whole = counts && counted.own > 0 && counted.own + counted.others < most;
    (done, is_whole.then_some(counted))
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
    let mut stop = RawStop {
        signal: 0,
        id: 0,
        words: [0; 4],
    };
    // SAFETY: promised by the caller; C++ writes to `stop` only during the call.
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
        OUTCOME_RETURNED => Ok(()),
        OUTCOME_STOPPED if stop.id == STOP_ENDLESS => Err(Stop::Endless),
        OUTCOME_STOPPED => Err(Stop::Called {
            id: stop.id,
            words: stop.words,
        }),
        OUTCOME_SIGNAL => Err(Stop::Signal(stop.signal)),
        outcome => unreachable!("no outcome: {outcome}"),
    }
}
