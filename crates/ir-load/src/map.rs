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
    /// Reads or maps a file. Pipes and devices are read; `None` for one that does not end.
    pub(crate) fn of(path: &Path) -> io::Result<Option<Self>> {
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_file() && metadata.len() >= LARGE {
            tell_of_changes();
            // SAFETY: the mapping is private and read-only, and is only ever seen as bytes of which
            // nothing is assumed but their number. Whoever changes the file meanwhile changes what
            // is read, and whoever cuts it off ends this process with SIGBUS, which says so: nothing is
            // left half-written by that, because output is written to a file of its own and renamed.
            let mapped = unsafe { Mmap::map(&file) };
            // A file system that cannot map can still read.
            if let Ok(mapped) = mapped {
                return Ok(Some(Bytes::Mapped(mapped)));
            }
        }
        Ok(read(&mut file)?.map(Bytes::Read))
    }
}

/// How much is read of what cannot be mapped, in bytes. Devices may never end.
pub(crate) const LIMIT: u64 = 1 << 30;

/// Reads to the end; `None` where that is too far away.
pub(crate) fn read(from: &mut dyn Read) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    from.take(LIMIT + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= LIMIT).then_some(bytes))
}

/// From now on, a mapped file that is cut off ends this process with words and exit code 2.
fn tell_of_changes() {
    extern "C" fn changed(_: libc::c_int) {
        const WORDS: &[u8] =
            b"error: the file changed while irad read it\n |\n = help: run the command again when it is whole\n";
        // SAFETY: both may be called where a signal is handled, and the words are a static.
        unsafe {
            libc::write(2, WORDS.as_ptr().cast(), WORDS.len());
            libc::_exit(2);
        }
    }
    // SAFETY: the handler calls nothing but what a handler may, and does not return.
    unsafe {
        libc::signal(libc::SIGBUS, changed as *const () as libc::sighandler_t);
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
