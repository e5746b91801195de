//! Where a wrong number comes from, as far as both logs show it.

use llvm_shim::SeenKind;
use trace::WrongOrigin;

use super::blame::Use;
use super::follow::Follow;

/// A value of the primal that the rule of a line uses, and that the derivative has another number for.
pub(super) fn other_value(follow: &Follow<'_>, used: Use, before: usize) -> Option<WrongOrigin> {
    let line = follow.anatomy.line(used.line)?;
    let at = used.at?;
    if follow.primal.events[at].kind == SeenKind::Copy {
        return None;
    }
    let execution = follow.primal.execution(at);
    let ran = follow.primal.of_line(SeenKind::Value, used.line).len();
    // When the derivative came to that rule.
    let turn = follow
        .derived
        .of_line(SeenKind::Adjoint, used.line)
        .get(ran - execution)
        .copied();
    // Some rules use the result itself.
    for &number in line.operands.iter().chain([&used.line]) {
        let Some(there) = follow.primal.last(SeenKind::Value, number, at) else {
            continue;
        };
        if let Some(found) = again(follow, number, there, (turn, before)) {
            return Some(found);
        }
    }
    line.operands
        .iter()
        .chain([&used.line])
        .filter_map(|&number| follow.primal.last(SeenKind::Value, number, at))
        .find_map(|there| beside(follow, there))
}

/// Of a value that is taken from a cache or computed again.
fn again(
    follow: &Follow<'_>,
    number: u32,
    there: usize,
    (turn, before): (Option<usize>, usize),
) -> Option<WrongOrigin> {
    let all = follow.derived.of_line(SeenKind::Again, number);
    let in_turn = turn.and_then(|turn| {
        let found = follow
            .derived
            .between(SeenKind::Again, number, (Some(turn), before + 1));
        found.last().copied()
    });
    // It may have been taken for another rule of the same iteration. That is only sure if it is taken as often as it was
    // computed.
    let ran = follow.primal.of_line(SeenKind::Value, number).len();
    let in_order = || {
        let execution = follow.primal.execution(there);
        (all.len() == ran).then(|| all[ran - execution])
    };
    let event = &follow.derived.events[in_turn.or_else(in_order)?];
    let primal = follow.primal.events[there].value;
    follow
        .near
        .is_other(event.value, primal)
        .then_some(WrongOrigin::OtherValue {
            line: number,
            at: event.by,
            again: true,
            has: event.value,
            primal,
        })
}

/// Of a value that the derivative computes in the same order as the primal.
pub(super) fn beside(follow: &Follow<'_>, there: usize) -> Option<WrongOrigin> {
    let event = &follow.primal.events[there];
    // Addresses differ from run to run.
    if !follow.anatomy.line(event.number)?.is_float {
        return None;
    }
    let execution = follow.primal.execution(there);
    let copies = follow.derived.of_line(SeenKind::Copied, event.number);
    let copy = &follow.derived.events[*copies.get(execution - 1)?];
    follow
        .near
        .is_other(copy.value, event.value)
        .then_some(WrongOrigin::OtherValue {
            line: event.number,
            at: copy.by,
            again: false,
            has: copy.value,
            primal: event.value,
        })
}

/// The derivative went back through a line more or less often than it ran.
pub(super) fn not_retraced(follow: &Follow<'_>, number: u32) -> Option<WrongOrigin> {
    let ran = follow.primal.of_line(SeenKind::Value, number).len() as u64;
    let undone = follow.derived.of_line(SeenKind::Adjoint, number).len() as u64;
    (undone > 0 && undone != ran && !follow.ended)
        .then_some(WrongOrigin::NotRetraced { undone, ran })
}
