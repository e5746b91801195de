//! The engine beside `irad`: LLVM and Enzyme for one request from standard input.

use std::io::{self, BufWriter};

fn main() -> io::Result<()> {
    // A pipe may refuse to grow; it is as good as it was.
    let _ = rustix::pipe::fcntl_setpipe_size(io::stdout(), 1 << 20);
    ad_pass::serve(
        io::stdin().lock(),
        BufWriter::with_capacity(1 << 16, io::stdout()),
    )
}
