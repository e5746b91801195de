//! What running a function says of a derivative along a direction.

use super::compare::{Dual, Runs, Tolerance};
use super::differences::{Difference, HALF_EPSILON, Steps, central};
use super::exact::exact;
use super::image::{Float, Image, Instance};
use super::panic::Ended;
use super::point::Point;
use super::random::Random;
use super::session::Session;

/// How often a tangent that is not the derivative is computed a little beside the point.
pub(super) const SAMPLES: u64 = 12;

/// What is written in memory, and after it what lies in memory that was allocated and handed over.
fn both(outputs: &[f64], allocated: &[f64]) -> Vec<f64> {
    outputs.iter().chain(allocated).copied().collect()
}

/// Derivatives along one direction.
pub(super) struct Asked<'a> {
    /// How far which floats move.
    pub(super) parts: &'a [(usize, f64)],
    /// The derivatives, of each number that is looked at.
    pub(super) derivatives: &'a [f64],
    /// How large the numbers themselves are.
    pub(super) sizes: &'a [f64],
    /// The largest derivative at this point.
    pub(super) largest: f64,
}

impl Point {
    /// What running the function says of derivatives along a direction. `give` makes numbers of what is returned
    /// and of the outputs in memory, and is linear.
    pub(super) fn runs(
        &self,
        session: &Session<'_>,
        asked: &Asked<'_>,
        give: impl Fn(&[f64], &[f64]) -> Vec<f64>,
    ) -> Vec<Runs> {
        let image = &self.inputs.image;
        let outputs = || self.outputs.iter().map(|(at, _)| *at);
        let tolerance = Tolerance::of(session.bits).exact;
        let along = |image: &Image| {
            let mut met = exact(&session.primal, image, asked.parts, outputs())?;
            // Of another count of floats none is that of the point.
            let count = self.left.values.len();
            let tangents = match met.allocated.is_like(&self.left) {
                true => met.allocated.tangents.clone(),
                false => vec![f64::NAN; count],
            };
            met.outputs = both(&met.outputs, &tangents);
            Ok::<_, Ended>(met)
        };
        let met = along(image).ok().filter(|met| !met.unknown);
        // Rounding of sums in another order, which grows with what is added up.
        let rounding = match session.bits {
            16 => HALF_EPSILON,
            32 => f64::from(f32::EPSILON),
            _ => f64::EPSILON,
        };
        let values = asked
            .sizes
            .iter()
            .fold(0.0, |largest: f64, size| largest.max(*size));
        let values = if values.is_finite() { values } else { 0.0 };
        let floor = 64.0 * rounding * asked.largest.max(values);
        let mut runs: Vec<Runs> = asked
            .sizes
            .iter()
            .map(|&reach| Runs {
                dual: None,
                difference: None,
                borne_out: false,
                reach,
                floor,
                beside: None,
                has_ties: self.has_ties,
            })
            .collect();
        let mut is_same = met.is_some();
        if let Some(met) = &met {
            for (runs, value) in runs.iter_mut().zip(give(&met.returns, &met.outputs)) {
                runs.dual = Some(Dual {
                    value,
                    uncertain: floor,
                    singular: met.singular,
                });
            }
            let mut pairs = runs.iter().zip(asked.derivatives);
            is_same = pairs.all(|(runs, derivative)| {
                let dual = runs.dual.map_or(f64::NAN, |dual| dual.value);
                let size = dual.abs().max(derivative.abs());
                (dual - derivative).abs() <= tolerance.0 * size + floor
            });
            let samples = if is_same { 0 } else { SAMPLES };
            let mut shifts = vec![0.0_f64; runs.len()];
            for sample in 0..samples {
                let Ok(moved) = along(&self.beside(session.bits, sample)) else {
                    continue;
                };
                let moved = give(&moved.returns, &moved.outputs);
                for ((runs, moved), shift) in runs.iter().zip(moved).zip(&mut shifts) {
                    if let Some(dual) = runs.dual
                        && moved.is_finite()
                    {
                        *shift = shift.max((moved - dual.value).abs());
                    }
                }
            }
            for (runs, shift) in runs.iter_mut().zip(shifts) {
                if let Some(dual) = &mut runs.dual {
                    dual.uncertain += 10.0 * shift;
                }
            }
        }
        if is_same && (!session.takes_differences || self.bears_out(session, asked, &give)) {
            for runs in &mut runs {
                runs.borne_out = session.takes_differences;
            }
            return runs;
        }
        let here = give(
            &self.returns,
            &both(
                &self
                    .outputs
                    .iter()
                    .map(|(_, value)| *value)
                    .collect::<Vec<_>>(),
                &self.left.values,
            ),
        );
        let found = self.along(session, asked.parts, asked.sizes, |returns, outputs| {
            let moved = give(returns, outputs);
            moved
                .iter()
                .zip(&here)
                .map(|(value, here)| value - here)
                .collect()
        });
        for (runs, found) in runs.iter_mut().zip(found) {
            runs.difference = found;
        }
        if is_same {
            // Dual numbers have no rounding to speak of: beside the point is as near as numbers go.
            let little = match session.bits {
                16 => 1e-2,
                32 => 1e-5,
                _ => 1e-12,
            };
            let step = little * self.size_of(asked.parts);
            let left = along(&self.at(asked.parts, -step));
            let right = along(&self.at(asked.parts, step));
            if let (Ok(left), Ok(right)) = (left, right) {
                let left = give(&left.returns, &left.outputs);
                let right = give(&right.returns, &right.outputs);
                for (runs, beside) in runs.iter_mut().zip(left.into_iter().zip(right)) {
                    runs.beside = Some(beside);
                }
            }
        }
        runs
    }

