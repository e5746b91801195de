//! Numbers the instructions of a primal, and says of those of its derivative what they are there for.
#![allow(unsafe_code, reason = "calls into roles.cpp and numbers.cpp")]

use std::ffi::{c_char, c_void};

use inkwell::values::{AsValueRef, FunctionValue};

use crate::boundary::{
    FATE_CACHED, FATE_RECOMPUTED, FATE_USED, Origin, irad_number, irad_roles, irad_roles_after,
};
use crate::strings::borrow;

/// A line of a source file.
pub type SourceLine = (String, u32);

/// The instructions of a derivative, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    /// 0 primal, 1 shadow, 2 adjoint, 3 tangent, 4 cache, 5 recompute, 6 control.
    pub roles: Vec<u8>,
    /// The instruction of the primal that it belongs to, by its place from 1; 0 for none.
    pub numbers: Vec<u32>,
}

/// What becomes of a value of the primal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fate {
    /// It is kept for the reverse sweep.
    pub cached: bool,
    /// The reverse sweep computes it again.
    pub recomputed: bool,
    /// The reverse sweep uses it as it is.
    pub used: bool,
}

/// Gives every instruction a source location whose line is its place in the function, from 1. Gives back
/// the locations that they had.
pub fn number(function: FunctionValue<'_>) -> Vec<Option<SourceLine>> {
    extern "C" fn told(lines: *mut c_void, file: *const c_char, line: u32) {
        // SAFETY: `lines` is the vector below, and the file's name is a string that lives on.
        let (lines, file) =
            unsafe { (&mut *lines.cast::<Vec<Option<SourceLine>>>(), borrow(file)) };
        lines.push((line > 0).then(|| (file.into_owned(), line)));
    }
    let mut lines: Vec<Option<SourceLine>> = Vec::new();
    // SAFETY: a live function; the vector outlives the call.
    unsafe { irad_number(function.as_value_ref(), told, (&raw mut lines).cast()) }
    lines
}

/// The roles in a derivative as Enzyme left it, whose primal was numbered; and of every instruction of the
/// primal what becomes of its value. `origins` has what Enzyme says of each instruction of the derivative, in
/// their order.
pub fn roles(
    primal: FunctionValue<'_>,
    derivative: FunctionValue<'_>,
    forward: bool,
    origins: &[Origin],
) -> (Roles, Vec<Fate>) {
    extern "C" fn on_fate(fates: *mut c_void, fate: u8) {
        let fate = Fate {
            cached: fate & FATE_CACHED != 0,
            recomputed: fate & FATE_RECOMPUTED != 0,
            used: fate & FATE_USED != 0,
        };
        // SAFETY: the vector below.
        unsafe { (*fates.cast::<Vec<Fate>>()).push(fate) }
    }
    let (mut found, mut fates) = (Roles::default(), Vec::new());
    // SAFETY: live functions of one module; the origins and both vectors outlive the call.
    unsafe {
        irad_roles(
            primal.as_value_ref(),
            derivative.as_value_ref(),
            forward,
            origins.as_ptr(),
            origins.len(),
            push,
            (&raw mut found).cast(),
            on_fate,
            (&raw mut fates).cast(),
        );
    }
    (found, fates)
}

/// The roles in the same derivative after it was numbered and passes ran.
pub fn roles_after(derivative: FunctionValue<'_>, before: &Roles) -> Roles {
    let mut found = Roles::default();
    // SAFETY: a live function; both lists are as long as is said, and all outlive the call.
    unsafe {
        irad_roles_after(
            derivative.as_value_ref(),
            before.roles.as_ptr(),
            before.numbers.as_ptr(),
            before.roles.len(),
            push,
            (&raw mut found).cast(),
        );
    }
    found
}

extern "C" fn push(found: *mut c_void, role: u8, number: u32) {
    // SAFETY: whoever passes this passes `Roles` with it.
    let found = unsafe { &mut *found.cast::<Roles>() };
    found.roles.push(role);
    found.numbers.push(number);
}
