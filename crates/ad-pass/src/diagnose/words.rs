//! Enzyme's messages, of which one line says what is wrong.

/// How a note begins that names a pointer to constant memory.
pub(crate) const CONSTANT_POINTER: &str = "the constant part, a pointer";

/// How lines begin that say what is wrong; around them are dumps of whole functions.
const TELLING: [&str; 14] = [
    "cannot ",
    "Cannot ",
    "couldn't ",
    "could not ",
    "No ",
    "Mismatched ",
    "Illegal ",
    "Active atomic",
    "constant function",
    "Number of arg",
    "unhandled",
    "Unimplemented",
    "function failed",
    "Error",
];

/// The one line of a message that says what is wrong, without the IR that is shown apart.
pub(crate) fn words(message: &str) -> String {
    let lines = || {
        message
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
    };
    let telling = |line: &&str| TELLING.iter().any(|start| line.starts_with(start));
    if let Some(line) = lines().find(|line| line.starts_with("overwritten_args")) {
        return line.to_owned();
    }
    let line = lines()
        .rfind(telling)
        .or_else(|| lines().find(|line| !line.starts_with(['%', ';', '@'])))
        .unwrap_or("no reason was given");
    // An instruction is printed with two spaces before it, so behind a word there are three. Types
    // are shown apart, and a function's other name says nothing more.
    let end = ["   ", " prev:", "("]
        .iter()
        .filter_map(|end| line.find(end))
        .min()
        .unwrap_or(line.len());
    line[..end]
        .trim_end_matches([':', ' '])
        .trim_end_matches(" for")
        .to_owned()
}

/// The two types of `… prev:{…} new: {…}`.
pub(crate) fn contradiction(message: &str) -> Option<(&str, &str)> {
    let (_, rest) = message.lines().next()?.split_once(" prev:")?;
    rest.split_once(" new: ")
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn the_telling_line_is_found_between_dumps() {
        let message = "; Function Attrs: nounwind\ndefine i64 @f() {\n}\n\n cannot handle unknown binary operator:   %_3 = sub i64 1, %x\n";
        assert_eq!(words(message), "cannot handle unknown binary operator");
        assert_eq!(
            words("Mismatched activity for:   %x = phi i64 [ 8, %a ] const val: i64 8"),
            "Mismatched activity"
        );
        assert_eq!(
            words(
                "in Mode: ReverseModeCombined\ncannot handle unknown instruction\n  %a = cmpxchg"
            ),
            "cannot handle unknown instruction"
        );
        assert_eq!(words("  \n"), "no reason was given");
    }
}
