//! Reads a Rust signature as it is written on the command line: `(w: &[f64], y: f64) -> f64`.

use syn::{Expr, FnArg, GenericArgument, Lit, Pat, PathArguments, ReturnType, Signature, Type};
use trace::{Field, RustSignature, RustType, Tag, Variant};

/// Parses a signature. What it does not know by name is taken for opaque.
pub fn parse(text: &str) -> Result<RustSignature, String> {
    const EXAMPLE: &str = "as in '(w: &[f64], x: &[f64; 4], y: f64) -> f64'";
    let text = text.trim();
    let whole = match text.starts_with('(') {
        true => format!("fn f{text}"),
        false => text.trim_start_matches("pub ").to_owned(),
    };
    let signature: Signature = syn::parse_str(&whole)
        .map_err(|error| format!("{error}; a signature is written {EXAMPLE}"))?;
    let mut parameters = Vec::new();
    for input in &signature.inputs {
        match input {
            FnArg::Receiver(_) => {
                return Err(format!("self has no type here; write it out, {EXAMPLE}"));
            }
            FnArg::Typed(typed) => {
                let name = match typed.pat.as_ref() {
                    Pat::Ident(name) => name.ident.to_string(),
                    _ => String::new(),
                };
                parameters.push((name, rust_type(&typed.ty)?));
            }
        }
    }
    let returns = match &signature.output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => Some(rust_type(ty)?).filter(|ty| ty.bytes() != Some(0)),
    };
    Ok(RustSignature {
        parameters,
        returns,
    })
}

fn rust_type(ty: &Type) -> Result<RustType, String> {
    Ok(match ty {
        Type::Reference(reference) => {
            let sign = if reference.mutability.is_some() {
                "&mut "
            } else {
                "&"
            };
            pointer(sign, &reference.elem)?
        }
        Type::Ptr(raw) => {
            let sign = if raw.mutability.is_some() {
                "*mut "
            } else {
                "*const "
            };
            pointer(sign, &raw.elem)?
        }
        Type::Array(array) => RustType::Array {
            of: Box::new(rust_type(&array.elem)?),
            count: number(&array.len)?,
        },
        Type::Tuple(tuple) => {
            let fields: Vec<RustType> = tuple
                .elems
                .iter()
                .map(rust_type)
                .collect::<Result<_, _>>()?;
            let names: Vec<String> = fields.iter().map(ToString::to_string).collect();
            let name = format!("({})", names.join(", "));
            match fields.is_empty() {
                true => RustType::Struct {
                    name,
                    bytes: 0,
                    fields: Vec::new(),
                },
                // The order of a tuple's fields in memory is rustc's to choose, and no matter where they
                // are all the same.
                false if fields[0].bytes().is_some() && fields.iter().all(|f| *f == fields[0]) => {
                    let size = fields[0].bytes().unwrap_or(0);
                    RustType::Struct {
                        name,
                        bytes: size * fields.len() as u64,
                        fields: (0..)
                            .zip(fields)
                            .map(|(at, ty)| Field {
                                name: at.to_string(),
                                offset: at * size,
                                ty,
                            })
                            .collect(),
                    }
                }
                false => RustType::Opaque { name, bytes: None },
            }
        }
        Type::Paren(inner) => rust_type(&inner.elem)?,
        Type::Path(path) => named(path.path.segments.last().ok_or("an empty path")?)?,
        _ => {
            return Err(
                "only references, pointers, slices, arrays, tuples and names are understood"
                    .to_owned(),
            );
        }
    })
}

fn pointer(sign: &str, to: &Type) -> Result<RustType, String> {
    if let Type::Slice(slice) = to {
        let of = rust_type(&slice.elem)?;
        return Ok(RustType::Slice {
            text: format!("{sign}[{of}]"),
            of: Box::new(of),
        });
    }
    let inner = rust_type(to)?;
    let text = format!("{sign}{inner}");
    Ok(match inner {
        RustType::Opaque { name, .. } if name == "str" => RustType::Slice {
            text,
            of: Box::new(integer("u8", 1)),
        },
        inner => RustType::Pointer {
            text,
            to: Box::new(inner),
        },
    })
}

fn integer(name: &str, bytes: u64) -> RustType {
    RustType::Integer {
        name: name.to_owned(),
        bytes,
    }
}

