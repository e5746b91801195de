//! Compares a derivative with a hand-written backward function.

use std::collections::BTreeMap;

use inkwell::module::Module;
use inkwell::types::BasicMetadataTypeEnum;
use inkwell::values::FunctionValue;
use trace::{Activity, Diagnosis, Help, Kind, Manual, Problem, Runner};

use super::compare::{Pair, Reference};
use super::heap;
use super::image::{Buffer, Instance};
use super::jit::Code;
use super::panic::Ended;
use super::point::Point;
use super::run::Derivative;
use super::session::Session;
use super::sweeps::Seeds;
use crate::differentiate::derived::Derived;
use crate::ir::lookup::find;
use crate::types::known::known;
use crate::types::shape::Shape;

/// A hand-written backward function, and what it is handed.
pub(super) struct Backward<'c> {
    pub(super) function: FunctionValue<'c>,
    /// The types of its parameters in the IR. Passes may have put another function in its place when it is called.
    types: Vec<BasicMetadataTypeEnum<'c>>,
    arguments: Vec<(Shape, Part)>,
}

/// A backward function's arguments after a run of the primal.
pub(super) struct Ready {
    shadow: Instance,
    /// The primal's memory, which arguments point into.
    _memory: Instance,
    own: Vec<Buffer>,
    /// By parameter of the primal: which of its own buffers has the gradient of a number.
    scalars: Vec<(usize, usize)>,
    addresses: Vec<*mut u8>,
    /// The adjoints of what the primal returns and leaves in memory.
    seeds: Seeds,
}

impl Ready {
    /// Calls the backward function, which is the function of that number in `code`.
    pub(super) fn call(&mut self, code: &Code<'_>, at: usize) -> Result<(), Ended> {
        let ended = code.call(at, &mut self.addresses);
        heap::close();
        ended
    }
}

/// What one parameter of a backward function stands for.
#[derive(Clone, Debug, PartialEq)]
enum Part {
    /// The primal's parameter, as the primal leaves it.
    Primal(usize),
    /// Where the gradient with respect to a parameter is added, or where the seed of an output is.
    Shadow(usize),
    /// The adjoint of what the primal returns.
    Seed,
    /// A number.
    Number(f64),
}

