//! How two bodies of a snapshot differ, and how that looks.

use diff_view::{Counts, Diff, Highlighter, Paint, Show, Tone, hunks, layout};
use serde_json::{Value, json};
use similar::{ChangeTag, TextDiff};
use unicode_width::UnicodeWidthStr;

use super::body::{Content, is_heading};
use super::compare::compare;
use super::file::Snapshot;

use crate::output::Canvas;

/// Unchanged lines around each difference.
const CONTEXT: usize = 3;

/// The difference between two bodies.
pub struct Changes {
    old: String,
    new: String,
    /// The functions in them, stage by stage, where both have the same stages and nothing around the
    /// functions differs.
    functions: Option<Vec<Pair>>,
}

/// A function in both bodies.
struct Pair {
    /// What stands above it, where there are several.
    heading: Option<String>,
    diff: Diff,
    /// The metadata that each refers to.
    metadata: (String, String),
}

/// How many lines differ, and in what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// New lines.
    pub added: usize,
    /// Lines that are gone.
    pub removed: usize,
    /// The same by kinds, for what is a function's text.
    pub kinds: Option<Counts>,
    /// Instructions before and after, for what is a function's text.
    pub instructions: Option<(usize, usize)>,
}

impl Changes {
    /// Compares two bodies.
    pub fn between(content: Content, old: &str, new: &str) -> Self {
        let functions = match content {
            Content::Ir => functions(old, new),
            _ => None,
        };
        Changes {
            old: old.to_owned(),
            new: new.to_owned(),
            functions,
        }
    }

    /// How much differs.
    pub fn sums(&self) -> Sums {
        if let Some(functions) = &self.functions {
            let mut sums = Counts::default();
            let (mut before, mut after) = (0, 0);
            for Pair { diff, .. } in functions {
                let counts = diff.counts();
                sums.added += counts.added;
                sums.removed += counts.removed;
                sums.real += counts.real;
                sums.attributes += counts.attributes;
                sums.metadata += counts.metadata;
                sums.moved += counts.moved;
                sums.renaming += counts.renaming;
                before += diff.before.instructions();
                after += diff.after.instructions();
            }
            return Sums {
                added: sums.added,
                removed: sums.removed,
                kinds: Some(sums),
                instructions: Some((before, after)),
            };
        }
        let mut sums = Sums::default();
        for change in TextDiff::from_lines(&self.old, &self.new).iter_all_changes() {
            match change.tag() {
                ChangeTag::Insert => sums.added += 1,
                ChangeTag::Delete => sums.removed += 1,
                ChangeTag::Equal => {}
            }
        }
        sums
    }

    /// The position in the old body of the first line that is not as it was.
    pub fn first(&self) -> usize {
        let same = self.old.lines().zip(self.new.lines());
        same.take_while(|(old, new)| old == new).count()
    }

    /// The difference as plain text.
    pub fn patch(&self) -> String {
        let (old, new) = (ended(&self.old), ended(&self.new));
        let diff = TextDiff::from_lines(&old, &new);
        diff.unified_diff().context_radius(CONTEXT).to_string()
    }

