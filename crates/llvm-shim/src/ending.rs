//! Hears why LLVM or Enzyme end the process.
#![allow(unsafe_code, reason = "calls into ending.cpp and misbehave.cpp")]

use std::ffi::{CString, c_char, c_void};

use crate::boundary::{END_ASSERTION, END_FATAL, END_UNREACHABLE, irad_hear_end, irad_misbehave};
use crate::strings::borrow;

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

type HearEnd = Box<dyn FnMut(End, &str, &str, u32)>;

extern "C" fn on_end(
    context: *mut c_void,
    kind: i32,
    message: *const c_char,
    file: *const c_char,
    line: u32,
) {
    let end = match kind {
        END_ASSERTION => End::Assertion,
        END_UNREACHABLE => End::Unreachable,
        END_FATAL => End::Fatal,
        kind => unreachable!("no kind of end: {kind}"),
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
pub fn misbehave(fault: &str) {
    let fault = CString::new(fault).unwrap_or_default();
    // SAFETY: a NUL-terminated string. What happens then is wanted, and ends the process.
    unsafe { irad_misbehave(fault.as_ptr()) }
}
