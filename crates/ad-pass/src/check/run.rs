//! Calls a primal and its derivatives on images.

use std::cell::RefCell;

use enzyme_sys::logic;
use inkwell::module::Module;
use inkwell::targets::TargetData;
use inkwell::types::BasicTypeEnum;
use inkwell::values::FunctionValue;
use trace::{
    Activity, CheckFault, Diagnosis, Kind, MemoryFault, Mode, Problem, RustType, Unexpected,
};

use super::heap;
use super::image::{Buffer, Float, Image, Instance, read, tangent, write};
use super::jit::{self, Code};
use super::panic::Ended;
use super::result;
use crate::backend::activities::argument_activities;
use crate::differentiate::derived::Derived;
use crate::ir::lookup::find;

/// The function itself, as it came.
pub(super) struct Primal<'c> {
    pub(super) code: Code<'c>,
    /// The floats in what it returns.
    pub(super) returns: Vec<Float>,
    result: RefCell<Buffer>,
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
        }
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
        heap::close();
        end?;
        match memory.torn().first() {
            Some(&block) => Err(Ended::Beside(image.name_of(block))),
            None => Ok(()),
        }?;
        Ok(self
            .returns
            .iter()
            .map(|float| read_if_there(result.bytes(), float))
            .collect())
    }
}

/// One of the derivative's parameters.
#[derive(Clone, Copy, Debug)]
enum Slot {
    /// The primal's parameter.
    Primal(usize),
    /// Its shadow.
    Shadow(usize),
    /// The adjoint of what the primal returns.
    Seed,
}

/// A derivative, and where its arguments and results are.
pub(super) struct Derivative<'c> {
    pub(super) code: Code<'c>,
    slots: Vec<Slot>,
    /// The floats in the seed.
    seed: Vec<Float>,
    seed_bytes: usize,
    result_bytes: usize,
    /// The tangent of what the primal returns.
    tangent: Vec<Float>,
    /// For each active parameter of the IR, where its adjoint is in the result.
    adjoints: Vec<(usize, usize)>,
    /// The floats of what the primal returns, where the derivative gives that back.
    primal: Vec<Float>,
}

/// What a derivative gave.
pub(super) struct Given {
    /// The tangent of what the primal returns.
    pub(super) tangent: Vec<f64>,
    /// What the primal returns, as the derivative has it; empty where it does not say.
    primal: Vec<f64>,
    /// By the position of the IR parameter: the bytes of its adjoint.
    adjoints: Vec<(usize, Vec<u8>)>,
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

    /// The adjoint of a float that was handed over by value.
    pub(super) fn adjoint(&self, image: &Image, float: &Float) -> Option<f64> {
        let (_, bytes) = self
            .adjoints
            .iter()
            .find(|(argument, _)| image.arguments[*argument] == float.block)?;
        Some(read(bytes, float))
    }
}

