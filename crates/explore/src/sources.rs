//! Lines of the Rust source.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use diff_view::Location;

/// Source files that were read.
#[derive(Default)]
pub struct Sources {
    files: RefCell<HashMap<PathBuf, Vec<String>>>,
}

impl Sources {
    /// A line of a file, where that is there.
    pub fn line(&self, location: &Location) -> Option<String> {
        let path = Path::new(&location.folder).join(&location.file);
        let mut files = self.files.borrow_mut();
        let lines = files.entry(path).or_insert_with_key(|path| {
            let text = fs::read_to_string(path).unwrap_or_default();
            text.lines().map(str::to_owned).collect()
        });
        let at = usize::try_from(location.line).ok()?.checked_sub(1)?;
        lines.get(at).cloned()
    }

    /// Files are read again.
    pub fn forget(&self) {
        self.files.borrow_mut().clear();
    }
}
