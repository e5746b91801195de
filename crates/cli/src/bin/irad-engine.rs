//! `irad-engine`: fulfils one request that `irad` hands it, and ends.
//!
//! Requests come and events leave by one socket, which is standard input at the start. LLVM prints on
//! standard output and standard error as it likes. With `--enzyme` it says where the archive lies that Enzyme was
//! linked from, and ends.

use std::env;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

fn main() -> io::Result<()> {
    if env::args_os().nth(1).is_some_and(|word| word == "--enzyme") {
        println!("{}", ad_pass::ENZYME_LIB_DIR);
        return Ok(());
    }
    let channel = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    // Whoever reads standard input from here on finds its end, and not the socket.
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    ad_pass::serve(channel.try_clone()?, channel)
}
