//! Calls a primal and its derivatives on images.

use std::cell::RefCell;

use enzyme_sys::logic;
use inkwell::OptimizationLevel;
use inkwell::module::Module;
use inkwell::types::{BasicMetadataTypeEnum, BasicType, BasicTypeEnum};
use inkwell::values::FunctionValue;
use trace::{
    Activity, AdOptions, CheckFault, Diagnosis, Kind, MemoryFault, Mode, Problem, RustType,
    Unexpected,
};

use super::allocated::{self, Left, Owner, Place};
use super::heap;
use super::image::{Buffer, Float, Image, Instance, read, tangent, write};
use super::jit::{self, Code};
use super::panic::Ended;
use super::returned::{floats_returned, moved, parts, read_if_there, size};
use super::shadows::{Form, Gathered};
use crate::backend::activities::argument_activities;
use crate::differentiate::derived::Derived;
use crate::ir::lookup::find;

/// The function itself, as it came.
pub(super) struct Primal<'c> {
    pub(super) code: Code<'c>,
    /// The floats in what it returns.
    pub(super) returns: Vec<Float>,
    result: RefCell<Buffer>,
    /// What owns memory with floats after a run.
    owners: Vec<Owner>,
    /// What the last run left there.
    left: RefCell<Left>,
    /// Where that is, if it was asked for.
    places: RefCell<Option<Vec<Place>>>,
}

impl<'c> Primal<'c> {
    /// The first function of `code`, which returns `ty`, a `known` type in Rust.
    pub(super) fn new(
        code: Code<'c>,
        ty: Option<BasicTypeEnum<'c>>,
        known: Option<&RustType>,
    ) -> Self {
        let mut returns = Vec::new();
        let mut bytes = 0;
        if let Some(ty) = ty {
            bytes = size(code.layout(), ty);
            returns = floats_returned(ty, code.layout(), known);
        }
        Primal {
            code,
            returns,
            result: RefCell::new(Buffer::new(bytes)),
            owners: Vec::new(),
            left: RefCell::default(),
            places: RefCell::default(),
        }
    }

    /// Looks at memory that the function allocates and these own, too.
    pub(super) fn looking_into(self, owners: Vec<Owner>) -> Self {
        Primal { owners, ..self }
    }

    /// What the last run left in memory that it allocated and handed over.
    pub(super) fn left(&self) -> Left {
        self.left.borrow().clone()
    }

    /// Runs it on `image`, and gives the places of the floats in memory that it allocates and hands over.
    pub(super) fn places(&self, image: &Image) -> Result<Vec<Place>, Ended> {
        if self.owners.is_empty() {
            return Ok(Vec::new());
        }
        *self.places.borrow_mut() = Some(Vec::new());
        let ended = self.call(image, &mut Instance::of(image));
        let places = self.places.borrow_mut().take();
        ended.map(|_| places.unwrap_or_default())
    }

    /// Which of the floats that it returns are there, after a run: an `Option` may have none.
    pub(super) fn present(&self) -> Vec<bool> {
        let result = self.result.borrow();
        let there = |float: &Float| float.is_there(result.bytes());
        self.returns.iter().map(there).collect()
    }

    /// The tangents of what it returned, after a run with tangents.
    pub(super) fn tangents(&self) -> Vec<f64> {
        let result = self.result.borrow();
        self.returns
            .iter()
            .map(|float| match float.is_there(result.bytes()) {
                true => tangent(result.bytes().as_ptr().wrapping_add(float.at), float.bits),
                false => 0.0,
            })
            .collect()
    }

    /// Runs it on an instance of `image` and gives the floats that it returns; zero for one that is not
    /// there.
    pub(super) fn run(&self, image: &Image, memory: &mut Instance) -> Result<Vec<f64>, Ended> {
        self.call(image, memory)?;
        let result = self.result.borrow();
        Ok(self
            .returns
            .iter()
            .map(|float| read_if_there(result.bytes(), float))
            .collect())
    }

    /// Runs it on `image` and gives account of the heap.
    pub(super) fn account(&self, image: &Image) -> Result<heap::Account, Ended> {
        self.call(image, &mut Instance::of(image))
    }

