//! Which words of a line are attached metadata, and which lines say nothing but metadata.

use crate::function::{Line, LineKind};
use crate::lex::{Token, TokenKind};

/// What stands beside the code of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attached {
    /// Where in the source something is, and what is kept there in which variable.
    DebugInfo,
    /// Anything else that passes attach: scopes, ranges, hints.
    Metadata,
}

/// Attachments that speak of the source and not of what the function does.
pub(crate) const OF_THE_SOURCE: [&str; 4] = ["dbg", "srcloc", "DIAssignID", "heapallocsite"];

impl Line {
    /// What the whole line is, if it is nothing but something beside the code.
    pub fn attached(&self) -> Option<Attached> {
        match self.kind {
            LineKind::Record => Some(Attached::DebugInfo),
            LineKind::Instruction if self.text.contains("call void @llvm.dbg.") => {
                Some(Attached::DebugInfo)
            }
            LineKind::Instruction
                if self
                    .text
                    .contains("call void @llvm.experimental.noalias.scope.decl(") =>
            {
                Some(Attached::Metadata)
            }
            _ => None,
        }
    }
}

/// For each token, whether it belongs to an attachment: `, !dbg !7`, or ` !dbg !7` before a brace. Spaces
/// may be among the tokens.
pub fn attached(tokens: &[Token<'_>]) -> Vec<Option<Attached>> {
    let mut found = vec![None; tokens.len()];
    let words: Vec<usize> = (0..tokens.len())
        .filter(|&at| tokens[at].kind != TokenKind::Space)
        .collect();
    for pair in 1..words.len().saturating_sub(1) {
        let (kind, value) = (&tokens[words[pair]], &tokens[words[pair + 1]]);
        let is_attachment = kind.kind == TokenKind::Metadata
            && !kind.is_numbered()
            && !kind.text.starts_with("!\"")
            && value.kind == TokenKind::Metadata
            && value.is_numbered();
        if !is_attachment {
            continue;
        }
        let of = match OF_THE_SOURCE.contains(&kind.name()) {
            true => Attached::DebugInfo,
            false => Attached::Metadata,
        };
        // What leads up to it goes with it.
        let before = words[pair - 1];
        let start = match tokens[before].text {
            "," => before,
            _ => before + 1,
        };
        found[start..=words[pair + 1]].fill(Some(of));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lex::lex;

    fn code(line: &str) -> String {
        let tokens = lex(line);
        let attached = attached(&tokens);
        let kept = tokens.iter().zip(attached);
        kept.filter(|(_, attached)| attached.is_none())
            .map(|(token, _)| token.text)
            .collect()
    }

    #[test]
    fn attachments_go_with_what_leads_up_to_them() {
        assert_eq!(
            code("  %1 = load i64, ptr %p, align 8, !dbg !3, !noundef !4"),
            "  %1 = load i64, ptr %p, align 8"
        );
        assert_eq!(code("  ) nounwind !dbg !3 {"), "  ) nounwind {");
        assert_eq!(
            code("  call void @f(metadata !7), !dbg !3"),
            "  call void @f(metadata !7)"
        );
        assert_eq!(
            code("  call void @f(metadata !\"fpexcept.strict\")"),
            "  call void @f(metadata !\"fpexcept.strict\")"
        );
    }
}