    /// The inputs moved along a direction.
    fn at(&self, direction: &[(usize, f64)], step: f64) -> Image {
        let mut image = self.inputs.image.clone();
        for (at, part) in direction {
            let float = &self.inputs.image.floats[*at];
            image.set_float(float, self.inputs.image.float(float) + step * part);
        }
        image
    }

    /// The inputs moved by a little more than rounding: where tangents change much by that, their last digits
    /// mean nothing.
    pub(super) fn beside(&self, bits: u32, sample: u64) -> Image {
        let little = match bits {
            16 => 1e-3,
            32 => 1e-6,
            _ => 1e-13,
        };
        let mut image = self.inputs.image.clone();
        let mut random = Random::new(u64::from(self.number), (1 << 33) + sample);
        for float in &self.inputs.image.floats {
            let value = image.float(float);
            let by = little
                * random.float(0.5, 1.0)
                * if random.integer(0, 1) == 0 { 1.0 } else { -1.0 };
            let moved = value * (1.0 + by);
            // At least to the next number that there is.
            image.set_float(float, moved);
            if float.bits == 32 && image.float(float) == value {
                let bits = (value as f32).to_bits();
                image.set_float(float, f64::from(f32::from_bits(bits ^ 1)));
            }
        }
        image
    }

    /// True when differences at two steps are as good as equal to the derivatives.
    fn bears_out(
        &self,
        session: &Session<'_>,
        asked: &Asked<'_>,
        give: &impl Fn(&[f64], &[f64]) -> Vec<f64>,
    ) -> bool {
        let (rounding, steps) = match session.bits {
            16 => (HALF_EPSILON, [1e-1, 5e-2]),
            32 => (f64::from(f32::EPSILON), [2e-2, 5e-3]),
            _ => (f64::EPSILON, [1e-5, 1e-6]),
        };
        let size = self.size_of(asked.parts);
        let mut is_near = vec![false; asked.derivatives.len()];
        for step in steps {
            if is_near.iter().all(|near| *near)
                && asked.derivatives.iter().any(|value| *value != 0.0)
            {
                break;
            }
            let step = step * size;
            let (right, above) = self.moved(session, asked.parts, step, give, asked.sizes.len());
            let (left, below) = self.moved(session, asked.parts, -step, give, asked.sizes.len());
            for (nth, is_near) in is_near.iter_mut().enumerate() {
                let slope = (above[nth] - below[nth]) / (right - left);
                let derivative = asked.derivatives[nth];
                let noise = 8.0 * rounding * asked.sizes[nth] / step;
                let allowed = 1e-3 * slope.abs().max(derivative.abs()) + noise;
                // Where a side is no part of the domain, there is nothing to be borne out.
                *is_near |= (slope - derivative).abs() <= allowed || !slope.is_finite();
            }
        }
        is_near.into_iter().all(|near| near)
    }

    /// How large steps along a direction are: where all move at once, each moves less; where the number is large,
    /// the step is.
    fn size_of(&self, direction: &[(usize, f64)]) -> f64 {
        let image = &self.inputs.image;
        let length = direction
            .iter()
            .map(|(_, part)| part * part)
            .sum::<f64>()
            .sqrt();
        let size = match direction {
            [(at, _)] => image.float(&image.floats[*at]).abs().max(1.0),
            _ => 1.0,
        };
        size / length.max(1.0)
    }

    /// What `give` makes of the results at an offset along a direction, and the offset that was really taken (that
    /// of a rounded number is rounded). Where the function does not run, its values are not numbers.
    fn moved(
        &self,
        session: &Session<'_>,
        direction: &[(usize, f64)],
        offset: f64,
        give: &impl Fn(&[f64], &[f64]) -> Vec<f64>,
        values: usize,
    ) -> (f64, Vec<f64>) {
        let image = &self.inputs.image;
        let mut memory = Instance::of(image);
        let mut taken = offset;
        for (at, part) in direction {
            let float = &image.floats[*at];
            let here = image.float(float);
            memory.set(float, here + offset * part);
            if direction.len() == 1 {
                taken = (memory.get(float) - here) / part;
            }
        }
        let ran = session.primal.run(image, &mut memory);
        // What is not there any more has no value.
        let value = |float: &Float| match memory.has(float) {
            true => memory.get(float),
            false => f64::NAN,
        };
        let moved = match ran {
            Ok(returns)
                if session.primal.present() == self.present
                    && session.primal.left().is_like(&self.left) =>
            {
                let outputs: Vec<f64> = self
                    .outputs
                    .iter()
                    .map(|(at, _)| value(&image.floats[*at]))
                    .collect();
                give(&returns, &both(&outputs, &session.primal.left().values))
            }
            // It does not run there, or gives another variant.
            _ => vec![f64::NAN; values],
        };
        (taken, moved)
    }

    /// Central differences along a direction of what `give` makes of the results. `sizes` are those of
    /// the values that it makes differences of.
    fn along(
        &self,
        session: &Session<'_>,
        direction: &[(usize, f64)],
        sizes: &[f64],
        give: impl Fn(&[f64], &[f64]) -> Vec<f64>,
    ) -> Vec<Option<Difference>> {
        let image = &self.inputs.image;
        let bits = direction
            .iter()
            .map(|(at, _)| image.floats[*at].bits)
            .min()
            .unwrap_or(64)
            .min(session.bits);
        let mut steps = Steps::of(bits);
        steps.first *= self.size_of(direction);
        let values = central(steps, sizes, |offset| {
            let moved = self.moved(session, direction, offset, &give, sizes.len());
            Ok::<_, std::convert::Infallible>(moved)
        });
        let Ok(values) = values;
        values
    }
}
