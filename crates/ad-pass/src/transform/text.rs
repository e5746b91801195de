//! Functions through which no derivative flows though floats go into them or come out of them: they make text of
//! numbers or read it, look for something in text, hash, or speak to the system. So do functions of maps and sets that hold no
//! floats, of which debug info tells.
//!
//! Most of them have no body in the module, which Enzyme refuses; others take it a long time. Their paths say which they
//! are. A function with a body is one of them only if no float is in it and in what it calls: a path does not tell which
//! closure a generic function was made for.

use std::collections::HashMap;

use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::module::Module;
use inkwell::types::{BasicTypeEnum, FunctionType};
use inkwell::values::{
    BasicValueEnum, CallSiteValue, FunctionValue, InstructionOpcode, InstructionValue,
};

use crate::ir::call_graph::{calls, reached};
use crate::ir::lookup::name;

/// Modules of the standard library.
const ABOUT_TEXT: [&str; 24] = [
    "core::fmt::",
    "core::str::",
    "core::char::",
    "core::unicode::",
    "core::ascii::",
    "core::error::",
    "core::hash::",
    "core::slice::memchr::",
    "core::slice::ascii::",
    "core::num::dec2flt::",
    "core::num::imp::",
    "core::num::flt2dec::",
    "alloc::fmt::",
    "alloc::str::",
    "alloc::string::",
    "std::hash::",
    "std::io::",
    "std::fs::",
    "std::env::",
    "std::path::",
    "std::time::",
    "std::sys::",
    "std::process::",
    "std::thread::",
];

/// Where the standard library has its maps and sets. What other collections do, Enzyme can look into.
const COLLECTIONS: [&str; 3] = [
    "std::collections::hash::",
    "alloc::collections::btree::",
    "hashbrown::",
];

/// Parts of these that move elements of types that they do not know.
const UNTYPED: [&str; 2] = ["::RawTableInner", "::scopeguard"];

/// What implements one of these for a type does nothing else, whatever the type is.
const TRAITS: [&str; 8] = [
    "core::fmt::",
    "core::hash::Hash",
    "core::str::traits::FromStr",
    "core::str::FromStr",
    "core::error::Error",
    "alloc::string::ToString",
    "alloc::string::SpecToString",
    "std::error::Error",
];

/// What frees bytes. Others may move floats as bytes.
const FREES_BYTES: [&str; 2] = [
    "<alloc::vec::Vec<u8> as core::ops::drop::Drop>::drop",
    "<alloc::raw_vec::RawVec<u8> as core::ops::drop::Drop>::drop",
];

/// The types that are nothing but text.
const TYPES: [&str; 6] = [
    "str",
    "char",
    "alloc::string::String",
    "alloc::boxed::Box<dyn core::error::Error>",
    "alloc::boxed::Box<dyn core::error::Error + core::marker::Send + core::marker::Sync>",
    "alloc::boxed::Box<str>",
];

/// Those of a module, but for the primal.
pub(crate) fn functions<'c>(module: &Module<'c>, primal: &str) -> Vec<FunctionValue<'c>> {
    let always = Attribute::get_named_enum_kind_id("alwaysinline");
    let noreturn = Attribute::get_named_enum_kind_id("noreturn");
    let mut has_floats = HashMap::new();
    module
        .get_functions()
        .filter(|function| {
            let symbol = name(*function);
            let has = |kind| {
                function
                    .get_enum_attribute(AttributeLoc::Function, kind)
                    .is_some()
            };
            symbol != primal
                && !symbol.starts_with("llvm.")
                && !has(always)
                && !has(noreturn)
                && !is_float(function.get_type())
                && match kind(&symbol) {
                    Some(About::Trait) => true,
                    Some(About::Elements) if !has_no_floats(*function) => false,
                    Some(About::Path | About::Elements) => {
                        function.count_basic_blocks() == 0
                            || !reached(module, &symbol).into_iter().any(|reached| {
                                *has_floats
                                    .entry(name(reached))
                                    .or_insert_with(|| computes_with_floats(reached))
                            })
                    }
                    None => false,
                }
        })
        .collect()
}

