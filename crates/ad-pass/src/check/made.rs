//! What a parameter was made of, and how that is written as JSON.

use serde_json::{Map, Number, Value};

use super::image::{Float, Image, Integer, IntegerKind};

/// A value that was made.
#[derive(Clone, Debug)]
pub(super) enum Made {
    /// A float, by its position among the image's.
    Float(usize),
    /// An integer, by its position among the image's.
    Integer(usize),
    /// An array, a slice, a `Vec` or a tuple.
    List(Vec<Made>),
    /// A struct, by its fields' names.
    Fields(Vec<(String, Made)>),
    /// A variant, and what it has.
    Variant(String, Option<Box<Made>>),
    /// `Some`.
    Present(Box<Made>),
    /// `None`, a pointer to nothing, or a value without bytes.
    Nothing,
    /// Text: a block and its length.
    Text(usize, usize),
}

impl Made {
    /// The value that the image has, as it is given to `--inputs`.
    pub(super) fn value(&self, image: &Image) -> Value {
        match self {
            Made::Float(at) => float(&image.floats[*at], image),
            Made::Integer(at) => integer(&image.integers[*at], image),
            Made::List(list) => list.iter().map(|made| made.value(image)).collect(),
            Made::Fields(fields) => fields
                .iter()
                .map(|(name, made)| (name.clone(), made.value(image)))
                .collect(),
            Made::Variant(name, None) => Value::from(name.as_str()),
            Made::Variant(name, Some(inside)) => object(name, inside.value(image)),
            // `Some(None)` is not `None`.
            Made::Present(inside) => match inside.value(image) {
                Value::Null => object("Some", Value::Null),
                value => value,
            },
            Made::Nothing => Value::Null,
            Made::Text(block, length) => {
                String::from_utf8_lossy(&image.blocks[*block][..*length]).into()
            }
        }
    }
}

fn object(name: &str, value: Value) -> Value {
    Value::Object(Map::from_iter([(name.to_owned(), value)]))
}

fn float(float: &Float, image: &Image) -> Value {
    let value = image.float(float);
    if !value.is_finite() {
        return Value::from(value.to_string());
    }
    // As few digits as give the same number again.
    let short: Option<f64> = match float.bits {
        32 => (value as f32).to_string().parse().ok(),
        _ => None,
    };
    let same = short.filter(|short| f64::from(*short as f32) == value);
    Number::from_f64(same.unwrap_or(value)).map_or(Value::Null, Value::Number)
}

fn integer(integer: &Integer, image: &Image) -> Value {
    let value = image.integer(integer);
    let character = || u32::try_from(value).ok().and_then(char::from_u32);
    match integer.kind {
        IntegerKind::Bool if value == 0 || value == 1 => Value::from(value == 1),
        IntegerKind::Char if character().is_some() => {
            Value::from(character().map(String::from).unwrap_or_default())
        }
        _ => match (u64::try_from(value), i64::try_from(value)) {
            (Ok(number), _) => Value::from(number),
            (_, Ok(number)) => Value::from(number),
            // JSON's readers have no such numbers.
            _ => Value::from(value.to_string()),
        },
    }
}