impl<'c> Backward<'c> {
    /// Finds it in the module, and for each of its parameters what it stands for: as the map says, or
    /// as its name does (`w` the primal's, `dw` its gradient).
    pub(super) fn find(
        module: &Module<'c>,
        manual: &Manual,
        derived: &Derived,
    ) -> Result<Self, Diagnosis> {
        let function = find(module, &manual.function)?;
        let (shapes, _) = known(module, function);
        for (name, _) in &manual.map {
            if !shapes.iter().any(|shape| shape.name == *name) {
                let names = shapes.iter().map(|shape| shape.name.clone()).collect();
                return Err(Diagnosis::new(
                    Kind::Signature,
                    Problem::MapNamesNoParameter {
                        function: manual.function.clone(),
                        parameter: name.clone(),
                    },
                )
                .with_help(Help::Parameters(names)));
            }
        }
        let primal: Vec<&str> = derived
            .shapes
            .iter()
            .map(|shape| shape.name.as_str())
            .collect();
        let arguments = shapes
            .into_iter()
            .map(|shape| {
                let stated = manual.map.iter().find(|(name, _)| *name == shape.name);
                let part = match stated {
                    Some((_, what)) => spelt(what, &primal),
                    None => guessed(&shape.name, &primal),
                };
                part.map(|part| (shape.clone(), part)).ok_or_else(|| {
                    let (function, parameter) = (manual.function.clone(), shape.name.clone());
                    let problem = match stated {
                        Some((_, what)) => Problem::MapsToNothing {
                            function,
                            parameter,
                            what: what.clone(),
                        },
                        None => Problem::Unmapped {
                            function,
                            parameter,
                        },
                    };
                    Diagnosis::new(Kind::Signature, problem).with_help(Help::Map {
                        parameter: shape.name.clone(),
                        primal: primal.iter().map(|&name| name.to_owned()).collect(),
                    })
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Backward {
            function,
            types: function.get_type().get_param_types(),
            arguments,
        })
    }

    /// Runs the primal, and makes the arguments of this of what it leaves; the primal returns so many numbers.
    pub(super) fn ready(
        &self,
        session: &Session<'_>,
        point: &Point,
        returned: usize,
    ) -> Result<Ready, Diagnosis> {
        let image = point.image();
        let mut memory = Instance::of(image);
        let mut shadow = Instance::of(image);
        for float in &image.floats {
            shadow.set(float, 0.0);
        }
        // What the primal writes has a seed, if the function takes one, or if nothing else does.
        let shadows = self.shadows();
        let returns_one = returned > 0;
        let mut seeds = Vec::new();
        for (at, float) in image.floats.iter().enumerate() {
            if point.is_output(at) && shadows.contains(&float.parameter) && !returns_one {
                let seed = 0.25 + 0.5 * ((at % 7) as f64);
                shadow.set(float, seed);
                seeds.push((at, seed));
            }
        }
        let seeds = Seeds {
            returned: vec![1.0; returned],
            memory: seeds,
        };
        session
            .primal
            .run(image, &mut memory)
            .map_err(|ended| ended.diagnosis(Runner::Primal, &point.values()))?;
        let mut own: Vec<Buffer> = Vec::new();
        let mut scalars: Vec<(usize, usize)> = Vec::new();
        let mut addresses = Vec::new();
        for (shape, part) in &self.arguments {
            self.argument(
                session,
                point,
                (shape, part),
                (&mut memory, &mut shadow),
                (&mut own, &mut scalars, &mut addresses),
            )?;
        }
        let mut result = Buffer::new(64);
        addresses.push(result.bytes_mut().as_mut_ptr());
        own.push(result);
        Ok(Ready {
            shadow,
            _memory: memory,
            own,
            scalars,
            addresses,
            seeds,
        })
    }

    /// Runs the primal and then this, and compares what it adds with the derivative's gradient.
    pub(super) fn compare(
        &self,
        session: &Session<'_>,
        point: &Point,
        derivative: &Derivative<'_>,
    ) -> Result<BTreeMap<usize, Vec<Pair>>, Diagnosis> {
        let mut ready = self.ready(session, point, derivative.seeds())?;
        ready
            .call(&session.primal.code, 1)
            .map_err(|ended| ended.diagnosis(Runner::Manual, &point.values()))?;
        let (image, shadows) = (point.image(), self.shadows());
        let both = (derivative, &session.derived);
        let (adjoints, _) = point
            .adjoints(both, &ready.seeds.each(derivative.width))
            .map_err(|ended| ended.diagnosis(Runner::Derivative, &point.values()))?;
        let mut out: BTreeMap<usize, Vec<Pair>> = BTreeMap::new();
        for (at, float) in image.floats.iter().enumerate() {
            let Some(derivative) = adjoints[0][at] else {
                continue;
            };
            if !shadows.contains(&float.parameter) || point.is_output(at) {
                continue;
            }
            let by_hand = match ready
                .scalars
                .iter()
                .find(|(parameter, _)| *parameter == float.parameter)
            {
                Some((_, buffer)) => super::image::read(
                    ready.own[*buffer].bytes(),
                    &super::image::Float {
                        at: 0,
                        ..float.clone()
                    },
                ),
                None => ready.shadow.get(float),
            };
            out.entry(float.parameter).or_default().push(Pair {
                place: float.label.clone(),
                derivative,
                reference: Reference::Other(by_hand),
                point: point.number,
            });
        }
        Ok(out)
    }

    /// The primal's parameters whose shadows it takes.
    fn shadows(&self) -> Vec<usize> {
        let parts = self.arguments.iter();
        parts
            .filter_map(|(_, part)| match part {
                Part::Shadow(parameter) => Some(*parameter),
                _ => None,
            })
            .collect()
    }

    /// Adds the addresses of one parameter's values.
    fn argument(
        &self,
        session: &Session<'_>,
        point: &Point,
        (shape, part): (&Shape, &Part),
        (memory, shadow): (&mut Instance, &mut Instance),
        (own, scalars, addresses): (
            &mut Vec<Buffer>,
            &mut Vec<(usize, usize)>,
            &mut Vec<*mut u8>,
        ),
    ) -> Result<(), Diagnosis> {
        let image = point.image();
        let mut fresh = |bytes: &[u8]| {
            let mut buffer = Buffer::new(bytes.len());
            buffer.bytes_mut().copy_from_slice(bytes);
            own.push(buffer);
            own.len() - 1
        };
        match part {
            Part::Number(number) => {
                let ty = self.types[shape.first];
                let is_float = ty.is_float_type();
                let is_single = is_float && ty.into_float_type().get_bit_width() == 32;
                let bytes = match (is_float, is_single) {
                    (true, true) => (*number as f32).to_le_bytes().to_vec(),
                    (true, false) => number.to_le_bytes().to_vec(),
                    _ => (*number as i64).to_le_bytes().to_vec(),
                };
                let at = fresh(&bytes);
                addresses.push(own[at].bytes_mut().as_mut_ptr());
            }
            Part::Seed => {
                let bytes = match self.types[shape.first] {
                    BasicMetadataTypeEnum::FloatType(float) if float.get_bit_width() == 32 => {
                        1.0_f32.to_le_bytes().to_vec()
                    }
                    _ => 1.0_f64.to_le_bytes().to_vec(),
                };
                let at = fresh(&bytes);
                addresses.push(own[at].bytes_mut().as_mut_ptr());
            }
            Part::Shadow(parameter)
                if session.parameter(*parameter).activity == Activity::Active =>
            {
                // The gradient of a number goes where a pointer says.
                let value = fresh(&[0; 16]);
                let address = own[value].bytes_mut().as_mut_ptr() as u64;
                let mut buffer = Buffer::new(8);
                buffer.bytes_mut().copy_from_slice(&address.to_le_bytes());
                own.push(buffer);
                let at = own.len() - 1;
                addresses.push(own[at].bytes_mut().as_mut_ptr());
                scalars.push((*parameter, value));
            }
            Part::Primal(parameter) | Part::Shadow(parameter) => {
                let found = &session.derived.shapes[*parameter];
                let blocks = &image.arguments[found.first..found.first + found.count];
                if shape.count > blocks.len() {
                    return Err(Diagnosis::new(
                        Kind::Signature,
                        Problem::OtherTypes {
                            parameter: shape.name.clone(),
                            ty: shape.text(),
                            primal: found.name.clone(),
                            primal_ty: found.text(),
                        },
                    )
                    .with_help(Help::MapInstead));
                }
                let from = if matches!(part, Part::Shadow(_)) {
                    shadow
                } else {
                    memory
                };
                for &block in &blocks[..shape.count] {
                    addresses.push(from.address(block));
                }
            }
        }
        Ok(())
    }
}

/// What a map says: `w`, `d.w`, `seed` or a number.
fn spelt(what: &str, primal: &[&str]) -> Option<Part> {
    let position = |name: &str| primal.iter().position(|other| *other == name);
    if let Some(name) = what.strip_prefix("d.") {
        return position(name).map(Part::Shadow);
    }
    if let Some(at) = position(what) {
        return Some(Part::Primal(at));
    }
    match what {
        "seed" => Some(Part::Seed),
        number => number.parse().ok().map(Part::Number),
    }
}

/// What a name says by itself: a parameter's own, or one of the usual names of its gradient.
fn guessed(name: &str, primal: &[&str]) -> Option<Part> {
    let position = |name: &str| primal.iter().position(|other| *other == name);
    if let Some(at) = position(name) {
        return Some(Part::Primal(at));
    }
    let bare = [
        name.strip_prefix("d_"),
        name.strip_prefix('d'),
        name.strip_prefix("grad_"),
        name.strip_suffix("_grad"),
        name.strip_suffix("_bar"),
    ];
    bare.into_iter()
        .flatten()
        .find_map(position)
        .map(Part::Shadow)
        .or_else(|| matches!(name, "seed" | "dloss" | "dreturn").then_some(Part::Seed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_speak_for_themselves() {
        let primal = ["w", "out", "d"];
        assert_eq!(guessed("w", &primal), Some(Part::Primal(0)));
        assert_eq!(guessed("dout", &primal), Some(Part::Shadow(1)));
        assert_eq!(guessed("d_w", &primal), Some(Part::Shadow(0)));
        assert_eq!(guessed("d", &primal), Some(Part::Primal(2)));
        assert_eq!(guessed("dloss", &primal), Some(Part::Seed));
        assert_eq!(guessed("scratch", &primal), None);
        assert_eq!(spelt("d.w", &primal), Some(Part::Shadow(0)));
        assert_eq!(spelt("0.5", &primal), Some(Part::Number(0.5)));
        assert_eq!(spelt("nothing", &primal), None);
    }
}
