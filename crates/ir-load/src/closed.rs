//! Functions whose bodies nobody looks into, though the module has them: what is linked brings them along.
//!
//! These are the allocator's entry points, and what the standard library's own crates hold of functions that never
//! return. `llvm-shim/cpp/bodies.cpp` says the same of a module that LLVM has read.

use crate::lex::{self, Reference};
use crate::outline::{Entity, EntityKind, Outline};

/// Entry points of the allocator, as their names end, mangled or not.
pub(crate) const ENTRIES: [&[u8]; 4] = [
    b"__rust_alloc",
    b"__rust_alloc_zeroed",
    b"__rust_dealloc",
    b"__rust_realloc",
];

/// True for such a function.
pub(crate) fn is_closed(outline: &Outline<'_>, entity: &Entity) -> bool {
    if entity.kind != EntityKind::Define {
        return false;
    }
    let name = outline.name(entity);
    if ENTRIES.iter().any(|entry| name.ends_with(entry)) {
        return true;
    }
    let (mut never_returns, mut is_of_std) = (false, false);
    let head = entity.name.end..entity.body.unwrap_or(entity.end);
    lex::references(
        outline.text,
        head.start,
        head.end,
        &mut |kind, start, _| match kind {
            Reference::Attributes(number) => never_returns |= never_returns_by(outline, number),
            Reference::Metadata(number) if outline.text[..start].ends_with(b"!dbg ") => {
                is_of_std |= is_compiled_with_std(outline, number).unwrap_or(false);
            }
            _ => {}
        },
    );
    never_returns && is_of_std
}

/// True for a group of attributes that says so.
pub(crate) fn never_returns_by(outline: &Outline<'_>, group: u32) -> bool {
    let group = outline.group(group).map(|at| &outline.entities[at]);
    group.is_some_and(|group| {
        let text = &outline.text[group.start..group.end];
        let mut words = text.split(|&byte| !lex::is_name(byte));
        words.any(|word| word == b"noreturn")
    })
}

/// The standard library's units are called `library/core/src/lib.rs/@/core.0123456789abcdef-cgu.0`. What these
/// define and others call is a symbol that every program has.
fn is_compiled_with_std(outline: &Outline<'_>, subprogram: u32) -> Option<bool> {
    let unit = referred(outline, subprogram, b"unit: ")?;
    let file = referred(outline, unit, b"file: ")?;
    let node = outline.node(file)?;
    let text = &outline.text[node.start..node.end()];
    let has = |part: &[u8]| memchr::memmem::find(text, part).is_some();
    Some(has(b"library/") && has(b"/src/lib.rs/@/"))
}

/// The node that a field of another one names.
fn referred(outline: &Outline<'_>, node: u32, field: &[u8]) -> Option<u32> {
    let node = outline.node(node)?;
    let mut found = None;
    lex::references(
        outline.text,
        node.start,
        node.end(),
        &mut |kind, start, _| {
            if let Reference::Metadata(number) = kind
                && outline.text[..start].ends_with(field)
            {
                found.get_or_insert(number);
            }
        },
    );
    found
}

/// Where a function's parameters end.
fn parameters_end(outline: &Outline<'_>, entity: &Entity) -> usize {
    let open = lex::skip_blank(outline.text, entity.name.end);
    lex::group_end(outline.text, open, lex::ROUND).0
}

/// The part of a closed function that is referred from: what stands before its body, without metadata.
pub(crate) fn head(outline: &Outline<'_>, entity: &Entity) -> (usize, usize) {
    let body = entity.body.unwrap_or(entity.end);
    (entity.start, parameters_end(outline, entity).min(body))
}

/// The groups of attributes that stand behind a closed function's parameters.
pub(crate) fn groups(outline: &Outline<'_>, entity: &Entity) -> Vec<u32> {
    let (_, end) = head(outline, entity);
    let mut groups = Vec::new();
    let body = entity.body.unwrap_or(entity.end);
    lex::references(outline.text, end, body, &mut |kind, _, _| {
        if let Reference::Attributes(number) = kind {
            groups.push(number);
        }
    });
    groups
}

