//! What a differentiation is asked for.

use trace::{AdOptions, Watch};

/// What to differentiate and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// The symbol of the primal, or of a function that calls `__enzyme_autodiff…` on it.
    pub function: String,
    /// How.
    pub ad: AdOptions,
    /// What of it is written down.
    pub watch: Watch,
    /// The derivative runs alone, and is to be the code that `irad emit` writes: nothing is known of it but what a
    /// binding says.
    pub stands_alone: bool,
}

/// True when the request says what the derivative's signature is to be.
pub(crate) fn states(ad: &AdOptions) -> bool {
    ad.signature.is_some()
        || !ad.activities.is_empty()
        || !ad.wrt.is_empty()
        || ad.width != 1
        || !ad.return_primal
        || ad.split
}
