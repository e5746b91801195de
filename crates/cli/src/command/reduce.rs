//! `irad reduce`: the smallest module that still fails in the same way.

use std::env;
use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use diff_view::Tone;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use tempfile::TempDir;
use trace::{Diagnosis, Kind, Limits, Mode, Watch};

use crate::args::ad::AdArgs;
use crate::args::function::FunctionArgs;
use crate::args::mode::ModeName;
use crate::exit;
use crate::failure::Failure;
use crate::output::{Global, print_json, write_file};
use session::ask::ask;
use session::files;
use session::hear::hear;
use session::load;
use session::mode;
use session::module::Module;
use session::request;
use session::shell::quoted;
use session::tools::reducer;

/// Writes the smallest module that still fails in the same way, and the `opt` command that shows it:
/// a report that Enzyme's authors can run without irad.
///
/// The function is prepared and called through Enzyme's pass; then llvm-reduce takes away what is not
/// needed for the failure. What is written has failed in the same way when it was run last.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  irad reduce chain.ll --fn loss --mode reverse -o case.ll")]
pub struct Args {
    /// LLVM IR: `.ll`, `.bc`, or `-` for standard input.
    pub file: PathBuf,
    #[command(flatten)]
    pub function: FunctionArgs,
    /// Forward or reverse.
    #[arg(long, value_enum, value_name = "MODE")]
    pub mode: Option<ModeName>,
    /// Where to write the case.
    #[arg(short, long, value_name = "OUT.ll")]
    pub output: PathBuf,
    /// Which module of a dump that holds several, from 1.
    #[arg(long, value_name = "N")]
    pub module: Option<usize>,
    /// Stop reducing after this many seconds, and keep the smallest case so far.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(0..=31_536_000))]
    pub patience: u64,
    /// One JSON document instead of text.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub ad: AdArgs,
}

/// Whether a file still fails in the same way; llvm-reduce asks.
#[derive(clap::Args)]
pub struct TestArgs {
    /// The folder that the reduction works in.
    pub folder: PathBuf,
    /// The candidate.
    pub candidate: PathBuf,
}

/// Names of what lies in the folder of a reduction.
const CASE: &str = "case.ll";
const BEST: &str = "best.ll";
const WANTED: &str = "wanted";
const OPTIONS: &str = "options";
const OWNER: &str = "owner";

/// Runs it.
pub fn run(args: &Args, global: &Global) -> Result<u8, Failure> {
    let module = load::load(
        &args.file,
        args.module,
        Some(args.function.name()?),
        global.limits(),
    )?;
    global.warn(&module.warnings());
    files::check(&args.output, &[&args.file])?;
    let options = args.ad.options.llvm_options();
    let case = case(args, &module, global)?;
    let Some(wanted) = fails_like(&case, &options, global.limits())? else {
        return Err(nothing_fails(args, &module, global));
    };

    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // Without the flag an interrupt would leave the folder behind.
        signal_hook::flag::register(signal, Arc::clone(&interrupted))
            .map_err(|error| wrong("hear interrupts", Path::new("a signal"), &error))?;
    }
    let folder =
        tempfile::tempdir().map_err(|error| wrong("make a folder in", &env::temp_dir(), &error))?;
    write(&folder.path().join(CASE), &case)?;
    write(&folder.path().join(WANTED), wanted.as_bytes())?;
    write(&folder.path().join(OPTIONS), options.join("\n").as_bytes())?;
    let own = std::process::id().to_string();
    write(&folder.path().join(OWNER), own.as_bytes())?;
    let reducer = reducer();
    match &reducer {
        Some(reducer) => reduce(reducer, &folder, args.patience, &interrupted, global)?,
        None => global.warn(&[
            "llvm-reduce was not found, so the case is whole: apt-get install llvm-22, or set LLVM_REDUCE to where it is".to_owned(),
        ]),
    }
    if interrupted.load(Ordering::Relaxed) {
        return Err(Failure {
            code: exit::INTERRUPTED,
            ..Failure::usage("interrupted", "interrupted; nothing was written")
        });
    }
    let best = folder.path().join(BEST);
    let reduced = if best.exists() {
        best
    } else {
        folder.path().join(CASE)
    };
    let text = fs::read(&reduced).map_err(|error| wrong("read", &reduced, &error))?;
    // Only what was seen to fail just now is claimed to.
    let seen = fails_like(&text, &options, global.limits())?;
    if seen.as_deref() != Some(wanted.as_str()) {
        return Err(Failure {
            code: exit::CRASHED,
            ..Failure::usage(
                "reduce",
                "the reduced case does not fail any more, so it was not written",
            )
        }
        .note(format!("it should say: {wanted}")));
    }
    let command = opt_command(&args.output, &options);
    let mut out = format!("; {command}\n; {wanted}\n").into_bytes();
    out.extend_from_slice(&text);
    write_file(&args.output, &out, &[&args.file])?;
    if args.output == Path::new("-") {
        return Ok(exit::DONE);
    }
    show(
        args,
        &case,
        &text,
        &command,
        &wanted,
        reducer.is_some(),
        global,
    )
}

