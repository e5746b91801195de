//! The dot-product identity: what forward mode makes of tangents, weighed with seeds, is what reverse mode makes of
//! these seeds, weighed with the tangents.

use super::compare::{Tolerance, is_active};
use super::differences::HALF_EPSILON;
use super::exact::exact;
use super::image::{Float, Image};
use super::panic::Ended;
use super::point::Point;
use super::run::Derivative;
use super::runs::SAMPLES;
use super::session::Session;
use super::sweeps::Seeds;
use crate::differentiate::derived::Derived;

/// The two sides of the dot-product identity, added up over all directions that are followed at once.
pub(super) struct Products {
    pub(super) forward: f64,
    pub(super) reverse: f64,
    /// The sum of the sizes of the terms.
    pub(super) size: f64,
    /// How far rounding may move them, as far as that is known.
    pub(super) uncertain: f64,
    /// The chain rule has no answer here.
    pub(super) singular: bool,
}

/// What is left of terms that cancel may be this large, however small the sums are: a mode adds them up in an order of its
/// own, and slopes of one, as of `(a + b) - (a + b)`, are none of the sums' terms.
fn rounding(bits: u32, direction: &[(usize, f64)], seeds: &Seeds) -> f64 {
    let unit = match bits {
        16 => HALF_EPSILON,
        32 => f64::from(f32::EPSILON),
        _ => f64::EPSILON,
    };
    let moved: f64 = direction.iter().map(|(_, part)| part.abs()).sum();
    let memory = seeds.memory.iter().map(|(_, seed)| seed);
    let weighed: f64 = seeds
        .returned
        .iter()
        .chain(memory)
        .map(|seed| seed.abs())
        .sum();
    8.0 * unit * moved * weighed
}

impl Point {
    /// Both sides of the identity for random tangents and seeds of what is active in both modes.
    pub(super) fn products(
        &self,
        session: &Session<'_>,
        (forward, forward_derived): (&Derivative<'_>, &Derived),
        (reverse, reverse_derived): (&Derivative<'_>, &Derived),
    ) -> Result<Products, Ended> {
        let image = &self.inputs.image;
        let mut random = self.random.clone();
        let active = |derived: &Derived, float: &Float| {
            is_active(derived.parameter(float.parameter).activity)
        };
        let moving: Vec<usize> = (0..image.floats.len())
            .filter(|&at| {
                let float = &image.floats[at];
                active(forward_derived, float) && active(reverse_derived, float)
            })
            .collect();
        let mut direction = || -> Vec<(usize, f64)> {
            let part = |at: &usize| (*at, f64::from(random.float(-1.0, 1.0) as f32));
            moving.iter().map(part).collect()
        };
        let directions: Vec<_> = (0..forward.width).map(|_| direction()).collect();
        let seeds = self.seeds(reverse, &mut random).each(reverse.width);
        let parts: Vec<&[(usize, f64)]> = directions.iter().map(|one| &one[..]).collect();
        let (tangents, _) = self.tangents(forward, &parts)?;
        let (adjoints, _) = self.adjoints((reverse, reverse_derived), &seeds)?;
        let mut out = Products {
            forward: 0.0,
            reverse: 0.0,
            size: 0.0,
            uncertain: 0.0,
            singular: false,
        };
        // Each direction beside some seeds, and all seeds beside some direction.
        for nth in 0..forward.width.max(reverse.width) {
            let (ahead, back) = (nth % forward.width, nth % reverse.width);
            let (direction, seeds) = (&directions[ahead], &seeds[back]);
            let tangents = &tangents[ahead];
            let (uncertain, singular) = self.uncertain(session, direction, seeds, 0..1);
            out.uncertain += uncertain + rounding(session.bits, direction, seeds);
            out.singular |= singular;
            let returned = tangents.returned.iter().zip(&seeds.returned);
            let memory = seeds.memory.iter().map(|(_, seed)| seed);
            for (tangent, seed) in returned.chain(tangents.memory.iter().zip(memory)) {
                out.forward += tangent * seed;
                out.size += (tangent * seed).abs();
            }
            for (at, tangent) in direction {
                let adjoint = adjoints[back][*at].unwrap_or(0.0);
                out.reverse += tangent * adjoint;
                out.size += (tangent * adjoint).abs();
            }
        }
        let tolerance = Tolerance::of(session.bits).exact.0;
        if (out.forward - out.reverse).abs() > tolerance * out.size + out.uncertain {
            // One step beside the point may be a lucky one.
            for nth in 0..forward.width.max(reverse.width) {
                let direction = &directions[nth % forward.width];
                let seeds = &seeds[nth % reverse.width];
                out.uncertain += self.uncertain(session, direction, seeds, 1..SAMPLES).0;
            }
        }
        Ok(out)
    }

    /// How far a sum of tangents along a direction moves where the inputs do by a little more than rounding, and
    /// whether the chain rule has no answer on the way.
    fn uncertain(
        &self,
        session: &Session<'_>,
        direction: &[(usize, f64)],
        seeds: &Seeds,
        samples: std::ops::Range<u64>,
    ) -> (f64, bool) {
        let along = |image: &Image| {
            let outputs = self.outputs.iter().map(|(at, _)| *at);
            let met = exact(&session.primal, image, direction, outputs).ok()?;
            let returns = met.returns.iter().zip(&seeds.returned);
            let weights = seeds.memory.iter().map(|(_, seed)| seed);
            let outputs = met.outputs.iter().zip(weights);
            let sum = returns
                .chain(outputs)
                .map(|(value, seed)| value * seed)
                .sum::<f64>();
            Some((sum, met.singular || !sum.is_finite()))
        };
        let Some((here, singular)) = along(&self.inputs.image) else {
            return (0.0, false);
        };
        let shift = samples
            .filter_map(|sample| along(&self.beside(session.bits, sample)))
            .map(|(beside, _)| (here - beside).abs())
            .filter(|shift| shift.is_finite())
            .fold(0.0, f64::max);
        (10.0 * shift, singular)
    }
}
