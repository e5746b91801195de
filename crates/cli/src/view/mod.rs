//! How a diff is shown: the flags, and text, patch or JSON.

mod document;
mod flags;
mod listing;
mod names;
mod show;
mod side;
mod text;

pub use document::document;
pub use flags::{Format, Layout, View};
pub use listing::{Listing, listing};
pub use names::{renamer, renamer_of};
pub use show::{show, show_each};
pub use side::Shown;
pub use text::text;
