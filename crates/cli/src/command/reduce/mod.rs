//! `irad reduce`: the smallest module that still fails, or whose derivative is still wrong, in the same way.

mod args;
mod failing;
mod reducer;
mod report;
mod run;
mod still;
mod wanted;
mod wrong;

pub use args::{Args, TestArgs};
pub use run::run;
pub use still::still_fails;
