//! What instrumented code computes, as it runs: see `seen.cpp` and `watch.cpp`.
#![allow(
    unsafe_code,
    reason = "calls into seen.cpp and watch.cpp, which instrument code and keep what it tells"
)]

use std::ffi::c_void;

use inkwell::module::Module;
use inkwell::values::{AsValueRef, FunctionValue};

use inkwell::llvm_sys::core::LLVMCloneModule;

use crate::boundary::{
    Origin, RawSeen, irad_damage, irad_seen_aim, irad_seen_begin, irad_seen_end, irad_watch,
};
use crate::roles::Roles;
use crate::strings::take;

/// What kind of thing was computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeenKind {
    /// A value of the primal.
    Value,
    /// The primal put a float into memory.
    Store,
    /// The primal copied memory, or filled it.
    Copy,
    /// The derivative took the adjoint of a value of the primal.
    Adjoint,
    /// It added to one.
    Added,
    /// It computed a tangent.
    Tangent,
    /// It computed what stands for a value of the primal.
    Copied,
    /// It took a value of the primal from a cache, or computed it again.
    Again,
}

/// Something that instrumented code computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seen {
    /// What it is.
    pub kind: SeenKind,
    /// The instruction of the primal, by its place from 1; parameters come behind the instructions.
    pub number: u32,
    /// Of what is added to an adjoint, the instruction of the primal whose rule does it, 0 if that is not known. Else
    /// the place of the instruction in the derivative.
    pub by: u32,
    /// The value of the primal, or what the derivative has.
    pub value: f64,
    /// Of a float of the primal.
    pub tangent: f64,
    /// Of what was loaded, stored, or copied to; 0 for none.
    pub address: u64,
    /// Of what was stored or copied.
    pub bytes: u64,
    /// Where it was copied from; 0 where memory was filled.
    pub from: u64,
}

/// A copy of a module, whether or not LLVM's verifier likes it.
pub fn copy<'c>(module: &Module<'c>) -> Module<'c> {
    // SAFETY: a live module; the copy is of the same context, and nobody else has it.
    unsafe { Module::new(LLVMCloneModule(module.as_mut_ptr())) }
}

/// Has a derivative whose instructions are numbered tell what it computes. `known` and `origins` are as its primal's
/// differentiation has given them.
pub fn watch(
    primal: FunctionValue<'_>,
    derivative: FunctionValue<'_>,
    forward: bool,
    known: &Roles,
    origins: &[Origin],
) {
    // SAFETY: live functions, and lists that are as long as is said.
    unsafe {
        irad_watch(
            primal.as_value_ref(),
            derivative.as_value_ref(),
            forward,
            known.roles.as_ptr(),
            known.numbers.as_ptr(),
            known.roles.len(),
            origins.as_ptr(),
            origins.len(),
        );
    }
}

/// Makes a derivative whose instructions are numbered wrong on purpose, so that tests see whether the place is found.
/// Says to which of its instructions what was done, if there is one that can be damaged.
pub fn damage(derivative: FunctionValue<'_>, known: &Roles, seed: u64) -> Option<(u32, String)> {
    let mut place = 0;
    // SAFETY: a live function, and a list that is as long as is said; the text is taken over.
    let words = unsafe {
        take(irad_damage(
            derivative.as_value_ref(),
            known.roles.as_ptr(),
            known.roles.len(),
            seed,
            &raw mut place,
        ))
    };
    words.filter(|_| place > 0).map(|words| (place, words))
}

/// Begins to record what instrumented code tells, up to `limit` things.
pub fn record(limit: u64) {
    // SAFETY: it only touches its own memory.
    unsafe { irad_seen_begin(limit) }
}

/// From now on the value of an instruction of the primal has a tangent of one more, in the execution of that number,
/// from 1. An instruction of 0 is none.
pub fn aim(number: u32, execution: u64) {
    // SAFETY: it only sets numbers.
    unsafe { irad_seen_aim(number, execution) }
}

/// Ends recording. Gives what was told, in order, and whether that is all.
pub fn recorded() -> (Vec<Seen>, bool) {
    extern "C" fn told(all: *mut c_void, seen: *const RawSeen) {
        // SAFETY: the vector below, and something that lives during the call.
        let (all, seen) = unsafe { (&mut *all.cast::<Vec<Seen>>(), &*seen) };
        all.push(Seen {
            kind: KINDS[seen.kind as usize],
            number: seen.number,
            by: seen.by,
            value: seen.value,
            tangent: seen.tangent,
            address: seen.address,
            bytes: seen.bytes,
            from: seen.from,
        });
    }
    let mut all: Vec<Seen> = Vec::new();
    // SAFETY: the vector outlives the call.
    let whole = unsafe { irad_seen_end(told, (&raw mut all).cast()) };
    (all, whole)
}

/// By their numbers in C++.
const KINDS: [SeenKind; 8] = [
    SeenKind::Value,
    SeenKind::Store,
    SeenKind::Copy,
    SeenKind::Adjoint,
    SeenKind::Added,
    SeenKind::Tangent,
    SeenKind::Copied,
    SeenKind::Again,
];
