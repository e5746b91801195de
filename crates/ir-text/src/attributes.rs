//! Which words of a line are attributes.

use crate::function::LineKind;
use crate::lex::{Token, TokenKind};

/// Words that are neither attributes nor the arguments of one, on lines that may have attributes.
pub fn without_attributes<'a>(kind: LineKind, tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    let attributes = attributes(kind, tokens);
    let kept = tokens.iter().zip(attributes);
    kept.filter(|(_, is_attribute)| !is_attribute)
        .map(|(token, _)| *token)
        .collect()
}

/// For each token, whether it is an attribute or belongs to the arguments of one. Spaces may be among
/// the tokens, and are none.
pub fn attributes(kind: LineKind, tokens: &[Token<'_>]) -> Vec<bool> {
    let mut found = vec![false; tokens.len()];
    let calls = tokens
        .iter()
        .any(|t| matches!(t.text, "call" | "invoke" | "callbr"));
    if kind == LineKind::Instruction && !calls {
        return found;
    }
    let words: Vec<usize> = (0..tokens.len())
        .filter(|&at| tokens[at].kind != TokenKind::Space)
        .collect();
    let word = |at: usize| words.get(at).map(|&word| &tokens[word]);
    let mut in_brackets = false;
    let mut at = 0;
    while at < words.len() {
        let token = tokens[words[at]];
        let start = at;
        at += 1;
        // String attributes, `"key"` or `"key"="value"`, stand behind the parameter list or another
        // attribute. Other strings (assembly, sections, bundles' tags) say what is done.
        let previous = start.checked_sub(1).and_then(word);
        let follows = previous.is_some_and(|t| {
            t.text == ")" || t.kind == TokenKind::Text || ATTRIBUTES.contains(&t.text)
        });
        if token.text.starts_with('"') && kind != LineKind::Parameter && follows && !in_brackets {
            if word(at).is_some_and(|t| t.text == "=") {
                at += 2;
            }
        } else {
            match token.text {
                "[" => in_brackets = true,
                "]" => in_brackets = false,
                _ => {}
            }
            if token.kind != TokenKind::Word || !ATTRIBUTES.contains(&token.text) {
                continue;
            }
            match word(at) {
                Some(open) if open.text == "(" => {
                    at += parenthesised(words[at..].iter().map(|&word| tokens[word].text));
                }
                Some(number) if number.kind == TokenKind::Number => at += 1,
                _ => {}
            }
        }
        at = at.min(words.len());
        found[words[start]..=words[at - 1]].fill(true);
    }
    found
}

/// How many tokens a parenthesised list takes.
fn parenthesised<'a>(tokens: impl ExactSizeIterator<Item = &'a str>) -> usize {
    let all = tokens.len();
    let mut depth = 0_usize;
    for (at, token) in tokens.enumerate() {
        match token {
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
    all
}

/// Attributes of LLVM 22 and 23 that say something about a function, call, parameter or result without
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
    "denormal_fpenv",
    "dereferenceable",
    "dereferenceable_or_null",
    "flatten",
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
    "noipa",
    "nomerge",
    "nonlazybind",
    "nonnull",
    "nooutline",
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
