//! The type of a parameter or result, as far as the IR shows it.

use crate::types::aggregate::Holds;
use crate::types::contents::Contents;

/// What a parameter or return value is.
#[derive(Clone, Debug)]
pub(crate) enum Ty {
    /// A float, by its Rust name.
    Float(&'static str),
    /// An integer that is used as such.
    Integer(String),
    /// An integer whose bits are read as floats: rustc passes small float aggregates like this.
    FloatBits(String),
    /// A pointer and a length.
    Slice(Contents),
    /// A pointer to so many bytes, if it says so.
    Pointer {
        contents: Contents,
        bytes: Option<u64>,
    },
    /// Where a large result is written.
    Result {
        contents: Contents,
        bytes: Option<u64>,
    },
    /// A struct, array or vector by value, and what is in it.
    Aggregate { text: String, holds: Holds },
    /// Two scalars that are one thing: a tuple or struct of two, an enum with a payload.
    Pair(Box<[Ty; 2]>),
    /// A reference to a trait object: a pointer to the value and one to its methods.
    Object,
}

/// What a type is to a derivative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ActivityClass {
    /// A value that has an adjoint or tangent of its own.
    Value,
    /// Bits of floats in an integer, which Enzyme gives a tangent, but no adjoint.
    Bits,
    /// Memory, whose shadow is memory.
    Memory,
    /// Neither.
    Constant,
}

impl Ty {
    /// What it is to a derivative.
    pub(crate) fn activity_class(&self) -> ActivityClass {
        match self {
            Ty::Float(_) | Ty::Aggregate { .. } => ActivityClass::Value,
            Ty::FloatBits(_) => ActivityClass::Bits,
            Ty::Slice(_) | Ty::Pointer { .. } | Ty::Result { .. } => ActivityClass::Memory,
            Ty::Integer(_) | Ty::Object => ActivityClass::Constant,
            // What lies in memory decides: a float beside it has its adjoint returned all the same.
            Ty::Pair(parts) => match (parts[0].activity_class(), parts[1].activity_class()) {
                (ActivityClass::Memory, _) | (_, ActivityClass::Memory) => ActivityClass::Memory,
                (ActivityClass::Value, _) | (_, ActivityClass::Value) => ActivityClass::Value,
                (ActivityClass::Bits, _) | (_, ActivityClass::Bits) => ActivityClass::Bits,
                _ => ActivityClass::Constant,
            },
        }
    }

    /// The type in Rust's words, as far as the IR shows it.
    pub(crate) fn text(&self) -> String {
        match self {
            Ty::Float(name) => (*name).to_owned(),
            Ty::Integer(name) | Ty::FloatBits(name) => name.clone(),
            Ty::Slice(contents) => format!("&{}[{}]", mutable(contents), element(contents)),
            Ty::Pointer { contents, bytes } => {
                let sign = match bytes {
                    Some(_) => format!("&{}", mutable(contents)),
                    None => "*".to_owned(),
                };
                format!("{sign}{}", held(contents, *bytes))
            }
            Ty::Result { contents, bytes } => held(contents, *bytes),
            Ty::Aggregate { text, .. } => text.clone(),
            Ty::Pair(parts) => format!("({}, {})", parts[0].text(), parts[1].text()),
            Ty::Object => "&dyn _".to_owned(),
        }
    }
}

fn mutable(contents: &Contents) -> &'static str {
    if contents.written { "mut " } else { "" }
}

/// What memory of that size is, as far as uses show it.
fn held(contents: &Contents, bytes: Option<u64>) -> String {
    let size = match contents.floats.first() {
        Some(&"f32") => 4,
        Some(&"f64") => 8,
        _ => 0,
    };
    match bytes {
        Some(bytes) if size > 0 && bytes == size && !mixed(contents) => element(contents),
        Some(bytes) if size > 0 && bytes % size == 0 && !mixed(contents) => {
            format!("[{}; {}]", element(contents), bytes / size)
        }
        Some(bytes) => format!("({}; {bytes} bytes)", element(contents)),
        None => element(contents),
    }
}

pub(crate) fn mixed(contents: &Contents) -> bool {
    contents.floats.len() > 1 || contents.integers || contents.pointers || contents.unknown
}

/// What stands for the element: the types that were seen, or `?` when the pointer gets away.
fn element(contents: &Contents) -> String {
    let mut seen: Vec<&str> = contents.floats.iter().copied().collect();
    match (contents.integers, contents.numbers) {
        (true, true) => seen.push("int"),
        (true, false) => seen.push("bool"),
        (false, _) => {}
    }
    if contents.pointers {
        seen.push("ptr");
    }
    if contents.unknown {
        seen.push("?");
    }
    match seen.as_slice() {
        [] => "_".to_owned(),
        [only] => (*only).to_owned(),
        several => format!("{{{}}}", several.join(", ")),
    }
}
