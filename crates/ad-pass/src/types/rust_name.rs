//! Types as people write them: debug info has full paths and the parameters that are there by default.

use trace::{Field, RustType, Variant};

/// The type with short names throughout.
pub(crate) fn shorten(ty: RustType) -> RustType {
    let inside = |ty: Box<RustType>| Box::new(shorten(*ty));
    match ty {
        RustType::Float(_) => ty,
        RustType::Integer { name, bytes } => RustType::Integer {
            name: short(&name),
            bytes,
        },
        RustType::Pointer { text, to } => RustType::Pointer {
            text: short(&text),
            to: inside(to),
        },
        RustType::Slice { text, of } => RustType::Slice {
            text: short(&text),
            of: inside(of),
        },
        RustType::Tail {
            text,
            head,
            name,
            offset,
            of,
        } => RustType::Tail {
            text: short(&text),
            head: fields(head),
            name,
            offset,
            of: inside(of),
        },
        RustType::Vec {
            name,
            bytes,
            pointer,
            capacity,
            length,
            of,
        } => RustType::Vec {
            name: short(&name),
            bytes,
            pointer,
            capacity,
            length,
            of: inside(of),
        },
        RustType::Array { of, count } => RustType::Array {
            of: inside(of),
            count,
        },
        RustType::Struct {
            name,
            bytes,
            fields: all,
        } => RustType::Struct {
            name: short(&name),
            bytes,
            fields: fields(all),
        },
        RustType::Enum {
            name,
            bytes,
            tag,
            variants,
        } => RustType::Enum {
            name: short(&name),
            bytes,
            tag,
            variants: variants
                .into_iter()
                .map(|variant| Variant {
                    fields: fields(variant.fields),
                    ..variant
                })
                .collect(),
        },
        RustType::Opaque { name, bytes } => RustType::Opaque {
            name: short(&name),
            bytes,
        },
    }
}

fn fields(fields: Vec<Field>) -> Vec<Field> {
    let short = |field: Field| Field {
        // What a closure captures by reference.
        name: match field.name.strip_prefix("_ref__") {
            Some(name) => name.to_owned(),
            None => field.name,
        },
        ty: shorten(field.ty),
        ..field
    };
    fields.into_iter().map(short).collect()
}

/// A type without paths and without the parameters that are there by default.
fn short(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        match rest.strip_prefix("::") {
            // What stands before is a module, a type or a function; a closure goes by it.
            Some(after) if !after.starts_with('{') => {
                let is_name = |c: char| c.is_alphanumeric() || "_{}#".contains(c);
                out.truncate(out.trim_end_matches(is_name).len());
                rest = after;
            }
            Some(after) => {
                out.push_str("::");
                rest = after;
            }
            None => {
                out.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
    }
    for default in [", Global>", ", RandomState>"] {
        out = out.replace(default, ">");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn types_are_called_as_people_write_them() {
        for (long, wanted) in [
            ("f64", "f64"),
            ("&shapes::Spring", "&Spring"),
            (
                "&alloc::vec::Vec<alloc::vec::Vec<f64, alloc::alloc::Global>, alloc::alloc::Global>",
                "&Vec<Vec<f64>>",
            ),
            (
                "Option<alloc::boxed::Box<optbox::Node, alloc::alloc::Global>>",
                "Option<Box<Node>>",
            ),
            ("&mut [model::layers::Layer]", "&mut [Layer]"),
            (
                "*const [core::mem::MaybeUninit<f64>; 4]",
                "*const [MaybeUninit<f64>; 4]",
            ),
            (
                "&shapes::captured_value::{closure_env#0}",
                "&captured_value::{closure_env#0}",
            ),
            (
                "&dyn core::ops::function::Fn<(f64), Output=f64>",
                "&dyn Fn<(f64), Output=f64>",
            ),
            ("fn(model::Point) -> f64", "fn(Point) -> f64"),
            (
                "std::collections::hash::map::HashMap<u32, f64, std::hash::random::RandomState>",
                "HashMap<u32, f64>",
            ),
        ] {
            assert_eq!(short(long), wanted);
        }
    }
}
