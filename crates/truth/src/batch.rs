//! A batch of functions from source to results: rustc, irad, and the driver that compares.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::driver::{self, Emitted};
use crate::print::Number;
use crate::program::Program;
use crate::record::{Derivative, Record, Verdict};
use crate::task::{Comparison, Task};
use crate::worker;

/// How a batch is made and what is asked about it.
#[derive(Clone, Debug)]
pub struct Setup {
    pub irad: PathBuf,
    pub number: Number,
    pub opt_level: String,
    /// More flags of `irad emit`.
    pub emit: Vec<String>,
    /// `irad check` with these flags, if at all.
    pub check: Option<Vec<String>>,
    pub modes: Vec<&'static str>,
    pub points: usize,
    pub seed: u64,
}

/// A function with its number.
#[derive(Clone, Debug)]
pub struct Numbered {
    pub index: u64,
    pub program: Program,
}

/// What is known of each function in each mode. Files are left in the folder.
pub fn run(setup: &Setup, folder: &Path, batch: &[Numbered]) -> Result<Vec<Record>, String> {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    match attempt(setup, folder, batch) {
        Ok(records) => Ok(records),
        // Some function does not compile, or its derivative does not link. Which?
        Err(Trouble::Build(_)) if batch.len() > 1 => {
            let (first, second) = batch.split_at(batch.len() / 2);
            let mut records = run(setup, folder, first)?;
            records.append(&mut run(setup, folder, second)?);
            Ok(records)
        }
        Err(Trouble::Build(reason)) => Ok(batch
            .iter()
            .flat_map(|one| setup.modes.iter().map(move |mode| (one, mode)))
            .map(|(one, mode)| Record {
                index: one.index,
                mode: (*mode).to_owned(),
                derivative: Derivative::NotBuilt,
                reason: Some(reason.clone()),
                ..Record::default()
            })
            .collect()),
        Err(Trouble::Machine(reason)) => Err(reason),
    }
}

enum Trouble {
    /// What the compiler said.
    Build(String),
    /// A fault of ours or of the machine.
    Machine(String),
}

impl From<String> for Trouble {
    fn from(reason: String) -> Trouble {
        Trouble::Machine(reason)
    }
}

