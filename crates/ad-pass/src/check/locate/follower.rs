//! Follows a derivative that is wrong at a point, and the function itself, to where they part.

use std::cell::Cell;

use trace::{Followed, Mode, WrongOrigin, WrongPlace, WrongWhat};

use super::super::compare::is_active;
use super::super::exact::exact_in;
use super::super::image::Instance;
use super::super::point::{Point, is_shadowed};
use super::super::run::{Derivative, Primal};
use super::super::session::Session;
use super::super::sweeps::Tangents;
use super::anatomy::Anatomy;
use super::follow::Follow;
use super::log::Log;
use super::reference::{Near, Reference};
use super::reverse::{self, Subject};
use super::{forward, origin};
use crate::differentiate::derived::KnownDerivative;
use llvm_shim::SeenKind;

/// A derivative, and the same one that tells what it computes.
pub(super) struct Both<'c> {
    pub(super) plain: Derivative<'c>,
    pub(super) telling: Derivative<'c>,
}

/// Follows the derivative at a point.
pub(super) fn follow(
    session: &Session<'_>,
    anatomy: &Anatomy,
    known: &KnownDerivative,
    telling: &Primal<'_>,
    both: &Both<'_>,
    point: &Point,
    ended: bool,
) -> (Option<WrongPlace>, Followed) {
    let mut follower = Follower {
        session,
        telling,
        both,
        point,
        follow: Follow {
            anatomy,
            known,
            near: Near::of(session.bits),
            primal: Log::default(),
            derived: Log::default(),
            slots: known.slots(),
            ended,
        },
        done: Followed {
            same_bits: true,
            ..Followed::default()
        },
    };
    let place = match session.derived.signature.mode {
        Mode::Reverse => follower.reverse(),
        Mode::Forward => follower.forward(),
    };
    let place = place.or_else(|| follower.other_values());
    (place, follower.done)
}

struct Follower<'a, 'c> {
    session: &'a Session<'c>,
    telling: &'a Primal<'c>,
    both: &'a Both<'c>,
    point: &'a Point,
    follow: Follow<'a>,
    done: Followed,
}

/// Blocks that may run while adjoints are compared.
const WORK: u64 = 60_000_000;

impl Follower<'_, '_> {
    fn active(&self) -> Vec<usize> {
        let floats = self.point.image().floats.iter().enumerate();
        floats
            .filter(|(_, float)| {
                is_active(self.session.parameter(float.parameter).activity) && !float.is_result
            })
            .map(|(at, _)| at)
            .collect()
    }

    /// Moves along all active inputs at once.
    fn everywhere(&self) -> Vec<(usize, f64)> {
        let mut random = self.point.random.clone();
        self.active()
            .into_iter()
            .map(|at| (at, f64::from(random.float(0.5, 1.5) as f32)))
            .collect()
    }

    /// True where not all was kept of what the two told.
    fn is_too_much(&mut self) -> bool {
        self.done.too_much = !self.follow.primal.is_whole || !self.follow.derived.is_whole;
        self.done.too_much
    }

