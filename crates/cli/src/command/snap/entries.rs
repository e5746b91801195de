//! The actions of `irad snap`.

use clap::Subcommand;

use super::{accept, check, review};
use crate::failure::Failure;
use crate::output::Global;

/// Keeps the IR of derivatives as snapshots, and says when it changes.
///
/// Snapshots are files in the format of insta, which cargo-insta can review as well. Which derivatives
/// have one stands in an irad.toml, or is said by flags.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  irad snap check
  irad snap check loss --format github --junit snapshots.xml
  irad snap record model.ll --fn loss --mode reverse
  irad snap review
  irad snap accept --all")]
pub struct Args {
    #[command(subcommand)]
    pub action: Action,
}

/// What to do with snapshots.
#[derive(Subcommand)]
pub enum Action {
    /// Compute snapshots and take them as they are.
    Record(check::RecordArgs),
    /// Compute snapshots and compare them with the accepted ones; exit 1 where they differ.
    ///
    /// What differs is written beside the old one as .snap.new, to be accepted or rejected; nothing is
    /// written where CI is set. INSTA_UPDATE says otherwise as it does to insta: always, unseen, new,
    /// no or force.
    Check(check::CheckArgs),
    /// Take what a check found for the new snapshot.
    Accept(accept::Args),
    /// Throw away what a check found.
    Reject(accept::Args),
    /// Look at what a check found, one snapshot at a time, and accept or reject it.
    ///
    /// Without a terminal it prints the commands that do so.
    Review(review::Args),
    /// List the snapshots and how they stand.
    List(accept::ListArgs),
    /// Find snapshots that no entry of irad.toml owns; exit 1 if one is left.
    Prune(accept::PruneArgs),
}

impl Args {
    /// True when JSON is wanted.
    pub fn wants_json(&self) -> bool {
        match &self.action {
            Action::Record(args) => args.json,
            Action::Check(args) => args.wants_json(),
            Action::Accept(args) | Action::Reject(args) => args.json,
            Action::Review(args) => args.json,
            Action::List(args) => args.json,
            Action::Prune(args) => args.json,
        }
    }
}

/// Runs it.
pub fn run(args: &Args, global: &Global) -> Result<u8, Failure> {
    match &args.action {
        Action::Record(args) => check::record(args, global),
        Action::Check(args) => check::check(args, global),
        Action::Accept(args) => accept::accept(args, global),
        Action::Reject(args) => accept::reject(args, global),
        Action::Review(args) => review::run(args, global),
        Action::List(args) => accept::list(args, global),
        Action::Prune(args) => accept::prune(args, global),
    }
}
