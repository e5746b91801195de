//! Notices when a file changes.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::{Duration, SystemTime};

use crate::news::News;

/// How often is looked.
const EVERY: Duration = Duration::from_millis(250);

/// Looks after a file, or after the sources in a crate's folder, on a thread of its own.
pub fn watch(path: PathBuf, news: Sender<News>) {
    thread::spawn(move || {
        let mut last = latest(&path);
        loop {
            thread::sleep(EVERY);
            let now = latest(&path);
            if now != last && now.is_some() {
                last = now;
                if news.send(News::Changed).is_err() {
                    return;
                }
            }
        }
    });
}

/// When the file, or something in `src` of the folder, was changed last.
fn latest(path: &Path) -> Option<SystemTime> {
    let own = fs::metadata(path).ok()?;
    if !own.is_dir() {
        return own.modified().ok();
    }
    let mut found = fs::metadata(path.join("Cargo.toml")).ok()?.modified().ok();
    let mut folders = vec![path.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(about) = entry.metadata() else {
                continue;
            };
            match about.is_dir() {
                true => folders.push(entry.path()),
                false => found = found.max(about.modified().ok()),
            }
        }
    }
    found
}
