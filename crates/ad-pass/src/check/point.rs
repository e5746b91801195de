//! Compares at one point.

use std::collections::BTreeMap;

use trace::{Activity, Check, CheckFault, Diagnosis, Mode, Runner};

use super::compare::{Pair, Reference, Tolerance, is_active};
use super::defaults::Defaults;
use super::differences::{Difference, Steps, central};
use super::image::{Float, Image, Instance};
use super::inputs::{self, Inputs};
use super::outcome::values;
use super::random::Random;
use super::run::{Derivative, Given};
use super::session::Session;
use crate::differentiate::derived::Derived;

/// As many outputs are compared at most, spread over all that there are.
const OUTPUTS: usize = 256;

/// One set of inputs, and what the function makes of it.
pub(super) struct Point {
    inputs: Inputs,
    random: Random,
    returns: Vec<f64>,
    /// The floats in memory with a shadow that the function may write, by position, and what they
    /// are after it.
    outputs: Vec<(usize, f64)>,
}

/// What was compared, by parameter, and what is wrong beside that.
type Found = (BTreeMap<usize, Vec<Pair>>, Vec<CheckFault>);

/// A way to go from a point.
struct Direction {
    parameter: usize,
    /// How far which floats move.
    parts: Vec<(usize, f64)>,
    /// What it is called: `w[3]`.
    place: String,
}

/// The two sides of the dot-product identity.
pub(super) struct Products {
    pub(super) forward: f64,
    pub(super) reverse: f64,
    /// The sum of the sizes of the terms.
    pub(super) size: f64,
}

impl Point {
    /// The inputs of that number, and what the function makes of them.
    pub(super) fn make(
        session: &Session<'_>,
        check: &Check,
        defaults: Defaults,
        number: u32,
    ) -> Result<Self, Diagnosis> {
        let made = inputs::make(
            session.function,
            &session.derived.shapes,
            session.primal.code.layout(),
            check,
            number,
            defaults,
        )?;
        Point::new(session, made, check.seed, number)
    }

    fn new(
        session: &Session<'_>,
        inputs: Inputs,
        seed: u64,
        number: u32,
    ) -> Result<Self, Diagnosis> {
        let mut memory = Instance::of(&inputs.image);
        let (returns, changed) = values(&session.primal, &inputs.image, &mut memory)
            .map_err(|ended| ended.diagnosis(Runner::Primal, &inputs.words))?;
        // What it may write is an output, whether or not it does so here.
        let floats = inputs.image.floats.iter().enumerate();
        let mut outputs: Vec<(usize, f64)> = floats
            .filter(|(at, float)| {
                let parameter = session.parameter(float.parameter);
                has_shadow(parameter.activity)
                    && (changed.contains_key(at) || session.is_written(float.parameter))
            })
            .map(|(at, float)| {
                let left = inputs.image.float(float);
                (at, changed.get(&at).copied().unwrap_or(left))
            })
            .collect();
        let step = outputs.len().div_ceil(OUTPUTS).max(1);
        outputs = outputs.into_iter().step_by(step).collect();
        Ok(Point {
            inputs,
            random: Random::new(seed, u64::from(number) + (1 << 32)),
            returns,
            outputs,
        })
    }

    pub(super) fn image(&self) -> &Image {
        &self.inputs.image
    }

    pub(super) fn words(&self) -> Vec<(String, String)> {
        self.inputs.words.clone()
    }

    /// The floats of a parameter, with their positions.
    pub(super) fn floats_of(&self, parameter: usize) -> impl Iterator<Item = (usize, &Float)> {
        let floats = self.inputs.image.floats.iter().enumerate();
        floats.filter(move |(_, float)| float.parameter == parameter)
    }

    /// The fewest bits of any float.
    pub(super) fn bits(&self) -> u32 {
        let floats = self.inputs.image.floats.iter().map(|float| float.bits);
        floats.min().unwrap_or(64)
    }

    /// True when all that the function gives is finite.
    pub(super) fn is_finite(&self) -> bool {
        let outputs = self.outputs.iter().map(|(_, value)| value);
        self.returns.iter().chain(outputs).all(|v| v.is_finite())
    }

    /// True when the function may change that float.
    pub(super) fn is_output(&self, at: usize) -> bool {
        self.outputs.iter().any(|(output, _)| *output == at)
    }