/// The prepared module with a call of Enzyme's pass.
fn case(args: &Args, module: &Module, global: &Global) -> Result<Vec<u8>, Failure> {
    let name = module.resolve(args.function.name()?)?;
    let ad = args.ad.resolve(
        mode::chosen(module, &name.symbol, args.mode.map(Mode::from))?,
        module,
    )?;
    let request = request::case(module, &name.symbol, ad, global.limits());
    let answer = ask(&request, module)?;
    Ok(answer.module.unwrap_or_default())
}

/// How Enzyme's pass fails on a module, in words that stay the same while it gets smaller; none
/// when it does not fail.
fn fails_like(text: &[u8], options: &[String], limits: Limits) -> Result<Option<String>, Failure> {
    let module = Module::from_bytes("case.ll", text.to_vec());
    let request = request::optimise(
        "case.ll".to_owned(),
        "enzyme".to_owned(),
        false,
        options.to_vec(),
        limits,
    );
    let (answer, end) = hear(&request, &module, &mut |_| {})?;
    Ok(match (&answer.trace.failure, end) {
        (Some(diagnosis), _) => refusal(diagnosis),
        (None, Some(ended)) => Some(ended.to_string()),
        (None, None) => None,
    })
}

/// What a diagnosis says apart from what is in the module. Invalid IR is another failure than any
/// that is looked for.
fn refusal(diagnosis: &Diagnosis) -> Option<String> {
    if matches!(
        diagnosis.kind,
        Kind::Parse | Kind::Verify | Kind::Pipeline | Kind::Option
    ) {
        return None;
    }
    let message = diagnosis.message.to_string();
    let first = message.lines().next().unwrap_or_default();
    // What LLVM puts before it names the function, which gets smaller too.
    let first = first.split(": Enzyme: ").last().unwrap_or(first);
    let end = first.find("   ").unwrap_or(first.len());
    let place = diagnosis.notes.first().map(ToString::to_string);
    let place = place.unwrap_or_default();
    Some(format!("{} {place}", first[..end].trim()).trim().to_owned())
}

/// What irad makes of the request.
fn derivative(args: &Args, module: &Module, global: &Global) -> Result<(), Failure> {
    let name = module.resolve(args.function.name()?)?;
    let ad = args.ad.resolve(
        mode::chosen(module, &name.symbol, args.mode.map(Mode::from))?,
        module,
    )?;
    let request = request::differentiate(module, &name.symbol, ad, Watch::Points, global.limits());
    ask(&request, module)?;
    Ok(())
}

/// The request succeeds, or is refused by irad alone.
fn nothing_fails(args: &Args, module: &Module, global: &Global) -> Failure {
    let refused = derivative(args, module, global);
    match refused {
        Ok(_) => Failure::usage(
            "nothing_fails",
            "there is nothing to reduce: Enzyme accepts this",
        )
        .help("irad diff shows the derivative"),
        // Neither refused nor accepted: that is what there is to say.
        Err(failure) if failure.code == exit::CRASHED => failure,
        Err(failure) => Failure {
            code: exit::REFUSED,
            ..Failure::usage(
                "nothing_fails",
                "there is nothing to reduce: Enzyme's pass goes on where irad refuses",
            )
        }
        .note(format!("irad says: {}", failure.title))
        .note("there it is a warning at most, and the derivative may be wrong".to_owned())
        .help("irad diff says why it is refused, and what gets past it"),
    }
}

