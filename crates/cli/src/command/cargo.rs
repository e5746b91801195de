//! `irad cargo`, which `cargo irad` is: builds a crate, then any command that takes a file.

use std::collections::HashMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use ir_load::{Index, NameError, resolve};
use session::build::{self, BuildError, Built, KEEP_EVERYTHING, Keeps};
use session::own::is_own;
use session::shell;
use session::uncompiled::{self, Why, Written};

use super::cargo_words::{Split, command_first, split};
use super::nightly;
use crate::args::function::{self, function_name};
use crate::exit;
use crate::failure::Failure;
use crate::output::{Global, say};
use crate::program::Program;
use crate::report;
use crate::words::load::name_failure;
use crate::words::uncompiled as words;
use trace::Cause;

/// Builds a crate with the flags that suit Enzyme, finds its IR, and runs a command on it.
///
/// A library comes alone, and linked with all that it uses where a derivative needs the bodies of other
/// crates; a binary, an example, a test or a benchmark always comes with all that is linked into it. Flags before `--` are those of `cargo rustc`: they choose package, crate, features, profile and
/// target. Without any it is the library of the package in this folder, in its release profile. Flags
/// behind `--` are those of irad's command, which is given the IR as its FILE. With `--against-profile`,
/// `diff` compares the function in two profiles: their checks of overflow, debug assertions and what is configured.
/// Both are compiled at the level that suits Enzyme.
///
/// With `+nightly` in front it is about what that compiler makes of `#[autodiff_…]`. Commands of cargo's (`build`,
/// `run`, `test`) get what rustc needs for that: an Enzyme, fat link-time optimisation, and `-Zautodiff=Enable`.
/// irad's are given the module that rustc hands to Enzyme, and do what rustc does: `--prepare given --cleanup none`.
/// A derivative is named as in the source. `check` without a function checks every derivative, and `diff --compiler`
/// compares the compiler's with irad's own.
#[derive(clap::Args)]
#[command(
    override_usage = "cargo irad <COMMAND> [FUNCTION] [FLAGS]... [-- <IRAD FLAGS>...]",
    after_help = "\
Examples:
  cargo irad list
  cargo irad diff energy
  cargo irad diff -p my-model --lib energy --mode reverse
  cargo irad diff energy --mode reverse --profile dev --against-profile release
  cargo irad passes --example show --features scaled -- --fn doubled --mode forward
  cargo irad +nightly run
  cargo irad +nightly check"
)]
pub struct Args {
    /// The command: `list`, `show`, `diff`, `passes` or any other that takes a FILE.
    #[arg(value_name = "COMMAND", allow_hyphen_values = true)]
    pub command: String,
    /// cargo's flags and irad's; behind `--` irad's alone.
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "FLAGS"
    )]
    pub flags: Vec<OsString>,
}

/// The words after `irad … cargo`: clap takes the first `--` out, and here it means something. Before the
/// command it means nothing.
fn line() -> Vec<String> {
    env::args_os()
        .skip_while(|word| word != "cargo")
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned())
        .skip_while(|word| word == "--")
        .collect()
}

/// True when JSON is wanted.
pub fn wants_json() -> bool {
    report::wants_json(line().into_iter())
}