    /// Paints it for people, in two columns where `is_split`.
    pub fn paint(
        &self,
        is_split: bool,
        width: usize,
        highlighter: Option<&Highlighter>,
        canvas: &mut Canvas,
    ) {
        let Some(functions) = &self.functions else {
            return paint_lines(&self.old, &self.new, is_split, width, canvas);
        };
        let rename = bare;
        let options = layout::Options {
            width: if is_split { width.min(400) } else { width },
            rename: &rename,
            // A snapshot is a text: what is only numbered otherwise is another text.
            show: Show::Renaming,
            highlighter,
        };
        for Pair {
            heading,
            diff,
            metadata,
        } in functions
        {
            let found = hunks(diff, CONTEXT, Show::All);
            let found = match found.is_empty() {
                true => hunks(diff, CONTEXT, Show::Renaming),
                false => found,
            };
            if found.is_empty() {
                continue;
            }
            if let Some(heading) = heading {
                canvas.line(heading, Tone::Title.style());
            }
            match is_split {
                true => layout::split(diff, &found, &options, canvas),
                false => layout::unified(diff, &found, &options, canvas),
            }
            // An instruction shows only the number of what has changed.
            paint_lines(&metadata.0, &metadata.1, is_split, width, canvas);
        }
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

impl Sums {
    /// In words: `+3 -1, 2 in attributes alone`.
    pub fn words(&self) -> String {
        let mut words = format!("+{} -{}", self.added, self.removed);
        if let Some(kinds) = &self.kinds {
            for (count, what) in [
                (kinds.attributes, "in attributes alone"),
                (kinds.metadata, "in metadata alone"),
                (kinds.moved, "moved"),
                (kinds.renaming, "renumbered"),
            ] {
                if count > 0 {
                    words.push_str(&format!(", {count} {what}"));
                }
            }
        }
        words
    }

    /// For programs.
    pub fn json(&self) -> Value {
        json!({
            "added": self.added,
            "removed": self.removed,
            "kinds": self.kinds,
            "instructions": self.instructions.map(|(before, after)| json!({
                "before": before,
                "after": after,
            })),
        })
    }
}

/// Which versions moved between two snapshots: `rustc 1.95.0 → 1.97.0`.
pub fn moved(old: &Snapshot, new: &Snapshot) -> Vec<String> {
    ["irad", "llvm", "enzyme", "rustc"]
        .iter()
        .filter_map(|key| {
            let version = |snapshot: &Snapshot| -> String {
                let value = snapshot.info.get(*key).and_then(Value::as_str);
                let value = value.unwrap_or("unknown");
                value
                    .strip_prefix("rustc version ")
                    .unwrap_or(value)
                    .to_owned()
            };
            let (old, new) = (version(old), version(new));
            let name = match *key {
                "llvm" => "LLVM",
                "enzyme" => "Enzyme",
                other => other,
            };
            (old != new).then(|| format!("{name} {old} → {new}"))
        })
        .collect()
}

/// Which instances of generic functions are other ones, where both snapshots know: a name in a body has
/// no generic arguments, because only one of Rust's manglings spells them out.
pub fn instances(old: &Snapshot, new: &Snapshot) -> Vec<String> {
    let known = |snapshot: &Snapshot| {
        let known = snapshot.info.get("instances").and_then(Value::as_object);
        known.cloned().unwrap_or_default()
    };
    let (old, new) = (known(old), known(new));
    let both = old
        .iter()
        .filter_map(|(name, was)| Some((name, was, new.get(name)?)));
    both.filter(|(_, was, is)| was != is)
        .map(|(name, was, is)| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            format!("{name} was {} and is {}", text(was), text(is))
        })
        .collect()
}

/// A text with a line end, as line comparisons want it.
fn ended(text: &str) -> String {
    match text {
        "" => String::new(),
        text => format!("{text}\n"),
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

/// A body of one or more functions, taken apart.
struct Parts {
    /// The lines that belong to no function, and the headings.
    around: Vec<String>,
    /// Heading and text of each function, with the metadata that it refers to.
    functions: Vec<(Option<String>, String)>,
}

fn parts(body: &str) -> Option<Parts> {
    let mut parts = Parts {
        around: Vec::new(),
        functions: Vec::new(),
    };
    let mut heading = None;
    let mut is_open = false;
    for line in body.lines() {
        if is_open {
            let (_, text) = parts.functions.last_mut()?;
            text.push_str(line);
            text.push('\n');
            is_open = line != "}";
        } else if line.starts_with("define ") {
            parts.functions.push((heading.take(), format!("{line}\n")));
            is_open = true;
        } else if line.starts_with('!') && !parts.functions.is_empty() {
            let (_, text) = parts.functions.last_mut()?;
            text.push_str(line);
            text.push('\n');
        } else {
            if is_heading(line) {
                heading = Some(line.to_owned());
            }
            parts.around.push(line.to_owned());
        }
    }
    (!is_open && !parts.functions.is_empty()).then_some(parts)
}

/// The functions compared as functions; `None` where that would not show every difference.
fn functions(old: &str, new: &str) -> Option<Vec<Pair>> {
    let (old, new) = (parts(old)?, parts(new)?);
    if old.around != new.around || old.functions.len() != new.functions.len() {
        return None;
    }
    let mut found = Vec::new();
    for ((heading, old), (_, new)) in old.functions.into_iter().zip(new.functions) {
        let diff = compare(&old, &new);
        let shows = !hunks(&diff, 0, Show::Renaming).is_empty();
        if old != new && !shows {
            return None;
        }
        let metadata = |text: &str| -> String {
            let lines: Vec<&str> = text.lines().filter(|line| line.starts_with('!')).collect();
            lines.join("\n")
        };
        found.push(Pair {
            heading,
            diff,
            metadata: (metadata(&old), metadata(&new)),
        });
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use diff_view::PlainPaint;

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
        Changes::between(content, old, new).paint(is_split, 120, None, &mut canvas);
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
