//! The normal form written down: what snapshots hold.
//!
//! Gone are debug info, comments, the numbers that a module gives to metadata, and the names of
//! temporaries. Metadata is numbered anew by where it is first referred to and defined below the function,
//! as LLVM would print it.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::locals::Locals;
use super::metadata::{Metadata, number};
use super::walk::walk;
use crate::function::Function;
use crate::lex::{Token, TokenKind};

/// What symbols are called: their names may hold hashes, and only a module knows what they stand for.
pub trait Symbols {
    /// How a global is written, with its sigil.
    fn global(&mut self, token: &Token<'_>) -> String;

    /// How a text is written that may hold symbols.
    fn words<'t>(&self, text: &'t str) -> Cow<'t, str>;
}

/// The normal form of a function's text, with symbols as `symbols` has them.
pub fn normal_form(text: &str, symbols: &mut dyn Symbols) -> String {
    let function = Function::parse(text);
    let metadata = Metadata::of(&function);
    let lines = walk(&function, &metadata);
    let mut writer = Writer {
        locals: Locals::of(&lines),
        numbers: Numbers::default(),
        symbols,
        out: String::with_capacity(text.len()),
    };
    for line in &lines {
        writer.line(&line.tokens);
    }
    let mut at = 0;
    // What is defined may refer to more.
    while let Some(&old) = writer.numbers.order.get(at) {
        if let Some(definition) = metadata.without_source(old) {
            writer.out.push_str(&format!("!{at} = "));
            writer.line(&definition);
        }
        at += 1;
    }
    writer.out
}

/// A normal form with all parameters on the line of the `define`, as LLVM prints them and
/// [`Function::parse`] reads them.
pub fn joined(form: &str) -> String {
    let mut out = String::with_capacity(form.len());
    let mut is_open = false;
    for line in form.lines() {
        let begins = line.starts_with("define ") && line.ends_with('(');
        if begins || is_open {
            let piece = if begins { line } else { line.trim_start() };
            is_open = begins || !piece.starts_with(')');
            out.push_str(piece);
            out.push_str(match () {
                () if !is_open => "\n",
                () if piece.ends_with(',') => " ",
                () => "",
            });
        } else {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

struct Writer<'s> {
    locals: Locals,
    numbers: Numbers,
    symbols: &'s mut dyn Symbols,
    out: String,
}

impl Writer<'_> {
    fn line(&mut self, tokens: &[Token<'_>]) {
        for token in tokens {
            self.token(token);
        }
        self.out.push('\n');
    }

    fn token(&mut self, token: &Token<'_>) {
        match token.kind {
            TokenKind::Metadata => match number(token) {
                Some(old) => {
                    let new = self.numbers.get(old);
                    self.out.push_str(&format!("!{new}"));
                }
                None => self.out.push_str(&self.symbols.words(token.text)),
            },
            TokenKind::Text => self.out.push_str(&self.symbols.words(token.text)),
            TokenKind::Global => self.out.push_str(&self.symbols.global(token)),
            TokenKind::Local | TokenKind::Label => {
                let written = self.locals.written(token);
                self.out.push_str(written.as_deref().unwrap_or(token.text));
            }
            _ => self.out.push_str(token.text),
        }
    }
}

/// Metadata, numbered by where it is first referred to.
#[derive(Default)]
struct Numbers {
    new: FxHashMap<u64, usize>,
    order: Vec<u64>,
}

impl Numbers {
    fn get(&mut self, old: u64) -> usize {
        let next = self.order.len();
        *self.new.entry(old).or_insert_with(|| {
            self.order.push(old);
            next
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Symbols as they are.
    struct AsTheyAre;

    impl Symbols for AsTheyAre {
        fn global(&mut self, token: &Token<'_>) -> String {
            token.text.to_owned()
        }

        fn words<'t>(&self, text: &'t str) -> Cow<'t, str> {
            text.into()
        }
    }

    fn normal(text: &str) -> String {
        normal_form(text, &mut AsTheyAre)
    }

    const PLAIN: &str = "\
define double @loss(ptr %w.0, i64 %w.1) unnamed_addr nounwind {
start:
  %0 = load double, ptr %w.0, align 8, !noundef !3, !range !9
  br label %bb1, !llvm.loop !4

bb1:                                              ; preds = %start
  call void @help(ptr @data)
  ret double %0
}
!3 = !{}
!9 = !{i64 0, i64 4}
!4 = distinct !{!4, !5}
!5 = !{!\"llvm.loop.unroll.disable\"}
";

    #[test]
    fn debug_info_and_numbers_leave_no_trace() {
        let with_debug_info = "\
define double @loss(ptr %w.0, i64 %w.1) unnamed_addr nounwind !dbg !70 {
start:
    #dbg_value(ptr %w.0, !71, !DIExpression(), !72)
  %self = load double, ptr %w.0, align 8, !dbg !72, !noundef !13, !range !19
  br label %bb6, !dbg !72, !llvm.loop !14

bb6:                                              ; preds = %start
  call void @help(ptr @data), !dbg !73
  ret double %self, !dbg !73
}
!13 = !{}
!19 = !{i64 0, i64 4}
!14 = distinct !{!14, !72, !73, !15}
!15 = !{!\"llvm.loop.unroll.disable\"}
!70 = distinct !DISubprogram(name: \"loss\")
!71 = !DILocalVariable(name: \"w\", scope: !70)
!72 = !DILocation(line: 3, scope: !70)
!73 = !DILocation(line: 4, scope: !70)
";
        let form = normal(PLAIN);
        assert_eq!(form, normal(with_debug_info));
        for word in ["preds", "dbg"] {
            assert!(!form.contains(word), "{word} in {form}");
        }
        assert!(form.contains("!noundef !0, !range !1\n"), "{form}");
        assert!(form.contains("!2 = distinct !{!2, !3}\n"), "{form}");
        let labelled = |label: &str| {
            normal(&PLAIN.replace(
                "distinct !{!4, !5}",
                &format!("distinct !{{!4, !5, !\"{label}\"}}"),
            ))
        };
        assert_eq!(labelled("a: %_41"), labelled("b: %_59"));
        assert_ne!(labelled("primal"), labelled("shadow_0"));
    }

    #[test]
    fn what_metadata_says_is_kept() {
        assert_ne!(normal(PLAIN), normal(&PLAIN.replace("i64 4}", "i64 5}")));
        assert_ne!(normal(PLAIN), normal(&PLAIN.replace(", !range !9", "")));
        assert_ne!(
            normal(PLAIN),
            normal(&PLAIN.replace("unroll.disable", "unroll.enable"))
        );
        assert_ne!(normal(PLAIN), normal(&PLAIN.replace("nounwind", "")));
    }

    #[test]
    fn a_loop_that_only_knows_its_place_is_no_attachment() {
        let with = PLAIN.replace("!{!4, !5}", "!{!4, !6, !6}") + "!6 = !DILocation(line: 1)\n";
        let without = PLAIN.replace(", !llvm.loop !4", "");
        assert_eq!(normal(&with), normal(&without));
    }

    #[test]
    fn a_normal_form_is_its_own_normal_form() {
        let form = normal(PLAIN);
        assert_eq!(form, normal(&joined(&form)));
        assert!(
            joined(&form).starts_with(
                "define double @loss(ptr %w.0, i64 %w.1) unnamed_addr nounwind {\nbb.1:"
            )
        );
    }
}
