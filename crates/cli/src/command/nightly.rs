//! `cargo irad +nightly`: what a nightly compiler makes of `#[autodiff_…]`, built, shown and checked.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use ir_load::{NameError, resolve};
use session::load;
use session::nightly::compiler::Compiler;
use session::nightly::enzyme::{self, Enzyme, Wanted};
use session::nightly::error::NightlyError;
use session::nightly::modules::{self, Chosen, Unit, cargo};
use session::nightly::wrapper::FAILED;

use super::cargo_words::split;
use super::requested;
use crate::exit;
use crate::failure::Failure;
use crate::output::{Global, say};
use crate::program::Program;
use crate::report;
use crate::words::load::name_failure;

/// What is cargo's alone, and passed on to it.
const OF_CARGO: [&str; 7] = ["build", "run", "test", "bench", "rustc", "b", "r"];

/// Runs what follows `+toolchain`.
pub fn run(
    toolchain: &str,
    words: &[String],
    global: &Global,
    program: &Program,
) -> Result<u8, Failure> {
    let Some(command) = words.first() else {
        return Err(
            Failure::usage("usage", "no command was given").help(format!(
                "cargo irad +{toolchain} list, or any command of cargo's that builds"
            )),
        );
    };
    let compiler = Compiler::find(toolchain)?;
    let enzyme = match enzyme::existing(&compiler) {
        Some(enzyme) => enzyme,
        None => {
            say(&format!(
                "note: giving {} an Enzyme (irad toolchain status says which)\n",
                compiler.version
            ));
            enzyme::add(&compiler, Wanted::default())?
        }
    };
    if OF_CARGO.contains(&command.as_str()) {
        return pass_on(&compiler, &enzyme, command, &words[1..], global);
    }
    look(&compiler, &enzyme, words, global, program)
}

fn here() -> PathBuf {
    env::current_dir().unwrap_or_else(|_| PathBuf::from("."))
}

/// Has cargo build and run; if rustc could not, irad says what Enzyme could not differentiate.
fn pass_on(
    compiler: &Compiler,
    enzyme: &Enzyme,
    command: &str,
    flags: &[String],
    global: &Global,
) -> Result<u8, Failure> {
    let failed = tempfile::tempdir()
        .map_err(|error| Failure::usage("write", format!("no folder for what fails: {error}")))?;
    let status = cargo(compiler, enzyme, command, flags, &here())
        .env(FAILED, failed.path())
        .status()
        .map_err(|error| Failure::usage("cargo", format!("cargo cannot be run: {error}")))?;
    if status.success() {
        return Ok(exit::DONE);
    }
    let dumps = fs::read_dir(failed.path()).into_iter().flatten().flatten();
    for dump in dumps.map(|entry| entry.path()) {
        let module = dump.with_extension("ll");
        modules::split(&dump, &module, &dump.with_extension("after.ll"))?;
        if fs::metadata(&module).is_ok_and(|found| found.len() > 0) {
            requested::refused(&module, global)?;
        }
    }
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(exit::CRASHED))
}

