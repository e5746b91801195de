//! Painters: what takes rows and makes something to look at. They know no IR.

mod ansi;
mod look;
mod painter;
mod palette;
mod plain;
mod roles;
mod rows;

pub use ansi::AnsiPaint;
pub use look::look;
pub use painter::Paint;
pub use plain::PlainPaint;
pub use rows::RowPaint;
