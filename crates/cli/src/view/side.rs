//! What is compared.

use diff_view::Diff;
use serde_json::{Value, json};
use session::sides::Side;
use trace::Trace;

/// What is shown, and the run that it came from.
pub struct Shown<'a> {
    /// The left side.
    pub before: &'a Side,
    /// The right side.
    pub after: &'a Side,
    /// The run, for its signature and remarks.
    pub trace: Option<&'a Trace>,
    /// The run that the right side is from, if it is another.
    pub other: Option<&'a Trace>,
    /// Both sides aligned, if that was done before.
    pub diff: Option<&'a Diff>,
}

/// How a side is called above a diff.
pub(super) fn title(side: &Side) -> String {
    format!(
        "{} · {} · {}",
        side.file,
        ir_load::demangle(&side.symbol),
        side.point
    )
}

/// A side as JSON, without its text.
pub(super) fn json(side: &Side) -> Value {
    json!({
        "file": side.file,
        "symbol": side.symbol,
        "name": ir_load::demangle(&side.symbol),
        "point": side.point,
    })
}