    fn call(&self, image: &Image, memory: &mut Instance) -> Result<heap::Account, Ended> {
        let mut result = self.result.borrow_mut();
        result.bytes_mut().fill(0);
        let mut arguments: Vec<*mut u8> = image
            .arguments
            .iter()
            .map(|&block| memory.address(block))
            .collect();
        arguments.push(result.bytes_mut().as_mut_ptr());
        lend(memory, image);
        llvm_shim::begin_run();
        let end = self.code.call(0, &mut arguments);
        if end.is_ok() {
            let bytes = |owner: &Owner| match owner.parameter {
                Some(at) => {
                    let block = image.behind(image.arguments[at]);
                    block.map_or(&[][..], |block| memory.bytes(block))
                }
                None => result.bytes(),
            };
            let freed = memory.owned_blocks(image);
            let freed = freed.filter(|(_, address)| heap::was_freed(*address));
            *self.left.borrow_mut() = Left {
                freed: freed.map(|(block, _)| block).collect(),
                ..allocated::left(&self.owners, bytes)
            };
            if let Some(places) = &mut *self.places.borrow_mut() {
                *places = allocated::places(&self.owners, bytes);
            }
        }
        let account = heap::close();
        end?;
        match memory.torn().first() {
            Some(&block) => Err(Ended::Beside(image.name_of(block))),
            None => Ok(account),
        }
    }
}

/// One of the derivative's parameters.
#[derive(Clone, Copy, Debug)]
enum Slot {
    /// The primal's parameter.
    Primal(usize),
    /// Its shadows, one for each direction.
    Shadow(usize, Form),
    /// The adjoints of what the primal returns.
    Seed,
}

/// A derivative, and where its arguments and results are.
pub(super) struct Derivative<'c> {
    pub(super) code: Code<'c>,
    /// How many directions it follows at once.
    pub(super) width: usize,
    slots: Vec<Slot>,
    /// The floats in the seed.
    seed: Vec<Float>,
    result_bytes: usize,
    /// The tangent of what the primal returns, in the first direction.
    tangent: Vec<Float>,
    /// Where that tangent is, or the shadow of what is returned in registers.
    shadow_at: Option<usize>,
    /// What owns memory with floats after a run, and whether it has a shadow.
    owners: Vec<(Owner, bool)>,
    /// How many bytes after one direction's seed or tangent the next one's is.
    step: usize,
    /// For each active parameter of the IR, where its first adjoint is in the result, and how large one is.
    adjoints: Vec<(usize, usize, usize)>,
    /// The floats of what the primal returns, where the derivative gives that back.
    primal: Vec<Float>,
}

/// What a derivative gave.
pub(super) struct Given {
    /// In each direction, the tangent of what the primal returns.
    pub(super) tangents: Vec<Vec<f64>>,
    /// In each direction, those of the floats that were asked for in memory that was allocated and handed over; none for
    /// one that has no shadow.
    pub(super) allocated: Vec<Vec<Option<f64>>>,
    /// What the primal returns, as the derivative has it; empty where it does not say.
    primal: Vec<f64>,
    /// By the position of the IR parameter: the bytes of its adjoints, and how many each has.
    adjoints: Vec<(usize, Vec<u8>, usize)>,
    /// What it did to the heap.
    pub(super) account: heap::Account,
}

impl Given {
    /// What is wrong beside the derivative: memory that was misused, and a value that is not the
    /// primal's.
    pub(super) fn faults(&self, returns: &[f64], tolerance: f64) -> Vec<CheckFault> {
        let mut faults: Vec<CheckFault> = self
            .account
            .faults
            .iter()
            .cloned()
            .map(CheckFault::Memory)
            .collect();
        for (given, wanted) in self.primal.iter().zip(returns) {
            let off = (given - wanted).abs();
            let agrees = given == wanted
                || off <= tolerance * wanted.abs().max(1.0)
                || (given.is_nan() && wanted.is_nan());
            if !agrees {
                faults.push(CheckFault::PrimalValue {
                    given: *given,
                    wanted: *wanted,
                });
            }
        }
        faults
    }

    /// The adjoint, for the seed of that number, of a float that was handed over by value.
    pub(super) fn adjoint(&self, image: &Image, float: &Float, nth: usize) -> Option<f64> {
        let (_, bytes, step) = self
            .adjoints
            .iter()
            .find(|(argument, _, _)| image.arguments[*argument] == float.block)?;
        Some(read(&bytes[nth * step..], float))
    }
}

impl<'c> Derivative<'c> {
    /// Compiles the derivative that `module` has.
    pub(super) fn compile(
        module: &Module<'c>,
        derived: &Derived,
        primal: FunctionValue<'c>,
        ad: &AdOptions,
    ) -> Result<Self, Diagnosis> {
        let derivative = find(module, &derived.names.derivative)?;
        let code = jit::compile(module, &[derivative], level(ad))?;
        Derivative::new(code, primal, derivative, derived)
    }

