//! Differentiates a function, looks for a point at which the derivative is wrong, and follows both there.

use inkwell::module::Module;
use serde::{Deserialize, Serialize};
use serde_json::Map;
use trace::{
    Check, CheckFault, CheckNote, Compared, Diagnosis, Help, Iteration, Kind, Located, Mode,
    Pipeline, Problem, Runner, Values, WrongDerivative,
};

use super::super::compare::Tolerance;
use super::super::coverage::Coverage;
use super::super::derivative::{PATIENCE, choose, count_elements, feasible, table};
use super::super::guard::{Guard, confined};
use super::super::jit;
use super::super::panic::{Ended, unresolved};
use super::super::point::Point;
use super::super::run::{Derivative, Primal};
use super::super::session::{Session, Source};
use super::super::settle::settle;
use super::anatomy::Anatomy;
use super::follower::{Both, follow};
use super::values;
use crate::channel::fault;
use crate::channel::recorder::Recorder;
use crate::differentiate::derive::derive;
use crate::differentiate::derived::KnownDerivative;
use crate::ir::lookup::find;
use crate::options::Options;

/// Finds the value at which the derivative of a function goes wrong, and records it; or records the numbers on the way
/// in one execution of each line.
pub(crate) fn locate<'c>(
    source: &Source<'_, 'c>,
    module: &Module<'c>,
    options: &Options,
    check: &Check,
    numbers: Option<Iteration>,
    recorder: &Recorder,
) -> Result<(), Diagnosis> {
    feasible(&options.ad, check)?;
    let mut options = options.clone();
    options.ad.cleanup = Pipeline::None;
    let mut derived = derive(module, &options, recorder)?;
    if derived.signature.width > 1 {
        let width = derived.signature.width;
        let problem = Problem::LocateInDirections { width };
        return Err(Diagnosis::new(Kind::Inputs, problem).with_help(Help::LocateInOne));
    }
    let known = derived
        .known
        .take()
        .ok_or_else(|| Diagnosis::new(Kind::Other, Problem::NoPrimal))?;
    let damaged = match fault::asked(DAMAGE) {
        Some(seed) => damage(module, &known, &seed)?,
        None => None,
    };
    recorder.stage("compile");
    let (fresh, _) = source.load(&options.ad, &derived.names.primal)?;
    let function = find(&fresh, &derived.names.primal)?;
    let returns = function.get_type().get_return_type();
    let compiled = jit::compile_with_tangents(&fresh, &[function])?;
    let plain = llvm_shim::copy(module);
    let told = llvm_shim::copy(module);
    let primal = find(module, &known.primal)?;
    let anatomy = Anatomy::of(primal);
    let telling = jit::compile_that_tells(&told, find(&told, &known.primal)?)?;
    let telling = Primal::new(telling, returns, derived.returns.as_ref());
    llvm_shim::watch(
        primal,
        find(module, &known.derivative)?,
        options.ad.mode == Mode::Forward,
        &known.roles,
        &known.origins,
    );
    let both = Both {
        plain: Derivative::compile(&plain, &derived, function, &options.ad)?,
        telling: Derivative::compile(module, &derived, function, &options.ad)?,
    };
    both.plain.code.limit(PATIENCE);
    both.telling.code.limit(PATIENCE);
    let primal = Primal::new(compiled.code, returns, derived.returns.as_ref());
    let mut session = Session::new(primal, function, derived, check);
    let compared = compiled.compared;
    recorder.stage("run");
    // All is compiled: code of the module runs in here only.
    let (found, printed) = confined(Guard::of(check), recorder, || {
        let mut coverage = Coverage::of(compiled.blocks);
        let (plan, notes) = settle(
            session.function,
            &session.derived,
            &session.primal,
            compared,
            check,
        )?;
        let mut settled = trace::Checked::default();
        let chosen = choose(&mut session, check, &plan, &mut coverage, &mut settled)?;
        if let Some(iteration) = numbers {
            let first = chosen.first().map(|(_, point)| point);
            let mut values = values::tell(&session, &telling, &both.telling, first, iteration)?;
            values.notes = notes;
            return Ok(Found::Values(values));
        }
        let mut located = search(&mut session, &anatomy, &known, &telling, &both, chosen)?;
        located.seed = check.seed;
        located.notes.splice(0..0, notes);
        Ok(Found::Place(Box::new(located)))
    })?;
    match found {
        Found::Place(mut located) => {
            located.notes.extend(damaged);
            located.notes.extend(printed);
            recorder.found(*located);
        }
        Found::Values(mut values) => {
            values.notes.extend(printed);
            recorder.values(values);
        }
    }
    Ok(())
}

