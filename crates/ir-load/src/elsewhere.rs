//! Functions that another one needs and whose bodies other crates have.

use crate::closed::never_returns_by;
use crate::closure::Closure;
use crate::demangle::{demangle, is_library};
use crate::index::Index;
use crate::lex::{self, Reference};
use crate::outline::{Entity, EntityKind, Outline};

/// The paths of the functions of other crates that a function reaches and that have no body here, in order.
///
/// Rust's own libraries are left out, and so is what never returns or formats text: no derivative needs them. What
/// another crate compiled of a generic function of these libraries (`RawVec::grow_one` for elements of its own) is not:
/// rustc shares such code instead of compiling it again.
pub fn elsewhere(index: &Index<'_>, symbol: &str) -> Vec<String> {
    let outline = &index.outline;
    let Some(root) = outline.global(symbol.as_bytes()) else {
        return Vec::new();
    };
    let mut closure = Closure::new(outline);
    closure.keep(root);
    closure.finish();
    let entities = outline.entities.iter().zip(&closure.kept);
    entities
        .filter(|(entity, is_kept)| **is_kept && entity.kind == EntityKind::Declare)
        .filter_map(|(entity, _)| {
            let symbol = String::from_utf8_lossy(&outline.name(entity)).into_owned();
            let is_rust = symbol.starts_with("_ZN") || symbol.starts_with("_R");
            let path = demangle(&symbol).into_owned();
            let is_needed = is_rust
                && (!is_library(&symbol) || is_shared(&path))
                && !path.contains("core::fmt::")
                && !never_returns(outline, entity);
            is_needed.then_some(path)
        })
        .collect()
}

/// True for a method of a generic type. The standard library's own files spell types out (v0 mangling), and a crate that
/// was compiled with legacy mangling does not.
fn is_shared(path: &str) -> bool {
    path.contains("<T")
}

/// True where a declaration, or the group of attributes that it names, says so.
fn never_returns(outline: &Outline<'_>, entity: &Entity) -> bool {
    let own = &outline.text[entity.name.end..entity.end];
    let mut words = own.split(|&byte| !lex::is_name(byte));
    let mut found = words.any(|word| word == b"noreturn");
    lex::references(outline.text, entity.start, entity.end, &mut |kind, _, _| {
        if let Reference::Attributes(number) = kind {
            found |= never_returns_by(outline, number);
        }
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_other_crates_have_is_found_behind_what_is_here() {
        let text = b"\
define double @_ZN4mine1f17h0123456789abcdefE(double %x) {
  %a = call double @_ZN4mine1g17h0123456789abcdefE(double %x)
  call void @_ZN4core9panicking5panic17h0123456789abcdefE()
  call void @_ZN6theirs4fail17h0123456789abcdefE()
  ret double %a
}
define double @_ZN4mine1g17h0123456789abcdefE(double %x) {
  %a = call double @_ZN6theirs3erf17h0123456789abcdefE(double %x)
  %b = call double @sin(double %a)
  ret double %b
}
declare double @_ZN6theirs3erf17h0123456789abcdefE(double)
declare double @_ZN6theirs5other17h0123456789abcdefE(double)
declare double @sin(double)
declare void @_ZN4core9panicking5panic17h0123456789abcdefE()
declare void @_ZN6theirs4fail17h0123456789abcdefE() #0
attributes #0 = { cold noreturn }
";
        let index = Index::of(text);
        let found = |symbol| elsewhere(&index, symbol);
        assert_eq!(found("_ZN4mine1f17h0123456789abcdefE"), ["theirs::erf"]);
        assert_eq!(found("_ZN4mine1g17h0123456789abcdefE"), ["theirs::erf"]);
        assert!(found("sin").is_empty());
    }

    #[test]
    fn another_crate_has_what_it_compiled_of_a_generic_function() {
        let text = b"\
define void @_ZN4mine4grow17h0123456789abcdefE(ptr %x) {
  call void @\"_ZN5alloc7raw_vec19RawVec$LT$T$C$A$GT$8grow_one17h0123456789abcdefE\"(ptr %x)
  call void @\"_ZN5alloc7raw_vec20RawVecInner$LT$A$GT$11finish_grow17h0123456789abcdefE\"(ptr %x)
  ret void
}
declare void @\"_ZN5alloc7raw_vec19RawVec$LT$T$C$A$GT$8grow_one17h0123456789abcdefE\"(ptr)
declare void @\"_ZN5alloc7raw_vec20RawVecInner$LT$A$GT$11finish_grow17h0123456789abcdefE\"(ptr)
";
        let found = elsewhere(&Index::of(text), "_ZN4mine4grow17h0123456789abcdefE");
        assert_eq!(found, ["alloc::raw_vec::RawVec<T,A>::grow_one"]);
    }
}
