//! Whether the terminal's background is dark or light.

use std::env;
use std::fs::File;
use std::io::{IsTerminal, Read, Write};

use rustix::termios::{OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};

/// True for a dark background, false for a light one; `None` where nobody says.
pub fn is_dark() -> Option<bool> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    from_variable(&env::var("COLORFGBG").unwrap_or_default()).or_else(ask)
}

/// `15;0`: colours of text and background among the terminal's sixteen.
fn from_variable(value: &str) -> Option<bool> {
    let background: u8 = value.rsplit(';').next()?.parse().ok()?;
    Some(matches!(background, 0..=6 | 8))
}

/// Asks the terminal itself. Behind the question stands one that every terminal answers.
fn ask() -> Option<bool> {
    if env::var("TERM").is_ok_and(|term| term == "dumb" || term == "linux") {
        return None;
    }
    let mut terminal = File::options()
        .read(true)
        .write(true)
        .open("/dev/tty")
        .ok()?;
    let before = tcgetattr(&terminal).ok()?;
    let mut raw = before.clone();
    raw.make_raw();
    // A read ends when something has come, or after a fifth of a second.
    raw.special_codes[SpecialCodeIndex::VMIN] = 0;
    raw.special_codes[SpecialCodeIndex::VTIME] = 2;
    tcsetattr(&terminal, OptionalActions::Now, &raw).ok()?;
    let answer = answer(&mut terminal);
    tcsetattr(&terminal, OptionalActions::Now, &before).ok()?;
    background(&answer?)
}

fn answer(terminal: &mut File) -> Option<String> {
    terminal.write_all(b"\x1b]11;?\x1b\\\x1b[c").ok()?;
    let mut answer = Vec::new();
    let mut part = [0; 64];
    while answer.len() < 1024 {
        match terminal.read(&mut part) {
            Ok(0) | Err(_) => break,
            Ok(count) => answer.extend_from_slice(&part[..count]),
        }
        if answer.ends_with(b"c") {
            break;
        }
    }
    String::from_utf8(answer).ok()
}

/// `…rgb:1e1e/1e1e/1e1e…`.
fn background(answer: &str) -> Option<bool> {
    let colour = answer.split_once("rgb:")?.1;
    let end = colour.find(|c: char| !c.is_ascii_hexdigit() && c != '/')?;
    let mut parts = colour[..end].split('/').map(|part| {
        let value = u32::from_str_radix(part, 16).ok()?;
        // One to four digits each.
        Some(value * 255 / (16_u32.pow(u32::try_from(part.len()).ok()?) - 1))
    });
    let (r, g, b) = (parts.next()??, parts.next()??, parts.next()??);
    Some(r * 299 + g * 587 + b * 114 < 128 * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_say_what_their_background_is() {
        assert_eq!(
            background("\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\\x1b[?6c"),
            Some(true)
        );
        assert_eq!(background("\x1b]11;rgb:ff/fa/f0\x07\x1b[?6c"), Some(false));
        assert_eq!(background("\x1b[?6c"), None);
        assert_eq!(background("\x1b]11;rgb:zz\x07"), None);
        assert_eq!(from_variable("15;0"), Some(true));
        assert_eq!(from_variable("0;default;15"), Some(false));
        assert_eq!(from_variable(""), None);
    }
}
