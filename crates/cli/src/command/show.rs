//! `irad show`: one function.

use std::path::PathBuf;

use diff_view::{Function, LineKind, layout};
use serde_json::json;

use crate::command::diff::renamer;
use crate::exit;
use crate::input;
use crate::output::{Global, print_json};
use crate::report::Failure;

/// Shows one function as it stands in the file, highlighted, with names demangled.
#[derive(clap::Args)]
pub struct Args {
    /// LLVM IR: `.ll`, `.bc`, or `-` for standard input.
    pub file: PathBuf,
    /// The function: a symbol, a demangled path, or a unique end of one.
    #[arg(long = "fn", value_name = "NAME")]
    pub function: String,
    /// Which module of a dump that holds several, from 1.
    #[arg(long, value_name = "N")]
    pub module: Option<usize>,
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
    let name = module.resolve(&args.function)?;
    let index = module.index();
    let function = index.get(&name.symbol).expect("it was resolved");
    let text = index.text(function);
    if args.json {
        print_json(
            "show",
            json!({ "name": name.path, "symbol": name.symbol, "line": function.line, "text": text }),
        )?;
        return Ok(exit::DONE);
    }
    let groups = index.attribute_groups();
    let parsed = Function::parse(&with_attributes(&text, &groups));
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
        highlighter: highlighter.as_ref(),
    };
    layout::plain(&lines, &options, &mut canvas);
    global.print(&canvas.finish())?;
    Ok(exit::DONE)
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
