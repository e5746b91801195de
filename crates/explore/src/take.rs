//! What news do to the model.

use diff_view::{Row, Tone};
use session::error::Error;
use trace::{Task, Trace};
use view_model::functions::Functions;
use view_model::overlay::{Overlay, Prompt, PromptKind, line};
use view_model::press::runs::start;
use view_model::press::shown::needed;
use view_model::run::{Ask, Asked, Run, Status};
use view_model::story::Story;
use view_model::{Effect, Model};

use crate::engines::Engines;
use crate::news::News;
use crate::start::Words;

/// What is said has a row for each thing: it is broken, or cut, where it is shown.
const WHOLE: usize = 100_000;

/// Takes news in that are no key. What they ask for beyond the model is given back.
pub fn take(model: &mut Model, news: News, engines: &Engines, words: &dyn Words) -> Vec<Effect> {
    let width = usize::from(model.size.0).saturating_sub(8).clamp(40, 100);
    let mut effects = Vec::new();
    match news {
        News::Loaded(listed, first) => {
            model.work = None;
            model.functions = Functions::of(listed);
            effects.extend(loaded(model, first));
        }
        News::Saved(run, trace, listed, followed) => {
            model.work = None;
            let number = show_saved(model, run, *trace, followed);
            if !listed.is_empty() {
                model.functions = Functions::of(listed);
            }
            head(model, number, words);
            let run = &mut model.runs[number];
            if run.story.trace.located.is_some() && run.story.trace.explained.is_some() {
                run.located = words.located(run.story.trace.clone(), width);
            }
            effects.extend(model.measure(number));
        }
        News::Unreadable(run, error) => {
            model.work = None;
            unreadable(model, run, words.failure(&error, WHOLE));
        }
        News::Began(number, ask) => {
            if let Some(run) = model.runs.get_mut(number) {
                run.ask = ask;
                run.status = Status::Working;
            }
        }
        News::Grew(number, generation, growth) if engines.is_current(number, generation) => {
            if let Some(run) = model.runs.get_mut(number) {
                run.story.grow(*growth);
                if run.story.trace.explained.is_some() && run.roles != Asked::Here {
                    run.roles = Asked::Here;
                    run.forget_marks();
                    view_model::press::pairs::to_first_of_pair(model);
                }
                head(model, number, words);
                model.forget_items();
                effects.extend(model.measure(number));
            }
        }
        News::Ended(number, generation, error) if engines.is_current(number, generation) => {
            let why = error.as_ref().map(|error| words.failure(error, WHOLE));
            let was_stopped = error.as_ref().is_some_and(|error| is_stopped(error));
            if let Some(run) = model.runs.get_mut(number) {
                run.status = match why {
                    _ if was_stopped => Status::Stopped,
                    Some(why) => Status::Failed(why),
                    None => Status::Done,
                };
                model.forget_items();
                if let Status::Failed(why) = &model.runs[number].status {
                    let title = why
                        .first()
                        .map(|row| row.text().to_owned())
                        .unwrap_or_default();
                    let words = format!("{title} (c says more)");
                    model.warn(words);
                }
            }
            effects.extend(needed(model));
        }
        News::Checked(number, generation, verdict, remarks)
            if engines.is_current(number, generation) =>
        {
            if let Some(run) = model.runs.get_mut(number) {
                run.story.trace.remarks = remarks;
                run.story.trace.verdict = Some(*verdict);
                head(model, number, words);
            }
        }
        News::Explained(number, found) => {
            let Some(run) = model.runs.get_mut(number) else {
                return effects;
            };
            match found {
                Ok(explained) => {
                    run.story.trace.explained = Some(*explained);
                    run.roles = Asked::Here;
                    run.forget_marks();
                    view_model::press::pairs::to_first_of_pair(model);
                }
                Err(error) => {
                    run.roles = Asked::Failed;
                    failed(
                        model,
                        "what each line is there for is not known",
                        &error,
                        words,
                    );
                }
            }
        }
        News::Values(number, found) => {
            let Some(run) = model.runs.get_mut(number) else {
                return effects;
            };
            match found {
                Ok(values) => {
                    run.story.trace.values = Some(*values);
                    run.values = Asked::Here;
                }
                Err(error) => {
                    run.values = Asked::Failed;
                    failed(model, "there are no numbers", &error, words);
                }
            }
        }
        News::Located(number, found) => {
            let Some(run) = model.runs.get_mut(number) else {
                return effects;
            };
            run.locating = Asked::Here;
            match found {
                Ok(trace) => {
                    run.located = words.located(*trace, width);
                    model.overlay = Some(Overlay::of(
                        "where it goes wrong",
                        model.runs[number].located.clone(),
                    ));
                }
                Err(error) => {
                    run.locating = Asked::No;
                    failed(model, "it was not found where it goes wrong", &error, words);
                }
            }
        }
        News::Compared(found) => model.compared(found.comparison),
        _ => {}
    }
    work(model);
    effects
}

