//! How errors look: what is wrong, where, and what to do next.

use std::io::{self, Write};
use std::process::ExitCode;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use crate::failure::{Failure, Help, Place};
use crate::output::{Global, printable, say};
use crate::settings;

impl Failure {
    /// Says it on standard error, or on standard output as JSON when that was asked for.
    pub fn print(&self, global: &Global, json: bool) -> ExitCode {
        if json {
            return self.print_json();
        }
        let text = self.text(global.stderr_colour());
        let lines: Vec<_> = text.split('\n').map(|line| escape(line, global)).collect();
        say(&format!("{}\n", lines.join("\n")));
        ExitCode::from(self.code)
    }

    /// Says it on standard output as JSON.
    pub fn print_json(&self) -> ExitCode {
        let mut document = self.json();
        document["irad"] = json!(env!("CARGO_PKG_VERSION"));
        document["schema"] = json!("error/1");
        if writeln!(io::stdout(), "{document:#}").is_err() {
            // Where nothing can be written any more, somebody may still read here.
            say(&self.text(false));
            say("\n");
        }
        ExitCode::from(self.code)
    }

    /// The same without colours, for who shows it elsewhere.
    pub fn plain(&self) -> String {
        self.text(false)
    }

    fn text(&self, colour: bool) -> String {
        let renderer = if colour {
            Renderer::styled()
        } else {
            Renderer::plain()
        }
        .decor_style(DecorStyle::Ascii);
        let mut group =
            Level::ERROR
                .primary_title(self.title.as_str())
                .elements(self.place.iter().map(|place| {
                    let lines = place.lines();
                    let from = lines.len() - place.rest();
                    let start = from + byte_of_column(&place.text, place.column);
                    let end =
                        (from + byte_of_column(&place.text, place.column + place.width)).max(start);
                    Snippet::source(lines)
                        .fold(false)
                        .path((place.line > 0).then_some(place.origin.as_str()))
                        .line_start(place.line.max(1))
                        .line_numbering(place.line > 0)
                        .annotation(
                            AnnotationKind::Primary
                                .span(start..end)
                                .label(place.label.as_str()),
                        )
                }));
        let width = terminal_size::terminal_size_of(io::stderr()).map(|(width, _)| width.0.into());
        let fit = |words: &str| wrapped(words, width);
        let notes: Vec<String> = self.notes.iter().map(|note| fit(note)).collect();
        let help = self.help.iter().map(|help| match help {
            Help::Words(words) => fit(words),
            // It stays on its line, to be pasted.
            Help::Command(_) => match help.text().split_once('\n') {
                Some((command, reason)) => format!("{command}\n{}", fit(reason)),
                None => help.text(),
            },
        });
        let help: Vec<String> = help.collect();
        for note in &notes {
            group = group.element(Level::NOTE.message(note.as_str()));
        }
        for help in &help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        renderer.render(&[group])
    }

    fn json(&self) -> Value {
        json!({ "error": self.error() })
    }

    /// The error itself, as it stands in a document.
    pub fn error(&self) -> Value {
        json!({
                "code": self.code,
                "kind": self.kind,
                "message": self.title,
                "place": self.place.as_ref().map(|place| json!({
                    "origin": place.origin,
                    "line": place.line,
                    "column": place.column,
                    "text": place.text,
                })),
                "notes": self.notes,
                "help": self.help.iter().map(Help::text).collect::<Vec<_>>(),
                "diagnosis": self.details,
        })
    }
}

impl Place {
    /// The line with its neighbours.
    fn lines(&self) -> String {
        let lines = self.before.iter().chain([&self.text]).chain(&self.after);
        lines.map(String::as_str).collect::<Vec<_>>().join("\n")
    }

    /// How many bytes of that begin with the line itself.
    fn rest(&self) -> usize {
        let after: usize = self.after.iter().map(|line| line.len() + 1).sum();
        self.text.len() + after
    }
}

/// True when JSON is asked for by arguments that could not be parsed otherwise.
pub fn wants_json(arguments: impl Iterator<Item = String>) -> bool {
    let mut last = String::new();
    arguments.into_iter().any(|argument| {
        let found = argument == "--json"
            || argument == "--format=json"
            || (last == "--format" && argument == "json");
        last = argument;
        found
    })
}

/// Arguments that make no sense, in clap's words.
pub fn misuse(error: &clap::Error) -> Failure {
    let text = error.to_string();
    let title = text.lines().next().unwrap_or_default();
    let mut failure = Failure::usage("usage", title.strip_prefix("error: ").unwrap_or(title));
    failure.help.extend(
        text.lines()
            .skip(1)
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(Help::from),
    );
    match settings::origin_of(error) {
        Some(words) => failure.note(words),
        None => failure,
    }
}

/// Spells control characters out, but for the escape codes that are our own.
fn escape<'l>(line: &'l str, global: &Global) -> std::borrow::Cow<'l, str> {
    if global.stderr_colour() {
        line.into()
    } else {
        printable(line)
    }
}

/// Breaks words to a terminal's width, so that it does not break within them.
fn wrapped(words: &str, width: Option<usize>) -> String {
    /// What stands before a note.
    const INDENT: usize = 10;
    let Some(width) = width else {
        return words.to_owned();
    };
    if let Some((first, rest)) = words.split_once('\n') {
        return format!(
            "{}\n{}",
            wrapped(first, Some(width)),
            wrapped(rest, Some(width))
        );
    }
    let mut out = String::new();
    let mut column = INDENT;
    for (at, word) in words.split(' ').enumerate() {
        if at > 0 && column + 1 + word.width() > width {
            out.push('\n');
            column = INDENT;
        } else if at > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += word.width();
    }
    out
}

/// Columns count characters from 1; past the end is the end.
fn byte_of_column(text: &str, column: usize) -> usize {
    text.char_indices()
        .nth(column.saturating_sub(1))
        .map_or(text.len(), |(at, _)| at)
}
