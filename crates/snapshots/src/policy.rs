//! What may be written: insta's environment variables, with insta's meanings.

use std::env;
use std::path::PathBuf;

use crate::error::Error;

/// When a snapshot that has changed is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// In place, as if it had been accepted.
    Always,
    /// In place even where only the header is another one.
    Force,
    /// Beside the old one, as `.snap.new`; nothing on a machine that says that it is CI.
    Auto,
    /// As `.snap.new` where there is an old one, else in place.
    Unseen,
    /// As `.snap.new`.
    New,
    /// Nowhere.
    No,
}

/// Where one snapshot goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// `.snap`.
    InPlace,
    /// `.snap.new`.
    Pending,
    /// Nothing is written.
    Nothing,
}

impl Update {
    /// What `INSTA_UPDATE` says.
    pub fn from_environment() -> Result<Self, Error> {
        match env::var("INSTA_UPDATE").as_deref() {
            Err(_) | Ok("" | "auto") => Ok(Update::Auto),
            Ok("always" | "1") => Ok(Update::Always),
            Ok("force") => Ok(Update::Force),
            Ok("unseen") => Ok(Update::Unseen),
            Ok("new") => Ok(Update::New),
            Ok("no") => Ok(Update::No),
            Ok(other) => Err(Error::Environment {
                value: other.to_owned(),
            }),
        }
    }

    /// Where a snapshot goes that is new or has changed; `is_seen` when there is an old one.
    pub fn target(self, is_seen: bool) -> Target {
        match self {
            Update::Always | Update::Force => Target::InPlace,
            Update::Auto if is_ci() => Target::Nothing,
            Update::Auto | Update::New => Target::Pending,
            Update::Unseen if is_seen => Target::Pending,
            Update::Unseen => Target::InPlace,
            Update::No => Target::Nothing,
        }
    }
}

/// True on a machine that says that it is CI.
fn is_ci() -> bool {
    match env::var("CI").ok().as_deref() {
        Some("false" | "0" | "") => false,
        Some(_) => true,
        // Azure's pipelines say it otherwise.
        None => env::var_os("TF_BUILD").is_some(),
    }
}

/// The folder that paths are from, if the environment says it.
pub fn root_from_environment() -> Option<PathBuf> {
    env::var_os("INSTA_WORKSPACE_ROOT").map(PathBuf::from)
}