    /// The first function of `code`, which is `derivative` of `primal` as `derived` has it.
    pub(super) fn new(
        code: Code<'c>,
        primal: FunctionValue<'c>,
        derivative: FunctionValue<'c>,
        derived: &Derived,
    ) -> Result<Self, Diagnosis> {
        let signature = &derived.signature;
        let activities = argument_activities(primal, signature);
        let returned = derived.returned();
        let returns = primal.get_type().get_return_type();
        let width = signature.width as usize;
        let types = primal.get_type().get_param_types();
        let taken = derivative.get_type().get_param_types();
        let mut slots = Vec::new();
        for (at, activity) in activities.iter().enumerate() {
            slots.push(Slot::Primal(at));
            if [logic::DFT_DUP_ARG, logic::DFT_DUP_NONEED].contains(activity) {
                let plain = |ty: BasicMetadataTypeEnum<'c>| BasicTypeEnum::try_from(ty).ok();
                let form = taken.get(slots.len()).and_then(|shadow| {
                    let ty = plain(types[at])?;
                    Form::of(plain(*shadow)?, ty, width, size(code.layout(), ty))
                });
                let no_shadow = || {
                    unexpected(Unexpected::Takes {
                        takes: taken.len(),
                        expected: slots.len() + 1,
                    })
                };
                let form = form.ok_or_else(no_shadow)?;
                slots.push(Slot::Shadow(at, form));
            }
        }
        let mut seed = Vec::new();
        if let (Mode::Reverse, Some(Activity::Active), Some(ty)) =
            (signature.mode, returned, returns)
        {
            slots.push(Slot::Seed);
            seed = floats_returned(ty, code.layout(), derived.returns.as_ref());
        }
        if taken.len() != slots.len() {
            return Err(unexpected(Unexpected::Takes {
                takes: taken.len(),
                expected: slots.len(),
            }));
        }
        let result = derivative.get_type().get_return_type();
        let parts = parts(result, code.layout());
        let mut made = Derivative {
            width,
            slots,
            seed,
            result_bytes: result.map_or(0, |ty| size(code.layout(), ty)),
            tangent: Vec::new(),
            shadow_at: None,
            owners: Owner::all(derived)
                .into_iter()
                .map(|owner| {
                    let shadows = [logic::DFT_DUP_ARG, logic::DFT_DUP_NONEED];
                    let has_shadow = owner
                        .parameter
                        .is_none_or(|at| shadows.contains(&activities[at]));
                    (owner, has_shadow)
                })
                .collect(),
            step: returns.map_or(0, |ty| size(code.layout(), ty)),
            adjoints: Vec::new(),
            primal: Vec::new(),
            code,
        };
        let known_floats = |ty| floats_returned(ty, made.code.layout(), derived.returns.as_ref());
        match signature.mode {
            Mode::Reverse => {
                let active: Vec<usize> = (0..activities.len())
                    .filter(|&at| activities[at] == logic::DFT_OUT_DIFF)
                    .collect();
                // The primal's value comes first, if it is there.
                let first = parts
                    .len()
                    .checked_sub(active.len())
                    .ok_or_else(|| unexpected(Unexpected::ReturnsTooFew))?;
                if let (1, Some(ty), Some((offset, found))) = (first, returns, parts.first())
                    && *found == ty
                {
                    made.primal = moved(known_floats(ty), *offset);
                }
                made.adjoints = active
                    .into_iter()
                    .zip(&parts[first..])
                    .map(|(at, (offset, ty))| (at, *offset, size(made.code.layout(), *ty) / width))
                    .collect();
            }
            Mode::Forward => {
                let wants = matches!(returned, Some(Activity::Dual | Activity::DualOnly));
                if let (true, Some(ty), Some(result)) = (wants, returns, result) {
                    let all = match signature.width {
                        1 => ty,
                        width => ty.array_type(width).into(),
                    };
                    let offset = match result == all {
                        true => 0,
                        false => parts.last().map_or(0, |(offset, _)| *offset),
                    };
                    made.tangent = moved(known_floats(ty), offset);
                    made.shadow_at = Some(offset);
                    if let (false, [(offset, found), _]) = (result == all, parts.as_slice())
                        && *found == ty
                    {
                        made.primal = moved(known_floats(ty), *offset);
                    }
                }
            }
        }
        Ok(made)
    }

