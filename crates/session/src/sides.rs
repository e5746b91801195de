//! What a trace holds of one point: a function, or both halves of a split derivative.

use std::borrow::Cow;
use std::collections::HashMap;

use trace::{Mode, Part, Point, Task, Trace};

/// One side of a comparison.
#[derive(Clone)]
pub struct Side {
    /// The file.
    pub file: String,
    /// The function's symbol.
    pub symbol: String,
    /// The point or step.
    pub point: String,
    /// The function's text.
    pub text: String,
    /// What each of its instructions is there for, where the run tells that.
    pub roles: Option<Vec<Part>>,
}

/// A run does not hold what was asked of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SideError {
    /// It did not reach a point.
    #[error("this run has no point {point}")]
    NoPoint {
        /// The point.
        point: Point,
        /// Those that it has.
        reached: Vec<Point>,
    },
    /// It is no run of a function.
    #[error("{file} holds no function's run")]
    NoRun {
        /// The file.
        file: String,
    },
    /// It is a run of another function.
    #[error("{file} is a run of {function}, not of {wanted}")]
    OtherFunction {
        /// The file.
        file: String,
        /// The function's path.
        function: String,
        /// What was asked for.
        wanted: String,
    },
    /// It is a run in another mode.
    #[error("{file} is a run {}, not in {wanted} mode", manner(*.mode))]
    OtherMode {
        /// The file.
        file: String,
        /// Its mode; none without differentiation.
        mode: Option<Mode>,
        /// What was asked for.
        wanted: Mode,
    },
}

fn manner(mode: Option<Mode>) -> String {
    mode.map_or_else(
        || "without differentiation".to_owned(),
        |mode| format!("in {mode} mode"),
    )
}

/// What a trace holds of one point. Of a split derivative it is the half that takes the tape.
pub fn at_point(trace: &Trace, point: Point, file: &str) -> Result<Side, SideError> {
    let mut sides = sides_at(trace, point, file)?;
    Ok(sides.pop().expect("a point that was reached has a text"))
}

/// What a trace holds of one point: one function, or both halves of a split derivative, the augmented
/// primal first.
pub fn sides_at(trace: &Trace, point: Point, file: &str) -> Result<Vec<Side>, SideError> {
    let found = trace.at(point);
    if found.is_empty() {
        let reached = trace.points.iter().map(|p| p.point).collect();
        return Err(SideError::NoPoint { point, reached });
    }
    let sides = found.into_iter().map(|(found, text)| Side {
        roles: trace.roles_of(found.text),
        file: file.to_owned(),
        symbol: found.function.clone(),
        point: point.to_string(),
        text,
    });
    Ok(sides.collect())
}

/// Both sides at two points. Where a split derivative has two functions at one of them, each of them
/// has a pair of its own: with itself at the other point, or with the one function there.
pub fn between(
    trace: &Trace,
    before: Point,
    after: Point,
    file: &str,
) -> Result<Vec<(Side, Side)>, SideError> {
    let before = sides_at(trace, before, file)?;
    let after = sides_at(trace, after, file)?;
    let symbols: Vec<String> = match (before.len(), after.len()) {
        (2.., _) => &before,
        _ => &after,
    }
    .iter()
    .map(|side| side.symbol.clone())
    .collect();
    let half = |sides: &[Side], symbol: &str| {
        sides
            .iter()
            .find(|side| side.symbol == symbol)
            .or(sides.last())
            .cloned()
    };
    Ok(symbols
        .iter()
        .filter_map(|symbol| Some((half(&before, symbol)?, half(&after, symbol)?)))
        .collect())
}

/// A text with another one's symbols, where both stand for the same: two compilations of one function differ in the
/// hash of each, and that is no difference.
pub fn with_symbols_of(text: &str, other: &str) -> String {
    let theirs = by_name(other);
    let renamed: HashMap<&str, &str> = by_name(text)
        .into_iter()
        .filter_map(|(name, symbol)| Some((symbol?, (*theirs.get(&name)?)?)))
        .collect();
    ir_load::map_symbols(text, |word| {
        Cow::Borrowed(renamed.get(word).copied().unwrap_or(word))
    })
}

/// The mangled symbols of a text by what they stand for; none where several stand for the same.
fn by_name(text: &str) -> HashMap<Cow<'_, str>, Option<&str>> {
    let is_symbol = |c: char| c.is_ascii_alphanumeric() || "_$.".contains(c);
    let words = text.split(|c| !is_symbol(c));
    let mut found = HashMap::new();
    for word in words.filter(|word| word.contains("_R") || word.contains("_ZN")) {
        let name = ir_load::demangle(word);
        if name != word {
            let known = found.entry(name);
            known
                .and_modify(|known: &mut Option<&str>| {
                    *known = known.filter(|known| *known == word)
                })
                .or_insert(Some(word));
        }
    }
    found
}

/// A saved run is of one function and mode; asking it for another is a mistake.
pub fn check_saved(
    trace: &Trace,
    file: &str,
    function: Option<&str>,
    mode: Option<Mode>,
) -> Result<(), SideError> {
    let (symbol, saved_mode) = match &trace.request.task {
        Task::Differentiate { function, ad, .. } => (function, Some(ad.mode)),
        Task::Run { function, .. } => (function, None),
        _ => {
            return Err(SideError::NoRun {
                file: file.to_owned(),
            });
        }
    };
    let path = ir_load::demangle(symbol);
    if let Some(wanted) = function
        && symbol != "*"
        && wanted != symbol
        && wanted != path
        && !path.ends_with(&format!("::{wanted}"))
    {
        return Err(SideError::OtherFunction {
            file: file.to_owned(),
            function: path.into_owned(),
            wanted: wanted.to_owned(),
        });
    }
    match mode {
        Some(wanted) if saved_mode != Some(wanted) => Err(SideError::OtherMode {
            file: file.to_owned(),
            mode: saved_mode,
            wanted,
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_that_stand_for_the_same_are_the_same() {
        let text = |hash: &str| {
            format!(
                "call @_ZN1a1f17h{hash}E(), @diffe_ZN1a1f17h{hash}E, @_ZN1a1g17h0000000000000001E"
            )
        };
        let (old, new) = (text("00000000000000aa"), text("00000000000000bb"));
        assert_eq!(with_symbols_of(&new, &old), old);
        // Of two that stand for the same, nobody knows which is which.
        let two = format!("{old} @_ZN1a1f17h00000000000000ccE");
        let kept = with_symbols_of(&new, &two);
        assert!(kept.contains("call @_ZN1a1f17h00000000000000bbE"), "{kept}");
    }
}
