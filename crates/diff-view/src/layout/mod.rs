//! Lays hunks and lines out as rows.

mod above;
mod cut;
mod lines;
mod options;
mod patch;
mod positions;
mod shown;
mod split;
mod unified;
mod wrap;

pub use lines::{function, line, lines};
pub use options::{Options, has_room_for_two};
pub use patch::{file_of, patch};
pub use split::{split, split_pair};
pub use unified::{unified, unified_pair};