/// What is being done, for the footer.
fn work(model: &mut Model) {
    let Some(run) = model.run() else { return };
    let words = match run {
        Run {
            status: Status::Working,
            ..
        } => Some("the engine is at work"),
        Run {
            locating: Asked::Waiting,
            ..
        } => Some("looking for where it goes wrong"),
        Run {
            roles: Asked::Waiting,
            ..
        } => Some("asking what each line is there for"),
        Run {
            values: Asked::Waiting,
            ..
        } => Some("running it for the numbers"),
        _ => None,
    };
    model.work = words.map(str::to_owned);
}

/// What stands above every view of a run.
pub fn head(model: &mut Model, number: usize, words: &dyn Words) {
    if let Some(run) = model.runs.get_mut(number) {
        run.heading = words.heading(&run.story.trace, WHOLE);
    }
}

fn loaded(model: &mut Model, first: Option<Ask>) -> Vec<Effect> {
    if !model.runs.is_empty() {
        // The file has changed: what is shown is made anew.
        let asks: Vec<(usize, Ask)> = model
            .runs
            .iter()
            .map(|run| run.ask.clone())
            .enumerate()
            .collect();
        let own = model.view.run;
        let again = asks
            .into_iter()
            .filter(|(number, ask)| *number == own && !ask.is_saved);
        return again
            .map(|(number, ask)| Effect::Start(number, ask))
            .collect();
    }
    match first {
        Some(ask) => start(model, ask),
        None => {
            model.prompt = Some(Prompt {
                kind: PromptKind::Function,
                text: String::new(),
            });
            Vec::new()
        }
    }
}

fn show_saved(
    model: &mut Model,
    run: Option<usize>,
    trace: Trace,
    followed: Option<String>,
) -> usize {
    let (symbol, ad) = match &trace.request.task {
        Task::Differentiate { function, ad, .. } => (function.clone(), Some(ad.clone())),
        Task::Run { function, .. } => (followed.clone().unwrap_or_else(|| function.clone()), None),
        _ => (String::new(), None),
    };
    let file = match run.and_then(|run| model.runs.get(run)) {
        Some(known) => known.ask.file.clone(),
        None => model.file.clone(),
    };
    let ask = Ask {
        file,
        symbol,
        ad,
        is_saved: true,
    };
    let mut made = Run::new(ask, Story::of(trace, followed));
    made.status = Status::Done;
    match run {
        Some(number) if number < model.runs.len() => {
            let (pin, along) = (model.view.pin, model.view.goes_along);
            model.restart(number, made);
            (model.view.pin, model.view.goes_along) = (pin, along);
            number
        }
        _ => model.show_run(made),
    }
}

fn unreadable(model: &mut Model, run: Option<usize>, why: Vec<Row>) {
    match run.and_then(|run| model.runs.get_mut(run)) {
        Some(run) => run.status = Status::Failed(why),
        None => model.overlay = Some(Overlay::of("this cannot be read", why)),
    }
}

fn failed(model: &mut Model, what: &str, error: &Error, words: &dyn Words) {
    if is_stopped(error) {
        model.say("stopped");
        return;
    }
    let mut rows = vec![line(what, Tone::Title)];
    rows.extend(words.failure(error, WHOLE));
    model.overlay = Some(Overlay::of("the engine says", rows));
}

fn is_stopped(error: &Error) -> bool {
    matches!(error, Error::Ended(ended) if ended.cause == session::engine::EndCause::Stopped)
}
