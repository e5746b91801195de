//! What was found, in words.

use ir_load::demangle;
use trace::{Followed, WrongOrigin, WrongPlace, WrongWhat};

/// A number with all its digits.
pub(super) fn value(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        1e-4..1e15 => value.to_string(),
        _ if value.is_finite() => format!("{value:e}"),
        _ => value.to_string(),
    }
}

/// What it is that goes wrong.
pub(super) fn what(what: WrongWhat) -> &'static str {
    match what {
        WrongWhat::Adjoint => "adjoint",
        WrongWhat::AdjointInMemory => "adjoint",
        WrongWhat::Tangent => "tangent",
        WrongWhat::TangentInMemory => "tangent",
        WrongWhat::Value => "value",
    }
}

/// Where that is: `line 13, the 2nd of 4 times that it runs`.
pub(super) fn place(place: &WrongPlace) -> String {
    let Some(line) = place.line else {
        return format!("the input {}", place.input.as_deref().unwrap_or("itself"));
    };
    match place.executions {
        0 | 1 => format!("line {line} of the primal"),
        several => format!(
            "line {line} of the primal, in iteration {} of {several}",
            place.execution
        ),
    }
}

/// Where the wrong number comes from.
pub(super) fn origin(found: &WrongOrigin) -> String {
    match found {
        WrongOrigin::OtherValue {
            line,
            at,
            again,
            has,
            primal,
        } => {
            let how = match again {
                true => "which line {at} of the derivative takes back or computes again in the reverse sweep",
                false => "which line {at} of the derivative computes for itself",
            };
            format!(
                "the value of line {line}, {}, is {} there and was {} in the primal",
                how.replace("{at}", &at.to_string()),
                value(*has),
                value(*primal)
            )
        }
        WrongOrigin::NotRetraced { undone, ran } => format!(
            "the reverse sweep does not retrace the primal: the line ran {}, and {} undone",
            times(*ran),
            match undone {
                1 => "1 execution is".to_owned(),
                several => format!("{several} executions are"),
            }
        ),
        WrongOrigin::NotZeroed { left, by: None } => format!(
            "the adjoint was not set to zero after its last use: {} was left in it",
            value(*left)
        ),
        WrongOrigin::NotZeroed { left, by: Some(by) } => format!(
            "the shadow was not set to zero where line {by} wrote over the memory: {} was left in it",
            value(*left)
        ),
        WrongOrigin::Inactive => {
            "Enzyme takes this value for one that no derivative goes through".to_owned()
        }
        WrongOrigin::ZeroTimesInfinite { line } => format!(
            "the adjoint of line {line} is 0, and its slope there is no finite number: 0 times that is not a number"
        ),
        WrongOrigin::SingleValue => {
            "this comparison takes a branch for a single value; the derivative is that of the branch, and not that of the function"
                .to_owned()
        }
        WrongOrigin::Called { symbol } => format!(
            "the derivative of {}, which this line calls",
            demangle(symbol)
        ),
        WrongOrigin::NotKnownAsFloat { line } => {
            format!("Enzyme does not know that the value of line {line} is a float")
        }
        WrongOrigin::Bits => {
            "from here on the function computes with the bits of a float, and no derivative goes through that"
                .to_owned()
        }
        WrongOrigin::Ended => "the derivative ended before it came there".to_owned(),
        WrongOrigin::Unknown => "not known".to_owned(),
    }
}

/// How much was done.
pub(super) fn followed(done: &Followed) -> String {
    let bits = match done.same_bits {
        true => "the run that tells what it computes gave bit for bit what the plain one gives",
        false => {
            "the run that tells what it computes gave other numbers than the plain one, as of a derivative that reads what nobody wrote"
        }
    };
    format!(
        "{} of {} compared, with {} of the primal; {bits}",
        done.compared,
        match done.values {
            1 => "1 value".to_owned(),
            several => format!("{several} values"),
        },
        match done.runs {
            1 => "1 run".to_owned(),
            several => format!("{several} runs"),
        }
    )
}

fn times(count: u64) -> String {
    match count {
        1 => "once".to_owned(),
        several => format!("{several} times"),
    }
}
