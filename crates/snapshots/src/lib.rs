//! Snapshots of derivatives: what one holds, the files and the project that they lie in, what may be
//! written, and how two of them differ.
//!
//! Nothing here prints. What goes wrong is an [`error::Error`]; the words that go with it are the front end's.

pub mod body;
pub mod changes;
mod compare;
pub mod compute;
pub mod config;
pub mod content;
pub mod entry;
pub mod error;
pub mod expression;
pub mod file;
mod krate;
mod names;
pub mod policy;
pub mod project;
mod summary;
pub mod update;
