//! A split derivative as one function: the half that leaves the tape, and then the half that takes it.

use inkwell::builder::{Builder, BuilderError};
use inkwell::module::{Linkage, Module};
use inkwell::types::{BasicMetadataTypeEnum, BasicTypeEnum};
use inkwell::values::{BasicMetadataValueEnum, BasicValueEnum, FunctionValue};
use trace::{Activity, Diagnosis, Kind};

use crate::differentiate::derived::Derived;
use crate::ir::lookup::find;

/// What the function is called.
const NAME: &str = "irad_halves";

/// Adds a function to the module that runs both halves and takes and gives what a derivative that is one function
/// does, and has `derived` say that this is the derivative. Nothing where it is one function already.
pub(super) fn join<'c>(
    module: &Module<'c>,
    primal: FunctionValue<'c>,
    derived: &mut Derived,
) -> Result<(), Diagnosis> {
    let Some(augmented) = derived.names.augmented.take() else {
        return Ok(());
    };
    let halves = (
        find(module, &augmented)?,
        find(module, &derived.names.derivative)?,
    );
    let has_seed = derived.returned() == Some(Activity::Active);
    let value = primal.get_type().get_return_type();
    let joined = build(module, halves, has_seed, value)
        .map_err(|error| Diagnosis::new(Kind::Other, error.to_string()))?;
    derived.names.derivative = joined.get_name().to_string_lossy().into_owned();
    derived.signature.split = false;
    Ok(())
}

fn build<'c>(
    module: &Module<'c>,
    (first, second): (FunctionValue<'c>, FunctionValue<'c>),
    has_seed: bool,
    value: Option<BasicTypeEnum<'c>>,
) -> Result<FunctionValue<'c>, BuilderError> {
    let context = module.get_context();
    let builder = context.create_builder();
    // Both take the same; the second takes the seed and the tape behind that, where there are such.
    let shared = first.count_params() as usize;
    let taken = second.get_type().get_param_types();
    let own = shared + usize::from(has_seed);
    let tape = taken.get(own).copied();
    let left = first.get_type().get_return_type();
    // What the first half gives: the tape, the primal's value, or a struct of both.
    let is_tape = |ty: BasicTypeEnum<'c>| tape == Some(BasicMetadataTypeEnum::from(ty));
    let fields = match left {
        Some(BasicTypeEnum::StructType(fields)) if !is_tape(fields.into()) && left != value => {
            fields.get_field_types()
        }
        _ => Vec::new(),
    };
    let behind = usize::from(tape.is_some());
    let value_at = match (fields.is_empty(), value) {
        (false, Some(value)) if fields.get(behind) == Some(&value) => Some(behind),
        _ => None,
    };
    let is_value = fields.is_empty() && value.is_some() && left == value && tape.is_none();
    let given = match second.get_type().get_return_type() {
        Some(BasicTypeEnum::StructType(adjoints)) => adjoints.get_field_types(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    let value = value.filter(|_| value_at.is_some() || is_value);
    let results: Vec<BasicTypeEnum<'c>> = value.into_iter().chain(given.clone()).collect();
    let result = context.struct_type(&results, false);
    let ty = match results.is_empty() {
        true => context.void_type().fn_type(&taken[..own], false),
        false => result.fn_type(&taken[..own], false),
    };
    let joined = module.add_function(NAME, ty, Some(Linkage::Internal));
    builder.position_at_end(context.append_basic_block(joined, "start"));
    let mut arguments: Vec<BasicMetadataValueEnum<'c>> =
        joined.get_params().into_iter().map(Into::into).collect();
    let left = call(&builder, first, &arguments[..shared])?;
    let part = |whole: BasicValueEnum<'c>, at: usize| -> Result<BasicValueEnum<'c>, BuilderError> {
        match fields.is_empty() {
            true => Ok(whole),
            false => builder.build_extract_value(whole.into_struct_value(), at as u32, ""),
        }
    };
    if let (Some(_), Some(left)) = (tape, left) {
        arguments.push(part(left, 0)?.into());
    }
    let adjoints = call(&builder, second, &arguments)?;
    if results.is_empty() {
        builder.build_return(None)?;
        return Ok(joined);
    }
    let mut values = Vec::new();
    if let (Some(_), Some(left)) = (value, left) {
        values.push(part(left, behind)?);
    }
    if let Some(adjoints) = adjoints {
        for at in 0..given.len() {
            values.push(match adjoints {
                BasicValueEnum::StructValue(adjoints) => {
                    builder.build_extract_value(adjoints, at as u32, "")?
                }
                one => one,
            });
        }
    }
    let mut whole = result.get_undef();
    for (at, value) in values.into_iter().enumerate() {
        let inserted = builder.build_insert_value(whole, value, at as u32, "")?;
        whole = inserted.into_struct_value();
    }
    builder.build_return(Some(&whole))?;
    Ok(joined)
}

/// A call of a function in its own convention.
fn call<'c>(
    builder: &Builder<'c>,
    function: FunctionValue<'c>,
    arguments: &[BasicMetadataValueEnum<'c>],
) -> Result<Option<BasicValueEnum<'c>>, BuilderError> {
    let call = builder.build_call(function, arguments, "")?;
    call.set_call_convention(function.get_call_conventions());
    Ok(call.try_as_basic_value().basic())
}
