//! How two bodies of a snapshot differ.

use diff_view::{Counts, Detail, Diff, Show, hunks};
use serde_json::{Value, json};
use similar::{ChangeTag, TextDiff};

use crate::body::is_heading;
use crate::compare::compare;
use crate::content::Content;
use crate::file::Snapshot;

/// Unchanged lines around each difference.
pub const CONTEXT: usize = 3;

/// The difference between two bodies.
pub struct Changes {
    /// The old one.
    pub old: String,
    /// The new one.
    pub new: String,
    /// The functions in them, stage by stage, where both have the same stages and nothing around the
    /// functions differs.
    pub functions: Option<Vec<Pair>>,
}

/// A function in both bodies.
pub struct Pair {
    /// What stands above it, where there are several.
    pub heading: Option<String>,
    /// How they differ.
    pub diff: Diff,
    /// The metadata that each refers to.
    pub metadata: (String, String),
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
                sums.debug_info += counts.debug_info;
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

    /// The position in the old body of the first line that has changed.
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
pub fn ended(text: &str) -> String {
    match text {
        "" => String::new(),
        text => format!("{text}\n"),
    }
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
        let shows = !hunks(&diff, 0, Show::Renaming, Detail::ALL).is_empty();
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