/// The declaration of a closed function.
pub(crate) fn declaration(outline: &Outline<'_>, entity: &Entity) -> Vec<u8> {
    /// What is said of definitions only, or would be wrong of a declaration.
    const LEFT_OUT: [&[u8]; 18] = [
        b"define",
        b"private",
        b"internal",
        b"linkonce",
        b"linkonce_odr",
        b"weak",
        b"weak_odr",
        b"available_externally",
        b"external",
        b"common",
        b"appending",
        b"dso_local",
        b"dso_preemptable",
        b"default",
        b"hidden",
        b"protected",
        b"dllexport",
        b"dllimport",
    ];
    let (start, end) = head(outline, entity);
    let whole = &outline.text[start..end.max(start)];
    let mut at = 0;
    loop {
        at = lex::skip_blank(whole, at);
        let next = lex::word_end(whole, at);
        if next == at || !LEFT_OUT.contains(&&whole[at..next]) {
            break;
        }
        at = next;
    }
    let mut line = b"declare ".to_vec();
    line.extend_from_slice(&whole[at..]);
    let rest = &outline.text[end..entity.body.unwrap_or(entity.end).max(end)];
    for word in [&b"unnamed_addr"[..], b"local_unnamed_addr"] {
        if rest
            .split(|&byte| !lex::is_name(byte))
            .any(|each| each == word)
        {
            line.push(b' ');
            line.extend_from_slice(word);
        }
    }
    for group in groups(outline, entity) {
        line.extend_from_slice(format!(" #{group}").as_bytes());
    }
    line
}

#[cfg(test)]
mod tests {
    use crate::{Index, slice};

    #[test]
    fn what_std_has_of_panics_and_of_the_allocator_is_declared() {
        let text = b"\
define double @f(double %x) {
  %p = call ptr @_RNvCs0_7___rustc12___rust_alloc(i64 8, i64 8)
  call void @_ZN4core9panicking5panic17h0123456789abcdefE(ptr %p)
  call void @_ZN4mine4fail17h0123456789abcdefE()
  ret double %x
}
define internal noundef ptr @_RNvCs0_7___rustc12___rust_alloc(i64 %0, i64 allocalign %1) unnamed_addr #1 {
  call void @deep()
  ret ptr null
}
define hidden void @_ZN4core9panicking5panic17h0123456789abcdefE(ptr %0) unnamed_addr #0 personality ptr @deep !dbg !1 {
  call void @deep()
  unreachable
}
define internal void @_ZN4mine4fail17h0123456789abcdefE() #0 !dbg !4 {
  unreachable
}
define internal void @deep() {
  ret void
}
attributes #0 = { cold noreturn }
attributes #1 = { nounwind }
!1 = distinct !DISubprogram(name: \"panic\", unit: !2)
!2 = distinct !DICompileUnit(language: DW_LANG_Rust, file: !3)
!3 = !DIFile(filename: \"library/core/src/lib.rs/@/core.01-cgu.0\", directory: \"/rustc/1\")
!4 = distinct !DISubprogram(name: \"fail\", unit: !5)
!5 = distinct !DICompileUnit(language: DW_LANG_Rust, file: !6)
!6 = !DIFile(filename: \"src/lib.rs/@/mine.01-cgu.0\", directory: \"/mine\")
";
        let index = Index::of(text);
        let part = slice(&index, &["f"]).unwrap();
        let part = String::from_utf8(part.text).unwrap();
        assert!(
            part.contains(
                "\ndeclare noundef ptr @_RNvCs0_7___rustc12___rust_alloc(i64 %0, i64 allocalign %1) unnamed_addr #1\n"
            ),
            "{part}"
        );
        assert!(
            part.contains(
                "\ndeclare void @_ZN4core9panicking5panic17h0123456789abcdefE(ptr %0) unnamed_addr #0\n"
            ),
            "{part}"
        );
        assert!(
            part.contains("define internal void @_ZN4mine4fail"),
            "{part}"
        );
        assert!(!part.contains("@deep") && !part.contains("!1 ="), "{part}");
        // Who asks for one gets it.
        let own = slice(&index, &["_ZN4core9panicking5panic17h0123456789abcdefE"]).unwrap();
        assert!(
            String::from_utf8(own.text)
                .unwrap()
                .contains("define internal void @deep")
        );
    }
}
