//! The program as a whole, for commands that are about others: handed down, because commands are part of it.

use std::ffi::OsString;

use clap::Command;

use crate::failure::Failure;

/// What a command may need of the program that it is part of.
#[derive(Clone, Copy)]
pub struct Program {
    /// Its definition, without groups.
    pub definition: fn() -> Command,
    /// Reads a command line, the program's name first.
    pub parse: fn(Vec<OsString>) -> Result<Run, clap::Error>,
}

/// A command that was read and has not run: it gives the exit code.
pub type Run = Box<dyn FnOnce() -> Result<u8, Failure>>;
