//! Inputs as JSON, in the form that `irad check --inputs` reads.

use serde_json::{Map, Value};

/// An input in a few words: what its numbers are.
pub fn in_words(value: &Value) -> String {
    if let Some(float) = value.as_f64().filter(|_| value.is_f64()) {
        return format!("{float:.4}");
    }
    let mut numbers = Numbers::default();
    numbers.collect(value);
    match (numbers.floats.as_slice(), numbers.integers.as_slice()) {
        ([], []) => value.to_string(),
        ([_], []) | ([], [_]) => short(value).to_string(),
        _ => {
            let low = |a: &f64, b: &f64| a.total_cmp(b);
            let part = |list: &[f64], what: &str, text: &dyn Fn(f64) -> String| match list {
                [] => None,
                [one] => Some(text(*one)),
                several => {
                    let (least, most) = (
                        several.iter().copied().min_by(low).unwrap_or_default(),
                        several.iter().copied().max_by(low).unwrap_or_default(),
                    );
                    let (least, most) = (text(least), text(most));
                    let range = match least == most {
                        true => least,
                        false => format!("{least} to {most}"),
                    };
                    Some(format!("{} {what} from {range}", several.len()))
                }
            };
            let floats = part(&numbers.floats, "floats", &|float| format!("{float:.2}"));
            let integers = part(&numbers.integers, "integers", &|integer| {
                format!("{integer}")
            });
            let parts: Vec<String> = floats.into_iter().chain(integers).collect();
            parts.join(", ")
        }
    }
}

/// What in a value is a number.
#[derive(Default)]
struct Numbers {
    floats: Vec<f64>,
    integers: Vec<f64>,
}

impl Numbers {
    fn collect(&mut self, value: &Value) {
        match value {
            Value::Number(number) => match number.is_f64() {
                true => self.floats.extend(number.as_f64()),
                false => self.integers.extend(number.as_f64()),
            },
            Value::String(word) => self.floats.extend(not_finite(word)),
            Value::Array(list) => list.iter().for_each(|value| self.collect(value)),
            Value::Object(fields) => fields.values().for_each(|value| self.collect(value)),
            Value::Null | Value::Bool(_) => {}
        }
    }
}

/// A float that JSON has no number for.
pub fn not_finite(word: &str) -> Option<f64> {
    match word {
        "NaN" => Some(f64::NAN),
        "inf" => Some(f64::INFINITY),
        "-inf" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// A value with four digits behind the point.
fn short(value: &Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => {
            let rounded = number.as_f64().map(|float| (float * 1e4).round() / 1e4);
            rounded.map_or_else(|| value.clone(), Value::from)
        }
        Value::Array(list) => Value::Array(list.iter().map(short).collect()),
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| (name.clone(), short(value)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_number_is_said_and_several_are_summed_up() {
        for (value, wanted) in [
            (json!(0.491_612_345), "0.4916"),
            (json!(0.588), "0.5880"),
            (json!(3), "3"),
            (json!([0.5, -1.25, 2.0]), "3 floats from -1.25 to 2.00"),
            (json!([[1, 2], [2, 1]]), "4 integers from 1 to 2"),
            (json!({"a": [0.5, 0.5], "n": 3}), "2 floats from 0.50, 3"),
            (json!({"Circle": 0.123_456}), r#"{"Circle":0.1235}"#),
            (json!("Empty"), r#""Empty""#),
            (json!(null), "null"),
            (json!([]), "[]"),
            (json!(["NaN", 1.0]), "2 floats from 1.00 to NaN"),
        ] {
            assert_eq!(in_words(&value), wanted);
        }
    }
}
