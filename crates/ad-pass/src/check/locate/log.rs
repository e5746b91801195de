//! What a run told, put in order.

use std::collections::HashMap;

use llvm_shim::{Seen, SeenKind};

/// What a run told. Positions are places in the order in which it did.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    pub(super) events: Vec<Seen>,
    /// It told more, which was not kept.
    pub(super) is_whole: bool,
    positions: HashMap<(u8, u32), Vec<usize>>,
}

/// No run tells more.
const MOST: u64 = 400_000;

impl Log {
    /// Runs something that tells what it computes.
    pub(super) fn of<T>(run: impl FnOnce() -> T) -> (T, Log) {
        llvm_shim::record(MOST);
        let out = run();
        let (events, is_whole) = llvm_shim::recorded();
        let mut positions: HashMap<(u8, u32), Vec<usize>> = HashMap::new();
        for (at, event) in events.iter().enumerate() {
            let key = (class(event.kind), event.number);
            positions.entry(key).or_default().push(at);
        }
        let log = Log {
            events,
            is_whole,
            positions,
        };
        (out, log)
    }

    /// Where it told of something of a line, in order. What a line of the primal gives is a value or is stored.
    pub(super) fn of_line(&self, kind: SeenKind, number: u32) -> &[usize] {
        let found = self.positions.get(&(class(kind), number));
        found.map_or(&[], Vec::as_slice)
    }

    /// Which execution of its line an event is, from 1.
    pub(super) fn execution(&self, at: usize) -> usize {
        let event = &self.events[at];
        let all = self.of_line(event.kind, event.number);
        all.partition_point(|&other| other <= at)
    }

    /// The last event of a line at or before a position.
    pub(super) fn last(&self, kind: SeenKind, number: u32, at: usize) -> Option<usize> {
        let all = self.of_line(kind, number);
        let before = all.partition_point(|&other| other <= at);
        before.checked_sub(1).map(|before| all[before])
    }

    /// The events of a line behind a position and before another.
    pub(super) fn between(
        &self,
        kind: SeenKind,
        number: u32,
        (after, before): (Option<usize>, usize),
    ) -> &[usize] {
        let all = self.of_line(kind, number);
        let first = after.map_or(0, |after| all.partition_point(|&at| at <= after));
        let last = all.partition_point(|&at| at < before);
        &all[first.min(last)..last]
    }
}

fn class(kind: SeenKind) -> u8 {
    match kind {
        SeenKind::Value | SeenKind::Store => 0,
        SeenKind::Copy => 1,
        SeenKind::Adjoint => 2,
        SeenKind::Added => 3,
        SeenKind::Tangent => 4,
        SeenKind::Copied => 5,
        SeenKind::Again => 6,
    }
}
