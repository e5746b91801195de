//! What irad knows of the standard library's structures: which of their integers are no values, and
//! which only wrap one.

use trace::{Field, RustType};

/// Structures that are written as the one value in them.
const WRAPPERS: [&str; 20] = [
    "Cell",
    "RefCell",
    "UnsafeCell",
    "OnceCell",
    "SyncUnsafeCell",
    "Mutex",
    "RwLock",
    "Rc",
    "RcInner",
    "RcBox",
    "Arc",
    "ArcInner",
    "NonNull",
    "Unique",
    "ManuallyDrop",
    "Pin",
    "Wrapping",
    "Saturating",
    "Reverse",
    "NonZero",
];

/// Structures that have rules of their own, which nothing in their types says.
const UNKNOWN: [&str; 8] = [
    "BTreeMap",
    "BTreeSet",
    "HashMap",
    "HashSet",
    "RawTable",
    "RawTableInner",
    "LinkedList",
    "BinaryHeap",
];

/// What a field of a structure has to be, if that is no value: a borrow that nobody has taken, a count
/// of one.
pub(super) fn fixed(structure: &str, field: &str) -> Option<u8> {
    match (base(structure), field) {
        ("RefCell", "borrow") => Some(0),
        ("RcInner" | "RcBox" | "ArcInner", "strong" | "weak") => Some(1),
        ("Mutex" | "RwLock", "inner" | "poison") => Some(0),
        _ => None,
    }
}

/// True for a structure that is written as the one value in it.
pub(super) fn wraps(structure: &str) -> bool {
    structure.contains('<') && WRAPPERS.contains(&base(structure))
}

/// True for a structure that can be made only by the library itself.
pub(super) fn is_closed(structure: &str, fields: &[Field]) -> bool {
    let is_iterator = || fields.iter().any(|field| field.name == "end_or_len");
    UNKNOWN.contains(&base(structure)) || is_iterator()
}

/// True for text that owns its bytes.
pub(super) fn is_string(structure: &str, fields: &[Field]) -> bool {
    structure == "String"
        && matches!(
            fields,
            [Field {
                ty: RustType::Vec { .. },
                ..
            }]
        )
}

/// True for a reference to text or a box of it.
pub(super) fn is_text(reference: &str) -> bool {
    let inner = reference
        .trim_start_matches(['&', '*'])
        .trim_start_matches("mut ")
        .trim_start_matches("const ");
    inner == "str" || inner == "Box<str>"
}

/// True for a pointer that frees what it leads to: a box, or what counted references share.
pub(super) fn is_owner(pointer: &str) -> bool {
    let inner = pointer
        .trim_start_matches("*const ")
        .trim_start_matches("*mut ");
    let is_shared =
        inner.len() < pointer.len() && ["RcInner", "RcBox", "ArcInner"].contains(&base(inner));
    is_shared || base(pointer) == "Box"
}

/// True for an integer that is never zero.
pub(super) fn is_never_zero(structure: &str) -> bool {
    base(structure) == "NonZero"
}

fn base(name: &str) -> &str {
    name.split_once('<').map_or(name, |(base, _)| base)
}
