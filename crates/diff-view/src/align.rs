//! Aligns the lines of two functions and says what each difference is.

use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use rustc_hash::FxHashMap;
use serde::Serialize;
use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};

use crate::blocks;
use crate::words;
use ir_text::without_attributes;
use ir_text::{Form, forms, resolve_metadata, without_metadata};
use ir_text::{Function, LineKind};
use ir_text::{Token, TokenKind};

/// Two functions, aligned. Every line of both stands in exactly one row, in its order but for
/// blocks that have moved.
#[derive(Clone, Debug)]
pub struct Diff {
    /// The function before.
    pub before: Arc<Function>,
    /// The function after.
    pub after: Arc<Function>,
    /// The rows, from top to bottom.
    pub rows: Vec<Row>,
    /// True when the deadline came first: the rows are right, but not the fewest.
    pub timed_out: bool,
}

/// A line of one side, or two lines that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Index of the line before.
    pub before: Option<usize>,
    /// Index of the line after.
    pub after: Option<usize>,
    /// What happened to it.
    pub kind: RowKind,
    /// What kind of difference it is; [`Tag::Renaming`] for none.
    pub tag: Tag,
    /// True in a block that stands elsewhere now. Its rows stand where it has gone.
    pub moved: bool,
    /// Byte ranges of the changed words in the line before.
    pub words_before: Vec<Range<usize>>,
    /// Byte ranges of the changed words in the line after.
    pub words_after: Vec<Range<usize>>,
}

/// What happened to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    /// Nothing: the texts are equal.
    Same,
    /// Only numbers that LLVM gives have changed.
    Renamed,
    /// It says the same, in a block that stands elsewhere now.
    Moved,
    /// It says something else.
    Changed,
    /// It is gone.
    Removed,
    /// It is new.
    Added,
}

/// What kind of difference it is, the weightiest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tag {
    /// Numbers that LLVM gives, and nothing else.
    Renaming,
    /// Attached metadata or debug records.
    Metadata,
    /// Attributes of functions, calls or parameters.
    Attributes,
    /// What the function does.
    Real,
}

/// Aligns two texts of a function as LLVM prints them. Past the deadline the alignment is made
/// from what was found so far.
pub fn diff(before: &str, after: &str, deadline: Option<Instant>) -> Diff {
    let before = Arc::new(Function::parse(before));
    let after = Arc::new(Function::parse(after));
    diff_prepared(&Prepared::of(&before), &Prepared::of(&after), deadline)
}

/// A function made ready to be compared, which takes about as long as comparing. Of a row of texts
/// each is compared twice, and needs it once.
pub struct Prepared<'f> {
    function: &'f Arc<Function>,
    forms: Vec<Form<'f>>,
}

impl<'f> Prepared<'f> {
    /// Makes a function ready.
    pub fn of(function: &'f Arc<Function>) -> Self {
        Prepared {
            function,
            forms: forms(function),
        }
    }
}

/// Aligns two functions; see [`diff`].
pub fn diff_prepared(
    before: &Prepared<'_>,
    after: &Prepared<'_>,
    deadline: Option<Instant>,
) -> Diff {
    let sides = Sides {
        before: &before.forms,
        after: &after.forms,
    };
    let pairs = pair(&sides, before.function, after.function, deadline);
    let timed_out = deadline.is_some_and(|deadline| Instant::now() >= deadline);
    Diff {
        rows: classify(&sides, before.function, after.function, pairs),
        before: Arc::clone(before.function),
        after: Arc::clone(after.function),
        timed_out,
    }
}

struct Sides<'b, 'a> {
    before: &'b [Form<'a>],
    after: &'b [Form<'a>],
}

/// Lines that stand in one row.
#[derive(Clone, Copy)]
struct Pair {
    before: Option<usize>,
    after: Option<usize>,
    moved: bool,
}

impl Pair {
    fn new(before: Option<usize>, after: Option<usize>) -> Self {
        Pair {
            before,
            after,
            moved: false,
        }
    }
}

/// Blocks are paired before lines: a line that went to another block went somewhere else, even if
/// it says the same there.
fn pair(
    sides: &Sides<'_, '_>,
    before: &Function,
    after: &Function,
    deadline: Option<Instant>,
) -> Vec<Pair> {
    if let Some(pairs) = one_to_one(sides, before, after) {
        return pairs;
    }
    let lines = Lines {
        sides,
        before,
        after,
        deadline,
    };
    let mut pairs = Vec::new();
    for block in blocks::pair(before, sides.before, after, sides.after) {
        match block {
            blocks::Pair::Both { old, new, moved } => {
                let start = pairs.len();
                lines.pair(old, new, &mut pairs);
                for pair in &mut pairs[start..] {
                    pair.moved = moved;
                }
            }
            blocks::Pair::Before(old) => {
                pairs.extend(old.map(|line| Pair::new(Some(line), None)));
            }
            blocks::Pair::After(new) => {
                pairs.extend(new.map(|line| Pair::new(None, Some(line))));
            }
        }
    }
    pairs
}

