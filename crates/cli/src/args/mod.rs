//! Flags that several commands share.

pub mod ad;
pub mod function;
pub mod mode;
pub mod point;
pub mod slicing;
