//! `irad terms`: what the words mean, which `irad help terms` prints as well.

use crate::exit;
use crate::failure::Failure;
use crate::output::Global;

/// The words with their meanings, as the README has them.
pub const TERMS: &str = include_str!("../../../../docs/terms.txt");

/// Say what the words of automatic differentiation mean.
#[derive(clap::Args)]
#[command(
    help_template = "{about}\n{after-help}",
    after_help = "\
Examples:
  irad terms
  irad help terms"
)]
pub struct Args {}

/// Runs it.
pub fn run(_: &Args, global: &Global) -> Result<u8, Failure> {
    global.print(TERMS)?;
    Ok(exit::DONE)
}
