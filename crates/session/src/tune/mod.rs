//! Looks for what makes a derivative cheaper: changes are tried in engines side by side, each is checked, and what is
//! right and cheaper is combined.

pub mod change;
pub mod search;
pub mod trial;
