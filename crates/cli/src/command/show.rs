//! `irad show`: one function.

use std::path::PathBuf;

use diff_view::{Detail, Function, LineKind, Location, Paint, Show, Tone, layout};
use ir_load::Slice;
use serde_json::{Value, json};
use session::mode;
use session::request;
use trace::{Mode, Watch};

use crate::args::ad::AdArgs;
use crate::args::checking::CheckingArgs;
use crate::args::function::FunctionArgs;
use crate::args::mode::ModeName;
use crate::args::point::PointName;
use crate::args::slicing::SlicingArgs;
use crate::exit;
use crate::failure::Failure;
use crate::heading;
use crate::input;
use crate::output::{Global, print_json, say, write_file, write_stdout};
use crate::verdict;
use crate::view::{DetailArgs, Sources, paint_hidden, renamer};
use session::sides::sides_at;
use session::verdict::ask_and_check;

/// Shows one function as it stands in the file, or at a point of its differentiation, highlighted and
/// with names demangled.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  irad show model.ll --fn loss
  irad show model.ll --fn loss --mode reverse --at derivative
  irad show large.ll --fn loss --slice -o loss.ll")]
pub struct Args {
    /// LLVM IR: `.ll`, `.bc`, or `-` for standard input.
    pub file: PathBuf,
    #[command(flatten)]
    pub function: FunctionArgs,
    /// Differentiate it, and show a point of that.
    #[arg(long, value_enum, value_name = "MODE")]
    pub mode: Option<ModeName>,
    /// The point that is shown.
    #[arg(long, value_enum, value_name = "POINT")]
    pub at: Option<PointName>,
    /// Show the function with everything that it reaches, as a module of its own.
    #[arg(long, conflicts_with_all = ["mode", "at", "no_slice"])]
    pub slice: bool,
    /// Save that module.
    #[arg(short, long, value_name = "OUT", requires = "slice")]
    pub output: Option<PathBuf>,
    /// Give LLVM the whole module, however large it is.
    #[arg(long)]
    pub no_slice: bool,
    /// Which module of a dump that holds several, from 1.
    #[arg(long, value_name = "N")]
    pub module: Option<usize>,
    #[command(flatten)]
    pub ad: AdArgs,
    #[command(flatten)]
    pub checking: CheckingArgs,
    #[command(flatten)]
    pub detail: DetailArgs,
    /// Leave symbols as they are.
    #[arg(long)]
    pub raw_names: bool,
    /// One JSON document instead of text.
    #[arg(long)]
    pub json: bool,
}

/// Runs it.
pub fn run(args: &Args, global: &Global) -> Result<u8, Failure> {
    let (mut module, name) =
        input::function(&args.file, args.module, args.function.name()?, global)?;
    if args.slice {
        module.cut_to(&[&name.symbol])?;
        let slice = module.slice().expect("the function is there");
        return show_slice(args, &name.symbol, slice, global);
    }
    let mode = match args.mode.is_some() || args.at.is_some() {
        true => Some(mode::chosen(
            &module,
            &name.symbol,
            args.mode.map(Mode::from),
        )?),
        false => None,
    };
    if mode.is_some() {
        let slicing = SlicingArgs {
            always: false,
            no_slice: args.no_slice,
        };
        slicing.cut(&mut module, &[&name.symbol], &args.ad)?;
    }
    let mut warnings = Vec::new();
    let mut line = None;
    let mut verdict = None;
    let sides = match mode {
        None => {
            module.need_text()?;
            let index = module.index();
            let function = index.get(&name.symbol).expect("it was resolved");
            line = Some(function.line);
            vec![(
                name.symbol,
                with_attributes(&index.text(&function), &index.attribute_groups())
                    + &definitions(args.detail.source, index.bytes()),
            )]
        }
        Some(mode) => {
            let request = request::differentiate(
                &module,
                &name.symbol,
                args.ad.resolve(mode, &module)?,
                Watch::Points,
                global.limits(),
            );
            let checking = args.checking.checking()?;
            let trace = ask_and_check(&request, &module, checking.as_ref())?.trace;
            warnings = heading::warnings(&trace);
            verdict = trace.verdict.clone();
            if !args.json {
                // The function alone goes to standard output, to be read by others.
                heading::say_verdict(&trace, global);
            }
            global.warn(&warnings);
            let sides = sides_at(
                &trace,
                args.at.unwrap_or(PointName::Final).into(),
                &module.short,
            )?;
            sides
                .into_iter()
                .map(|side| (side.symbol, side.text))
                .collect()
        }
    };
    if args.json {
        let mut documents: Vec<Value> = sides
            .iter()
            .map(|(symbol, text)| {
                let parsed = Function::parse(text);
                let lines: Vec<&str> = parsed.lines.iter().map(|l| l.text.as_str()).collect();
                json!({
                    "name": ir_load::demangle(symbol),
                    "symbol": symbol,
                    "line": line,
                    "verdict": verdict::json(verdict.as_ref()),
                    "warnings": warnings,
                    "text": lines.join("\n") + "\n",
                })
            })
            .collect();
        let mut document = documents.pop().expect("there is something to show");
        if let Some(augmented) = documents.pop() {
            document["augmented"] = augmented;
        }
        print_json("show", document)?;
        return Ok(exit::DONE);
    }
    let theme = global.theme()?;
    let mut canvas = global.canvas(theme.as_ref());
    for (at, (_, text)) in sides.iter().enumerate() {
        if at > 0 {
            canvas.line("", Tone::Plain.style());
        }
        let rename = renamer(args.raw_names, &[text]);
        let parsed = Function::parse(text);
        let detail = Detail::from(args.detail);
        let sources = Sources::default();
        let read = |location: &Location| sources.line(location);
        let options = layout::Options {
            width: global.width(),
            rename: &rename,
            show: Show::All,
            detail,
            source: args.detail.source.then_some(&read),
        };
        canvas.rows(layout::function(&parsed, &options));
        paint_hidden(detail.hidden(&parsed), "; ", global.width(), &mut canvas);
    }
    global.print(&canvas.finish())?;
    Ok(exit::DONE)
}

