//! The command line's definition as shells, manuals and `--help` want it: with names completed from
//! the file, and with commands in groups.

use std::collections::BTreeSet;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use clap::builder::Resettable;
use clap::{Arg, ArgAction, Command, Id};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use ir_load::{Function, Index, Source, SourceKind};

use crate::command::cargo_words;
use session::load::load;
use trace::Limits;

/// What commands are for, in the order in which they are wanted. A command that stands in no group is
/// shown in the last one.
const GROUPS: [(&str, &[&str]); 5] = [
    ("Look at IR", &["list", "show", "opt"]),
    (
        "Differentiate",
        &[
            "diff", "passes", "explain", "check", "locate", "emit", "explore", "report",
        ],
    ),
    ("Find out why not", &["survey", "reduce"]),
    ("Projects and CI", &["cargo", "toolchain", "snap"]),
    ("irad itself", &["terms", "doctor", "completions", "man"]),
];

/// For parsing: `--help` shows commands in their groups instead of in one list.
pub fn grouped(plain: Command) -> Command {
    let mut text = String::new();
    let width = plain
        .get_subcommands()
        .map(|command| command.get_name().len())
        .max()
        .unwrap_or(0);
    let of_group = |names: &'static [&'static str], is_last: bool| {
        let shown = plain
            .get_subcommands()
            .filter(|command| !command.is_hide_set());
        let mut found: Vec<(usize, String)> = shown
            .filter_map(|command| {
                let name = command.get_name();
                let nowhere = !GROUPS.iter().any(|(_, names)| names.contains(&name));
                let at = names.iter().position(|other| *other == name);
                let at = at.or((is_last && nowhere).then_some(names.len()))?;
                let about = command
                    .get_about()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                Some((at, format!("  {name:width$}  {about}\n")))
            })
            .collect();
        found.sort();
        found.into_iter().map(|(_, line)| line).collect::<String>()
    };
    for (at, (title, names)) in GROUPS.iter().enumerate() {
        let lines = of_group(names, at + 1 == GROUPS.len());
        if !lines.is_empty() {
            text.push_str(&format!("{title}:\n{lines}\n"));
        }
    }
    plain
        .override_usage("irad [OPTIONS] <COMMAND>")
        .help_template(format!(
            "{{before-help}}{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{text}{{all-args}}{{after-help}}"
        ))
        .mut_subcommands(|command| command.hide(true).mut_args(takes_negative))
}

/// A flag that takes `-1` for a value that may be wrong, and not for a flag that is unknown.
fn takes_negative(argument: Arg) -> Arg {
    match argument.get_long().is_some() && argument.get_action().takes_values() {
        true => argument.allow_negative_numbers(true),
        false => argument,
    }
}

/// For completion: functions' names come from the file on the command line, those of `cargo irad` from what was built
/// last.
pub fn completed(plain: Command) -> Command {
    let plain = plain.mut_arg("theme", |theme| theme.add(ArgValueCompleter::new(themes)));
    let plain = plain.mut_subcommands(|command| {
        command.mut_args(
            |argument| match (argument.get_long(), argument.get_id().as_str()) {
                (Some("fn" | "against" | "inactive" | "manual"), _) | (None, "word") => {
                    argument.add(ArgValueCompleter::new(functions))
                }
                _ => argument,
            },
        )
    });
    match is_of_cargo() {
        true => Command::new("cargo").subcommand(of_cargo(plain)),
        false => plain,
    }
}

/// The command line that a shell wants to have completed; its own words stand before it.
fn begun() -> impl Iterator<Item = OsString> {
    env::args_os().skip_while(|word| word != "--").skip(1)
}

fn is_of_cargo() -> bool {
    begun()
        .next()
        .is_some_and(|program| Path::new(&program).file_name() == Some(OsStr::new("cargo")))
}

