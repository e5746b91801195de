//! How a diff is shown: the flags, and text, patch or JSON.

mod colour;
mod detail;
mod document;
mod flags;
mod headline;
mod listing;
mod names;
mod show;
mod side;
mod text;

pub use colour::{ColourBy, coloured};
pub use detail::{DetailArgs, paint_hidden};
pub use document::document;
pub use explore::Sources;
pub use flags::{Format, Layout, ShowName, View};
pub use headline::{Headline, Headlines};
pub use listing::{Listing, listing};
pub use names::{renamer, renamer_of};
pub use show::{align, show, show_below, show_each};
pub use side::Shown;
pub use text::text;
