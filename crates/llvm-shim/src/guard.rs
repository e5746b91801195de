//! Keeps panics through a differentiation.
#![allow(unsafe_code, reason = "calls into guard.cpp")]

use inkwell::module::Module;

use crate::boundary::{irad_guard, irad_unguard};

/// How many panics a module has guards for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Guards {
    /// Those that panic as the primal does.
    pub kept: u32,
    /// Those that end the process instead: what they say is made of memory that is out of reach.
    pub trapped: u32,
}

/// Puts a call before every branch to a panic that Enzyme keeps, and does not look into. It has no body
/// until [`unguard`] gives it one.
pub fn guard(module: &Module<'_>) -> Guards {
    let mut guards = Guards::default();
    // SAFETY: a live module, and two numbers that outlive the call.
    unsafe {
        irad_guard(module.as_mut_ptr(), &mut guards.kept, &mut guards.trapped);
    }
    guards
}

/// Has what [`guard`] has put in do what it stands for.
pub fn unguard(module: &Module<'_>) {
    // SAFETY: a live module.
    unsafe { irad_unguard(module.as_mut_ptr()) }
}
