//! The derivatives that irad emitted, those of a nightly compiler, and the translation's own functions, over slices.
#![allow(
    unsafe_code,
    reason = "calls the emitted objects, and the translation, which takes raw pointers"
)]
#![allow(
    clippy::too_many_arguments,
    reason = "the primal's parameters and their shadows"
)]

use std::ffi::c_int;

use crate::idiomatic::{self, Config};
use crate::nightly;
use crate::translated::{self, GptActs, GptConfig};

// irad wrote these declarations beside the objects (`derive.sh`).
mod emitted {
    pub mod translated {
        include!(concat!(env!("GPT_DERIVED"), "/translated.rs"));
    }
    pub mod idiomatic {
        include!(concat!(env!("GPT_DERIVED"), "/idiomatic.rs"));
    }
}

fn c_config(config: &Config) -> GptConfig {
    let int = |size: usize| c_int::try_from(size).expect("sizes are small: see Options");
    GptConfig {
        B: int(config.batch),
        T: int(config.time),
        C: int(config.channels),
        V: int(config.vocabulary),
        L: int(config.layers),
        NH: int(config.heads),
    }
}

fn acts_layout(config: &Config) -> GptActs {
    let c = c_config(config);
    let mut layout = std::mem::MaybeUninit::<GptActs>::uninit();
    // SAFETY: the function writes every field of the first and reads the second.
    unsafe {
        translated::gpt_acts_layout(layout.as_mut_ptr(), &c);
        layout.assume_init()
    }
}

/// How many activations the translation has.
pub fn translated_acts(config: &Config) -> usize {
    acts_layout(config).total as usize
}

/// Where the translation's logits lie among them.
pub fn translated_logits(config: &Config) -> usize {
    acts_layout(config).logits as usize
}

/// What the translation reads and writes through its pointers.
fn fits(params: &[f32], acts: &[f32], tokens: &[u32], targets: &[u32], config: &Config) {
    assert_eq!(params.len(), idiomatic::sizes(config).0);
    assert_eq!(acts.len(), translated_acts(config));
    assert_eq!(tokens.len(), config.rows());
    assert_eq!(targets.len(), config.rows());
    let known = |&token: &u32| (token as usize) < config.vocabulary;
    assert!(tokens.iter().chain(targets).all(known));
}

/// The translation's loss.
pub fn translated_loss(
    params: &[f32],
    acts: &mut [f32],
    tokens: &[u32],
    targets: &[u32],
    config: &Config,
) -> f32 {
    fits(params, acts, tokens, targets, config);
    // SAFETY: the buffers have the lengths that the layouts say, and tokens are below 2^31.
    unsafe {
        translated::gpt_loss(
            params.as_ptr(),
            acts.as_mut_ptr(),
            tokens.as_ptr().cast(),
            targets.as_ptr().cast(),
            &c_config(config),
        )
    }
}

/// The translation's loss, and then its backward pass by hand.
pub fn translated_by_hand(
    params: &[f32],
    gradient: &mut [f32],
    acts: &mut [f32],
    dacts: &mut [f32],
    tokens: &[u32],
    targets: &[u32],
    config: &Config,
) -> f32 {
    let loss = translated_loss(params, acts, tokens, targets, config);
    assert_eq!((gradient.len(), dacts.len()), (params.len(), acts.len()));
    // SAFETY: as for the loss; each shadow is as long as what it is the shadow of.
    unsafe {
        translated::gpt_backward(
            params.as_ptr(),
            gradient.as_mut_ptr(),
            acts.as_ptr(),
            dacts.as_mut_ptr(),
            tokens.as_ptr().cast(),
            targets.as_ptr().cast(),
            &c_config(config),
        );
    }
    loss
}

/// The translation's loss and gradient from irad.
pub fn translated_by_irad(
    params: &[f32],
    gradient: &mut [f32],
    acts: &mut [f32],
    dacts: &mut [f32],
    tokens: &[u32],
    targets: &[u32],
    config: &Config,
) -> f32 {
    fits(params, acts, tokens, targets, config);
    assert_eq!((gradient.len(), dacts.len()), (params.len(), acts.len()));
    let c = c_config(config);
    // SAFETY: as for the loss; the slices are different memory, as `derive.sh` promised of all that the
    // functions are handed.
    unsafe {
        emitted::translated::translated_gradient(
            params.as_ptr().cast(),
            gradient.as_mut_ptr().cast(),
            acts.as_mut_ptr().cast(),
            dacts.as_mut_ptr().cast(),
            tokens.as_ptr().cast(),
            targets.as_ptr().cast(),
            (&raw const c).cast(),
            1.0,
        )
    }
}

/// The translation's loss and gradient from a nightly compiler.
pub fn translated_by_nightly(
    params: &[f32],
    gradient: &mut [f32],
    acts: &mut [f32],
    dacts: &mut [f32],
    tokens: &[u32],
    targets: &[u32],
    config: &Config,
) -> f32 {
    fits(params, acts, tokens, targets, config);
    assert_eq!((gradient.len(), dacts.len()), (params.len(), acts.len()));
    let config = c_config(config);
    // SAFETY: as for the loss; the slices are different memory.
    unsafe { nightly::translated(params, gradient, acts, dacts, tokens, targets, &config) }
}

/// What the idiomatic model takes apart, and its shadows.
fn fits_idiomatic(
    params: &[f32],
    gradient: &[f32],
    acts: &[f32],
    dacts: &[f32],
    tokens: &[u32],
    targets: &[u32],
    config: &Config,
) {
    let (params_len, acts_len) = idiomatic::sizes(config);
    assert_eq!((params.len(), acts.len()), (params_len, acts_len));
    assert_eq!((gradient.len(), dacts.len()), (params_len, acts_len));
    assert_eq!(
        (tokens.len(), targets.len()),
        (config.rows(), config.rows())
    );
    let known = |&token: &u32| (token as usize) < config.vocabulary;
    assert!(tokens.iter().chain(targets).all(known));
}

/// The idiomatic model's loss and gradient from a nightly compiler.
pub fn idiomatic_by_nightly(
    params: &[f32],
    gradient: &mut [f32],
    acts: &mut [f32],
    dacts: &mut [f32],
    tokens: &[u32],
    targets: &[u32],
    config: &Config,
) -> f32 {
    fits_idiomatic(params, gradient, acts, dacts, tokens, targets, config);
    // SAFETY: each slice has the length that the loss takes it apart by.
    unsafe { nightly::idiomatic(params, gradient, acts, dacts, tokens, targets, config) }
}

/// The idiomatic model's loss and gradient from irad.
pub fn idiomatic_by_irad(
    params: &[f32],
    gradient: &mut [f32],
    acts: &mut [f32],
    dacts: &mut [f32],
    tokens: &[u32],
    targets: &[u32],
    config: &Config,
) -> f32 {
    fits_idiomatic(params, gradient, acts, dacts, tokens, targets, config);
    // SAFETY: each slice has the length that the loss takes it apart by, and a token for each row below
    // the vocabulary's end, so that the primal does not panic; the rest is what references promise.
    unsafe {
        emitted::idiomatic::idiomatic_gradient(
            params.as_ptr().cast(),
            gradient.as_mut_ptr().cast(),
            params.len(),
            acts.as_mut_ptr().cast(),
            dacts.as_mut_ptr().cast(),
            acts.len(),
            tokens.as_ptr().cast(),
            tokens.len(),
            targets.as_ptr().cast(),
            targets.len(),
            (&raw const *config).cast(),
            1.0,
        )
    }
}
