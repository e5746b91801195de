//! What the page's script is told of a run beside its lines.

use std::collections::HashMap;

use serde::Serialize;
use trace::{AdRole, Point};
use view_model::lay::number;
use view_model::story::Change;
use view_model::types;

use crate::page::Run;
use crate::source::Excerpt;
use crate::steps::{Encoded, Main};

/// What the script is told of a run.
#[derive(Serialize)]
pub struct Told<'a> {
    function: &'a str,
    what: &'a str,
    request: &'a str,
    states: Vec<State<'a>>,
    functions: Vec<String>,
    points: Points,
    /// By the number of the instruction, from 1.
    primal: Vec<Instruction>,
    main: Option<&'a Main>,
    sources: &'a [Excerpt],
    /// For each line of the primal that is shown: excerpt and line.
    places: &'a [Option<(usize, u32)>],
    failure: &'a [String],
    /// Passes that ran and changed nothing.
    quiet: usize,
    blocks: usize,
}

#[derive(Serialize)]
struct State<'a> {
    i: &'a str,
    s: &'a str,
    g: &'a str,
    /// Which function.
    f: usize,
    /// 0 nothing, 1 attributes, 2 code.
    k: u8,
    a: usize,
    r: usize,
    /// Instructions by role, those of which it is not known first.
    n: Vec<usize>,
}

#[derive(Serialize)]
struct Points {
    prepared: Option<usize>,
    primal: Option<usize>,
    derivative: Option<usize>,
    last: Option<usize>,
}

#[derive(Serialize)]
struct Instruction {
    /// Its type, short and in full.
    t: String,
    tree: String,
    /// It is active.
    act: bool,
    /// `kept`, `anew`, `used`, or nothing.
    c: &'static str,
    why: Vec<String>,
    /// Its value, its derivative, and how often it ran.
    v: Option<String>,
    d: Option<String>,
    x: u64,
}

/// What the script is told of a run.
pub fn told<'a>(run: &'a Run<'_>, encoded: &'a Encoded) -> Told<'a> {
    let story = run.story;
    let mut functions: Vec<&str> = Vec::new();
    let states = story.states.iter().zip(&encoded.states);
    let states = states
        .map(|(state, known)| {
            let at = functions.iter().position(|name| *name == state.function);
            let f = at.unwrap_or_else(|| {
                functions.push(&state.function);
                functions.len() - 1
            });
            let (k, a, r) = match known.change {
                Change::Real { added, removed } => (2, added, removed),
                Change::Attributes => (1, 0, 0),
                Change::Nothing | Change::Unknown => (0, 0, 0),
            };
            let count = |role: AdRole| {
                let found = known.roles.known.iter().find(|(own, _)| *own == role);
                found.map_or(0, |(_, count)| *count)
            };
            let mut n = vec![known.roles.unknown];
            n.extend(AdRole::ALL.into_iter().map(count));
            State {
                i: &state.id,
                s: &state.short,
                g: &state.stage,
                f,
                k,
                a,
                r,
                n,
            }
        })
        .collect();
    let points = Points {
        prepared: story.at_point(Point::Prepared),
        primal: story.at_point(Point::Preprocessed),
        derivative: story.at_point(Point::Derivative),
        last: story.at_point(Point::Final),
    };
    Told {
        function: &run.function,
        what: &run.what,
        request: &run.request,
        states,
        functions: functions
            .into_iter()
            .map(|name| diff_view::printable(&ir_load::demangle(name)).into_owned())
            .collect(),
        points,
        primal: instructions(run),
        main: encoded.main.as_ref(),
        sources: &run.sources.excerpts,
        places: &run.sources.places,
        failure: &run.said.failure,
        quiet: story
            .trace
            .steps
            .iter()
            .filter(|step| step.changed.is_empty())
            .count(),
        blocks: encoded.blocks.len(),
    }
}

/// What is known of each instruction of the primal.
fn instructions(run: &Run<'_>) -> Vec<Instruction> {
    let trace = &run.story.trace;
    let Some(explained) = &trace.explained else {
        return Vec::new();
    };
    let numbers = trace.values.iter().flat_map(|values| &values.lines);
    let numbers: HashMap<u32, _> = numbers.map(|line| (line.line, line)).collect();
    let instructions = (1..).zip(&explained.primal);
    instructions
        .map(|(at, found)| {
            let values = numbers.get(&at);
            Instruction {
                t: types::short(&found.known.ty),
                tree: found.known.ty.clone(),
                act: found.propagates || found.known.active && !found.known.ty.is_empty(),
                c: match (found.cached, found.recomputed, found.used) {
                    (true, ..) => "kept",
                    (_, true, _) => "anew",
                    (_, _, true) => "used",
                    _ => "",
                },
                why: found
                    .because
                    .iter()
                    .map(|kind| {
                        let words = ir_load::demangle_words(&kind.to_string());
                        diff_view::printable(&words).into_owned()
                    })
                    .collect(),
                v: values.map(|line| number(line.value)),
                d: values.and_then(|line| line.derivative).map(number),
                x: values.map_or(0, |line| line.executions),
            }
        })
        .collect()
}
