//! Compares a derivative at one point.

use std::collections::BTreeMap;

use trace::{CheckFault, Mode};

use super::compare::{Pair, Reference, Tolerance, is_active};
use super::directions::batches;
use super::panic::Ended;
use super::point::{Point, is_shadowed};
use super::run::Derivative;
use super::runs::Asked;
use super::session::Session;
use super::sweeps::{Seeds, Tangents};

/// What was compared, by parameter.
type Pairs = BTreeMap<usize, Vec<Pair>>;

impl Point {
    /// Compares every parameter's derivative, in all directions that the derivative follows at once. Gives what was
    /// compared, and what is wrong beside that.
    pub(super) fn compare(
        &self,
        session: &Session<'_>,
        derivative: &Derivative<'_>,
    ) -> Result<(Pairs, Vec<CheckFault>), Ended> {
        match session.derived.signature.mode {
            Mode::Reverse => self.reverse(session, derivative),
            Mode::Forward => self.forward(session, derivative),
        }
    }

    fn reverse(
        &self,
        session: &Session<'_>,
        derivative: &Derivative<'_>,
    ) -> Result<(Pairs, Vec<CheckFault>), Ended> {
        let mut random = self.random.clone();
        let seeds = self.seeds(derivative, &mut random).each(derivative.width);
        let both = (derivative, &session.derived);
        let (adjoints, given) = self.adjoints(both, &seeds)?;
        let mut out = Pairs::new();
        for (nth, (seeds, adjoints)) in seeds.iter().zip(&adjoints).enumerate() {
            let mut random = random.clone();
            for direction in self.directions(session, adjoints, &mut random) {
                let pair = self.adjoint(session, seeds, adjoints, &direction.parts);
                out.entry(direction.parameter).or_default().push(Pair {
                    place: placed(direction.place, nth, derivative.width),
                    ..pair
                });
            }
        }
        self.accumulates(session, derivative, &seeds, &adjoints, &mut out)?;
        let tolerance = value_tolerance(session.bits);
        Ok((out, given.faults(&self.returns, tolerance)))
    }

    /// The adjoint along a direction beside the derivative of all outputs, weighed with the seeds.
    fn adjoint(
        &self,
        session: &Session<'_>,
        seeds: &Seeds,
        adjoints: &[Option<f64>],
        direction: &[(usize, f64)],
    ) -> Pair {
        let values = self.outputs.iter().map(|(_, value)| *value);
        let all = weighed(&self.returns, values, seeds);
        let reach: f64 = all.map(f64::abs).sum();
        let finite = adjoints.iter().flatten().filter(|value| value.is_finite());
        let parts = direction.iter();
        let derivative: f64 = parts
            .map(|(at, part)| part * adjoints[*at].unwrap_or(0.0))
            .sum();
        let asked = Asked {
            parts: direction,
            derivatives: &[derivative],
            sizes: &[reach],
            largest: finite.fold(0.0, |largest: f64, value| largest.max(value.abs())),
        };
        let runs = self.runs(session, &asked, |returns, outputs| {
            vec![weighed(returns, outputs.iter().copied(), seeds).sum()]
        });
        Pair {
            place: String::new(),
            derivative,
            reference: Reference::Runs(runs[0]),
            point: self.number,
        }
    }

    /// Adjoints are added to what is in a shadow already.
    fn accumulates(
        &self,
        session: &Session<'_>,
        derivative: &Derivative<'_>,
        seeds: &[Seeds],
        adjoints: &[Vec<Option<f64>>],
        out: &mut Pairs,
    ) -> Result<(), Ended> {
        let mut random = self.random.clone();
        let mut before = seeds.to_vec();
        let mut probes = Vec::new();
        for (at, float) in self.inputs.image.floats.iter().enumerate() {
            let has_shadow = is_shadowed(&session.derived, &self.inputs.image, float);
            // What is in the shadow of a value's own memory is the adjoint of what it is left as.
            let is_own = session.is_own(float.parameter);
            // What is there in one variant only may be gone afterwards.
            let may_go = !float.when.is_empty() && session.is_written(float.parameter);
            let is_kept = !self.is_output(at) && !float.is_result && !may_go;
            if has_shadow && is_kept && !is_own {
                let seed = f64::from(random.float(-1.0, 1.0) as f32);
                for before in &mut before {
                    before.memory.push((at, seed));
                }
                probes.push((at, seed));
            }
        }
        if probes.is_empty() {
            return Ok(());
        }
        let both = (derivative, &session.derived);
        let (again, _) = self.adjoints(both, &before)?;
        let (_, absolute) = Tolerance::of(session.bits).exact;
        for (nth, (adjoints, again)) in adjoints.iter().zip(&again).enumerate() {
            let largest = adjoints
                .iter()
                .flatten()
                .fold(1.0, |largest: f64, value| largest.max(value.abs()));
            for &(at, seed) in &probes {
                let (Some(first), Some(second)) = (adjoints[at], again[at]) else {
                    continue;
                };
                let wanted = first + seed;
                if (second - wanted).abs() > 1e3 * absolute * largest {
                    let float = &self.inputs.image.floats[at];
                    let place = format!("{}, added to {seed:.3} in its shadow", float.label);
                    out.entry(float.parameter).or_default().push(Pair {
                        place: placed(place, nth, derivative.width),
                        derivative: second,
                        reference: Reference::Other(wanted),
                        point: self.number,
                    });
                }
            }
        }
        Ok(())
    }