/// Line by line, when the functions differ in numbers and names alone, whatever the names are.
fn one_to_one(sides: &Sides<'_, '_>, before: &Function, after: &Function) -> Option<Vec<Pair>> {
    if before.lines.len() != after.lines.len() {
        return None;
    }
    let pairs: Vec<Pair> = (0..before.lines.len())
        .map(|line| Pair::new(Some(line), Some(line)))
        .collect();
    let mut comparison = Comparison::new(sides, before, after, &pairs);
    let same = sides
        .before
        .iter()
        .zip(sides.after)
        .all(|(old, new)| comparison.same(&old.tokens, &new.tokens));
    same.then_some(pairs)
}

/// Pairs the lines of two blocks.
struct Lines<'s, 'a> {
    sides: &'s Sides<'s, 'a>,
    before: &'s Function,
    after: &'s Function,
    deadline: Option<Instant>,
}

impl Lines<'_, '_> {
    /// Lines that say the same are paired first; between them, lines that play the same part.
    fn pair(&self, old: Range<usize>, new: Range<usize>, pairs: &mut Vec<Pair>) {
        let strong = |forms: &[Form<'_>], range: &Range<usize>| {
            forms[range.clone()]
                .iter()
                .map(|form| form.strong)
                .collect::<Vec<_>>()
        };
        let ops = capture_diff_slices_deadline(
            Algorithm::Patience,
            &strong(self.sides.before, &old),
            &strong(self.sides.after, &new),
            self.deadline,
        );
        let mut gap = (old.start..old.start, new.start..new.start);
        for op in ops {
            let (olds, news) = (op.old_range(), op.new_range());
            if let DiffOp::Equal { len, .. } = op {
                self.fill(&gap, pairs);
                let (old, new) = (old.start + olds.start, new.start + news.start);
                pairs.extend((0..len).map(|i| Pair::new(Some(old + i), Some(new + i))));
                gap = (old + len..old + len, new + len..new + len);
            } else {
                gap.0.end = old.start + olds.end;
                gap.1.end = new.start + news.end;
            }
        }
        self.fill(&gap, pairs);
    }

    /// Pairs what is left between two runs of equal lines.
    fn fill(&self, (old, new): &(Range<usize>, Range<usize>), pairs: &mut Vec<Pair>) {
        // Blank lines play no part; a key of their own keeps each from being paired.
        let weak = |forms: &[Form<'_>], function: &Function, range: &Range<usize>, side: u64| {
            range
                .clone()
                .map(|index| match function.lines[index].kind {
                    LineKind::Blank => (side, index as u64),
                    _ => (0, forms[index].weak),
                })
                .collect::<Vec<_>>()
        };
        let ops = capture_diff_slices_deadline(
            Algorithm::Myers,
            &weak(self.sides.before, self.before, old, 1),
            &weak(self.sides.after, self.after, new, 2),
            self.deadline,
        );
        for op in ops {
            let olds = op.old_range().map(|index| old.start + index);
            let news = op.new_range().map(|index| new.start + index);
            if matches!(op, DiffOp::Equal { .. }) {
                pairs.extend(
                    olds.zip(news)
                        .map(|(old, new)| Pair::new(Some(old), Some(new))),
                );
            } else {
                pairs.extend(olds.map(|old| Pair::new(Some(old), None)));
                pairs.extend(news.map(|new| Pair::new(None, Some(new))));
            }
        }
    }
}

/// Which local of one side is which of the other, by the lines that define them.
struct Names<'a> {
    forth: FxHashMap<&'a str, &'a str>,
    back: FxHashMap<&'a str, &'a str>,
}

impl<'a> Names<'a> {
    fn of(sides: &Sides<'_, 'a>, pairs: &[Pair]) -> Self {
        let mut names = Names {
            forth: FxHashMap::default(),
            back: FxHashMap::default(),
        };
        for pair in pairs {
            if let (Some(old), Some(new)) = (pair.before, pair.after)
                && let (Some(old), Some(new)) =
                    (sides.before[old].defines, sides.after[new].defines)
            {
                names.forth.insert(old.name(), new.name());
                names.back.insert(new.name(), old.name());
            }
        }
        names
    }

