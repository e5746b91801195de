//! Where output goes and how it looks: colour, width, theme, pager, JSON.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use anstream::{AutoStream, ColorChoice};
use clap::{Args, ValueEnum};
pub use diff_view::printable;
use diff_view::{AnsiPaint, Paint, PlainPaint, Row, RowPaint, Style, Theme, Tone};
use serde_json::{Value, json};
use trace::Limits;
use unicode_width::UnicodeWidthStr;

use crate::failure::Failure;
use crate::picture::{COLUMNS, Drawing, Form, HtmlPaint};
use crate::settings;
use crate::terminal;

/// Flags that every command takes.
#[derive(Args, Clone, Debug)]
pub struct Global {
    /// When to colour the output.
    #[arg(long, global = true, value_enum, default_value_t = When::Auto, help_heading = "Output")]
    pub color: When,
    /// Syntax colours: `auto` for a theme that suits the terminal's background (and for a light one in
    /// pictures), `dark`, `light`, `ansi` for the terminal's own colours, or the name of a theme.
    #[arg(
        long,
        global = true,
        default_value = "auto",
        value_name = "NAME",
        help_heading = "Output"
    )]
    pub theme: String,
    /// When to show long output through $PAGER (else `less -RFX`).
    #[arg(long, global = true, value_enum, default_value_t = When::Auto, help_heading = "Output")]
    pub pager: When,
    /// Columns to lay out for, instead of the terminal's.
    #[arg(long, global = true, value_name = "N", help_heading = "Output")]
    pub columns: Option<usize>,
    /// Time limit of the engine process.
    #[arg(long, global = true, default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=31_536_000), help_heading = "Limits")]
    pub timeout: u64,
    /// Memory limit of the engine process.
    #[arg(long, global = true, default_value_t = 4096, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000), help_heading = "Limits")]
    pub memory: u64,
    /// How views are drawn, where they are no text.
    #[arg(skip)]
    drawing: Option<Drawing>,
}

/// `auto` looks at the terminal and the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// When standard output is a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The theme that goes by the terminal's background.
const AUTO: &str = "auto";

/// The theme for a dark background, and what `--theme` calls it.
const DARK: (&str, &str) = ("dark", "Monokai Extended");

/// The theme for a light one.
const LIGHT: (&str, &str) = ("light", "GitHub");

/// Every name that `--theme` takes.
pub fn theme_names() -> Vec<&'static str> {
    let own = [AUTO, DARK.0, LIGHT.0];
    own.into_iter().chain(diff_view::theme_names()).collect()
}

impl Global {
    /// The engine's limits.
    pub fn limits(&self) -> Limits {
        Limits {
            seconds: self.timeout,
            memory_mib: self.memory,
        }
    }

    /// The same for a view that is drawn. Nothing in it depends on the terminal, so that it is the same
    /// wherever it is made.
    pub fn drawn(&self, form: Option<Form>) -> Result<Self, Failure> {
        let mut global = self.clone();
        if let Some(form) = form {
            let theme = self.named(self.theme_on(Some(false)))?;
            let is_dark = theme.is_dark();
            let columns = *global.columns.get_or_insert(COLUMNS);
            global.pager = When::Never;
            global.drawing = Some(Drawing {
                form,
                theme: theme.on(is_dark),
                columns,
            });
        }
        Ok(global)
    }

    /// True when standard output takes colour.
    pub fn stdout_colour(&self) -> bool {
        match self.color {
            When::Always => true,
            When::Never => false,
            When::Auto => AutoStream::choice(&io::stdout()) != ColorChoice::Never,
        }
    }

    /// True when standard error takes colour.
    pub fn stderr_colour(&self) -> bool {
        match self.color {
            When::Always => true,
            When::Never => false,
            When::Auto => AutoStream::choice(&io::stderr()) != ColorChoice::Never,
        }
    }

    /// Columns to lay out for. What goes to a file or pipe is not wrapped.
    pub fn width(&self) -> usize {
        const UNBOUNDED: usize = 100_000;
        self.columns
            .or_else(|| {
                let (width, _) = terminal_size::terminal_size_of(io::stdout())?;
                Some(usize::from(width.0))
            })
            .unwrap_or(UNBOUNDED)
    }

