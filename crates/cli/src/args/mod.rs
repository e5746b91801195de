//! Flags that several commands share.

pub mod ad;
pub mod checking;
pub mod form;
pub mod function;
pub mod guard;
pub mod inputs;
pub mod manual;
pub mod mode;
pub mod point;
pub mod slicing;
