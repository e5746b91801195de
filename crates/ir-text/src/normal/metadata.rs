//! What metadata says, whatever numbers it has.

use super::trim::trim;
use crate::attached::OF_THE_SOURCE;
use crate::function::Function;
use crate::lex::{Token, TokenKind, lex};

/// The metadata of one function.
#[derive(Clone, Copy)]
pub(super) struct Metadata<'f> {
    function: &'f Function,
}

impl<'f> Metadata<'f> {
    pub(super) fn of(function: &'f Function) -> Self {
        Metadata { function }
    }

    /// What a number stands for.
    pub(super) fn definition(&self, number: u64) -> Option<Vec<Token<'f>>> {
        self.function.metadata(number).map(lex)
    }

    /// The same without places in the source, and without what an alias scope is labelled with.
    pub(super) fn without_source(&self, number: u64) -> Option<Vec<Token<'f>>> {
        let mut kept = self.without_debug_info(&self.definition(number)?);
        unlabel(&mut kept);
        Some(kept)
    }

    /// A line's tokens without attachments about the source.
    pub(super) fn without_attached_source<'a>(&self, tokens: &[Token<'a>]) -> Vec<Token<'a>> {
        let mut kept: Vec<Token<'a>> = Vec::with_capacity(tokens.len());
        let mut rest = tokens;
        while let [token, after @ ..] = rest {
            if let (Some(name), Some(value)) = (attachment(token), after.get(1))
                && number(value).is_some_and(|number| {
                    OF_THE_SOURCE.contains(&name) || self.says_nothing(number)
                })
            {
                // What leads up to it goes with it: `, !dbg !7`, or ` !dbg !7` before a brace.
                trim(&mut kept);
                if kept.last().is_some_and(|last| last.text == ",") {
                    kept.pop();
                }
                rest = &after[2..];
                continue;
            }
            kept.push(*token);
            rest = after;
        }
        kept
    }

    /// True for a loop's node that holds nothing but places in the source.
    fn says_nothing(&self, node: u64) -> bool {
        let Some(body) = self.definition(node) else {
            return false;
        };
        let numbers: Vec<u64> = body.iter().filter_map(number).collect();
        matches!(body.as_slice(), [distinct, _, bang, open, ..]
            if distinct.text == "distinct" && bang.text == "!" && open.text == "{")
            && numbers.first() == Some(&node)
            && numbers.len() > 1
            && numbers[1..].iter().all(|&other| self.is_debug_info(other))
            && body.iter().all(|token| token.kind != TokenKind::Text)
    }

    fn is_debug_info(&self, number: u64) -> bool {
        self.function.metadata(number).is_some_and(|body| {
            let body = body.strip_prefix("distinct ").unwrap_or(body);
            body.starts_with("!DI")
        })
    }

    /// A definition without the operands that are places in the source.
    fn without_debug_info(&self, body: &[Token<'f>]) -> Vec<Token<'f>> {
        let mut kept: Vec<Token<'f>> = Vec::with_capacity(body.len());
        let mut skips_comma = false;
        for token in body {
            if number(token).is_some_and(|number| self.is_debug_info(number)) {
                trim(&mut kept);
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
            kept.push(*token);
        }
        kept
    }
}

/// The number of numbered metadata.
pub(super) fn number(token: &Token<'_>) -> Option<u64> {
    (token.kind == TokenKind::Metadata)
        .then(|| token.name().parse().ok())
        .flatten()
}

/// The kind of an attachment: what stands before a number.
fn attachment<'a>(token: &Token<'a>) -> Option<&'a str> {
    (token.kind == TokenKind::Metadata).then(|| token.name())
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

/// What a metadata number stands for, with the numbers in it followed in turn, so that it is the
/// same text wherever the numbering begins. `None` when that would be too long to write down.
pub fn resolve_metadata(function: &Function, number: u64) -> Option<String> {
    let mut resolver = Resolver {
        metadata: Metadata::of(function),
        path: Vec::new(),
        out: String::new(),
        left: MOST_NODES,
    };
    resolver.node(number)?;
    Some(resolver.out)
}

/// A few nested nodes with many operands spell out to more text than there is memory.
const MOST_NODES: usize = 4096;

struct Resolver<'f> {
    metadata: Metadata<'f>,
    path: Vec<u64>,
    out: String,
    left: usize,
}

impl Resolver<'_> {
    fn node(&mut self, node: u64) -> Option<()> {
        // A node may refer to itself or to one that refers to it.
        if let Some(depth) = self.path.iter().rev().position(|&seen| seen == node) {
            self.out.push_str(&format!("!^{depth}"));
            return Some(());
        }
        let Some(body) = self.metadata.definition(node) else {
            self.out.push_str("!?");
            return Some(());
        };
        self.left = self.left.checked_sub(1)?;
        self.path.push(node);
        for token in body {
            match number(&token) {
                Some(inner) => self.node(inner)?,
                None => self.out.push_str(token.text),
            }
        }
        self.path.pop();
        Some(())
    }
}