    fn forward(
        &self,
        session: &Session<'_>,
        derivative: &Derivative<'_>,
    ) -> Result<(Pairs, Vec<CheckFault>), Ended> {
        let mut random = self.random.clone();
        let floats = self.inputs.image.floats.iter();
        let active: Vec<Option<f64>> = floats
            .map(|float| is_active(session.parameter(float.parameter).activity).then_some(1.0))
            .collect();
        let directions = self.directions(session, &active, &mut random);
        let mut out = Pairs::new();
        let mut faults = Vec::new();
        for batch in batches(directions, derivative.width, self.number) {
            let parts: Vec<&[(usize, f64)]> = batch.iter().map(|one| &one.parts[..]).collect();
            let (tangents, given) = self.tangents(derivative, &parts)?;
            faults.extend(given.faults(&self.returns, value_tolerance(session.bits)));
            for (nth, (direction, tangents)) in batch.iter().zip(&tangents).enumerate() {
                let place = placed(direction.place.clone(), nth, derivative.width);
                let list = out.entry(direction.parameter).or_default();
                list.extend(self.tangent(session, tangents, &direction.parts, &place));
            }
        }
        Ok((out, faults))
    }

    /// The tangent of each output along a direction, which is called `place`.
    fn tangent(
        &self,
        session: &Session<'_>,
        Tangents {
            returned,
            memory,
            allocated,
        }: &Tangents,
        direction: &[(usize, f64)],
        place: &str,
    ) -> Vec<Pair> {
        // What has no shadow has no tangent to hold against anything.
        let has_shadow = |at: &usize| allocated.get(*at).is_some_and(Option::is_some);
        let shadowed: Vec<usize> = (0..self.allocated.len()).filter(has_shadow).collect();
        let derivatives = returned.iter().chain(memory).copied();
        let derivatives: Vec<f64> = derivatives
            .chain(allocated.iter().copied().flatten())
            .collect();
        let outputs = self.outputs.iter().map(|(_, value)| *value);
        let values = self.returns.iter().copied().chain(outputs);
        let values = values.chain(shadowed.iter().map(|&at| self.left.values[at]));
        let sizes: Vec<f64> = values.map(f64::abs).collect();
        // Without a tangent of the result there is nothing to hold against it.
        let first = if returned.is_empty() {
            self.returns.len()
        } else {
            0
        };
        let finite = derivatives.iter().filter(|value| value.is_finite());
        let asked = Asked {
            parts: direction,
            derivatives: &derivatives,
            sizes: &sizes[first..],
            largest: finite.fold(0.0, |largest: f64, value| largest.max(value.abs())),
        };
        let runs = self.runs(session, &asked, |returns, outputs| {
            let (outputs, allocated) = outputs.split_at(self.outputs.len());
            let allocated = shadowed.iter().map(|&at| allocated[at]);
            let all = returns.iter().chain(outputs).copied().chain(allocated);
            all.skip(first).collect()
        });
        let labels = session.primal.returns.iter().map(|float| &float.label);
        let outputs = self.outputs.iter();
        let written = outputs.map(|(at, _)| &self.inputs.image.floats[*at].label);
        let allocated = shadowed.iter().map(|&at| &self.allocated[at].label);
        let names = labels.take(returned.len()).chain(written).chain(allocated);
        let pairs = names.zip(&derivatives).zip(runs);
        let all = self.returns.len() + self.outputs.len() + self.allocated.len();
        let alone = (all, returned.len()) == (1, 1);
        pairs
            .map(|((name, derivative), runs)| Pair {
                place: match alone {
                    true => format!("by {place}"),
                    false => format!("{name} by {place}"),
                },
                derivative: *derivative,
                reference: Reference::Runs(runs),
                point: self.number,
            })
            .collect()
    }
}

/// What is returned and what the outputs are, each times its seed.
fn weighed<'a>(
    returns: &'a [f64],
    outputs: impl Iterator<Item = f64> + 'a,
    seeds: &'a Seeds,
) -> impl Iterator<Item = f64> + 'a {
    let returned = returns.iter().copied().zip(seeds.returned.iter().copied());
    let memory = outputs.zip(seeds.memory.iter().map(|(_, seed)| *seed));
    returned.chain(memory).map(|(value, seed)| value * seed)
}

/// A place, and which of the directions that are followed at once it is about.
fn placed(place: String, nth: usize, width: usize) -> String {
    match width {
        1 => place,
        _ => format!("{place} (direction {} of {width})", nth + 1),
    }
}

/// How far the primal's value may be off in a derivative, which may compute it in another order.
fn value_tolerance(bits: u32) -> f64 {
    match bits {
        16 => 1e-2,
        32 => 1e-4,
        _ => 1e-9,
    }
}
