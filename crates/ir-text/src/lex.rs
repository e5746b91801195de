//! Splits a line of LLVM's text form into tokens.

/// A piece of a line. The tokens of a line, put together, are the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: TokenKind,
    /// Its text.
    pub text: &'a str,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// White space.
    Space,
    /// A local value or block: `%x`, `%"x'"`, `%5`; or a type's name.
    Local,
    /// A global: `@f`.
    Global,
    /// Metadata: `!dbg`, `!12`.
    Metadata,
    /// A reference to an attribute group: `#3`.
    Group,
    /// A block's label at the start of a line, with its colon.
    Label,
    /// From `;` to the end.
    Comment,
    /// Quoted text.
    Text,
    /// A number.
    Number,
    /// A keyword, type or opcode.
    Word,
    /// Anything else, a character at a time.
    Punct,
}

impl<'a> Token<'a> {
    /// The name without its sigil and quotes, and a label without its colon.
    pub fn name(&self) -> &'a str {
        let text = match self.kind {
            TokenKind::Local | TokenKind::Global | TokenKind::Metadata | TokenKind::Group => {
                &self.text[1..]
            }
            TokenKind::Label => self.text.strip_suffix(':').unwrap_or(self.text),
            _ => self.text,
        };
        text.strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'))
            .unwrap_or(text)
    }

    /// True for a local, label or metadata that has a number for a name.
    pub fn is_numbered(&self) -> bool {
        let name = self.name();
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit())
    }
}

/// Splits a line. Any text will do.
pub fn lex(line: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::with_capacity(line.len() / 4);
    lex_into(line, &mut tokens);
    tokens
}

/// Puts a line's tokens behind those that are there.
pub(crate) fn lex_into<'a>(line: &'a str, tokens: &mut Vec<Token<'a>>) {
    // Functions of thousands of lines are lexed after every pass: this works on bytes, and decodes
    // a character only where it is none of ASCII's.
    let bytes = line.as_bytes();
    let mut at = 0;
    if let Some(length) = label(line) {
        tokens.push(Token {
            kind: TokenKind::Label,
            text: &line[..length],
        });
        at = length;
    }
    while at < bytes.len() {
        let rest = &bytes[at..];
        let next = rest.get(1).copied().unwrap_or(0);
        let (kind, length) = match rest[0] {
            c if c.is_ascii_whitespace() => (TokenKind::Space, run(rest, u8::is_ascii_whitespace)),
            b';' => (TokenKind::Comment, rest.len()),
            b'"' => (TokenKind::Text, quoted(rest)),
            b'%' => sigil(rest, TokenKind::Local),
            b'@' => sigil(rest, TokenKind::Global),
            b'!' => sigil(rest, TokenKind::Metadata),
            b'#' => match run(&rest[1..], u8::is_ascii_digit) {
                0 => (TokenKind::Punct, 1),
                digits => (TokenKind::Group, 1 + digits),
            },
            b'c' if next == b'"' => (TokenKind::Text, 1 + quoted(&rest[1..])),
            c if c.is_ascii_digit() => (TokenKind::Number, number(rest)),
            b'-' | b'+' if next.is_ascii_digit() => (TokenKind::Number, 1 + number(&rest[1..])),
            c if c.is_ascii_alphabetic() || c == b'_' => (
                TokenKind::Word,
                run(rest, |c| {
                    c.is_ascii_alphanumeric() || *c == b'_' || *c == b'.'
                }),
            ),
            c if c.is_ascii() => (TokenKind::Punct, 1),
            _ => match line[at..].chars().next() {
                Some(c) if c.is_whitespace() => (TokenKind::Space, c.len_utf8()),
                c => (TokenKind::Punct, c.map_or(1, char::len_utf8)),
            },
        };
        tokens.push(Token {
            kind,
            text: &line[at..at + length],
        });
        at += length;
    }
}

/// True when the line begins with a label.
pub fn is_label(line: &str) -> bool {
    label(line).is_some()
}

fn is_name(c: &u8) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, b'-' | b'$' | b'.' | b'_')
}

fn run(text: &[u8], holds: impl Fn(&u8) -> bool) -> usize {
    text.iter().position(|c| !holds(c)).unwrap_or(text.len())
}

/// Length of a quoted text; quotes inside are written `\22`.
fn quoted(text: &[u8]) -> usize {
    let end = text[1..].iter().position(|&c| c == b'"');
    end.map_or(text.len(), |end| end + 2)
}

fn sigil(text: &[u8], kind: TokenKind) -> (TokenKind, usize) {
    let rest = &text[1..];
    let length = match rest.first() {
        Some(b'"') => quoted(rest),
        _ => run(rest, is_name),
    };
    if length == 0 {
        (TokenKind::Punct, 1)
    } else {
        (kind, 1 + length)
    }
}

fn number(text: &[u8]) -> usize {
    let mut last = b' ';
    let end = text.iter().position(|&c| {
        // The sign of an exponent, but not the minus of the next number.
        let holds =
            c.is_ascii_alphanumeric() || c == b'.' || (matches!(c, b'+' | b'-') && last == b'e');
        last = c;
        !holds
    });
    end.unwrap_or(text.len())
}

/// Length of the label that a line begins with.
fn label(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let length = match bytes.first()? {
        b'"' => quoted(bytes),
        _ => run(bytes, is_name),
    };
    (length > 0 && bytes.get(length) == Some(&b':')).then_some(length + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kinds(line: &str) -> Vec<(TokenKind, &str)> {
        lex(line)
            .into_iter()
            .filter(|token| token.kind != TokenKind::Space)
            .map(|token| (token.kind, token.text))
            .collect()
    }

    #[test]
    fn an_instruction_is_split() {
        use TokenKind::*;
        assert_eq!(
            kinds("  %\"x'\" = fadd fast double %5, -1.0e+01, !dbg !7 ; c"),
            [
                (Local, "%\"x'\""),
                (Punct, "="),
                (Word, "fadd"),
                (Word, "fast"),
                (Word, "double"),
                (Local, "%5"),
                (Punct, ","),
                (Number, "-1.0e+01"),
                (Punct, ","),
                (Metadata, "!dbg"),
                (Metadata, "!7"),
                (Comment, "; c"),
            ]
        );
        assert_eq!(kinds("bb2:   ; preds")[0], (Label, "bb2:"));
        assert_eq!(kinds("\"a b\":")[0], (Label, "\"a b\":"));
        assert_eq!(lex("%\"x'\"")[0].name(), "x'");
    }

    proptest! {
        #[test]
        fn tokens_add_up_to_the_line(line in "[ -~é\t]{0,60}") {
            let joined: String = lex(&line).iter().map(|token| token.text).collect();
            prop_assert_eq!(joined, line);
        }

        #[test]
        fn no_token_is_empty_and_names_never_panic(line: String) {
            for token in lex(&line) {
                prop_assert!(!token.text.is_empty());
                token.name();
            }
        }
    }
}
