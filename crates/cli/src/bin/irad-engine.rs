//! `irad-engine`: fulfils one request that `irad` hands it on standard input, and ends.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;

fn main() -> io::Result<()> {
    let stdout = io::stdout();
    // A pipe may refuse to grow; it is as good as it was.
    let _ = rustix::pipe::fcntl_setpipe_size(&stdout, 1 << 20);
    // Not the standard library's own handle, which looks for line ends in what passes.
    let events = File::from(stdout.as_fd().try_clone_to_owned()?);
    ad_pass::serve(io::stdin().lock(), events)
}
