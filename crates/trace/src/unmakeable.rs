//! Why no inputs can be made up.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What is not known, or not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unmakeable {
    /// It is metadata or the like.
    NotPlain,
    /// Nothing says what a type of the IR holds.
    Unknown {
        /// The type.
        ty: String,
    },
    /// Uses show several things.
    UsesDoNotSay,
    /// Its size is not known.
    NoSize,
    /// Not every sequence of bytes is one of its values.
    ValidBytes,
    /// A `Vec` without a pointer.
    NoPointer,
    /// A float of another width.
    OtherFloat,
}

impl fmt::Display for Unmakeable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unmakeable::NotPlain => "it is no plain value",
            Unmakeable::Unknown { ty } => return write!(f, "nothing says what {ty} holds"),
            Unmakeable::UsesDoNotSay => "its uses do not say what lies where",
            Unmakeable::NoSize => "its size is not known",
            Unmakeable::ValidBytes => "nothing says which bytes of it are valid",
            Unmakeable::NoPointer => "it has no pointer",
            Unmakeable::OtherFloat => "irad compares f32 and f64 alone",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_is_named() {
        let why = Unmakeable::Unknown {
            ty: "x86_mmx".to_owned(),
        };
        assert_eq!(why.to_string(), "nothing says what x86_mmx holds");
    }
}
