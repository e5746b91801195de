//! Types as people write them: debug info has full paths and the parameters that are there by default.

use trace::{Field, RustType, Variant, short_type_name as short};

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
