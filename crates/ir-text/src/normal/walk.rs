//! The walk over a function's lines that every normal form begins with.

use super::definition::{Definition, definition};
use super::keep::Keep;
use super::metadata::Metadata;
use super::trim::trim;
use crate::function::{Function, LineKind};
use crate::lex::{Token, TokenKind, lex};

/// What is kept of one line.
pub(super) struct NormalLine<'f> {
    pub(super) kind: LineKind,
    pub(super) tokens: Vec<Token<'f>>,
    pub(super) defines: Option<Definition<'f>>,
}

/// A function's lines, in their order.
pub(super) fn walk<'f>(
    function: &'f Function,
    metadata: &Metadata<'f>,
    keep: Keep,
) -> Vec<NormalLine<'f>> {
    let mut lines = Vec::with_capacity(function.lines.len());
    for line in &function.lines {
        if line.kind == LineKind::Record && !keep.source {
            continue;
        }
        let mut tokens = lex(&line.text);
        if tokens.last().is_some_and(|t| t.kind == TokenKind::Comment) {
            tokens.pop();
        }
        if !keep.source {
            tokens = metadata.without_attached_source(&tokens);
        }
        if keep.layout {
            trim(&mut tokens);
        } else {
            tokens.retain(|token| token.kind != TokenKind::Space);
            // Whether a parameter is the last one is no part of what it says.
            if line.kind == LineKind::Parameter && tokens.last().is_some_and(|t| t.text == ",") {
                tokens.pop();
            }
        }
        if tokens.is_empty() && !keep.source && !line.text.trim().is_empty() {
            continue;
        }
        lines.push(NormalLine {
            kind: line.kind,
            defines: definition(line.kind, &tokens),
            tokens,
        });
    }
    lines
}
