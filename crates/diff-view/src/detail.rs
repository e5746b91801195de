//! What of a function's text is shown beside its code.

use ir_text::{Attached, Function, Line, LineKind, attached, lex};

/// What of a function's text is shown beside its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detail {
    /// Debug records, and the places in the source that are attached to lines.
    pub debug_info: bool,
    /// Other metadata that is attached to lines, and declarations of scopes.
    pub metadata: bool,
}

/// How much beside the code there is that is not shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    /// Lines that are debug records.
    pub records: usize,
    /// Places in the source that are attached to lines.
    pub places: usize,
    /// Other attachments, and declarations of scopes.
    pub metadata: usize,
}

impl Detail {
    /// Everything.
    pub const ALL: Detail = Detail {
        debug_info: true,
        metadata: true,
    };
    /// The code alone.
    pub const CODE: Detail = Detail {
        debug_info: false,
        metadata: false,
    };

    pub(crate) fn shows(self, attached: Attached) -> bool {
        match attached {
            Attached::DebugInfo => self.debug_info,
            Attached::Metadata => self.metadata,
        }
    }

    /// True when the whole line stands beside the code and is not shown.
    pub fn hides(self, line: &Line) -> bool {
        line.attached()
            .is_some_and(|attached| !self.shows(attached))
    }

    /// Counts what of a function is not shown.
    pub fn hidden(self, function: &Function) -> Hidden {
        let mut hidden = Hidden::default();
        for line in &function.lines {
            self.count(line, &mut hidden);
        }
        hidden
    }

    pub(crate) fn count(self, line: &Line, hidden: &mut Hidden) {
        match line.attached() {
            Some(attached) if self.shows(attached) => return,
            Some(Attached::DebugInfo) => {
                hidden.records += 1;
                return;
            }
            Some(Attached::Metadata) => {
                hidden.metadata += 1;
                return;
            }
            None => {}
        }
        if line.kind == LineKind::Blank || !line.text.contains('!') {
            return;
        }
        let tokens = lex(&line.text);
        let kinds = tokens.iter().zip(attached(&tokens));
        for (_, attached) in
            kinds.filter(|(token, _)| token.text.starts_with('!') && !token.is_numbered())
        {
            match attached {
                Some(Attached::DebugInfo) if !self.debug_info => hidden.places += 1,
                Some(Attached::Metadata) if !self.metadata => hidden.metadata += 1,
                _ => {}
            }
        }
    }
}

impl std::ops::AddAssign for Hidden {
    fn add_assign(&mut self, other: Hidden) {
        self.records += other.records;
        self.places += other.places;
        self.metadata += other.metadata;
    }
}

/// `not shown: 12 debug records and 3 places in the source (--debug-info), 4 metadata (--metadata)`.
impl std::fmt::Display for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let of = |count: usize, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {many}")),
        };
        let debug = [
            of(self.records, "debug record", "debug records"),
            of(self.places, "source location", "source locations"),
        ];
        let debug: Vec<String> = debug.into_iter().flatten().collect();
        let mut parts = Vec::new();
        if !debug.is_empty() {
            parts.push(format!("{} (--debug-info)", debug.join(" and ")));
        }
        parts.extend(
            of(self.metadata, "piece of metadata", "pieces of metadata")
                .map(|metadata| format!("{metadata} (--metadata)")),
        );
        f.write_str(&parts.join(", "))
    }
}
