//! Reads what LLVM says in its messages. The strings stand in `trace::llvm`.

use trace::{Place, enzyme, llvm};

/// Before all that LLVM says of options: the name of the program.
const PROGRAM: &str = "irad-engine: ";

/// The option that LLVM's parser does not know, and the one that it thinks was meant.
pub(crate) fn unknown_option(said: &str) -> Option<(String, Option<String>)> {
    let quoted = |after: &str| {
        let rest = said.split_once(after)?.1;
        let option = rest.split(['\'', '=']).next()?.trim_start_matches('-');
        let name = option.strip_prefix(enzyme::OPTION_PREFIX);
        Some(name.unwrap_or(option).to_owned())
    };
    Some((quoted(llvm::UNKNOWN_OPTION)?, quoted(llvm::NEAR_OPTION)))
}

/// Words about an option without the program, which nobody typed.
pub(crate) fn without_program(said: &str) -> &str {
    said.trim().trim_start_matches(PROGRAM)
}

/// An error about an input of that name, `NAME:LINE:COLUMN: error: WORDS`, as words and their place. The line and
/// a marker under the column follow, and are left out.
pub(crate) fn located<'a>(said: &'a str, name: &str) -> (&'a str, Option<Place>) {
    let text = said.trim();
    let rest = text.strip_prefix(name).unwrap_or(text);
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    let first = rest.lines().next().unwrap_or_default();
    let (numbers, words) = first.split_once(llvm::ERROR).unwrap_or(("", first));
    let mut numbers = numbers.split(':').map(|n| n.trim().parse::<usize>().ok());
    let place = match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(line), Some(column)) if line > 0 => Some(Place { line, column }),
        _ => None,
    };
    (words.trim(), place)
}

/// True when bitcode is of an LLVM whose bitcode others do not read.
pub(crate) fn is_other_epoch(words: &str) -> bool {
    words.contains(llvm::OTHER_EPOCH)
}
