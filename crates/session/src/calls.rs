//! The requests that a module holds itself: calls to `__enzyme_autodiff…` and `__enzyme_fwddiff…`,
//! as nightly rustc's `#[autodiff_reverse]` and `#[autodiff_forward]` leave them for Enzyme's pass.

use ir_load::{Function, Index, global_at, split_top, types_of};
use trace::{Asked, Mode, Operand, enzyme, mode_of_call, read_markers};

/// One such call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The symbol of the derivative, as its callers know it: the call's own name says it, else the function that it
    /// stands in.
    pub derivative: String,
    /// The symbol of the function that it stands in.
    pub caller: String,
    /// How many such calls stand before it there.
    pub nth: usize,
    /// The symbol of the function that is differentiated.
    pub primal: String,
    /// Forward or reverse.
    pub mode: Mode,
    /// What its markers ask for.
    pub asked: Asked,
    /// The line where the call stands, from 1.
    pub line: usize,
}

/// Every such call of a module of text, in the order in which they stand there. A derivative that was inlined in
/// several places is told once.
pub fn calls(index: &Index<'_>) -> Vec<Call> {
    let mut found: Vec<Call> = Vec::new();
    each(index, &mut |place, _, line| {
        let Some((callee, primal, mode, asked)) = read(index, place.body, line) else {
            return;
        };
        let named = derivative_of(&callee);
        let call = Call {
            derivative: named.unwrap_or(&place.function.symbol).to_owned(),
            caller: place.function.symbol.clone(),
            nth: place.nth,
            primal,
            mode,
            asked,
            line: place.function.line + place.offset,
        };
        let is_told = |other: &Call| {
            named.is_some() && other.derivative == call.derivative && other.asked == call.asked
        };
        if !found.iter().any(is_told) {
            found.push(call);
        }
    });
    found
}

/// A call that stands in another function than in the derivative that it is named by.
pub(crate) struct Inlined {
    /// The symbol of the derivative.
    pub(crate) derivative: String,
    /// The name of what is called.
    pub(crate) callee: String,
    /// The type of what it gives.
    pub(crate) result: String,
    /// What stands between its parentheses.
    pub(crate) arguments: String,
    /// The function that it stands in.
    body: String,
}

impl Inlined {
    /// The marker that a local was loaded from.
    pub(crate) fn marker(&self, local: &str) -> Option<String> {
        loaded(&self.body, local)
    }
}

/// Every such call.
pub(crate) fn inlined(index: &Index<'_>) -> Vec<Inlined> {
    let mut found = Vec::new();
    each(index, &mut |place, callee, _| {
        let Some(derivative) = derivative_of(callee) else {
            return;
        };
        if derivative == place.function.symbol {
            return;
        }
        let line = place.line;
        let declared = index
            .get(callee)
            .map(|declared| index.function_type(&declared));
        if let Some(result) = declared.as_deref().and_then(|ty| ty.split_once(" ("))
            && let Some((_, after)) = line.split_once(&format!("@{callee}"))
            && let Some(arguments) = arguments(after)
        {
            found.push(Inlined {
                derivative: derivative.to_owned(),
                callee: callee.to_owned(),
                result: result.0.to_owned(),
                arguments: arguments.to_owned(),
                body: place.body.to_owned(),
            });
        }
    });
    found
}

/// The derivative that a call is named by: rustc puts its symbol behind Enzyme's word.
pub fn derivative_of(callee: &str) -> Option<&str> {
    let rest = [
        enzyme::CALL_REVERSE,
        enzyme::CALL_REVERSE_TOO,
        enzyme::CALL_FORWARD,
    ]
    .iter()
    .find_map(|word| callee.strip_prefix(word))?;
    (rest.starts_with("_R") || rest.starts_with("_ZN")).then_some(rest)
}

/// Where a line stands.
struct Line<'t> {
    function: &'t Function,
    body: &'t str,
    offset: usize,
    line: &'t str,
    /// How many such lines stand before it in the function.
    nth: usize,
}

/// Shows `take` each line that calls Enzyme, and the name that it calls.
fn each(index: &Index<'_>, take: &mut dyn FnMut(&Line<'_>, &str, &str)) {
    let text = index.bytes();
    if !mentions(text) {
        return;
    }
    for function in index.functions().iter().filter(|f| f.is_defined) {
        let span = &text[function.span.clone()];
        if !mentions(span) {
            continue;
        }
        let body = String::from_utf8_lossy(span);
        let mut nth = 0;
        for (offset, line) in body.lines().enumerate() {
            if let Some((callee, _)) = called(line) {
                let place = Line {
                    function,
                    body: &body,
                    offset,
                    line,
                    nth,
                };
                take(&place, &callee, line);
                nth += 1;
            }
        }
    }
}

/// What a line calls of Enzyme's, and where in the line the name ends.
fn called(line: &str) -> Option<(String, usize)> {
    let at = line.find("@__enzyme_")?;
    let mut words = line[..at].split_whitespace();
    if !words.any(|word| word == "call" || word == "invoke") {
        return None;
    }
    let (callee, length) = global_at(&line[at + 1..])?;
    mode_of_call(&callee)?;
    Some((callee, at + 1 + length))
}

fn mentions(text: &[u8]) -> bool {
    memchr::memmem::find(text, b"@__enzyme_").is_some()
}

