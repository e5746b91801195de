//! `irad doctor`: what irad is made of here, and what is missing.

use std::process::Command;

use diff_view::{Paint, Tone};
use serde_json::json;
use trace::{Task, Toolchain};

use crate::exit;
use crate::failure::Failure;
use crate::failure::Help;
use crate::output::{Global, print_json};
use session::ask::ask;
use session::engine;
use session::module::Module;
use session::request;
use session::tools::reducer;

/// Prints the versions of irad, LLVM, Enzyme and rustc, and says what is missing.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  irad doctor
  irad doctor --json")]
pub struct Args {
    /// One JSON document instead of text.
    #[arg(long)]
    pub json: bool,
}

/// Runs it. Something that is missing is reported, not failed over.
pub fn run(args: &Args, global: &Global) -> Result<u8, Failure> {
    let engine = engine::locate(None).map(|engine| engine.path.display().to_string());
    let toolchain = ask_engine(global, None);
    // Engines with other LLVMs stand beside the usual one.
    let others: Vec<(String, Toolchain)> = engine::installed()
        .into_iter()
        .filter(|other| Some(other.path.display().to_string()) != engine.as_ref().ok().cloned())
        .filter_map(|other| {
            let made_of = ask_engine(global, other.llvm).ok()?;
            Some((other.path.display().to_string(), made_of))
        })
        .collect();
    // Without an engine, that is what is wrong.
    let guard = toolchain.is_ok().then(|| try_guard(global));
    let rustc = rustc();
    let mut problems: Vec<String> = Vec::new();
    if let Err(failure) = &toolchain {
        problems.push(failure.title.clone());
        problems.extend(failure.help.iter().map(Help::text));
    }
    let toolchain = toolchain.unwrap_or_default();
    if let Some(Err(failure)) = &guard {
        problems.push(format!(
            "{}; irad check needs --unguarded here",
            failure.title
        ));
    }
    let is_guarded = matches!(guard, Some(Ok(())));
    if let Some((version, llvm)) = &rustc {
        let newest = others
            .last()
            .map_or(&toolchain.llvm, |(_, other)| &other.llvm);
        if !newest.is_empty() && ir_load::llvm_major(llvm) > ir_load::llvm_major(newest) {
            problems.push(format!(
                "{version} emits IR of LLVM {llvm}, but the engine reads LLVM {newest} and older{}",
                match ir_load::llvm_major(llvm) {
                    Some(23) => ": make engine-23 builds one that does",
                    _ => "",
                }
            ));
        }
    } else {
        problems.push("rustc was not found; irad needs it only to make IR".to_owned());
    }
    let reducer = reducer();
    if reducer.is_none() {
        problems.push(
            "llvm-reduce was not found: irad reduce writes its case whole (apt-get install llvm-22, or set LLVM_REDUCE)"
                .to_owned(),
        );
    }
    // Without an engine irad can do nothing that it is for.
    let code = match toolchain.llvm.is_empty() {
        true => exit::USAGE,
        false => exit::DONE,
    };
    if args.json {
        print_json(
            "doctor",
            json!({
                "engine": engine.ok(),
                "llvm": toolchain.llvm,
                "other_engines": others
                    .iter()
                    .map(|(path, other)| json!({ "engine": path, "llvm": other.llvm }))
                    .collect::<Vec<_>>(),
                "enzyme": toolchain.enzyme,
                "enzyme_origin": toolchain.enzyme_origin,
                "guard": is_guarded,
                "llvm_reduce": reducer,
                "rustc": rustc.as_ref().map(|(version, _)| version),
                "rustc_llvm": rustc.as_ref().map(|(_, llvm)| llvm),
                "problems": problems,
            }),
        )?;
        return Ok(code);
    }
    let mut canvas = global.canvas(None);
    let or_missing = |text: String| {
        if text.is_empty() {
            "missing".to_owned()
        } else {
            text
        }
    };
    for (what, found) in [
        ("irad", env!("CARGO_PKG_VERSION").to_owned()),
        ("engine", engine.unwrap_or_default()),
        (
            "LLVM",
            others
                .iter()
                .fold(toolchain.llvm.clone(), |all, (_, other)| {
                    format!("{all}, {}", other.llvm)
                }),
        ),
        (
            "Enzyme",
            match toolchain.enzyme_origin.is_empty() {
                true => toolchain.enzyme.clone(),
                false => format!("{} ({})", toolchain.enzyme, toolchain.enzyme_origin),
            },
        ),
        (
            "guard",
            match is_guarded {
                true => "a function under check can compute and print, and nothing else".to_owned(),
                false => String::new(),
            },
        ),
        (
            "llvm-reduce",
            reducer.map_or_else(String::new, |path| path.display().to_string()),
        ),
        (
            "rustc",
            rustc.as_ref().map(|(v, _)| v.clone()).unwrap_or_default(),
        ),
        (
            "rustc's LLVM",
            rustc.map(|(_, llvm)| llvm).unwrap_or_default(),
        ),
    ] {
        canvas.text(&format!("{what:<13} "), Tone::Title.style());
        canvas.line(&or_missing(found), Tone::Plain.style());
    }
    if problems.is_empty() {
        canvas.line("nothing is missing", Tone::Added.style());
    }
    for problem in problems {
        canvas.line(&problem, Tone::Warning.style());
    }
    global.print(&canvas.finish())?;
    Ok(code)
}

/// What the engine with this LLVM is made of, or the usual one.
fn ask_engine(global: &Global, llvm: Option<u32>) -> Result<Toolchain, Failure> {
    let module = Module::from_text("doctor", "source_filename = \"doctor\"\n").of_llvm(llvm);
    let request = request::request(&module, Task::Disassemble, global.limits());
    Ok(ask(&request, &module)?.trace.toolchain)
}

/// Whether this kernel can keep a function under check from doing more than to compute.
fn try_guard(global: &Global) -> Result<(), Failure> {
    let module = Module::from_text("doctor", "source_filename = \"doctor\"\n");
    let request = request::request(&module, Task::TryGuard, global.limits());
    Ok(ask(&request, &module).map(|_| ())?)
}

/// rustc's version and that of its LLVM.
fn rustc() -> Option<(String, String)> {
    let output = Command::new("rustc").arg("-vV").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text.lines().next()?.to_owned();
    let llvm = text
        .lines()
        .find_map(|line| line.strip_prefix("LLVM version: "))?;
    Some((version, llvm.to_owned()))
}
