//! JSON has no numbers for infinities and for what is none; here they are strings.

use serde::{Deserialize, Deserializer, Serializer};

pub(crate) fn serialize<S: Serializer>(number: &f64, out: S) -> Result<S::Ok, S::Error> {
    match number.is_finite() {
        true => out.serialize_f64(*number),
        false => out.serialize_str(&number.to_string()),
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Finite(f64),
    Word(String),
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<f64, D::Error> {
    match Number::deserialize(input)? {
        Number::Finite(number) => Ok(number),
        Number::Word(word) => word.parse().map_err(serde::de::Error::custom),
    }
}