    fn same(&self, old: &Token<'_>, new: &Token<'_>) -> bool {
        match (self.forth.get(old.name()), self.back.get(new.name())) {
            (Some(&forth), Some(&back)) => forth == new.name() && back == old.name(),
            // A name that neither side defines in a line of its own (a type) is itself.
            (None, None) => old.name() == new.name(),
            _ => false,
        }
    }
}

/// Compares lines that were paired.
struct Comparison<'a, 'f> {
    names: Names<'a>,
    before: &'f Function,
    after: &'f Function,
    resolved: FxHashMap<(bool, u64), Option<String>>,
    /// True when every number that both sides define stands for the same on both: then a number is
    /// itself. So it is between two prints of one stage, which share their numbering.
    shared_numbers: bool,
    /// Distinct metadata is itself and no other, even if another says the same.
    forth: FxHashMap<u64, u64>,
    back: FxHashMap<u64, u64>,
}

impl<'a, 'f> Comparison<'a, 'f> {
    fn new(
        sides: &Sides<'_, 'a>,
        before: &'f Function,
        after: &'f Function,
        pairs: &[Pair],
    ) -> Self {
        Comparison {
            names: Names::of(sides, pairs),
            before,
            after,
            resolved: FxHashMap::default(),
            shared_numbers: before.shares_metadata_with(after),
            forth: FxHashMap::default(),
            back: FxHashMap::default(),
        }
    }

    fn same(&mut self, old: &[Token<'_>], new: &[Token<'_>]) -> bool {
        old.len() == new.len()
            && old
                .iter()
                .zip(new)
                .all(|(old, new)| self.same_token(old, new))
    }

    fn same_token(&mut self, old: &Token<'_>, new: &Token<'_>) -> bool {
        if old.kind != new.kind {
            return false;
        }
        match old.kind {
            TokenKind::Local | TokenKind::Label => self.names.same(old, new),
            TokenKind::Metadata => match (old.name().parse(), new.name().parse()) {
                (Ok(old), Ok(new)) => self.same_metadata(old, new),
                (Err(_), Err(_)) => old.text == new.text,
                _ => false,
            },
            _ => old.text == new.text,
        }
    }

    fn same_metadata(&mut self, old: u64, new: u64) -> bool {
        let (before, after) = (self.before, self.after);
        if self.shared_numbers && old == new && before.metadata(old).is_some() {
            return true;
        }
        let old_text = self
            .resolved
            .entry((false, old))
            .or_insert_with(|| resolve_metadata(before, old))
            .clone();
        let new_text = self
            .resolved
            .entry((true, new))
            .or_insert_with(|| resolve_metadata(after, new))
            .clone();
        let (Some(old_text), Some(new_text)) = (old_text, new_text) else {
            // Too long to compare: only what is written alike under the same number is the same.
            return old == new && before.metadata(old) == after.metadata(new);
        };
        if old_text != new_text {
            return false;
        }
        // Nothing is known about either: only the same number is the same.
        if old_text == "!?" {
            return old == new;
        }
        !old_text.starts_with("distinct")
            || (*self.forth.entry(old).or_insert(new) == new
                && *self.back.entry(new).or_insert(old) == old)
    }
}

fn classify(
    sides: &Sides<'_, '_>,
    before: &Function,
    after: &Function,
    pairs: Vec<Pair>,
) -> Vec<Row> {
    let mut comparison = Comparison::new(sides, before, after, &pairs);
    let alone = |pair: Pair, kind, line: LineKind| Row {
        before: pair.before,
        after: pair.after,
        kind,
        tag: tag_of_line(line),
        moved: pair.moved,
        words_before: Vec::new(),
        words_after: Vec::new(),
    };
    pairs
        .into_iter()
        .filter_map(|pair| match (pair.before, pair.after) {
            (Some(old), Some(new)) => {
                let mut row = compare(sides, &mut comparison, old, new);
                row.moved = pair.moved;
                if pair.moved && matches!(row.kind, RowKind::Same | RowKind::Renamed) {
                    row.kind = RowKind::Moved;
                    row.tag = tag_of_line(before.lines[old].kind);
                }
                Some(row)
            }
            (Some(old), None) => Some(alone(pair, RowKind::Removed, before.lines[old].kind)),
            (None, Some(new)) => Some(alone(pair, RowKind::Added, after.lines[new].kind)),
            (None, None) => None,
        })
        .collect()
}

