//! `irad show`: one function.

use std::path::PathBuf;

use diff_view::{Function, LineKind, Show, layout};
use serde_json::json;
use trace::{How, Request, Task, Watch};

use crate::command::diff::{ModeName, PointName, at_point};
use crate::engine;
use crate::exit;
use crate::how::HowArgs;
use crate::input::{self, Module};
use crate::output::{Global, print_json};
use crate::report::Failure;
use crate::view::renamer;

/// Shows one function as it stands in the file, or at a point of its differentiation, highlighted and
/// with names demangled.
#[derive(clap::Args)]
pub struct Args {
    /// LLVM IR: `.ll`, `.bc`, or `-` for standard input.
    pub file: PathBuf,
    /// The function: a symbol, a demangled path, or a unique end of one.
    #[arg(long = "fn", value_name = "NAME")]
    pub function: String,
    /// Differentiate it, and show a point of that.
    #[arg(long, value_enum, value_name = "MODE")]
    pub mode: Option<ModeName>,
    /// The point that is shown.
    #[arg(long, value_enum, value_name = "POINT", default_value_t = PointName::Final, requires = "mode")]
    pub at: PointName,
    /// Which module of a dump that holds several, from 1.
    #[arg(long, value_name = "N")]
    pub module: Option<usize>,
    #[command(flatten)]
    pub how: HowArgs,
    /// Leave symbols as they are.
    #[arg(long)]
    pub raw_names: bool,
    /// One JSON document instead of text.
    #[arg(long)]
    pub json: bool,
}

/// Runs it.
pub fn run(args: &Args, global: &Global) -> Result<u8, Failure> {
    let module = input::load(&args.file, args.module, Some(&args.function), global)?;
    global.warn(&module.warnings);
    let name = module.resolve(&args.function)?;
    let index = module.index();
    let function = index.get(&name.symbol).expect("it was resolved");
    let (symbol, line, text) = match args.mode {
        None => {
            let text = with_attributes(&index.text(function), &index.attribute_groups());
            (name.symbol, Some(function.line), text)
        }
        Some(mode) => {
            let request = differentiation(
                &module,
                &name.symbol,
                args.how.how(mode.into(), &module)?,
                global,
            );
            let trace = engine::ask(&request, &module)?.trace;
            let side = at_point(&trace, args.at.into(), &module.short)?;
            (side.symbol, None, side.text)
        }
    };
    let parsed = Function::parse(&text);
    if args.json {
        let lines: Vec<&str> = parsed.lines.iter().map(|l| l.text.as_str()).collect();
        print_json(
            "show",
            json!({
                "name": ir_load::demangle(&symbol),
                "symbol": symbol,
                "line": line,
                "text": lines.join("\n") + "\n",
            }),
        )?;
        return Ok(exit::DONE);
    }
    let rename = renamer(args.raw_names, &[&text]);
    let highlighter = global.highlighter()?;
    let mut canvas = global.canvas(highlighter.as_ref());
    let lines: Vec<&str> = parsed
        .lines
        .iter()
        .filter(|line| line.kind != LineKind::Blank || line.text.trim().is_empty())
        .map(|line| line.text.as_str())
        .collect();
    let options = layout::Options {
        width: global.width(),
        rename: &rename,
        show: Show::All,
        highlighter: highlighter.as_ref(),
    };
    layout::plain(&lines, &options, &mut canvas);
    global.print(&canvas.finish())?;
    Ok(exit::DONE)
}

fn differentiation(module: &Module, symbol: &str, how: How, global: &Global) -> Request {
    Request {
        source: module.origin.clone(),
        task: Task::Differentiate {
            function: symbol.to_owned(),
            how,
            watch: Watch::Points,
        },
        llvm_options: Vec::new(),
        limits: global.limits(),
    }
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