    /// How many floats are in the seed.
    pub(super) fn seeds(&self) -> usize {
        self.seed.len()
    }

    /// Runs it on an instance of `image` and, for each direction, one that holds the shadows. `seeds` has those of
    /// each direction, if there are any; `places` are those to be read in memory that it allocates.
    pub(super) fn run(
        &self,
        image: &Image,
        memory: &mut Instance,
        shadows: &mut [Instance],
        seeds: &[&[f64]],
        places: &[Place],
    ) -> Result<Given, Ended> {
        let mut seed = Buffer::new(self.step * self.width);
        for (nth, seeds) in seeds.iter().enumerate() {
            let bytes = &mut seed.bytes_mut()[nth * self.step..];
            // Of two floats at one place one is not there, and has no seed.
            for (float, value) in self.seed.iter().zip(*seeds) {
                if *value != 0.0 {
                    write(bytes, float, *value);
                }
            }
        }
        let mut result = Buffer::new(self.result_bytes);
        let mut gathered = Gathered::default();
        let mut arguments: Vec<*mut u8> = self
            .slots
            .iter()
            .map(|slot| match slot {
                Slot::Primal(at) => memory.address(image.arguments[*at]),
                Slot::Shadow(at, form) => {
                    gathered.address(*form, image.arguments[*at], image, shadows)
                }
                Slot::Seed => seed.bytes_mut().as_mut_ptr(),
            })
            .collect();
        arguments.push(result.bytes_mut().as_mut_ptr());
        lend(memory, image);
        for shadow in shadows.iter() {
            lend(shadow, image);
        }
        let end = self.code.call(0, &mut arguments);
        let mut allocated = Vec::new();
        if end.is_ok() {
            gathered.give_back(shadows);
            let shadow = |owner: &Owner, nth: usize| match owner.parameter {
                Some(at) => {
                    let block = image.behind(image.arguments[at])?;
                    Some(shadows[nth].bytes(block))
                }
                None => Some(&result.bytes()[self.shadow_at? + nth * self.step..]),
            };
            let read = |nth: usize| {
                let places = places.iter();
                let read = places.map(|place| match &self.owners[place.owner] {
                    (owner, true) => shadow(owner, nth).map(|shadow| place.read(shadow)),
                    _ => None,
                });
                read.collect()
            };
            allocated = (0..self.width).map(read).collect();
        }
        let mut account = heap::close();
        end?;
        let torn = |is_shadow: bool, instance: &Instance| {
            let wrote_beside = |block| MemoryFault::WroteBeside {
                parameter: image.name_of(block),
                is_shadow,
            };
            let torn = instance.torn().into_iter();
            torn.map(wrote_beside).collect::<Vec<_>>()
        };
        account.faults.extend(torn(false, memory));
        for shadow in shadows.iter() {
            account.faults.extend(torn(true, shadow));
        }
        account.faults.extend(gathered.faults(image));
        let bytes = result.bytes();
        let tangent = |nth: usize| {
            let floats = self.tangent.iter();
            floats
                .map(|float| read(&bytes[nth * self.step..], float))
                .collect()
        };
        Ok(Given {
            tangents: (0..self.width).map(tangent).collect(),
            allocated,
            primal: self
                .primal
                .iter()
                .map(|float| read_if_there(bytes, float))
                .collect(),
            adjoints: self
                .adjoints
                .iter()
                .map(|(at, offset, step)| {
                    let end = offset + step * self.width;
                    (*at, bytes[*offset..end].to_vec(), *step)
                })
                .collect(),
            account,
        })
    }
}

/// How much the code generator does for a derivative. Most time of a check goes into it, and what it compiles runs a few
/// times; but a promise that does not hold shows where it is taken at its word, as it is when the derivative is used.
fn level(ad: &AdOptions) -> OptimizationLevel {
    match ad.noalias.is_empty() && ad.unchanged.is_empty() {
        true => OptimizationLevel::None,
        false => OptimizationLevel::Less,
    }
}

/// Hands over what belongs to the boxes and vectors among the inputs.
fn lend(memory: &Instance, image: &Image) {
    for (address, size) in memory.owned(image) {
        heap::lend(address, size);
    }
}

fn unexpected(what: Unexpected) -> Diagnosis {
    Diagnosis::new(Kind::Unresolved, Problem::NotAsExpected { what })
}
