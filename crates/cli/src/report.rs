//! How errors look: what is wrong, where, and what to do next.

use std::io::{self, Write};
use std::process::ExitCode;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use ir_load::{LoadError, NameError, demangle_words};
use serde_json::{Value, json};
use trace::{Diagnosis, Kind};
use unicode_width::UnicodeWidthStr;

use crate::exit;
use crate::output::{Global, printable, say};

/// Why a command ended without doing what was asked.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The exit code.
    pub code: u8,
    /// A word for programs: `not_found`, `parse`, `timeout` …
    pub kind: String,
    /// What is wrong, in one sentence.
    pub title: String,
    /// Where, if there is a place.
    pub place: Option<Place>,
    /// Facts that explain it.
    pub notes: Vec<String>,
    /// What to do next.
    pub help: Vec<String>,
    /// What else programs may want to know.
    pub details: Option<Value>,
}

/// A line of some text, with a marker under part of it.
#[derive(Clone, Debug)]
pub struct Place {
    /// What the text is called.
    pub origin: String,
    /// Its line, from 1; 0 for a text that has no numbers.
    pub line: usize,
    /// The lines before it.
    pub before: Vec<String>,
    /// The lines after it.
    pub after: Vec<String>,
    /// The line itself.
    pub text: String,
    /// Column of the marker, from 1.
    pub column: usize,
    /// How many columns are marked.
    pub width: usize,
    /// A word about the marked part.
    pub label: String,
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

impl Failure {
    /// A failure of the user's making.
    pub fn usage(kind: &str, title: impl Into<String>) -> Self {
        Failure {
            code: exit::USAGE,
            kind: kind.to_owned(),
            title: title.into(),
            place: None,
            notes: Vec::new(),
            help: Vec::new(),
            details: None,
        }
    }

    /// Puts a fact before the others.
    pub fn note_first(&mut self, note: String) {
        self.notes.insert(0, note);
    }

    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

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
        let _ = writeln!(io::stdout(), "{document:#}");
        ExitCode::from(self.code)
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
        let help: Vec<String> = self.help.iter().map(|help| fit(help)).collect();
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
                "help": self.help,
                "diagnosis": self.details,
        })
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
            .map(str::to_owned),
    );
    failure
}

/// Spells control characters out, but for the escape codes that are our own.
fn escape<'l>(line: &'l str, global: &Global) -> std::borrow::Cow<'l, str> {
    if global.stderr_colour() {
        line.into()
    } else {
        printable(line)
    }
}

/// Breaks words to a terminal's width, so that it does not break within them. A command stays on its
/// line, to be pasted.
fn wrapped(words: &str, width: Option<usize>) -> String {
    /// What stands before a note.
    const INDENT: usize = 10;
    let Some(width) = width else {
        return words.to_owned();
    };
    let is_command = |line: &str| {
        ["diff", "passes", "show", "survey", "reduce"]
            .iter()
            .any(|command| line.contains(&format!("irad {command} ")) && line.contains(": "))
    };
    if let Some((first, rest)) = words.split_once('\n') {
        return format!(
            "{}\n{}",
            wrapped(first, Some(width)),
            wrapped(rest, Some(width))
        );
    }
    if is_command(words) {
        return words.to_owned();
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

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        let title = error.to_string();
        match error {
            LoadError::Open { source, path } => {
                let failure = Failure::usage("open", title).note(source.to_string());
                match ir_load::beside(&path) {
                    Some(near) => failure.help(format!("did you mean {}?", near.display())),
                    None => failure.help("give the path of a .ll or .bc file, or - for standard input"),
                }
            }
            LoadError::Stdin(source) => Failure::usage("open", title).note(source.to_string()),
            LoadError::Directory { candidates, .. } => {
                let failure = Failure::usage("directory", title);
                if candidates.is_empty() {
                    failure.help("name a .ll or .bc file; rustc writes one with --emit=llvm-ir")
                } else {
                    let list: Vec<String> = candidates
                        .iter()
                        .map(|path| path.display().to_string())
                        .collect();
                    failure.help(format!("name a file in it: {}", list.join(", ")))
                }
            }
            LoadError::Empty { .. } => Failure::usage("empty", title)
                .help("emit the IR again: rustc --emit=llvm-ir -C opt-level=3 -C no-prepopulate-passes -C codegen-units=1 -C panic=abort"),
            LoadError::NoSuchModule { count, .. } => {
                Failure::usage("module", title).help(match count {
                    1 => "leave --module away".to_owned(),
                    _ => format!("--module takes 1 to {count}"),
                })
            }
        }
    }
}

