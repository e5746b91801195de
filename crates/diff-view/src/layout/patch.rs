//! A unified diff for programs.

use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};

use crate::alignment::Diff;
use crate::row::Row;
use crate::style::Tone;

/// A unified diff for programs: `patch` applies it to the text before and gets the text after, line
/// by line, renumbering included. It is made from the lines as they are and not from the alignment,
/// which may move blocks. `file` is the path of the file that it applies to; of texts that do not differ there is no
/// patch.
pub fn patch(diff: &Diff, file: &str, context: usize) -> Vec<Row> {
    let before: Vec<&str> = diff.before.lines.iter().map(|l| l.text.as_str()).collect();
    let after: Vec<&str> = diff.after.lines.iter().map(|l| l.text.as_str()).collect();
    let mut rows = Vec::new();
    let file = without(file, |c| c.is_control());
    // One name for both sides: a patch of one text into another, as `git apply` wants it.
    if diff.before != diff.after {
        rows.push(beside(&format!("--- a/{file}"), Tone::Plain));
        rows.push(beside(&format!("+++ b/{file}"), Tone::Plain));
    }
    let ops = capture_diff_slices(Algorithm::Myers, &before, &after);
    for group in group_diff_ops(ops, context) {
        rows.extend(heading(&group));
        for op in group {
            if let DiffOp::Equal { .. } = op {
                for (old, new) in op.old_range().zip(op.new_range()) {
                    rows.push(line(" ", before[old], Tone::Plain, Some(old), Some(new)));
                }
                continue;
            }
            for old in op.old_range() {
                rows.push(line("-", before[old], Tone::Removed, Some(old), None));
            }
            for new in op.new_range() {
                rows.push(line("+", after[new], Tone::Added, None, Some(new)));
            }
        }
    }
    rows
}

/// The file of a function: names in IR may hold anything.
pub fn file_of(symbol: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.$-".contains(c);
    format!("{}.ll", without(symbol, |c| !is_plain(c)))
}

fn without(name: &str, is_odd: impl Fn(char) -> bool) -> String {
    let kept = name.chars().map(|c| if is_odd(c) { '_' } else { c });
    kept.collect()
}

fn heading(group: &[DiffOp]) -> Option<Row> {
    let (first, last) = (group.first()?, group.last()?);
    let range = |start: usize, end: usize| {
        // Of an empty range, the line before it is named.
        let first = if start == end { start } else { start + 1 };
        format!("{first},{}", end - start)
    };
    let text = format!(
        "@@ -{} +{} @@",
        range(first.old_range().start, last.old_range().end),
        range(first.new_range().start, last.new_range().end)
    );
    Some(beside(&text, Tone::Hunk))
}

fn line(mark: &str, text: &str, tone: Tone, before: Option<usize>, after: Option<usize>) -> Row {
    let mut row = Row::of(before, after);
    row.push(mark, tone.style(), None);
    row.push(text, tone.style(), None);
    row
}

/// A row that shows no line.
fn beside(text: &str, tone: Tone) -> Row {
    let mut row = Row::default();
    row.push(text, tone.style(), None);
    row
}
