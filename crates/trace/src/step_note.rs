//! What a pass changed that a watched function refers to.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Something that a step changed around the watched functions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepNote {
    /// Words of an older irad.
    Said(String),
    /// A watched function is gone.
    Deleted {
        /// Its symbol.
        function: String,
    },
    /// What a watched function refers to looks different to it now.
    ChangedReferences {
        /// Their symbols.
        names: Vec<String>,
    },
}

impl fmt::Display for StepNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StepNote::Said(words) => f.write_str(words),
            StepNote::Deleted { function } => write!(f, "deleted {function}"),
            StepNote::ChangedReferences { names } => {
                let names: Vec<String> = names.iter().map(|name| format!("@{name}")).collect();
                write!(f, "changed {}, which it refers to", names.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_names_what_changed() {
        let names = vec!["f".to_owned(), "g".to_owned()];
        let note = StepNote::ChangedReferences { names };
        assert_eq!(note.to_string(), "changed @f, @g, which it refers to");
        let function = "f".to_owned();
        assert_eq!(StepNote::Deleted { function }.to_string(), "deleted f");
    }
}
