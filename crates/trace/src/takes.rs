//! What a place among the inputs takes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What may be given for a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Takes {
    /// A float.
    Float,
    /// An integer of this type.
    Integer {
        /// The type.
        ty: String,
    },
    /// `true` or `false`.
    Truth,
    /// One character.
    Character,
    /// Text.
    Text,
    /// A list of any length.
    List,
    /// A list of so many.
    Elements {
        /// How many.
        count: usize,
    },
    /// An object with these fields.
    Fields {
        /// Their names.
        names: Vec<String>,
    },
    /// One of these variants.
    Variants {
        /// Their names.
        names: Vec<String>,
        /// One that has fields, if there is one.
        with_fields: Option<String>,
    },
    /// Nothing but the name of the variant.
    NoFields,
}

impl fmt::Display for Takes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Takes::Float => f.write_str("a number, \"NaN\", \"inf\" or \"-inf\""),
            Takes::Integer { ty } => write!(f, "an integer ({ty})"),
            Takes::Truth => f.write_str("true or false"),
            Takes::Character => f.write_str("text of one character"),
            Takes::Text => f.write_str("text"),
            Takes::List => f.write_str("a list"),
            Takes::Elements { count } => write!(f, "a list of {count}"),
            Takes::Fields { names } => {
                write!(f, "an object with the fields {}", names.join(", "))
            }
            Takes::Variants { names, with_fields } => {
                write!(f, "a variant: {}", names.join(", "))?;
                match with_fields {
                    Some(name) => {
                        write!(f, "; one with fields is an object, as in {{\"{name}\": …}}")
                    }
                    None => Ok(()),
                }
            }
            Takes::NoFields => f.write_str("no fields"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_are_listed() {
        let mut takes = Takes::Variants {
            names: vec!["Circle".to_owned(), "Rect".to_owned()],
            with_fields: None,
        };
        assert_eq!(takes.to_string(), "a variant: Circle, Rect");
        if let Takes::Variants { with_fields, .. } = &mut takes {
            *with_fields = Some("Rect".to_owned());
        }
        let text = takes.to_string();
        assert!(text.starts_with("a variant: Circle, Rect;"), "{text}");
        assert!(text.ends_with("{\"Rect\": …}"), "{text}");
    }
}
