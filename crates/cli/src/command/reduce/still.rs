//! The test that llvm-reduce runs on each candidate.

use std::fs;
use std::path::Path;

use super::args::TestArgs;
use super::wanted::{BEST, OWNER, WANTED, Wanted, cannot, write};
use crate::exit;
use crate::failure::Failure;
use crate::output::Global;

/// Runs the test: exit code 0 when the candidate does what it should.
pub fn still_fails(args: &TestArgs, global: &Global) -> Result<u8, Failure> {
    let read = |path: &Path| fs::read(path).map_err(|error| cannot("read", path, &error));
    // Whoever asked for this may be gone without having said so; then nothing is worth a try.
    let owner = String::from_utf8_lossy(&read(&args.folder.join(OWNER))?).into_owned();
    if !Path::new("/proc").join(owner).exists() {
        let _ = fs::remove_dir_all(&args.folder);
        return Ok(exit::DIFFERS);
    }
    let path = args.folder.join(WANTED);
    let wanted: Wanted = serde_json::from_slice(&read(&path)?)
        .map_err(|error| cannot("read", &path, &error.into()))?;
    let text = read(&args.candidate)?;
    if wanted.seen(&text, global.limits())?.is_none() {
        return Ok(exit::DIFFERS);
    }
    let best = args.folder.join(BEST);
    let is_smaller = fs::metadata(&best).map_or(true, |found| found.len() > text.len() as u64);
    if is_smaller {
        let partial = args.folder.join(format!("best-{}", std::process::id()));
        write(&partial, &text)?;
        fs::rename(&partial, &best).map_err(|error| cannot("write", &best, &error))?;
    }
    Ok(exit::DONE)
}
