//! Painters: what takes rows and makes something to look at. They know no IR.

mod ansi;
mod painter;
mod palette;
mod plain;

pub use ansi::AnsiPaint;
pub use painter::Paint;
pub use plain::PlainPaint;
