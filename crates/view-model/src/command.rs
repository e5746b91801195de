//! The command line that shows what a view shows.

use session::{ad_flags, shell};

use crate::code::{Shape, Source};
use crate::model::Model;
use crate::run::Ask;
use crate::view::Colours;

/// The command line that shows what the view shows.
pub fn of(model: &Model) -> String {
    let Some(run) = model.run() else {
        return shell::line(&["irad".to_owned(), "list".to_owned(), model.file.clone()]);
    };
    let state = |at: usize| run.story.states.get(at).map(|state| state.id.clone());
    let at = model.view.at;
    if run.ask.ad.is_none() && !run.ask.is_saved {
        return shell::line(&with("show", &run.ask, &[]));
    }
    let mut extra = Vec::new();
    let flag = |extra: &mut Vec<String>, name: &str, value: Option<String>| {
        if let Some(value) = value {
            extra.extend([name.to_owned(), value]);
        }
    };
    if model.view.pairing.is_some() {
        let mut extra = vec!["--pairs".to_owned()];
        extra.extend(colours(model));
        return shell::line(&with("explain", &run.ask, &extra));
    }
    match model.view.pin {
        Some((own, pinned)) if own == model.view.run => {
            flag(&mut extra, "--from", state(pinned.min(at)));
            flag(&mut extra, "--to", state(pinned.max(at)));
        }
        Some((other, _)) => {
            let modes = (
                run.ask.mode(),
                model.runs.get(other).and_then(|run| run.ask.mode()),
            );
            if let (Some(own), Some(theirs)) = modes
                && own != theirs
            {
                let mut extra = vec!["--against-mode".to_owned(), theirs.to_string()];
                extra.extend(colours(model));
                return shell::line(&with("diff", &run.ask, &extra));
            }
        }
        None if at == 0 => flag(&mut extra, "--to", state(0)),
        None => flag(&mut extra, "--step", state(at)),
    }
    if model.view.settings.source != Source::Hidden {
        extra.push("--source".to_owned());
    }
    if model.view.settings.show == diff_view::Show::All {
        extra.extend(["--show".to_owned(), "all".to_owned()]);
    }
    let layout = match model.view.settings.shape {
        Shape::Split => &["--layout", "split"][..],
        _ => &[],
    };
    extra.extend(layout.iter().map(|&word| word.to_owned()));
    extra.extend(colours(model));
    shell::line(&with("passes", &run.ask, &extra))
}

/// The flag for what the colours of code mean, where that is not what it usually is.
fn colours(model: &Model) -> Vec<String> {
    match model.view.colours {
        Colours::Syntax => Vec::new(),
        Colours::Roles => vec!["--colour-by".to_owned(), "roles".to_owned()],
    }
}

/// A command about what a run is of.
fn with(command: &str, ask: &Ask, extra: &[String]) -> Vec<String> {
    let mut words = vec!["irad".to_owned(), command.to_owned(), ask.file.clone()];
    if !ask.is_saved {
        words.extend([
            "--fn".to_owned(),
            ir_load::demangle(&ask.symbol).into_owned(),
        ]);
        if let Some(ad) = &ask.ad {
            words.extend(["--mode".to_owned(), ad.mode.to_string()]);
            words.extend(ad_flags::arguments(ad));
        }
    }
    words.extend_from_slice(extra);
    words
}
