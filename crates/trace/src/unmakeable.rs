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
    /// A float of another width.
    OtherFloat,
    /// A function, and irad has none to pass.
    Function,
    /// A trait object.
    Object,
    /// A structure of the standard library with rules of its own.
    Library,
    /// Something within it.
    Within {
        /// Where.
        place: String,
        /// Its type.
        ty: String,
        /// Why.
        why: Box<Unmakeable>,
    },
}

impl fmt::Display for Unmakeable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unmakeable::NotPlain => "it is no plain value",
            Unmakeable::Unknown { ty } => return write!(f, "nothing says what {ty} holds"),
            Unmakeable::UsesDoNotSay => "its uses do not say what lies where",
            Unmakeable::NoSize => "its size is not known",
            Unmakeable::ValidBytes => "nothing says which bytes of it are valid",
            Unmakeable::OtherFloat => "irad compares f16, f32 and f64 only",
            Unmakeable::Function => "irad has no function to pass",
            Unmakeable::Object => "irad has no methods to pass",
            Unmakeable::Library => "only the standard library knows how to make one",
            Unmakeable::Within { place, ty, why } => return write!(f, "{place}: {ty}: {why}"),
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
