//! Writes modules as bitcode, and takes functions out of bitcode.
#![allow(unsafe_code, reason = "calls into bitcode.cpp and extract.cpp")]

use std::ffi::{CString, c_char, c_void};
use std::slice;

use inkwell::context::{AsContextRef, Context};
use inkwell::module::Module;

use crate::boundary::{irad_extract, irad_write_bitcode};
use crate::strings::{append, c_string, take};

/// The module as bitcode, as `opt` writes it: with use-list orders.
pub fn write_bitcode(module: &Module<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    // SAFETY: a live module, and `out` outlives the call.
    unsafe { irad_write_bitcode(module.as_mut_ptr(), append, (&raw mut out).cast()) }
    out
}

/// What [`extract`] asks: the functions that may use one of some global values.
///
/// Each of these is given as whether it is a function, and its place among the module's functions or
/// variables; the answer is places of functions, in order, or `None` where it is not known.
pub type Users<'a> = dyn FnMut(&[(bool, usize)]) -> Option<Vec<usize>> + 'a;

extern "C" fn on_users(
    context: *mut c_void,
    kinds: *const u8,
    places: *const usize,
    count: usize,
    answer: *mut usize,
    most: usize,
) -> usize {
    if count == 0 || most == 0 {
        return 0;
    }
    // SAFETY: `extract` passes its own callback; C++ passes arrays of `count` elements, and room
    // for `most` answers, as many as there are functions.
    unsafe {
        let users = &mut *context.cast::<&mut Users<'_>>();
        let kinds = slice::from_raw_parts(kinds, count).iter();
        let places = slice::from_raw_parts(places, count).iter();
        let wanted: Vec<(bool, usize)> =
            kinds.map(|&kind| kind == 1).zip(places.copied()).collect();
        let answer = slice::from_raw_parts_mut(answer, most);
        match users(&wanted) {
            Some(found) if found.len() <= most && found.iter().all(|&place| place < most) => {
                answer[..found.len()].copy_from_slice(&found);
                found.len()
            }
            // What was read here and what LLVM read are not the same, so neither is relied on.
            _ => usize::MAX,
        }
    }
}

/// The text of a module of bitcode with no more in it than what some functions reach, and what uses
/// something local of that. The rest is not read. The error is LLVM's message.
pub fn extract(
    context: &Context,
    bytes: &[u8],
    source: &str,
    symbols: &[String],
    mut users: &mut Users<'_>,
) -> Result<Vec<u8>, String> {
    let source = c_string(source);
    let symbols: Vec<CString> = symbols.iter().map(|symbol| c_string(symbol)).collect();
    let names: Vec<*const c_char> = symbols.iter().map(|symbol| symbol.as_ptr()).collect();
    let mut out = Vec::new();
    // SAFETY: a live context, bytes and strings that live through the call, and callbacks with the
    // contexts that they expect. The module that is read from the bytes is not given out.
    let message = unsafe {
        take(irad_extract(
            context.as_ctx_ref(),
            bytes.as_ptr().cast(),
            bytes.len(),
            source.as_ptr(),
            names.as_ptr(),
            names.len(),
            on_users,
            (&raw mut users).cast(),
            append,
            (&raw mut out).cast(),
        ))
    };
    message.map_or(Ok(out), Err)
}
