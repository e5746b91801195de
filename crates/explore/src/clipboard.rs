//! The terminal's clipboard, by the escape code that terminals have for it (OSC 52).

use std::io::{self, Write};

/// More than this, in bytes, terminals do not take.
const MOST: usize = 74_000;

/// Puts text on the clipboard; false where it is too long for that.
pub fn copy(text: &str, out: &mut impl Write) -> io::Result<bool> {
    if text.len() > MOST {
        return Ok(false);
    }
    write!(out, "\x1b]52;c;{}\x07", base64(text.as_bytes()))?;
    out.flush()?;
    Ok(true)
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |place: usize| u32::from(chunk.get(place).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4 {
            let letter = match place <= chunk.len() {
                true => LETTERS[(bits >> (18 - 6 * place) & 63) as usize],
                false => b'=',
            };
            out.push(char::from(letter));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_what_others_make() {
        assert_eq!(base64(b""), "");
        assert_eq!(base64(b"f"), "Zg==");
        assert_eq!(base64(b"fo"), "Zm8=");
        assert_eq!(base64(b"foo"), "Zm9v");
        assert_eq!(base64("ä%".as_bytes()), "w6Ql");
    }

    #[test]
    fn what_is_too_long_is_not_sent() {
        let mut out = Vec::new();
        assert!(!copy(&"x".repeat(MOST + 1), &mut out).unwrap());
        assert!(out.is_empty());
        assert!(copy("a", &mut out).unwrap());
        assert_eq!(out, b"\x1b]52;c;YQ==\x07");
    }
}
