//! Takes the files and the command out of a page.

use std::fs;
use std::path::Path;

use report::Bundle;
use session::shell;

use crate::exit;
use crate::failure::Failure;
use crate::output::{write_file, write_stdout};

/// The script that runs the command.
const SCRIPT: &str = "again.sh";

/// Writes what a page carries into a folder.
pub fn extract(page: &Path, folder: &Path) -> Result<u8, Failure> {
    let origin = page.display();
    let text = fs::read_to_string(page)
        .map_err(|error| Failure::usage("read", format!("cannot read {origin}: {error}")))?;
    let bundle = Bundle::of_page(&text).map_err(|error| {
        Failure::usage("page", format!("{origin}: {error}"))
            .help("irad report FILE --fn F --mode M -o PAGE.html writes a page")
    })?;
    let mut written = String::new();
    let mut write = |path: &str, bytes: &[u8]| -> Result<(), Failure> {
        let path = folder.join(path);
        if let Some(above) = path.parent() {
            fs::create_dir_all(above).map_err(|error| {
                Failure::usage("write", format!("cannot make {}: {error}", above.display()))
            })?;
        }
        write_file(&path, bytes, &[page])?;
        written.push_str(&format!("{}\n", path.display()));
        Ok(())
    };
    for (path, bytes) in bundle.files() {
        write(path, &bytes)?;
    }
    let mut script = String::from("#!/bin/sh\n# Makes the page again. It was made with\n");
    for (what, version) in &bundle.versions {
        let version = version.replace(char::is_control, " ");
        script.push_str(&format!("#   {what} {version}\n"));
    }
    script.push_str("cd \"$(dirname \"$0\")\" || exit 2\n");
    script.push_str(&shell::line(&bundle.command));
    script.push('\n');
    write(SCRIPT, script.as_bytes())?;
    write_stdout(written.as_bytes())?;
    Ok(exit::DONE)
}
