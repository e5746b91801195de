//! Inputs that somebody stated: scalars, and the parts of what is made of several.

use serde_json::{Map, Value};
use trace::{Diagnosis, Kind, Problem, Takes};

use super::image::IntegerKind;

/// What is given is not what its place takes.
pub(super) fn unfit(place: &str, takes: Takes, given: &Value) -> Diagnosis {
    let mut text = given.to_string();
    if let Some((at, _)) = text.char_indices().nth(60) {
        text.truncate(at);
        text.push('…');
    }
    let given = match given {
        Value::Array(list) => format!("a list of {}, {text},", list.len()),
        _ => text,
    };
    Diagnosis::new(
        Kind::Inputs,
        Problem::InputUnfit {
            place: place.to_owned(),
            takes,
            given,
        },
    )
}

/// A float: a number, or the word for one that JSON has none for.
pub(super) fn float(value: &Value, place: &str) -> Result<f64, Diagnosis> {
    let found = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(word) => trace::not_finite(word),
        _ => None,
    };
    found.ok_or_else(|| unfit(place, Takes::Float, value))
}

/// An integer of that kind and size.
pub(super) fn integer(
    value: &Value,
    kind: IntegerKind,
    bytes: usize,
    place: &str,
) -> Result<i128, Diagnosis> {
    let bits = 8 * bytes.min(16) as u32;
    let found = match (value, kind) {
        (Value::Bool(truth), _) => Some(i128::from(*truth)),
        (Value::String(text), IntegerKind::Char) => {
            let mut characters = text.chars();
            let first = characters.next().map(|c| i128::from(u32::from(c)));
            first.filter(|_| characters.next().is_none())
        }
        // What is too large for most readers of JSON is text.
        (Value::String(text), _) => text.parse().ok(),
        (Value::Number(number), _) => whole(number),
        _ => None,
    };
    let in_range = |value: &i128| {
        let unsigned = *value >= 0 && (bits > 126 || *value < 1 << bits);
        let half = 1_i128 << (bits - 1).min(126);
        let signed = bits > 127 || (-half..half).contains(value);
        match kind {
            IntegerKind::Bool => (0..2).contains(value),
            IntegerKind::Char => u32::try_from(*value).is_ok_and(|c| char::from_u32(c).is_some()),
            IntegerKind::Signed => signed,
            IntegerKind::Unsigned => unsigned,
            IntegerKind::Word => signed || unsigned,
        }
    };
    found.filter(in_range).ok_or_else(|| {
        let sign = if kind == IntegerKind::Signed {
            'i'
        } else {
            'u'
        };
        let takes = match kind {
            IntegerKind::Bool => Takes::Truth,
            IntegerKind::Char => Takes::Character,
            _ => Takes::Integer {
                ty: format!("{sign}{bits}"),
            },
        };
        unfit(place, takes, value)
    })
}

/// A number without a fraction, however it is written.
fn whole(number: &serde_json::Number) -> Option<i128> {
    let small = number.as_i64().map(i128::from);
    let large = || number.as_u64().map(i128::from);
    let written_as_float = || {
        let float = number.as_f64()?;
        (float.fract() == 0.0 && float.abs() < 1e18).then_some(float as i128)
    };
    small.or_else(large).or_else(written_as_float)
}

/// The elements of a list; all that there are.
pub(super) fn list<'v>(value: &'v Value, place: &str) -> Result<&'v [Value], Diagnosis> {
    match value {
        Value::Array(list) => Ok(list),
        _ => Err(unfit(place, Takes::List, value)),
    }
}

/// One value for each part of something, where `sizes` says of how many scalars each part is. A flat
/// list of all scalars is taken apart.
pub(super) fn parts(
    value: &Value,
    sizes: &[Option<usize>],
    place: &str,
) -> Result<Vec<Value>, Diagnosis> {
    let takes = Takes::Elements { count: sizes.len() };
    let Value::Array(list) = value else {
        // One of one is itself.
        return match sizes {
            [_] => Ok(vec![value.clone()]),
            _ => Err(unfit(place, takes, value)),
        };
    };
    if list.len() == sizes.len() {
        return Ok(list.clone());
    }
    let all: Option<usize> = sizes.iter().copied().sum();
    let is_flat = list
        .iter()
        .all(|value| !value.is_array() && !value.is_object());
    if all != Some(list.len()) || !is_flat {
        return Err(unfit(place, takes, value));
    }
    let mut rest = list.as_slice();
    let taken = sizes.iter().map(|size| {
        let (part, after) = rest.split_at(size.unwrap_or(0));
        rest = after;
        Value::from(part)
    });
    Ok(taken.collect())
}

/// The values of fields by their names; those that are not given are `None`.
pub(super) fn fields<'v>(
    value: &'v Map<String, Value>,
    names: &[&str],
    place: &str,
) -> Result<Vec<Option<&'v Value>>, Diagnosis> {
    match value.keys().find(|name| !names.contains(&name.as_str())) {
        None => Ok(names.iter().map(|name| value.get(*name)).collect()),
        Some(_) => {
            let names = names.iter().map(|&name| name.to_owned()).collect();
            let given = Value::Object(value.clone());
            Err(unfit(place, Takes::Fields { names }, &given))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_integer_is_in_its_range() {
        let read = |value: Value, kind, bytes| integer(&value, kind, bytes, "n").ok();
        assert_eq!(read(json!(255), IntegerKind::Unsigned, 1), Some(255));
        assert_eq!(read(json!(256), IntegerKind::Unsigned, 1), None);
        assert_eq!(read(json!(-1), IntegerKind::Unsigned, 8), None);
        assert_eq!(read(json!(-128), IntegerKind::Signed, 1), Some(-128));
        assert_eq!(read(json!(128), IntegerKind::Signed, 1), None);
        assert_eq!(read(json!(3.0), IntegerKind::Signed, 4), Some(3));
        assert_eq!(read(json!(3.5), IntegerKind::Signed, 4), None);
        assert_eq!(read(json!(true), IntegerKind::Bool, 1), Some(1));
        assert_eq!(read(json!(2), IntegerKind::Bool, 1), None);
        assert_eq!(read(json!("é"), IntegerKind::Char, 4), Some(0xE9));
        assert_eq!(read(json!("ab"), IntegerKind::Char, 4), None);
        let most = i128::MAX.to_string();
        assert_eq!(read(json!(most), IntegerKind::Signed, 16), Some(i128::MAX));
    }

    #[test]
    fn a_flat_list_is_taken_apart() {
        let sizes = [Some(2), Some(1)];
        let found = parts(&json!([1, 2, 3]), &sizes, "p").unwrap();
        assert_eq!(found, [json!([1, 2]), json!([3])]);
        let found = parts(&json!([[1, 2], 3]), &sizes, "p").unwrap();
        assert_eq!(found, [json!([1, 2]), json!(3)]);
        assert!(parts(&json!([1, 2, 3, 4]), &sizes, "p").is_err());
        assert!(parts(&json!(1), &sizes, "p").is_err());
    }
}
