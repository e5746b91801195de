//! Aligns two functions.

use std::sync::Arc;
use std::time::Instant;

use super::classify::classify;
use super::lines::pair;
use super::matched::{Side, Sides};
use crate::alignment::{Diff, Pair, PairKind, Tag};
use ir_text::{Form, Function, Names, forms};

/// Aligns two texts of a function as LLVM prints them. Past the deadline the alignment is made
/// from what was found so far.
pub fn diff(before: &str, after: &str, deadline: Option<Instant>) -> Diff {
    named(before, after, Names::Kept, deadline)
}

/// The same of texts from two compilations, whose temporaries are numbered each in its own way.
pub fn diff_anew(before: &str, after: &str, deadline: Option<Instant>) -> Diff {
    named(before, after, Names::Anew, deadline)
}

fn named(before: &str, after: &str, names: Names, deadline: Option<Instant>) -> Diff {
    let prepared = |text| Prepared::named(&Arc::new(Function::parse(text)), names);
    diff_prepared(&prepared(before), &prepared(after), deadline)
}

/// A function made ready to be compared, which takes about as long as comparing. Of a row of texts
/// each is compared twice, and needs it once.
#[derive(Clone, Debug)]
pub struct Prepared {
    function: Arc<Function>,
    forms: Vec<Form>,
}

impl Prepared {
    /// Makes a function ready.
    pub fn of(function: &Arc<Function>) -> Self {
        Prepared::named(function, Names::Kept)
    }

    /// The function.
    pub fn function(&self) -> &Arc<Function> {
        &self.function
    }

    fn named(function: &Arc<Function>, names: Names) -> Self {
        Prepared {
            function: Arc::clone(function),
            forms: forms(function, names),
        }
    }

    fn side(&self) -> Side<'_> {
        Side {
            function: &self.function,
            forms: &self.forms,
        }
    }
}

/// Aligns two functions; see [`diff`].
pub fn diff_prepared(before: &Prepared, after: &Prepared, deadline: Option<Instant>) -> Diff {
    let sides = Sides {
        before: before.side(),
        after: after.side(),
    };
    let pairs = pair(sides, deadline);
    let timed_out = deadline.is_some_and(|deadline| Instant::now() >= deadline);
    Diff {
        pairs: classify(sides, pairs),
        before: Arc::clone(&before.function),
        after: Arc::clone(&after.function),
        timed_out,
    }
}

