//! Exit codes.

/// Everything was done.
pub const DONE: u8 = 0;
/// A difference was asked about (`--exit-code`, `check`, `snap check`) and found.
pub const DIFFERS: u8 = 1;
/// Bad usage or bad input.
pub const USAGE: u8 = 2;
/// LLVM or Enzyme refused, with a reason.
pub const REFUSED: u8 = 3;
/// The engine crashed, ran out of memory or out of time.
pub const CRASHED: u8 = 4;
/// A check could not decide, or did not run.
pub const UNDECIDED: u8 = 5;

/// Interrupted, as shells say it.
pub const INTERRUPTED: u8 = 130;

/// The same for `--help`.
pub const HELP: &str = "\
Exit codes:
  0  done
  1  a difference was asked about (--exit-code, check, snap check) and found
  2  bad usage or bad input
  3  LLVM or Enzyme refused, with a reason
  4  the engine crashed, ran out of memory or out of time
  5  a check could not decide, or did not run";
