//! How wide the terminal is, and text that fits into it.
#![allow(unsafe_code, reason = "asks the system for the terminal's size")]

/// Columns of the terminal on standard output, within reason; 78 where it is none.
pub fn width() -> usize {
    // SAFETY: all zeros is a size, and the request fills it in or leaves it.
    let size = unsafe {
        let mut size: libc::winsize = std::mem::zeroed();
        libc::ioctl(libc::STDOUT_FILENO, libc::TIOCGWINSZ, &mut size);
        size
    };
    match usize::from(size.ws_col) {
        0 => 78,
        columns => (columns - 1).clamp(30, 120),
    }
}

/// Each line behind a bar, broken between words where it is longer than `width`.
pub fn quoted(text: &str, width: usize) -> String {
    let most = width.saturating_sub(4).max(10);
    let mut lines = Vec::new();
    for line in text.lines() {
        let mut left = line;
        while left.chars().count() > most {
            let end = left
                .char_indices()
                .nth(most)
                .map_or(left.len(), |(at, _)| at);
            let cut = left[..end].rfind(' ').filter(|&at| at > 0).unwrap_or(end);
            lines.push(&left[..cut]);
            left = left[cut..].trim_start();
        }
        lines.push(left);
    }
    let quoted: Vec<String> = lines
        .iter()
        .map(|line| format!("  | {line}").trim_end().to_owned())
        .collect();
    quoted.join("\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn long_lines_are_broken_between_words() {
        assert_eq!(
            super::quoted("one two three\n\nfour", 14),
            "  | one two\n  | three\n  |\n  | four"
        );
        assert_eq!(super::quoted("abcdefghijkl", 14), "  | abcdefghij\n  | kl");
    }
}
