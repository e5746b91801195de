//! What hears the engine in tests.

use std::io::{self, Write};
use std::process;

/// Hears the engine's events. Its refusals end the process as a success, and would end the tests as
/// one.
pub struct Refusals;

impl Write for Refusals {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.starts_with(br#"{"failed":"#) {
            // Not by `eprintln`, which is kept back for tests that come to an end.
            let mut errors = io::stderr();
            let _ = errors.write_all(b"refused: ");
            let _ = errors.write_all(bytes);
            process::abort();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