/// Runs it.
pub fn run(args: &Args, global: &Global, program: &Program) -> Result<u8, Failure> {
    let line = line();
    if let Some(toolchain) = line.first().and_then(|word| word.strip_prefix('+')) {
        return nightly::run(toolchain, &line[1..], global, program);
    }
    if args.command == "toolchain" {
        let words = ["irad".to_owned()].into_iter().chain(line);
        let run = (program.parse)(words.map(OsString::from).collect());
        return run.map_err(|error| report::misuse(&error))?();
    }
    let line = command_first(&line, &(program.definition)());
    // Only flags were given: what is left says that a command is missing.
    let args = &Args {
        command: line.first().cloned().unwrap_or_default(),
        flags: args.flags.clone(),
    };
    if args.command.is_empty() || args.command.starts_with('-') {
        return Err(Failure::usage("usage", "which command?")
            .help("cargo irad list shows the crate's functions, and cargo irad diff NAME the derivative of one"));
    }
    let typed = line.clone();
    let (line, against) = against_profile(line)?;
    let Split {
        cargo: cargo_flags,
        own: own_flags,
        function,
    } = split(&line, &(program.definition)());
    let (cargo_flags, own_flags) = (&cargo_flags[..], &own_flags[..]);
    // Everything is checked before anything is built.
    check(args, own_flags, program)?;
    let folder = env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    if let Some(against) = against {
        let function = value(own_flags, "--fn").or(function);
        let profiles = Profiles {
            flags: cargo_flags,
            against: &against,
            typed: &typed,
        };
        return profiles.compare(args, function, own_flags, &folder, program);
    }
    let built = match build::build(cargo_flags, &folder, Keeps::AsUsual) {
        Ok(built) => built,
        // cargo has said it all; a document is wanted all the same where documents are read.
        Err(BuildError::Said) if !wants_json() => return Ok(exit::USAGE),
        Err(error) => return Err(not_built(error, &typed)),
    };
    let function = value(own_flags, "--fn").or(function);
    let Some(function) = function.filter(|name| name != "*") else {
        return run_on_all(args, &built, own_flags, global, program);
    };
    let linked =
        |module: &Path| with_bodies(args, module, &function, cargo_flags, &folder, program);
    if let Some(module) = defining(&built, &function)? {
        let module = linked(module)?;
        return run_on(args, &module, own_flags, program);
    }
    let is_kept_out = |written: &Written| !matches!(written.why, Why::Generic | Why::Excluded);
    let written = uncompiled::called(&function, &built.sources, &built.features);
    if written.iter().any(is_kept_out) {
        let again = build::build(cargo_flags, &folder, Keeps::Everything)?;
        if let Some(module) = defining(&again, &function)? {
            let why = written.iter().find(|each| is_kept_out(each));
            let why = why.map_or(String::new(), |each| {
                // Its condition holds, as there is code of it now.
                let why = match each.why {
                    Why::Conditional => "had no code of its own",
                    why => why.words(),
                };
                format!("{} ({}) {why}", each.name, each.place)
            });
            say(&format!(
                "note: {why}; irad built again with {}, which gives every function code of its own and changes nothing in it\n",
                KEEP_EVERYTHING.join(" ")
            ));
            let module = linked(module)?;
            return run_on(args, &module, own_flags, program);
        }
    }
    let error = named(&built.modules[0], &function)?;
    let Err(error) = error else {
        return run_on(args, &built.modules[0], own_flags, program);
    };
    let origin = format!("the IR of {}", built.name);
    Err(words::with_sources(
        name_failure(&error, &origin),
        &function,
        &built.sources,
        &built.features,
        "cargo irad list",
    ))
}

/// Why nothing was built. Of several packages, each is chosen with the same command.
fn not_built(error: BuildError, typed: &[String]) -> Failure {
    let BuildError::Virtual { members } = &error else {
        return error.into();
    };
    let (command, rest) = typed.split_first().expect("a command was given");
    let helps: Vec<String> = members
        .iter()
        .take(3)
        .map(|member| {
            let words = ["cargo", "irad", command, "-p", member].into_iter();
            let words = words.chain(rest.iter().map(String::as_str));
            words.map(shell::quoted).collect::<Vec<_>>().join(" ")
        })
        .collect();
    let mut failure = Failure::from(error);
    failure.help.clear();
    helps.into_iter().fold(failure, Failure::help)
}

