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
use crate::view::{Headline, Headlines};
use session::load;
use session::own::{is_own, own_crate};
use session::requests::is_spelled_out;

/// Lists the functions of the user's own crate: how they are declared, and how large they are; and the requests
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
    /// The user's own crate, if not the one that the module says it was made of.
    #[arg(long = "crate", value_name = "NAME")]
    pub of_crate: Option<String>,
    /// Functions of other crates and declarations, too.
    #[arg(long)]
    pub all: bool,
    /// Show mangled names, too.
    #[arg(long)]
    pub symbols: bool,
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
    headline: Headline,
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
    let own = own_crate(args.of_crate.as_deref(), index);
    let headlines = Headlines::of(index, own.clone());
    let mut hidden = Hidden::default();
    let mut rows: Vec<Row> = index
        .functions()
        .iter()
        .zip(&summaries)
        .filter(|(function, _)| {
            if is_spelled_out(index, function) {
                return false;
            }
            if args.all {
                return true;
            }
            let is_own = own.as_deref().is_none_or(|name| is_own(name, function));
            match (function.is_defined, is_own) {
                (false, _) => hidden.declared += 1,
                (true, false) => hidden.elsewhere += 1,
                (true, true) => return true,
            }
            false
        })
        .map(|(function, summary)| Row {
            headline: headlines.get(index, function),
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
        args.print_table(&rows, &hidden, &found, index, global)?;
    }
    Ok(exit::DONE)
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
        "rust": row.headline.declaration(),
        "instructions": row.summary.instructions,
        "blocks": row.summary.blocks,
        "callers": row.callers,
        "callees": row.summary.callees,
        "linkage": row.summary.linkage,
    })
}

/// How many functions are not listed.
#[derive(Default)]
struct Hidden {
    /// Of other crates.
    elsewhere: usize,
    /// Without a body.
    declared: usize,
}

impl Args {
    /// Numbers first and right-aligned, so that long names never push them out of sight.
    fn print_table(
        &self,
        rows: &[Row],
        hidden: &Hidden,
        found: &[Call],
        index: &Index<'_>,
        global: &Global,
    ) -> Result<(), Failure> {
        let mut canvas = global.canvas(None);
        let width = global.width();
        if rows.is_empty() {
            canvas.line("no function has a body here", Tone::Muted.style());
            return global.print(&canvas.finish());
        }
        let is_wide = width >= 100;
        let columns = match is_wide {
            true => " instr blocks callers callees linkage   function",
            false => " instr blocks function",
        };
        canvas.line(columns, Tone::Title.style());
        for row in rows {
            let mut numbers = format!("{:>6} {:>6} ", row.summary.instructions, row.summary.blocks);
            if is_wide {
                numbers.push_str(&format!(
                    "{:>7} {:>7} {:<9} ",
                    row.callers,
                    row.summary.callees.len(),
                    row.summary.linkage,
                ));
            }
            canvas.text(&numbers, Tone::Plain.style());
            row.headline.paint(numbers.width(), width, &mut canvas);
            if self.symbols && row.symbol != row.name {
                canvas.line(&format!("        {}", row.symbol), Tone::Muted.style());
            }
        }
        let others = [
            (hidden.elsewhere, "of other crates"),
            (hidden.declared, "without a body"),
        ];
        let others: Vec<String> = others
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        if !others.is_empty() {
            let words = format!("{} not listed (--all)", others.join(" and "));
            canvas.line(&words, Tone::Muted.style());
        }
        requests::paint(found, index, width, &mut canvas);
        global.print(&canvas.finish())
    }
}
