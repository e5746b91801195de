//! LLVM's lexical rules, as far as finding the ends of things needs them.
//!
//! Nothing here depends on how LLVM's printer lays text out: strings may hold line ends, comments may
//! hold anything, and braces may stand anywhere. Every function takes any bytes and any position.

use std::borrow::Cow;

use memchr::{memchr, memchr2, memmem};

use crate::find::first_of;

const NAME: u8 = 1;
const SPACE: u8 = 2;

/// What a byte can be part of.
const CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut byte = 0_usize;
    while byte < 256 {
        class[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'$' | b'.' | b'_' => NAME,
            // A NUL in the middle of a text is white space to LLVM.
            b' ' | b'\t' | b'\n' | b'\r' | 0 => SPACE,
            _ => 0,
        };
        byte += 1;
    }
    class
};

/// True for what an unquoted name is made of.
pub(crate) fn is_name(byte: u8) -> bool {
    CLASS[usize::from(byte)] == NAME
}

/// The end of the run of name bytes that begins at `at`.
pub(crate) fn word_end(text: &[u8], mut at: usize) -> usize {
    while at < text.len() && is_name(text[at]) {
        at += 1;
    }
    at
}

/// The end of the string whose opening quote stands at `at`, and whether it has one. No escape ends
/// in a quote: `\22` is how one is written.
pub(crate) fn string_end(text: &[u8], at: usize) -> (usize, bool) {
    match memchr(b'"', text.get(at + 1..).unwrap_or_default()) {
        Some(length) => (at + length + 2, true),
        None => (text.len(), false),
    }
}

/// The end of the comment that begins at `at`; `at` itself if none does.
pub(crate) fn comment_end(text: &[u8], at: usize) -> usize {
    match text.get(at) {
        Some(b';') => memchr2(b'\n', b'\r', &text[at..]).map_or(text.len(), |length| at + length),
        Some(b'/') if text.get(at + 1) == Some(&b'*') => {
            memmem::find(&text[at + 2..], b"*/").map_or(text.len(), |length| at + length + 4)
        }
        _ => at,
    }
}

/// The first position at or after `at` that is neither white space nor in a comment.
pub(crate) fn skip_blank(text: &[u8], mut at: usize) -> usize {
    loop {
        at = space_end(text, at);
        let end = comment_end(text, at);
        if end == at {
            return at;
        }
        at = end;
    }
}

fn space_end(text: &[u8], mut at: usize) -> usize {
    while at < text.len() && CLASS[usize::from(text[at])] == SPACE {
        at += 1;
    }
    at
}

/// What was passed over that only a text of several modules holds, or none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Lines that head modules: `; ModuleID = `.
    pub(crate) heads: usize,
    /// A string went over a line's end, which LLVM never writes: it may have begun in other text.
    pub(crate) long_string: bool,
}

impl Seen {
    /// What a module's first line begins with.
    pub(crate) const HEAD: &[u8] = b"; ModuleID = ";

    /// The end of the string at `at`.
    pub(crate) fn string(&mut self, text: &[u8], at: usize) -> (usize, bool) {
        let (end, closed) = string_end(text, at);
        self.long_string |= memchr(b'\n', &text[at..end]).is_some();
        (end, closed)
    }

    /// The end of the comment at `at`, or `at`.
    pub(crate) fn comment(&mut self, text: &[u8], at: usize) -> usize {
        self.heads += usize::from(text[at..].starts_with(Self::HEAD));
        comment_end(text, at)
    }

    /// The end of the white space and comments at `at`.
    pub(crate) fn blank(&mut self, text: &[u8], at: usize) -> usize {
        let end = skip_blank(text, at);
        if end - at > Self::HEAD.len() {
            self.heads += memmem::find_iter(&text[at..end], Self::HEAD).count();
        }
        end
    }

    /// The end of the group whose opening bracket (`open`) stands at `at`, and whether it is closed.
    /// Other kinds of brackets do not count. In damaged text, where a closing bracket comes first, the group
    /// ends there and is not closed.
    pub(crate) fn group(
        &mut self,
        text: &[u8],
        at: usize,
        (open, close): (u8, u8),
    ) -> (usize, bool) {
        let mut depth = 0_usize;
        let mut at = at;
        loop {
            let rest = text.get(at..).unwrap_or_default();
            let Some(length) = first_of([open, close, b'"', b';', b'/'], rest) else {
                return (text.len(), false);
            };
            let found = at + length;
            at = found + 1;
            match text[found] {
                b'"' => at = self.string(text, found).0,
                b';' | b'/' => at = self.comment(text, found).max(at),
                byte if byte == open => depth += 1,
                _ => match depth {
                    0 => return (found, false),
                    1 => return (at, true),
                    _ => depth -= 1,
                },
            }
        }
    }
}

