//! The walk over a function's lines that every normal form begins with, and what one line says.

use super::definition::{Definition, definition};
use super::metadata::Metadata;
use super::trim::trim;
use crate::function::{Function, Line, LineKind};
use crate::lex::{Token, TokenKind, lex, lex_into};

/// What is kept of one line.
pub(super) struct NormalLine<'f> {
    pub(super) tokens: Vec<Token<'f>>,
    pub(super) defines: Option<Definition<'f>>,
}

/// A function's lines as they are written down, in their order: without comments, and without what speaks of the source
/// and not of what the function does, which is debug records, attached places, and lines that hold nothing else.
pub(super) fn walk<'f>(function: &'f Function, metadata: &Metadata<'f>) -> Vec<NormalLine<'f>> {
    let mut lines = Vec::with_capacity(function.lines.len());
    for line in &function.lines {
        if line.kind == LineKind::Record {
            continue;
        }
        let mut tokens = lex(&line.text);
        if tokens.last().is_some_and(|t| t.kind == TokenKind::Comment) {
            tokens.pop();
        }
        tokens = metadata.without_attached_source(&tokens);
        trim(&mut tokens);
        if tokens.is_empty() && !line.text.trim().is_empty() {
            continue;
        }
        lines.push(NormalLine {
            defines: definition(line.kind, &tokens),
            tokens,
        });
    }
    lines
}

/// What a line says, for comparing: everything but white space and comments. It is put behind the tokens that are
/// there, so that a whole function takes one piece of memory.
pub fn said<'f>(line: &'f Line, tokens: &mut Vec<Token<'f>>) {
    let start = tokens.len();
    lex_into(&line.text, tokens);
    let mut end = start;
    for at in start..tokens.len() {
        if !matches!(tokens[at].kind, TokenKind::Space | TokenKind::Comment) {
            tokens[end] = tokens[at];
            end += 1;
        }
    }
    tokens.truncate(end);
    // Whether a parameter is the last one is no part of what it says.
    if line.kind == LineKind::Parameter && end > start && tokens[end - 1].text == "," {
        tokens.pop();
    }
}
