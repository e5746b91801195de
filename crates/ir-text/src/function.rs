//! One function's text, split into the lines that are compared and shown.

use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::lex::{Token, TokenKind, is_label, lex};

/// A function's lines, and the metadata definitions that it refers to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Function {
    /// Its lines, from the `define` to the closing brace. Parameters have a line each.
    pub lines: Vec<Line>,
    /// Definitions of the metadata that the lines refer to, a line each, and where in them each
    /// number's stands.
    definitions: String,
    metadata: FxHashMap<u64, Range<usize>>,
}

/// One line of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its text, without the line end.
    pub text: String,
    /// What it is.
    pub kind: LineKind,
    /// The label of the block that it stands in, once there is one.
    pub block: Option<Arc<str>>,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineKind {
    /// `define … @f(`.
    Define,
    /// One parameter.
    Parameter,
    /// `) … {` with the function's own attributes.
    Attributes,
    /// A block's label.
    Label,
    /// An instruction, or a line that continues one.
    Instruction,
    /// A debug record.
    Record,
    /// The closing brace.
    Close,
    /// Nothing, or a comment.
    Blank,
}

impl Function {
    /// Splits a function's text as LLVM prints it. Lines after the closing brace that define
    /// metadata are kept aside. Any text will do.
    pub fn parse(text: &str) -> Self {
        let mut function = Function::default();
        let mut block: Option<Arc<str>> = None;
        let mut rest = text;
        while let Some(line) = rest.lines().next() {
            rest = rest[line.len()..].trim_start_matches('\r');
            rest = rest.strip_prefix('\n').unwrap_or(rest);
            let kind = kind_of(line, function.lines.is_empty());
            if kind == LineKind::Define {
                function.open(line);
                continue;
            }
            let in_body = matches!(kind, LineKind::Instruction | LineKind::Record);
            if in_body && block.is_none() && function.is_opened() {
                // LLVM prints no label for a first block without a name, though it numbers it.
                let number: Arc<str> = function.numbered_parameters().to_string().into();
                function.push(format!("{number}:"), LineKind::Label, Some(number.clone()));
                block = Some(number);
            }
            if kind == LineKind::Label {
                block = lex(line).first().map(|label| label.name().into());
            }
            function.push(line.to_owned(), kind, block.clone());
            if kind == LineKind::Close {
                function.define(rest);
                break;
            }
        }
        function
    }

    /// What a metadata number stands for, if its definition is known.
    pub fn metadata(&self, number: u64) -> Option<&str> {
        self.metadata
            .get(&number)
            .map(|range| &self.definitions[range.clone()])
    }

    pub(crate) fn has_no_metadata(&self) -> bool {
        self.metadata.is_empty()
    }

    /// True when every metadata number that both functions define stands for the same in both, and
    /// they have one in common at all.
    pub fn shares_metadata_with(&self, other: &Function) -> bool {
        let mut common = self
            .metadata
            .iter()
            .filter_map(|(&number, body)| {
                Some((&self.definitions[body.clone()], other.metadata(number)?))
            })
            .peekable();
        common.peek().is_some() && common.all(|(mine, theirs)| mine == theirs)
    }

    /// How many instructions there are.
    pub fn instructions(&self) -> usize {
        // A switch's cases and a call's operands on lines of their own are indented further.
        self.lines
            .iter()
            .filter(|line| {
                line.kind == LineKind::Instruction
                    && !line.text.starts_with("   ")
                    && !line.text.trim_start().starts_with(']')
            })
            .count()
    }

    fn is_opened(&self) -> bool {
        self.lines
            .first()
            .is_some_and(|line| line.kind == LineKind::Define)
    }

    /// How many parameters have numbers for names; the first block's number follows theirs.
    fn numbered_parameters(&self) -> usize {
        self.lines
            .iter()
            .filter(|line| line.kind == LineKind::Parameter)
            .filter(|line| {
                let tokens = lex(&line.text);
                let name = tokens.iter().rfind(|t| t.kind == TokenKind::Local);
                name.is_none_or(Token::is_numbered)
            })
            .count()
    }

