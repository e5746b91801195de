//! The directions that derivatives at a point are compared along, and which of them go through a derivative at once.

use super::point::Point;
use super::random::Random;
use super::session::Session;

/// A way to go from a point.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Direction {
    pub(super) parameter: usize,
    /// How far which floats move.
    pub(super) parts: Vec<(usize, f64)>,
    /// What it is called: `w[3]`.
    pub(super) place: String,
}

impl Direction {
    fn times(&self, factor: f64) -> Self {
        let parts = self.parts.iter().map(|(at, part)| (*at, part * factor));
        Direction {
            parts: parts.collect(),
            ..self.clone()
        }
    }
}

/// What makes the direction or the seed in one place another one than what is in the first.
pub(super) fn factor(nth: usize) -> f64 {
    match nth {
        0 => 1.0,
        nth => -1.0 - 0.25 * nth as f64,
    }
}

/// Directions that a derivative follows at once, `width` of them. Every place has one that nothing else has; the
/// first direction is in another place at each point.
pub(super) fn batches(
    mut directions: Vec<Direction>,
    width: usize,
    point: u32,
) -> Vec<Vec<Direction>> {
    if width == 1 {
        return directions.into_iter().map(|only| vec![only]).collect();
    }
    if directions.is_empty() {
        return Vec::new();
    }
    let begin = point as usize % directions.len();
    directions.rotate_left(begin);
    let batches = directions.chunks(width).map(|batch| {
        let all = directions.iter().cycle().enumerate().skip(batch.len());
        let more = all.map(|(nth, direction)| direction.times(factor(nth)));
        let batch = batch.iter().cloned();
        batch.chain(more).take(width).collect()
    });
    batches.collect()
}

impl Point {
    /// The directions to compare along, for each parameter with a derivative: one float at a time,
    /// and where there are more of them than samples, all of them at once as well.
    pub(super) fn directions(
        &self,
        session: &Session<'_>,
        weights: &[Option<f64>],
        random: &mut Random,
    ) -> Vec<Direction> {
        let floats = &self.inputs.image.floats;
        let mut out = Vec::new();
        for parameter in 0..session.derived.shapes.len() {
            let mut mine: Vec<usize> = self
                .floats_of(parameter)
                .map(|(at, _)| at)
                .filter(|&at| weights[at].is_some())
                .collect();
            let all = mine.clone();
            if mine.len() > session.samples {
                // Half of the samples are where the derivative is largest, half are anywhere.
                mine.sort_by(|a, b| {
                    let size = |at: &usize| weights[*at].map_or(0.0, f64::abs);
                    size(b).total_cmp(&size(a))
                });
                let mut chosen: Vec<usize> = mine[..session.samples / 2].to_vec();
                while chosen.len() < session.samples {
                    let last = i128::try_from(mine.len() - 1).unwrap_or(0);
                    let at = mine[usize::try_from(random.integer(0, last)).unwrap_or(0)];
                    chosen.push(at);
                }
                chosen.sort_unstable();
                chosen.dedup();
                mine = chosen;
                for _ in 0..2 {
                    let parts = all
                        .iter()
                        .map(|&at| (at, f64::from(random.float(-1.0, 1.0) as f32)))
                        .collect();
                    let name = &session.parameter(parameter).name;
                    out.push(Direction {
                        parameter,
                        parts,
                        place: format!("all of {name} at once"),
                    });
                }
            }
            for at in mine {
                out.push(Direction {
                    parameter,
                    parts: vec![(at, 1.0)],
                    place: floats[at].label.clone(),
                });
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn direction(at: usize) -> Direction {
        Direction {
            parameter: 0,
            parts: vec![(at, 1.0)],
            place: format!("x[{at}]"),
        }
    }

    fn parts(batches: &[Vec<Direction>]) -> Vec<Vec<(usize, f64)>> {
        let one = |batch: &Vec<Direction>| batch.iter().map(|one| one.parts[0]).collect();
        batches.iter().map(one).collect()
    }

    #[test]
    fn every_place_has_a_direction_of_its_own() {
        let three: Vec<Direction> = (0..3).map(direction).collect();
        let one = parts(&batches(three.clone(), 1, 5));
        assert_eq!(one, [[(0, 1.0)], [(1, 1.0)], [(2, 1.0)]]);
        let two = parts(&batches(three.clone(), 2, 1));
        assert_eq!(two, [[(1, 1.0), (2, 1.0)], [(0, 1.0), (2, -1.25)]]);
        let five = parts(&batches(three, 5, 0));
        assert_eq!(
            five,
            [[(0, 1.0), (1, 1.0), (2, 1.0), (0, -1.75), (1, -2.0)]]
        );
        let alone = parts(&batches(vec![direction(0)], 3, 7));
        assert_eq!(alone, [[(0, 1.0), (0, -1.25), (0, -1.5)]]);
        assert!(batches(Vec::new(), 3, 0).is_empty());
    }
}