/// A function beside itself, which needs no search.
pub fn diff_of_itself(function: &Arc<Function>) -> Diff {
    let pair = |line| Pair {
        before: Some(line),
        after: Some(line),
        kind: PairKind::Same,
        tag: Tag::Renaming,
        moved: false,
        words: None,
    };
    Diff {
        pairs: (0..function.lines.len()).map(pair).collect(),
        before: Arc::clone(function),
        after: Arc::clone(function),
        timed_out: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tags(before: &str, after: &str) -> Vec<(PairKind, Tag)> {
        diff(before, after, None)
            .pairs
            .iter()
            .filter(|pair| pair.kind != PairKind::Same)
            .map(|pair| (pair.kind, pair.tag))
            .collect()
    }

    #[test]
    fn renumbering_is_no_change() {
        let before = "define double @f(double %0) {\n  %2 = fmul double %0, %0\n  %3 = fadd double %2, %0\n  ret double %3\n}\n";
        let after = "define double @f(double %0) {\n  %2 = fsub double %0, 1.0\n  %3 = fmul double %0, %0\n  %4 = fadd double %3, %0\n  ret double %4\n}\n";
        assert_eq!(
            tags(before, after),
            [
                (PairKind::Added, Tag::Real),
                (PairKind::Renamed, Tag::Renaming),
                (PairKind::Renamed, Tag::Renaming),
                (PairKind::Renamed, Tag::Renaming),
            ]
        );
    }

    #[test]
    fn temporaries_of_two_compilations_are_numbers() {
        let before = "define double @f(double %x) {\n  %_2 = fmul double %x, %x\n  %_3 = fadd double %_2, %x\n  ret double %_3\n}\n";
        let after = "define double @f(double %x) {\n  %_2 = call double @llvm.fabs.f64(double %x)\n  %_3 = fmul double %x, %x\n  %_4 = fadd double %_3, %x\n  ret double %_4\n}\n";
        let diff = diff_anew(before, after, None);
        let tags: Vec<(PairKind, Tag)> = diff
            .pairs
            .iter()
            .map(|pair| (pair.kind, pair.tag))
            .collect();
        assert_eq!(tags.iter().filter(|(_, tag)| *tag == Tag::Real).count(), 1);
        assert!(tags.contains(&(PairKind::Added, Tag::Real)));
    }

    #[test]
    fn a_number_that_llvm_appended_is_no_name() {
        let text = |call: &str, n: u32| {
            format!(
                "define double @f(double %x) {{\nstart:\n  br label %bb1\n\nbb1:\n  %s.sroa.0.0{n} = phi double [ 0.0, %start ], [ %{}, %bb1 ]\n{call}  %self{n} = load double, ptr %p\n  %_6 = fmul double %self{n}, %x\n  %{} = fadd double %s.sroa.0.0{n}, %_6\n  br i1 %c, label %bb1, label %bb2\n\nbb2:\n  ret double %{}\n}}\n",
                n + 1,
                n + 1,
                n + 1
            )
        };
        let added = "  %3 = call double @llvm.fabs.f64(double %x)\n";
        let diff = diff_anew(&text("", 2), &text(added, 3), None);
        let real: Vec<&str> = diff
            .pairs
            .iter()
            .filter(|pair| pair.tag == Tag::Real && pair.kind != PairKind::Same)
            .map(|pair| diff.after.lines[pair.after.unwrap()].text.trim())
            .collect();
        assert_eq!(real, [added.trim()]);
    }

    #[test]
    fn another_operand_is_a_change_even_where_numbers_agree() {
        let before = "define double @f(double %a, double %b) {\n  %1 = fmul double %a, %b\n  %2 = fadd double %a, %b\n  ret double %1\n}\n";
        let after = "define double @f(double %a, double %b) {\n  %1 = fadd double %a, %b\n  %2 = fmul double %a, %b\n  ret double %1\n}\n";
        assert!(tags(before, after).contains(&(PairKind::Changed, Tag::Real)));
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
            [(PairKind::Changed, Tag::Attributes)]
        );
        assert_eq!(
            one(
                "%x = fadd double 1.0, 2.0",
                "%x = fadd fast double 1.0, 2.0"
            ),
            [(PairKind::Changed, Tag::Real)]
        );
        assert_eq!(
            one("store i64 0, ptr %p, !a !1", "store i64 0, ptr %p, !a !2"),
            [(PairKind::Changed, Tag::Metadata)]
        );
        assert_eq!(
            one("store i64 0, ptr %p, !a !1", "store i64 0, ptr %p, !a !3"),
            [(PairKind::Renamed, Tag::Renaming)]
        );
        assert_eq!(
            one(
                "store i64 0, ptr %p, align 8",
                "store i64 0, ptr %p, align 4"
            ),
            [(PairKind::Changed, Tag::Real)]
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
            .pairs
            .iter()
            .filter(|pair| pair.kind == PairKind::Moved && pair.tag == Tag::Real)
            .map(|pair| diff.after.lines[pair.after.unwrap()].text.trim())
            .collect();
        assert_eq!(
            moved,
            ["b1:", "%b1.x = fadd double %a, 1.0", "br label %end"]
        );
        let others = diff.pairs.iter().filter(|pair| {
            pair.tag == Tag::Real && pair.kind != PairKind::Moved && pair.kind != PairKind::Same
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
                .all(|(kind, _)| *kind == PairKind::Renamed)
        );
    }

    #[test]
    fn metadata_that_spells_out_to_gigabytes_is_compared_at_once() {
        let mut text = "define void @f() {\n  ret void, !a !0\n}\n".to_owned();
        for level in 0..9 {
            let next = format!("!{}", level + 1);
            text.push_str(&format!("!{level} = !{{{}}}\n", vec![next; 30].join(", ")));
        }
        assert!(!diff(&text, &text, None).differs(crate::hunk::Show::All));
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
                (PairKind::Changed, Tag::Attributes),
                (PairKind::Changed, Tag::Attributes)
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
            prop_assert!(diff.pairs.iter().all(|pair| pair.kind == PairKind::Same));
            let function = Arc::new(Function::parse(&text));
            prop_assert_eq!(diff_of_itself(&function).pairs, diff.pairs);
        }

        #[test]
        fn every_line_stands_in_one_pair(before in function(), after in function()) {
            let diff = diff(&before, &after, None);
            let mut olds: Vec<usize> = diff.pairs.iter().filter_map(|pair| pair.before).collect();
            let news: Vec<usize> = diff.pairs.iter().filter_map(|pair| pair.after).collect();
            let stay: Vec<usize> =
                diff.pairs.iter().filter(|pair| !pair.moved).filter_map(|pair| pair.before).collect();
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
