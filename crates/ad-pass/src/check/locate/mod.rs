//! Finds the value at which a derivative goes wrong: both the primal and its derivative tell what they compute, and
//! what the derivative has of each value of the primal is compared with what is right.

pub(crate) mod anatomy;
pub(crate) mod blame;
pub(crate) mod command;
pub(crate) mod follow;
pub(crate) mod follower;
pub(crate) mod forward;
pub(crate) mod log;
pub(crate) mod origin;
pub(crate) mod reference;
pub(crate) mod reverse;
pub(crate) mod values;
