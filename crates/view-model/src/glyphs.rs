//! Signs that are not letters, for terminals with Unicode and without.

/// Signs for a terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Glyphs {
    /// The terminal shows ASCII only.
    pub ascii: bool,
}

impl Glyphs {
    fn of(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii { ascii } else { unicode }
    }

    /// Something is left out, or comes yet.
    pub fn ellipsis(self) -> &'static str {
        self.of("…", "...")
    }

    /// A full cell of a bar.
    pub fn full(self) -> &'static str {
        self.of("█", "#")
    }

    /// A light cell of a bar.
    pub fn shade(self) -> &'static str {
        self.of("▒", "=")
    }

    /// Between two things on a line.
    pub fn dot(self) -> &'static str {
        self.of(" · ", " | ")
    }

    /// Between two panes.
    pub fn bar(self) -> &'static str {
        self.of("│", "|")
    }

    /// Before the line at the cursor.
    pub fn cursor(self) -> &'static str {
        self.of("▶", ">")
    }

    /// Before a line that belongs to the one at the cursor.
    pub fn lit(self) -> &'static str {
        self.of("◆", "*")
    }

    /// The text as such a terminal can show it.
    pub fn shown(self, text: &str) -> String {
        match self.ascii && !text.is_ascii() {
            false => text.to_owned(),
            true => text
                .chars()
                .map(|c| match c {
                    '│' => '|',
                    '…' => '~',
                    '·' => '.',
                    '—' | '–' => '-',
                    c if c.is_ascii() => c,
                    _ => '?',
                })
                .collect(),
        }
    }
}
