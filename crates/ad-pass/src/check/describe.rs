//! What a parameter is made of, in words.

use super::image::{Image, Integer, Scalar};
use crate::types::shape::Shape;

/// What the parameter is made of, in words.
pub(super) fn words(image: &Image, scalars: &[Scalar], shape: &Shape) -> String {
    let floats: Vec<f64> = scalars
        .iter()
        .filter_map(|scalar| match scalar {
            Scalar::Float(at) => Some(image.float(&image.floats[*at])),
            Scalar::Integer(_) => None,
        })
        .collect();
    let integers: Vec<i128> = scalars
        .iter()
        .filter_map(|scalar| match scalar {
            Scalar::Integer(at) => Some(integer(image, &image.integers[*at])),
            Scalar::Float(_) => None,
        })
        .collect();
    let range = |low: String, high: String| match low == high {
        true => low,
        false => format!("{low} to {high}"),
    };
    let mut parts = Vec::new();
    match floats.as_slice() {
        [] => {}
        [one] => parts.push(format!("{one:.4}")),
        several => {
            let low = several.iter().copied().fold(f64::INFINITY, f64::min);
            let high = several.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            parts.push(format!(
                "{} floats from {}",
                several.len(),
                range(format!("{low:.2}"), format!("{high:.2}"))
            ));
        }
    }
    match integers.as_slice() {
        [] => {}
        [one] => parts.push(one.to_string()),
        several => parts.push(format!(
            "{} integers from {}",
            several.len(),
            range(
                several.iter().min().copied().unwrap_or(0).to_string(),
                several.iter().max().copied().unwrap_or(0).to_string()
            )
        )),
    }
    match parts.is_empty() {
        true => format!("{}, empty", shape.text()),
        false => parts.join(", "),
    }
}

fn integer(image: &Image, integer: &Integer) -> i128 {
    let mut bytes = [0; 16];
    let length = integer.bytes.min(16);
    bytes[..length].copy_from_slice(&image.blocks[integer.block][integer.at..integer.at + length]);
    i128::from_le_bytes(bytes)
}
