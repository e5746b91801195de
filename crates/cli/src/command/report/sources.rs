//! Rust files that a page shows: where they are read, and where a page's own copies of them lie.

use std::collections::HashMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use diff_view::Location;

/// The folder of a page's own copies.
pub const FOLDER: &str = "sources";

/// Where Rust files are read.
pub struct Reader<'a> {
    /// A folder that is looked into first, below the files' absolute paths.
    pub first: Option<&'a Path>,
    /// What folders are called in truth, where their names were made unreadable.
    pub veiled: HashMap<String, String>,
}

impl Reader<'_> {
    /// A file's text.
    pub fn read(&self, file: &Location) -> Option<String> {
        if let Some(first) = self.first
            && let Ok(text) = fs::read_to_string(first.join(below(file)))
        {
            return Some(text);
        }
        let known = |name: &str| {
            self.veiled
                .get(name)
                .map_or(name, String::as_str)
                .to_owned()
        };
        let path = Path::new(&known(&file.folder)).join(known(&file.file));
        fs::read_to_string(path).ok()
    }
}

/// Where the copy of a file lies: its absolute path, below a folder.
pub fn below(file: &Location) -> PathBuf {
    let path = Path::new(&file.folder).join(&file.file);
    let mut below = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => below.push(name),
            Component::ParentDir => {
                below.pop();
            }
            _ => {}
        }
    }
    below
}
