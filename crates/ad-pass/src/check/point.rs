//! Compares at one point.

use std::collections::BTreeMap;

use serde_json::Value;
use trace::{Activity, Check, CheckFault, Diagnosis, Mode};

use super::compare::{Dual, Pair, Reference, Runs, Tolerance, is_active};
use super::differences::{Difference, Steps, central};
use super::exact::exact;
use super::image::{Float, Image, Instance};
use super::inputs::{self, Inputs};
use super::outcome::values;
use super::panic::Ended;
use super::plan::Plan;
use super::random::Random;
use super::run::{Derivative, Given};
use super::session::Session;
use crate::differentiate::derived::Derived;

/// As many outputs are compared at most, spread over all that there are.
const OUTPUTS: usize = 256;

/// One set of inputs, and what the function makes of it.
pub(super) struct Point {
    /// Its place among the points.
    pub(super) number: u32,
    inputs: Inputs,
    /// Equal numbers are likely here, and with them kinks.
    has_ties: bool,
    random: Random,
    returns: Vec<f64>,
    /// Which of these are there at all.
    present: Vec<bool>,
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

/// Derivatives along one direction.
struct Asked<'a> {
    /// How far which floats move.
    parts: &'a [(usize, f64)],
    /// The derivatives, of each number that is looked at.
    derivatives: &'a [f64],
    /// How large the numbers themselves are.
    sizes: &'a [f64],
    /// The largest derivative at this point.
    largest: f64,
}

/// The two sides of the dot-product identity.
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

impl Point {
    /// The inputs of that number, and what the function makes of them; or how it ended otherwise.
    pub(super) fn make(
        session: &Session<'_>,
        check: &Check,
        plan: &Plan,
        number: u32,
    ) -> Result<Result<Self, Ended>, Diagnosis> {
        let defaults = plan.defaults(number);
        let made = inputs::make(
            session.function,
            &session.derived.shapes,
            session.primal.code.layout(),
            check,
            number,
            defaults,
        )?;
        Ok(Point::new(session, made, check.seed, number))
    }

    /// The point as one of those that are compared.
    pub(super) fn numbered(self, check: &Check, number: usize) -> Self {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        Point {
            number,
            random: Random::new(check.seed, u64::from(number) + (1 << 32)),
            ..self
        }
    }

    fn new(session: &Session<'_>, inputs: Inputs, seed: u64, number: u32) -> Result<Self, Ended> {
        let mut memory = Instance::of(&inputs.image);
        let (returns, changed) = values(&session.primal, &inputs.image, &mut memory)?;
        let present = session.primal.present();
        // What it may write is an output, whether or not it does so here.
        let floats = inputs.image.floats.iter().enumerate();
        let mut outputs: Vec<(usize, f64)> = floats
            .filter(|(at, float)| {
                let parameter = session.parameter(float.parameter);
                has_shadow(parameter.activity)
                    && !session.is_own(float.parameter)
                    && memory.has(float)
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
            number,
            has_ties: has_ties(&inputs.image),
            inputs,
            random: Random::new(seed, u64::from(number) + (1 << 32)),
            returns,
            present,
            outputs,
        })
    }

    pub(super) fn image(&self) -> &Image {
        &self.inputs.image
    }

    /// The value of each parameter, by its name.
    pub(super) fn values(&self) -> Vec<(String, Value)> {
        self.inputs.values()
    }

