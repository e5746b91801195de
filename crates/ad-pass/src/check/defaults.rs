//! What is chosen where nobody said anything.

use super::spread::Spread;

/// What is chosen where nobody said anything.
#[derive(Clone, Copy, Debug)]
pub(super) struct Defaults {
    /// Elements of a slice.
    pub(super) length: u64,
    /// Integers that may be sizes or indices.
    pub(super) integer: i128,
    /// Which of them may be less than that.
    pub(super) lower: Lower,
    /// How floats are drawn.
    pub(super) spread: Spread,
    /// Which stream of pseudo-random numbers they are drawn from. A pair of points shares one.
    pub(super) stream: u64,
}

/// Which integers that are parameters may be less than others. What runs with one size as a rule runs with less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lower {
    /// They are all the same.
    None,
    /// The first one.
    First,
    /// All but the first one.
    Rest,
}

/// What is tried in turn until the function runs: sizes that fit each other in the usual ways (n
/// elements and n, n by n elements and n, …).
pub(super) const TRIES: [(u64, i128); 12] = [
    (4, 2),
    (9, 3),
    (6, 2),
    (16, 4),
    (8, 2),
    (12, 3),
    (3, 3),
    (5, 5),
    (64, 4),
    (1, 1),
    (2, 0),
    (256, 8),
];