    /// The syntax colours, or none where no colour is wanted.
    pub fn theme(&self) -> Result<Option<Theme>, Failure> {
        if let Some(drawing) = &self.drawing {
            return Ok(Some(drawing.theme.clone()));
        }
        if !self.stdout_colour() {
            // A wrong name is wrong all the same.
            if theme_names()
                .iter()
                .any(|name| name.eq_ignore_ascii_case(&self.theme))
            {
                return Ok(None);
            }
        }
        let is_dark = terminal::is_dark();
        let theme = self.named(self.theme_on(is_dark))?;
        Ok(Some(theme.on(is_dark)))
    }

    fn named(&self, name: &str) -> Result<Theme, Failure> {
        Theme::named(name).map_err(|error| {
            let failure = Failure::usage("theme", error.to_string())
                .help(format!("themes: {}", theme_names().join(", ")));
            match settings::origin("theme", &self.theme) {
                Some(words) => failure.note(words),
                None => failure,
            }
        })
    }

    /// The theme's name on a background that is dark, light, or unknown.
    pub fn theme_on(&self, is_dark: Option<bool>) -> &str {
        match (self.theme.as_str(), is_dark) {
            (AUTO, Some(true)) => DARK.1,
            (AUTO, Some(false)) => LIGHT.1,
            // The terminal's own colours can be read on any background.
            (AUTO, None) => "ansi",
            (name, _) if name.eq_ignore_ascii_case(DARK.0) => DARK.1,
            (name, _) if name.eq_ignore_ascii_case(LIGHT.0) => LIGHT.1,
            (name, _) => name,
        }
    }

    /// Something to paint on that ends up on standard output.
    pub fn canvas(&self, theme: Option<&Theme>) -> Canvas {
        let own = || theme.cloned().unwrap_or_else(Theme::ansi);
        if let Some(drawing) = &self.drawing {
            match drawing.form {
                Form::Svg => Canvas::Svg(AnsiPaint::new(own()), drawing.clone()),
                Form::Html => Canvas::Html(HtmlPaint::new(drawing, own())),
            }
        } else if self.stdout_colour() {
            Canvas::Ansi(AnsiPaint::new(own()))
        } else {
            Canvas::Plain(PlainPaint::default())
        }
    }

    /// Something to paint on that ends up on standard error.
    pub fn stderr_canvas(&self) -> Canvas {
        if self.stderr_colour() {
            Canvas::Ansi(AnsiPaint::new(Theme::ansi()))
        } else {
            Canvas::Plain(PlainPaint::default())
        }
    }

    /// Says warnings on standard error.
    pub fn warn(&self, warnings: &[String]) {
        let mut canvas = self.stderr_canvas();
        for warning in warnings {
            canvas.line(&format!("warning: {warning}"), Tone::Warning.style());
        }
        say(&canvas.finish());
    }

    /// Writes to standard output, through a pager when that is wanted.
    pub fn print(&self, text: &str) -> Result<(), Failure> {
        let lines = text.lines().count();
        let wanted = match self.pager {
            When::Always => true,
            When::Never => false,
            When::Auto => {
                io::stdout().is_terminal()
                    && terminal_size::terminal_size_of(io::stdout())
                        .is_some_and(|(_, height)| lines >= usize::from(height.0))
            }
        };
        if wanted && page(text) {
            return Ok(());
        }
        write_stdout(text.as_bytes())
    }
}

/// Writes to standard error. When that is gone there is nobody left to tell.
pub fn say(text: &str) {
    say_bytes(text.as_bytes());
}

/// The same of bytes.
pub fn say_bytes(bytes: &[u8]) {
    let _ = io::stderr().write_all(bytes);
}

/// Writes bytes to standard output. A reader that has gone is no error.
pub fn write_stdout(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::usage(
            "write",
            format!("cannot write to standard output: {error}"),
        )),
        _ => Ok(()),
    }
}

/// Writes a whole file or none of it; `-` is standard output. `inputs` are not replaced.
pub fn write_file(path: &Path, bytes: &[u8], inputs: &[&Path]) -> Result<(), Failure> {
    match path == Path::new("-") {
        true => write_stdout(bytes),
        false => Ok(session::files::write(path, bytes, inputs)?),
    }
}

