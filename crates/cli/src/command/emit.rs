//! `irad emit`: the derivative as code of its own.

use std::fs;
use std::path::{Path, PathBuf};

use diff_view::Tone;
use serde_json::json;
use trace::{Emission, Emitted, Mode, OutputKind, Pipeline, Signature, Trace, Verdict, enzyme};

use crate::args::ad::AdArgs;
use crate::args::checking::CheckingArgs;
use crate::args::function::FunctionArgs;
use crate::args::guard::GuardArgs;
use crate::args::mode::ModeName;
use crate::args::slicing::SlicingArgs;
use crate::binding;
use crate::exit;
use crate::failure::Failure;
use crate::heading;
use crate::input;
use crate::output::{Global, print_json, say, write_file};
use crate::verdict;
use session::files;
use session::mode;
use session::module::Module;
use session::request;
use session::verdict::ask_and_check;

/// Writes the derivative as code that exports it and nothing else, to be linked beside the object that
/// rustc makes of the same source, and a Rust declaration of it.
///
/// The exported function takes and returns what C and Rust pass alike. Each parameter with a shadow is
/// followed by it; a slice is its pointer, the shadow, and one length. After the parameters comes the
/// seed, if the result is active. More than one result is stored where the first parameter points.
#[derive(clap::Args)]
#[command(
    mut_arg("cleanup", |argument| argument.default_value("o3")),
    mut_arg("panics", |argument| argument.default_value("keep")),
    after_help = "\
Examples:
  irad emit model.ll --fn loss --mode reverse -o d_loss.o --binding d_loss.rs
  irad emit model.ll --fn loss --mode forward -o jvp.s --name loss_jvp --target-cpu native
  irad emit model.ll --fn loss --mode reverse -o -"
)]
pub struct Args {
    /// LLVM IR: `.ll`, `.bc`, or `-` for standard input.
    pub file: PathBuf,
    #[command(flatten)]
    pub function: FunctionArgs,
    /// What derivative.
    #[arg(long, value_enum, value_name = "MODE")]
    pub mode: Option<ModeName>,
    /// Where to write, and by its end what: `.ll` text, `.bc` bitcode, `.o` an object, `.s` assembly;
    /// `-` is text on standard output.
    #[arg(short, long, value_name = "OUT")]
    pub output: PathBuf,
    /// The symbol that is exported; `d_` and the function's name if not given.
    #[arg(long, value_name = "SYMBOL")]
    pub name: Option<String>,
    /// Write a Rust declaration of it there, with its contract; `-` is standard output.
    #[arg(long, value_name = "OUT.rs")]
    pub binding: Option<PathBuf>,
    /// The processor to compile for, by LLVM's name for it, or `native`; else what the input says.
    #[arg(long, value_name = "CPU")]
    pub target_cpu: Option<String>,
    /// How hard to optimise what Enzyme generated, and the code: 0 to 3; 3 if not given.
    #[arg(short = 'O', value_name = "LEVEL", conflicts_with = "cleanup", value_parser = clap::value_parser!(u8).range(0..=3))]
    pub level: Option<u8>,
    /// Write a derivative that was found to be wrong, too. The binding says so.
    #[arg(long)]
    pub unchecked: bool,
    /// Which module of a dump that holds several, from 1.
    #[arg(long, value_name = "N")]
    pub module: Option<usize>,
    #[command(flatten)]
    pub ad: AdArgs,
    #[command(flatten)]
    pub checking: CheckingArgs,
    #[command(flatten)]
    pub guard: GuardArgs,
    #[command(flatten)]
    pub slicing: SlicingArgs,
    /// Describe what was written as one JSON document.
    #[arg(long)]
    pub json: bool,
}

