//! A whole screen of a model.

pub mod fit;
pub mod footer;
pub mod is_on;
pub mod lists;
pub mod pane;
pub mod placed;
pub mod title;
pub mod whole;
pub mod windows;