/// Runs one of irad's commands on what rustc hands to Enzyme.
fn look(
    compiler: &Compiler,
    enzyme: &Enzyme,
    words: &[String],
    global: &Global,
    program: &Program,
) -> Result<u8, Failure> {
    let definition = (program.definition)();
    let command = words[0].as_str();
    // On this command line it stands alone: irad knows the file.
    let is_of_compiler = words.iter().any(|word| word == "--compiler");
    let words: Vec<String> = words
        .iter()
        .filter(|word| *word != "--compiler")
        .cloned()
        .collect();
    let found = split(&words, &definition);
    let Some(known) = definition.find_subcommand(command) else {
        return Err(Failure::usage(
            "usage",
            format!("{command} is no command of cargo's or irad's that builds"),
        )
        .help(format!(
            "cargo's: {}; irad's are in irad --help",
            OF_CARGO[..5].join(", ")
        )));
    };
    let has = |id: &str| {
        known
            .get_arguments()
            .any(|argument| argument.get_id() == id)
    };
    let mut own = found.own.clone();
    let is_stated = |name: &str| {
        let mut words = found.own.iter();
        words.any(|word| word == name || word.starts_with(&format!("{name}=")))
    };
    // What the compiler's derivative is compared with is irad's own, as irad makes it.
    if has("prepare") && !is_of_compiler {
        for (flag, value) in [("--prepare", "given"), ("--cleanup", "none")] {
            if !is_stated(flag) {
                own.extend([flag.to_owned(), value.to_owned()]);
            }
        }
    }
    let function = value(&own, "--fn").or(found.function);
    let parse = |unit: Option<&Unit>| {
        let none = Path::new("crate.ll").to_owned();
        let file = unit.map_or(&none, |unit| &unit.before);
        let mut words: Vec<OsString> = vec!["irad".into(), command.into(), file.into()];
        words.extend(own.iter().map(OsString::from));
        // A list takes no options of Enzyme's.
        for (key, value) in unit.iter().flat_map(|unit| &unit.enzyme) {
            if has("enzyme") && !is_of_compiler {
                words.extend(["--enzyme".into(), format!("{key}={value}").into()]);
            }
        }
        if is_of_compiler {
            words.push("--compiler".into());
            words.push(unit.map_or(none, |unit| unit.after.clone()).into());
        }
        if command == "list"
            && let Some(unit) = unit
            && !own.iter().any(|word| word.starts_with("--crate"))
        {
            words.extend(["--crate".into(), unit.name.as_str().into()]);
        }
        (program.parse)(words).map_err(|error| report::misuse(&error))
    };
    let checks_all = command == "check" && function.is_none();
    // Before anything is built.
    let _ = parse(None)?;
    let folder = here();
    let chosen = Chosen::new(compiler, enzyme, &found.cargo, &folder)?;
    let mut units = chosen.linked()?;
    let has_programs = !units.is_empty();
    // A program has what it uses of a library, and not the rest.
    if checks_all || !has_programs {
        units.extend(chosen.libraries()?);
    }
    if units.is_empty() {
        return Err(NightlyError::NothingLinked.into());
    }
    if checks_all {
        let mut modules = Vec::new();
        for unit in &units {
            let module = load::load(&unit.before, None, None, global.limits())?;
            let mut ad = requested::of_compiler();
            ad.enzyme.clone_from(&unit.enzyme);
            modules.push((unit.name.clone(), module, ad));
        }
        let is_json = own.iter().any(|word| word == "--json");
        return requested::run(&modules, is_json, global);
    }
    let Some(function) = function else {
        let mut code = exit::DONE;
        for unit in &units {
            if units.len() > 1 {
                say(&format!("{} ({})\n", unit.name, unit.kind));
            }
            code = code.max(parse(Some(unit))?()?);
        }
        return Ok(code);
    };
    let mut missing = None;
    let mut has_libraries = !has_programs;
    for at in 0.. {
        if at == units.len() && !has_libraries {
            units.extend(chosen.libraries()?);
            has_libraries = true;
        }
        let Some(unit) = units.get(at) else { break };
        match names(unit, &function, global)? {
            Ok(()) => return parse(Some(unit))?(),
            Err(error @ NameError::Ambiguous { .. }) => {
                return Err(name_failure(&error, &unit.name));
            }
            Err(error) => {
                missing = missing.or(Some(name_failure(
                    &error,
                    &format!("what rustc hands to Enzyme of {}", unit.name),
                )))
            }
        }
    }
    Err(missing.unwrap_or_else(|| NightlyError::NothingLinked.into()))
}

/// Whether a module has a function, or a request, of that name.
fn names(unit: &Unit, function: &str, global: &Global) -> Result<Result<(), NameError>, Failure> {
    let module = load::load(&unit.before, None, None, global.limits())?;
    Ok(resolve(module.index(), function).map(|_| ()))
}

/// The value of a flag.
fn value(flags: &[String], name: &str) -> Option<String> {
    flags
        .iter()
        .enumerate()
        .find_map(|(at, flag)| match flag == name {
            true => flags.get(at + 1).cloned(),
            false => Some(flag.strip_prefix(name)?.strip_prefix('=')?.to_owned()),
        })
}