/// One JSON document on standard output, with irad's version and the schema's name.
pub fn print_json(schema: &str, mut document: Value) -> Result<(), Failure> {
    document["irad"] = json!(env!("CARGO_PKG_VERSION"));
    document["schema"] = json!(format!("{schema}/1"));
    write_stdout(format!("{document:#}\n").as_bytes())
}

/// Shows text in the pager; false when there is none.
fn page(text: &str) -> bool {
    let pager = env::var("PAGER")
        .ok()
        .filter(|pager| !pager.trim().is_empty());
    // As git does: $PAGER may be a whole pipeline.
    let mut command = Command::new("sh");
    command
        .args(["-c", pager.as_deref().unwrap_or("less -RFX")])
        .stdin(Stdio::piped());
    // A bare `less` would show escape codes as they are.
    if env::var_os("LESS").is_none() {
        command.env("LESS", "RFX");
    }
    let Ok(mut child) = command.spawn() else {
        return false;
    };
    if let Some(mut stdin) = child.stdin.take() {
        // A pager that is left early closes the pipe.
        let _ = stdin.write_all(text.as_bytes());
    }
    // The shell says of a pager that it cannot run; then nothing was shown.
    let cannot_run = |status: ExitStatus| matches!(status.code(), Some(126 | 127));
    !child.wait().is_ok_and(cannot_run)
}

/// Something to paint on.
pub enum Canvas {
    /// With escape codes.
    Ansi(AnsiPaint),
    /// Without.
    Plain(PlainPaint),
    /// For a picture.
    Svg(AnsiPaint, Drawing),
    /// As a fragment of HTML.
    Html(HtmlPaint),
    /// Rows, for the explorer.
    Rows(RowPaint),
}

impl Canvas {
    /// A whole line of one style.
    pub fn line(&mut self, text: &str, style: Style) {
        self.text(text, style);
        self.newline();
    }

    /// Words of one style, on as many lines as they need; `used` columns of the first are taken.
    pub fn paragraph(&mut self, text: &str, used: usize, width: usize, style: Style) {
        let mut column = used;
        for (at, word) in text.split(' ').enumerate() {
            let space = usize::from(at > 0);
            if column + space + word.width() > width && column > 2 {
                self.newline();
                self.text("  ", style);
                column = 2;
            } else if space > 0 {
                self.text(" ", style);
                column += 1;
            }
            self.text(word, style);
            column += word.width();
        }
        self.newline();
    }

    /// What was painted, as rows; of other forms none.
    pub fn rows_of(self) -> Vec<Row> {
        match self {
            Canvas::Rows(paint) => paint.rows,
            Canvas::Ansi(_) | Canvas::Plain(_) | Canvas::Svg(..) | Canvas::Html(_) => Vec::new(),
        }
    }

    /// What was painted.
    pub fn finish(self) -> String {
        match self {
            Canvas::Ansi(paint) => paint.out,
            Canvas::Plain(paint) => paint.out,
            Canvas::Svg(paint, drawing) => drawing.svg(&paint.out),
            Canvas::Html(paint) => paint.finish(),
            Canvas::Rows(paint) => {
                let mut plain = PlainPaint::default();
                plain.rows(paint.rows);
                plain.out
            }
        }
    }
}

impl Paint for Canvas {
    fn text(&mut self, text: &str, style: Style) {
        let text = printable(text);
        match self {
            Canvas::Ansi(paint) => paint.text(&text, style),
            Canvas::Plain(paint) => paint.text(&text, style),
            Canvas::Svg(paint, _) => paint.text(&text, style),
            Canvas::Html(paint) => paint.text(&text, style),
            Canvas::Rows(paint) => paint.text(&text, style),
        }
    }

    fn newline(&mut self) {
        match self {
            Canvas::Ansi(paint) => paint.newline(),
            Canvas::Plain(paint) => paint.newline(),
            Canvas::Svg(paint, _) => paint.newline(),
            Canvas::Html(paint) => paint.newline(),
            Canvas::Rows(paint) => paint.newline(),
        }
    }

    fn row(&mut self, row: &Row) {
        match self {
            Canvas::Ansi(paint) => paint.row(row),
            Canvas::Plain(paint) => paint.row(row),
            Canvas::Svg(paint, _) => paint.row(row),
            Canvas::Html(paint) => paint.row(row),
            Canvas::Rows(paint) => paint.row(row),
        }
    }
}