fn attempt(setup: &Setup, folder: &Path, batch: &[Numbered]) -> Result<Vec<Record>, Trouble> {
    let ir = compile(setup, folder, batch)?;
    let mut records: BTreeMap<(usize, &'static str), Record> = BTreeMap::new();
    let mut derivatives: Vec<Vec<Emitted>> = Vec::new();
    for (at, one) in batch.iter().enumerate() {
        let function = format!("batch::m{at}::f{at}");
        let alone = folder.join(format!("f{at}.ll"));
        let mut show = irad(setup, "show", &ir);
        show.args(["--slice", "--fn", &function, "-o"]).arg(&alone);
        let output = output(&mut show)?;
        if !output.status.success() {
            return Err(Trouble::Build(said(&output)));
        }
        let mut emitted = Vec::new();
        for &mode in &setup.modes {
            let mut record = Record {
                index: one.index,
                mode: mode.to_owned(),
                ..Record::default()
            };
            emitted.extend(emit(
                setup,
                folder,
                &alone,
                at,
                mode,
                &function,
                &mut record,
            )?);
            let is_refused = matches!(
                record.derivative,
                Derivative::Refused | Derivative::EngineCrash
            );
            if let (Some(flags), false) = (&setup.check, is_refused) {
                let mut check = irad(setup, "check", &alone);
                check.args(["--fn", &function, "--mode", mode]).args(flags);
                let output = crate::batch::output(&mut check)?;
                record.verdict = Verdict::of(output.status.code());
                record.words = last_words(&output);
            }
            records.insert((at, mode), record);
        }
        derivatives.push(emitted);
    }
    if derivatives.iter().any(|some| !some.is_empty()) {
        for comparison in compare(setup, folder, batch, &derivatives)? {
            let mode = setup.modes.iter().find(|mode| **mode == comparison.mode);
            let Some(record) = mode.and_then(|mode| records.get_mut(&(comparison.at, *mode)))
            else {
                continue;
            };
            record.derivative = match &comparison {
                // How long it takes is the machine's business, too.
                one if one.crash.as_deref() == Some(worker::TIME) => match one.wrong {
                    0 => Derivative::Unknown,
                    _ => Derivative::Wrong,
                },
                one if one.crash.is_some() => Derivative::Crashes,
                one if one.wrong > 0 => Derivative::Wrong,
                one if one.compared > 0 => Derivative::Right,
                _ => Derivative::Unknown,
            };
            record.comparison = Some(comparison);
        }
    }
    Ok(records.into_values().collect())
}

/// The batch as LLVM IR.
fn compile(setup: &Setup, folder: &Path, batch: &[Numbered]) -> Result<PathBuf, Trouble> {
    let mut source = "#![allow(warnings)]\n".to_owned();
    for (at, one) in batch.iter().enumerate() {
        let module = one.program.source(&format!("f{at}"), setup.number);
        source += &format!("\npub mod m{at} {{\n{module}}}\n");
    }
    let (rs, ll) = (folder.join("batch.rs"), folder.join("batch.ll"));
    write(&rs, &source)?;
    let mut rustc = Command::new("rustc");
    rustc
        .args(["--edition", "2021", "--emit=llvm-ir", "--crate-type", "lib"])
        .arg(format!("-Copt-level={}", setup.opt_level))
        .args(["-Cno-prepopulate-passes", "-Ccodegen-units=1"])
        .args(["-Cpanic=abort", "-Cdebuginfo=2", "-o"])
        .args([&ll, &rs]);
    let output = output(&mut rustc)?;
    if output.status.success() {
        return Ok(ll);
    }
    Err(Trouble::Build(said(&output)))
}

/// One derivative, if irad makes it.
fn emit(
    setup: &Setup,
    folder: &Path,
    file: &Path,
    at: usize,
    mode: &'static str,
    function: &str,
    record: &mut Record,
) -> Result<Option<Emitted>, Trouble> {
    let object = folder.join(format!("f{at}_{mode}.o"));
    let binding = folder.join(format!("f{at}_{mode}.rs"));
    let mut emit = irad(setup, "emit", file);
    emit.args(["--fn", function, "--mode", mode, "--json"])
        .arg("--name")
        .arg(format!("d_f{at}_{mode}"))
        .args(&setup.emit)
        .arg("-o")
        .arg(&object)
        .arg("--binding")
        .arg(&binding);
    let output = output(&mut emit)?;
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    if !output.status.success() {
        record.derivative = match output.status.code() {
            Some(4) => Derivative::EngineCrash,
            _ => Derivative::Refused,
        };
        let message = answer["error"]["message"].as_str().map(str::to_owned);
        record.reason = Some(message.unwrap_or_else(|| said(&output)));
        return Ok(None);
    }
    let warnings = answer["warnings"].as_array().into_iter().flatten();
    record.warnings = warnings
        .map(|one| match one["message"].as_str().or(one.as_str()) {
            Some(text) => text.to_owned(),
            None => one.to_string(),
        })
        .collect();
    Ok(Some(Emitted {
        mode,
        interface: answer,
        binding,
        object,
    }))
}

/// Builds the driver and runs it.
fn compare(
    setup: &Setup,
    folder: &Path,
    batch: &[Numbered],
    derivatives: &[Vec<Emitted>],
) -> Result<Vec<Comparison>, Trouble> {
    let functions = batch.iter().zip(derivatives).enumerate();
    let functions = functions.filter(|(_, (_, some))| !some.is_empty());
    let functions = functions.map(|(at, (one, some))| (at, &one.program, some.as_slice()));
    let source = driver::source(functions, setup.number);
    let (rs, library) = (folder.join("driver.rs"), folder.join("driver.so"));
    write(&rs, &source)?;
    let mut rustc = Command::new("rustc");
    rustc
        .args(["--edition", "2024", "--crate-type", "cdylib"])
        .args(["-Copt-level=0", "-Cdebuginfo=0", "-Cstrip=debuginfo", "-o"])
        .args([&library, &rs]);
    for emitted in derivatives.iter().flatten() {
        rustc.arg(format!("-Clink-arg={}", emitted.object.display()));
    }
    let built = output(&mut rustc)?;
    if !built.status.success() {
        return Err(Trouble::Build(said(&built)));
    }
    let tasks: Vec<Task> = batch
        .iter()
        .zip(derivatives)
        .enumerate()
        .filter(|(_, (_, some))| !some.is_empty())
        .map(|(at, (one, some))| Task {
            at,
            parameters: one.program.parameters.clone(),
            literals: one.program.literals(),
            modes: some.iter().map(|emitted| emitted.mode.to_owned()).collect(),
            seed: setup.seed ^ one.index,
            points: setup.points,
            single: setup.number == Number::F32,
        })
        .collect();
    let list = folder.join("tasks.json");
    write(
        &list,
        &serde_json::to_string(&tasks).map_err(|e| e.to_string())?,
    )?;
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut worker = Command::new(this);
    worker.arg("worker").arg(&library).arg(&list);
    let output = output(&mut worker)?;
    if !output.status.success() {
        return Err(Trouble::Build(said(&output)));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let comparisons = text.lines().map(serde_json::from_str);
    comparisons
        .collect::<Result<_, _>>()
        .map_err(|error| Trouble::Machine(error.to_string()))
}

fn irad(setup: &Setup, command: &str, file: &Path) -> Command {
    let mut irad = Command::new(&setup.irad);
    irad.arg(command).arg(file);
    if command != "show" {
        // The machine may be busy with something else.
        irad.args(["--timeout", "600"]);
    }
    irad
}

fn output(command: &mut Command) -> Result<Output, String> {
    command.output().map_err(|error| {
        format!(
            "{} does not start: {error}",
            command.get_program().display()
        )
    })
}

/// The last line that a check printed, which is its verdict, or the first of an error.
fn last_words(output: &Output) -> Option<String> {
    let (out, error) = (&output.stdout, &output.stderr);
    let last = String::from_utf8_lossy(out)
        .lines()
        .last()
        .map(str::to_owned);
    let first = || {
        String::from_utf8_lossy(error)
            .lines()
            .next()
            .map(str::to_owned)
    };
    last.or_else(first)
}

/// What a program said before it failed.
fn said(output: &Output) -> String {
    let mut text = String::from_utf8_lossy(&output.stderr).into_owned();
    if let Some((at, _)) = text.char_indices().nth(3000) {
        text.truncate(at);
    }
    format!("{text}({})", output.status)
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
