//! What keys there are.

use diff_view::{Row, Tone};

use crate::overlay::{Overlay, line};

/// Keys and what they do, in groups.
pub const KEYS: [(&str, &[(&str, &str)]); 5] = [
    (
        "steps",
        &[
            ("h l  ← →", "the step before, the next one"),
            (
                "Tab",
                "the next step that changes what the function does (Shift-Tab: before)",
            ),
            ("< >", "the input, the last step"),
            ("f", "only steps whose names hold a word"),
            (
                "F",
                "steps that change code, or attributes too, or every pass",
            ),
            ("w", "on a narrow screen: the list of steps"),
            (
                "m",
                "compare every step with this one, instead of with the one before",
            ),
            (
                "M",
                "compare with another run, step by step: the other mode, --noalias, a saved one",
            ),
            ("=", "of two runs: the first step at which they part"),
        ],
    ),
    (
        "lines",
        &[
            (
                "j k  ↓ ↑",
                "a line down, up; a page with Space and Page keys; g G the first, the last",
            ),
            ("] [", "the next difference, the one before"),
            ("/ n N", "search, again, backwards"),
            ("v", "one column, two, only after, only before"),
            ("z", "fold what is the same"),
            ("a", "differences in attributes too"),
            ("i", "debug info and metadata too"),
            (
                "s",
                "lines of Rust above what they became; alone, with what they became; not at all",
            ),
        ],
    ),
    (
        "what it means",
        &[
            (
                "p",
                "primal and derivative side by side; p again goes to the line's partner",
            ),
            ("b", "which step made the line, changed it, and removed it"),
            (
                "1 2 3 4 5",
                "before each line: roles, types, activity, what is kept, numbers",
            ),
            (
                "",
                "p primal, s shadow, a adjoint, t tangent, c cache, r computed again, b branch, ? unknown",
            ),
            (
                "C",
                "colours by what an instruction is there for, or by what a token is",
            ),
            ("c", "what a check of the derivative came to"),
            ("L", "look for the line at which it goes wrong"),
        ],
    ),
    (
        "elsewhere",
        &[
            ("o", "another function, by a few letters of its path"),
            (
                "d",
                "into the function that this line calls; Backspace goes back",
            ),
            ("r", "run it again"),
            ("Esc", "stop what is at work; leave a pair, a pin, a call"),
        ],
    ),
    (
        "out of here",
        &[
            ("y Y", "copy the line, or the whole step"),
            ("e", "save this step's IR"),
            (":", "the command line that shows this"),
            ("t", "the next theme"),
            ("q", "leave"),
        ],
    ),
];

/// All of it, to read.
pub fn overlay() -> Overlay {
    let mut rows = Vec::new();
    for (title, keys) in KEYS {
        rows.push(line(title, Tone::Title));
        for (key, words) in keys {
            let mut row = Row::default();
            row.push(&format!("  {key:<10} "), Tone::Hunk.style(), None);
            row.push(words, Tone::Plain.style(), None);
            rows.push(row);
        }
    }
    Overlay::of("keys", rows)
}
