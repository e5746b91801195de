//! `irad-engine-23`: fulfils one request that `irad` hands it, with LLVM 23, and ends.

fn main() -> std::io::Result<()> {
    ad_pass::program()
}
