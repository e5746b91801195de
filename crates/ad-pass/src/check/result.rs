//! The floats in what a function gives back: in registers, or in memory that the caller has for it.

use trace::{Field, RustType};

use super::image::{Float, When};
use super::maker::index;
use super::variant::{is_option, when};

/// The floats in a value of this type that is not behind a pointer, and what has to hold for them to be
/// there.
pub(super) fn floats(ty: &RustType, label: &str) -> Vec<Float> {
    let mut out = Vec::new();
    collect(ty, 0, label, &[], &mut out);
    out
}

fn collect(ty: &RustType, at: u64, label: &str, conditions: &[When], out: &mut Vec<Float>) {
    match ty {
        RustType::Float(bits) if *bits <= 64 => out.push(Float {
            block: usize::MAX,
            at: index(at),
            bits: *bits,
            parameter: usize::MAX,
            label: label.to_owned(),
            when: conditions.to_vec(),
            is_result: true,
        }),
        RustType::Array { of, count } if of.reaches_float() != Some(false) => {
            let size = of.bytes().unwrap_or(0);
            for nth in 0..*count {
                collect(
                    of,
                    at + size * nth,
                    &format!("{label}[{nth}]"),
                    conditions,
                    out,
                );
            }
        }
        RustType::Struct { fields: all, .. } => fields(all, at, label, conditions, out),
        RustType::Enum {
            name,
            tag,
            variants,
            ..
        } => {
            for (nth, variant) in variants.iter().enumerate() {
                let mut conditions = conditions.to_vec();
                conditions.extend(tag.map(|tag| when(tag, variants, nth, index(at))));
                let label = match is_option(name, variants) || variants.len() == 1 {
                    true => label.to_owned(),
                    false => format!("{label}.{}", variant.name),
                };
                match variant.fields.as_slice() {
                    [only] if only.name == "0" => {
                        collect(&only.ty, at + only.offset, &label, &conditions, out);
                    }
                    several => fields(several, at, &label, &conditions, out),
                }
            }
        }
        // What it leads to is somebody else's, or lies where nobody knows yet.
        _ => {}
    }
}

fn fields(fields: &[Field], at: u64, label: &str, conditions: &[When], out: &mut Vec<Float>) {
    for field in fields {
        let label = format!("{label}.{}", field.name);
        collect(&field.ty, at + field.offset, &label, conditions, out);
    }
}

#[cfg(test)]
mod tests {
    use trace::{Tag, Variant};

    use super::*;

    #[test]
    fn the_floats_of_a_result_are_there_if_it_is_one() {
        let field = |ty: RustType| Field {
            name: "0".to_owned(),
            offset: 8,
            ty,
        };
        let variant = |name: &str, value, ty| Variant {
            name: name.to_owned(),
            value: Some(value),
            fields: vec![field(ty)],
        };
        let result = RustType::Enum {
            name: "Result<f64, f32>".to_owned(),
            bytes: 16,
            tag: Some(Tag {
                offset: 0,
                bytes: 8,
            }),
            variants: vec![
                variant("Ok", 0, RustType::Float(64)),
                variant("Err", 1, RustType::Float(32)),
            ],
        };
        let found = floats(&result, "return");
        let there = |tag: u8| -> Vec<&str> {
            let mut block = [0; 16];
            block[0] = tag;
            let there = found.iter().filter(|float| float.is_there(&block));
            there.map(|float| float.label.as_str()).collect()
        };
        assert_eq!(there(0), ["return.Ok"]);
        assert_eq!(there(1), ["return.Err"]);
    }
}
