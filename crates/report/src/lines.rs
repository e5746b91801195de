//! Lines as a page shows them, each of them once, with what their tokens are.

use std::collections::HashMap;

use diff_view::{Detail, Function, Line, LineKind, Row, Show, Syntax, Tone, layout, unique_names};
use rustc_hash::FxHashMap;
use serde::Serialize;
use trace::Trace;

/// A page is not wrapped when it is made.
pub const WIDTH: usize = 1 << 20;

/// Lines of all texts, each of them once.
#[derive(Default)]
pub struct Lines {
    names: HashMap<String, String>,
    by_text: FxHashMap<(String, u8), u32>,
    by_look: FxHashMap<String, u32>,
    table: Table,
    /// The run and the state that are being written down.
    pub now: (usize, usize),
}

/// What the page's script reads: line by line the text, and its pieces.
#[derive(Default, Serialize)]
pub struct Table {
    /// Texts.
    pub t: Vec<String>,
    /// For each, a letter and a length for each piece: `p2v4p3`. Lengths are those of JavaScript.
    pub s: Vec<String>,
    /// The first run and state that have it.
    pub f: Vec<(usize, usize)>,
}

impl Lines {
    /// No line yet, of runs whose symbols are called by their paths.
    pub fn of(traces: &[&Trace]) -> Self {
        let mut seen = rustc_hash::FxHashSet::default();
        let bodies = traces.iter().flat_map(|trace| &trace.texts);
        let lines = bodies.flat_map(|text| text.body.lines());
        let unique: Vec<&str> = lines.filter(|line| seen.insert(*line)).collect();
        Lines {
            names: unique_names(&unique, &|symbol| ir_load::demangle(symbol)),
            ..Lines::default()
        }
    }

    /// How rows are laid out here.
    pub fn with_options<T>(&self, then: impl FnOnce(&layout::Options<'_>) -> T) -> T {
        let rename = |symbol: &str| self.names.get(symbol).cloned();
        then(&layout::Options {
            width: WIDTH,
            rename: &rename,
            show: Show::Real,
            detail: Detail::CODE,
            source: None,
        })
    }

    /// The number of a line.
    pub fn number(&mut self, line: &Line) -> u32 {
        let key = (line.text.clone(), line.kind as u8);
        if let Some(&number) = self.by_text.get(&key) {
            return number;
        }
        let row = self.row(&line.text, line.kind);
        let number = self.number_of_row(&row);
        self.by_text.insert(key, number);
        number
    }

    /// A line, laid out.
    pub fn row(&self, text: &str, kind: LineKind) -> Row {
        self.with_options(|options| {
            let mut rows = layout::lines(&[(text, kind)], options).collect::<Vec<_>>();
            match rows.is_empty() {
                true => Row::default(),
                false => rows.swap_remove(0),
            }
        })
    }

    fn number_of_row(&mut self, row: &Row) -> u32 {
        let pieces = pieces(row);
        let look = format!("{pieces} {}", row.text());
        let next = u32::try_from(self.table.t.len()).unwrap_or(u32::MAX);
        *self.by_look.entry(look).or_insert_with(|| {
            self.table.t.push(row.text().to_owned());
            self.table.s.push(pieces);
            self.table.f.push(self.now);
            next
        })
    }

    /// All lines that were met.
    pub fn table(&self) -> &Table {
        &self.table
    }
}

/// Lines that a page shows of a function, by their place in it: neither debug records nor what the text says of
/// itself.
pub fn visible(function: &Function) -> Vec<usize> {
    let lines = function.lines.iter().enumerate();
    let shown = lines.filter(|(_, line)| {
        let is_said = line.kind == LineKind::Blank && !line.text.trim().is_empty();
        !is_said && !Detail::CODE.hides(line)
    });
    shown.map(|(at, _)| at).collect()
}

/// How long a text is to JavaScript.
pub fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The pieces of a row: letters and lengths.
fn pieces(row: &Row) -> String {
    let mut runs: Vec<(char, usize)> = Vec::new();
    for (text, span) in row.pieces() {
        let letter = match span.style.syntax {
            Some(syntax) => letter(syntax),
            None if span.style.tone == Tone::Muted => 'c',
            None => 'p',
        };
        match runs.last_mut() {
            Some((last, count)) if *last == letter => *count += length(text),
            _ => runs.push((letter, length(text))),
        }
    }
    runs.iter()
        .map(|(letter, count)| format!("{letter}{count}"))
        .collect()
}

/// The letter of a kind of token; the style sheet and the script know the same.
pub fn letter(syntax: Syntax) -> char {
    match syntax {
        Syntax::Plain => 'p',
        Syntax::Instruction => 'i',
        Syntax::Modifier => 'm',
        Syntax::Type => 't',
        Syntax::Variable => 'v',
        Syntax::Shadow => 'h',
        Syntax::Attribute => 'a',
        Syntax::Metadata => 'd',
        Syntax::String => 's',
        Syntax::Integer => 'n',
        Syntax::Float => 'f',
    }
}
