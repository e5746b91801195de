//! What a key does to the model. Nothing here waits, and nothing here looks at more than there is on the screen.

pub mod against;
pub mod facts;
pub mod keys;
pub mod lines;
pub mod mouse;
pub mod pairs;
pub mod prompt;
pub mod reading;
pub mod runs;
pub mod shown;
pub mod sight;
pub mod steps;
pub mod text;