impl<'c> Derivative<'c> {
    /// Compiles the derivative that `module` has.
    pub(super) fn compile(
        module: &Module<'c>,
        derived: &Derived,
        primal: FunctionValue<'c>,
    ) -> Result<Self, Diagnosis> {
        let derivative = find(module, &derived.names.derivative)?;
        let code = jit::compile(module, &[derivative])?;
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
        let mut slots = Vec::new();
        for (at, activity) in activities.iter().enumerate() {
            slots.push(Slot::Primal(at));
            if [logic::DFT_DUP_ARG, logic::DFT_DUP_NONEED].contains(activity) {
                slots.push(Slot::Shadow(at));
            }
        }
        let mut seed = Vec::new();
        let mut seed_bytes = 0;
        if let (Mode::Reverse, Some(Activity::Active), Some(ty)) =
            (signature.mode, returned, returns)
        {
            slots.push(Slot::Seed);
            seed = floats_returned(ty, code.layout(), derived.returns.as_ref());
            seed_bytes = size(code.layout(), ty);
        }
        let takes = derivative.count_params() as usize;
        if takes != slots.len() {
            return Err(unexpected(Unexpected::Takes {
                takes,
                expected: slots.len(),
            }));
        }
        let result = derivative.get_type().get_return_type();
        let parts = parts(result, code.layout());
        let mut made = Derivative {
            slots,
            seed,
            seed_bytes,
            result_bytes: result.map_or(0, |ty| size(code.layout(), ty)),
            tangent: Vec::new(),
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
                    .map(|(at, (offset, _))| (at, *offset))
                    .collect();
            }
            Mode::Forward => {
                let wants = matches!(returned, Some(Activity::Dual | Activity::DualOnly));
                if let (true, Some(ty), Some(result)) = (wants, returns, result) {
                    let offset = match result == ty {
                        true => 0,
                        false => parts.last().map_or(0, |(offset, _)| *offset),
                    };
                    made.tangent = moved(known_floats(ty), offset);
                    if let (false, [(offset, found), _]) = (result == ty, parts.as_slice())
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

    /// Runs it on an instance of `image` and one that holds the shadows.
    pub(super) fn run(
        &self,
        image: &Image,
        memory: &mut Instance,
        shadow: &mut Instance,
        seeds: &[f64],
    ) -> Result<Given, Ended> {
        let mut seed = Buffer::new(self.seed_bytes);
        // Of two floats at one place one is not there, and has no seed.
        for (float, value) in self.seed.iter().zip(seeds) {
            if *value != 0.0 {
                write(seed.bytes_mut(), float, *value);
            }
        }
        let mut result = Buffer::new(self.result_bytes);
        let mut arguments: Vec<*mut u8> = self
            .slots
            .iter()
            .map(|slot| match slot {
                Slot::Primal(at) => memory.address(image.arguments[*at]),
                Slot::Shadow(at) => shadow.address(image.arguments[*at]),
                Slot::Seed => seed.bytes_mut().as_mut_ptr(),
            })
            .collect();
        arguments.push(result.bytes_mut().as_mut_ptr());
        lend(memory, image);
        lend(shadow, image);
        let end = self.code.call(0, &mut arguments);
        let mut account = heap::close();
        end?;
        for (is_shadow, instance) in [(false, &*memory), (true, &*shadow)] {
            let torn = instance.torn().into_iter();
            account
                .faults
                .extend(torn.map(|block| MemoryFault::WroteBeside {
                    parameter: image.name_of(block).to_string(),
                    is_shadow,
                }));
        }
        let bytes = result.bytes();
        Ok(Given {
            tangent: self
                .tangent
                .iter()
                .map(|float| read(bytes, float))
                .collect(),
            primal: self
                .primal
                .iter()
                .map(|float| read_if_there(bytes, float))
                .collect(),
            adjoints: self
                .adjoints
                .iter()
                .map(|(at, offset)| (*at, bytes[*offset..].to_vec()))
                .collect(),
            account,
        })
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

/// The values that a result is made of, with their offsets.
fn parts<'c>(
    result: Option<BasicTypeEnum<'c>>,
    layout: &TargetData,
) -> Vec<(usize, BasicTypeEnum<'c>)> {
    match result {
        None => Vec::new(),
        Some(BasicTypeEnum::StructType(fields)) => fields
            .get_field_types()
            .into_iter()
            .enumerate()
            .map(|(at, ty)| {
                let offset = layout.offset_of_element(&fields, u32::try_from(at).unwrap_or(0));
                (usize::try_from(offset.unwrap_or(0)).unwrap_or(0), ty)
            })
            .collect(),
        Some(BasicTypeEnum::ArrayType(array)) => {
            let ty = array.get_element_type();
            let step = usize::try_from(layout.get_abi_size(&ty)).unwrap_or(0);
            (0..array.len() as usize)
                .map(|at| (at * step, ty))
                .collect()
        }
        Some(other) => vec![(0, other)],
    }
}

fn size(layout: &TargetData, ty: BasicTypeEnum<'_>) -> usize {
    usize::try_from(layout.get_abi_size(&ty)).unwrap_or(0)
}

fn read_if_there(bytes: &[u8], float: &Float) -> f64 {
    match float.is_there(bytes) {
        true => read(bytes, float),
        false => 0.0,
    }
}

/// Floats of a value that lies at an offset.
fn moved(mut floats: Vec<Float>, offset: usize) -> Vec<Float> {
    for float in &mut floats {
        float.at += offset;
        for when in &mut float.when {
            when.at += offset;
        }
    }
    floats
}

/// The floats in what is returned in registers: those of its type in Rust, if they lie where the IR has
/// some.
fn floats_returned(
    ty: BasicTypeEnum<'_>,
    layout: &TargetData,
    known: Option<&RustType>,
) -> Vec<Float> {
    let mut plain = Vec::new();
    leaves(ty, layout, 0, "return", &mut plain);
    let typed = known
        .map(|known| result::floats(known, "return"))
        .unwrap_or_default();
    let has = |list: &[Float], wanted: &Float| {
        list.iter()
            .any(|float| (float.at, float.bits) == (wanted.at, wanted.bits))
    };
    let fits = plain.iter().all(|float| has(&typed, float))
        && typed.iter().all(|float| has(&plain, float));
    if fits { typed } else { plain }
}

/// The floats in a value of a type.
fn leaves(
    ty: BasicTypeEnum<'_>,
    layout: &TargetData,
    base: usize,
    label: &str,
    out: &mut Vec<Float>,
) {
    match ty {
        BasicTypeEnum::FloatType(float) => {
            let bits = float.get_bit_width();
            if [16, 32, 64].contains(&bits) {
                out.push(Float {
                    block: usize::MAX,
                    at: base,
                    bits,
                    parameter: usize::MAX,
                    label: label.to_owned(),
                    when: Vec::new(),
                    is_result: true,
                });
            }
        }
        BasicTypeEnum::StructType(_) | BasicTypeEnum::ArrayType(_) => {
            for (nth, (offset, ty)) in parts(Some(ty), layout).into_iter().enumerate() {
                leaves(ty, layout, base + offset, &format!("{label}.{nth}"), out);
            }
        }
        BasicTypeEnum::VectorType(vector) => {
            let ty = vector.get_element_type();
            let step = usize::try_from(layout.get_store_size(&ty)).unwrap_or(0);
            for nth in 0..vector.get_size() as usize {
                leaves(
                    ty,
                    layout,
                    base + step * nth,
                    &format!("{label}.{nth}"),
                    out,
                );
            }
        }
        // Integers and pointers have no derivative.
        _ => {}
    }
}
