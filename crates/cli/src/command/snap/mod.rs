//! `irad snap`: derivatives kept as files, and compared with what they are now.

mod accept;
mod body;
mod changes;
mod check;
mod compare;
mod compute;
mod config;
mod file;
mod github;
mod junit;
mod krate;
mod locals;
mod names;
mod normal;
mod policy;
mod project;
mod review;
mod summary;

use std::path::PathBuf;

use clap::Subcommand;

use crate::ad_args::AdArgs;
use crate::command::diff::{ModeName, PointName, Slicing};
use crate::output::Global;
use crate::report::Failure;
use body::Content;

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

/// Where configuration and snapshots are.
#[derive(clap::Args, Clone, Debug)]
pub struct Where {
    /// The configuration, instead of the irad.toml here or in a folder above.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where the snapshots lie; without it irad.toml says so, or it is `snapshots`.
    #[arg(long, value_name = "DIR")]
    pub snapshots: Option<PathBuf>,
}

/// Which snapshots, by name or described by flags.
#[derive(clap::Args, Clone, Debug)]
pub struct Which {
    /// Names of entries, all if there is none; with --fn, the file that has the function: `.ll`,
    /// `.bc`, or `-` for standard input.
    #[arg(value_name = "NAME|FILE")]
    pub what: Vec<String>,
    #[command(flatten)]
    pub place: Where,
    /// The function, if it is not in irad.toml: a symbol, a demangled path, or a unique end of one.
    #[arg(long = "fn", value_name = "NAME", requires = "mode")]
    pub function: Option<String>,
    /// Forward or reverse.
    #[arg(long, value_enum, value_name = "MODE", requires = "function")]
    pub mode: Option<ModeName>,
    /// The snapshot's name; made of file, function and mode, if not given.
    #[arg(long, value_name = "NAME", requires = "function")]
    pub name: Option<String>,
    /// What the snapshot holds.
    #[arg(long, value_enum, requires = "function", default_value_t = Content::Ir)]
    pub content: Content,
    /// The points that are looked at, `final` if none is given; a diff is between two.
    #[arg(
        long,
        value_enum,
        value_name = "POINT,…",
        value_delimiter = ',',
        requires = "function"
    )]
    pub stage: Vec<PointName>,
    /// A crate to build, instead of a file.
    #[arg(long = "crate", value_name = "DIR", requires = "function")]
    pub krate: Option<PathBuf>,
    /// The package of that crate's workspace.
    #[arg(long, value_name = "NAME", requires = "krate")]
    pub package: Option<String>,
    /// What of it to build: `lib`, `bin NAME`, `example NAME`, `test NAME` or `bench NAME`.
    #[arg(long, value_name = "TARGET", requires = "krate")]
    pub target: Option<String>,
    /// Features to switch on.
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', requires = "krate")]
    pub features: Vec<String>,
    /// Switch every feature on.
    #[arg(long, requires = "krate")]
    pub all_features: bool,
    /// Leave the default features off.
    #[arg(long, requires = "krate")]
    pub no_default_features: bool,
    /// The profile to build with.
    #[arg(long, value_name = "NAME", requires = "krate")]
    pub profile: Option<String>,
    /// Which module of a dump that holds several, from 1.
    #[arg(long, value_name = "N", requires = "function")]
    pub module: Option<usize>,
    #[command(flatten)]
    pub ad: AdArgs,
    #[command(flatten)]
    pub slicing: Slicing,
    /// How many engines at once; as many as there are cores, if not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
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
