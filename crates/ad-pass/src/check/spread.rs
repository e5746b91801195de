//! How the floats of one point are spread: what one distribution never reaches another does.

use super::random::Random;

/// As many numbers that a function compares with are kept.
pub(super) const CONSTANTS: usize = 8;

/// How the floats of one point are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spread {
    pub(super) kind: Kind,
    /// Both ends of the range, before the kind has its say.
    pub(super) low: f64,
    pub(super) high: f64,
    /// Each number is the opposite of the one that is drawn.
    pub(super) negated: bool,
    /// Numbers that the function compares with.
    constants: [f64; CONSTANTS],
    /// How many of them there are.
    known: usize,
}

/// What the floats of a point have to do with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing.
    Uniform,
    /// Some are zero.
    Zeros,
    /// One is zero: that of this number.
    OneZero(usize),
    /// All are zero.
    Zero,
    /// There are two values at most.
    Equal,
    /// Each is larger than the one before, as in sorted data.
    Rising,
    /// Many lie near a number that the function compares with, to both sides of it.
    Near,
}

impl Spread {
    /// Numbers from `low` to `high`.
    pub(super) fn uniform(low: f64, high: f64) -> Self {
        Spread {
            kind: Kind::Uniform,
            low,
            high,
            negated: false,
            constants: [0.0; CONSTANTS],
            known: 0,
        }
    }

    /// With another kind.
    pub(super) fn of(self, kind: Kind) -> Self {
        Spread { kind, ..self }
    }

    /// Each number with the opposite sign.
    pub(super) fn negated(self) -> Self {
        Spread {
            negated: true,
            ..self
        }
    }

    /// Near these numbers, of which the first few count.
    pub(super) fn near(self, constants: &[f64]) -> Self {
        let mut out = self.of(Kind::Near);
        out.known = constants.len().min(CONSTANTS);
        out.constants[..out.known].copy_from_slice(&constants[..out.known]);
        out
    }

    /// Draws the next number of a point; `nth` counts them, `range` was asked for by the user.
    pub(super) fn draw(&self, random: &mut Random, nth: usize, range: Option<(f64, f64)>) -> f64 {
        let (low, high) = range.unwrap_or((self.low, self.high));
        let drawn = random.float(low, high);
        // Always two numbers from the stream, so that a pair of points has the same ones.
        let choice = random.float(0.0, 1.0);
        let value = match self.kind {
            Kind::Uniform => drawn,
            Kind::Zeros if choice < 0.4 => 0.0,
            Kind::Zeros => drawn,
            Kind::OneZero(which) if which == nth => 0.0,
            Kind::OneZero(_) => drawn,
            Kind::Zero => 0.0,
            Kind::Equal => low + (high - low) * if choice < 0.7 { 0.75 } else { 0.3125 },
            Kind::Rising => {
                let step = (high - low) / 16.0;
                low + step * (nth as f64 + choice)
            }
            Kind::Near if self.known == 0 || choice < 0.4 => drawn,
            Kind::Near => {
                let unit = (choice - 0.4) / 0.6;
                let constant =
                    self.constants[((unit * self.known as f64) as usize).min(self.known - 1)];
                // A tenth of its size, or of the range's where it has none, to either side.
                let size = match constant {
                    0.0 => 0.1 * (high - low),
                    other => 0.25 * other.abs(),
                };
                let side = 2.0 * (drawn - low) / (high - low).max(f64::MIN_POSITIVE) - 1.0;
                constant + size * side
            }
        };
        let value = if self.negated { -value } else { value };
        match range {
            Some((low, high)) => value.clamp(low, high),
            None => value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(spread: Spread, range: Option<(f64, f64)>) -> Vec<f64> {
        let mut random = Random::new(1, 1);
        (0..200)
            .map(|nth| spread.draw(&mut random, nth, range))
            .collect()
    }

    #[test]
    fn a_pair_has_opposite_signs() {
        let spread = Spread::uniform(-1.0, 1.0);
        for (a, b) in numbers(spread, None)
            .iter()
            .zip(numbers(spread.negated(), None))
        {
            assert_eq!(*a, -b);
        }
    }

    #[test]
    fn a_range_that_was_asked_for_holds_for_every_kind() {
        for kind in [
            Kind::Uniform,
            Kind::Zeros,
            Kind::Zero,
            Kind::Equal,
            Kind::Rising,
        ] {
            for spread in [
                Spread::uniform(-9.0, 9.0).of(kind),
                Spread::uniform(-9.0, 9.0).of(kind).negated(),
            ] {
                let found = numbers(spread, Some((0.5, 2.0)));
                assert!(
                    found.iter().all(|v| (0.5..=2.0).contains(v)),
                    "{kind:?}: {found:?}"
                );
            }
        }
    }

    #[test]
    fn numbers_lie_to_both_sides_of_what_is_compared_with() {
        let found = numbers(Spread::uniform(-1.0, 1.0).near(&[0.02]), None);
        let near = |low: f64, high: f64| found.iter().filter(|v| (low..high).contains(v)).count();
        assert!(near(0.015, 0.02) > 10, "{found:?}");
        assert!(near(0.02, 0.025) > 10, "{found:?}");
    }

    #[test]
    fn zeros_and_equal_numbers_occur() {
        let zeros = numbers(Spread::uniform(-1.0, 1.0).of(Kind::Zeros), None);
        assert!(zeros.iter().filter(|v| **v == 0.0).count() > 50);
        let equal = numbers(Spread::uniform(-1.0, 1.0).of(Kind::Equal), None);
        assert!(equal.iter().all(|v| *v == 0.5 || *v == -0.375), "{equal:?}");
    }
}
