//! Talks: on the stage, their notes, and a rehearsal.

use std::path::Path;

use explore::stage::{self, Lights, StageError};
use view_model::talk::TalkError;

use super::args::Args;
use super::words::CommandWords;
use crate::exit;
use crate::failure::Failure;
use crate::output::{Global, write_stdout};
use crate::terminal;

/// Does what was asked with a talk; none where no talk was named.
pub fn run(args: &Args, global: &Global, ascii: bool) -> Option<Result<u8, Failure>> {
    let done = |shown: Result<(), StageError>| shown.map(|()| exit::DONE).map_err(failure);
    if let Some(talk) = &args.rehearse {
        return Some(rehearse(talk));
    }
    let (talk, is_stage) = match (&args.present, &args.notes) {
        (Some(talk), _) => (talk, true),
        (_, Some(talk)) => (talk, false),
        _ => return None,
    };
    let is_dark = terminal::is_dark();
    let lights = Lights {
        theme: global.stdout_colour().then(|| global.theme_on(is_dark)),
        is_dark,
        ascii,
    };
    Some(match is_stage {
        true => done(stage::present(talk, &CommandWords, &lights)),
        false => done(stage::notes(talk, &lights)),
    })
}

fn rehearse(talk: &Path) -> Result<u8, Failure> {
    let (count, faults) = stage::rehearse(talk, &CommandWords).map_err(failure)?;
    let mut text = String::new();
    for fault in &faults {
        text.push_str(&format!(
            "screen {}, {}: {}\n",
            fault.screen, fault.title, fault.words
        ));
    }
    text.push_str(&match faults.len() {
        0 => format!("{count} screens: every name means something, and all fit 80 by 24\n"),
        1 => format!("{count} screens, 1 fault\n"),
        several => format!("{count} screens, {several} faults\n"),
    });
    write_stdout(text.as_bytes())?;
    Ok(if faults.is_empty() {
        exit::DONE
    } else {
        exit::DIFFERS
    })
}

fn failure(error: StageError) -> Failure {
    let title = error.to_string();
    match error {
        StageError::Run(error) => Failure::from(error),
        StageError::Talk(TalkError::Form { .. }) => {
            Failure::usage("talk", title).help("docs/talks.md describes the form of a talk")
        }
        StageError::Talk(_) | StageError::Terminal(_) => Failure::usage("talk", title),
        StageError::NoTerminal => Failure::usage("terminal", title)
            .help("irad explore --rehearse checks a talk without one"),
    }
}
