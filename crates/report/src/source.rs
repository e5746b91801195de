//! Lines of the Rust source that lines of IR come from.

use std::collections::BTreeSet;

use diff_view::{Function, Location, printable};
use serde::Serialize;
use trace::Point;
use view_model::story::Story;

use crate::lines::visible;

/// A part of a source file.
#[derive(Clone, Debug, Serialize)]
pub struct Excerpt {
    /// What the file is called.
    pub name: String,
    /// Numbers and texts of its lines.
    pub lines: Vec<(u32, String)>,
}

/// The source of a function's lines.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Parts of files.
    pub excerpts: Vec<Excerpt>,
    /// For each line of the function that a page shows, the excerpt and the line.
    pub places: Vec<Option<(usize, u32)>>,
    /// The files, each as it was called by the function.
    pub files: Vec<Location>,
}

impl Sources {
    /// The source of the lines of a run that are paired with those of its derivative.
    pub fn of(story: &Story, read: &dyn Fn(&Location) -> Option<String>) -> Self {
        let at = story
            .at_point(Point::Preprocessed)
            .or_else(|| story.at_point(Point::Prepared))
            .unwrap_or(0);
        let Some(state) = story.states.get(at) else {
            return Sources::default();
        };
        let text = story.trace.text(state.text).unwrap_or_default();
        let function = Function::parse(&text);
        of_lines(&function, &visible(&function), read)
    }

    /// The text of a file in which only the lines stand that are shown, at their places.
    pub fn text(&self, at: usize) -> String {
        let mut text = String::new();
        let mut next = 1;
        for (number, line) in self.excerpts.get(at).iter().flat_map(|of| &of.lines) {
            while next < *number {
                text.push('\n');
                next += 1;
            }
            text.push_str(line);
            text.push('\n');
            next += 1;
        }
        text
    }
}

fn of_lines(
    function: &Function,
    shown: &[usize],
    read: &dyn Fn(&Location) -> Option<String>,
) -> Sources {
    let mut sources = Sources::default();
    let mut wanted: Vec<(Location, BTreeSet<u32>)> = Vec::new();
    for &line in shown {
        let found = function.location(&function.lines[line]);
        let found = found.filter(|found| found.is_own() && found.line > 0);
        sources.places.push(found.map(|found| {
            let line = found.line;
            let file = Location { line: 0, ..found };
            let at = wanted.iter().position(|(other, _)| *other == file);
            let at = at.unwrap_or_else(|| {
                wanted.push((file, BTreeSet::new()));
                wanted.len() - 1
            });
            wanted[at].1.insert(line);
            (at, line)
        }));
    }
    let mut kept = Vec::new();
    for (file, lines) in wanted {
        let text = read(&file);
        kept.push(text.as_ref().map(|_| sources.excerpts.len()));
        if let Some(text) = text {
            sources.excerpts.push(Excerpt {
                name: printable(&file.file).into_owned(),
                lines: around(&text, lines.into_iter()),
            });
            sources.files.push(file);
        }
    }
    for place in &mut sources.places {
        *place = place.and_then(|(at, line)| Some((kept[at]?, line)));
    }
    sources
}

/// The wanted lines with a few around them, and with the line above that begins the function.
fn around(text: &str, wanted: impl Iterator<Item = u32>) -> Vec<(u32, String)> {
    /// Lines around each.
    const CONTEXT: usize = 2;
    /// The function begins at most so far above.
    const ABOVE: usize = 12;
    let lines: Vec<&str> = text.lines().collect();
    let mut kept = vec![false; lines.len()];
    let mut is_first = true;
    for line in wanted {
        let at = line as usize - 1;
        if at >= lines.len() {
            continue;
        }
        let mut from = at.saturating_sub(CONTEXT);
        if is_first {
            let above = (at.saturating_sub(ABOVE)..=at).rev();
            from = above
                .into_iter()
                .find(|&at| lines[at].contains("fn "))
                .unwrap_or(from)
                .min(from);
            is_first = false;
        }
        let to = (at + CONTEXT + 1).min(lines.len());
        kept[from..to].fill(true);
    }
    let numbered = (1..).zip(lines).zip(kept);
    numbered
        .filter(|(_, kept)| *kept)
        .map(|((number, line), _)| (number, shown(line)))
        .collect()
}

/// A line of Rust as it is shown.
fn shown(line: &str) -> String {
    printable(&line.replace('\t', "    ")).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_begins_the_function_comes_along() {
        let text = "a\nfn f() {\n1\n2\n3\n4\u{202e}\n5\n6\n}\n";
        let lines = around(text, [6, 100].into_iter());
        let numbers: Vec<u32> = lines.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [2, 3, 4, 5, 6, 7, 8]);
        assert!(!lines[4].1.contains('\u{202e}'));
    }
}