fn read(index: &Index<'_>, body: &str, line: &str) -> Option<(String, String, Mode, Asked)> {
    let (callee, end) = called(line)?;
    let mode = mode_of_call(&callee)?;
    let list = arguments(line[end..].trim_start())?;
    let arguments = split_top(list);
    let (primal, _) = global_at(arguments.first()?.split_once('@')?.1)?;
    let operands: Vec<Operand> = arguments[1..]
        .iter()
        .map(|argument| operand(body, argument.trim()))
        .collect();
    let (parameters, result) = match index.get(&primal) {
        Some(function) => {
            let function_type = index.function_type(&function);
            let (result, list) = function_type.split_once(" (")?;
            let count = split_top(list.trim_end_matches(')'))
                .iter()
                .filter(|ty| !ty.trim().is_empty())
                .count();
            (count, shape(result))
        }
        // Nothing is known of a primal that is elsewhere: all arguments are its own.
        None => (usize::MAX, Some(Operand::Float)),
    };
    let asked = read_markers(mode, parameters, result.as_ref(), &operands);
    Some((callee, primal, mode, asked))
}

/// What stands in the parentheses at the start of `text`.
fn arguments(text: &str) -> Option<&str> {
    let text = text.strip_prefix('(')?;
    let mut depth = 0_usize;
    let mut quoted = false;
    for (at, byte) in text.bytes().enumerate() {
        quoted ^= byte == b'"';
        match byte {
            _ if quoted => {}
            b'(' => depth += 1,
            b')' if depth == 0 => return Some(&text[..at]),
            b')' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn operand(body: &str, argument: &str) -> Operand {
    if let Some(name) = argument.strip_prefix("metadata !") {
        return Operand::Marker(name.trim_matches('"').to_owned());
    }
    if let Some((_, name)) = argument.split_once('@')
        && let Some((name, _)) = global_at(name)
        && name.starts_with("enzyme_")
    {
        return Operand::Marker(name);
    }
    // C programs load the marker first.
    let local = argument.split_whitespace().last().unwrap_or_default();
    if local.starts_with('%')
        && let Some(name) = loaded(body, local)
    {
        return Operand::Marker(name);
    }
    match types_of(argument).first().and_then(|ty| shape(ty)) {
        Some(Operand::Integer(_)) => Operand::Integer(local.parse().ok()),
        other => other.unwrap_or(Operand::Other),
    }
}

/// The marker that a local was loaded from.
fn loaded(body: &str, local: &str) -> Option<String> {
    let definition = format!("{local} = load ");
    let line = body
        .lines()
        .find_map(|line| line.trim_start().strip_prefix(definition.as_str()))?;
    let (name, _) = global_at(line.split_once('@')?.1)?;
    name.starts_with("enzyme_").then_some(name)
}

fn shape(ty: &str) -> Option<Operand> {
    Some(match ty.trim() {
        "" | "void" => return None,
        "{}" => Operand::Other,
        ty if ty.starts_with("ptr") || ty.ends_with('*') => Operand::Pointer,
        ty if ty.starts_with('i') => Operand::Integer(None),
        _ => Operand::Float,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use trace::Activity;

    const MODULE: &str = "\
@enzyme_dup = external global ptr
@enzyme_width = external global ptr
define double @f(ptr %x, i64 %n, double %a) {
  ret double %a
}
define double @df(ptr %x, i64 %n, ptr %dx, double %a) {
start:
  %m = load ptr, ptr @enzyme_dup, align 8
  %0 = call noundef double (...) @__enzyme_autodiffdf(ptr nonnull @f, metadata !\"enzyme_primal_return\", ptr %m, ptr %x, ptr %dx, metadata !\"enzyme_const\", i64 %n, metadata !\"enzyme_out\", double %a)
  ret double %0
}
define void @four(ptr %x, i64 %n, double %a) {
  %0 = tail call [4 x double] (...) @__enzyme_fwddiff_R4(ptr @f, ptr nonnull @enzyme_width, i64 4, ptr @enzyme_dup, ptr %x, ptr %x, ptr getelementptr (i8, ptr @g, i64 8), ptr %x, ptr %x, metadata !\"enzyme_const\", i64 %n, metadata !\"enzyme_const\", double 1.0)
  ret void
}
declare double @__enzyme_autodiffdf(...)
";

    #[test]
    fn calls_are_read_from_text() {
        let found = calls(&Index::of(MODULE.as_bytes()));
        let [reverse, forward] = found.as_slice() else {
            panic!("{found:?}");
        };
        assert_eq!(
            (reverse.derivative.as_str(), reverse.primal.as_str()),
            ("df", "f")
        );
        assert_eq!((reverse.mode, reverse.line), (Mode::Reverse, 9));
        assert_eq!(
            reverse.asked.activities,
            [Activity::Duplicated, Activity::Const, Activity::Active]
        );
        assert!(reverse.asked.primal_returned);
        assert_eq!((forward.mode, forward.asked.width), (Mode::Forward, 4));
        assert_eq!(
            forward.asked.activities,
            [Activity::Dual, Activity::Const, Activity::Const]
        );
        assert_eq!(forward.asked.returns, Activity::Dual);
        assert!(!forward.asked.primal_returned);
    }

    #[test]
    fn a_module_without_them_has_none() {
        assert!(calls(&Index::of(b"define void @f() {\n  ret void\n}\n")).is_empty());
        assert!(calls(&Index::of(b"declare double @__enzyme_autodiff(...)\n")).is_empty());
    }
}