/// [`Seen::group`], where nobody asks what was seen.
pub(crate) fn group_end(text: &[u8], at: usize, brackets: (u8, u8)) -> (usize, bool) {
    Seen::default().group(text, at, brackets)
}

/// The brackets of lists.
pub(crate) const ROUND: (u8, u8) = (b'(', b')');
/// The brackets of bodies.
pub(crate) const CURLY: (u8, u8) = (b'{', b'}');

/// A reference to something at a module's top level, or what could be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    /// `@name`: a function, a variable, an alias.
    Global,
    /// `%name`: a type, or a local value.
    Type,
    /// `$name`.
    Comdat,
    /// `comdat` without a name: the one that is called as its owner is.
    OwnComdat,
    /// `#7`.
    Attributes(u32),
    /// `!7`.
    Metadata(u32),
}

/// Shows `found` every reference in `text[at..end]` with where it begins and ends, the sigil
/// included. The span must not begin within a string or a comment.
pub(crate) fn references(
    text: &[u8],
    at: usize,
    end: usize,
    found: &mut dyn FnMut(Reference, usize, usize),
) {
    let text = &text[..end.min(text.len())];
    let mut at = at;
    while at < text.len() {
        let byte = text[at];
        match byte {
            b'@' | b'%' | b'$' => {
                let (name, end) = name_at(text, at + 1);
                if end > name {
                    let kind = match byte {
                        b'@' => Reference::Global,
                        b'%' => Reference::Type,
                        _ => Reference::Comdat,
                    };
                    found(kind, at, end);
                }
                at = end;
            }
            b'#' | b'!' => {
                let end = word_end(text, at + 1);
                if let Some(number) = number(&text[at + 1..end]) {
                    let kind = match byte {
                        b'#' => Reference::Attributes(number),
                        _ => Reference::Metadata(number),
                    };
                    found(kind, at, end);
                }
                at = end;
            }
            b'"' => at = string_end(text, at).0,
            b';' | b'/' => at = comment_end(text, at).max(at + 1),
            _ if is_name(byte) => {
                let end = word_end(text, at);
                if &text[at..end] == b"comdat" && text.get(skip_blank(text, end)) != Some(&b'(') {
                    found(Reference::OwnComdat, at, end);
                }
                at = end;
            }
            _ => at += 1,
        }
    }
}

/// Where the name that follows a sigil begins and ends; quotes are part of it.
pub(crate) fn name_at(text: &[u8], at: usize) -> (usize, usize) {
    if text.get(at) == Some(&b'"') {
        return (at, string_end(text, at).0);
    }
    (at, word_end(text, at))
}

/// The number that a name consists of; `None` for other names.
pub(crate) fn number(name: &[u8]) -> Option<u32> {
    if name.is_empty() || name.len() > 10 {
        return None;
    }
    name.iter().try_fold(0_u32, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u32::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// A name without its quotes and escapes.
pub(crate) fn plain_name(written: &[u8]) -> Cow<'_, [u8]> {
    let Some(inner) = written.strip_prefix(b"\"") else {
        return Cow::Borrowed(written);
    };
    let inner = inner.strip_suffix(b"\"").unwrap_or(inner);
    if memchr(b'\\', inner).is_none() {
        return Cow::Borrowed(inner);
    }
    let digit = |at: usize| {
        inner
            .get(at)
            .and_then(|&byte| char::from(byte).to_digit(16))
    };
    let mut out = Vec::with_capacity(inner.len());
    let mut at = 0;
    while at < inner.len() {
        if inner[at] == b'\\' {
            if let (Some(high), Some(low)) = (digit(at + 1), digit(at + 2)) {
                out.push((high * 16 + low) as u8);
                at += 3;
                continue;
            }
            // A backslash may also be written twice.
            at += usize::from(inner.get(at + 1) == Some(&b'\\'));
        }
        out.push(inner[at]);
        at += 1;
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_end_at_their_bracket() {
        assert_eq!(group_end(b"(a (b) \")\") c", 0, ROUND), (11, true));
        assert_eq!(group_end(b"(a", 0, ROUND), (2, false));
        // What was damaged may begin with a bracket that closes nothing.
        assert_eq!(group_end(b"a) (b)", 0, ROUND), (1, false));
    }
}
