//! `irad snap` on projects of its own: what it writes, what it says, and how it ends.

mod broken;
mod check;
mod crates;
mod formats;
mod places;
mod project;
mod review;
mod together;
