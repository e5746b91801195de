//! Measures irad: writes random functions, and compares their derivatives with an exact reference.
//!
//!     make truth N=1000 SEED=1

mod batch;
mod driver;
mod dual;
mod generate;
mod kinds;
mod parameter;
mod points;
mod print;
mod program;
mod record;
mod reduce;
mod reduced;
mod run;
mod shrink;
mod table;
mod task;
mod tree;
mod worker;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::generate::StyleArgs;
use crate::print::Number;

/// Random functions, and their derivatives beside an exact reference
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Compare, and print the table
    Run(run::Args),
    /// Print a function
    Show {
        /// Its number
        index: u64,
        #[arg(long, default_value_t = 1)]
        seed: u64,
        #[command(flatten)]
        style: StyleArgs,
        /// As the reference has it, over dual numbers
        #[arg(long)]
        dual: bool,
    },
    /// Run the driver of a batch
    #[command(hide = true)]
    Worker { library: PathBuf, tasks: PathBuf },
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Run(args) => run::run(&args),
        Command::Show {
            index,
            seed,
            style,
            dual,
        } => {
            let program = generate::program(seed, index, style.style());
            let number = if dual { Number::Dual } else { Number::F64 };
            print!("{}", program.source("f", number));
            Ok(())
        }
        Command::Worker { library, tasks } => work(&library, &tasks),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn work(library: &std::path::Path, tasks: &std::path::Path) -> Result<(), String> {
    let text = fs::read_to_string(tasks).map_err(|error| error.to_string())?;
    let tasks: Vec<task::Task> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    worker::run(library, &tasks)
}
