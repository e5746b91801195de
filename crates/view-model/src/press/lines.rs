//! Moves the cursor about in one state: by lines, by hunks, to what is searched.

use diff_view::{TokenKind, lex};

use crate::code;
use crate::geometry::geometry;
use crate::lay;
use crate::model::Model;

/// Moves the cursor by entries, or by a screen of rows where there is more than one.
pub(crate) fn down(model: &mut Model, by: isize) {
    let area = geometry(model).code;
    let width = usize::from(area.width);
    let height = usize::from(area.height);
    let count = model.code.entries.len();
    if count == 0 {
        return;
    }
    let mut entry = model.code.cursor;
    let mut anchor = model.view.anchor;
    let mut left = by.unsigned_abs();
    let is_page = left > 1;
    while left > 0 {
        let next = entry.saturating_add_signed(by.signum());
        if next == entry || next >= count {
            break;
        }
        let rows = lay::height_of(model, if by > 0 { entry } else { next }, width).max(1);
        entry = next;
        if !is_page {
            anchor = anchor.saturating_add_signed(rows as isize * by.signum());
        }
        left = left.saturating_sub(if is_page { rows } else { 1 });
    }
    // A line of what comes next stays in sight.
    let last = height.saturating_sub(2);
    let first = usize::from(entry > 0 && height > 3);
    model.go_to_entry(entry, anchor.clamp(first.min(last), last.max(first)));
}

pub(crate) fn hunk(model: &mut Model, forwards: bool) {
    if model.is_waiting() {
        model.say("the two are being compared; their differences are not known yet");
        return;
    }
    let settings = model.view.shown();
    let Some(of) = model.code.comparison.clone() else {
        return;
    };
    let entries = std::sync::Arc::clone(&model.code.entries);
    let differs = |entry: usize| code::is_difference(&of, &entries[entry], settings);
    // Where a hunk begins.
    let begins = |entry: &usize| differs(*entry) && (*entry == 0 || !differs(entry - 1));
    let cursor = model.code.cursor;
    let found = match forwards {
        true => (cursor + 1..entries.len()).find(begins),
        false => (0..cursor).rev().find(begins),
    };
    let height = usize::from(geometry(model).code.height);
    match found {
        Some(entry) => model.go_to_entry(entry, height / 3),
        None if forwards => model.say("no further difference; l goes to the next step"),
        None => model.say("no difference above; h goes to the step before"),
    }
}

/// Where nothing of the difference is on the screen, its first line comes there.
pub(crate) fn hunk_from_top(model: &mut Model) {
    if model.is_waiting() {
        return;
    }
    let settings = model.view.shown();
    let Some(of) = model.code.comparison.clone() else {
        return;
    };
    let entries = std::sync::Arc::clone(&model.code.entries);
    let is_here = |entry: usize| code::is_difference(&of, &entries[entry], settings);
    let height = usize::from(geometry(model).code.height);
    let from = model.code.cursor.saturating_sub(height);
    let to = (model.code.cursor + height).min(entries.len());
    if (from..to).any(is_here) {
        return;
    }
    if let Some(first) = (0..entries.len()).find(|&entry| is_here(entry)) {
        model.go_to_entry(first, height / 3);
    }
}

pub(crate) fn search(model: &mut Model, forwards: bool) {
    let wanted = Wanted::of(&model.view.search);
    if wanted.text.is_empty() {
        return;
    }
    let shape = model.laid_out().shape;
    let Some(of) = model.code.comparison.clone() else {
        return;
    };
    let entries = std::sync::Arc::clone(&model.code.entries);
    let matches = |entry: &usize| {
        code::text_of(&of, &entries[*entry], shape).any(|text| {
            wanted.is_in(text)
                || text.contains('@')
                    && lex(text)
                        .iter()
                        .filter(|token| token.kind == TokenKind::Global)
                        .filter_map(|token| of.names.get(token.name()))
                        .any(|name| wanted.is_in(name))
        })
    };
    let cursor = model.code.cursor;
    let count = entries.len();
    let order: Box<dyn Iterator<Item = usize>> = match forwards {
        true => Box::new((cursor + 1..count).chain(0..(cursor + 1).min(count))),
        false => Box::new((0..cursor).rev().chain((cursor..count).rev())),
    };
    let found = order.into_iter().find(|entry| matches(entry));
    let height = usize::from(geometry(model).code.height);
    match found {
        Some(entry) => {
            let turned = if forwards {
                entry <= cursor
            } else {
                entry >= cursor
            };
            model.go_to_entry(entry, height / 3);
            if turned {
                model.say("the search began again at the other end");
            }
        }
        None => model.warn(format!("no line has {}", model.view.search)),
    }
}

/// What is searched for, in small letters.
struct Wanted {
    text: String,
    /// The letters that it may begin with, where it is of ASCII only.
    first: Option<[u8; 2]>,
}

impl Wanted {
    fn of(text: &str) -> Self {
        let text = text.to_lowercase();
        let first = text.bytes().next().filter(|_| text.is_ascii());
        Wanted {
            first: first.map(|first| [first, first.to_ascii_uppercase()]),
            text,
        }
    }

    /// True where a line has it. Most lines are looked through byte by byte, and none of these is copied.
    fn is_in(&self, line: &str) -> bool {
        let Some(first) = self.first.filter(|_| line.is_ascii()) else {
            return line.to_lowercase().contains(&self.text);
        };
        let wanted = self.text.as_bytes();
        let bytes = line.as_bytes();
        let last = bytes.len().saturating_sub(wanted.len());
        (0..=last).any(|at| {
            first.contains(bytes.get(at).unwrap_or(&0))
                && bytes[at..]
                    .get(..wanted.len())
                    .is_some_and(|part| part.eq_ignore_ascii_case(wanted))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_finds_what_small_letters_find() {
        let lines = [
            "",
            "x",
            "  %X4 = fmul double %a, %A",
            "  call void @Größe()",
            "ends in xX4",
        ];
        for wanted in [
            "x4",
            "X4",
            "größe",
            "ß",
            "a",
            "xx4",
            "longer than any of the lines is",
        ] {
            for line in lines {
                let is_in = line.to_lowercase().contains(&wanted.to_lowercase());
                assert_eq!(
                    Wanted::of(wanted).is_in(line),
                    is_in,
                    "{wanted:?} in {line:?}"
                );
            }
        }
    }
}
