//! Failures that were reduced, as lines in a file, with the source of each beside it.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// A function that was reduced.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reduced {
    pub index: u64,
    pub mode: String,
    /// Of the record that it was made from.
    pub stamp: u64,
    /// How it fails.
    pub failure: String,
    /// The productions that are left.
    pub features: Vec<String>,
    pub source: String,
}

impl Reduced {
    /// The name of its source in the folder.
    pub fn file(&self) -> String {
        format!("reduced/{}-{}.rs", self.index, self.mode)
    }
}

/// The folder of a run.
pub struct Shelf {
    folder: PathBuf,
    /// By number and mode.
    pub all: BTreeMap<(u64, String), Reduced>,
}

impl Shelf {
    pub fn open(folder: &Path) -> Shelf {
        let text = fs::read_to_string(folder.join("reduced.jsonl")).unwrap_or_default();
        let all = text
            .lines()
            .filter_map(|line| serde_json::from_str::<Reduced>(line).ok())
            .map(|one| ((one.index, one.mode.clone()), one))
            .collect();
        Shelf {
            folder: folder.to_owned(),
            all,
        }
    }

    pub fn has(&self, index: u64, mode: &str, stamp: u64) -> bool {
        let found = self.all.get(&(index, mode.to_owned()));
        found.is_some_and(|one| one.stamp == stamp)
    }

    /// Keeps one, and writes its source.
    pub fn add(&mut self, one: Reduced, note: &str) -> Result<(), String> {
        let path = self.folder.join(one.file());
        let write = || -> std::io::Result<()> {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(&path, format!("// {}. {note}\n{}", one.failure, one.source))?;
            let mut file = OpenOptions::new()
                .create(true)
                .append(true)
                .open(self.folder.join("reduced.jsonl"))?;
            writeln!(file, "{}", serde_json::to_string(&one)?)
        };
        write().map_err(|error| format!("{}: {error}", path.display()))?;
        self.all.insert((one.index, one.mode.clone()), one);
        Ok(())
    }
}