/// `cargo irad`: its commands take no file, and cargo's flags beside their own.
fn of_cargo(plain: Command) -> Command {
    let mut irad = Command::new("irad");
    for argument in plain.get_arguments() {
        irad = irad.arg(argument.clone());
    }
    for command in plain.get_subcommands() {
        let is_file = |argument: &&Arg| {
            argument.get_long().is_none() && matches!(argument.get_id().as_str(), "file" | "other")
        };
        if !command.get_arguments().any(|argument| is_file(&argument)) {
            continue;
        }
        // The definition lives as long as the process.
        let mut without = Command::new(&*command.get_name().to_owned().leak());
        if let Some(about) = command.get_about() {
            without = without.about(about.clone());
        }
        let mut taken = BTreeSet::new();
        let own = command.get_arguments().filter(|each| !is_file(each));
        for argument in own {
            taken.extend(argument.get_long().map(str::to_owned));
            // What it conflicts with or needs may be what is left out.
            let argument = argument.clone();
            let none = || Resettable::<Id>::Reset;
            without = without.arg(argument.conflicts_with(none()).requires(none()));
        }
        for (name, has_value) in cargo_words::long_flags() {
            let action = match has_value {
                true => ArgAction::Append,
                false => ArgAction::SetTrue,
            };
            let is_global = plain
                .get_arguments()
                .any(|own| own.get_long() == Some(name));
            if !is_global && taken.insert(name.to_owned()) {
                let id = &*format!("cargo {name}").leak();
                without = without.arg(Arg::new(id).long(name).action(action));
            }
        }
        irad = irad.subcommand(without);
    }
    irad
}

fn themes(current: &OsStr) -> Vec<CompletionCandidate> {
    let current = current.to_string_lossy();
    let names = crate::output::theme_names().into_iter();
    names
        .filter(|name| name.starts_with(&*current))
        .map(CompletionCandidate::new)
        .collect()
}

/// The names of the functions in the file that the command line names, as `--fn` takes them.
fn functions(current: &OsStr) -> Vec<CompletionCandidate> {
    let current = current.to_string_lossy();
    let found = match is_of_cargo() {
        true => built_last().and_then(|file| names(&file)),
        false => begun().find_map(|file| names(Path::new(&file))),
    };
    let Some(names) = found else {
        return Vec::new();
    };
    names
        .into_iter()
        .filter(|(name, _)| name.starts_with(&*current))
        .map(|(name, path)| {
            let help = (name != path).then(|| path.into());
            CompletionCandidate::new(name).help(help)
        })
        .collect()
}

/// The IR that `cargo irad` made last of the crate around this folder.
fn built_last() -> Option<PathBuf> {
    let target = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let here = env::current_dir().ok()?;
    let mut targets = target
        .into_iter()
        .chain(here.ancestors().map(|at| at.join("target")));
    let profiles = targets.find_map(|target| fs::read_dir(target.join("irad")).ok())?;
    let modules = profiles
        .flatten()
        .filter_map(|profile| fs::read_dir(profile.path().join("deps")).ok())
        .flat_map(|files| files.flatten())
        .map(|file| file.path())
        .filter(|path| path.extension().is_some_and(|end| end == "ll"));
    modules.max_by_key(|path| path.metadata().and_then(|about| about.modified()).ok())
}

/// What functions of a file are called by: the end of a path where there is only one like it, and
/// every whole path.
fn names(path: &Path) -> Option<Vec<(String, String)>> {
    if !path.is_file() {
        return None;
    }
    let source = Source::read(path).ok()?;
    let mut paths: Vec<String> = match source.kind {
        SourceKind::Trace => return None,
        SourceKind::Bitcode => {
            let limits = Limits {
                seconds: PATIENCE,
                ..Limits::default()
            };
            defined(load(path, None, None, limits).ok()?.index())
        }
        _ => (1..=source.module_count())
            .filter_map(|number| source.module(number).ok())
            .flat_map(|module| defined(&Index::of(&module)))
            .collect(),
    };
    paths.sort();
    paths.dedup();
    let last = |path: &str| path.rsplit("::").next().unwrap_or(path).to_owned();
    let mut found = Vec::new();
    for path in &paths {
        let end = last(path);
        let is_only = paths.iter().filter(|other| last(other) == end).count() == 1;
        if is_only && end != *path && !end.contains(['<', '>', '{']) {
            found.push((end, path.clone()));
        }
    }
    found.extend(paths.iter().map(|path| (path.clone(), path.clone())));
    Some(found)
}

/// How many seconds a completion may take.
const PATIENCE: u64 = 5;

fn defined(index: &Index<'_>) -> Vec<String> {
    let is_meant = |function: &&Function| function.is_defined;
    let functions = index.functions().iter().filter(is_meant);
    functions.map(|function| function.path.clone()).collect()
}