    fn outputs(&self) -> impl Iterator<Item = usize> + '_ {
        self.point.outputs.iter().map(|(at, _)| *at)
    }

    fn reverse(&mut self) -> Option<WrongPlace> {
        let mut random = self.point.random.clone();
        let seeds = [self.point.seeds(&self.both.telling, &mut random)];
        let derived = &self.session.derived;
        let (adjoints, log) =
            Log::of(|| self.point.adjoints((&self.both.telling, derived), &seeds));
        let plain = self.point.adjoints((&self.both.plain, derived), &seeds);
        let [seeds] = seeds;
        self.follow.derived = log;
        self.follow.ended = adjoints.is_err();
        // One direction: a request for several is not taken.
        let first = |(adjoints, _): (Vec<Vec<Option<f64>>>, _)| adjoints.into_iter().next();
        let adjoints = adjoints.ok().and_then(first).unwrap_or_default();
        if let Some(plain) = plain.ok().and_then(first) {
            let bits = |list: &[Option<f64>]| -> Vec<Option<u64>> {
                list.iter().map(|value| value.map(f64::to_bits)).collect()
            };
            self.done.same_bits = bits(&plain) == bits(&adjoints);
        }
        let image = self.point.image();
        let mut memory = Instance::of(image);
        let everywhere = self.everywhere();
        llvm_shim::begin_run();
        let (_, log) = Log::of(|| {
            exact_in(
                self.telling,
                image,
                &mut memory,
                &everywhere,
                self.outputs(),
            )
        });
        let blocks = llvm_shim::begin_run().max(1);
        self.follow.primal = log;
        if self.is_too_much() {
            return None;
        }
        let reference = Reference {
            primal: self.telling,
            image,
            returned: seeds.returned,
            seeds: seeds.memory,
            runs: Cell::new(1),
        };
        let work = blocks + self.follow.primal.events.len() as u64;
        let affordable = (WORK / work).clamp(50, 20_000);
        let affordable = usize::try_from(affordable).unwrap_or(50);
        let mut done = self.done;
        let found = reverse::find(&self.follow, &reference, affordable, &mut done)
            .or_else(|| self.inputs(&reference, &memory, &adjoints));
        done.runs = reference.runs.get();
        self.done = done;
        found
    }

    /// The adjoint of what the function was handed, which comes last in the reverse sweep.
    fn inputs(
        &self,
        reference: &Reference<'_, '_>,
        memory: &Instance,
        adjoints: &[Option<f64>],
    ) -> Option<WrongPlace> {
        let image = self.point.image();
        let seeds = reference.seeds.iter().map(|(_, seed)| seed);
        let size = seeds
            .chain(&reference.returned)
            .fold(1.0, |size: f64, seed| size.max(seed.abs()));
        for at in self.active() {
            let Some(has) = adjoints.get(at).copied().flatten() else {
                continue;
            };
            let direction = [(at, 1.0)];
            let Some(right) = reference.along(&direction) else {
                continue;
            };
            if !self.follow.near.differs(has, right, size) {
                continue;
            }
            let float = &image.floats[at];
            let by_value = image
                .arguments
                .iter()
                .position(|&block| block == float.block)
                .filter(|_| !is_shadowed(&self.session.derived, image, float));
            let bytes = u64::from(float.bits / 8);
            let address = memory.address_of(float) as u64;
            let subject = Subject {
                number: by_value.map_or(0, |at| self.follow.anatomy.parameter(at)),
                at: None,
                memory: by_value.is_none().then_some((address, bytes)),
            };
            let mut place = WrongPlace {
                what: WrongWhat::Adjoint,
                line: None,
                input: Some(float.label.clone()),
                execution: 1,
                executions: 1,
                value: image.float(float),
                derivative: Some(has),
                reference: right,
                rules: Vec::new(),
                made_by: Vec::new(),
                origin: WrongOrigin::Unknown,
            };
            let end = self.follow.derived.events.len();
            reverse::blame(
                &self.follow,
                reference,
                &subject,
                Some((has, end)),
                &mut place,
                (None, &direction),
                size,
            );
            return Some(place);
        }
        None
    }

    fn forward(&mut self) -> Option<WrongPlace> {
        let single = self.active().into_iter().map(|at| vec![(at, 1.0)]);
        let directions: Vec<_> = single.take(64).chain([self.everywhere()]).collect();
        for direction in directions {
            let directions = [&direction[..]];
            let (tangents, log) = Log::of(|| self.point.tangents(&self.both.telling, &directions));
            self.follow.derived = log;
            self.follow.ended = tangents.is_err();
            if let (Ok(told), Ok(plain)) =
                (tangents, self.point.tangents(&self.both.plain, &directions))
            {
                let bits = |all: &[Tangents]| -> Vec<u64> {
                    let all = all
                        .iter()
                        .flat_map(|one| one.returned.iter().chain(&one.memory));
                    all.map(|value| value.to_bits()).collect()
                };
                self.done.same_bits &= bits(&told.0) == bits(&plain.0);
            }
            let mut memory = Instance::of(self.point.image());
            let (_, log) = Log::of(|| {
                exact_in(
                    self.telling,
                    self.point.image(),
                    &mut memory,
                    &direction,
                    self.outputs(),
                )
            });
            self.follow.primal = log;
            if self.is_too_much() {
                return None;
            }
            self.done.runs += 1;
            let mut done = self.done;
            let all = self.outputs().map(|at| (at, 1.0)).collect();
            let reference = Reference {
                primal: self.telling,
                image: self.point.image(),
                returned: vec![1.0; self.point.returns.len()],
                seeds: all,
                runs: Cell::new(0),
            };
            let matters = |number, execution| reference.adjoint(number, execution) != Some(0.0);
            let found = forward::find(&self.follow, matters, &mut done);
            done.runs += reference.runs.get();
            self.done = done;
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// No derivative of any value is wrong: what the derivative computes for the primal's values may be, or the function
    /// takes a branch for a single value.
    fn other_values(&self) -> Option<WrongPlace> {
        if self.done.too_much {
            return None;
        }
        let events = &self.follow.primal.events;
        for (at, event) in events.iter().enumerate() {
            if event.kind != SeenKind::Value {
                continue;
            }
            if let Some(WrongOrigin::OtherValue { has, .. }) = origin::beside(&self.follow, at) {
                let mut place = self.follow.place(at, WrongWhat::Value);
                place.derivative = Some(has);
                place.reference = place.value;
                place.rules = vec![event.number];
                return Some(place);
            }
        }
        let bits = (0..events.len()).find(|&at| {
            let line = self.follow.anatomy.line(events[at].number);
            line.is_some_and(|line| line.is_bits)
        });
        let equality = (0..events.len()).find(|&at| {
            let event = &events[at];
            let line = self.follow.anatomy.line(event.number);
            // Of a comparison that holds, with something that moves.
            let moves = |&number: &u32| {
                let last = self.follow.primal.last(SeenKind::Value, number, at);
                last.is_some_and(|last| events[last].tangent != 0.0)
            };
            line.is_some_and(|line| {
                let holds = line.equality.map(f64::from);
                holds == Some(event.value) && line.operands.iter().any(moves)
            })
        });
        let (at, origin) = match (equality, bits) {
            (Some(at), _) => (at, WrongOrigin::SingleValue),
            (None, Some(at)) => (at, WrongOrigin::Bits),
            (None, None) => return None,
        };
        let mut place = self.follow.place(at, WrongWhat::Value);
        place.derivative = Some(place.value);
        place.reference = place.value;
        place.rules = vec![events[at].number];
        place.origin = origin;
        Some(place)
    }
}
