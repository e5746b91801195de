//! Runs a derivative at a point.

use super::directions::factor;
use super::image::{Float, Instance};
use super::panic::Ended;
use super::point::{Point, is_shadowed};
use super::random::Random;
use super::run::{Derivative, Given};
use crate::differentiate::derived::Derived;

/// What reverse mode starts from.
#[derive(Clone, Debug)]
pub(super) struct Seeds {
    /// Of what is returned.
    pub(super) returned: Vec<f64>,
    /// Of floats in memory, by position.
    pub(super) memory: Vec<(usize, f64)>,
}

/// For each float, its adjoint, if it has one.
type Adjoints = Vec<Option<f64>>;

/// Tangents that forward mode gives: of what is returned, and of the outputs in memory.
pub(super) struct Tangents {
    pub(super) returned: Vec<f64>,
    pub(super) memory: Vec<f64>,
    /// Those in memory that was allocated and handed over, where it has a shadow.
    pub(super) allocated: Vec<Option<f64>>,
}

impl Seeds {
    /// Seeds for a derivative that takes so many at once: these, and multiples of them.
    pub(super) fn each(&self, width: usize) -> Vec<Seeds> {
        let times = |factor: f64| Seeds {
            returned: self.returned.iter().map(|seed| seed * factor).collect(),
            memory: self
                .memory
                .iter()
                .map(|(at, seed)| (*at, seed * factor))
                .collect(),
        };
        (0..width).map(|nth| times(factor(nth))).collect()
    }
}

impl Point {
    /// A seed for each output: one for a result that stands alone, so that the gradient is that of the
    /// function.
    pub(super) fn seeds(&self, derivative: &Derivative<'_>, random: &mut Random) -> Seeds {
        let alone = derivative.seeds() == 1 && self.outputs.is_empty();
        let returned = (0..derivative.seeds())
            .map(|nth| {
                let seed = if alone { 1.0 } else { random.float(0.5, 1.5) };
                if self.present[nth] { seed } else { 0.0 }
            })
            .collect();
        let memory = self.outputs.iter().map(|(at, _)| {
            let seed = random.float(-1.0, 1.0);
            (*at, f64::from(seed as f32))
        });
        Seeds {
            returned,
            memory: memory.collect(),
        }
    }

    /// Runs the derivative in reverse mode from as many seeds as it takes. Those in memory may be adjoints that are
    /// in the shadows already. Gives, for each of the seeds, the adjoint of each float that has one.
    pub(super) fn adjoints(
        &self,
        (derivative, derived): (&Derivative<'_>, &Derived),
        seeds: &[Seeds],
    ) -> Result<(Vec<Adjoints>, Given), Ended> {
        let image = &self.inputs.image;
        let mut memory = Instance::of(image);
        let before = seeds.iter().map(|seeds| self.shadow(&seeds.memory));
        let mut shadows: Vec<Instance> = before.collect();
        let returned: Vec<&[f64]> = seeds.iter().map(|seeds| &seeds.returned[..]).collect();
        let given = derivative.run(image, &mut memory, &mut shadows, &returned, &[])?;
        let adjoints = shadows.iter().enumerate().map(|(nth, shadow)| {
            let adjoint = |float: &Float| match is_shadowed(derived, image, float) {
                true => Some(shadow.get(float)),
                false => given.adjoint(image, float, nth),
            };
            image.floats.iter().map(adjoint).collect()
        });
        Ok((adjoints.collect(), given))
    }

    /// Runs the derivative in forward mode along as many directions as it takes.
    pub(super) fn tangents(
        &self,
        derivative: &Derivative<'_>,
        directions: &[&[(usize, f64)]],
    ) -> Result<(Vec<Tangents>, Given), Ended> {
        let image = &self.inputs.image;
        let mut memory = Instance::of(image);
        let mut shadows: Vec<Instance> = directions.iter().map(|one| self.shadow(one)).collect();
        let places = &self.allocated;
        let given = derivative.run(image, &mut memory, &mut shadows, &[], places)?;
        let tangents =
            shadows
                .iter()
                .zip(&given.tangents)
                .enumerate()
                .map(|(nth, (shadow, tangent))| {
                    let there = tangent.iter().zip(&self.present);
                    let returned =
                        there.map(|(tangent, is_there)| if *is_there { *tangent } else { 0.0 });
                    let outputs = self.outputs.iter();
                    Tangents {
                        returned: returned.collect(),
                        memory: outputs
                            .map(|(at, _)| shadow.get(&image.floats[*at]))
                            .collect(),
                        allocated: given.allocated.get(nth).cloned().unwrap_or_default(),
                    }
                });
        Ok((tangents.collect(), given))
    }

    /// Memory of a shadow: zero but for these floats.
    fn shadow(&self, values: &[(usize, f64)]) -> Instance {
        let image = &self.inputs.image;
        let mut shadow = Instance::of(image);
        for float in &image.floats {
            shadow.set(float, 0.0);
        }
        for (at, value) in values {
            shadow.set(&image.floats[*at], *value);
        }
        shadow
    }
}
