//! What LLVM prints.
#![allow(unsafe_code, reason = "calls into output.cpp")]

use crate::boundary::irad_flush_output;

/// Hands on what LLVM has printed and still holds.
pub fn flush_output() {
    // SAFETY: it takes nothing, and LLVM's streams live as long as the process.
    unsafe { irad_flush_output() }
}
