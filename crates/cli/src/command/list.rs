//! `irad list`: the functions of a module.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::ValueEnum;
use diff_view::{Paint, Tone};
use ir_load::{Index, Summary};
use serde_json::json;
use session::calls::{Call, calls};
use unicode_width::UnicodeWidthStr;

use crate::exit;
use crate::failure::Failure;
use crate::output::{Global, print_json};
use crate::requests;
use session::load;

/// Lists the functions of a module: name, symbol, types, size, and who calls whom; and the requests
/// to Enzyme that it holds itself, as nightly's `#[autodiff_reverse]` leaves them.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  irad list model.ll
  irad list model.ll --sort instructions --all
  irad list nightly.ll --json")]
pub struct Args {
    /// LLVM IR: `.ll`, `.bc`, or `-` for standard input.
    pub file: PathBuf,
    /// Which module of a dump that holds several, from 1.
    #[arg(long, value_name = "N")]
    pub module: Option<usize>,
    /// What to sort by; sizes and counts sort the largest first.
    #[arg(long, value_enum, default_value_t = Sort::Order)]
    pub sort: Sort,
    /// Only functions of this crate, by their paths, and those whose names are not mangled.
    #[arg(long = "crate", value_name = "NAME")]
    pub of_crate: Option<String>,
    /// Declarations too.
    #[arg(long)]
    pub all: bool,
    /// One JSON document instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// A column to sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Sort {
    /// As in the file.
    Order,
    /// Demangled name.
    Name,
    /// Symbol.
    Symbol,
    /// Instructions.
    Instructions,
    /// Basic blocks.
    Blocks,
    /// Functions that call it.
    Callers,
    /// Functions that it calls.
    Callees,
    /// Linkage.
    Linkage,
}

struct Row {
    name: String,
    symbol: String,
    is_defined: bool,
    line: usize,
    callers: usize,
    summary: Summary,
}

/// Runs it.
pub fn run(args: &Args, global: &Global) -> Result<u8, Failure> {
    let module = load::load(&args.file, args.module, None, global.limits())?;
    global.warn(&module.warnings());
    let index = module.index();
    let summaries: Vec<Summary> = index
        .functions()
        .iter()
        .map(|function| index.summary(function))
        .collect();
    let mut callers: BTreeMap<&str, usize> = BTreeMap::new();
    for summary in &summaries {
        for callee in &summary.callees {
            *callers.entry(callee).or_default() += 1;
        }
    }
    let mut rows: Vec<Row> = index
        .functions()
        .iter()
        .zip(&summaries)
        .filter(|(function, _)| function.is_defined || args.all)
        .filter(|(function, _)| {
            let wanted = args.of_crate.as_deref();
            wanted.is_none_or(|name| is_of(name, &function.path, &function.symbol))
        })
        .map(|(function, summary)| Row {
            name: function.path.clone(),
            symbol: function.symbol.clone(),
            is_defined: function.is_defined,
            line: function.line,
            callers: callers.get(function.symbol.as_str()).copied().unwrap_or(0),
            summary: summary.clone(),
        })
        .collect();
    sort(&mut rows, args.sort);
    let found = calls(index);
    if args.json {
        let functions: Vec<_> = rows.iter().map(row_json).collect();
        print_json(
            "list",
            json!({ "functions": functions, "requests": requests::json(&found, index) }),
        )?;
    } else {
        print_table(&rows, &found, index, global)?;
    }
    Ok(exit::DONE)
}

/// True for a function of a crate: by its path, by its type's or by its trait's. A name that is not
/// mangled tells nothing, and was chosen by somebody.
fn is_of(name: &str, path: &str, symbol: &str) -> bool {
    let name = format!("{}::", name.replace('-', "_"));
    let inner = path.trim_start_matches(['<', '&', '*', '(', '[']);
    let inner = inner.strip_prefix("mut ").unwrap_or(inner);
    path == symbol || inner.starts_with(&name) || path.contains(&format!(" as {name}"))
}

fn sort(rows: &mut [Row], by: Sort) {
    match by {
        Sort::Order => {}
        Sort::Name => rows.sort_by(|a, b| a.name.cmp(&b.name)),
        Sort::Symbol => rows.sort_by(|a, b| a.symbol.cmp(&b.symbol)),
        Sort::Linkage => rows.sort_by(|a, b| a.summary.linkage.cmp(&b.summary.linkage)),
        Sort::Instructions => rows.sort_by_key(|row| std::cmp::Reverse(row.summary.instructions)),
        Sort::Blocks => rows.sort_by_key(|row| std::cmp::Reverse(row.summary.blocks)),
        Sort::Callers => rows.sort_by_key(|row| std::cmp::Reverse(row.callers)),
        Sort::Callees => rows.sort_by_key(|row| std::cmp::Reverse(row.summary.callees.len())),
    }
}

fn row_json(row: &Row) -> serde_json::Value {
    json!({
        "name": row.name,
        "symbol": row.symbol,
        "defined": row.is_defined,
        "line": row.line,
        "signature": row.summary.function_type,
        "instructions": row.summary.instructions,
        "blocks": row.summary.blocks,
        "callers": row.callers,
        "callees": row.summary.callees,
        "linkage": row.summary.linkage,
    })
}

/// Numbers first and right-aligned, so that long names never push them out of sight.
fn print_table(
    rows: &[Row],
    found: &[Call],
    index: &Index<'_>,
    global: &Global,
) -> Result<(), Failure> {
    let mut canvas = global.canvas(None);
    if rows.is_empty() {
        canvas.line("no function has a body here", Tone::Muted.style());
        return global.print(&canvas.finish());
    }
    canvas.line(
        " instr blocks callers callees linkage   function",
        Tone::Title.style(),
    );
    let width = global.width();
    for row in rows {
        let numbers = format!(
            "{:>6} {:>6} {:>7} {:>7} {:<9} ",
            row.summary.instructions,
            row.summary.blocks,
            row.callers,
            row.summary.callees.len(),
            row.summary.linkage,
        );
        canvas.text(&numbers, Tone::Plain.style());
        canvas.text(&row.name, Tone::Hunk.style());
        let function_type = format!("  {}", row.summary.function_type);
        if numbers.width() + row.name.width() + function_type.width() <= width {
            canvas.line(&function_type, Tone::Muted.style());
        } else {
            canvas.newline();
            canvas.line(
                &format!("        {}", row.summary.function_type),
                Tone::Muted.style(),
            );
        }
        if row.symbol != row.name {
            canvas.line(&format!("        {}", row.symbol), Tone::Muted.style());
        }
    }
    requests::paint(found, index, width, &mut canvas);
    global.print(&canvas.finish())
}
