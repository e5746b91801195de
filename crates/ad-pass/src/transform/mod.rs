//! What irad does to a module before Enzyme sees it and after.

pub(crate) mod allocator;
pub(crate) mod dualv;
pub(crate) mod inline;
pub(crate) mod integers;
pub(crate) mod library;
pub(crate) mod mathematics;
pub(crate) mod mixed_return;
pub(crate) mod promise;
pub(crate) mod shield;
pub(crate) mod sorting;
pub(crate) mod text;
pub(crate) mod thread_locals;
pub(crate) mod ub_checks;
