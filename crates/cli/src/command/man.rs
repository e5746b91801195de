//! `irad man`: manual pages, made from the same definitions as `--help`.

use std::fs;
use std::path::PathBuf;

use clap::Command;
use clap_mangen::Man;
use diff_view::Tone;

use crate::exit;
use crate::failure::Failure;
use crate::output::{Global, write_file};
use crate::program::Program;

/// Writes manual pages into a folder: irad.1, one for each command, and cargo-irad.1.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  irad man man1")]
pub struct Args {
    /// The folder; it is made where there is none.
    pub folder: PathBuf,
}

/// Runs it.
pub fn run(args: &Args, global: &Global, program: &Program) -> Result<u8, Failure> {
    fs::create_dir_all(&args.folder).map_err(|error| {
        Failure::usage(
            "write",
            format!("cannot make the folder {}: {error}", args.folder.display()),
        )
    })?;
    let mut program = (program.definition)().disable_help_subcommand(true);
    program.build();
    let mut pages = vec![("irad".to_owned(), program.clone())];
    for command in program.get_subcommands().filter(|c| !c.is_hide_set()) {
        pages.push((format!("irad-{}", command.get_name()), command.clone()));
        // `cargo help irad` looks for this one.
        if command.get_name() == "cargo" {
            pages.push(("cargo-irad".to_owned(), command.clone()));
        }
    }
    let mut canvas = global.canvas(None);
    for (name, command) in pages {
        let path = args.folder.join(format!("{name}.1"));
        write_file(&path, &page(&name, command)?, &[])?;
        canvas.line(&path.display().to_string(), Tone::Plain.style());
    }
    global.print(&canvas.finish())?;
    Ok(exit::DONE)
}

fn page(name: &str, command: Command) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    // Without a date the same program writes the same pages.
    Man::new(command.display_name(name.to_owned()))
        .title(name.to_uppercase())
        .manual("irad")
        .source(format!("irad {}", env!("CARGO_PKG_VERSION")))
        .render(&mut text)
        .map_err(|error| Failure::usage("write", error.to_string()))?;
    Ok(text)
}
