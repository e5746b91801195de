//! Which points a check goes to: sizes and spreads of numbers in turn.

use std::collections::BTreeSet;

use super::defaults::{Defaults, Lower};
use super::spread::{Kind, Spread};

/// What the points of one check have in common.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// Lengths and integers with which the function runs to its end. The first ones are those that suit it best.
    pub(super) sizes: Vec<(u64, i128)>,
    /// Numbers that the function compares with.
    pub(super) constants: Vec<f64>,
    /// It computes with `f32`, in which the exponential of large numbers is soon infinite.
    pub(super) is_single: bool,
}

/// Spreads that come in turn; those of a pair are the opposites of each other.
const TURNS: u32 = 19;

impl Plan {
    /// What the point of that number is made of.
    pub(super) fn defaults(&self, number: u32) -> Defaults {
        let unit = Spread::uniform(-1.0, 1.0);
        let wide = |size: f64| Spread::uniform(-size, size);
        let turn = number % TURNS;
        // Where the function compares with a number, points near it are worth more than others.
        let spread = match turn {
            0 => unit,
            1 => unit.negated(),
            2 => Spread::uniform(0.25, 1.0),
            3 | 13 if !self.constants.is_empty() => unit.near(&self.constants),
            4 | 14 if !self.constants.is_empty() => unit.near(&self.constants).negated(),
            3 => wide(3.0),
            4 => wide(3.0).negated(),
            5 => wide(2.0).of(Kind::Zeros),
            6 => wide(2.0).of(Kind::Equal),
            7 => wide(if self.is_single { 4.0 } else { 10.0 }),
            8 => wide(if self.is_single { 4.0 } else { 10.0 }).negated(),
            9 => wide(2.0).of(Kind::Rising),
            10 => wide(2.0).of(Kind::Rising).negated(),
            11 => wide(0.05),
            12 => Spread::uniform(0.5, 3.0),
            13 => wide(1.5),
            14 => wide(1.5).negated(),
            // The first floats of all come first: those at the end are as a rule like those before them.
            15 | 17 => wide(2.0).of(Kind::OneZero(
                (number / TURNS * 2 + (turn - 15) / 2) as usize,
            )),
            16 => Spread::uniform(1.0, 2.0).negated(),
            _ => unit.of(Kind::Zero),
        };
        // Both of a pair draw the same numbers.
        let stream = match spread.negated && turn != 16 {
            true => number - 1,
            false => number,
        };
        // The first pair at the size that suits best, then all sizes in turn.
        let which = match stream {
            0 => 0,
            later => (later / 2 + later / TURNS) as usize % self.sizes.len().max(1),
        };
        let (length, integer) = self.sizes.get(which).copied().unwrap_or((4, 2));
        Defaults {
            length,
            integer,
            lower: match stream / 2 % 3 {
                0 => Lower::None,
                1 => Lower::Rest,
                _ => Lower::First,
            },
            spread,
            stream: u64::from(stream),
        }
    }
}

/// Sizes that are tried beside the one that the function was found to run with: short ones, longer ones, and
/// those around the integers that it compares with.
pub(super) fn more_sizes((length, integer): (u64, i128), compared: &[i128]) -> Vec<(u64, i128)> {
    let mut out = Vec::new();
    let mut seen = BTreeSet::new();
    let mut add = |size: (u64, i128)| {
        if seen.insert(size) {
            out.push(size);
        }
    };
    add((length, integer));
    for near in compared
        .iter()
        .copied()
        .filter(|value| (1..=32).contains(value))
    {
        for value in [near + 1, near, near - 1] {
            if let Ok(near) = u64::try_from(value) {
                add((near.max(1), integer));
            }
        }
    }
    for size in [
        (7, 3),
        (1, 1),
        (3, 3),
        (2, 1),
        (6, 2),
        (5, 4),
        (9, 3),
        (4, 1),
        (4, 0),
        (8, 5),
        (16, 4),
    ] {
        add(size);
    }
    // Cases of a `match`, and one more.
    let cases = compared
        .iter()
        .copied()
        .filter(|value| (0..=16).contains(value));
    for case in cases {
        add((length, case));
        add((length, case + 1));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        Plan {
            sizes: vec![(4, 2), (6, 2), (1, 1)],
            constants: Vec::new(),
            is_single: false,
        }
    }

    #[test]
    fn a_pair_has_the_same_numbers_and_sizes() {
        for number in 0..100 {
            let (first, second) = (plan().defaults(number), plan().defaults(number + 1));
            if second.stream == first.stream {
                assert!(second.spread.negated);
                assert_eq!(first.spread.low, second.spread.low);
                assert_eq!(
                    (first.length, first.integer),
                    (second.length, second.integer)
                );
            }
        }
    }

    #[test]
    fn every_size_is_reached_with_numbers_of_both_signs() {
        for size in plan().sizes {
            let mut negated = BTreeSet::new();
            for number in 0..40 {
                let made = plan().defaults(number);
                if (made.length, made.integer) == size {
                    negated.insert(made.spread.negated);
                }
            }
            assert_eq!(negated.len(), 2, "{size:?}");
        }
    }

    #[test]
    fn sizes_around_what_is_compared_with_come_first() {
        assert_eq!(more_sizes((4, 2), &[5])[..3], [(4, 2), (6, 2), (5, 2)]);
    }
}