fn reduce(
    reducer: &Path,
    folder: &TempDir,
    patience: u64,
    interrupted: &AtomicBool,
    global: &Global,
) -> Result<(), Failure> {
    let own = env::current_exe().map_err(|error| wrong("find", Path::new("irad"), &error))?;
    let limits = global.limits();
    let argument = |text: &str| format!("--test-arg={text}");
    let mut child = Command::new(reducer)
        .arg(format!("--test={}", own.display()))
        .args([
            argument("--timeout"),
            argument(&limits.seconds.min(10).to_string()),
            argument("--memory"),
            argument(&limits.memory_mib.to_string()),
            argument("still-fails"),
            argument(&folder.path().display().to_string()),
        ])
        .args(["-j", "2", "--abort-on-invalid-reduction=false", "-o"])
        .arg(folder.path().join("reduced.ll"))
        .arg(folder.path().join(CASE))
        .env("TMPDIR", folder.path())
        .current_dir(folder.path())
        // A group of its own, to be ended with the tests that it runs.
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| wrong("run", reducer, &error))?;
    let deadline = Instant::now() + Duration::from_secs(patience);
    loop {
        match child.try_wait() {
            Ok(None) if interrupted.load(Ordering::Relaxed) || Instant::now() >= deadline => {
                return stop(&mut child);
            }
            Ok(None) => thread::sleep(Duration::from_millis(20)),
            // Whatever became of it, the smallest case that failed was kept.
            _ => return Ok(()),
        }
    }
}

fn stop(child: &mut Child) -> Result<(), Failure> {
    use nix::sys::signal::{Signal, killpg};
    use nix::unistd::Pid;
    if let Ok(id) = i32::try_from(child.id()) {
        let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
    }
    let _ = child.wait();
    Ok(())
}

/// Runs the test: exit code 0 when the candidate fails as it should.
pub fn still_fails(args: &TestArgs, global: &Global) -> Result<u8, Failure> {
    let read = |path: &Path| fs::read(path).map_err(|error| wrong("read", path, &error));
    // Whoever asked for this may be gone without having said so; then nothing is worth a try.
    let owner = String::from_utf8_lossy(&read(&args.folder.join(OWNER))?).into_owned();
    if !Path::new("/proc").join(owner).exists() {
        let _ = fs::remove_dir_all(&args.folder);
        return Ok(exit::DIFFERS);
    }
    let wanted = read(&args.folder.join(WANTED))?;
    let options = String::from_utf8_lossy(&read(&args.folder.join(OPTIONS))?).into_owned();
    let options: Vec<String> = options.lines().map(str::to_owned).collect();
    let text = read(&args.candidate)?;
    let seen = fails_like(&text, &options, global.limits())?;
    if seen.is_none_or(|seen| seen.as_bytes() != wanted) {
        return Ok(exit::DIFFERS);
    }
    let best = args.folder.join(BEST);
    let is_smaller = fs::metadata(&best).map_or(true, |found| found.len() > text.len() as u64);
    if is_smaller {
        let partial = args.folder.join(format!("best-{}", std::process::id()));
        write(&partial, &text)?;
        fs::rename(&partial, &best).map_err(|error| wrong("write", &best, &error))?;
    }
    Ok(exit::DONE)
}

/// What shows the failure without irad.
fn opt_command(output: &Path, options: &[String]) -> String {
    let options: String = options
        .iter()
        .map(|option| format!(" {}", quoted(option)))
        .collect();
    format!(
        "opt-22 -load-pass-plugin=LLVMEnzyme-22.so -passes=enzyme{options} -disable-output {}",
        quoted(&output.display().to_string())
    )
}

fn show(
    args: &Args,
    case: &[u8],
    reduced: &[u8],
    command: &str,
    wanted: &str,
    was_reduced: bool,
    global: &Global,
) -> Result<u8, Failure> {
    let (before, after) = (instructions(case), instructions(reduced));
    if args.json {
        print_json(
            "reduce",
            serde_json::json!({
                "output": args.output.display().to_string(),
                "fails_with": wanted,
                "command": command,
                "reduced": was_reduced,
                "instructions": { "before": before, "after": after },
            }),
        )?;
        return Ok(exit::DONE);
    }
    let mut canvas = global.canvas(None);
    canvas.line(
        &format!(
            "{}: {after} lines of IR, of {before} after preparing",
            args.output.display()
        ),
        Tone::Title.style(),
    );
    canvas.line(&format!("fails with: {wanted}"), Tone::Plain.style());
    canvas.line("without irad:", Tone::Plain.style());
    canvas.line(&format!("  {command}"), Tone::Added.style());
    canvas.line(
        "checked with irad opt, which runs the same pass; the plugin is Enzyme's own build",
        Tone::Muted.style(),
    );
    global.print(&canvas.finish())?;
    Ok(exit::DONE)
}

/// Lines of a module that are in a function's body.
fn instructions(text: &[u8]) -> usize {
    text.split(|&byte| byte == b'\n')
        .filter(|line| line.starts_with(b"  "))
        .count()
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes).map_err(|error| wrong("write", path, &error))
}

fn wrong(what: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::usage(what, format!("cannot {what} {}: {error}", path.display()))
}
