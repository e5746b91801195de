//! White space at the end of tokens.

use crate::lex::{Token, TokenKind};

/// Takes white space off the end.
pub(super) fn trim(tokens: &mut Vec<Token<'_>>) {
    while tokens
        .last()
        .is_some_and(|last| last.kind == TokenKind::Space)
    {
        tokens.pop();
    }
}
