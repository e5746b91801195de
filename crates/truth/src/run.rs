//! A run over many functions, in parallel, which goes on where an earlier one stopped.

use std::collections::{BTreeMap, hash_map::DefaultHasher};
use std::env;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::SystemTime;

use clap::{Args as Arguments, ValueEnum};

use crate::batch::{self, Numbered, Setup};
use crate::generate::{self, Style, StyleArgs};
use crate::kinds;
use crate::print::Number;
use crate::program::Program;
use crate::record::{Record, Results};
use crate::reduce::{self, Failure};
use crate::reduced::{Reduced, Shelf};
use crate::table::{self, Table};

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
    /// The derivatives that Enzyme alone makes, of which some are wrong: how many does the check miss?
    #[arg(long)]
    faithful: bool,
    #[command(flatten)]
    style: StyleArgs,
    /// Leave `irad check` out
    #[arg(long)]
    no_check: bool,
    /// More flags of `irad check`
    #[arg(long, value_delimiter = ' ', allow_hyphen_values = true)]
    check: Vec<String>,
    #[arg(long, default_value_t = 40)]
    points: usize,
    /// How many failures are reduced
    #[arg(long, default_value_t = 0)]
    reduce: usize,
    /// Fail if there are more: `wrong`, `crashes`, `missed` by the check, false `alarms` of it, `unjudged` without
    /// inputs or because it crashes, `refused`, `engine` crashes, `unknown` without a point, `not-built`
    #[arg(long, value_name = "WHAT=COUNT,…", value_delimiter = ',', value_parser = bound)]
    at_most: Vec<(String, usize)>,
    /// Fail if there are fewer: the same, and `right` derivatives
    #[arg(long, value_name = "WHAT=COUNT,…", value_delimiter = ',', value_parser = bound)]
    at_least: Vec<(String, usize)>,
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

/// Reads `wrong=3`.
fn bound(text: &str) -> Result<(String, usize), String> {
    let (name, count) = text.split_once('=').ok_or("write wrong=3")?;
    let count = count.parse().map_err(|_| format!("{count} is no count"))?;
    match Table::of([].into_iter()).named(name) {
        Some(_) => Ok((name.to_owned(), count)),
        None => Err(format!("nothing is called {name}")),
    }
}

pub fn run(args: &Args) -> Result<(), String> {
    let setup = setup(args)?;
    let mut name = format!("{}-{}-O{}", args.seed, setup.number.name(), args.opt_level);
    if let Some(cleanup) = &args.cleanup {
        name += &format!("-{cleanup}");
    }
    if args.faithful {
        name += "-faithful";
    }
    let style = args.style.style();
    match style {
        Style::Usual => {}
        Style::Small => name += "-small",
        Style::Difficult => name += "-difficult",
    }
    let folder = args.folder.join(&name);
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let folder = fs::canonicalize(&folder).map_err(|error| error.to_string())?;
    let jobs = args
        .jobs
        .or(thread::available_parallelism().ok().map(usize::from));
    let jobs = jobs.unwrap_or(2);

    let irad = stamp_of(&setup)?;
    let functions: Vec<Function> = (args.from..args.from + args.functions)
        .map(|index| {
            let program = generate::program(args.seed, index, style);
            let mut hasher = DefaultHasher::new();
            (irad, program.source("f", setup.number)).hash(&mut hasher);
            Function {
                index,
                program,
                stamp: hasher.finish(),
            }
        })
        .collect();
    let results = Results::open(&folder.join("results.jsonl"));
    let results = measure(&setup, &folder, &functions, results, args.batch, jobs)?;

    for mode in &setup.modes {
        let records = functions
            .iter()
            .filter_map(|one| results.records.get(&(one.index, (*mode).to_owned())));
        println!("{}", Table::of(records).text(mode));
    }
    let everything = functions.iter().flat_map(|one| {
        let record = |mode: &&str| results.records.get(&(one.index, (*mode).to_owned()));
        setup
            .modes
            .iter()
            .filter_map(record)
            .collect::<Vec<&Record>>()
    });
    let everything: Vec<&Record> = everything.collect();
    println!("{}", table::ways(everything.iter().copied()));
    let fails = |one: &Function| {
        let bad = setup.modes.iter().any(|mode| {
            let record = results.records.get(&(one.index, (*mode).to_owned()));
            record.is_some_and(|record| record.derivative.is_bad())
        });
        (one.program.clone(), bad)
    };
    let with: Vec<(Program, bool)> = functions.iter().map(fails).collect();
    println!("{}", kinds::productions(&with));

    let shelf = reduce(&setup, &folder, &functions, &results, args.reduce, jobs)?;
    let reduced: Vec<&Reduced> = functions
        .iter()
        .flat_map(|one| setup.modes.iter().map(move |mode| (one, mode)))
        .filter(|(one, mode)| shelf.has(one.index, mode, one.stamp))
        .filter_map(|(one, mode)| shelf.all.get(&(one.index, (*mode).to_owned())))
        .collect();
    if !reduced.is_empty() {
        println!("{}", kinds::groups(&reduced));
    }

    let all = Table::of(everything.into_iter());
    let count = |name: &str| all.named(name).unwrap_or(0);
    let more = args.at_most.iter().filter_map(|(name, most)| {
        let count = count(name);
        (count > *most).then(|| format!("{name}: {count}, at most {most}"))
    });
    let fewer = args.at_least.iter().filter_map(|(name, least)| {
        let count = count(name);
        (count < *least).then(|| format!("{name}: {count}, at least {least}"))
    });
    let outside: Vec<String> = more.chain(fewer).collect();
    match outside.is_empty() {
        true => Ok(()),
        false => Err(format!("not as asked for: {}", outside.join("; "))),
    }
}