fn compare(
    sides: &Sides<'_, '_>,
    comparison: &mut Comparison<'_, '_>,
    old: usize,
    new: usize,
) -> Row {
    let (old_line, new_line) = (&comparison.before.lines[old], &comparison.after.lines[new]);
    let (old_tokens, new_tokens) = (&sides.before[old].tokens, &sides.after[new].tokens);
    let mut row = Row {
        before: Some(old),
        after: Some(new),
        kind: RowKind::Renamed,
        tag: Tag::Renaming,
        moved: false,
        words_before: Vec::new(),
        words_after: Vec::new(),
    };
    if comparison.same(old_tokens, new_tokens) {
        // Comments and the comma after a parameter may differ; numbers and names may not.
        if old_tokens
            .iter()
            .zip(new_tokens)
            .all(|(old, new)| old.text == new.text)
        {
            row.kind = RowKind::Same;
        }
        return row;
    }
    row.kind = RowKind::Changed;
    (row.words_before, row.words_after) =
        words::changed(&old_line.text, &new_line.text, &mut |old, new| {
            comparison.same_token(old, new)
        });
    let (old_core, new_core) = (without_metadata(old_tokens), without_metadata(new_tokens));
    row.tag = if old_line.kind == LineKind::Record || comparison.same(old_core, new_core) {
        Tag::Metadata
    } else if comparison.same(
        &without_attributes(old_line.kind, old_core),
        &without_attributes(new_line.kind, new_core),
    ) {
        Tag::Attributes
    } else {
        Tag::Real
    };
    row
}