/// The module in which the function has the bodies of what it calls: a library's own, or where other crates have
/// some of them and a command differentiates, one that is linked.
fn with_bodies(
    args: &Args,
    module: &Path,
    function: &str,
    cargo_flags: &[String],
    folder: &Path,
    program: &Program,
) -> Result<PathBuf, Failure> {
    let own = || Ok(module.to_owned());
    let definition = (program.definition)();
    let differentiates = definition
        .find_subcommand(&args.command)
        .is_some_and(|command| command.get_arguments().any(|each| each.get_id() == "mode"));
    if !differentiates {
        return own();
    }
    let source = ir_load::Source::read(module)?;
    let bytes = source.module(1)?;
    let index = Index::of(&bytes);
    let Ok(name) = resolve(&index, function) else {
        return own();
    };
    let needed = ir_load::elsewhere(&index, &name.symbol);
    let Some(first) = needed.first() else {
        return own();
    };
    let more = match needed.len() - 1 {
        0 => String::new(),
        1 => " and one more function".to_owned(),
        more => format!(" and {more} more functions"),
    };
    let what = format!("{function} needs {first}{more} of other crates");
    match build::build_linked(cargo_flags, folder) {
        Ok(Some(built)) if defining(&built, function)?.is_some() => {
            say(&format!(
                "note: {what}; irad built the library again, linked with them\n"
            ));
            Ok(built.modules[0].clone())
        }
        Ok(None) => own(),
        // What cargo has said stands above.
        Ok(Some(_)) | Err(_) => {
            say(&format!(
                "note: {what}, and the library could not be linked with them\n"
            ));
            own()
        }
    }
}

/// The module that a name means something in: of several units one defines it.
fn defining<'b>(built: &'b Built, function: &str) -> Result<Option<&'b PathBuf>, Failure> {
    for module in &built.modules {
        match named(module, function)? {
            Err(NameError::NotFound { .. } | NameError::Declared { .. }) => {}
            _ => return Ok(Some(module)),
        }
    }
    Ok(None)
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
        say(&words::list(&here, built));
    }
    Ok(code)
}

/// One crate in two profiles.
struct Profiles<'a> {
    /// cargo's flags, which name the profile on the left.
    flags: &'a [String],
    /// The profile on the right.
    against: &'a str,
    /// The words after `cargo irad`.
    typed: &'a [String],
}

impl Profiles<'_> {
    fn compare(
        &self,
        args: &Args,
        function: Option<String>,
        own_flags: &[String],
        folder: &Path,
        program: &Program,
    ) -> Result<u8, Failure> {
        let function = function_name(function.as_deref())?;
        let left = match build::profile(self.flags) {
            Some(profile) => profile.to_owned(),
            None => "release".to_owned(),
        };
        let mut modules = Vec::new();
        for profile in [left.as_str(), self.against] {
            let flags = build::with_profile(self.flags, profile);
            let built = match build::build(&flags, folder, Keeps::Everything) {
                Ok(built) => built,
                Err(BuildError::Said) if !wants_json() => return Ok(exit::USAGE),
                Err(error) => return Err(not_built(error, self.typed)),
            };
            let module = defining(&built, function)?.unwrap_or(&built.modules[0]);
            let module = with_bodies(args, module, function, &flags, folder, program)?;
            let called = called_by_profile(&module, profile, modules.first())?;
            modules.push(called);
        }
        let mut arguments = arguments(args, &modules[0], own_flags, "");
        arguments.insert(3, modules[1].clone().into());
        let run = (program.parse)(arguments).map_err(|error| report::misuse(&error))?;
        run()
    }
}

/// The same module in a file that is called by its profile, as titles show it, with the symbols of another one.
fn called_by_profile(
    module: &Path,
    profile: &str,
    like: Option<&PathBuf>,
) -> Result<PathBuf, Failure> {
    let read = |path: &Path| {
        fs::read_to_string(path).map_err(|error| {
            Failure::usage("open", format!("cannot read {}: {error}", path.display()))
        })
    };
    let mut text = read(module)?;
    if let Some(like) = like {
        text = with_symbols_of(&text, &read(like)?);
    }
    let called = module.with_file_name(format!("{profile}.ll"));
    fs::write(&called, text).map_err(|error| {
        Failure::usage(
            "write",
            format!("cannot write {}: {error}", called.display()),
        )
    })?;
    Ok(called)
}

