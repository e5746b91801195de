//! What a snapshot is of.

use std::path::PathBuf;

use serde::Serialize;
use session::slicing::Slicing;
use trace::{AdOptions, Point};

use crate::content::Content;

/// What a snapshot is of.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name, by which it is accepted.
    pub name: String,
    /// What its author says of it.
    pub description: Option<String>,
    /// Where the IR comes from.
    pub input: Input,
    /// Which module of a dump that holds several, from 1.
    pub module: Option<usize>,
    /// How much of it LLVM is given.
    pub slicing: Slicing,
    /// The function.
    pub function: String,
    /// How it is differentiated; names of functions are as they were written.
    pub ad: AdOptions,
    /// What the snapshot holds.
    pub content: Content,
    /// The points at which it is looked at.
    pub stages: Vec<Point>,
    /// Where it was written down: the file, from the root, and the line in it.
    pub source: (String, Option<usize>),
    /// True when somebody chose its name, which may be another's made of a file and a function.
    pub is_named: bool,
}

/// Where IR comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// A file, as it was written and where it is.
    File {
        /// As it was written.
        shown: String,
        /// Where it is.
        path: PathBuf,
    },
    /// A crate that cargo builds.
    Crate(CrateInput),
}

/// A crate, and which part of it cargo builds.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct CrateInput {
    /// The folder of its manifest, or the manifest, from the root.
    #[serde(rename = "crate")]
    pub shown: String,
    /// The same, from here.
    #[serde(skip)]
    pub path: PathBuf,
    /// The package, in a workspace of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// `lib`, `bin NAME`, `example NAME`, `test NAME` or `bench NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Features to switch on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// Switch every feature on.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub all_features: bool,
    /// Leave the default features off.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_default_features: bool,
    /// The profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
}
