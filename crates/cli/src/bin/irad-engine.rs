//! The engine beside `irad`: LLVM and Enzyme for one request from standard input.

use std::io::{self, BufWriter};

fn main() -> io::Result<()> {
    ad_pass::serve(io::stdin().lock(), BufWriter::new(io::stdout()))
}