/// Why a function is one of them.
#[derive(Debug, PartialEq, Eq)]
enum About {
    /// Its trait says all that it does.
    Trait,
    /// It is a function of such a module, which may be generic.
    Path,
    /// It is a map's or a set's.
    Elements,
}

fn kind(symbol: &str) -> Option<About> {
    if !symbol.starts_with("_R") && !symbol.starts_with("_ZN") {
        return None;
    }
    let path = format!("{:#}", rustc_demangle::demangle(symbol));
    let Some(inner) = path.strip_prefix('<') else {
        let is_text = ABOUT_TEXT.iter().any(|module| path.starts_with(module));
        let dropped = path.strip_prefix("core::ptr::drop_in_place<");
        return match is_text {
            true => Some(About::Path),
            false => is_of_collection(dropped.unwrap_or(&path)).then_some(About::Elements),
        };
    };
    if FREES_BYTES.contains(&path.as_str()) {
        return Some(About::Path);
    }
    let (ty, implemented) = implementation(inner)?;
    if let Some(implemented) = implemented
        && TRAITS.iter().any(|known| implemented.starts_with(known))
    {
        return Some(About::Trait);
    }
    let is_text = TYPES.contains(&ty) || ABOUT_TEXT.iter().any(|module| ty.starts_with(module));
    match is_text {
        true => Some(About::Path),
        false => is_of_collection(ty).then_some(About::Elements),
    }
}

fn is_of_collection(path: &str) -> bool {
    COLLECTIONS.iter().any(|module| path.starts_with(module))
        && !UNTYPED.iter().any(|part| path.contains(part))
}

/// The type and the trait of `T as Trait>::function`.
fn implementation(inner: &str) -> Option<(&str, Option<&str>)> {
    let mut depth = 1;
    let mut before = ' ';
    let mut parted = None;
    for (at, letter) in inner.char_indices() {
        match letter {
            '<' => depth += 1,
            // That of `->` is no bracket.
            '>' if before != '-' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(match parted {
                Some(parted) => (&inner[..parted], Some(&inner[parted + 4..at])),
                None => (&inner[..at], None),
            });
        }
        if depth == 1 && parted.is_none() && inner[at..].starts_with(" as ") {
            parted = Some(at);
        }
        before = letter;
    }
    None
}

/// True where debug info says what all parameters and the result are, and what they lead to, and none of it is a float.
fn has_no_floats(function: FunctionValue<'_>) -> bool {
    llvm_shim::debug_types(function)
        .and_then(|types| serde_json::from_str(&types).ok())
        .is_some_and(|types: serde_json::Value| is_without_floats(&types))
}

/// Types as `llvm_shim::debug_types` writes them. What a type is generic over stands in its name.
fn is_without_floats(types: &serde_json::Value) -> bool {
    match types {
        serde_json::Value::Object(fields) => fields.iter().all(|(key, value)| match value {
            serde_json::Value::String(name) if key != "names" => names_no_float(name),
            _ => key != "float" && is_without_floats(value),
        }),
        serde_json::Value::Array(items) => items.iter().all(is_without_floats),
        _ => true,
    }
}

fn names_no_float(name: &str) -> bool {
    name.split(|letter: char| !letter.is_alphanumeric() && !"_:{}#".contains(letter))
        .all(|word| match word.split_once("::") {
            // What another crate's type holds does not show.
            Some((root, _)) => ["core", "alloc", "std", "hashbrown"].contains(&root),
            None => !["f16", "f32", "f64", "f128", "dyn", "fn"].contains(&word),
        })
}

/// True where floats are handed over by value.
fn is_float(ty: FunctionType<'_>) -> bool {
    ty.get_return_type().is_some_and(holds_float)
        || ty
            .get_param_types()
            .into_iter()
            .filter_map(|parameter| BasicTypeEnum::try_from(parameter).ok())
            .any(holds_float)
}

fn holds_float(ty: BasicTypeEnum<'_>) -> bool {
    match ty {
        BasicTypeEnum::FloatType(_) => true,
        BasicTypeEnum::VectorType(vector) => holds_float(vector.get_element_type()),
        BasicTypeEnum::ArrayType(array) => holds_float(array.get_element_type()),
        BasicTypeEnum::StructType(fields) => fields.get_field_types().into_iter().any(holds_float),
        _ => false,
    }
}