/// `NameError` does not know which file it is about; its callers do.
pub fn name_failure(error: NameError, origin: &str) -> Failure {
    let title = format!("{error} in {origin}");
    match error {
        NameError::NotFound {
            closest, defined, ..
        } => {
            let failure = Failure::usage("not_found", title);
            if defined == 0 {
                return failure.note("it defines no function at all");
            }
            if closest.is_empty() {
                failure.help(format!("irad list {origin} shows the {defined} functions in it"))
            } else {
                failure.help(format!("did you mean {}?", closest.join(", ")))
            }
            .help("rustc leaves small functions out that other crates would inline: #[inline(never)] keeps one in")
        }
        NameError::Ambiguous { candidates, .. } => {
            let mut failure = Failure::usage("ambiguous", title);
            for (path, symbol) in &candidates {
                failure = failure.note(format!("{path}  ({symbol})"));
            }
            let paths_differ = candidates
                .iter()
                .all(|(path, _)| candidates.iter().filter(|(other, _)| other == path).count() == 1);
            failure.help(if paths_differ {
                format!("give the whole path: --fn {}", candidates[0].0)
            } else {
                format!("give the symbol: --fn {}", candidates[0].1)
            })
        }
        NameError::Declared { symbol, line, .. } => Failure {
            // Bitcode has no lines.
            notes: (line > 0)
                .then(|| format!("the declaration is in line {line}"))
                .into_iter()
                .collect(),
            ..Failure::usage(
                "declared",
                format!("{error_name} is declared in {origin}, but has no body there", error_name = ir_load::demangle(&symbol)),
            )
        }
        .help("name a function with a body (irad list shows them), or give the module that defines this one; with -C codegen-units=1 -C lto=fat there is only one"),
    }
}

/// What the engine reported, in words. `text` is the module that it was about.
pub fn diagnosis_failure(diagnosis: &Diagnosis, origin: &str, text: &[u8]) -> Failure {
    let code = match diagnosis.kind {
        Kind::Parse
        | Kind::Verify
        | Kind::Function
        | Kind::Mode
        | Kind::Signature
        | Kind::Inputs
        | Kind::Panic
        | Kind::Unresolved
        | Kind::Pipeline
        | Kind::Option
        | Kind::Symbol => exit::USAGE,
        Kind::Assertion | Kind::Fatal => exit::CRASHED,
        _ => exit::REFUSED,
    };
    let kind = serde_json::to_value(diagnosis.kind)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default();
    let mut failure = Failure {
        code,
        kind,
        title: match diagnosis.kind {
            Kind::Parse => format!("LLVM cannot read {origin}: {}", diagnosis.message),
            // The engine's own words, which need no heading.
            Kind::Mode
            | Kind::Function
            | Kind::Option
            | Kind::Inputs
            | Kind::Panic
            | Kind::Unresolved => demangle_words(&diagnosis.message),
            _ => format!(
                "{}: {}",
                diagnosis.kind,
                short(&demangle_words(&diagnosis.message))
            ),
        },
        place: None,
        notes: Vec::new(),
        help: Vec::new(),
        details: details(diagnosis),
    };
    if let Some(place) = diagnosis.place
        && let Some(line) = text.split(|&byte| byte == b'\n').nth(place.line - 1)
    {
        let line = String::from_utf8_lossy(line).trim_end().to_owned();
        let column = place.column.max(1);
        failure.place = Some(Place {
            origin: origin.to_owned(),
            line: place.line,
            width: word_width(&line, column),
            before: Vec::new(),
            after: Vec::new(),
            text: line,
            column,
            label: diagnosis.message.clone(),
        });
    }
    if diagnosis.kind == Kind::Pipeline {
        failure.place = pipeline_place(diagnosis);
    } else if let Some(instruction) = &diagnosis.instruction
        && !instruction.text.is_empty()
    {
        failure.place = Some(Place {
            origin: String::new(),
            line: 0,
            before: instruction.before.clone(),
            after: instruction.after.clone(),
            column: 1,
            width: instruction.text.chars().count().min(MARKED),
            text: instruction.text.clone(),
            label: "here".to_owned(),
        });
    }
    if diagnosis.kind != Kind::Pipeline {
        failure.notes.extend(way(diagnosis));
    }
    failure.notes.extend(
        diagnosis
            .types
            .iter()
            .map(|line| format!("known of its type: {line}")),
    );
    if diagnosis.kind == Kind::Parse
        && let Some(producer) = ir_load::producer(text)
    {
        failure.notes.push(format!("{producer} made it"));
    }
    failure
        .notes
        .extend(diagnosis.notes.iter().map(|note| demangle_words(note)));
    failure
        .help
        .extend(diagnosis.help.iter().map(|help| demangle_words(help)));
    if diagnosis.kind == Kind::Parse && diagnosis.help.is_empty() {
        let cut = "the file was cut off or changed by hand: emit the IR again";
        failure.help.push(cut.to_owned());
    }
    failure
}

