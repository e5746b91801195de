//! Computes what each entry's snapshot would hold now, in parallel engines.

use std::collections::HashMap;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Map, Value, json};
use trace::{Panics, Pipeline, Point, Request, Task, Trace};

use super::body::{self, Content};
use super::config::{CrateInput, Entry, Input};
use super::file::{self, Snapshot};
use super::krate;
use crate::advice::quoted;
use crate::build::Built;
use crate::command::diff::Slicing;
use crate::engine;
use crate::input;
use crate::output::Global;
use crate::report::Failure;
use crate::signature;

/// What became of one entry.
pub struct Computed {
    /// The snapshot that it would have now, or why there is none.
    pub result: Result<Snapshot, Failure>,
    /// What is odd about its input.
    pub warnings: Vec<String>,
    /// How long that took.
    pub taken: Duration,
}

/// Computes all of them, `jobs` at once.
pub fn all(entries: &[Entry], jobs: Option<u16>, global: &Global) -> Vec<Computed> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let jobs = jobs.map_or(cores, usize::from).min(entries.len());
    let bar = progress(entries.len());
    let crates = Crates::of(entries);
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    let mut results: Vec<Option<Computed>> = entries.iter().map(|_| None).collect();
    thread::scope(|scope| {
        for _ in 0..jobs {
            let sender = sender.clone();
            let (next, crates, bar) = (&next, &crates, &bar);
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(entry) = entries.get(at) else {
                        return;
                    };
                    bar.set_message(entry.name.clone());
                    let _ = sender.send((at, one(entry, crates, bar, global)));
                }
            });
        }
        drop(sender);
        for (at, computed) in &receiver {
            results[at] = Some(computed);
            bar.inc(1);
        }
    });
    bar.finish_and_clear();
    results
        .into_iter()
        .map(|computed| computed.expect("every entry is computed by one thread"))
        .collect()
}

fn one(entry: &Entry, crates: &Crates, bar: &ProgressBar, global: &Global) -> Computed {
    let started = Instant::now();
    let mut warnings = Vec::new();
    let result = snapshot(entry, crates, bar, global, &mut warnings);
    Computed {
        result,
        warnings,
        taken: started.elapsed(),
    }
}