/// Runs it.
pub fn run(args: &Args, global: &Global) -> Result<u8, Failure> {
    let kind = kind(&args.output)?;
    places(args)?;
    let (mut module, name) =
        input::function(&args.file, args.module, args.function.name()?, global)?;
    let mode = mode::chosen(&module, &name.symbol, args.mode.map(Mode::from))?;
    let symbol = match &args.name {
        Some(symbol) => symbol.clone(),
        None => default_symbol(&name.symbol),
    };
    check_symbol(&symbol, &module, args.name.is_some())?;
    let mut ad = args.ad.resolve(mode, &module)?;
    if ad.split {
        return Err(Failure::usage(
            "usage",
            "--split gives two functions with a tape between them, and emit writes one function",
        )
        .help("leave --split away: the derivative is then one function, without a tape"));
    }
    args.slicing.cut(&mut module, &[&name.symbol], &args.ad)?;
    match args.level {
        None | Some(3) => {}
        Some(level) => ad.cleanup = Pipeline::Text(format!("default<O{level}>")),
    }
    let emission = Emission {
        symbol,
        kind,
        cpu: args.target_cpu.clone(),
        level: args.level.unwrap_or(3),
    };
    let request = request::emit(&module, &name.symbol, ad, emission, global.limits());
    let mut checking = args.checking.checking()?;
    if let Some(checking) = &mut checking {
        checking.check.unguarded = args.guard.unguarded;
    }
    let answer = ask_and_check(&request, &module, checking.as_ref())?;
    let trace = answer.trace;
    if let Some(verdict) = &trace.verdict
        && verdict.is_wrong()
        && !args.unchecked
    {
        return Err(wrong(verdict, args, mode));
    }
    let (Some(emitted), Some(signature), Some(code)) =
        (&trace.emitted, &trace.signature, answer.module)
    else {
        return Err(Failure::usage(
            "engine",
            "the engine answered without an object",
        ));
    };
    write_file(&args.output, &code, &[&args.file])?;
    let mut written = vec![(args.output.as_path(), kind.to_string(), code.len())];
    if let Some(path) = &args.binding {
        let mut warnings = heading::warnings(&trace);
        if let Some(verdict) = trace
            .verdict
            .as_ref()
            .filter(|verdict| verdict.is_doubtful())
        {
            warnings.push(format!("{}: {verdict}", verdict.label()));
        }
        let text = binding::text(emitted, signature, &warnings);
        write_file(path, text.as_bytes(), &[&args.file])?;
        written.push((path, "its Rust declaration".to_owned(), text.len()));
    }
    if args.json {
        print_json("emit", document(&trace, emitted, signature, &written))?;
    } else {
        report(&trace, emitted, &written, args, global)?;
    }
    Ok(exit::DONE)
}

/// A derivative that is wrong is not written.
fn wrong(verdict: &Verdict, args: &Args, mode: Mode) -> Failure {
    let mut failure = Failure::usage("wrong", format!("the derivative is {verdict}"))
        .note("nothing was written")
        .help(format!(
            "irad check {} --fn {} --mode {} --for emit shows the comparison; docs/limits.md lists what is known to go wrong",
            args.file.display(),
            args.function.given().unwrap_or_default(),
            mode
        ))
        .help("--unchecked writes it all the same");
    failure.code = exit::DIFFERS;
    failure
}

/// What an output's name says that it is.
fn kind(path: &Path) -> Result<OutputKind, Failure> {
    if path == Path::new("-") {
        return Ok(OutputKind::Text);
    }
    match path.extension().and_then(|end| end.to_str()) {
        Some("ll") => Ok(OutputKind::Text),
        Some("bc") => Ok(OutputKind::Bitcode),
        Some("o") => Ok(OutputKind::Object),
        Some("s") => Ok(OutputKind::Assembly),
        found => Err(Failure::usage(
            "write",
            match found {
                Some(end) => format!("{} ends in .{end}, which irad does not write", path.display()),
                None => format!("{} does not say by its end what to write", path.display()),
            },
        )
        .help("the name ends in .ll (LLVM's text), .bc (bitcode), .o (an object) or .s (assembly); - is text on standard output")),
    }
}

/// Says what is wrong with the places to write to before any work is done.
fn places(args: &Args) -> Result<(), Failure> {
    let inputs = [args.file.as_path()];
    let output = files::check(&args.output, &inputs)?;
    let Some(path) = &args.binding else {
        return match args.json && output == Path::new("-") {
            true => Err(two_on_stdout("the code", "the JSON document")),
            false => Ok(()),
        };
    };
    let binding = files::check(path, &inputs)?;
    let is_stdout = |path: &Path| path == Path::new("-");
    match (is_stdout(&output), is_stdout(&binding), args.json) {
        (true, true, _) => return Err(two_on_stdout("the code", "the declaration")),
        (true, _, true) => return Err(two_on_stdout("the code", "the JSON document")),
        (_, true, true) => return Err(two_on_stdout("the declaration", "the JSON document")),
        _ => {}
    }
    if same(&output, &binding) {
        return Err(Failure::usage(
            "write",
            format!(
                "-o and --binding both name {}: one would replace the other",
                path.display()
            ),
        )
        .help("the binding is Rust source: name it .rs"));
    }
    Ok(())
}

/// True for two ways to write one path, whether or not there is a file.
fn same(left: &Path, right: &Path) -> bool {
    let place = |path: &Path| {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        (
            fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned()),
            path.file_name().map(ToOwned::to_owned),
        )
    };
    place(left) == place(right)
}

