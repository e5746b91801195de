//! Which run is shown: another function's, a function that is called, the same once more.

use diff_view::{TokenKind, lex};

use crate::effect::Effect;
use crate::model::Model;
use crate::run::{Ask, Run, Status};
use crate::story::Story;
use crate::view::View;

/// Shows another function, differentiated as the one that is shown is.
pub fn open_function(
    model: &mut Model,
    symbol: String,
    ad: Option<trace::AdOptions>,
) -> Vec<Effect> {
    let known = model
        .runs
        .iter()
        .position(|run| run.ask.symbol == symbol && run.ask.ad == ad);
    if let Some(run) = known {
        go_to_run(model, run);
        return Vec::new();
    }
    let ask = Ask {
        file: model.file.clone(),
        symbol,
        ad,
        is_saved: false,
    };
    start(model, ask)
}

/// Begins a run and shows it.
pub fn start(model: &mut Model, ask: Ask) -> Vec<Effect> {
    let trace = empty_trace();
    let run = model.show_run(Run::new(ask.clone(), Story::of(trace, None)));
    go_to_run(model, run);
    vec![Effect::Start(run, ask)]
}

/// A run of which nothing is known yet.
pub fn empty_trace() -> trace::Trace {
    trace::Collector::new(trace::Request {
        source: String::new(),
        task: trace::Task::Disassemble,
        llvm_options: Vec::new(),
        limits: trace::Limits::default(),
    })
    .finish()
}

fn go_to_run(model: &mut Model, run: usize) {
    let kept = model.view.clone();
    model.view = View {
        settings: kept.settings,
        gutters: kept.gutters,
        colours: kept.colours,
        kinds: kept.kinds,
        ..View::of(run)
    };
    model.forget_items();
}

/// The run of a function that the line at the cursor calls.
pub(crate) fn descend(model: &mut Model) -> Vec<Effect> {
    let Some(text) = model.text_at_cursor() else {
        return Vec::new();
    };
    let tokens = lex(&text);
    let calls = tokens
        .iter()
        .any(|token| matches!(token.text, "call" | "invoke"));
    let callee = tokens
        .iter()
        .find(|token| token.kind == TokenKind::Global && token.text != "@");
    let (true, Some(callee)) = (calls, callee) else {
        model.say("no call stands on this line");
        return Vec::new();
    };
    let symbol = callee.name().to_owned();
    let Some(run) = model.run() else {
        return Vec::new();
    };
    if run.ask.is_saved {
        model.warn("a saved run holds one function; open the IR to descend");
        return Vec::new();
    }
    if model.functions.of_symbol(&symbol).is_none() {
        let path = ir_load::demangle(&symbol).into_owned();
        model.warn(format!("{path} has no code in this file"));
        return Vec::new();
    }
    let ad = run.ask.ad.clone();
    model.back.push(model.view.clone());
    open_function(model, symbol, ad)
}

pub(crate) fn again(model: &mut Model) -> Vec<Effect> {
    let number = model.view.run;
    let Some(run) = model.runs.get_mut(number) else {
        return Vec::new();
    };
    if run.ask.is_saved || run.status == Status::Working {
        return Vec::new();
    }
    let ask = run.ask.clone();
    vec![Effect::Start(number, ask)]
}
