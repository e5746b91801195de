//! How a derivative differs from what irad expects of Enzyme.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What is different. Parameters go by their names in the primal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unexpected {
    /// A parameter is missing.
    NoParameter {
        /// For what.
        name: String,
        /// The primal.
        function: String,
    },
    /// A parameter is metadata.
    Metadata {
        /// Its name.
        name: String,
    },
    /// A parameter of the primal has another type.
    OtherType {
        /// Its name.
        name: String,
    },
    /// A shadow has another type than what it is the shadow of.
    OtherShadow {
        /// Its name.
        shadow: String,
        /// Of what.
        of: String,
    },
    /// There are more parameters.
    FurtherParameter,
    /// It returns something else.
    Returns {
        /// The type, in LLVM's words.
        ty: String,
    },
    /// The number of parameters.
    Takes {
        /// How many there are.
        takes: usize,
        /// How many were expected.
        expected: usize,
    },
    /// It lacks adjoints.
    ReturnsTooFew,
}

impl fmt::Display for Unexpected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unexpected::NoParameter { name, function } => {
                write!(f, "it has no parameter for {name} of {function}")
            }
            Unexpected::Metadata { name } => write!(f, "{name} is metadata"),
            Unexpected::OtherType { name } => {
                write!(f, "{name} has another type than in the primal")
            }
            Unexpected::OtherShadow { shadow, of } => {
                write!(f, "{shadow} has another type than {of}")
            }
            Unexpected::FurtherParameter => f.write_str("it has a further parameter"),
            Unexpected::Returns { ty } => write!(f, "it returns {ty}"),
            Unexpected::Takes { takes, expected } => {
                write!(f, "it takes {takes} values, and {expected} were expected")
            }
            Unexpected::ReturnsTooFew => {
                f.write_str("it returns fewer values than there are active parameters")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_numbers_are_said() {
        let (takes, expected) = (3, 4);
        assert_eq!(
            Unexpected::Takes { takes, expected }.to_string(),
            "it takes 3 values, and 4 were expected"
        );
    }
}
