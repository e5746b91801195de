//! Which function of the module after Enzyme is the derivative that a request of the module before it asked for.

use ir_load::{Index, global_at};
use trace::enzyme;

use crate::calls::Call;

/// Its symbol: Enzyme puts a call of it where the request stood, and leaves the order of calls as it is.
pub fn made(call: &Call, after: &Index<'_>) -> Option<String> {
    let caller = after.get(&call.caller)?;
    let body = after.text(&caller);
    let derivatives = body.lines().filter_map(called);
    derivatives.into_iter().nth(call.nth)
}

/// The derivative that a line calls.
fn called(line: &str) -> Option<String> {
    let (before, _) = line.split_once('(')?;
    let is_call = before
        .split_whitespace()
        .any(|word| word == "call" || word == "invoke");
    let (callee, _) = global_at(line.split_once('@')?.1)?;
    let is_derivative = callee.starts_with(enzyme::REVERSE) || callee.starts_with(enzyme::FORWARD);
    (is_call && is_derivative).then_some(callee)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::calls;

    #[test]
    fn calls_correspond_by_their_order() {
        let before = "\
define double @f(double %x) {
  ret double %x
}
define void @main() {
  %1 = call double (...) @__enzyme_autodiff_Rdf(ptr @f, double 1.0)
  %2 = call double (...) @__enzyme_fwddiff_Rdg(ptr @f, double 1.0, double 1.0)
  ret void
}
";
        let after = "\
define void @main() {
  %1 = call { double } @diffef(double 1.0, double 1.0)
  call void @other()
  %2 = invoke fast double @\"fwddiffef\"(double 1.0, double 1.0) to label %a unwind label %b
  ret void
}
";
        let after = Index::of(after.as_bytes());
        let found = calls(&Index::of(before.as_bytes()));
        let made: Vec<_> = found.iter().map(|call| made(call, &after)).collect();
        assert_eq!(made, [Some("diffef".into()), Some("fwddiffef".into())]);
    }
}
