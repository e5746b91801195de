//! One set of inputs, and what the function makes of it.

use serde_json::Value;
use trace::{Activity, Check, Diagnosis};

use super::allocated::{Left, Place};
use super::image::{Float, Image, Instance};
use super::inputs::{self, Inputs};
use super::outcome::values;
use super::panic::Ended;
use super::plan::Plan;
use super::random::Random;
use super::session::Session;
use crate::differentiate::derived::Derived;

/// As many outputs are compared at most, spread over all that there are.
const OUTPUTS: usize = 256;

/// One set of inputs, and what the function makes of it.
pub(super) struct Point {
    /// Its place among the points.
    pub(super) number: u32,
    pub(super) inputs: Inputs,
    /// Equal numbers are likely here, and with them kinks.
    pub(super) has_ties: bool,
    pub(super) random: Random,
    pub(super) returns: Vec<f64>,
    /// Which of these are there at all.
    pub(super) present: Vec<bool>,
    /// Of the floats in memory with a shadow that the function may write, those that are compared, by position, and
    /// what they are after it.
    pub(super) outputs: Vec<(usize, f64)>,
    /// The positions of all of them, in order.
    written: Vec<usize>,
    /// The floats that are compared in memory that the function allocates and hands over, and what is in them.
    pub(super) allocated: Vec<Place>,
    pub(super) left: Left,
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
        let left = session.primal.left();
        let allocated = session.primal.places(&inputs.image)?;
        // What it may write is an output, whether or not it does so here; what lies in registers is the callee's own.
        let floats = inputs.image.floats.iter().enumerate();
        let mut outputs: Vec<(usize, f64)> = floats
            .filter(|(at, float)| {
                is_shadowed(&session.derived, &inputs.image, float)
                    && !inputs.image.arguments.contains(&float.block)
                    && !session.is_own(float.parameter)
                    && memory.has(float)
                    && (changed.contains_key(at) || session.is_written(float.parameter))
            })
            .map(|(at, float)| {
                let left = inputs.image.float(float);
                (at, changed.get(&at).copied().unwrap_or(left))
            })
            .collect();
        let written = outputs.iter().map(|(at, _)| *at).collect();
        // What was freed may have been written before, and is no result.
        outputs.retain(|(at, _)| !left.freed.contains(&inputs.image.floats[*at].block));
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
            written,
            allocated,
            left,
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
        let all = self.returns.iter().chain(outputs).chain(&self.left.values);
        all.copied().all(f64::is_finite)
    }

    /// True when the function may change that float.
    pub(super) fn is_output(&self, at: usize) -> bool {
        self.written.binary_search(&at).is_ok()
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

/// True for a float with a shadow. One that is handed over beside a reference (`(&f64, f64)`) has none in reverse mode: its
/// adjoint is returned.
pub(super) fn is_shadowed(derived: &Derived, image: &Image, float: &Float) -> bool {
    let parameter = derived.parameter(float.parameter);
    let register = image
        .arguments
        .iter()
        .position(|block| *block == float.block);
    let part = register
        .and_then(|at| at.checked_sub(parameter.first))
        .and_then(|at| parameter.parts.get(at));
    has_shadow(part.copied().unwrap_or(parameter.activity))
}

/// True for what is memory with a shadow, in either mode.
fn has_shadow(activity: Activity) -> bool {
    !matches!(activity, Activity::Const | Activity::Active)
}
