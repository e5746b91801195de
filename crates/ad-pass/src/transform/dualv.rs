//! Shadows that lie behind each other, as `Dualv` has them: a function around the derivative that finds
//! where each begins.

use inkwell::AddressSpace;
use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::builder::{Builder, BuilderError};
use inkwell::module::{Linkage, Module};
use inkwell::types::{BasicMetadataTypeEnum, BasicType};
use inkwell::values::{
    AggregateValueEnum, BasicMetadataValueEnum, BasicValue, BasicValueEnum, FunctionValue,
    IntValue, PointerValue,
};
use trace::{Activity, Signature};

use crate::ir::address::bytes_behind;
use crate::ir::lookup::value_name;

/// Builds a function that takes one pointer where the derivative takes one for each direction: the
/// shadow of direction `i` begins `i` times the slice's length behind it. `None` where the derivative
/// takes no such array.
pub(crate) fn wrap<'c>(
    module: &Module<'c>,
    derivative: FunctionValue<'c>,
    signature: &Signature,
    strides: &[(usize, u64)],
) -> Option<Result<FunctionValue<'c>, BuilderError>> {
    is_needed(signature, strides).then(|| {
        let stacked = stacked(signature, strides);
        build(module, derivative, signature.width, &stacked)
    })
}

/// True where the derivative takes such an array.
pub(crate) fn is_needed(signature: &Signature, strides: &[(usize, u64)]) -> bool {
    signature.width > 1 && !stacked(signature, strides).is_empty()
}

/// A shadow in the derivative's parameters.
struct Stacked {
    /// Its position.
    shadow: usize,
    /// The position of the slice's length.
    length: usize,
    /// The size of an element, in bytes.
    stride: u64,
}

/// Counts the derivative's parameters: each that is not constant is followed by its shadow.
fn stacked(signature: &Signature, strides: &[(usize, u64)]) -> Vec<Stacked> {
    let mut out = Vec::new();
    let written = signature
        .returns
        .as_ref()
        .filter(|_| signature.result_at.is_some());
    let mut at = match written.map(|result| result.activity) {
        None => 0,
        Some(Activity::Const) => 1,
        Some(_) => 2,
    };
    for parameter in &signature.parameters {
        for (part, activity) in parameter.parts.iter().enumerate() {
            let is_stacked = matches!(activity, Activity::Dualv | Activity::DualvOnly);
            let stride = strides.iter().find(|(first, _)| *first == parameter.first);
            if let (true, 0, Some((_, stride))) = (is_stacked, part, stride) {
                out.push(Stacked {
                    shadow: at + 1,
                    length: at + 2,
                    stride: *stride,
                });
            }
            at += if *activity == Activity::Const { 1 } else { 2 };
        }
    }
    out
}

fn build<'c>(
    module: &Module<'c>,
    derivative: FunctionValue<'c>,
    width: u32,
    stacked: &[Stacked],
) -> Result<FunctionValue<'c>, BuilderError> {
    let context = module.get_context();
    let pointer = context.ptr_type(AddressSpace::default());
    let mut types: Vec<BasicMetadataTypeEnum<'c>> = derivative.get_type().get_param_types();
    for each in stacked {
        types[each.shadow] = pointer.into();
    }
    let ty = match derivative.get_type().get_return_type() {
        Some(result) => result.fn_type(&types, false),
        None => context.void_type().fn_type(&types, false),
    };
    let name = format!("dualv_{}", derivative.get_name().to_string_lossy());
    let wrapper = module.add_function(&name, ty, Some(Linkage::Internal));
    // The same target and the same promises; and it is one function with what it calls as soon as a
    // pipeline inlines anything.
    for attribute in derivative.attributes(AttributeLoc::Function) {
        wrapper.add_attribute(AttributeLoc::Function, attribute);
    }
    let shadows: Vec<usize> = stacked.iter().map(|each| each.shadow).collect();
    for at in (0..derivative.count_params()).filter(|at| !shadows.contains(&(*at as usize))) {
        for attribute in derivative.attributes(AttributeLoc::Param(at)) {
            wrapper.add_attribute(AttributeLoc::Param(at), attribute);
        }
    }
    let kind = Attribute::get_named_enum_kind_id;
    derivative.remove_enum_attribute(AttributeLoc::Function, kind("noinline"));
    let inline = context.create_enum_attribute(kind("alwaysinline"), 0);
    derivative.add_attribute(AttributeLoc::Function, inline);
    let builder = context.create_builder();
    builder.position_at_end(context.append_basic_block(wrapper, "start"));
    let values = wrapper.get_params();
    for (value, inner) in values.iter().zip(derivative.get_params()) {
        value.set_name(&value_name(inner).unwrap_or_default());
    }
    let mut arguments: Vec<BasicMetadataValueEnum<'c>> =
        values.iter().map(|value| (*value).into()).collect();
    for each in stacked {
        let length = values[each.length].into_int_value();
        let bytes = length.get_type().const_int(each.stride, false);
        let stride = builder.build_int_mul(length, bytes, "stride")?;
        let first = values[each.shadow].into_pointer_value();
        arguments[each.shadow] = array(module, &builder, first, stride, width)?.into();
    }
    let call = builder.build_call(derivative, &arguments, "")?;
    call.set_call_convention(derivative.get_call_conventions());
    match call.try_as_basic_value().basic() {
        Some(result) => builder.build_return(Some(&result))?,
        None => builder.build_return(None)?,
    };
    Ok(wrapper)
}

/// Where each direction's shadow begins.
fn array<'c>(
    module: &Module<'c>,
    builder: &Builder<'c>,
    first: PointerValue<'c>,
    stride: IntValue<'c>,
    width: u32,
) -> Result<BasicValueEnum<'c>, BuilderError> {
    let context = module.get_context();
    let pointer = context.ptr_type(AddressSpace::default());
    let mut array: AggregateValueEnum<'c> = pointer.array_type(width).get_undef().into();
    for direction in 0..width {
        let times = stride.get_type().const_int(u64::from(direction), false);
        let offset = builder.build_int_mul(stride, times, "offset")?;
        let shadow = bytes_behind(&context, builder, first, offset)?;
        array = builder.build_insert_value(array, shadow, direction, "shadows")?;
    }
    Ok(array.as_basic_value_enum())
}
