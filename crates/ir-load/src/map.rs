//! A file's bytes: mapped when there are many of them, else read.
#![allow(
    unsafe_code,
    reason = "mapping a file is unsafe, and this file does nothing else"
)]

use std::fs::File;
use std::io::{self, Read};
use std::ops::Deref;
use std::path::Path;

use memmap2::Mmap;

/// Bytes that stay where they are.
#[derive(Debug)]
pub(crate) enum Bytes {
    Read(Vec<u8>),
    Mapped(Mmap),
}

/// From this size on, a file is mapped. Below it, a copy costs less than a millisecond and is safe
/// from whoever else writes to the file.
const LARGE: u64 = 4 << 20;

impl Bytes {
    /// Reads or maps a file. Pipes and devices are read.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_file() && metadata.len() >= LARGE {
            // SAFETY: the mapping is private and read-only, and is only ever seen as bytes of which
            // nothing is assumed but their number. Whoever changes the file meanwhile changes what
            // is read, and whoever cuts it off ends this process with SIGBUS, as they would end any
            // program that maps its input, LLVM's own among them: nothing is left half-written by
            // that, because output is written to a file of its own and renamed.
            let mapped = unsafe { Mmap::map(&file) };
            // A file system that cannot map can still read.
            if let Ok(mapped) = mapped {
                return Ok(Bytes::Mapped(mapped));
            }
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(Bytes::Read(bytes))
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Read(bytes) => bytes,
            Bytes::Mapped(mapped) => mapped,
        }
    }
}
