//! `irad-engine-22`: fulfils one request that `irad` hands it, with LLVM 22, and ends.

fn main() -> std::io::Result<()> {
    ad_pass::program()
}
