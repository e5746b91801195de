//! Where a project is, what its entries are, and which of them are meant.

use std::env;
use std::path::{Path, PathBuf};

use crate::config::{self, Config};
use crate::entry::Entry;
use crate::error::Error;
use crate::file::{self, Folder, Snapshot};
use crate::policy;

/// Where configuration and snapshots are, if somebody says so.
#[derive(Clone, Debug, Default)]
pub struct Where {
    /// The configuration, instead of the irad.toml here or in a folder above.
    pub config: Option<PathBuf>,
    /// Where the snapshots lie; without it irad.toml says so, or it is `snapshots`.
    pub snapshots: Option<PathBuf>,
}

/// A project with snapshots.
pub struct Project {
    /// The folder that paths are from.
    pub root: PathBuf,
    /// What its irad.toml says, and what messages call that file.
    pub config: Option<(Config, String)>,
    /// Its snapshots.
    pub folder: Folder,
}

impl Project {
    /// Finds it: by the flags, else by the environment, else here or above.
    pub fn find(place: &Where) -> Result<Self, Error> {
        let asked = policy::root_from_environment();
        let path = match (&place.config, &asked) {
            (Some(path), _) => Some(path.clone()),
            (None, Some(root)) => Some(root.join(config::FILE)).filter(|path| path.is_file()),
            (None, None) => above(),
        };
        let root = match (&asked, &path) {
            (Some(root), _) => root.clone(),
            (None, Some(path)) => folder_of(path),
            (None, None) => PathBuf::from("."),
        };
        let root = std::path::absolute(&root).unwrap_or(root);
        let config = match path {
            Some(path) => {
                let shown = match path.strip_prefix(&root) {
                    Ok(below) => below.display().to_string(),
                    Err(_) => path.display().to_string(),
                };
                Some((config::read(&path, &shown, &root)?, shown))
            }
            None => None,
        };
        let snapshots = match (&place.snapshots, &config) {
            (Some(folder), _) => std::path::absolute(folder).unwrap_or_else(|_| folder.clone()),
            (None, Some((config, _))) => root.join(
                config
                    .snapshots
                    .as_deref()
                    .unwrap_or(Path::new("snapshots")),
            ),
            (None, None) => root.join("snapshots"),
        };
        let pending = pending(&root, &snapshots);
        Ok(Project {
            folder: Folder {
                path: snapshots,
                pending,
            },
            root,
            config,
        })
    }

    /// The entries of its irad.toml.
    pub fn entries(&self) -> &[Entry] {
        self.config
            .as_ref()
            .map_or(&[], |(config, _)| config.entries.as_slice())
    }

    /// The entries of these names, all if there is none, in the order of its irad.toml.
    pub fn chosen(&self, names: &[String]) -> Result<Vec<Entry>, Error> {
        let Some((config, shown)) = &self.config else {
            return Err(Error::NoConfig);
        };
        if config.entries.is_empty() {
            return Err(Error::NoEntries {
                shown: shown.clone(),
            });
        }
        if names.is_empty() {
            return Ok(config.entries.clone());
        }
        let is_there = |name: &&String| config.entries.iter().any(|entry| entry.name == **name);
        if let Some(name) = names.iter().find(|name| !is_there(name)) {
            return Err(Error::UnknownEntry {
                shown: shown.clone(),
                name: name.clone(),
                entries: config
                    .entries
                    .iter()
                    .map(|entry| entry.name.clone())
                    .collect(),
            });
        }
        let is_meant = |entry: &&Entry| names.contains(&entry.name);
        Ok(config.entries.iter().filter(is_meant).cloned().collect())
    }

    /// Names of the snapshots that wait, as their entries have them where one owns them.
    pub fn waiting(&self) -> Vec<String> {
        let names = self.folder.names().into_iter();
        names
            .filter(|(_, waits)| *waits)
            .map(|(name, _)| {
                let entries = self.entries().iter();
                entries
                    .map(|entry| entry.name.clone())
                    .find(|known| file::stem(known) == name)
                    .unwrap_or(name)
            })
            .collect()
    }

    /// Writes a snapshot that waited as the accepted one.
    pub fn take(&self, name: &str, new: Snapshot) -> Result<(), Error> {
        let accepted = Snapshot { line: None, ..new };
        accepted.write(&self.folder.accepted(name))?;
        self.discard(name)
    }

    /// Removes a snapshot that waited.
    pub fn discard(&self, name: &str) -> Result<(), Error> {
        file::remove(&self.folder.waiting(name))
    }

    /// Removes what an earlier check found, if it found anything.
    pub fn forget(&self, name: &str) -> Result<(), Error> {
        match self.folder.waiting(name) {
            waiting if waiting.exists() => file::remove(&waiting),
            _ => Ok(()),
        }
    }

    /// Files that irad wrote and no entry owns.
    pub fn unowned(&self) -> Vec<PathBuf> {
        let owned: Vec<String> = self
            .entries()
            .iter()
            .map(|entry| file::stem(&entry.name))
            .collect();
        self.folder
            .names()
            .into_iter()
            .filter(|(name, _)| !owned.contains(name))
            .map(|(name, waits)| match waits {
                true => self.folder.waiting(&name),
                false => self.folder.accepted(&name),
            })
            .collect()
    }
}

/// An `irad.toml` here or in a folder above.
fn above() -> Option<PathBuf> {
    let here = env::current_dir().ok()?;
    here.ancestors()
        .map(|folder| folder.join(config::FILE))
        .find(|path| path.is_file())
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// insta's own word for where snapshots wait to be accepted.
fn pending(root: &Path, snapshots: &Path) -> PathBuf {
    let asked = env::var_os("INSTA_PENDING_DIR").filter(|folder| !folder.is_empty());
    match (asked, snapshots.strip_prefix(root)) {
        (Some(folder), Ok(below)) => PathBuf::from(folder).join(below),
        _ => snapshots.to_owned(),
    }
}