fn named(segment: &syn::PathSegment) -> Result<RustType, String> {
    let name = segment.ident.to_string();
    Ok(match name.as_str() {
        "f16" => RustType::Float(16),
        "f32" | "c_float" => RustType::Float(32),
        "f64" | "c_double" => RustType::Float(64),
        "f128" => RustType::Float(128),
        "bool" | "u8" | "i8" => integer(&name, 1),
        "u16" | "i16" => integer(&name, 2),
        "u32" | "i32" | "char" | "c_int" | "c_uint" => integer(&name, 4),
        "u64" | "i64" | "usize" | "isize" => integer(&name, 8),
        "u128" | "i128" => integer(&name, 16),
        "Box" => {
            let inner = argument(segment).ok_or("Box needs a type: Box<f64>")?;
            pointer("Box:", inner).map(|ty| match ty {
                RustType::Pointer { to, .. } => RustType::Pointer {
                    text: format!("Box<{to}>"),
                    to,
                },
                RustType::Slice { of, .. } => RustType::Slice {
                    text: format!("Box<[{of}]>"),
                    of,
                },
                other => other,
            })?
        }
        "Vec" => {
            let inner = argument(segment).ok_or("Vec needs a type: Vec<f64>")?;
            vec(rust_type(inner)?)
        }
        "String" => RustType::Struct {
            name,
            bytes: 24,
            fields: vec![Field {
                name: "vec".to_owned(),
                offset: 0,
                ty: vec(integer("u8", 1)),
            }],
        },
        "Option" => {
            let inner = argument(segment).ok_or("Option needs a type: Option<f64>")?;
            option(rust_type(inner)?)
        }
        _ => {
            let inner = argument(segment).map(rust_type).transpose()?;
            RustType::Opaque {
                name: match inner {
                    Some(inner) => format!("{name}<{inner}>"),
                    None => name,
                },
                bytes: None,
            }
        }
    })
}

/// A `Vec`, as rustc has it today. irad compares that with what the function does.
fn vec(of: RustType) -> RustType {
    RustType::Vec {
        name: format!("Vec<{of}>"),
        bytes: 24,
        capacity: 0,
        pointer: 8,
        length: 16,
        of: Box::new(of),
    }
}

/// An `Option`: what it holds where that has a value to spare, else a tag before it.
fn option(of: RustType) -> RustType {
    let name = format!("Option<{of}>");
    let opaque = |name| RustType::Opaque { name, bytes: None };
    let Some((bytes, align)) = of.bytes().zip(alignment(&of)) else {
        return opaque(name);
    };
    let is_raw = |text: &str| text.starts_with('*');
    // Where the tag is, its value for none, and where the rest is.
    let (tag, none, offset) = match &of {
        RustType::Pointer { text, .. } | RustType::Slice { text, .. } if !is_raw(text) => {
            ((0, 8), 0, 0)
        }
        RustType::Vec { capacity, .. } => ((*capacity, 8), 1 << 63, 0),
        RustType::Integer { name, .. } if name == "bool" => ((0, 1), 2, 0),
        RustType::Integer { name, .. } if name == "char" => ((0, 4), 0x11_0000, 0),
        RustType::Float(_) | RustType::Integer { .. } | RustType::Pointer { .. } => {
            ((0, align.min(8)), 0, align)
        }
        _ => return opaque(name),
    };
    let field = Field {
        name: "0".to_owned(),
        offset,
        ty: of,
    };
    let variant = |name: &str, value, fields| Variant {
        name: name.to_owned(),
        value,
        fields,
    };
    RustType::Enum {
        name,
        bytes: offset + bytes,
        tag: Some(Tag {
            offset: tag.0,
            bytes: tag.1,
        }),
        variants: vec![
            variant("None", Some(none), Vec::new()),
            variant("Some", (offset > 0).then_some(1), vec![field]),
        ],
    }
}

/// What the address of a value is a multiple of.
fn alignment(ty: &RustType) -> Option<u64> {
    match ty {
        RustType::Float(_) | RustType::Integer { .. } => ty.bytes(),
        RustType::Pointer { .. } | RustType::Slice { .. } | RustType::Vec { .. } => Some(8),
        _ => None,
    }
}

fn argument(segment: &syn::PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

fn number(length: &Expr) -> Result<u64, String> {
    match length {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) => number.base10_parse().map_err(|error| error.to_string()),
            _ => Err("an array's length is a number".to_owned()),
        },
        _ => Err("an array's length is a number".to_owned()),
    }
}

/// The signature that a derivative's parameters have, if it can be written down: types that irad does not know by
/// name cannot.
pub fn stated(signature: &trace::Signature) -> Option<RustSignature> {
    let parameters: Vec<String> = signature
        .parameters
        .iter()
        .map(|parameter| format!("{}: {}", parameter.name, parameter.ty))
        .collect();
    let returns = signature.returns.as_ref();
    let returns = returns.map_or_else(String::new, |returns| format!(" -> {}", returns.ty));
    parse(&format!("({}){returns}", parameters.join(", "))).ok()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn signatures_are_read_back_as_they_were_written() {
        for text in [
            "(w: &[f64], x: &[f64; 4], y: f64) -> f64",
            "(out: &mut [f32], n: usize)",
            "(p: *const f64, b: Box<f64>, v: &mut Vec<f64>)",
            "(a: &Vec<Vec<f64>>, b: Option<&[f64]>, c: Option<f64>, d: &String)",
            "()",
        ] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
        assert_eq!(
            parse("fn loss(y: f64) -> ()").unwrap().to_string(),
            "(y: f64)"
        );
    }

    #[test]
    fn what_is_no_signature_is_refused_with_an_example() {
        for text in ["", "w: &[f64]", "(w: &[f64]", "(&self)", "(a: [f64; n])"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse("(w").unwrap_err().contains("as in '(w: &[f64]"));
    }
}
