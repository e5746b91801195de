//! Reverse mode: going back from the result, the first value whose adjoint is not right when its turn comes.

use llvm_shim::SeenKind;
use trace::{Followed, WrongOrigin, WrongPlace, WrongWhat};

use super::blame::{Use, added, lines, slope, users_of_memory, users_of_value};
use super::follow::Follow;
use super::origin;
use super::reference::Reference;

/// An adjoint that was compared.
#[derive(Clone, Copy, Debug)]
struct Compared {
    /// The place in the primal's log.
    at: usize,
    /// What the derivative has, and where it told so.
    has: Option<(f64, usize)>,
    reference: f64,
}

/// Goes back through the primal's values. No more than `affordable` of them are compared one by one.
pub(super) fn find(
    follow: &Follow<'_>,
    reference: &Reference<'_, '_>,
    affordable: usize,
    done: &mut Followed,
) -> Option<WrongPlace> {
    let events = &follow.primal.events;
    let candidates: Vec<usize> = (0..events.len())
        .rev()
        .filter(|&at| match events[at].kind {
            SeenKind::Store => true,
            SeenKind::Value => follow
                .anatomy
                .line(events[at].number)
                .is_some_and(|line| line.is_float),
            _ => false,
        })
        .collect();
    done.values = candidates.len() as u64;
    let seeds = reference.seeds.iter().map(|(_, seed)| seed);
    let mut size = seeds
        .chain(&reference.returned)
        .fold(0.0, |size: f64, seed| size.max(seed.abs()));
    // Of too many, some are compared first, and then all that lie between the last right one and the first wrong.
    let step = candidates.len().div_ceil(affordable.max(1)).max(1);
    let mut first = 0;
    for nth in (0..candidates.len()).step_by(step) {
        if let Some(wrong) = compare(follow, reference, candidates[nth], &mut size, done) {
            let found = candidates[first..nth]
                .iter()
                .find_map(|&at| compare(follow, reference, at, &mut size, done))
                .unwrap_or(wrong);
            return Some(wrong_place(follow, reference, found, size));
        }
        first = nth + 1;
    }
    None
}

/// Compares one adjoint; gives it if it is wrong.
fn compare(
    follow: &Follow<'_>,
    reference: &Reference<'_, '_>,
    at: usize,
    size: &mut f64,
    done: &mut Followed,
) -> Option<Compared> {
    let event = &follow.primal.events[at];
    let turns = follow.derived.of_line(SeenKind::Adjoint, event.number);
    let ran = follow.primal.of_line(event.kind, event.number).len();
    let execution = follow.primal.execution(at);
    let turn = turns.get(ran - execution).copied();
    // What has no place for an adjoint may have it somewhere else, unless Enzyme says that there is none.
    if turn.is_none()
        && (event.tangent == 0.0
            || (turns.is_empty() && !follow.ended && !follow.is_inactive(event.number)))
    {
        return None;
    }
    let right = reference.adjoint(event.number, execution)?;
    done.compared += 1;
    *size = size.max(right.abs());
    let has = turn.map(|turn| (follow.derived.events[turn].value, turn));
    let value = has.map_or(0.0, |(value, _)| value);
    // Adding up the other way round rounds otherwise.
    let parts = turn.map_or(0.0, |turn| {
        let window = window(follow, event.number, turn);
        let parts = added(&follow.derived, event.number, window);
        parts
            .iter()
            .map(|(_, part)| part.abs())
            .filter(|part| part.is_finite())
            .sum()
    });
    let differs = follow.near.differs(value, right, *size + parts);
    differs.then_some(Compared {
        at,
        has,
        reference: right,
    })
}

/// The positions of the derivative's log between the turn of a value before this one and this one.
fn window(follow: &Follow<'_>, number: u32, turn: usize) -> (Option<usize>, usize) {
    let before = turn
        .checked_sub(1)
        .and_then(|at| follow.derived.last(SeenKind::Adjoint, number, at));
    (before, turn)
}

