//! Whose rules make the derivative of a value, and which of them are at fault.

use llvm_shim::{Seen, SeenKind};

use super::anatomy::Anatomy;
use super::log::Log;

/// A use of a value: the line, and where it told of what it made of it, if it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Use {
    pub(super) line: u32,
    pub(super) at: Option<usize>,
}

/// Who uses a value that a line of the primal gave at a position, or a parameter.
pub(super) fn users_of_value(
    anatomy: &Anatomy,
    primal: &Log,
    number: u32,
    at: Option<usize>,
) -> Vec<Use> {
    let all = primal.of_line(SeenKind::Value, number);
    let next = at.map_or(primal.events.len(), |at| {
        let behind = all.partition_point(|&other| other <= at);
        all.get(behind).copied().unwrap_or(primal.events.len())
    });
    let mut out = Vec::new();
    for &line in anatomy.users(number) {
        let Some(user) = anatomy.line(line) else {
            continue;
        };
        if user.is_float || user.is_store {
            // A value of the iteration before is used until the next one is there, and by that one's phi.
            let last = if user.is_phi { next + 1 } else { next };
            let uses = primal.between(SeenKind::Value, line, (at, last));
            out.extend(uses.iter().map(|&at| Use { line, at: Some(at) }));
        } else if user.is_return || user.calls.is_some() {
            out.push(Use { line, at: None });
        }
    }
    out
}

/// Who reads what lies in memory from a position on, and who writes over it.
pub(super) fn users_of_memory(
    primal: &Log,
    (address, bytes): (u64, u64),
    at: Option<usize>,
) -> (Vec<Use>, Option<Use>) {
    let covers = |from: u64, length: u64| from < address + bytes && address < from + length;
    let mut readers = Vec::new();
    let first = at.map_or(0, |at| at + 1);
    for (at, event) in primal.events.iter().enumerate().skip(first) {
        let this = Use {
            line: event.number,
            at: Some(at),
        };
        match event.kind {
            SeenKind::Value if covers(event.address, bytes) => readers.push(this),
            SeenKind::Store if covers(event.address, event.bytes) => return (readers, Some(this)),
            SeenKind::Copy => {
                if event.from != 0 && covers(event.from, event.bytes) {
                    readers.push(this);
                }
                if covers(event.address, event.bytes) {
                    return (readers, Some(this));
                }
            }
            _ => {}
        }
    }
    (readers, None)
}

/// What was added to an adjoint between two positions of the derivative's log, by the line whose rule did it.
pub(super) fn added(
    derived: &Log,
    number: u32,
    (after, before): (Option<usize>, usize),
) -> Vec<(u32, f64)> {
    let events = derived.between(SeenKind::Added, number, (after, before));
    let mut out: Vec<(u32, f64)> = Vec::new();
    for event in events.iter().map(|&at| &derived.events[at]) {
        match out.iter_mut().find(|(by, _)| *by == event.by) {
            Some((_, sum)) => *sum += event.value,
            None => out.push((event.by, event.value)),
        }
    }
    out
}

/// How much of a use's result moves with the value, if nothing else that it uses does.
pub(super) fn slope(anatomy: &Anatomy, moved: &Log, used: Use, value: u32) -> Option<f64> {
    let at = used.at?;
    let line = anatomy.line(used.line)?;
    let is_still = |&operand: &u32| {
        let last = moved.last(SeenKind::Value, operand, at.saturating_sub(1));
        last.is_none_or(|last| moved.events[last].tangent == 0.0)
    };
    let mut others = line.operands.iter().filter(|&&operand| operand != value);
    let event: &Seen = moved.events.get(at)?;
    // Of what a phi is handed, the value that came is the one that counts.
    (line.is_phi || others.all(is_still)).then_some(event.tangent)
}

/// Line numbers, each once, in order.
pub(super) fn lines(uses: &[Use]) -> Vec<u32> {
    let mut lines: Vec<u32> = uses.iter().map(|used| used.line).collect();
    lines.sort_unstable();
    lines.dedup();
    lines
}
