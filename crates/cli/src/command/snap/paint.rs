//! How the difference of two snapshots looks.

use diff_view::{Detail, Paint, Show, Tone, hunks, layout};
use similar::{ChangeTag, TextDiff};
use snapshots::changes::{CONTEXT, Changes, Pair, ended};
use unicode_width::UnicodeWidthStr;

use crate::output::Canvas;

/// Paints it for people, in two columns where `is_split`.
pub fn paint(changes: &Changes, is_split: bool, width: usize, canvas: &mut Canvas) {
    let Some(functions) = &changes.functions else {
        return paint_lines(&changes.old, &changes.new, is_split, width, canvas);
    };
    let rename = bare;
    let options = layout::Options {
        width,
        rename: &rename,
        // A snapshot is a text: what is only numbered otherwise is another text.
        show: Show::Renaming,
        detail: Detail::ALL,
        source: None,
    };
    for Pair {
        heading,
        diff,
        metadata,
    } in functions
    {
        let found = hunks(diff, CONTEXT, Show::All, Detail::ALL);
        let found = match found.is_empty() {
            true => hunks(diff, CONTEXT, Show::Renaming, Detail::ALL),
            false => found,
        };
        if found.is_empty() {
            continue;
        }
        if let Some(heading) = heading {
            canvas.line(heading, Tone::Title.style());
        }
        match is_split {
            true => canvas.rows(layout::split(diff, &found, &options)),
            false => canvas.rows(layout::unified(diff, &found, &options)),
        }
        // An instruction shows only the number of what has changed.
        paint_lines(&metadata.0, &metadata.1, is_split, width, canvas);
    }
}

/// Paints the difference of any two texts, line by line.
fn paint_lines(old: &str, new: &str, is_split: bool, width: usize, canvas: &mut Canvas) {
    let (old, new) = (ended(old), ended(new));
    let diff = TextDiff::from_lines(&old, &new);
    let column = width.min(400).saturating_sub(5) / 2;
    for group in diff.grouped_ops(CONTEXT) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else {
            continue;
        };
        let range = |start: usize, end: usize| format!("{},{}", start + 1, end - start);
        let title = format!(
            "@@ -{} +{} @@",
            range(first.old_range().start, last.old_range().end),
            range(first.new_range().start, last.new_range().end)
        );
        canvas.line(&title, Tone::Hunk.style());
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let text = change.value().trim_end_matches('\n');
            let (mark, tone) = match change.tag() {
                ChangeTag::Equal => (" ", Tone::Plain),
                ChangeTag::Delete => ("-", Tone::Removed),
                ChangeTag::Insert => ("+", Tone::Added),
            };
            if !is_split {
                canvas.line(&format!("{mark}{text}"), tone.style());
                continue;
            }
            let text = fit(text, column);
            let left = match change.tag() {
                ChangeTag::Insert => String::new(),
                _ => format!("{mark}{text}"),
            };
            let gap = " ".repeat((column + 1).saturating_sub(left.width()));
            canvas.text(&format!("{left}{gap}"), tone.style());
            canvas.text(" │ ", Tone::Muted.style());
            match change.tag() {
                ChangeTag::Delete => canvas.newline(),
                _ => canvas.line(&format!("{mark}{text}"), tone.style()),
            }
        }
    }
}

fn fit(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{kept}…")
}

/// A path without the quotes that LLVM's syntax wants around it.
pub fn bare(symbol: &str) -> Option<String> {
    symbol.contains("::").then(|| symbol.to_owned())
}

#[cfg(test)]
mod tests {
    use diff_view::PlainPaint;
    use snapshots::content::Content;

    use super::*;

    const OLD: &str = "\
; warning: it is doubtful
; stage: prepared
define double @f(
    double %x
  ) nounwind {
0:
  %1 = fmul double %x, %x, !range !0
  ret double %1
}
!0 = !{i64 0, i64 4}
@alloc.1 = private constant [1 x i8] c\"1\"";

    fn painted(content: Content, old: &str, new: &str, is_split: bool) -> String {
        let mut canvas = Canvas::Plain(PlainPaint::default());
        paint(
            &Changes::between(content, old, new),
            is_split,
            120,
            &mut canvas,
        );
        canvas.finish()
    }

    #[test]
    fn every_difference_of_text_is_shown() {
        for (from, to, shown) in [
            ("is doubtful", "is not", "+; warning: it is not"),
            ("prepared", "final", "+; stage: final"),
            ("nounwind", "", "-  ) nounwind {"),
            ("fmul", "fadd", "+  %1 = fadd double %x, %x, !range !0"),
            ("%1", "%2", "%2 = fmul double %x, %x"),
            ("%1", "%fmul.1", "ret double %fmul.1"),
            ("i64 4}", "i64 5}", "fmul double %x, %x, !range !0"),
            (
                "c\"1\"",
                "c\"2\"",
                "+@alloc.1 = private constant [1 x i8] c\"2\"",
            ),
        ] {
            let new = OLD.replace(from, to);
            for is_split in [false, true] {
                let text = painted(Content::Ir, OLD, &new, is_split);
                let shown = if is_split { &shown[1..] } else { shown };
                assert!(text.contains(shown.trim_start()), "{from}: {text}");
            }
            let changes = Changes::between(Content::Ir, OLD, &new);
            assert!(changes.patch().contains("@@"), "{from}");
            let first = changes.first();
            assert_ne!(OLD.lines().nth(first), new.lines().nth(first));
        }
        assert!(painted(Content::Summary, "loads 3", "loads 4", true).contains("+loads 4"));
    }

    #[test]
    fn kinds_are_told_apart() {
        let sums = |new: &str| Changes::between(Content::Ir, OLD, new).sums();
        let attributes = sums(&OLD.replace("nounwind", "")).kinds.unwrap();
        assert_eq!((attributes.attributes, attributes.real), (1, 0));
        let metadata = sums(&OLD.replace("i64 4}", "i64 5}")).kinds.unwrap();
        assert_eq!((metadata.metadata, metadata.real), (1, 0));
        let real = sums(&OLD.replace("fmul", "fadd"));
        assert_ne!(real.kinds.unwrap().real, 0);
        assert_eq!(real.instructions, Some((2, 2)));
    }
}
