//! What an explorer of a run shows, and what a key does to that. Nothing here knows a terminal.
//!
//! A [`Model`] holds runs and a [`View`] of one of them. [`press`] says what a key does to it and what it asks of
//! the world outside; [`screen`] makes rows at places of it, for a painter.

pub mod big;
pub mod code;
pub mod command;
pub mod comparison;
pub mod effect;
pub mod functions;
pub mod geometry;
pub mod glyphs;
pub mod growth;
pub mod help;
pub mod key;
pub mod lay;
pub mod links;
pub mod marks;
pub mod model;
pub mod notes;
pub mod overlay;
pub mod parting;
pub mod press;
pub mod ready;
pub mod roles;
pub mod run;
pub mod screen;
pub mod stage;
pub mod story;
pub mod talk;
pub mod timeline;
pub mod types;
pub mod view;

pub use comparison::Comparison;
pub use effect::Effect;
pub use key::{Key, TextKey};
pub use model::Model;
pub use press::keys::press;
pub use screen::placed::Screen;
pub use screen::whole::screen;
pub use view::View;