/// A function, and what its results depend on.
struct Function {
    index: u64,
    program: Program,
    stamp: u64,
}

fn setup(args: &Args) -> Result<Setup, String> {
    let irad = fs::canonicalize(&args.irad)
        .map_err(|error| format!("{}: {error}", args.irad.display()))?;
    let emit = args.cleanup.iter().flat_map(|one| ["--cleanup", one]);
    let mut emit: Vec<String> = emit.map(str::to_owned).collect();
    let mut check = args.check.clone();
    // What it says of what it emits is asked for by itself.
    if knows(&irad, "emit", "--no-check")? {
        emit.push("--no-check".to_owned());
    }
    if check.is_empty() && args.cleanup.is_none() && knows(&irad, "check", "--for")? {
        check.extend(["--for", "emit"].map(str::to_owned));
    }
    if args.faithful {
        for flags in [&mut emit, &mut check] {
            flags.push("--faithful".to_owned());
        }
    }
    Ok(Setup {
        irad,
        number: match args.float {
            Float::F64 => Number::F64,
            Float::F32 => Number::F32,
        },
        opt_level: args.opt_level.clone(),
        emit,
        check: (!args.no_check).then_some(check),
        modes: vec!["reverse", "forward"],
        points: args.points,
        seed: args.seed,
    })
}

/// Whether a command of irad has a flag.
fn knows(irad: &Path, command: &str, flag: &str) -> Result<bool, String> {
    let help = Command::new(irad)
        .args([command, "--help"])
        .output()
        .map_err(|error| format!("{}: {error}", irad.display()))?;
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    Ok(help.split_whitespace().any(|word| word == flag))
}