fn wrong_place(
    follow: &Follow<'_>,
    reference: &Reference<'_, '_>,
    found: Compared,
    size: f64,
) -> WrongPlace {
    let event = &follow.primal.events[found.at];
    let is_store = event.kind == SeenKind::Store;
    let what = match is_store {
        true => WrongWhat::AdjointInMemory,
        false => WrongWhat::Adjoint,
    };
    let mut place = follow.place(found.at, what);
    place.derivative = found.has.map(|(value, _)| value);
    place.reference = found.reference;
    let number = event.number;
    if found.has.is_none() {
        let ended = follow.ended;
        place.rules = vec![number];
        place.origin = match (ended, follow.is_inactive(number)) {
            (true, _) => WrongOrigin::Ended,
            (false, true) => WrongOrigin::Inactive,
            (false, false) => origin::not_retraced(follow, number).unwrap_or(WrongOrigin::Unknown),
        };
        // Whoever uses the value hands nothing on.
        let uses = users(follow, found.at);
        place.rules.extend(lines(&uses));
        place.made_by = follow.made_by(&place.rules);
        return place;
    }
    let aim = Some((number, follow.primal.execution(found.at)));
    let subject = Subject {
        number,
        at: Some(found.at),
        memory: is_store.then_some((event.address, event.bytes)),
    };
    blame(
        follow,
        reference,
        &subject,
        found.has,
        &mut place,
        (aim, &[]),
        size,
    );
    place
}

fn users(follow: &Follow<'_>, at: usize) -> Vec<Use> {
    let event = &follow.primal.events[at];
    match event.kind {
        SeenKind::Store => {
            let memory = (event.address, event.bytes);
            users_of_memory(&follow.primal, memory, Some(at)).0
        }
        _ => users_of_value(follow.anatomy, &follow.primal, event.number, Some(at)),
    }
}

/// What an adjoint is of.
pub(super) struct Subject {
    /// The line, or the parameter; 0 for memory that the function was handed.
    pub(super) number: u32,
    /// Where the primal told of it.
    pub(super) at: Option<usize>,
    /// Its address and size, if it lies in memory.
    pub(super) memory: Option<(u64, u64)>,
}

/// What moves in a run of the primal: a value, by its line and execution, or the inputs.
pub(super) type Moving<'a> = (Option<(u32, usize)>, &'a [(usize, f64)]);

/// Says whose rules made a wrong adjoint, and where the wrong number comes from.
pub(super) fn blame(
    follow: &Follow<'_>,
    reference: &Reference<'_, '_>,
    subject: &Subject,
    has: Option<(f64, usize)>,
    place: &mut WrongPlace,
    (aim, direction): Moving<'_>,
    size: f64,
) {
    let number = subject.number;
    let (uses, overwritten) = match subject.memory {
        Some(memory) => users_of_memory(&follow.primal, memory, subject.at),
        None => (
            users_of_value(follow.anatomy, &follow.primal, number, subject.at),
            None,
        ),
    };
    let moved = reference.moved(aim, direction);
    let end = has.map_or(follow.derived.events.len(), |(_, turn)| turn);
    let parts = match (subject.memory, has) {
        (None, Some((_, turn))) => {
            Some(added(&follow.derived, number, window(follow, number, turn)))
        }
        (None, None) => Some(added(&follow.derived, number, (None, end))),
        (Some(_), _) => None,
    };
    if let (Some(parts), Some((value, _))) = (&parts, has) {
        let sum: f64 = parts.iter().map(|(_, part)| part).sum();
        let sizes: f64 = parts.iter().map(|(_, part)| part.abs()).sum();
        let left = value - sum;
        if left.is_finite() && follow.near.differs(left, 0.0, size + sizes + value.abs()) {
            place.rules = vec![number];
            place.made_by = follow.made_by(&place.rules);
            place.origin = WrongOrigin::NotZeroed { left, by: None };
            return;
        }
    }
    let mut guilty: Vec<Use> = Vec::new();
    let mut unclear: Vec<Use> = Vec::new();
    let mut lines_seen: Vec<u32> = Vec::new();
    for used in &uses {
        if lines_seen.contains(&used.line) {
            continue;
        }
        lines_seen.push(used.line);
        let same: Vec<Use> = uses
            .iter()
            .copied()
            .filter(|u| u.line == used.line)
            .collect();
        match (&parts, expected(follow, reference, &moved, &same, number)) {
            (Some(parts), right) => {
                let part = parts.iter().find(|(by, _)| *by == used.line);
                let part = part.map_or(0.0, |(_, part)| *part);
                // What is no number is wrong whatever it should be.
                let Some(right) = right.or((!part.is_finite()).then_some(0.0)) else {
                    unclear.push(same[0]);
                    continue;
                };
                if follow.near.differs(part, right, size) {
                    guilty.push(same[0]);
                }
            }
            (None, _) => unclear.push(same[0]),
        }
    }
    // What was added by nobody that is known was added by any of them.
    let has_strangers = parts
        .iter()
        .flatten()
        .any(|(by, _)| *by != 0 && !lines_seen.contains(by) && *by != number);
    if guilty.is_empty() {
        guilty = if unclear.is_empty() {
            uses.clone()
        } else {
            unclear
        };
    }
    place.rules = lines(&guilty);
    if has_strangers {
        let strangers = parts.iter().flatten().map(|(by, _)| *by);
        place.rules.extend(strangers.filter(|by| *by != 0));
        place.rules.sort_unstable();
        place.rules.dedup();
    }
    if let Some(over) = overwritten
        && let Some((value, _)) = has
        && let Some(left) = left_by(follow, over, value - place.reference)
    {
        place.rules = vec![over.line];
        place.made_by = follow.made_by(&place.rules);
        place.origin = WrongOrigin::NotZeroed {
            left,
            by: Some(over.line),
        };
        return;
    }
    if subject.memory.is_some() {
        place.rules.extend(overwritten.map(|over| over.line));
        let calls = follow
            .anatomy
            .lines()
            .filter(|(_, line)| line.calls.is_some());
        if place.rules.is_empty() {
            place.rules.extend(calls.map(|(line, _)| line));
        }
        place.rules.sort_unstable();
        place.rules.dedup();
    }
    place.made_by = follow.made_by(&place.rules);
    place.origin = why(
        follow,
        reference,
        &moved,
        &guilty,
        number,
        place.derivative,
        end,
    );
}

