//! What a line says apart from attributes.

use crate::function::LineKind;
use crate::lex::{Token, TokenKind};

/// Words that are neither attributes nor the arguments of one, on lines that may have attributes.
pub fn without_attributes<'a>(kind: LineKind, tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    let calls = tokens
        .iter()
        .any(|t| matches!(t.text, "call" | "invoke" | "callbr"));
    if kind == LineKind::Instruction && !calls {
        return tokens.to_vec();
    }
    let mut kept = Vec::new();
    let mut in_brackets = false;
    let mut at = 0;
    while at < tokens.len() {
        let token = tokens[at];
        at += 1;
        // String attributes, `"key"` or `"key"="value"`, stand behind the parameter list or another
        // attribute. Other strings (assembly, sections, bundles' tags) say what is done.
        let previous = tokens[..at - 1].last();
        let follows = previous.is_some_and(|t| {
            t.text == ")" || t.kind == TokenKind::Text || ATTRIBUTES.contains(&t.text)
        });
        if token.text.starts_with('"') && kind != LineKind::Parameter && follows && !in_brackets {
            if tokens.get(at).is_some_and(|t| t.text == "=") {
                at += 2;
            }
            continue;
        }
        match token.text {
            "[" => in_brackets = true,
            "]" => in_brackets = false,
            _ => {}
        }
        if token.kind != TokenKind::Word || !ATTRIBUTES.contains(&token.text) {
            kept.push(token);
            continue;
        }
        match tokens.get(at) {
            Some(open) if open.text == "(" => at += parenthesised(&tokens[at..]),
            Some(number) if number.kind == TokenKind::Number => at += 1,
            _ => {}
        }
    }
    kept
}

/// How many tokens a parenthesised list takes.
fn parenthesised(tokens: &[Token<'_>]) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "(" => depth += 1,
            ")" => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    tokens.len()
}

/// Attributes of LLVM 22 that say something about a function, call, parameter or result without
/// changing how it is passed. (`byval`, `sret` and the like are part of what a call does.)
const ATTRIBUTES: &[&str] = &[
    "align",
    "allockind",
    "allocsize",
    "allocptr",
    "allocalign",
    "alwaysinline",
    "builtin",
    "captures",
    "cold",
    "convergent",
    "dead_on_return",
    "dead_on_unwind",
    "dereferenceable",
    "dereferenceable_or_null",
    "hot",
    "initializes",
    "inlinehint",
    "local_unnamed_addr",
    "memory",
    "minsize",
    "mustprogress",
    "naked",
    "noalias",
    "nobuiltin",
    "nocallback",
    "nocreateundeforpoison",
    "nocf_check",
    "noduplicate",
    "nofpclass",
    "nofree",
    "noimplicitfloat",
    "noinline",
    "nomerge",
    "nonlazybind",
    "nonnull",
    "noprofile",
    "norecurse",
    "noredzone",
    "noreturn",
    "nosync",
    "noundef",
    "nounwind",
    "null_pointer_is_valid",
    "optnone",
    "optsize",
    "range",
    "readnone",
    "readonly",
    "returned",
    "returns_twice",
    "speculatable",
    "ssp",
    "sspreq",
    "sspstrong",
    "strictfp",
    "unnamed_addr",
    "uwtable",
    "willreturn",
    "writable",
    "writeonly",
];
