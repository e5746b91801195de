//! The numbers that a primal and its derivative have on the way, in one execution of each line.

use std::collections::BTreeMap;

use llvm_shim::SeenKind;
use trace::{Activity, Diagnosis, Iteration, LineNumbers, Mode, NotFinite, Runner, Values};

use super::super::compare::is_active;
use super::super::exact::exact;
use super::super::point::Point;
use super::super::run::{Derivative, Primal};
use super::super::session::Session;
use super::super::sweeps::Seeds;
use super::log::Log;

/// Runs both at a point. In reverse mode every result has a seed of one; in forward mode every input with a tangent
/// moves by one.
pub(super) fn tell(
    session: &Session<'_>,
    primal: &Primal<'_>,
    derivative: &Derivative<'_>,
    point: Option<&Point>,
    iteration: Iteration,
) -> Result<Values, Diagnosis> {
    let point = point.expect("a check has a point, or ends before");
    let floats = point.image().floats.iter().enumerate();
    let mode = session.derived.signature.mode;
    let moving: Vec<(usize, f64)> = floats
        .filter(|(_, float)| {
            let activity: Activity = session.parameter(float.parameter).activity;
            is_active(activity) && !float.is_result
        })
        .map(|(at, _)| (at, 1.0))
        .collect();
    let (ran, primal) = Log::of(|| exact(primal, point.image(), &moving, std::iter::empty()));
    ran.map_err(|ended| ended.diagnosis(Runner::Primal, &[]))?;
    let (_, derived) = Log::of(|| match mode {
        Mode::Reverse => {
            let seeds = point.outputs.iter().map(|(at, _)| (*at, 1.0));
            let seeds: Vec<(usize, f64)> = seeds.collect();
            let seeds = Seeds {
                returned: vec![1.0; derivative.seeds()],
                memory: seeds,
            };
            let both = (derivative, &session.derived);
            point.adjoints(both, &[seeds]).map(|_| ())
        }
        Mode::Forward => point.tangents(derivative, &[&moving[..]]).map(|_| ()),
    });
    let kind = match mode {
        Mode::Reverse => SeenKind::Adjoint,
        Mode::Forward => SeenKind::Tangent,
    };
    let mut by_line: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (at, event) in primal.events.iter().enumerate() {
        if matches!(event.kind, SeenKind::Value | SeenKind::Store) {
            by_line.entry(event.number).or_default().push(at);
        }
    }
    let lines = by_line
        .iter()
        .map(|(&line, all)| {
            let nth = match iteration {
                Iteration::First => 0,
                Iteration::Last => all.len() - 1,
                Iteration::Number(number) => {
                    usize::try_from(number).map_or(all.len(), |at| at.min(all.len())) - 1
                }
            };
            let told = derived.of_line(kind, line);
            let turn = match mode {
                // The reverse sweep comes to the last execution first.
                Mode::Reverse => told.get(all.len() - 1 - nth),
                Mode::Forward => told.get(nth),
            };
            LineNumbers {
                line,
                execution: nth as u64 + 1,
                executions: all.len() as u64,
                value: primal.events[all[nth]].value,
                derivative: turn.map(|&at| derived.events[at].value),
            }
        })
        .collect();
    Ok(Values {
        inputs: point.values().into_iter().collect(),
        iteration,
        lines,
        not_finite: not_finite(&primal, &derived, mode),
        notes: Vec::new(),
    })
}

/// The first number that is not finite: of the primal, or else of the derivative.
fn not_finite(primal: &Log, derived: &Log, mode: Mode) -> Option<NotFinite> {
    let bad = |log: &Log, wanted: &[SeenKind]| {
        log.events
            .iter()
            .position(|event| wanted.contains(&event.kind) && !event.value.is_finite())
    };
    if let Some(at) = bad(primal, &[SeenKind::Value, SeenKind::Store]) {
        return Some(NotFinite {
            line: primal.events[at].number,
            execution: primal.execution(at) as u64,
            is_derivative: false,
        });
    }
    let at = bad(derived, &[SeenKind::Adjoint, SeenKind::Tangent])?;
    let line = derived.events[at].number;
    let nth = derived.execution(at) as u64;
    let ran = primal.of_line(SeenKind::Value, line).len() as u64;
    Some(NotFinite {
        line,
        execution: match mode {
            Mode::Reverse => (ran + 1).saturating_sub(nth),
            Mode::Forward => nth,
        },
        is_derivative: true,
    })
}