/// What the uses of one line should have added to a value's adjoint.
fn expected(
    follow: &Follow<'_>,
    reference: &Reference<'_, '_>,
    moved: &super::log::Log,
    uses: &[Use],
    number: u32,
) -> Option<f64> {
    let mut sum = 0.0;
    for used in uses {
        let slope = match follow.anatomy.line(used.line)? {
            line if line.is_store => 1.0,
            _ => slope(follow.anatomy, moved, *used, number)?,
        };
        if slope != 0.0 {
            let execution = follow.primal.execution(used.at?);
            let adjoint = reference.adjoint(used.line, execution)?;
            if adjoint != 0.0 {
                sum += slope * adjoint;
            }
        }
    }
    sum.is_finite().then_some(sum)
}

/// What the line that wrote over the memory has left in its shadow.
fn left_by(follow: &Follow<'_>, over: Use, off: f64) -> Option<f64> {
    let at = over.at?;
    let event = &follow.primal.events[at];
    let ran = follow.primal.of_line(event.kind, event.number).len();
    let turns = follow.derived.of_line(SeenKind::Adjoint, over.line);
    let turn = turns.get(ran - follow.primal.execution(at))?;
    let theirs = follow.derived.events[*turn].value;
    let is_it = theirs != 0.0 && !follow.near.differs(theirs, off, 0.0);
    is_it.then_some(theirs)
}

fn why(
    follow: &Follow<'_>,
    reference: &Reference<'_, '_>,
    moved: &super::log::Log,
    guilty: &[Use],
    number: u32,
    has: Option<f64>,
    end: usize,
) -> WrongOrigin {
    let retraced = guilty
        .iter()
        .map(|used| used.line)
        .chain([number])
        .find_map(|line| origin::not_retraced(follow, line));
    if let Some(found) = retraced {
        return found;
    }
    if let Some(found) = guilty
        .iter()
        .find_map(|used| origin::other_value(follow, *used, end))
    {
        return found;
    }
    for used in guilty {
        let Some(at) = used.at else { continue };
        let is_infinite = moved
            .events
            .get(at)
            .is_some_and(|event| !event.tangent.is_finite());
        if has.is_some_and(|has| !has.is_finite())
            && is_infinite
            && reference.adjoint(used.line, follow.primal.execution(at)) == Some(0.0)
        {
            return WrongOrigin::ZeroTimesInfinite { line: used.line };
        }
    }
    let mut lines = guilty.iter().map(|used| used.line).chain([number]);
    if let Some(line) = lines.find(|&line| follow.is_unknown(line)) {
        return WrongOrigin::NotKnownAsFloat { line };
    }
    for used in guilty {
        let line = follow.anatomy.line(used.line);
        if let Some(symbol) = line.and_then(|line| line.calls.clone()) {
            return WrongOrigin::Called { symbol };
        }
    }
    WrongOrigin::Unknown
}