/// A marker under a whole instruction says no more than one under its beginning.
const MARKED: usize = 32;

/// Where the offending line stands, and how it is reached from the chosen function.
fn way(diagnosis: &Diagnosis) -> Vec<String> {
    let named = |function: &str, place: &str| {
        let function = demangle_words(function);
        match place {
            "" => function.to_string(),
            place => format!("{function} ({place})"),
        }
    };
    if diagnosis.frames.is_empty() {
        let function = diagnosis.instruction.as_ref().map(|line| &line.function);
        return function
            .filter(|function| !function.is_empty())
            .map(|function| format!("in {}", named(function, "")))
            .into_iter()
            .collect();
    }
    diagnosis
        .frames
        .iter()
        .enumerate()
        .map(|(at, frame)| {
            let word = if at == 0 { "in" } else { "called from" };
            format!("{word} {}", named(&frame.function, &frame.place))
        })
        .collect()
}

/// The diagnosis for programs: what the words are made of.
fn details(diagnosis: &Diagnosis) -> Option<Value> {
    let is_refusal = diagnosis.cause.is_some() || diagnosis.instruction.is_some();
    is_refusal.then(|| {
        json!({
            "cause": diagnosis.cause,
            "instruction": diagnosis.instruction,
            "frames": diagnosis.frames,
            "types": diagnosis.types,
            "tries": diagnosis.tries,
        })
    })
}

/// A marker under the word of a pipeline that LLVM stumbled over.
fn pipeline_place(diagnosis: &Diagnosis) -> Option<Place> {
    let line = diagnosis.instruction.as_ref()?;
    let word = diagnosis.message.split('\'').nth(1).unwrap_or("");
    let at = line.text.find(word)?;
    let column = line.text[..at].chars().count() + 1;
    Some(Place {
        // The stage's flag is where the user wrote it.
        origin: match line.function.as_str() {
            "prepare" => "--prepare".to_owned(),
            "cleanup" => "--cleanup".to_owned(),
            _ => "--passes".to_owned(),
        },
        line: 1,
        column,
        width: word.chars().count().max(1),
        before: Vec::new(),
        after: Vec::new(),
        text: line.text.clone(),
        label: "here".to_owned(),
    })
}

fn short(message: &str) -> String {
    const LIMIT: usize = 400;
    if message.chars().count() <= LIMIT {
        return message.to_owned();
    }
    let cut: String = message.chars().take(LIMIT).collect();
    format!("{cut}…")
}

fn word_width(line: &str, column: usize) -> usize {
    let width = line
        .chars()
        .skip(column - 1)
        .take_while(|c| c.is_alphanumeric() || "_.%@\"".contains(*c))
        .count();
    width.max(1)
}
