//! What a line defines.

use crate::function::LineKind;
use crate::lex::{Token, TokenKind};

/// The local that a line defines.
#[derive(Clone, Copy, Debug)]
pub(super) struct Definition<'a> {
    /// It, as the line has it.
    pub(super) name: Token<'a>,
    /// What it is.
    pub(super) what: Defined<'a>,
}

/// What a local is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Defined<'a> {
    Parameter,
    Block,
    /// What an instruction computes. Words before a call that say how it is made are no opcodes.
    Value {
        opcode: Option<&'a str>,
    },
}

/// What a line of these tokens defines: a parameter, a block, or what stands before its `=`.
pub(super) fn definition<'a>(kind: LineKind, tokens: &[Token<'a>]) -> Option<Definition<'a>> {
    let mut words = tokens
        .iter()
        .filter(|token| token.kind != TokenKind::Space)
        .copied();
    match kind {
        LineKind::Parameter => Some(Definition {
            name: words.rfind(|token| token.kind == TokenKind::Local)?,
            what: Defined::Parameter,
        }),
        LineKind::Label => Some(Definition {
            name: words.next()?,
            what: Defined::Block,
        }),
        LineKind::Instruction => {
            let name = words.next().filter(|name| name.kind == TokenKind::Local)?;
            words.next().filter(|equals| equals.text == "=")?;
            let opcode = words
                .map(|token| token.text)
                .find(|word| !matches!(*word, "tail" | "musttail" | "notail"));
            Some(Definition {
                name,
                what: Defined::Value { opcode },
            })
        }
        _ => None,
    }
}
