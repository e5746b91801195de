//! The gradients of both models by the compiler's own `#[autodiff_reverse]`, over pointers, for a program that
//! another compiler made.
#![feature(autodiff)]
#![allow(clippy::missing_safety_doc, clippy::too_many_arguments)]

use std::autodiff::autodiff_reverse;
use std::ffi::c_int;
use std::slice::{from_raw_parts, from_raw_parts_mut};

#[allow(dead_code)]
#[path = "../../src/idiomatic.rs"]
mod idiomatic;
#[rustfmt::skip]
#[path = "../../src/translated.rs"]
mod translated;

use idiomatic::Config;
use translated::GptConfig;

#[autodiff_reverse(
    idiomatic_gradient, Duplicated, Duplicated, Const, Const, Const, Active
)]
fn idiomatic_loss(
    params: &[f32],
    acts: &mut [f32],
    tokens: &[u32],
    targets: &[u32],
    config: &Config,
) -> f32 {
    idiomatic::loss(params, acts, tokens, targets, config)
}

#[autodiff_reverse(
    translated_gradient, Duplicated, Duplicated, Const, Const, Const, Active
)]
fn translated_loss(
    params: *const f32,
    acts: *mut f32,
    tokens: *const c_int,
    targets: *const c_int,
    config: *const GptConfig,
) -> f32 {
    // SAFETY: whoever calls `gpt_nightly_translated` says that the pointers are good.
    unsafe { translated::gpt_loss(params, acts, tokens, targets, config) }
}

/// The idiomatic model's loss. Its gradient is added to `dparams`, and `dacts` is zero before.
///
/// # Safety
/// `params` and `dparams` have `params_len` elements, `acts` and `dacts` `acts_len`, `tokens` and `targets` `rows`, and
/// none of them overlap.
#[no_mangle]
pub unsafe extern "C" fn gpt_nightly_idiomatic(
    params: *const f32,
    dparams: *mut f32,
    params_len: usize,
    acts: *mut f32,
    dacts: *mut f32,
    acts_len: usize,
    tokens: *const u32,
    targets: *const u32,
    rows: usize,
    config: *const Config,
) -> f32 {
    // SAFETY: as the caller says.
    unsafe {
        idiomatic_gradient(
            from_raw_parts(params, params_len),
            from_raw_parts_mut(dparams, params_len),
            from_raw_parts_mut(acts, acts_len),
            from_raw_parts_mut(dacts, acts_len),
            from_raw_parts(tokens, rows),
            from_raw_parts(targets, rows),
            &*config,
            1.0,
        )
    }
}

/// The translation's loss, and its gradient likewise.
///
/// # Safety
/// What the C program asks of `gpt_loss`; each shadow is as long as what it is the shadow of.
#[no_mangle]
pub unsafe extern "C" fn gpt_nightly_translated(
    params: *const f32,
    dparams: *mut f32,
    acts: *mut f32,
    dacts: *mut f32,
    tokens: *const c_int,
    targets: *const c_int,
    config: *const GptConfig,
) -> f32 {
    translated_gradient(
        params, dparams, acts, dacts, tokens, targets, config, 1.0,
    )
}
