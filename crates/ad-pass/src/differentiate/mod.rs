//! One differentiation, stage by stage.

pub(crate) mod api;
pub(crate) mod called;
pub(crate) mod case;
pub(crate) mod derive;
pub(crate) mod derived;
pub(crate) mod explain;
pub(crate) mod pass;
pub(crate) mod stages;
