//! What is known of one derivative of one function, as a line in the file of results.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::task::Comparison;

/// One function in one mode.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Record {
    pub index: u64,
    pub mode: String,
    /// Of the function's source and of irad: another one makes the record stale.
    #[serde(default)]
    pub stamp: u64,
    /// What became of the derivative.
    pub derivative: Derivative,
    /// What `irad check` says.
    pub verdict: Verdict,
    /// How it says that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// The reason of a refusal or a crash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Warnings that came with what was emitted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
}

#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Derivative {
    Right,
    Wrong,
    /// The derivative crashes.
    Crashes,
    /// No point could be compared.
    #[default]
    Unknown,
    /// Nothing was emitted: exit code 3.
    Refused,
    /// The engine crashed: exit code 4.
    EngineCrash,
    /// The function or the driver does not compile.
    NotBuilt,
}

#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Right,
    Wrong,
    Undecided,
    /// Bad input: no inputs can be made.
    NotChecked,
    Refused,
    Crash,
    /// `irad check` was not asked.
    #[default]
    None,
}

impl Derivative {
    pub const ALL: [Derivative; 7] = [
        Derivative::Right,
        Derivative::Wrong,
        Derivative::Crashes,
        Derivative::Unknown,
        Derivative::Refused,
        Derivative::EngineCrash,
        Derivative::NotBuilt,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Derivative::Right => "right",
            Derivative::Wrong => "wrong",
            Derivative::Crashes => "crashes",
            Derivative::Unknown => "no point",
            Derivative::Refused => "refused",
            Derivative::EngineCrash => "engine crash",
            Derivative::NotBuilt => "not built",
        }
    }

    /// Whether it was emitted and is not what it should be.
    pub fn is_bad(self) -> bool {
        matches!(self, Derivative::Wrong | Derivative::Crashes)
    }
}

impl Verdict {
    pub const ALL: [Verdict; 7] = [
        Verdict::Right,
        Verdict::Wrong,
        Verdict::Undecided,
        Verdict::NotChecked,
        Verdict::Refused,
        Verdict::Crash,
        Verdict::None,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Verdict::Right => "right",
            Verdict::Wrong => "wrong",
            Verdict::Undecided => "undecided",
            Verdict::NotChecked => "no inputs",
            Verdict::Refused => "refused",
            Verdict::Crash => "crash",
            Verdict::None => "not asked",
        }
    }

    /// What an exit code of `irad check` means.
    pub fn of(code: Option<i32>) -> Verdict {
        match code {
            Some(0) => Verdict::Right,
            Some(1) => Verdict::Wrong,
            Some(2) => Verdict::NotChecked,
            Some(3) => Verdict::Refused,
            Some(5) => Verdict::Undecided,
            _ => Verdict::Crash,
        }
    }
}

/// The file of results, which a later run goes on with.
pub struct Results {
    path: PathBuf,
    /// By number and mode.
    pub records: BTreeMap<(u64, String), Record>,
}

impl Results {
    pub fn open(path: &Path) -> Results {
        let text = fs::read_to_string(path).unwrap_or_default();
        let records = text
            .lines()
            .filter_map(|line| serde_json::from_str::<Record>(line).ok())
            .map(|record| ((record.index, record.mode.clone()), record))
            .collect();
        Results {
            path: path.to_owned(),
            records,
        }
    }

    /// Whether a function's records are there and still hold.
    pub fn has(&self, index: u64, modes: &[&str], stamp: u64) -> bool {
        modes.iter().all(|mode| {
            let record = self.records.get(&(index, (*mode).to_owned()));
            record.is_some_and(|record| record.stamp == stamp)
        })
    }

    pub fn add(&mut self, records: Vec<Record>) -> Result<(), String> {
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.path)
            .map_err(|error| format!("{}: {error}", self.path.display()))?;
        for record in records {
            let line = serde_json::to_string(&record).map_err(|error| error.to_string())?;
            writeln!(file, "{line}").map_err(|error| error.to_string())?;
            self.records
                .insert((record.index, record.mode.clone()), record);
        }
        Ok(())
    }
}