fn tag_of_line(kind: LineKind) -> Tag {
    match kind {
        LineKind::Blank => Tag::Renaming,
        LineKind::Record => Tag::Metadata,
        _ => Tag::Real,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tags(before: &str, after: &str) -> Vec<(RowKind, Tag)> {
        diff(before, after, None)
            .rows
            .iter()
            .filter(|row| row.kind != RowKind::Same)
            .map(|row| (row.kind, row.tag))
            .collect()
    }

    #[test]
    fn renumbering_is_no_change() {
        let before = "define double @f(double %0) {\n  %2 = fmul double %0, %0\n  %3 = fadd double %2, %0\n  ret double %3\n}\n";
        let after = "define double @f(double %0) {\n  %2 = fsub double %0, 1.0\n  %3 = fmul double %0, %0\n  %4 = fadd double %3, %0\n  ret double %4\n}\n";
        assert_eq!(
            tags(before, after),
            [
                (RowKind::Added, Tag::Real),
                (RowKind::Renamed, Tag::Renaming),
                (RowKind::Renamed, Tag::Renaming),
                (RowKind::Renamed, Tag::Renaming),
            ]
        );
    }

    #[test]
    fn another_operand_is_a_change_even_where_numbers_agree() {
        let before = "define double @f(double %a, double %b) {\n  %1 = fmul double %a, %b\n  %2 = fadd double %a, %b\n  ret double %1\n}\n";
        let after = "define double @f(double %a, double %b) {\n  %1 = fadd double %a, %b\n  %2 = fmul double %a, %b\n  ret double %1\n}\n";
        assert!(tags(before, after).contains(&(RowKind::Changed, Tag::Real)));
    }

    #[test]
    fn attributes_flags_and_metadata_are_told_apart() {
        let line = |middle: &str| {
            format!(
                "define void @f(ptr %p) {{\n  {middle}\n  ret void\n}}\n!1 = !{{i64 1}}\n!2 = !{{i64 2}}\n!3 = !{{i64 1}}\n"
            )
        };
        let one = |before: &str, after: &str| tags(&line(before), &line(after));
        assert_eq!(
            one(
                "call void @g(ptr %p)",
                "call void @g(ptr nonnull %p) nounwind \"k\"=\"v\""
            ),
            [(RowKind::Changed, Tag::Attributes)]
        );
        assert_eq!(
            one(
                "%x = fadd double 1.0, 2.0",
                "%x = fadd fast double 1.0, 2.0"
            ),
            [(RowKind::Changed, Tag::Real)]
        );
        assert_eq!(
            one("store i64 0, ptr %p, !a !1", "store i64 0, ptr %p, !a !2"),
            [(RowKind::Changed, Tag::Metadata)]
        );
        assert_eq!(
            one("store i64 0, ptr %p, !a !1", "store i64 0, ptr %p, !a !3"),
            [(RowKind::Renamed, Tag::Renaming)]
        );
        assert_eq!(
            one(
                "store i64 0, ptr %p, align 8",
                "store i64 0, ptr %p, align 4"
            ),
            [(RowKind::Changed, Tag::Real)]
        );
    }

    #[test]
    fn a_block_that_moved_is_a_move() {
        let block =
            |name: &str| format!("\n{name}:\n  %{name}.x = fadd double %a, 1.0\n  br label %end\n");
        let function = |blocks: &[&str]| {
            let blocks: String = blocks.iter().map(|name| block(name)).collect();
            format!(
                "define double @f(double %a) {{\nstart:\n  br label %b1\n{blocks}\nend:\n  ret double %a\n}}\n"
            )
        };
        let diff = diff(
            &function(&["b1", "b2", "b3"]),
            &function(&["b2", "b3", "b1"]),
            None,
        );
        let moved: Vec<&str> = diff
            .rows
            .iter()
            .filter(|row| row.kind == RowKind::Moved && row.tag == Tag::Real)
            .map(|row| diff.after.lines[row.after.unwrap()].text.trim())
            .collect();
        assert_eq!(
            moved,
            ["b1:", "%b1.x = fadd double %a, 1.0", "br label %end"]
        );
        let others = diff.rows.iter().filter(|row| {
            row.tag == Tag::Real && row.kind != RowKind::Moved && row.kind != RowKind::Same
        });
        assert_eq!(others.count(), 0);
    }

    #[test]
    fn other_names_alone_are_no_change() {
        let before = "define double @f(double %a) {\nb1:\n  %x = fmul double %a, %a\n  br label %b2\n\nb2:\n  ret double %x\n}\n";
        let after = "define double @f(double %0) {\n1:\n  %2 = fmul double %0, %0\n  br label %3\n\n3:\n  ret double %2\n}\n";
        assert!(
            tags(before, after)
                .iter()
                .all(|(kind, _)| *kind == RowKind::Renamed)
        );
    }

    #[test]
    fn metadata_that_spells_out_to_gigabytes_is_compared_at_once() {
        let mut text = "define void @f() {\n  ret void, !a !0\n}\n".to_owned();
        for level in 0..9 {
            let next = format!("!{}", level + 1);
            text.push_str(&format!("!{level} = !{{{}}}\n", vec![next; 30].join(", ")));
        }
        assert!(!diff(&text, &text, None).differs(crate::Show::All));
        let other = text.replace("!9}", "!8}");
        diff(&text, &other, None);
    }

    #[test]
    fn an_argument_attribute_is_seen() {
        let before = "define void @f(ptr %p) {\n  ret void\n}\n";
        let after = "define void @f(ptr noalias captures(none) %p) nounwind {\n  ret void\n}\n";
        assert_eq!(
            tags(before, after),
            [
                (RowKind::Changed, Tag::Attributes),
                (RowKind::Changed, Tag::Attributes)
            ]
        );
    }

    /// Lines that look like IR, often alike.
    fn function() -> impl Strategy<Value = String> {
        let line = prop::sample::select(vec![
            "  %1 = fmul double %a, %a",
            "  %2 = fadd double %1, %a",
            "  %3 = fadd double %2, %1, !dbg !4",
            "  store double %2, ptr %p, align 8",
            "  call void @g(ptr %p) nounwind",
            "bb1:                ; preds = %start",
            "bb2:",
            "",
            "  br label %bb1",
            "  br label %bb2",
            "    #dbg_value(double %1, !5, !DIExpression(), !6)",
            "  ret double %2",
        ]);
        prop::collection::vec(line, 0..30).prop_map(|lines| {
            format!(
                "define double @f(double %a, ptr %p) {{\nstart:\n{}\n}}\n!4 = !{{i64 1}}\n",
                lines.join("\n")
            )
        })
    }

    proptest! {
        #[test]
        fn a_function_equals_itself(text in function()) {
            let diff = diff(&text, &text, None);
            prop_assert!(diff.rows.iter().all(|row| row.kind == RowKind::Same));
        }

        #[test]
        fn every_line_stands_in_one_row(before in function(), after in function()) {
            let diff = diff(&before, &after, None);
            let mut olds: Vec<usize> = diff.rows.iter().filter_map(|row| row.before).collect();
            let news: Vec<usize> = diff.rows.iter().filter_map(|row| row.after).collect();
            let stay: Vec<usize> =
                diff.rows.iter().filter(|row| !row.moved).filter_map(|row| row.before).collect();
            prop_assert!(stay.is_sorted());
            olds.sort_unstable();
            prop_assert_eq!(olds, (0..diff.before.lines.len()).collect::<Vec<_>>());
            prop_assert_eq!(news, (0..diff.after.lines.len()).collect::<Vec<_>>());
        }

        #[test]
        fn any_text_is_survived(before: String, after: String) {
            diff(&before, &after, None);
        }
    }
}