    /// The floats of a parameter that are given to the function, with their positions.
    pub(super) fn floats_of(&self, parameter: usize) -> impl Iterator<Item = (usize, &Float)> {
        let floats = self.inputs.image.floats.iter().enumerate();
        floats.filter(move |(_, float)| float.parameter == parameter && !float.is_result)
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
    ) -> Result<Found, Ended> {
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
            .map(|nth| {
                let seed = if alone { 1.0 } else { random.float(0.5, 1.5) };
                if self.present[nth] { seed } else { 0.0 }
            })
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
    ) -> Result<(Vec<Option<f64>>, Given), Ended> {
        let image = &self.inputs.image;
        let mut memory = Instance::of(image);
        let mut shadow = Instance::of(image);
        for float in &image.floats {
            shadow.set(float, 0.0);
        }
        for (at, seed) in before {
            shadow.set(&image.floats[*at], *seed);
        }
        let given = derivative.run(image, &mut memory, &mut shadow, returned)?;
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
    ) -> Result<(Vec<f64>, Vec<f64>, Given), Ended> {
        let image = &self.inputs.image;
        let mut memory = Instance::of(image);
        let mut shadow = Instance::of(image);
        for float in &image.floats {
            shadow.set(float, 0.0);
        }
        for (at, tangent) in direction {
            shadow.set(&image.floats[*at], *tangent);
        }
        let given = derivative.run(image, &mut memory, &mut shadow, &[])?;
        let outputs = self
            .outputs
            .iter()
            .map(|(at, _)| shadow.get(&image.floats[*at]))
            .collect();
        let there = given.tangent.iter().zip(&self.present);
        let tangent = there.map(|(tangent, is_there)| if *is_there { *tangent } else { 0.0 });
        Ok((tangent.collect(), outputs, given))
    }

