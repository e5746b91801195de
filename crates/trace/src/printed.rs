//! What a function printed while it was checked.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Some of the lines, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Printed {
    /// The first, each of them once, without control characters.
    pub lines: Vec<String>,
    /// How many there are in all.
    pub count: u64,
}

/// More lines than this nobody reads.
const MOST: usize = 8;
/// Nor longer ones, in characters.
const WIDEST: usize = 200;

impl Printed {
    /// The lines of what was printed, of which so many more were not kept; none where nothing was.
    pub fn of(bytes: &[u8], more: u64) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let mut printed = Printed {
            count: more,
            ..Printed::default()
        };
        for line in text.lines() {
            printed.count += 1;
            let line: String = line
                .chars()
                .take(WIDEST)
                .map(|c| {
                    if c.is_control() {
                        char::REPLACEMENT_CHARACTER
                    } else {
                        c
                    }
                })
                .collect();
            if printed.lines.len() < MOST && !printed.lines.contains(&line) {
                printed.lines.push(line);
            }
        }
        (printed.count > 0).then_some(printed)
    }
}

impl fmt::Display for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.lines.first().map_or("", String::as_str))?;
        for line in self.lines.iter().skip(1) {
            write!(f, ", {line:?}")?;
        }
        match self.count {
            1 => Ok(()),
            count if count == self.lines.len() as u64 => Ok(()),
            count => write!(f, " (of {count} lines in all)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cleaned_and_counted() {
        assert_eq!(Printed::of(b"", 0), None);
        let printed = Printed::of(b"x\n\x1b[2Jy\nx\n", 4).unwrap();
        assert_eq!(
            printed.to_string(),
            "\"x\", \"\u{fffd}[2Jy\" (of 7 lines in all)"
        );
    }
}
