//! A run as one HTML page that holds everything: what explorers show, and the files that it is made from again.
//!
//! [`html`] writes a [`Page`]. It knows no terminal and no engine: whoever calls it has run, checked and read what
//! the page is to show.

pub mod bundle;
mod compare;
mod document;
mod lines;
pub mod map;
pub mod pack;
pub mod page;
pub mod said;
pub mod source;
mod steps;
mod told;

pub use bundle::{Bundle, BundleError};
pub use document::html;
pub use map::{Group, Map, MapTone, Place, map_html};
pub use page::{Page, Run};
pub use said::{Said, VerdictSaid, VerdictTone};
pub use source::Sources;
