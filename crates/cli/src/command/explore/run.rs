//! What `irad explore` does, from arguments to exit code.

use std::env;
use std::path::Path;

use explore::{ExploreError, Start};
use session::engine;
use trace::Mode;

use super::args::Args;
use super::record::record;
use super::stage;
use super::words::CommandWords;
use crate::args::function::function_name;
use crate::exit;
use crate::failure::Failure;
use crate::output::{Global, write_stdout};
use crate::terminal;

/// Runs it.
pub fn run(args: &Args, global: &Global) -> Result<u8, Failure> {
    // A wrong name is said before anything is begun.
    global.theme()?;
    if let Some(done) = stage::run(args, global, is_ascii()) {
        return done;
    }
    let file = args.file.as_deref().expect("clap asks for it");
    if let Some(out) = &args.record {
        return record(args, file, out, global);
    }
    let start = start(args, file, global)?;
    if args.plain {
        let mut text = String::new();
        let told = explore::plain(&start, &CommandWords, &mut |line| {
            text.push_str(line);
            text.push('\n');
        });
        write_stdout(text.as_bytes())?;
        return told
            .map(|()| exit::DONE)
            .map_err(|error| failure(error, file));
    }
    engine::warm_up(false);
    explore::run(start, &CommandWords)
        .map(|()| exit::DONE)
        .map_err(|error| failure(error, file))
}

fn start(args: &Args, file: &Path, global: &Global) -> Result<Start, Failure> {
    let is_dark = if args.plain {
        None
    } else {
        terminal::is_dark()
    };
    let colours = global.stdout_colour();
    Ok(Start {
        path: file.to_owned(),
        module: args.module,
        function: args.function.given().map(str::to_owned),
        mode: args.mode.map(Mode::from),
        ad: args.ad.options.clone(),
        checking: args.checking.checking()?,
        inputs: args.checking.inputs.check()?,
        slicing: args.slicing.slicing(),
        limits: global.limits(),
        watch: args.watch,
        theme: colours.then(|| global.theme_on(is_dark).to_owned()),
        is_dark,
        ascii: is_ascii(),
    })
}

/// True where the locale says nothing of Unicode.
fn is_ascii() -> bool {
    let said = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| {
        let value = env::var(name).ok()?;
        (!value.is_empty()).then_some(value)
    });
    let said = said.unwrap_or_default().to_lowercase();
    !(said.contains("utf-8") || said.contains("utf8"))
}

fn failure(error: ExploreError, file: &Path) -> Failure {
    let title = error.to_string();
    match error {
        ExploreError::Session(error) => Failure::from(error),
        ExploreError::NoFunction => match function_name(None) {
            Err(failure) => failure,
            Ok(_) => Failure::usage("usage", title),
        },
        ExploreError::NoTerminal => Failure::usage("terminal", title).help(format!(
            "irad passes {} prints the steps, and irad explore --plain tells them line by line",
            file.display()
        )),
        ExploreError::Terminal(_) => Failure::usage("terminal", title),
    }
}