    /// True when every output was looked at, so that what is none is only read.
    fn sees_every_output(&self) -> bool {
        self.outputs.len() < OUTPUTS
    }

    /// Compares every parameter's derivative with differences.
    pub(super) fn compare(
        &self,
        session: &Session<'_>,
        derivative: &Derivative<'_>,
    ) -> Result<Found, Diagnosis> {
        match session.derived.signature.mode {
            Mode::Reverse => self.reverse(session, derivative),
            Mode::Forward => self.forward(session, derivative),
        }
    }

    /// A seed for each output: one for a result that stands alone, so that the gradient is that of the
    /// function.
    fn seeds(&self, derivative: &Derivative<'_>, random: &mut Random) -> (Vec<f64>, Vec<f64>) {
        let alone = derivative.seeds() == 1 && self.outputs.is_empty();
        let returned = (0..derivative.seeds())
            .map(|_| if alone { 1.0 } else { random.float(0.5, 1.5) })
            .collect();
        let memory = self.outputs.iter().map(|_| random.float(-1.0, 1.0));
        (
            returned,
            memory.map(|seed| f64::from(seed as f32)).collect(),
        )
    }

    /// Runs the derivative in reverse mode; `before` are adjoints that are in the shadows already.
    /// Gives the adjoint of each float that has one.
    pub(super) fn adjoints(
        &self,
        (derivative, derived): (&Derivative<'_>, &Derived),
        returned: &[f64],
        before: &[(usize, f64)],
    ) -> Result<(Vec<Option<f64>>, Given), Diagnosis> {
        let image = &self.inputs.image;
        let mut memory = Instance::of(image);
        let mut shadow = Instance::of(image);
        for float in &image.floats {
            shadow.set(float, 0.0);
        }
        for (at, seed) in before {
            shadow.set(&image.floats[*at], *seed);
        }
        let given = derivative
            .run(image, &mut memory, &mut shadow, returned)
            .map_err(|ended| ended.diagnosis(Runner::Derivative, &self.inputs.words))?;
        let adjoints = image
            .floats
            .iter()
            .map(|float| match derived.parameter(float.parameter).activity {
                Activity::Active => given.adjoint(image, float),
                activity if has_shadow(activity) => Some(shadow.get(float)),
                _ => None,
            })
            .collect();
        Ok((adjoints, given))
    }

    /// Runs the derivative in forward mode along `direction`, and gives the tangents of what is
    /// returned and of the outputs in memory.
    fn tangents(
        &self,
        derivative: &Derivative<'_>,
        direction: &[(usize, f64)],
    ) -> Result<(Vec<f64>, Vec<f64>, Given), Diagnosis> {
        let image = &self.inputs.image;
        let mut memory = Instance::of(image);
        let mut shadow = Instance::of(image);
        for float in &image.floats {
            shadow.set(float, 0.0);
        }
        for (at, tangent) in direction {
            shadow.set(&image.floats[*at], *tangent);
        }
        let given = derivative
            .run(image, &mut memory, &mut shadow, &[])
            .map_err(|ended| ended.diagnosis(Runner::Derivative, &self.inputs.words))?;
        let outputs = self
            .outputs
            .iter()
            .map(|(at, _)| shadow.get(&image.floats[*at]))
            .collect();
        Ok((given.tangent.clone(), outputs, given))
    }

    fn reverse(
        &self,
        session: &Session<'_>,
        derivative: &Derivative<'_>,
    ) -> Result<Found, Diagnosis> {
        let mut random = self.random.clone();
        let (returned, weights) = self.seeds(derivative, &mut random);
        let seeds: Vec<(usize, f64)> = self
            .outputs
            .iter()
            .zip(&weights)
            .map(|((at, _), weight)| (*at, *weight))
            .collect();
        let both = (derivative, &session.derived);
        let (adjoints, given) = self.adjoints(both, &returned, &seeds)?;
        let reach: f64 = self
            .returns
            .iter()
            .zip(&returned)
            .map(|(value, seed)| (value * seed).abs())
            .chain(
                self.outputs
                    .iter()
                    .zip(&weights)
                    .map(|((_, value), weight)| (value * weight).abs()),
            )
            .sum();
        let mut out: BTreeMap<usize, Vec<Pair>> = BTreeMap::new();
        for direction in self.directions(session, &adjoints, &mut random) {
            let derivative: f64 = direction
                .parts
                .iter()
                .map(|(at, part)| part * adjoints[*at].unwrap_or(0.0))
                .sum();
            let found = self.along(session, &direction.parts, &[reach], |returns, outputs| {
                let mut sum = 0.0;
                for ((value, here), seed) in returns.iter().zip(&self.returns).zip(&returned) {
                    sum += (value - here) * seed;
                }
                for ((value, (_, here)), weight) in outputs.iter().zip(&self.outputs).zip(&weights)
                {
                    sum += (value - here) * weight;
                }
                vec![sum]
            });
            out.entry(direction.parameter).or_default().push(Pair {
                place: direction.place,
                derivative,
                reference: Reference::Difference(found[0], reach),
            });
        }
        self.accumulates(
            session,
            derivative,
            (&returned, &seeds),
            &adjoints,
            &mut out,
        )?;
        Ok((
            out,
            given.faults(&self.returns, value_tolerance(session.bits)),
        ))
    }

    /// Adjoints are added to what is in a shadow already.
    fn accumulates(
        &self,
        session: &Session<'_>,
        derivative: &Derivative<'_>,
        (returned, seeds): (&[f64], &[(usize, f64)]),
        adjoints: &[Option<f64>],
        out: &mut BTreeMap<usize, Vec<Pair>>,
    ) -> Result<(), Diagnosis> {
        let mut random = self.random.clone();
        let mut before = seeds.to_vec();
        let mut probes = Vec::new();
        for (at, float) in self.inputs.image.floats.iter().enumerate() {
            let activity = session.parameter(float.parameter).activity;
            if has_shadow(activity) && !self.is_output(at) {
                let seed = f64::from(random.float(-1.0, 1.0) as f32);
                before.push((at, seed));
                probes.push((at, seed));
            }
        }
        if probes.is_empty() || !self.sees_every_output() {
            return Ok(());
        }
        let both = (derivative, &session.derived);
        let (again, _) = self.adjoints(both, returned, &before)?;
        let (_, absolute) = Tolerance::of(session.bits).exact;
        let largest = adjoints
            .iter()
            .flatten()
            .fold(1.0, |largest: f64, value| largest.max(value.abs()));
        for (at, seed) in probes {
            let (Some(first), Some(second)) = (adjoints[at], again[at]) else {
                continue;
            };
            let wanted = first + seed;
            if (second - wanted).abs() > 1e3 * absolute * largest {
                let float = &self.inputs.image.floats[at];
                out.entry(float.parameter).or_default().push(Pair {
                    place: format!("{}, added to {seed:.3} in its shadow", float.label),
                    derivative: second,
                    reference: Reference::Exact(wanted),
                });
            }
        }
        Ok(())
    }

    fn forward(
        &self,
        session: &Session<'_>,
        derivative: &Derivative<'_>,
    ) -> Result<Found, Diagnosis> {
        let mut random = self.random.clone();
        let active: Vec<Option<f64>> = self
            .inputs
            .image
            .floats
            .iter()
            .map(|float| is_active(session.parameter(float.parameter).activity).then_some(1.0))
            .collect();
        let mut sizes: Vec<f64> = self.returns.iter().map(|value| value.abs()).collect();
        sizes.extend(self.outputs.iter().map(|(_, value)| value.abs()));
        let mut out: BTreeMap<usize, Vec<Pair>> = BTreeMap::new();
        let mut faults = Vec::new();
        for direction in self.directions(session, &active, &mut random) {
            let place = &direction.place;
            let (tangent, memory, used) = self.tangents(derivative, &direction.parts)?;
            faults.extend(used.faults(&self.returns, value_tolerance(session.bits)));
            let found = self.along(session, &direction.parts, &sizes, |returns, outputs| {
                let moved = returns
                    .iter()
                    .zip(&self.returns)
                    .map(|(value, here)| value - here);
                let outputs = outputs.iter().zip(&self.outputs);
                moved
                    .chain(outputs.map(|(value, (_, here))| value - here))
                    .collect()
            });
            let list = out.entry(direction.parameter).or_default();
            // Without a tangent of the result there is nothing to hold against it.
            for (nth, derivative) in tangent.iter().enumerate() {
                let place = match self.returns.len() + self.outputs.len() {
                    1 => format!("by {place}"),
                    _ => format!("{} by {place}", session.primal.returns[nth].label),
                };
                list.push(Pair {
                    place,
                    derivative: *derivative,
                    reference: Reference::Difference(found[nth], sizes[nth]),
                });
            }
            for (nth, derivative) in memory.iter().enumerate() {
                let (at, _) = self.outputs[nth];
                let nth = self.returns.len() + nth;
                list.push(Pair {
                    place: format!("{} by {place}", self.inputs.image.floats[at].label),
                    derivative: *derivative,
                    reference: Reference::Difference(found[nth], sizes[nth]),
                });
            }
        }
        Ok((out, faults))
    }

    /// The directions to compare along, for each parameter with a derivative: one float at a time,
    /// and where there are more of them than samples, all of them at once as well.
    fn directions(
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
        let mut memory = Instance::of(image);
        let bits = direction
            .iter()
            .map(|(at, _)| image.floats[*at].bits)
            .min()
            .unwrap_or(64)
            .min(session.bits);
        let mut steps = Steps::of(bits);
        // Where all move at once, each moves less; where the number is large, the step is.
        let length = direction
            .iter()
            .map(|(_, part)| part * part)
            .sum::<f64>()
            .sqrt();
        let size = match direction {
            [(at, _)] => image.float(&image.floats[*at]).abs().max(1.0),
            _ => 1.0,
        };
        steps.first *= size / length.max(1.0);
        let values = central(steps, sizes, |offset| {
            memory.reset(image);
            let mut taken = offset;
            for (at, part) in direction {
                let float = &image.floats[*at];
                let here = image.float(float);
                memory.set(float, here + offset * part);
                if direction.len() == 1 {
                    taken = (memory.get(float) - here) / part;
                }
            }
            let moved = match session.primal.run(image, &mut memory) {
                Ok(returns) => {
                    let outputs: Vec<f64> = self
                        .outputs
                        .iter()
                        .map(|(at, _)| memory.get(&image.floats[*at]))
                        .collect();
                    give(&returns, &outputs)
                }
                // It does not run there: there is no value.
                Err(_) => vec![f64::NAN; sizes.len()],
            };
            Ok::<_, std::convert::Infallible>((taken, moved))
        });
        let Ok(values) = values;
        values
    }

    /// Both sides of the identity for random tangents and seeds of what is active in both modes.
    pub(super) fn products(
        &self,
        (forward, forward_derived): (&Derivative<'_>, &Derived),
        (reverse, reverse_derived): (&Derivative<'_>, &Derived),
    ) -> Result<Products, Diagnosis> {
        let image = &self.inputs.image;
        let mut random = self.random.clone();
        let active = |derived: &Derived, float: &Float| {
            is_active(derived.parameter(float.parameter).activity)
        };
        let direction: Vec<(usize, f64)> = (0..image.floats.len())
            .filter(|&at| {
                let float = &image.floats[at];
                active(forward_derived, float) && active(reverse_derived, float)
            })
            .map(|at| (at, f64::from(random.float(-1.0, 1.0) as f32)))
            .collect();
        let (returned, weights) = self.seeds(reverse, &mut random);
        let seeds: Vec<(usize, f64)> = self
            .outputs
            .iter()
            .zip(&weights)
            .map(|((at, _), weight)| (*at, *weight))
            .collect();
        let (tangent, memory, _) = self.tangents(forward, &direction)?;
        let (adjoints, _) = self.adjoints((reverse, reverse_derived), &returned, &seeds)?;
        let mut out = Products {
            forward: 0.0,
            reverse: 0.0,
            size: 0.0,
        };
        let pairs = tangent.iter().zip(&returned);
        for (tangent, seed) in pairs.chain(memory.iter().zip(&weights)) {
            out.forward += tangent * seed;
            out.size += (tangent * seed).abs();
        }
        for (at, tangent) in &direction {
            let adjoint = adjoints[*at].unwrap_or(0.0);
            out.reverse += tangent * adjoint;
            out.size += (tangent * adjoint).abs();
        }
        Ok(out)
    }
}

/// How far the primal's value may be off in a derivative, which may compute it in another order.
fn value_tolerance(bits: u32) -> f64 {
    match bits {
        32 => 1e-4,
        _ => 1e-9,
    }
}

/// True for what is memory with a shadow, in either mode.
fn has_shadow(activity: Activity) -> bool {
    !matches!(activity, Activity::Const | Activity::Active)
}
