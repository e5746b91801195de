//! How Enzyme's pass fails on a module.

use session::hear::hear;
use session::module::Module;
use session::request;
use trace::{Diagnosis, Kind, Limits};

use crate::failure::Failure;

/// How Enzyme's pass fails on a module, in words that stay the same while it gets smaller; none
/// when it does not fail.
pub(super) fn fails_like(
    text: &[u8],
    options: &[String],
    limits: Limits,
) -> Result<Option<String>, Failure> {
    let module = Module::from_bytes("case.ll", text.to_vec());
    let request = request::optimise(
        "case.ll".to_owned(),
        "enzyme".to_owned(),
        false,
        options.to_vec(),
        limits,
    );
    let (answer, end) = hear(&request, &module, &mut |_| {})?;
    Ok(match (&answer.trace.failure, end) {
        (Some(diagnosis), _) => refusal(diagnosis),
        (None, Some(ended)) => Some(ended.to_string()),
        (None, None) => None,
    })
}

/// What a diagnosis says apart from what is in the module. Invalid IR is another failure than any
/// that is looked for.
fn refusal(diagnosis: &Diagnosis) -> Option<String> {
    if matches!(
        diagnosis.kind,
        Kind::Parse | Kind::Verify | Kind::Pipeline | Kind::Option
    ) {
        return None;
    }
    let message = diagnosis.message.to_string();
    let first = message.lines().next().unwrap_or_default();
    // What LLVM puts before it names the function, which gets smaller too.
    let first = first.split(": Enzyme: ").last().unwrap_or(first);
    let end = first.find("   ").unwrap_or(first.len());
    let place = diagnosis.notes.first().map(ToString::to_string);
    let place = place.unwrap_or_default();
    Some(format!("{} {place}", first[..end].trim()).trim().to_owned())
}
