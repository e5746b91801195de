//! What irad prints, as golden files under `snapshots/`.
//!
//! `make bless` accepts what is printed now; read the difference before committing it.

mod bad_input;
mod check;
mod diffs;
mod emit;
mod explain;
mod help;
mod inputs;
mod kernels;
mod layout;
mod locate;
mod passes;
mod profile;
mod promise;
mod refused;
mod requests;
mod run;
mod shapes;
mod survey;
