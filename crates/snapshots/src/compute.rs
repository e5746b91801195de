//! Computes what each entry's snapshot would hold now, in parallel engines.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use session::build::Built;
use session::load::load;
use session::request;
use session::resolve::resolved;
use session::slicing::Slicing;
use session::verdict::{Checking, ask_and_check};
use trace::{Limits, Verdict};

use crate::body;
use crate::entry::{CrateInput, Entry, Input};
use crate::error::Error;
use crate::expression::{description, expression, info};
use crate::file::{self, Snapshot};
use crate::krate;

/// Hears how far the work is.
pub trait Progress: Sync {
    /// Work on an entry begins.
    fn begins(&self, entry: &str);
    /// An entry is done.
    fn ends(&self);
    /// Does something that prints by itself.
    fn aside(&self, act: &mut dyn FnMut());
}

/// What became of one entry.
pub struct Computed {
    /// The snapshot that it would have now, or why there is none.
    pub result: Result<Snapshot, Error>,
    /// What is odd about its input.
    pub warnings: Vec<String>,
    /// What a check of its derivative came to, if there was one.
    pub verdict: Option<Verdict>,
    /// How long that took.
    pub taken: Duration,
}

/// Computes all of them, `jobs` at once.
pub fn all(
    entries: &[Entry],
    jobs: Option<u16>,
    limits: Limits,
    checking: Option<&Checking>,
    progress: &dyn Progress,
) -> Vec<Computed> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let jobs = jobs.map_or(cores, usize::from).min(entries.len());
    let crates = Crates::of(entries);
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    let mut results: Vec<Option<Computed>> = entries.iter().map(|_| None).collect();
    thread::scope(|scope| {
        for _ in 0..jobs {
            let sender = sender.clone();
            let (next, crates) = (&next, &crates);
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(entry) = entries.get(at) else {
                        return;
                    };
                    progress.begins(&entry.name);
                    let _ = sender.send((at, one(entry, crates, progress, limits, checking)));
                }
            });
        }
        drop(sender);
        for (at, computed) in &receiver {
            results[at] = Some(computed);
            progress.ends();
        }
    });
    results
        .into_iter()
        .map(|computed| computed.expect("every entry is computed by one thread"))
        .collect()
}

fn one(
    entry: &Entry,
    crates: &Crates,
    progress: &dyn Progress,
    limits: Limits,
    checking: Option<&Checking>,
) -> Computed {
    let started = Instant::now();
    let mut warnings = Vec::new();
    let mut verdict = None;
    let said = (&mut warnings, &mut verdict);
    let result = snapshot(entry, crates, progress, limits, checking, said);
    Computed {
        result,
        warnings,
        verdict,
        taken: started.elapsed(),
    }
}

fn snapshot(
    entry: &Entry,
    crates: &Crates,
    progress: &dyn Progress,
    limits: Limits,
    checking: Option<&Checking>,
    (warnings, verdict): (&mut Vec<String>, &mut Option<Verdict>),
) -> Result<Snapshot, Error> {
    let mut module = match &entry.input {
        Input::File { path, .. } => {
            // As people write it, for messages.
            let path = match path == Path::new("-") {
                true => path.clone(),
                false => PathBuf::from(file::shown(path)),
            };
            load(&path, entry.module, Some(&entry.function), limits)?
        }
        Input::Crate(input) => {
            krate::module(crates.built(input, progress)?, &entry.function, limits)?
        }
    };
    warnings.extend(module.warnings());
    let name = module.resolve(&entry.function)?;
    // The whole is what a whole-program build sees.
    let slicing = match (entry.slicing, entry.ad.whole_program) {
        (Slicing::WhereItPays, true) => Slicing::Never,
        (slicing, _) => slicing,
    };
    slicing.cut(&mut module, &[&name.symbol])?;
    let request = request::differentiate(
        &module,
        &name.symbol,
        resolved(&entry.ad, entry.ad.mode, &module)?,
        entry.content.watch(),
        limits,
    );
    let trace = ask_and_check(&request, &module, checking)?.trace;
    verdict.clone_from(&trace.verdict);
    let (body, instances) = body::body(&trace, module.text(), entry.content, &entry.stages)?;
    let mut info = info(entry, &trace);
    if !instances.is_empty() {
        info.insert("instances".to_owned(), json!(instances));
    }
    Ok(Snapshot {
        source: entry.source.0.clone(),
        line: entry.source.1,
        description: description(entry, &trace),
        expression: expression(entry),
        info,
        body,
        header: 0,
    })
}

/// The crates that entries name, each built once, by whoever needs it first.
struct Crates(HashMap<CrateInput, OnceLock<Result<Built, Error>>>);

impl Crates {
    fn of(entries: &[Entry]) -> Self {
        let inputs = entries.iter().filter_map(|entry| match &entry.input {
            Input::Crate(input) => Some((input.clone(), OnceLock::new())),
            Input::File { .. } => None,
        });
        Crates(inputs.collect())
    }

    fn built(&self, input: &CrateInput, progress: &dyn Progress) -> Result<&Built, Error> {
        let build = || {
            let mut built = None;
            // Cargo draws progress of its own.
            progress.aside(&mut || built = Some(krate::built(input)));
            built.expect("what is done aside is done")
        };
        self.0[input]
            .get_or_init(build)
            .as_ref()
            .map_err(Clone::clone)
    }
}
