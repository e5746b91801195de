//! Flags that several commands share.

pub mod ad;
pub mod checking;
pub mod function;
pub mod inputs;
pub mod mode;
pub mod point;
pub mod slicing;