/// Differs when irad or its engine was built anew, or is asked for something else.
fn stamp_of(setup: &Setup) -> Result<u64, String> {
    let mut hasher = DefaultHasher::new();
    let engine = match env::var_os("IRAD_ENGINE").filter(|name| !name.is_empty()) {
        Some(engine) => PathBuf::from(engine),
        None => setup.irad.with_file_name("irad-engine-22"),
    };
    for path in [setup.irad.clone(), engine] {
        let known = fs::metadata(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let built = known.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        (known.len(), built).hash(&mut hasher);
    }
    (&setup.emit, &setup.check, setup.points).hash(&mut hasher);
    Ok(hasher.finish())
}

/// Runs something over many, in threads, each of which has a folder. Ends with the first error.
fn parallel<T: Sync>(
    jobs: usize,
    folder: &Path,
    many: &[T],
    work: impl Fn(&Path, &T) -> Result<(), String> + Sync,
) -> Result<(), String> {
    let next = AtomicUsize::new(0);
    let failure = Mutex::new(None);
    thread::scope(|scope| {
        for job in 0..jobs {
            let (next, failure, work) = (&next, &failure, &work);
            let folder = folder.join(format!("work{job}"));
            scope.spawn(move || {
                while let Some(one) = many.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(error) = work(&folder, one) {
                        next.store(many.len(), Ordering::Relaxed);
                        if let Ok(mut failure) = failure.lock() {
                            *failure = Some(error);
                        }
                    }
                }
            });
        }
    });
    match failure.into_inner() {
        Ok(None) => Ok(()),
        Ok(Some(error)) => Err(error),
        Err(error) => Err(error.to_string()),
    }
}

/// The results of all functions: those that are known, and the others.
fn measure(
    setup: &Setup,
    folder: &Path,
    functions: &[Function],
    results: Results,
    at_once: usize,
    jobs: usize,
) -> Result<Results, String> {
    let missing: Vec<&Function> = functions
        .iter()
        .filter(|one| !results.has(one.index, &setup.modes, one.stamp))
        .collect();
    let batches: Vec<&[&Function]> = missing.chunks(at_once.max(1)).collect();
    let results = Mutex::new(results);
    parallel(jobs, folder, &batches, |folder, batch| {
        let numbered = batch.iter().map(|one| Numbered {
            index: one.index,
            program: one.program.clone(),
        });
        let numbered: Vec<Numbered> = numbered.collect();
        let mut records = batch::run(setup, folder, &numbered)?;
        let stamps: BTreeMap<u64, u64> = batch.iter().map(|one| (one.index, one.stamp)).collect();
        for record in &mut records {
            record.stamp = stamps.get(&record.index).copied().unwrap_or(0);
        }
        let mut results = results.lock().map_err(|error| error.to_string())?;
        results.add(records)
    })?;
    results.into_inner().map_err(|error| error.to_string())
}

/// Reduces some of the failures, of each way to fail in turn.
fn reduce(
    setup: &Setup,
    folder: &Path,
    functions: &[Function],
    results: &Results,
    most: usize,
    jobs: usize,
) -> Result<Shelf, String> {
    let mut ways: BTreeMap<Failure, Vec<(&Function, &Record)>> = BTreeMap::new();
    for one in functions {
        for mode in &setup.modes {
            if let Some(record) = results.records.get(&(one.index, (*mode).to_owned()))
                && let Some(failure) = Failure::of(record, &setup.modes)
            {
                ways.entry(failure).or_default().push((one, record));
            }
        }
    }
    let mut chosen: Vec<(&Failure, &Function, &Record)> = Vec::new();
    for turn in 0.. {
        let before = chosen.len();
        for (failure, some) in &ways {
            chosen.extend(some.get(turn).map(|(one, record)| (failure, *one, *record)));
        }
        if chosen.len() == before {
            break;
        }
    }
    chosen.truncate(most);
    let shelf = Shelf::open(folder);
    chosen.retain(|(failure, one, _)| !shelf.has(one.index, failure.mode, one.stamp));
    let shelf = Mutex::new(shelf);
    parallel(jobs, folder, &chosen, |folder, (failure, one, record)| {
        let program = reduce::reduce(setup, folder, one.index, one.program.clone(), failure)?;
        let reduced = Reduced {
            index: one.index,
            mode: failure.mode.to_owned(),
            stamp: one.stamp,
            failure: failure.words(),
            features: program.features().into_iter().map(str::to_owned).collect(),
            source: program.source("f", setup.number),
        };
        let worst = record.comparison.as_ref().and_then(|one| one.worst.clone());
        let note = worst.or(record.reason.clone()).unwrap_or_default();
        let mut shelf = shelf.lock().map_err(|error| error.to_string())?;
        shelf.add(
            reduced,
            &format!("Before it was reduced: {}", note.replace('\n', " ")),
        )
    })?;
    shelf.into_inner().map_err(|error| error.to_string())
}
