//! The gradients that a nightly compiler made by its own `#[autodiff_reverse]`, from the library in `nightly/`.
#![allow(unsafe_code, reason = "loads a library, and calls the functions in it")]

use std::env;
use std::ffi::c_int;
use std::path::PathBuf;
use std::sync::OnceLock;

use libloading::Library;

use crate::error::Error;
use crate::idiomatic::Config;
use crate::translated::GptConfig;

type OfIdiomatic = unsafe extern "C" fn(
    *const f32,
    *mut f32,
    usize,
    *mut f32,
    *mut f32,
    usize,
    *const u32,
    *const u32,
    usize,
    *const Config,
) -> f32;
type OfTranslated = unsafe extern "C" fn(
    *const f32,
    *mut f32,
    *mut f32,
    *mut f32,
    *const c_int,
    *const c_int,
    *const GptConfig,
) -> f32;

struct Loaded {
    of_idiomatic: OfIdiomatic,
    of_translated: OfTranslated,
    /// What the functions are in.
    _library: Library,
}

static LOADED: OnceLock<Loaded> = OnceLock::new();

/// Where the library is: `GPT_NIGHTLY` says so, or it is where `nightly.sh` puts it.
fn path() -> PathBuf {
    env::var_os("GPT_NIGHTLY").map_or_else(
        || {
            let here = env!("CARGO_MANIFEST_DIR");
            PathBuf::from(here).join("nightly/target/release/libgpt_nightly.so")
        },
        PathBuf::from,
    )
}

/// Loads the library, once, before a gradient is asked of it.
pub fn load() -> Result<(), Error> {
    if LOADED.get().is_some() {
        return Ok(());
    }
    let path = path();
    let wrong = |why: &dyn std::fmt::Display| {
        Error::new(format!(
            "there is no gradient by the compiler: {why}. Run examples/gpt/nightly.sh, which has a nightly rustc make it, or set GPT_NIGHTLY to {}",
            path.display()
        ))
    };
    if !path.is_file() {
        return Err(wrong(&format!("no file is at {}", path.display())));
    }
    // SAFETY: what `nightly.sh` made has no code that runs while it is loaded, but for Rust's own.
    let library = unsafe { Library::new(&path) }.map_err(|error| wrong(&error))?;
    // SAFETY: the types are those of the functions in `nightly/src/lib.rs`; the library stays for as long as they do.
    let loaded = unsafe {
        let of_idiomatic = *library
            .get::<OfIdiomatic>(c"gpt_nightly_idiomatic")
            .map_err(|error| wrong(&error))?;
        let of_translated = *library
            .get::<OfTranslated>(c"gpt_nightly_translated")
            .map_err(|error| wrong(&error))?;
        Loaded {
            of_idiomatic,
            of_translated,
            _library: library,
        }
    };
    LOADED.get_or_init(|| loaded);
    Ok(())
}

fn loaded() -> &'static Loaded {
    LOADED.get().expect("the library is loaded first")
}

/// The idiomatic model's loss and gradient.
///
/// # Safety
/// Each slice has the length that the loss takes it apart by, and tokens are of the vocabulary, so that nothing
/// panics.
#[allow(clippy::too_many_arguments, reason = "the primal's and their shadows")]
pub unsafe fn idiomatic(
    params: &[f32],
    gradient: &mut [f32],
    acts: &mut [f32],
    dacts: &mut [f32],
    tokens: &[u32],
    targets: &[u32],
    config: &Config,
) -> f32 {
    // SAFETY: as the caller says; slices do not overlap.
    unsafe {
        (loaded().of_idiomatic)(
            params.as_ptr(),
            gradient.as_mut_ptr(),
            params.len(),
            acts.as_mut_ptr(),
            dacts.as_mut_ptr(),
            acts.len(),
            tokens.as_ptr(),
            targets.as_ptr(),
            tokens.len(),
            config,
        )
    }
}

/// The translation's loss and gradient.
///
/// # Safety
/// As for [`idiomatic`], with the translation's activations.
#[allow(clippy::too_many_arguments, reason = "the primal's and their shadows")]
pub unsafe fn translated(
    params: &[f32],
    gradient: &mut [f32],
    acts: &mut [f32],
    dacts: &mut [f32],
    tokens: &[u32],
    targets: &[u32],
    config: &GptConfig,
) -> f32 {
    // SAFETY: as the caller says; slices do not overlap.
    unsafe {
        (loaded().of_translated)(
            params.as_ptr(),
            gradient.as_mut_ptr(),
            acts.as_mut_ptr(),
            dacts.as_mut_ptr(),
            tokens.as_ptr().cast(),
            targets.as_ptr().cast(),
            config,
        )
    }
}