    fn reverse(&self, session: &Session<'_>, derivative: &Derivative<'_>) -> Result<Found, Ended> {
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
        let largest = adjoints
            .iter()
            .flatten()
            .filter(|value| value.is_finite())
            .fold(0.0, |largest: f64, value| largest.max(value.abs()));
        let mut out: BTreeMap<usize, Vec<Pair>> = BTreeMap::new();
        for direction in self.directions(session, &adjoints, &mut random) {
            let derivative: f64 = direction
                .parts
                .iter()
                .map(|(at, part)| part * adjoints[*at].unwrap_or(0.0))
                .sum();
            let asked = Asked {
                parts: &direction.parts,
                derivatives: &[derivative],
                sizes: &[reach],
                largest,
            };
            let runs = self.runs(session, &asked, |returns, outputs| {
                let returns = returns.iter().zip(&returned);
                let outputs = outputs.iter().zip(&weights);
                vec![
                    returns
                        .chain(outputs)
                        .map(|(value, seed)| value * seed)
                        .sum(),
                ]
            });
            out.entry(direction.parameter).or_default().push(Pair {
                place: direction.place,
                derivative,
                reference: Reference::Runs(runs[0]),
                point: self.number,
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
    ) -> Result<(), Ended> {
        let mut random = self.random.clone();
        let mut before = seeds.to_vec();
        let mut probes = Vec::new();
        for (at, float) in self.inputs.image.floats.iter().enumerate() {
            let activity = session.parameter(float.parameter).activity;
            // What is in the shadow of a value's own memory is the adjoint of what it is left as.
            let is_own = session.is_own(float.parameter);
            // What is there in one variant only may be gone afterwards.
            let may_go = !float.when.is_empty() && session.is_written(float.parameter);
            let is_kept = !self.is_output(at) && !float.is_result && !may_go;
            if has_shadow(activity) && is_kept && !is_own {
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
                    reference: Reference::Other(wanted),
                    point: self.number,
                });
            }
        }
        Ok(())
    }

    fn forward(&self, session: &Session<'_>, derivative: &Derivative<'_>) -> Result<Found, Ended> {
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
            let derivatives: Vec<f64> = tangent.iter().chain(&memory).copied().collect();
            // Without a tangent of the result there is nothing to hold against it.
            let first = if tangent.is_empty() {
                self.returns.len()
            } else {
                0
            };
            let largest = derivatives
                .iter()
                .filter(|value| value.is_finite())
                .fold(0.0, |largest: f64, value| largest.max(value.abs()));
            let asked = Asked {
                parts: &direction.parts,
                derivatives: &derivatives,
                sizes: &sizes[first..],
                largest,
            };
            let runs = self.runs(session, &asked, |returns, outputs| {
                let all = returns.iter().chain(outputs).copied();
                all.skip(first).collect()
            });
            let list = out.entry(direction.parameter).or_default();
            let returned = session.primal.returns.iter().map(|float| &float.label);
            let written = self
                .outputs
                .iter()
                .map(|(at, _)| &self.inputs.image.floats[*at].label);
            let names = returned.take(tangent.len()).chain(written);
            for ((name, derivative), runs) in names.zip(&derivatives).zip(runs) {
                let place = match (self.returns.len() + self.outputs.len(), tangent.len()) {
                    (1, 1) => format!("by {place}"),
                    _ => format!("{name} by {place}"),
                };
                list.push(Pair {
                    place,
                    derivative: *derivative,
                    reference: Reference::Runs(runs),
                    point: self.number,
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

    /// What running the function says of derivatives along a direction. `give` makes numbers of what is returned
    /// and of the outputs in memory, and is linear.
    fn runs(
        &self,
        session: &Session<'_>,
        asked: &Asked<'_>,
        give: impl Fn(&[f64], &[f64]) -> Vec<f64>,
    ) -> Vec<Runs> {
        let image = &self.inputs.image;
        let outputs = || self.outputs.iter().map(|(at, _)| *at);
        let tolerance = Tolerance::of(session.bits).exact;
        let along = |image: &Image| exact(&session.primal, image, asked.parts, outputs());
        let met = along(image).ok().filter(|met| !met.unknown);
        // Rounding of sums in another order, which grows with what is added up.
        let rounding = match session.bits {
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
            if !is_same && let Ok(moved) = along(&self.beside(session.bits)) {
                let moved = give(&moved.returns, &moved.outputs);
                for (runs, moved) in runs.iter_mut().zip(moved) {
                    if let Some(dual) = &mut runs.dual
                        && moved.is_finite()
                    {
                        dual.uncertain += 10.0 * (moved - dual.value).abs();
                    }
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
            &self
                .outputs
                .iter()
                .map(|(_, value)| *value)
                .collect::<Vec<_>>(),
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
    fn beside(&self, bits: u32) -> Image {
        let little = match bits {
            32 => 1e-6,
            _ => 1e-13,
        };
        let mut image = self.inputs.image.clone();
        let mut random = Random::new(u64::from(self.number), 1 << 33);
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
            Ok(returns) if session.primal.present() == self.present => {
                let outputs: Vec<f64> = self
                    .outputs
                    .iter()
                    .map(|(at, _)| value(&image.floats[*at]))
                    .collect();
                give(&returns, &outputs)
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
        let (uncertain, singular) = self.uncertain(session, &direction, &returned, &weights);
        let mut out = Products {
            forward: 0.0,
            reverse: 0.0,
            size: 0.0,
            uncertain,
            singular,
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

impl Point {
    /// How far a sum of tangents along a direction moves where the inputs do by a little more than rounding, and
    /// whether the chain rule has no answer on the way.
    fn uncertain(
        &self,
        session: &Session<'_>,
        direction: &[(usize, f64)],
        returned: &[f64],
        weights: &[f64],
    ) -> (f64, bool) {
        let along = |image: &Image| {
            let outputs = self.outputs.iter().map(|(at, _)| *at);
            let met = exact(&session.primal, image, direction, outputs).ok()?;
            let returns = met.returns.iter().zip(returned);
            let outputs = met.outputs.iter().zip(weights);
            let sum = returns
                .chain(outputs)
                .map(|(value, seed)| value * seed)
                .sum::<f64>();
            Some((sum, met.singular || !sum.is_finite()))
        };
        let here = along(&self.inputs.image);
        let beside = along(&self.beside(session.bits));
        match (here, beside) {
            (Some((here, singular)), Some((beside, _))) if (here - beside).is_finite() => {
                (10.0 * (here - beside).abs(), singular)
            }
            (Some((_, singular)), _) => (0.0, singular),
            _ => (0.0, false),
        }
    }
}

/// How far the primal's value may be off in a derivative, which may compute it in another order.
fn value_tolerance(bits: u32) -> f64 {
    match bits {
        32 => 1e-4,
        _ => 1e-9,
    }
}

/// True where numbers are equal, so that a kink is likely.
fn has_ties(image: &Image) -> bool {
    let inputs = image.floats.iter().filter(|float| !float.is_result);
    let mut values: Vec<f64> = inputs.map(|float| image.float(float)).collect();
    values.sort_by(f64::total_cmp);
    let has_equal = values.windows(2).any(|pair| pair[0] == pair[1]);
    has_equal || values == [0.0]
}

/// True for what is memory with a shadow, in either mode.
fn has_shadow(activity: Activity) -> bool {
    !matches!(activity, Activity::Const | Activity::Active)
}
