//! Requests to Enzyme that were inlined into other functions, spelled out as functions of their own.
//!
//! rustc names a call by the derivative that it stands for: `@__enzyme_autodiff_RNv…4d_sq` in the body of `d_sq`. By the
//! time of Enzyme that body is often inlined, so that there is no `d_sq`, and the call stands in `main`, with all that
//! `main` reaches. A function `d_sq` that does nothing else than to make the same call asks for the same derivative.

use std::collections::BTreeSet;

use ir_load::{Function, Index, split_top};

use crate::calls::{Inlined, inlined};

/// An attribute of such functions, by which they are told from the module's own.
const MARK: &str = "\"irad-request\"";

/// The module's text with a function for each such request. `None` where there is none.
pub fn spelled_out(index: &Index<'_>) -> Option<Vec<u8>> {
    let mut done = BTreeSet::new();
    let mut added = String::new();
    for call in inlined(index) {
        if index.get(&call.derivative).is_none()
            && !done.contains(&call.derivative)
            && let Some(text) = function(&call)
        {
            added.push_str(&text);
            done.insert(call.derivative);
        }
    }
    if added.is_empty() {
        return None;
    }
    let mut text = index.bytes().to_vec();
    text.extend_from_slice(b"\n");
    text.extend_from_slice(added.as_bytes());
    Some(text)
}

/// True for a function that was put in.
pub fn is_spelled_out(index: &Index<'_>, function: &Function) -> bool {
    let text = &index.bytes()[function.span.clone()];
    let end = memchr::memchr(b'\n', text).unwrap_or(text.len());
    memchr::memmem::find(&text[..end], MARK.as_bytes()).is_some()
}

/// A function that makes the call and gives what it gives.
fn function(call: &Inlined) -> Option<String> {
    let mut parameters = Vec::new();
    let mut arguments = Vec::new();
    for argument in split_top(&call.arguments) {
        let argument = argument.trim();
        let (ty, value) = argument.rsplit_once(' ')?;
        if !value.starts_with('%') {
            arguments.push(argument.to_owned());
            continue;
        }
        if let Some(marker) = call.marker(value) {
            arguments.push(format!("ptr @{marker}"));
            continue;
        }
        let name = format!("%a{}", parameters.len());
        parameters.push(format!("{ty} {name}"));
        arguments.push(format!("{ty} {name}"));
    }
    let (result, before, after) = match call.result.as_str() {
        "void" => ("void", "", "ret void".to_owned()),
        result => (result, "%r = ", format!("ret {result} %r")),
    };
    Some(format!(
        "define internal {result} @{}({}) noinline {MARK} {{\n  {before}call {result} (...) @{}({})\n  {after}\n}}\n",
        quoted(&call.derivative),
        parameters.join(", "),
        quoted(&call.callee),
        arguments.join(", "),
    ))
}

/// A global's name as it is written.
fn quoted(name: &str) -> String {
    match name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-$._".contains(&byte))
    {
        true => name.to_owned(),
        false => format!("\"{name}\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::calls;

    const MODULE: &str = "\
source_filename = \"seed.0-cgu.0\"
@enzyme_dup = external global ptr
@enzyme_const = external global ptr
define internal double @_RNvCs1_4seed1l(ptr %x, i64 %n) {
  ret double 0.0
}
define internal void @_RNvCs1_4seed4main() {
  %1 = alloca double
  %2 = alloca double
  %m = load ptr, ptr @enzyme_const, align 8
  %4 = tail call noundef double (...) @__enzyme_autodiff_RNvCs1_4seed3d_l(ptr nonnull @_RNvCs1_4seed1l, ptr nonnull @enzyme_dup, ptr nonnull %1, ptr nonnull %2, ptr %m, i64 1), !dbg !4
  ret void
}
declare double @__enzyme_autodiff_RNvCs1_4seed3d_l(...)
";

    #[test]
    fn an_inlined_request_has_a_function_of_its_own() {
        let index = Index::of(MODULE.as_bytes());
        let text = spelled_out(&index).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(
            text.ends_with(
                "\
define internal double @_RNvCs1_4seed3d_l(ptr nonnull %a0, ptr nonnull %a1) noinline \"irad-request\" {
  %r = call double (...) @__enzyme_autodiff_RNvCs1_4seed3d_l(ptr nonnull @_RNvCs1_4seed1l, ptr nonnull @enzyme_dup, ptr nonnull %a0, ptr nonnull %a1, ptr @enzyme_const, i64 1)
  ret double %r
}
"
            ),
            "{text}"
        );
        // It is told once, by the derivative's name and at the line of the file.
        let index = Index::of(text.as_bytes());
        let found = calls(&index);
        let [call] = found.as_slice() else {
            panic!("{found:?}");
        };
        assert_eq!(call.derivative, "_RNvCs1_4seed3d_l");
        assert_eq!((call.line, call.primal.as_str()), (11, "_RNvCs1_4seed1l"));
        assert!(spelled_out(&index).is_none());
        let stub = index.get("_RNvCs1_4seed3d_l").unwrap();
        assert!(is_spelled_out(&index, &stub));
    }
}
