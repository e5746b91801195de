//! What LLVM, Enzyme or irad said that is no error.

use serde::{Deserialize, Serialize};

use crate::remark_kind::RemarkKind;

/// Something that was said on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// The stage in which it was said.
    pub stage: String,
    /// How much it matters.
    pub severity: Severity,
    /// What it says.
    pub kind: RemarkKind,
    /// It was a warning, and a check has passed on the same request.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub checked: bool,
}

impl Remark {
    /// The remark in words.
    pub fn message(&self) -> String {
        match self.checked {
            true => format!("{}{CHECKED}", self.kind),
            false => self.kind.to_string(),
        }
    }

    /// The remark as programs are told it.
    pub fn in_words(&self) -> RemarkInWords {
        RemarkInWords {
            stage: self.stage.clone(),
            severity: self.severity,
            message: self.message(),
        }
    }
}

/// Remarks as programs are told them.
pub fn in_words(remarks: &[Remark]) -> Vec<RemarkInWords> {
    remarks.iter().map(Remark::in_words).collect()
}

/// What is said of a guess that a check has confirmed.
pub(crate) const CHECKED: &str = "; irad check has passed on this request";

/// A remark in words, as it stands in a JSON document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RemarkInWords {
    /// The stage in which it was said.
    pub stage: String,
    /// How much it matters.
    pub severity: Severity,
    /// The words.
    pub message: String,
}

/// How much a remark matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The result may not be what was meant.
    Warning,
    /// A decision that was made.
    Remark,
    /// A side note.
    Note,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_confirmed_guess_says_so() {
        let mut remark = Remark {
            stage: "enzyme".to_owned(),
            severity: Severity::Note,
            kind: RemarkKind::GuessedType {
                of: "type of memset".to_owned(),
            },
            checked: false,
        };
        assert_eq!(remark.message(), "guessed: the type of memset");
        remark.checked = true;
        assert!(remark.message().ends_with("has passed on this request"));
    }
}