    fn push(&mut self, text: String, kind: LineKind, block: Option<Arc<str>>) {
        self.lines.push(Line { text, kind, block });
    }

    /// Splits `define … @f(a, b) … {` so that each parameter has a line of its own.
    fn open(&mut self, line: &str) {
        let tokens = lex(line);
        let Some((open, commas, close)) = parameters(&tokens) else {
            self.push(line.to_owned(), LineKind::Define, None);
            return;
        };
        let text = |range: &[Token<'_>]| -> String { range.iter().map(|t| t.text).collect() };
        if close == open + 1 {
            self.push(text(&tokens[..=close]), LineKind::Define, None);
            self.push(
                format!(" {}", text(&tokens[close + 1..])),
                LineKind::Attributes,
                None,
            );
            return;
        }
        self.push(text(&tokens[..=open]), LineKind::Define, None);
        let mut start = open + 1;
        for end in commas.into_iter().chain([close]) {
            let comma = if end == close { "" } else { "," };
            let parameter = text(&tokens[start..end]);
            self.push(
                format!("    {}{comma}", parameter.trim()),
                LineKind::Parameter,
                None,
            );
            start = end + 1;
        }
        self.push(
            format!("  {}", text(&tokens[close..])),
            LineKind::Attributes,
            None,
        );
    }

    /// Takes lines like `!5 = !{…}` in; others are passed over.
    fn define(&mut self, lines: &str) {
        lines.clone_into(&mut self.definitions);
        let mut at = 0;
        for line in lines.split_inclusive('\n') {
            let end = at + line.trim_end().len();
            if let Some((name, _)) = line.split_once(" = ")
                && let Some(number) = name.strip_prefix('!').and_then(|n| n.parse().ok())
            {
                self.metadata
                    .insert(number, at + name.len() + 3..end.max(at + name.len() + 3));
            }
            at += line.len();
        }
    }
}

fn kind_of(line: &str, first: bool) -> LineKind {
    let trimmed = line.trim();
    if trimmed.is_empty() || trimmed.starts_with(';') {
        LineKind::Blank
    } else if first && line.starts_with("define") {
        LineKind::Define
    } else if line.starts_with('}') {
        LineKind::Close
    } else if trimmed.starts_with("#dbg_") {
        LineKind::Record
    } else if is_label(line) {
        LineKind::Label
    } else {
        LineKind::Instruction
    }
}

/// Positions of the parameter list's opening parenthesis, its commas and its closing one.
fn parameters(tokens: &[Token<'_>]) -> Option<(usize, Vec<usize>, usize)> {
    let name = tokens.iter().position(|t| t.kind == TokenKind::Global)?;
    let open = name + 1;
    if tokens.get(open)?.text != "(" {
        return None;
    }
    let mut depth = 0_usize;
    let mut commas = Vec::new();
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text {
            "(" | "[" | "{" | "<" => depth += 1,
            ")" | "]" | "}" | ">" => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some((open, commas, at));
                }
            }
            "," if depth == 1 => commas.push(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_block_without_a_name_gets_its_number() {
        let function = Function::parse(
            "define void @f(i32 %0, i32 %n) {\n  br label %2\n\n2:\n  ret void\n}\n",
        );
        assert_eq!(function.lines[4].text, "1:");
    }

    #[test]
    fn parameters_get_a_line_each() {
        let function = Function::parse(
            "define double @f(ptr captures(none) %x.0, i64 range(i64 0, 9) %x.1) nounwind {\nstart:\n  ret double 0.0, !dbg !1\n}\n!1 = !{}\n",
        );
        let lines: Vec<&str> = function.lines.iter().map(|l| l.text.as_str()).collect();
        assert_eq!(
            lines,
            [
                "define double @f(",
                "    ptr captures(none) %x.0,",
                "    i64 range(i64 0, 9) %x.1",
                "  ) nounwind {",
                "start:",
                "  ret double 0.0, !dbg !1",
                "}",
            ]
        );
        assert_eq!(function.metadata(1), Some("!{}"));
        assert_eq!(function.lines[5].block.as_deref(), Some("start"));
        assert_eq!(function.instructions(), 1);
    }
}
