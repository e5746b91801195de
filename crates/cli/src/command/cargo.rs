//! `irad cargo`, which `cargo irad` is: builds a crate, then any command that takes a file.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use ir_load::{Index, NameError, resolve};
use session::build::{self, BuildError, Built};

use crate::exit;
use crate::failure::Failure;
use crate::output::{Global, say};
use crate::program::Program;
use crate::report;
use crate::words::load::name_failure;
use crate::words::uncompiled;
use trace::Cause;

/// Builds a crate with the flags that suit Enzyme, finds its IR, and runs a command on it.
///
/// A library comes alone; a binary, an example, a test or a benchmark comes with all that is linked into
/// it. Flags before `--` are those of `cargo rustc`: they choose package, crate, features, profile and
/// target. Without any it is the library of the package in this folder, in its release profile. Flags
/// behind `--` are those of irad's command, which is given the IR as its FILE.
#[derive(clap::Args)]
#[command(
    override_usage = "cargo irad <COMMAND> [CARGO FLAGS]... [-- <IRAD FLAGS>...]",
    after_help = "\
Examples:
  cargo irad list
  cargo irad diff -p my-model --lib -- --fn energy --mode reverse
  cargo irad passes --example show --features scaled -- --fn doubled --mode forward"
)]
pub struct Args {
    /// The command: `list`, `show`, `diff`, `passes` or any other that takes a FILE.
    #[arg(value_name = "COMMAND")]
    pub command: String,
    /// cargo's flags, and behind `--` irad's.
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "FLAGS"
    )]
    pub flags: Vec<OsString>,
}

/// The words after `irad … cargo`: clap takes the first `--` out, and here it means something.
fn words() -> Vec<String> {
    env::args_os()
        .skip_while(|word| word != "cargo")
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned())
        .collect()
}

/// cargo's flags and irad's.
fn split(words: &[String]) -> (&[String], &[String]) {
    let flags = words.get(1..).unwrap_or_default();
    match flags.iter().position(|word| word == "--") {
        Some(at) => (&flags[..at], &flags[at + 1..]),
        None => (flags, &[]),
    }
}

/// True when JSON is wanted.
pub fn wants_json() -> bool {
    report::wants_json(split(&words()).1.iter().cloned())
}

/// Runs it.
pub fn run(args: &Args, global: &Global, program: &Program) -> Result<u8, Failure> {
    let words = words();
    let (cargo_flags, own_flags) = split(&words);
    // Everything is checked before anything is built.
    check(args, cargo_flags, own_flags, program)?;
    let folder = env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let built = match build::build(cargo_flags, &folder) {
        Ok(built) => built,
        // cargo has said it all; a document is wanted all the same where documents are read.
        Err(BuildError::Said) if !wants_json() => return Ok(exit::USAGE),
        Err(error) => return Err(error.into()),
    };
    let function = value(own_flags, "--fn");
    let Some(function) = function.filter(|name| name != "*") else {
        return run_on_all(args, &built, own_flags, global, program);
    };
    for module in &built.modules {
        match named(module, &function)? {
            // Of several units one defines it.
            Err(NameError::NotFound { .. } | NameError::Declared { .. }) => {}
            _ => return run_on(args, module, own_flags, program),
        }
    }
    let error = named(&built.modules[0], &function)?;
    let Err(error) = error else {
        return run_on(args, &built.modules[0], own_flags, program);
    };
    let origin = format!("the IR of {}", built.name);
    Err(uncompiled::with_sources(
        name_failure(&error, &origin),
        &function,
        &built.sources,
    ))
}

/// The function of that name in a module.
fn named(module: &Path, function: &str) -> Result<Result<ir_load::Name, NameError>, Failure> {
    let source = ir_load::Source::read(module)?;
    let bytes = source.module(1)?;
    Ok(resolve(&Index::of(&bytes), function))
}

