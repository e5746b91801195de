//! Makes the names of folders in absolute paths unreadable, byte by byte, so that nothing else moves.

use std::collections::HashMap;

/// A text whose absolute paths name no folder any more, and what each of them was.
pub struct Redacted {
    /// The text.
    pub text: Vec<u8>,
    /// What each path was.
    pub paths: HashMap<String, String>,
}

/// What stands in the way of a folder's name.
const VEIL: u8 = b'_';

/// From here on a path says where a file of the toolchain or of a dependency is, and nothing of its user.
const PUBLIC: [&str; 4] = [
    "/rustc/",
    "/lib/rustlib/",
    "/registry/src/",
    "/git/checkouts/",
];

/// What a debug info's folder stands behind: of it the last name, too, is one of a folder.
const FOLDER: &[u8] = b"directory: \"";

/// Veils every absolute path of a module's text.
pub fn redact(text: &[u8]) -> Redacted {
    let mut out = Vec::with_capacity(text.len());
    let mut paths = HashMap::new();
    let mut at = 0;
    while at < text.len() {
        let begins = text[at] == b'/' && (at == 0 || !is_path(text[at - 1]));
        let length = text[at..].iter().take_while(|byte| is_path(**byte)).count();
        if !begins {
            let step = length.max(1);
            // A path may begin within, behind something that belongs to none.
            out.extend_from_slice(&text[at..at + step]);
            at += step;
            continue;
        }
        let path = &text[at..at + length];
        let veiled = veil(path, text[..at].ends_with(FOLDER));
        if veiled != path {
            let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            paths.insert(words(&veiled), words(path));
        }
        out.extend_from_slice(&veiled);
        at += length;
    }
    Redacted { text: out, paths }
}

/// What may stand in a path.
fn is_path(byte: u8) -> bool {
    !byte.is_ascii_whitespace()
        && !byte.is_ascii_control()
        && !b"\"':;,()[]{}<>=|*?!".contains(&byte)
}

/// The path with the names of its folders veiled. An escape (`\5C`) stands for one byte and becomes one.
fn veil(path: &[u8], is_folder: bool) -> Vec<u8> {
    let text = String::from_utf8_lossy(path);
    let public = PUBLIC.iter().filter_map(|part| text.find(part)).min();
    let end = match public {
        Some(at) => at,
        None if is_folder => path.len(),
        None => path.iter().rposition(|byte| *byte == b'/').unwrap_or(0),
    };
    let mut veiled = Vec::with_capacity(path.len());
    let mut at = 0;
    while at < end.min(path.len()) {
        let escape = path[at] == b'\\'
            && path
                .get(at + 1..at + 3)
                .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
        veiled.push(if path[at] == b'/' { b'/' } else { VEIL });
        at += if escape { 3 } else { 1 };
    }
    veiled.extend_from_slice(&path[at.min(path.len())..]);
    veiled
}

#[cfg(test)]
mod tests {
    use super::*;

    fn veiled(text: &str) -> String {
        String::from_utf8(redact(text.as_bytes()).text).unwrap()
    }

    #[test]
    fn folders_are_veiled_and_lengths_stay() {
        for (text, wanted) in [
            (
                r#"!DIFile(filename: "src/lib.rs", directory: "/home/ann/model")"#,
                r#"!DIFile(filename: "src/lib.rs", directory: "/____/___/_____")"#,
            ),
            (r#"c"/home/ann/a.rs\00""#, r#"c"/____/___/a.rs\00""#),
            (r#"c"/h\C3\A9/a.rs""#, r#"c"/___/a.rs""#),
            (
                r#""/rustc/0123/library/core/src/ops.rs""#,
                r#""/rustc/0123/library/core/src/ops.rs""#,
            ),
            (
                r#""/home/ann/.cargo/registry/src/x/y.rs""#,
                r#""/____/___/______/registry/src/x/y.rs""#,
            ),
            (
                "%a = fdiv double %b, 2.0 ; a/b",
                "%a = fdiv double %b, 2.0 ; a/b",
            ),
        ] {
            assert_eq!(veiled(text), wanted);
            assert_eq!(veiled(wanted), wanted, "it comes to rest");
        }
        let paths = redact(br#""/home/ann/a.rs""#).paths;
        assert_eq!(paths["/____/___/a.rs"], "/home/ann/a.rs");
    }
}
