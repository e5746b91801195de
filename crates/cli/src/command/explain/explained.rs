//! One explanation with the texts that it is about.

use trace::{Explained, Trace};

use crate::view::Listing;

/// One explanation with the texts that it is about.
pub struct Run {
    pub trace: Trace,
    pub file: String,
    pub explained: Explained,
    pub primal: Listing,
    pub derivative: Listing,
}
