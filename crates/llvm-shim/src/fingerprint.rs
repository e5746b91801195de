//! Tells whether a function would print as it did before, without printing it.
#![allow(unsafe_code, reason = "calls into fingerprint.cpp")]

use inkwell::values::{AsValueRef, FunctionValue};

use crate::boundary::{
    RawFingerprints, irad_fingerprint, irad_fingerprints_free, irad_fingerprints_new,
};

/// What [`Fingerprints::of`] gives: as long as it stays the same, so does the function's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u64; 2]);

/// Takes fingerprints of functions.
///
/// Two fingerprints of the same [`Fingerprints`] compare; those of different ones say nothing of each other.
pub struct Fingerprints(*mut RawFingerprints);

impl Fingerprints {
    /// For functions of one module that passes change in place.
    ///
    /// Addresses are part of these, so that a copy of a function has another fingerprint.
    pub fn in_place() -> Self {
        // SAFETY: asks for nothing; freed below.
        Fingerprints(unsafe { irad_fingerprints_new(false) })
    }

    /// For functions of different modules of one context: what they are made of is numbered in place of its
    /// address. This takes longer.
    pub fn by_position() -> Self {
        // SAFETY: as above.
        Fingerprints(unsafe { irad_fingerprints_new(true) })
    }

    /// The fingerprint of a function; nothing where its text depends on more than the function.
    pub fn of(&mut self, function: FunctionValue<'_>) -> Option<Fingerprint> {
        let mut hash = [0; 2];
        // SAFETY: both are live, and C++ writes two words.
        let is_known = unsafe { irad_fingerprint(self.0, function.as_value_ref(), &raw mut hash) };
        is_known.then_some(Fingerprint(hash))
    }
}

impl Drop for Fingerprints {
    fn drop(&mut self) {
        // SAFETY: made by `irad_fingerprints_new` and freed once.
        unsafe { irad_fingerprints_free(self.0) }
    }
}