/// The fault under which the derivative is damaged: `17@damage`, where 17 says how.
const DAMAGE: &str = "damage";

/// Damages the derivative, and says what was done.
fn damage(
    module: &Module<'_>,
    known: &KnownDerivative,
    seed: &str,
) -> Result<Option<CheckNote>, Diagnosis> {
    let derivative = find(module, &known.derivative)?;
    let done = llvm_shim::damage(derivative, &known.roles, seed.parse().unwrap_or(0));
    Ok(done.map(|(line, what)| CheckNote::Damaged {
        line,
        of: known.explained.derivative[line as usize - 1]
            .of
            .unwrap_or(0),
        what,
    }))
}

/// What was found behind the door.
#[derive(Serialize, Deserialize)]
enum Found {
    Place(Box<Located>),
    Values(Values),
}

/// As many points at which the derivative is wrong are followed at most.
const FOLLOWED: usize = 4;

/// Looks for a point at which the derivative is wrong, and follows it there.
fn search(
    session: &mut Session<'_>,
    anatomy: &Anatomy,
    known: &KnownDerivative,
    telling: &Primal<'_>,
    both: &Both<'_>,
    chosen: Vec<(u32, Point)>,
) -> Result<Located, Diagnosis> {
    let mut out = Located::default();
    let mut agreed = 0;
    let mut tried = 0;
    if let Some((_, first)) = chosen.first() {
        session.bits = session.bits.min(first.bits());
        out.inputs = inputs(first);
    }
    for (_, point) in &chosen {
        out.points += 1;
        let (wrong, faults) = match point.compare(session, &both.plain) {
            Ok((pairs, faults)) => {
                let elements = count_elements(session, point);
                let tolerance = Tolerance::of(session.bits);
                let parts = table(session, &pairs, &elements, tolerance, true);
                out.derivatives += parts.iter().map(|part| part.compared).sum::<u64>();
                let agrees = |part: &Compared| {
                    part.judgement == trace::Judgement::Agrees && part.compared > part.zeros
                };
                agreed += u64::from(parts.iter().any(agrees));
                (worst(&parts), faults)
            }
            Err(Ended::Missing(symbols)) => return Err(unresolved(&symbols)),
            Err(ended) => {
                let how = ended.problem(Runner::Derivative);
                (None, vec![CheckFault::Ended { how }])
            }
        };
        if wrong.is_none() && faults.is_empty() {
            continue;
        }
        let ended = faults
            .iter()
            .any(|fault| matches!(fault, CheckFault::Ended { .. }));
        tried += 1;
        let (place, followed) = follow(session, anatomy, known, telling, both, point, ended);
        let is_better = out.place.is_none() && (place.is_some() || tried == 1);
        if is_better {
            out.inputs = inputs(point);
            out.wrong = wrong;
            out.faults = faults;
            out.place = place;
            out.followed = followed;
        }
        if out.place.is_some() || tried >= FOLLOWED || ended {
            break;
        }
    }
    out.right = tried == 0 && agreed > 0;
    Ok(out)
}

fn inputs(point: &Point) -> Map<String, serde_json::Value> {
    point.values().into_iter().collect()
}

/// The derivative that is the most wrong.
fn worst(parts: &[Compared]) -> Option<WrongDerivative> {
    let wrong = parts.iter().filter(|part| part.judgement.is_failure());
    let worst = wrong.max_by(|a, b| a.relative.total_cmp(&b.relative))?;
    let worst = worst.worst.as_ref()?;
    Some(WrongDerivative {
        place: worst.place.clone(),
        derivative: worst.derivative,
        reference: worst.reference,
    })
}