/// Shows a slice as it is, names and all: it is meant for LLVM, too.
fn show_slice(args: &Args, symbol: &str, slice: &Slice, global: &Global) -> Result<u8, Failure> {
    let report = &slice.report;
    if let Some(path) = &args.output {
        write_file(path, &slice.text, &[&args.file])?;
    } else if args.json {
        print_json(
            "slice",
            json!({
                "name": ir_load::demangle(symbol),
                "symbol": symbol,
                "functions": report.functions,
                "left_out": {
                    "functions": report.functions_dropped,
                    "variables": report.globals_dropped,
                    "use_list_orders": report.use_list_orders,
                    "summaries": report.summaries,
                },
                "shared": report.shared,
                "text": String::from_utf8_lossy(&slice.text),
            }),
        )?;
        return Ok(exit::DONE);
    } else {
        match global.theme()? {
            // Nothing has to be painted, and there may be megabytes of it.
            None if !global.stdout_colour() => write_stdout(&slice.text)?,
            theme => {
                let text = String::from_utf8_lossy(&slice.text);
                let lines: Vec<_> = text
                    .lines()
                    .map(|line| match line.starts_with("de") {
                        true => (line, LineKind::Define),
                        false => (line, LineKind::Instruction),
                    })
                    .collect();
                let rename = renamer(true, &[]);
                let options = layout::Options {
                    width: global.width(),
                    rename: &rename,
                    show: Show::All,
                    detail: Detail::ALL,
                    source: None,
                };
                let mut canvas = global.canvas(theme.as_ref());
                canvas.rows(layout::lines(&lines, &options));
                global.print(&canvas.finish())?;
            }
        }
    }
    let mut parts = vec![format!(
        "{} of {} functions kept",
        report.functions,
        report.functions + report.functions_dropped
    )];
    let mut part = |count: usize, what: &str| {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    };
    part(report.globals_dropped, "variables left out");
    part(report.use_list_orders, "use-list orders left out");
    part(report.summaries, "summary entries left out");
    part(report.shared, "of the kept used outside, too");
    part(report.dangling, "references to missing metadata");
    say(&format!("{}\n", parts.join(", ")));
    Ok(exit::DONE)
}

/// The module's metadata, which says where lines come from.
fn definitions(is_needed: bool, text: &[u8]) -> String {
    let text = String::from_utf8_lossy(if is_needed { text } else { &[] });
    let lines = text.lines().filter(|line| line.starts_with('!'));
    lines.map(|line| line.to_owned() + "\n").collect()
}

/// Writes attribute groups out where they are referred to.
fn with_attributes(text: &str, groups: &std::collections::BTreeMap<u32, String>) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        for token in diff_view::lex(line) {
            let written = match token.kind {
                diff_view::TokenKind::Group => token
                    .name()
                    .parse()
                    .ok()
                    .and_then(|number: u32| groups.get(&number)),
                _ => None,
            };
            out.push_str(written.map_or(token.text, String::as_str));
        }
    }
    out
}
