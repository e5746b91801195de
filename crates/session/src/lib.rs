//! What a front end of irad needs and a terminal does not: input, requests, engines side by side, remedies
//! that were tried, histories, and crates that are built.
//!
//! Nothing here prints, and nothing ends the process. What goes wrong is data; the words are the front
//! end's.

pub mod ad_flags;
pub mod answered;
pub mod ask;
pub mod build;
pub mod calls;
pub mod declared;
pub mod engine;
pub mod error;
pub mod files;
pub mod hear;
pub mod history;
pub mod instrumented;
pub mod load;
pub mod made_of;
pub mod mode;
pub mod module;
pub mod nightly;
pub mod oddity;
pub mod own;
pub mod refusal;
pub mod remedy;
pub mod remedy_flags;
pub mod request;
pub mod requests;
pub mod resolve;
pub mod rust_signature;
pub mod shell;
pub mod sides;
pub mod signature;
pub mod slicing;
mod sources;
pub mod tools;
pub mod tune;
pub mod uncompiled;
pub mod verdict;
