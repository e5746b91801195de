//! Frames of the explorer as pictures with their colours.

use std::fmt::Write;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use vt100::{Cell, Color};

use super::terminal::{Terminal, root};

/// Columns and rows of a cell, in the picture.
const CELL: (u16, u16) = (8, 17);

/// How a cell looks.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Look {
    text: Color,
    ground: Color,
    bold: bool,
    dim: bool,
    underline: bool,
}

impl Look {
    fn of(cell: &Cell) -> Self {
        let (text, ground) = match cell.inverse() {
            true => (cell.bgcolor(), cell.fgcolor()),
            false => (cell.fgcolor(), cell.bgcolor()),
        };
        Look {
            // What is reversed without a colour has those of the terminal, the other way round.
            text: match (cell.inverse(), text) {
                (true, Color::Default) => Color::Idx(0),
                (_, text) => text,
            },
            ground: match (cell.inverse(), ground) {
                (true, Color::Default) => Color::Idx(7),
                (_, ground) => ground,
            },
            bold: cell.bold(),
            dim: cell.dim(),
            underline: cell.underline(),
        }
    }

    fn text(self) -> String {
        let mut style = String::new();
        if let Some(colour) = hex(self.text) {
            write!(style, " fill=\"{colour}\"").unwrap();
        }
        if self.bold {
            style.push_str(" font-weight=\"bold\"");
        }
        if self.dim {
            style.push_str(" opacity=\"0.6\"");
        }
        if self.underline {
            style.push_str(" text-decoration=\"underline\"");
        }
        style
    }
}

fn hex(colour: Color) -> Option<String> {
    const OWN: [&str; 16] = [
        "#000000", "#cd3131", "#0dbc79", "#e5e510", "#2472c8", "#bc3fbc", "#11a8cd", "#e5e5e5",
        "#666666", "#f14c4c", "#23d18b", "#f5f543", "#3b8eea", "#d670d6", "#29b8db", "#ffffff",
    ];
    match colour {
        Color::Default => None,
        Color::Idx(index) => Some(
            OWN.get(usize::from(index))
                .map_or_else(|| format!("colour {index}"), |own| (*own).to_owned()),
        ),
        Color::Rgb(r, g, b) => Some(format!("#{r:02x}{g:02x}{b:02x}")),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// What stands on the screen, as SVG: a line for each piece of one look.
fn picture(terminal: &Terminal) -> String {
    let parser = terminal.parser.lock().unwrap();
    let screen = parser.screen();
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let (width, height) = CELL;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" font-family=\"monospace\" font-size=\"13\" \
         fill=\"#d4d4d4\" xml:space=\"preserve\">\n<rect width=\"100%\" height=\"100%\" fill=\"#1e1e1e\"/>\n",
        columns * width,
        rows * height,
    );
    for row in 0..rows {
        let mut column = 0;
        while column < columns {
            let look = Look::of(screen.cell(row, column).unwrap());
            let from = column;
            let mut text = String::new();
            while column < columns {
                let cell = screen.cell(row, column).unwrap();
                if Look::of(cell) != look {
                    break;
                }
                if !cell.is_wide_continuation() {
                    text.push_str(match cell.has_contents() {
                        true => cell.contents(),
                        false => " ",
                    });
                }
                column += 1;
            }
            let (x, y) = (from * width, row * height);
            if let Some(ground) = hex(look.ground) {
                let wide = (column - from) * width;
                writeln!(
                    svg,
                    "<rect x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"{height}\" fill=\"{ground}\"/>"
                )
                .unwrap();
            }
            if !text.trim().is_empty() {
                let style = look.text();
                let text = escaped(text.trim_end());
                writeln!(svg, "<text x=\"{x}\" y=\"{}\"{style}>{text}</text>", y + 13).unwrap();
            }
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// Holds a frame against the picture of that name. On a busy machine what is worked out beside the keys (the partner of a
/// line, differences) comes late, so that it is given time to become that.
#[track_caller]
fn check(name: &str, terminal: &Terminal) {
    let file = root().join(format!("snapshots/frame_{name}.snap"));
    let stored = fs::read_to_string(file).unwrap_or_default();
    let wanted = stored.splitn(3, "---\n").nth(2).unwrap_or_default();
    let until = Instant::now() + Duration::from_secs(20);
    while !wanted.is_empty() && picture(terminal).trim() != wanted.trim() && Instant::now() < until
    {
        thread::sleep(Duration::from_millis(50));
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root().join("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(format!("frame_{name}"), picture(terminal)));
}

/// The talk's run of a loss: it holds all that a view may show.
fn open(size: (u16, u16), variables: &[(&str, &str)]) -> Terminal {
    let terminal = Terminal::start(&["explore", "talk/loss.trace"], size, variables);
    terminal.settle_with("alloca");
    terminal
}

fn close(mut terminal: Terminal) {
    terminal.send("q");
    terminal.has_ended();
}

/// Four sizes: as small as it may be, a terminal's usual one, with lists, and with both sides of a pair beside each
/// other.
const SIZES: [(u16, u16); 4] = [(15, 60), (24, 80), (40, 120), (50, 170)];

#[test]
fn the_first_frame() {
    for size @ (rows, columns) in SIZES {
        let terminal = open(size, &[]);
        check(&format!("first_{columns}x{rows}"), &terminal);
        close(terminal);
    }
}

#[test]
fn a_step_of_the_derivative_in_the_colours_of_roles() {
    for size @ (rows, columns) in SIZES {
        let mut terminal = open(size, &[]);
        terminal.send("C");
        terminal.send(">");
        terminal.send("h");
        terminal.settle_with("a adjoint");
        check(&format!("roles_{columns}x{rows}"), &terminal);
        close(terminal);
    }
}

#[test]
fn a_pair() {
    for size @ (rows, columns) in SIZES {
        let mut terminal = open(size, &[]);
        terminal.send(">p");
        terminal.settle_with("pair, on the derivative");
        terminal.send("/fmul fast\r");
        terminal.settle_with("instruction ");
        check(&format!("pair_{columns}x{rows}"), &terminal);
        close(terminal);
    }
}

#[test]
fn roles_without_colour_and_on_light() {
    for (name, variables) in [
        ("plain", [("NO_COLOR", "1"), ("LANG", "C")]),
        ("light", [("COLORFGBG", "0;15"), ("LANG", "C.UTF-8")]),
    ] {
        let mut terminal = open((24, 80), &variables);
        terminal.send(">C");
        terminal.settle_with("a adjoint");
        check(&format!("roles_{name}"), &terminal);
        close(terminal);
    }
}

#[test]
fn what_stands_above_a_view() {
    let mut terminal = open((24, 80), &[]);
    terminal.send("?");
    terminal.settle_with("keys (");
    check("help", &terminal);
    terminal.send("q/");
    terminal.settle_with("search:");
    check("prompt", &terminal);
    terminal.send("\x1b");
    // With what comes at once behind it, an escape is a sequence.
    terminal.settle_with("unified");
    close(terminal);
}
