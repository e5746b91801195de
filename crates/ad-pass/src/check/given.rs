//! Inputs that somebody stated, put in the place of those that were made up.

use serde_json::Value;
use trace::{Diagnosis, Help, Kind, Problem};

use super::image::{Image, Scalar};

/// Puts stated values in, in their order.
pub(super) fn take(
    image: &mut Image,
    scalars: &[Scalar],
    name: &str,
    value: &Value,
) -> Result<(), Diagnosis> {
    let mut given = Vec::new();
    numbers(value, &mut given).map_err(|what| {
        Diagnosis::new(
            Kind::Inputs,
            Problem::NoNumber {
                parameter: name.to_owned(),
                value: what,
            },
        )
        .with_help(Help::InputValues)
    })?;
    if given.len() != scalars.len() {
        return Err(Diagnosis::new(
            Kind::Inputs,
            Problem::NumberOfNumbers {
                parameter: name.to_owned(),
                takes: scalars.len(),
                given: given.len(),
            },
        ));
    }
    for (scalar, value) in scalars.iter().zip(given) {
        match scalar {
            Scalar::Float(at) => {
                let float = image.floats[*at].clone();
                image.set_float(&float, value);
            }
            Scalar::Integer(at) => {
                if value.fract() != 0.0 || !value.is_finite() {
                    return Err(Diagnosis::new(
                        Kind::Inputs,
                        Problem::NoInteger {
                            parameter: name.to_owned(),
                            value: value.to_string(),
                        },
                    ));
                }
                let integer = image.integers[*at].clone();
                image.put_integer(&integer, value as i128);
            }
        }
    }
    Ok(())
}

/// The numbers in a JSON value, lists within lists taken apart; `Err` is what is none.
fn numbers(value: &Value, out: &mut Vec<f64>) -> Result<(), String> {
    match value {
        Value::Array(list) => list.iter().try_for_each(|value| numbers(value, out)),
        Value::Number(number) => {
            out.push(number.as_f64().unwrap_or(f64::NAN));
            Ok(())
        }
        Value::Bool(truth) => {
            out.push(f64::from(u8::from(*truth)));
            Ok(())
        }
        Value::String(word) if ["NaN", "inf", "-inf"].contains(&word.as_str()) => {
            out.push(word.parse().expect("one of the three"));
            Ok(())
        }
        other => Err(other.to_string()),
    }
}
