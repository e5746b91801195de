//! What is in a value that is returned in registers: its parts, and the floats in it.

use inkwell::targets::TargetData;
use inkwell::types::BasicTypeEnum;
use trace::RustType;

use super::image::{Float, read};
use super::result;

/// The values that a result is made of, with their offsets.
pub(super) fn parts<'c>(
    result: Option<BasicTypeEnum<'c>>,
    layout: &TargetData,
) -> Vec<(usize, BasicTypeEnum<'c>)> {
    match result {
        None => Vec::new(),
        Some(BasicTypeEnum::StructType(fields)) => fields
            .get_field_types()
            .into_iter()
            .enumerate()
            .map(|(at, ty)| {
                let offset = layout.offset_of_element(&fields, u32::try_from(at).unwrap_or(0));
                (usize::try_from(offset.unwrap_or(0)).unwrap_or(0), ty)
            })
            .collect(),
        Some(BasicTypeEnum::ArrayType(array)) => {
            let ty = array.get_element_type();
            let step = usize::try_from(layout.get_abi_size(&ty)).unwrap_or(0);
            (0..array.len() as usize)
                .map(|at| (at * step, ty))
                .collect()
        }
        Some(other) => vec![(0, other)],
    }
}

pub(super) fn size(layout: &TargetData, ty: BasicTypeEnum<'_>) -> usize {
    usize::try_from(layout.get_abi_size(&ty)).unwrap_or(0)
}

pub(super) fn read_if_there(bytes: &[u8], float: &Float) -> f64 {
    match float.is_there(bytes) {
        true => read(bytes, float),
        false => 0.0,
    }
}

/// Floats of a value that lies at an offset.
pub(super) fn moved(mut floats: Vec<Float>, offset: usize) -> Vec<Float> {
    for float in &mut floats {
        float.at += offset;
        for when in &mut float.when {
            when.at += offset;
        }
    }
    floats
}

/// The floats in what is returned in registers: those of its type in Rust, if they lie where the IR has
/// some.
pub(super) fn floats_returned(
    ty: BasicTypeEnum<'_>,
    layout: &TargetData,
    known: Option<&RustType>,
) -> Vec<Float> {
    let mut plain = Vec::new();
    leaves(ty, layout, 0, "return", &mut plain);
    let typed = known
        .map(|known| result::floats(known, "return"))
        .unwrap_or_default();
    let has = |list: &[Float], wanted: &Float| {
        list.iter()
            .any(|float| (float.at, float.bits) == (wanted.at, wanted.bits))
    };
    let fits = plain.iter().all(|float| has(&typed, float))
        && typed.iter().all(|float| has(&plain, float));
    if fits { typed } else { plain }
}

/// The floats in a value of a type.
fn leaves(
    ty: BasicTypeEnum<'_>,
    layout: &TargetData,
    base: usize,
    label: &str,
    out: &mut Vec<Float>,
) {
    match ty {
        BasicTypeEnum::FloatType(float) => {
            let bits = float.get_bit_width();
            if [16, 32, 64].contains(&bits) {
                out.push(Float {
                    block: usize::MAX,
                    at: base,
                    bits,
                    parameter: usize::MAX,
                    label: label.to_owned(),
                    when: Vec::new(),
                    is_result: true,
                });
            }
        }
        BasicTypeEnum::StructType(_) | BasicTypeEnum::ArrayType(_) => {
            for (nth, (offset, ty)) in parts(Some(ty), layout).into_iter().enumerate() {
                leaves(ty, layout, base + offset, &format!("{label}.{nth}"), out);
            }
        }
        BasicTypeEnum::VectorType(vector) => {
            let ty = vector.get_element_type();
            let step = usize::try_from(layout.get_store_size(&ty)).unwrap_or(0);
            for nth in 0..vector.get_size() as usize {
                leaves(
                    ty,
                    layout,
                    base + step * nth,
                    &format!("{label}.{nth}"),
                    out,
                );
            }
        }
        // Integers and pointers have no derivative.
        _ => {}
    }
}
