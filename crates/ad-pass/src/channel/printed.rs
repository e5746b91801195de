//! What LLVM and Enzyme print, line by line, as it comes.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;

/// Both standard streams of this process, read from behind.
pub(crate) struct Printed([Stream; 2]);

/// A standard stream that is a file, and how much of it has been read.
struct Stream {
    file: File,
    read: u64,
}

impl Printed {
    /// What is printed from now on, if it goes to files: of a terminal or a pipe nothing can be read.
    pub(crate) fn from_now_on() -> Option<Self> {
        let stream = |fd: io::Result<std::os::fd::OwnedFd>| {
            let file = File::from(fd.ok()?);
            let found = file.metadata().ok().filter(|found| found.is_file())?;
            Some(Stream {
                read: found.len(),
                file,
            })
        };
        Some(Printed([
            stream(io::stdout().as_fd().try_clone_to_owned())?,
            stream(io::stderr().as_fd().try_clone_to_owned())?,
        ]))
    }

    /// The whole lines that have come since this was called last.
    pub(crate) fn lines(&mut self) -> Vec<String> {
        llvm_shim::flush_output();
        self.0.iter_mut().flat_map(Stream::lines).collect()
    }
}

impl Stream {
    fn lines(&mut self) -> Vec<String> {
        let length = self.file.metadata().map_or(0, |found| found.len());
        if length <= self.read {
            return Vec::new();
        }
        let mut bytes = vec![0; usize::try_from(length - self.read).unwrap_or_default()];
        if self.file.read_exact_at(&mut bytes, self.read).is_err() {
            return Vec::new();
        }
        // The rest of a line is on its way.
        let end = bytes.iter().rposition(|&byte| byte == b'\n');
        let whole = end.map_or(0, |end| end + 1);
        self.read += whole as u64;
        String::from_utf8_lossy(&bytes[..whole])
            .lines()
            .map(str::to_owned)
            .collect()
    }
}
