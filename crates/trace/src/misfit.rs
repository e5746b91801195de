//! Why a Rust signature does not fit a function's IR parameters.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Misfit {
    /// A parameter of another type.
    Type {
        /// Its name, or its position.
        parameter: String,
        /// The type that is stated.
        stated: String,
        /// The type in the IR.
        found: String,
    },
    /// A parameter that the IR does not have.
    Missing {
        /// Its name, or its position.
        parameter: String,
        /// The type that is stated.
        stated: String,
    },
    /// A parameter that only the IR has.
    Further {
        /// Its name.
        parameter: String,
        /// Its type.
        found: String,
    },
    /// Memory of other floats.
    Floats {
        /// The parameter.
        parameter: String,
        /// The type that is stated.
        stated: String,
        /// The floats that the IR reads or writes.
        found: Vec<String>,
    },
    /// A `Vec` that has its words elsewhere than rustc has them today.
    Layout {
        /// The parameter.
        parameter: String,
        /// The type that is stated.
        stated: String,
    },
    /// Another result.
    Result {
        /// The type that is stated.
        stated: Option<String>,
        /// The type that the IR returns.
        found: Option<String>,
    },
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Misfit::Type {
                parameter,
                stated,
                found,
            } => write!(f, "{parameter}: {stated} is stated, and the IR has {found}"),
            Misfit::Missing { parameter, stated } => write!(
                f,
                "{parameter}: {stated} is stated, and the IR has no further parameter"
            ),
            Misfit::Further { parameter, found } => {
                write!(f, "the IR has a further parameter, {parameter} ({found})")
            }
            Misfit::Floats {
                parameter,
                stated,
                found,
            } => write!(
                f,
                "{parameter}: {stated} is stated, and the IR reads or writes {} there",
                found.join(" and ")
            ),
            Misfit::Layout { parameter, stated } => write!(
                f,
                "{parameter}: {stated} is stated, and the IR has no pointer where rustc has that of a Vec"
            ),
            Misfit::Result { stated, found } => {
                match stated {
                    Some(ty) => write!(f, "the result {ty} is stated")?,
                    None => f.write_str("no result is stated")?,
                }
                match found {
                    Some(found) => write!(f, ", and the IR returns {found}"),
                    None => f.write_str(", and the IR returns nothing"),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_are_named() {
        let misfit = Misfit::Result {
            stated: None,
            found: Some("f64".to_owned()),
        };
        assert_eq!(
            misfit.to_string(),
            "no result is stated, and the IR returns f64"
        );
    }
}