fn computes_with_floats(function: FunctionValue<'_>) -> bool {
    // What is called says what is handed over; a call may also have operands that are metadata, which inkwell has no value
    // for. An invoke has none.
    let takes_floats =
        calls(function)
            .into_iter()
            .any(|(call, _)| match CallSiteValue::try_from(call) {
                Ok(site) => site
                    .get_called_fn_value()
                    .is_some_and(|called| is_float(called.get_type())),
                Err(()) => operands(call).any(|operand| holds_float(operand.get_type())),
            });
    takes_floats
        || is_float(function.get_type())
        || function.get_basic_block_iter().any(|block| {
            std::iter::successors(block.get_first_instruction(), |one| {
                one.get_next_instruction()
            })
            .any(|one| {
                BasicTypeEnum::try_from(one.get_type()).is_ok_and(holds_float)
                    || (one.get_opcode() == InstructionOpcode::Store
                        && operands(one).any(|operand| holds_float(operand.get_type())))
            })
        })
}

fn operands<'c>(instruction: InstructionValue<'c>) -> impl Iterator<Item = BasicValueEnum<'c>> {
    (0..instruction.get_num_operands()).filter_map(move |at| instruction.get_operand(at)?.value())
}

#[cfg(test)]
mod tests {
    use super::{About, implementation, kind, names_no_float};

    #[test]
    fn functions_are_known_by_their_paths() {
        let parse =
            "_RNvXs2_NtNtCsgEmfK2I1SDS_4core3num7dec2fltdNtNtNtB9_3str6traits7FromStr8from_str";
        assert_eq!(kind(parse), Some(About::Trait));
        let find = "_RNvNtNtCsgEmfK2I1SDS_4core5slice6memchr14memchr_aligned";
        assert_eq!(kind(find), Some(About::Path));
        let clone = "_RNvXs4_NtCslNYArtu3iFV_5alloc6stringNtB5_6StringNtNtCsgEmfK2I1SDS_4core5clone5Clone5clone";
        assert_eq!(kind(clone), Some(About::Path));
        assert_eq!(kind("_ZN4mine3str5parse17h0123456789abcdefE"), None);
        assert_eq!(kind("memchr"), None);
        let insert = "_ZN9hashbrown3map28HashMap$LT$K$C$V$C$S$C$A$GT$6insert17h74e89f656f66a33aE";
        assert_eq!(kind(insert), Some(About::Elements));
        let dropped = "_ZN4core3ptr70drop_in_place$LT$std..collections..hash..set..HashSet$LT$usize$GT$$GT$17h1d2b1b9a734e1805E";
        assert_eq!(kind(dropped), Some(About::Elements));
        let moves = "_ZN9hashbrown3raw13RawTableInner12resize_inner17h1d2b1b9a734e1805E";
        assert_eq!(kind(moves), None);
    }

    #[test]
    fn names_tell_of_floats() {
        let map = "&mut hashbrown::map::HashMap<(usize, &str), (), std::hash::random::RandomState>";
        assert!(names_no_float(map));
        assert!(names_no_float(
            "BTreeMap<u32, alloc::vec::Vec<u8, alloc::alloc::Global>>"
        ));
        assert!(!names_no_float(
            "BTreeMap<u32, alloc::vec::Vec<f64, alloc::alloc::Global>>"
        ));
        assert!(!names_no_float(
            "HashSet<mine::Key, std::hash::random::RandomState>"
        ));
        assert!(!names_no_float(
            "BTreeMap<u8, alloc::boxed::Box<dyn core::any::Any>>"
        ));
    }

    #[test]
    fn types_are_parted_from_their_traits() {
        assert_eq!(
            implementation("a::B<c::D as e::F> as g::H<i>>::j"),
            Some(("a::B<c::D as e::F>", Some("g::H<i>")))
        );
        assert_eq!(implementation("str>::chars"), Some(("str", None)));
        assert_eq!(
            implementation("fn() -> a as b::C>::d"),
            Some(("fn() -> a", Some("b::C")))
        );
        assert_eq!(implementation("a"), None);
    }
}
