//! Forward mode: the first value, in the order of the primal, whose tangent is not right.

use llvm_shim::SeenKind;
use trace::{Followed, WrongOrigin, WrongPlace, WrongWhat};

use super::follow::Follow;
use super::origin;

/// Goes through the primal's values. The primal moved along the direction in which the derivative was taken.
///
/// `matters` says whether what the function gives depends on a value, by its line and execution.
pub(super) fn find(
    follow: &Follow<'_>,
    matters: impl Fn(u32, usize) -> bool,
    done: &mut Followed,
) -> Option<WrongPlace> {
    let largest = follow
        .primal
        .events
        .iter()
        .map(|event| event.tangent.abs())
        .filter(|tangent| tangent.is_finite());
    let largest = largest.fold(0.0, f64::max);
    for (at, event) in follow.primal.events.iter().enumerate() {
        let is_float = follow
            .anatomy
            .line(event.number)
            .is_some_and(|line| line.is_float);
        let is_store = event.kind == SeenKind::Store;
        let is_number = event.kind == SeenKind::Value && is_float;
        if !is_store && !is_number {
            continue;
        }
        done.values += 1;
        if !event.tangent.is_finite() {
            continue;
        }
        let told = follow.derived.of_line(SeenKind::Tangent, event.number);
        let has = told
            .get(follow.primal.execution(at) - 1)
            .map(|&at| follow.derived.events[at].value);
        // A tangent may be that of another value, and then nobody tells of it. A store is always there.
        let is_told = has.is_some()
            || follow.is_inactive(event.number)
            || follow.ended
            || (is_store && told.is_empty());
        if !is_told {
            continue;
        }
        done.compared += 1;
        // Of a value that nothing depends on nobody needs the tangent.
        if follow
            .near
            .differs(has.unwrap_or(0.0), event.tangent, largest)
            && (has.is_some() || matters(event.number, follow.primal.execution(at)))
        {
            return Some(wrong_place(follow, at, has, is_store));
        }
    }
    None
}

fn wrong_place(follow: &Follow<'_>, at: usize, has: Option<f64>, is_store: bool) -> WrongPlace {
    let event = &follow.primal.events[at];
    let mut place = follow.place(
        at,
        match is_store {
            true => WrongWhat::TangentInMemory,
            false => WrongWhat::Tangent,
        },
    );
    place.derivative = has;
    place.reference = event.tangent;
    place.rules = vec![event.number];
    let line = follow.anatomy.line(event.number);
    // What is read from memory was put there by a call, if the tangent of no store was wrong before.
    let is_load = event.address != 0 && !is_store;
    let operands = line.into_iter().flat_map(|line| line.operands.iter());
    let last = |&number: &u32| follow.primal.last(SeenKind::Value, number, at);
    let of_operand = operands
        .filter_map(last)
        .chain([at])
        .find_map(|there| origin::beside(follow, there));
    let called = line.and_then(|line| line.calls.clone());
    place.origin = if has.is_none() && follow.ended {
        WrongOrigin::Ended
    } else if has.is_none() && follow.is_inactive(event.number) {
        WrongOrigin::Inactive
    } else if let Some(found) = of_operand {
        found
    } else if follow.is_unknown(event.number) {
        WrongOrigin::NotKnownAsFloat { line: event.number }
    } else if let Some(symbol) = called {
        WrongOrigin::Called { symbol }
    } else {
        WrongOrigin::Unknown
    };
    place.rules.extend(silent(follow, at, event.number));
    if is_load {
        place.rules.extend(writers(follow, at, event.address));
    }
    place.rules.sort_unstable();
    place.rules.dedup();
    place.made_by = follow.made_by(&place.rules);
    place
}

/// The lines before this one of whose tangents nobody told, so that any of their rules may be at fault.
fn silent(follow: &Follow<'_>, at: usize, number: u32) -> Vec<u32> {
    let mut found = Vec::new();
    let mut todo = vec![number];
    while let Some(line) = todo.pop() {
        let operands = follow.anatomy.line(line).into_iter();
        for &operand in operands.flat_map(|line| &line.operands) {
            let is_float = follow
                .anatomy
                .line(operand)
                .is_some_and(|line| line.is_float);
            let last = follow.primal.last(SeenKind::Value, operand, at);
            let moves = last.is_some_and(|last| follow.primal.events[last].tangent != 0.0);
            let is_told = !follow
                .derived
                .of_line(SeenKind::Tangent, operand)
                .is_empty();
            if is_float && moves && !is_told && !found.contains(&operand) {
                found.push(operand);
                todo.push(operand);
            }
        }
    }
    found
}

/// The calls and the copies that may have put there what is read.
fn writers(follow: &Follow<'_>, at: usize, address: u64) -> Vec<u32> {
    let before = follow.primal.events[..at].iter().rev();
    let copied = before
        .filter(|event| event.kind == SeenKind::Copy)
        .find(|event| event.address <= address && address < event.address + event.bytes)
        .map(|event| event.number);
    let calls = follow
        .anatomy
        .lines()
        .filter(|(_, line)| line.calls.is_some());
    copied
        .into_iter()
        .chain(calls.map(|(line, _)| line))
        .collect()
}
