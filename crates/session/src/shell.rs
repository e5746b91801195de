//! Words as a POSIX shell reads them.

/// A word as a shell reads it back.
pub fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    if word.chars().any(char::is_control) {
        return format!("$'{}'", escaped(word));
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// A word as it stands in `$'…'`, where nothing of it moves a terminal.
fn escaped(word: &str) -> String {
    let mut out = String::new();
    for c in word.chars() {
        match c {
            '\'' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    // Three digits, so that none behind them is taken for one more.
                    out.push_str(&format!("\\{byte:03o}"));
                }
            }
            c => out.push(c),
        }
    }
    out
}

/// A command line of these words.
pub fn line<W: AsRef<str>>(words: &[W]) -> String {
    let words: Vec<String> = words.iter().map(|word| quoted(word.as_ref())).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_needs_it() {
        assert_eq!(quoted("model.ll"), "model.ll");
        assert_eq!(quoted("default<O2>"), "'default<O2>'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("f\ng"), "$'f\\ng'");
        assert_eq!(quoted("it's \u{1b}[31m1"), "$'it\\'s \\033[31m1'");
        assert_eq!(line(&["irad", "list", "a b.ll"]), "irad list 'a b.ll'");
    }
}