fn two_on_stdout(first: &str, second: &str) -> Failure {
    Failure::usage(
        "write",
        format!("{first} and {second} cannot both go to standard output"),
    )
    .help("give one of them a file")
}

/// `d_loss` for `model::loss`.
fn default_symbol(symbol: &str) -> String {
    let path = ir_load::demangle(symbol);
    let last = path.rsplit("::").next().unwrap_or(&path);
    let mut name = String::from("d_");
    for c in last.chars() {
        if c.is_ascii_alphanumeric() {
            name.push(c);
        } else if !name.ends_with('_') {
            name.push('_');
        }
    }
    name
}

/// A name that linkers, assemblers and C take, and that is free.
fn check_symbol(symbol: &str, module: &Module, is_given: bool) -> Result<(), Failure> {
    let flag = "--name takes letters, digits, `_`, `$` and `.`, and does not begin with a digit";
    let mut letters = symbol.chars();
    let begins = letters
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || "_$.".contains(c));
    if !begins || !letters.all(|c| c.is_ascii_alphanumeric() || "_$.".contains(c)) {
        return Err(
            Failure::usage("symbol", format!("{symbol:?} is no name for a symbol")).help(flag),
        );
    }
    if ["llvm.", enzyme::RESERVED, enzyme::MARKER]
        .iter()
        .any(|prefix| symbol.starts_with(prefix))
    {
        return Err(Failure::usage(
            "symbol",
            format!("{symbol} means something to LLVM or Enzyme"),
        )
        .help("choose another name: --name NAME"));
    }
    if module
        .index()
        .symbols()
        .any(|taken| *taken == *symbol.as_bytes())
    {
        let failure = Failure::usage(
            "symbol",
            format!(
                "{} has a symbol {symbol} of its own, and two of one name do not link",
                module.origin
            ),
        );
        return Err(match is_given {
            true => failure.help("choose another name: --name NAME"),
            false => failure.help(format!("choose a name: --name {symbol}_by_irad")),
        });
    }
    Ok(())
}

fn document(
    trace: &Trace,
    emitted: &Emitted,
    signature: &Signature,
    written: &[(&Path, String, usize)],
) -> serde_json::Value {
    json!({
        "name": ir_load::demangle(&signature.function),
        "symbol": signature.function,
        "exports": [emitted.interface.symbol],
        "needs": emitted.needs,
        "variables": emitted.variables,
        "interface": emitted.interface,
        "declaration": binding::declaration(emitted, signature),
        "signature": signature,
        "verdict": verdict::json(trace.verdict.as_ref()),
        "warnings": heading::warnings(trace),
        "written": written
            .iter()
            .map(|(path, what, bytes)| json!({
                "path": path.to_string_lossy(),
                "what": what,
                "bytes": bytes,
            }))
            .collect::<Vec<_>>(),
        "toolchain": trace.toolchain,
    })
}

/// What was written, for people; on standard error where standard output is taken.
fn report(
    trace: &Trace,
    emitted: &Emitted,
    written: &[(&Path, String, usize)],
    args: &Args,
    global: &Global,
) -> Result<(), Failure> {
    let is_stdout = |path: &Path| path == Path::new("-");
    let is_taken = is_stdout(&args.output) || args.binding.as_deref().is_some_and(is_stdout);
    let mut canvas = match is_taken {
        true => global.stderr_canvas(),
        false => global.canvas(None),
    };
    let width = global.width().max(40);
    heading::paint(trace, width, &mut canvas);
    let signature = trace.signature.as_ref().expect("it was there before");
    for line in binding::declaration(emitted, signature).lines() {
        canvas.line(line, Tone::Plain.style());
    }
    for (path, what, bytes) in written {
        let place = match is_stdout(path) {
            true => "standard output".to_owned(),
            false => path.display().to_string(),
        };
        canvas.line(
            &format!("{place}: {what}, {bytes} bytes"),
            Tone::Added.style(),
        );
    }
    let needs: Vec<_> = emitted
        .needs
        .iter()
        // The binding defines them.
        .filter(|name| emitted.allocator.iter().all(|part| part.symbol != **name))
        .map(|name| ir_load::demangle(name))
        .collect();
    let needs = match needs.is_empty() {
        true => "it needs no other symbol".to_owned(),
        false => format!("it needs {}", needs.join(", ")),
    };
    canvas.paragraph(&needs, 0, width, Tone::Muted.style());
    match is_taken {
        true => say(&canvas.finish()),
        false => global.print(&canvas.finish())?,
    }
    Ok(())
}