fn snapshot(
    entry: &Entry,
    crates: &Crates,
    bar: &ProgressBar,
    global: &Global,
    warnings: &mut Vec<String>,
) -> Result<Snapshot, Failure> {
    let mut module = match &entry.input {
        Input::File { path, .. } => {
            // As people write it, for messages.
            let path = match path == Path::new("-") {
                true => path.clone(),
                false => PathBuf::from(file::shown(path)),
            };
            input::load(&path, entry.module, Some(&entry.function), global)?
        }
        Input::Crate(input) => krate::module(crates.built(input, bar)?, &entry.function, global)?,
    };
    warnings.append(&mut module.warnings);
    let name = module.resolve(&entry.function)?;
    let slicing = Slicing {
        always: entry.slice == Some(true),
        no_slice: entry.slice == Some(false),
    };
    slicing.cut(&mut module, &[&name.symbol], &entry.ad)?;
    let request = Request {
        source: module.origin.clone(),
        task: Task::Differentiate {
            function: name.symbol,
            ad: entry.ad.resolve(entry.mode, &module)?,
            watch: entry.content.watch(),
        },
        llvm_options: Vec::new(),
        limits: global.limits(),
    };
    let trace = engine::ask(&request, &module)?.trace;
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
struct Crates(HashMap<CrateInput, OnceLock<Result<Built, Failure>>>);

impl Crates {
    fn of(entries: &[Entry]) -> Self {
        let inputs = entries.iter().filter_map(|entry| match &entry.input {
            Input::Crate(input) => Some((input.clone(), OnceLock::new())),
            Input::File { .. } => None,
        });
        Crates(inputs.collect())
    }

    fn built(&self, input: &CrateInput, bar: &ProgressBar) -> Result<&Built, Failure> {
        // Cargo draws progress of its own.
        let build = || bar.suspend(|| krate::built(input));
        self.0[input]
            .get_or_init(build)
            .as_ref()
            .map_err(Clone::clone)
    }
}

fn line(trace: &Trace) -> String {
    trace.signature.as_ref().map_or_else(String::new, |found| {
        format!("{} {}", found.mode, signature::line(found))
    })
}

fn description(entry: &Entry, trace: &Trace) -> String {
    match &entry.description {
        Some(words) => words.clone(),
        None => line(trace),
    }
}

/// What was asked, and what took part: what the header says of a snapshot.
fn info(entry: &Entry, trace: &Trace) -> Map<String, Value> {
    let mut info = Map::new();
    let toolchain = &trace.toolchain;
    for (key, value) in [
        ("irad", json!(env!("CARGO_PKG_VERSION"))),
        ("llvm", json!(toolchain.llvm)),
        ("enzyme", json!(toolchain.enzyme)),
        ("rustc", json!(toolchain.producer)),
        ("signature", json!(line(trace))),
        ("content", json!(entry.content.word())),
        ("stage", json!(entry.stages)),
        ("request", request(entry)),
    ] {
        info.insert(key.to_owned(), value);
    }
    info
}

fn request(entry: &Entry) -> Value {
    let mut request = match &entry.input {
        Input::File { shown, .. } => json!({ "input": shown }),
        Input::Crate(input) => json!(input),
    };
    request["function"] = json!(entry.function);
    request["mode"] = json!(entry.mode);
    let ad = &entry.ad;
    let mut put = |key: &str, is_given: bool, value: Value| {
        if is_given {
            request[key] = value;
        }
    };
    put("module", entry.module.is_some(), json!(entry.module));
    put("slice", entry.slice.is_some(), json!(entry.slice));
    put(
        "prepare",
        ad.prepare != Pipeline::O2,
        json!(ad.prepare.to_string()),
    );
    put(
        "cleanup",
        ad.cleanup != Pipeline::O2,
        json!(ad.cleanup.to_string()),
    );
    put("enzyme", !ad.enzyme.is_empty(), pairs(&ad.enzyme));
    put("activities", !ad.activity.is_empty(), pairs(&ad.activity));
    put("wrt", !ad.wrt.is_empty(), json!(ad.wrt));
    put(
        "sig",
        ad.sig.is_some(),
        json!(ad.sig.as_ref().map(ToString::to_string)),
    );
    put("width", ad.width > 1, json!(ad.width));
    put("return-primal", !ad.return_primal, json!(false));
    put("split", ad.split, json!(true));
    put("loose-types", ad.loose_types, json!(true));
    put("inactive", !ad.inactive.is_empty(), json!(ad.inactive));
    put("noalias", !ad.noalias.is_empty(), json!(ad.noalias));
    put("unchanged", !ad.unchanged.is_empty(), json!(ad.unchanged));
    put("panics", ad.panics != Panics::Drop, json!(ad.panics));
    put("whole-program", ad.whole_program, json!(true));
    request
}

fn pairs<T: ToString>(pairs: &[(String, T)]) -> Value {
    let fields = pairs
        .iter()
        .map(|(key, value)| (key.clone(), json!(value.to_string())));
    Value::Object(fields.collect())
}

/// The command that shows what a snapshot holds.
pub fn expression(entry: &Entry) -> String {
    let stage = |at: usize| {
        entry
            .stages
            .get(at)
            .map_or_else(String::new, Point::to_string)
    };
    let (command, end) = match (entry.content, entry.stages.len()) {
        (Content::Ir, 1) => ("show", format!(" --at {}", stage(0))),
        (Content::Diff, 1) => ("diff", format!(" --after {}", stage(0))),
        (Content::Diff, 2) => (
            "diff",
            format!(" --before {} --after {}", stage(0), stage(1)),
        ),
        (Content::Passes, _) => ("passes", String::new()),
        _ => {
            let stages: Vec<String> = entry.stages.iter().map(ToString::to_string).collect();
            let mut end = format!(" --content {}", entry.content.word());
            if !stages.is_empty() {
                end.push_str(&format!(" --stage {}", stages.join(",")));
            }
            ("snap check", end)
        }
    };
    let words = match &entry.input {
        Input::File { shown, .. } => format!("irad {command} {}", quoted(shown)),
        Input::Crate(input) if command == "snap check" => {
            format!("irad {command}{}", krate::flags(input))
        }
        Input::Crate(input) => format!("cargo irad {command}{} --", krate::for_cargo(input)),
    };
    let function = format!(" --fn {} --mode {}", quoted(&entry.function), entry.mode);
    words + &function + &flags(entry) + &end
}

fn flags(entry: &Entry) -> String {
    let ad = &entry.ad;
    let mut out = String::new();
    let mut flag = |name: &str, value: &str| out.push_str(&format!(" {name} {}", quoted(value)));
    if let Some(module) = entry.module {
        flag("--module", &module.to_string());
    }
    if ad.prepare != Pipeline::O2 {
        flag("--prepare", &ad.prepare.to_string());
    }
    if ad.cleanup != Pipeline::O2 {
        flag("--cleanup", &ad.cleanup.to_string());
    }
    for (key, value) in &ad.enzyme {
        flag("--enzyme", &format!("{key}={value}"));
    }
    if !ad.activity.is_empty() {
        let pairs: Vec<String> = ad
            .activity
            .iter()
            .map(|(name, activity)| format!("{name}={activity}"))
            .collect();
        flag("--activity", &pairs.join(","));
    }
    if !ad.wrt.is_empty() {
        flag("--wrt", &ad.wrt.join(","));
    }
    if let Some(sig) = &ad.sig {
        flag("--sig", &sig.to_string());
    }
    let promises = [
        ("--inactive", &ad.inactive),
        ("--noalias", &ad.noalias),
        ("--unchanged", &ad.unchanged),
    ];
    for (promise, names) in promises {
        for name in names {
            flag(promise, name);
        }
    }
    if ad.panics != Panics::Drop {
        flag("--panics", &ad.panics.to_string());
    }
    if ad.width > 1 {
        flag("--width", &ad.width.to_string());
    }
    if !ad.return_primal {
        out.push_str(" --return-primal=false");
    }
    if ad.split {
        out.push_str(" --split");
    }
    if ad.loose_types {
        out.push_str(" --loose-types");
    }
    if ad.whole_program {
        out.push_str(" --whole-program");
    }
    out
}

/// A bar on standard error, where that is a terminal.
fn progress(count: usize) -> ProgressBar {
    let target = match io::stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let style = ProgressStyle::with_template("{bar:24} {pos}/{len} {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(Some(count as u64), target).with_style(style)
}