/// A module with another one's symbols: two builds of a crate differ in the hash of each, and that is no difference.
fn with_symbols_of(text: &str, other: &str) -> String {
    let theirs = by_path(other);
    let renamed: HashMap<String, String> = by_path(text)
        .into_iter()
        .filter_map(|(path, symbol)| Some((symbol?, theirs.get(&path)?.clone()?)))
        .collect();
    ir_load::map_symbols(text, |word| match renamed.get(word) {
        Some(symbol) => symbol.clone().into(),
        None => word.into(),
    })
}

/// The symbols of a module by what they stand for; none where several stand for the same.
fn by_path(text: &str) -> HashMap<String, Option<String>> {
    let mut found = HashMap::new();
    for symbol in Index::of(text.as_bytes()).symbols() {
        let Ok(symbol) = std::str::from_utf8(&symbol) else {
            continue;
        };
        if let Some(path) = ir_load::demangle_path(symbol) {
            let known = found.entry(path);
            known
                .and_modify(|known| *known = None)
                .or_insert_with(|| Some(symbol.to_owned()));
        }
    }
    found
}

/// Takes the flag out that asks for a comparison of two profiles; only `diff` compares.
fn against_profile(line: Vec<String>) -> Result<(Vec<String>, Option<String>), Failure> {
    const FLAG: &str = "--against-profile";
    let mut rest = Vec::new();
    let mut against = None;
    let mut words = line.into_iter();
    while let Some(word) = words.next() {
        match word.strip_prefix(FLAG) {
            Some("") => against = Some(words.next().unwrap_or_default()),
            Some(value) if value.starts_with('=') => against = Some(value[1..].to_owned()),
            _ => rest.push(word),
        }
    }
    match &against {
        Some(profile) if profile.is_empty() || profile.starts_with('-') => {
            Err(Failure::usage("usage", format!("{FLAG} needs a profile"))
                .help(format!("{FLAG} dev compares with a debug build")))
        }
        Some(_) if rest.first().is_none_or(|command| command != "diff") => Err(Failure::usage(
            "usage",
            format!("{FLAG} is for cargo irad diff"),
        )
        .help("the other commands take one profile: --profile NAME")),
        _ => Ok((rest, against)),
    }
}

/// The arguments that the command is run with: its name, the file, the flags.
fn arguments(args: &Args, module: &Path, own_flags: &[String], name: &str) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["irad".into(), (&args.command).into(), module.into()];
    arguments.extend(own_flags.iter().map(OsString::from));
    let is_listed = matches!(args.command.as_str(), "list" | "survey");
    if is_listed && value(own_flags, "--crate").is_none() && !name.is_empty() {
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
    run().map_err(|mut failure| {
        if function::is_missing(&failure) {
            failure.help.clear();
            return match functions_of(module, &name) {
                Some(names) => failure.help(format!("its name stands behind {}: {names}", args.command)),
                None => failure,
            }
            .help("cargo irad list shows them all");
        }
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
fn check(args: &Args, own_flags: &[String], program: &Program) -> Result<(), Failure> {
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

/// The crate's own functions in a module, by their names: a few of them.
fn functions_of(module: &Path, own: &str) -> Option<String> {
    const FEW: usize = 6;
    let source = ir_load::Source::read(module).ok()?;
    let bytes = source.module(1).ok()?;
    let index = Index::of(&bytes);
    let names: Vec<String> = index
        .functions()
        .iter()
        .filter(|function| function.is_defined && is_own(own, function))
        .filter_map(|function| function.path.strip_prefix(own)?.strip_prefix("::"))
        .filter(|name| !name.contains("{{"))
        .map(|name| shell::quoted(name))
        .collect();
    let more = match names.len() > FEW {
        true => ", …",
        false => "",
    };
    let few = names.iter().take(FEW).cloned().collect::<Vec<_>>();
    (!few.is_empty()).then(|| format!("{}{more}", few.join(", ")))
}
