//! The subcommands, one file each.

mod cargo;
pub mod cargo_words;
mod check;
mod completions;
mod diff;
mod doctor;
mod emit;
mod explain;
mod explore;
mod list;
mod locate;
mod man;
mod nightly;
mod opt;
mod passes;
mod profile;
mod reduce;
mod report;
mod requested;
mod show;
mod snap;
mod survey;
mod terms;
mod toolchain;
mod tune;

use clap::Subcommand;

pub use completions::VARIABLE as COMPLETE;

use crate::failure::Failure;
use crate::output::Global;
use crate::program::Program;

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Show a function before and after differentiation, or two functions against each other.
    Diff(diff::Args),
    /// Show every pass that changed a function, before, during and after differentiation.
    Passes(Box<passes::Args>),
    /// Say of each line what Enzyme knew of it, and what it is there for in the derivative.
    Explain(Box<explain::Args>),
    /// List the functions of a module.
    List(list::Args),
    /// Show one function.
    Show(show::Args),
    /// Run a derivative and compare it with differences, the other mode, and a hand-written one.
    Check(Box<check::Args>),
    /// Find the line at which a wrong derivative goes wrong.
    Locate(Box<locate::Args>),
    /// Run a derivative, and show where its work goes: by role, by line, and as inputs grow.
    Profile(Box<profile::Args>),
    /// Try what may make a derivative cheaper, and check each variant.
    Tune(Box<tune::Args>),
    /// Move about in a function's steps, from source to derivative, on the terminal.
    Explore(Box<explore::Args>),
    /// Write one HTML page that holds everything of a run, for an issue, a lesson or a review.
    Report(Box<report::Args>),
    /// Write the derivative as code that links beside rustc's, with a Rust declaration.
    Emit(Box<emit::Args>),
    /// Try every function of a module: accepted, or the reason why not.
    Survey(survey::Args),
    /// Keep derivatives as snapshots, and notice when one changes.
    ///
    /// Snapshots are files in the format of insta, which cargo-insta can review as well. Which
    /// derivatives have one stands in an irad.toml, or is said by flags.
    Snap(Box<snap::Args>),
    /// Make a small module of a refusal, for a report to Enzyme's authors.
    Reduce(reduce::Args),
    /// Run a pass pipeline over a module, with Enzyme's passes registered.
    Opt(opt::Args),
    #[command(hide = true)]
    StillFails(reduce::TestArgs),
    /// Build a crate with cargo, and run a command on its IR: what `cargo irad` does.
    Cargo(cargo::Args),
    /// Give a nightly compiler an Enzyme, so that `cargo irad +nightly` can build what `#[autodiff_…]` asks for.
    Toolchain(toolchain::Args),
    /// Say what irad is made of here, and what is missing.
    Doctor(doctor::Args),
    /// Print what a shell reads to complete irad's command lines.
    Completions(completions::Args),
    /// Write manual pages.
    Man(man::Args),
    /// Say what the words of automatic differentiation mean.
    #[command(long_about = terms::TERMS)]
    Terms(terms::Args),
}

impl Command {
    /// True when the answer, and so any error, is wanted as JSON.
    pub fn wants_json(&self) -> bool {
        match self {
            Command::Diff(args) => args.wants_json(),
            Command::Passes(args) => args.wants_json(),
            Command::Emit(args) => args.json,
            Command::Explain(args) => args.form.wants_json(),
            Command::Check(args) => args.form.wants_json(),
            Command::Locate(args) => args.json,
            Command::Profile(args) => args.json,
            Command::Tune(args) => args.json,
            Command::Opt(_)
            | Command::Explore(_)
            | Command::Report(_)
            | Command::StillFails(_)
            | Command::Completions(_)
            | Command::Man(_)
            | Command::Terms(_) => false,
            Command::Cargo(_) => cargo::wants_json(),
            Command::Reduce(args) => args.json,
            Command::Survey(args) => args.json,
            Command::List(args) => args.json,
            Command::Snap(args) => args.wants_json(),
            Command::Show(args) => args.json,
            Command::Toolchain(args) => args.wants_json(),
            Command::Doctor(args) => args.json,
        }
    }

    /// Runs it and gives the exit code.
    pub fn run(self, global: &Global, program: &Program) -> Result<u8, Failure> {
        match self {
            Command::Diff(args) => diff::run(&args, global),
            Command::Passes(args) => passes::run(&args, global),
            Command::Emit(args) => emit::run(&args, global),
            Command::Explain(args) => explain::run(&args, global),
            Command::Explore(args) => explore::run(&args, global),
            Command::Report(args) => report::run(&args, global),
            Command::Opt(args) => opt::run(&args, global),
            Command::Check(args) => check::run(&args, global),
            Command::Locate(args) => locate::run(&args, global),
            Command::Profile(args) => profile::run(&args, global),
            Command::Tune(args) => tune::run(&args, global),
            Command::Reduce(args) => reduce::run(&args, global),
            Command::Survey(args) => survey::run(&args, global),
            Command::StillFails(args) => reduce::still_fails(&args, global),
            Command::List(args) => list::run(&args, global),
            Command::Snap(args) => snap::run(&args, global),
            Command::Show(args) => show::run(&args, global),
            Command::Cargo(args) => cargo::run(&args, global, program),
            Command::Toolchain(args) => toolchain::run(&args, global),
            Command::Doctor(args) => doctor::run(&args, global),
            Command::Completions(args) => completions::run(&args, global),
            Command::Man(args) => man::run(&args, global, program),
            Command::Terms(args) => terms::run(&args, global),
        }
    }
}
