//! The requests that a module holds itself: calls to `__enzyme_autodiff…` and `__enzyme_fwddiff…`,
//! as nightly rustc's `#[autodiff_reverse]` and `#[autodiff_forward]` leave them for Enzyme's pass.

use ir_load::{Index, global_at, split_top, types_of};
use trace::{Asked, Mode, Operand, mode_of_call, read_markers};

/// One such call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The symbol of the function that it stands in: the derivative, as its callers know it.
    pub caller: String,
    /// The symbol of the function that is differentiated.
    pub primal: String,
    /// Forward or reverse.
    pub mode: Mode,
    /// What its markers ask for.
    pub asked: Asked,
    /// The line where the call stands, from 1.
    pub line: usize,
}

/// Every such call of a module of text, in the order in which they stand there.
pub fn calls(index: &Index<'_>) -> Vec<Call> {
    let text = index.bytes();
    if !mentions(text) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for function in index.functions().iter().filter(|f| f.is_defined) {
        let span = &text[function.span.clone()];
        if !mentions(span) {
            continue;
        }
        let body = String::from_utf8_lossy(span);
        for (offset, line) in body.lines().enumerate() {
            if let Some((primal, mode, asked)) = read(index, &body, line) {
                found.push(Call {
                    caller: function.symbol.clone(),
                    primal,
                    mode,
                    asked,
                    line: function.line + offset,
                });
            }
        }
    }
    found
}

fn mentions(text: &[u8]) -> bool {
    memchr::memmem::find(text, b"@__enzyme_").is_some()
}

fn read(index: &Index<'_>, body: &str, line: &str) -> Option<(String, Mode, Asked)> {
    let at = line.find("@__enzyme_")?;
    if !line[..at]
        .split_whitespace()
        .any(|word| word == "call" || word == "invoke")
    {
        return None;
    }
    let (callee, length) = global_at(&line[at + 1..])?;
    let mode = mode_of_call(&callee)?;
    let list = arguments(line[at + 1 + length..].trim_start())?;
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
    Some((primal, mode, asked))
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
            (reverse.caller.as_str(), reverse.primal.as_str()),
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
