//! Lines of the source that keep values for the reverse sweep.

use trace::{Point, Trace};

use super::tally;
use crate::failure::Failure;
use crate::view::listing;

/// One.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptLine {
    /// The source file.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// How many bytes it keeps.
    pub bytes: u64,
    /// Why, in Enzyme's words.
    pub because: Vec<String>,
}

/// So many of them are told.
const MOST: usize = 5;

/// The lines that keep the most, in a trace whose derivative was counted; none where the IR has no debug info.
pub fn kept_lines(trace: &Trace) -> Result<Vec<KeptLine>, Failure> {
    let (Some(profile), Some(explained)) = (&trace.profile, &trace.explained) else {
        return Ok(Vec::new());
    };
    let primal = listing(trace, Point::Preprocessed, explained.primal.len())?;
    let users = tally::users(&primal, explained.primal.len());
    let mut lines: Vec<KeptLine> = tally::by_source(profile, explained, &users)
        .into_iter()
        .filter(|(_, share)| share.kept > 0)
        .flat_map(|(line, share)| {
            // What comes from no line is told by those that need it.
            let lines: Vec<_> = match line {
                Some(line) => vec![line],
                None => share.needed_by.iter().cloned().collect(),
            };
            lines.into_iter().map(move |(file, line)| KeptLine {
                file,
                line,
                bytes: share.kept,
                because: share.because.clone(),
            })
        })
        .collect();
    lines.sort_by_key(|kept| std::cmp::Reverse(kept.bytes));
    lines.truncate(MOST);
    Ok(lines)
}
