//! A run over many functions, in parallel, which goes on where an earlier one stopped.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use clap::{Args as Arguments, ValueEnum};

use crate::batch::{self, Numbered, Setup};
use crate::generate;
use crate::kinds;
use crate::print::Number;
use crate::program::Program;
use crate::record::Results;
use crate::table::Table;

/// The numbers that functions compute with.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Float {
    F64,
    F32,
}

#[derive(Arguments)]
pub struct Args {
    /// How many functions
    #[arg(short = 'n', long, default_value_t = 200)]
    functions: u64,
    /// The number of the first
    #[arg(long, default_value_t = 0)]
    from: u64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[arg(long, value_enum, default_value = "f64")]
    float: Float,
    /// The optimisation level of the IR that rustc emits
    #[arg(long, default_value = "3")]
    opt_level: String,
    /// `irad emit`'s cleanup, if not its own default
    #[arg(long)]
    cleanup: Option<String>,
    /// Leave `irad check` out
    #[arg(long)]
    no_check: bool,
    /// More flags of `irad check`
    #[arg(long, value_delimiter = ' ', allow_hyphen_values = true)]
    check: Vec<String>,
    #[arg(long, default_value_t = 40)]
    points: usize,
    /// Functions at once in one module
    #[arg(long, default_value_t = 16)]
    batch: usize,
    #[arg(long)]
    jobs: Option<usize>,
    /// The program to measure
    #[arg(long, env = "IRAD", default_value = "target/debug/irad")]
    irad: PathBuf,
    /// Where results are kept
    #[arg(long, default_value = "target/truth")]
    folder: PathBuf,
}

pub fn run(args: &Args) -> Result<(), String> {
    let irad = fs::canonicalize(&args.irad)
        .map_err(|error| format!("{}: {error}", args.irad.display()))?;
    let number = match args.float {
        Float::F64 => Number::F64,
        Float::F32 => Number::F32,
    };
    let emit = args.cleanup.iter().flat_map(|one| ["--cleanup", one]);
    let setup = Setup {
        irad,
        number,
        opt_level: args.opt_level.clone(),
        emit: emit.map(str::to_owned).collect(),
        check: (!args.no_check).then(|| args.check.clone()),
        modes: vec!["reverse", "forward"],
        points: args.points,
        seed: args.seed,
    };
    let mut name = format!("{}-{}-O{}", args.seed, number.name(), args.opt_level);
    if let Some(cleanup) = &args.cleanup {
        name += &format!("-{cleanup}");
    }
    let folder = args.folder.join(&name);
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let folder = fs::canonicalize(&folder).map_err(|error| error.to_string())?;
    let results = Mutex::new(Results::open(&folder.join("results.jsonl")));

    let range = args.from..args.from + args.functions;
    let missing: Vec<u64> = match results.lock() {
        Ok(results) => {
            let done: BTreeSet<u64> = results.records.keys().map(|key| key.0).collect();
            range
                .clone()
                .filter(|index| !done.contains(index))
                .collect()
        }
        Err(_) => Vec::new(),
    };
    let batches: Vec<&[u64]> = missing.chunks(args.batch.max(1)).collect();
    let next = AtomicUsize::new(0);
    let jobs = args
        .jobs
        .or(thread::available_parallelism().ok().map(usize::from));
    let failure = Mutex::new(None);
    thread::scope(|scope| {
        for job in 0..jobs.unwrap_or(2) {
            let (setup, folder, results) = (&setup, &folder, &results);
            let (batches, next, failure) = (&batches, &next, &failure);
            scope.spawn(move || {
                while let Some(indices) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let batch: Vec<Numbered> = indices
                        .iter()
                        .map(|&index| Numbered {
                            index,
                            program: generate::program(setup.seed, index),
                        })
                        .collect();
                    let work = folder.join(format!("work{job}"));
                    let done = batch::run(setup, &work, &batch).and_then(|records| {
                        let mut results = results.lock().map_err(|error| error.to_string())?;
                        results.add(records)
                    });
                    if let Err(error) = done {
                        if let Ok(mut failure) = failure.lock() {
                            *failure = Some(error);
                        }
                        break;
                    }
                }
            });
        }
    });
    if let Some(error) = failure.into_inner().map_err(|error| error.to_string())? {
        return Err(error);
    }
    let results = results.into_inner().map_err(|error| error.to_string())?;
    for mode in &setup.modes {
        let of_mode = results.records.iter();
        let of_mode = of_mode.filter(|(key, _)| range.contains(&key.0) && key.1 == *mode);
        println!("{}", Table::of(of_mode.map(|one| one.1)).text(mode));
    }
    let functions: Vec<(Program, bool)> = range
        .map(|index| {
            let is_bad = |mode: &&str| {
                let record = results.records.get(&(index, (*mode).to_owned()));
                record.is_some_and(|record| record.derivative.is_bad())
            };
            let program = generate::program(args.seed, index);
            (program, setup.modes.iter().any(is_bad))
        })
        .collect();
    println!("{}", kinds::productions(&functions));
    Ok(())
}
