//! A function's text without what changes from machine to machine: the form that snapshots hold.
//!
//! Gone are debug info, comments, the numbers that a module gives to metadata, the hashes in names, and
//! the names of temporaries. Metadata is numbered anew by where it is first referred to and defined below the function, as LLVM
//! would print it; constants that have no name of their own are defined there, too, because their names
//! were hashes of what they hold.

use std::collections::{HashMap, VecDeque};

use diff_view::{Function, LineKind, Token, TokenKind, lex};

use crate::locals::Locals;
use crate::names::Names;

/// Attachments that speak of the source and not of what the function does.
const OF_THE_SOURCE: [&str; 4] = ["dbg", "srcloc", "DIAssignID", "heapallocsite"];

/// The normal form of a function's text. `names` is what symbols are called in the whole snapshot.
pub fn normal_form(text: &str, names: &mut Names<'_>) -> String {
    let function = Function::parse(text);
    let mut metadata = Metadata::of(&function);
    let locals = Locals::of(&function);
    let mut out = String::with_capacity(text.len());
    for line in &function.lines {
        if line.kind == LineKind::Record {
            continue;
        }
        let tokens = without_source(&line.text, &metadata);
        if tokens.is_empty() && !line.text.trim().is_empty() {
            // A comment, or nothing but a debug record.
            continue;
        }
        write(&tokens, &locals, &mut metadata, names, &mut out);
    }
    let mut at = 0;
    while let Some(number) = metadata.order.get(at).copied() {
        if let Some(body) = function.metadata(number) {
            let mut kept = metadata.without_debug_info(body);
            unlabel(&mut kept);
            out.push_str(&format!("!{at} = "));
            write(&kept, &locals, &mut metadata, names, &mut out);
        }
        at += 1;
    }
    out
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

/// A line's tokens without comments and without attachments about the source.
fn without_source<'a>(line: &'a str, metadata: &Metadata<'_>) -> Vec<Token<'a>> {
    let mut kept: Vec<Token<'a>> = Vec::new();
    let tokens = lex(line);
    let mut at = 0;
    while at < tokens.len() {
        let token = tokens[at];
        if token.kind == TokenKind::Comment {
            break;
        }
        let value = tokens.get(at + 2).filter(|value| {
            token.kind == TokenKind::Metadata
                && value.kind == TokenKind::Metadata
                && value.is_numbered()
        });
        if let Some(value) = value
            && (OF_THE_SOURCE.contains(&token.name()) || metadata.says_nothing(value))
        {
            // What leads up to it goes with it: `, !dbg !7`, or ` !dbg !7` before a brace.
            while kept
                .last()
                .is_some_and(|last| last.kind == TokenKind::Space)
            {
                kept.pop();
            }
            if kept.last().is_some_and(|last| last.text == ",") {
                kept.pop();
            }
            at += 3;
            continue;
        }
        kept.push(token);
        at += 1;
    }
    while kept
        .last()
        .is_some_and(|last| last.kind == TokenKind::Space)
    {
        kept.pop();
    }
    kept
}

fn write(
    tokens: &[Token<'_>],
    locals: &Locals,
    metadata: &mut Metadata<'_>,
    names: &mut Names<'_>,
    out: &mut String,
) {
    for token in tokens {
        match token.kind {
            TokenKind::Metadata if token.is_numbered() => match token.name().parse() {
                Ok(number) => out.push_str(&format!("!{}", metadata.number(number))),
                Err(_) => out.push_str(token.text),
            },
            TokenKind::Global => out.push_str(&names.global(token)),
            TokenKind::Local | TokenKind::Label => match locals.written(token) {
                Some(written) => out.push_str(&written),
                None => out.push_str(token.text),
            },
            TokenKind::Metadata | TokenKind::Text => {
                out.push_str(&super::names::words(token.text));
            }
            _ => out.push_str(token.text),
        }
    }
    out.push('\n');
}

/// Metadata of one function, numbered by where it is first referred to.
struct Metadata<'f> {
    function: &'f Function,
    numbers: HashMap<u64, usize>,
    order: VecDeque<u64>,
}

impl<'f> Metadata<'f> {
    fn of(function: &'f Function) -> Self {
        Metadata {
            function,
            numbers: HashMap::new(),
            order: VecDeque::new(),
        }
    }

    fn number(&mut self, number: u64) -> usize {
        let next = self.order.len();
        *self.numbers.entry(number).or_insert_with(|| {
            self.order.push_back(number);
            next
        })
    }

    /// True for a loop's node that holds nothing but places in the source.
    fn says_nothing(&self, value: &Token<'_>) -> bool {
        let Some(number) = value.name().parse().ok() else {
            return false;
        };
        let Some(body) = self.function.metadata(number) else {
            return false;
        };
        let numbers = operands(body);
        body.starts_with("distinct !{")
            && numbers.first() == Some(&number)
            && numbers.len() > 1
            && numbers[1..].iter().all(|&other| self.is_debug_info(other))
            && lex(body).iter().all(|t| t.kind != TokenKind::Text)
    }

    fn is_debug_info(&self, number: u64) -> bool {
        self.function.metadata(number).is_some_and(|body| {
            let body = body.strip_prefix("distinct ").unwrap_or(body);
            body.starts_with("!DI")
        })
    }

    /// A definition without the operands that are places in the source.
    fn without_debug_info(&self, body: &'f str) -> Vec<Token<'f>> {
        let mut kept: Vec<Token<'f>> = Vec::new();
        let mut skips_comma = false;
        for token in lex(body) {
            let is_debug_info = token.kind == TokenKind::Metadata
                && token
                    .name()
                    .parse()
                    .is_ok_and(|number| self.is_debug_info(number));
            if is_debug_info {
                while kept
                    .last()
                    .is_some_and(|last| last.kind == TokenKind::Space)
                {
                    kept.pop();
                }
                match kept.last() {
                    Some(last) if last.text == "," => {
                        kept.pop();
                    }
                    _ => skips_comma = true,
                }
                continue;
            }
            if skips_comma && (token.text == "," || token.kind == TokenKind::Space) {
                skips_comma = token.text == ",";
                continue;
            }
            skips_comma = false;
            kept.push(token);
        }
        kept
    }
}

/// Takes away what an alias scope or domain is labelled with: the names of a function and a temporary,
/// which LLVM itself does not look at. Which side a scope is of, Enzyme says there.
fn unlabel(tokens: &mut Vec<Token<'_>>) {
    let is_own = tokens.first().is_some_and(|first| first.text == "distinct");
    let label = tokens
        .iter()
        .rposition(|token| token.kind == TokenKind::Metadata && token.text.starts_with("!\""));
    if let Some(label) = label.filter(|_| is_own) {
        let name = tokens[label].name();
        if name != "primal" && !name.starts_with("shadow_") {
            let start = tokens[..label].iter().rposition(|token| token.text == ",");
            tokens.drain(start.unwrap_or(label)..=label);
        }
    }
}

fn operands(body: &str) -> Vec<u64> {
    lex(body)
        .iter()
        .filter(|token| token.kind == TokenKind::Metadata)
        .filter_map(|token| token.name().parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(text: &str) -> String {
        normal_form(text, &mut Names::new(b""))
    }

    const PLAIN: &str = "\
define double @_ZN5model4loss17h0123456789abcdefE(ptr %w.0, i64 %w.1) unnamed_addr nounwind {
start:
  %0 = load double, ptr %w.0, align 8, !noundef !3, !range !9
  br label %bb1, !llvm.loop !4

bb1:                                              ; preds = %start
  call void @_ZN5model4help17hfedcba9876543210E(ptr @alloc_00112233445566778899aabbccddeeff)
  ret double %0
}
!3 = !{}
!9 = !{i64 0, i64 4}
!4 = distinct !{!4, !5}
!5 = !{!\"llvm.loop.unroll.disable\"}
";

    #[test]
    fn debug_info_numbers_and_hashes_leave_no_trace() {
        let with_debug_info = "\
define double @_ZN5model4loss17haaaaaaaaaaaaaaaaE(ptr %w.0, i64 %w.1) unnamed_addr nounwind !dbg !70 {
start:
    #dbg_value(ptr %w.0, !71, !DIExpression(), !72)
  %self = load double, ptr %w.0, align 8, !dbg !72, !noundef !13, !range !19
  br label %bb6, !dbg !72, !llvm.loop !14

bb6:                                              ; preds = %start
  call void @_ZN5model4help17hbbbbbbbbbbbbbbbbE(ptr @alloc_ffeeddccbbaa99887766554433221100), !dbg !73
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
        for word in ["17h", "_ZN", "alloc_0", "preds", "dbg"] {
            assert!(!form.contains(word), "{word} in {form}");
        }
        assert!(form.contains("!noundef !0, !range !1\n"), "{form}");
        assert!(form.contains("!2 = distinct !{!2, !3}\n"), "{form}");
        assert!(form.contains("@\"model::help\"(ptr @alloc.1)"), "{form}");
        let scoped = PLAIN.replace(
            "llvm.loop.unroll.disable",
            "_ZN5model4help17hfedcba9876543210E: %x",
        );
        assert!(normal(&scoped).contains("!{!\"help: %x\"}"));
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
        assert!(joined(&form).starts_with(
            "define double @\"model::loss\"(ptr %w.0, i64 %w.1) unnamed_addr nounwind {\nbb.1:"
        ));
    }
}