fn run_on_all(
    args: &Args,
    built: &Built,
    own_flags: &[String],
    global: &Global,
    program: &Program,
) -> Result<u8, Failure> {
    if built.modules.len() > 1 {
        if wants_json() {
            return Err(Failure::usage(
                "units",
                format!("{} was compiled in {} parts", built.name, built.modules.len()),
            )
            .help("RUSTFLAGS or cargo's configuration asks for several codegen units: leave that away"));
        }
        global.warn(&[format!(
            "{} was compiled in {} parts, shown one after the other: RUSTFLAGS or cargo's configuration asks for several codegen units",
            built.name,
            built.modules.len()
        )]);
    }
    let mut code = exit::DONE;
    for module in &built.modules {
        code = code.max(run_on(args, module, own_flags, program)?);
    }
    if args.command == "list" && !wants_json() {
        let mut here = Vec::new();
        for module in &built.modules {
            let source = ir_load::Source::read(module)?;
            let bytes = source.module(1)?;
            let index = Index::of(&bytes);
            let defined = index.functions().iter().filter(|f| f.is_defined);
            here.extend(defined.map(|function| function.path.clone()));
        }
        say(&uncompiled::list(&here, &built.sources));
    }
    Ok(code)
}

/// The arguments that the command is run with: its name, the file, the flags.
fn arguments(args: &Args, module: &Path, own_flags: &[String], name: &str) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["irad".into(), (&args.command).into(), module.into()];
    arguments.extend(own_flags.iter().map(OsString::from));
    if args.command == "list" && value(own_flags, "--crate").is_none() && !name.is_empty() {
        arguments.extend(["--crate".into(), name.into()]);
    }
    arguments
}

fn run_on(
    args: &Args,
    module: &Path,
    own_flags: &[String],
    program: &Program,
) -> Result<u8, Failure> {
    let name = crate_of(module);
    let run = (program.parse)(arguments(args, module, own_flags, &name))
        .map_err(|error| report::misuse(&error))?;
    run().map_err(|failure| {
        let details = failure.details.as_ref();
        let is_elsewhere = details.is_some_and(|d| d.cause == Some(Cause::ExternalCall));
        if is_elsewhere {
            failure.help("or choose what is linked, with all that it uses: cargo irad with --bin, --example, --test or --bench")
        } else {
            failure
        }
    })
}

/// `my_crate` from `my_crate-0123456789abcdef.ll`.
fn crate_of(module: &Path) -> String {
    let file = module.file_name().unwrap_or_default().to_string_lossy();
    file.split('-').next().unwrap_or_default().to_owned()
}

/// What is wrong with the flags whatever the crate is.
fn check(
    args: &Args,
    cargo_flags: &[String],
    own_flags: &[String],
    program: &Program,
) -> Result<(), Failure> {
    let whole = (program.definition)();
    let definition = whole.find_subcommand(&args.command);
    if let Some(definition) = definition {
        let takes_file = definition
            .get_positionals()
            .any(|argument| argument.get_id() == "file");
        if !takes_file {
            return Err(Failure::usage(
                "usage",
                format!(
                    "irad {} takes no file, so there is nothing to build",
                    args.command
                ),
            )
            .help(format!("irad {}", args.command)));
        }
        let is_own = |flag: &&String| {
            let name = flag.split('=').next().unwrap_or_default();
            definition.get_arguments().any(|argument| {
                let is_cargos = argument.is_global_set() || argument.get_id() == "help";
                !is_cargos
                    && argument
                        .get_long()
                        .is_some_and(|long| name == format!("--{long}"))
            })
        };
        if let Some(flag) = cargo_flags.iter().find(is_own) {
            return Err(Failure::usage(
                "usage",
                format!("{flag} is a flag of irad's, and stands among cargo's"),
            )
            .help(format!(
                "irad's flags stand behind --: cargo irad {} [cargo's flags] -- {flag} …",
                args.command
            )));
        }
    }
    match (program.parse)(arguments(args, Path::new("crate.ll"), own_flags, "")) {
        Ok(_) => Ok(()),
        Err(error) => Err(report::misuse(&error)),
    }
}

/// The value of a flag.
fn value(flags: &[String], name: &str) -> Option<String> {
    let at = flags.iter().position(|flag| {
        flag == name
            || flag
                .strip_prefix(name)
                .is_some_and(|rest| rest.starts_with('='))
    })?;
    match flags[at].split_once('=') {
        Some((_, value)) if flags[at] != name => Some(value.to_owned()),
        _ => Some(flags.get(at + 1).cloned().unwrap_or_default()),
    }
}
