//! A module that shows a differentiation to LLVM's `opt` with Enzyme's plugin: the prepared function
//! and a call of `__enzyme_autodiff` or `__enzyme_fwddiff` on it.

use inkwell::AddressSpace;
use inkwell::module::{Linkage, Module};
use inkwell::types::{BasicMetadataTypeEnum, BasicType, BasicTypeEnum};
use inkwell::values::{BasicMetadataValueEnum, BasicValueEnum, FunctionValue};
use trace::{Activity, Diagnosis, Help, Kind, Mode, Problem, Signature, enzyme};

use crate::activity::assume;
use crate::backend::calls::{self, Choice};
use crate::backend::options::settings;
use crate::channel::recorder::Recorder;
use crate::differentiate::stages::{mark, prepare};
use crate::ir::lookup::find;
use crate::ir::target::target_machine;
use crate::options::{Options, states};
use crate::types::debug_info;

/// The function that makes the call.
const CALLER: &str = "irad_case";

/// Prepares the function in place and adds the call, unless the module has one of its own.
pub(crate) fn case(
    module: &Module<'_>,
    options: &Options,
    recorder: &Recorder,
) -> Result<(), Diagnosis> {
    if options.ad.split {
        return Err(Diagnosis::new(Kind::Mode, Problem::CaseOfTwoCalls).with_help(Help::NoSplit));
    }
    let named = find(module, &options.function)?;
    settings(&options.ad)?;
    let machine = target_machine(module);
    let own = match calls::choose(calls::about(module, named), named, options.ad.mode)? {
        Choice::Call(call) if !states(&options.ad) => Some(call),
        _ => None,
    };
    let primal = own.as_ref().map_or(named, |call| call.primal);
    let symbol = primal.get_name().to_string_lossy().into_owned();
    // What Enzyme is told about the allocator stays in: it is part of what fails.
    mark(module, &options.function, options, recorder)?;
    prepare(module, machine.as_ref(), &symbol, primal, options, recorder)?;
    if let Some(own) = own {
        calls::isolate(module, &own);
        return Ok(());
    }
    let primal = find(module, &symbol)?;
    let known = debug_info::signature(primal);
    let chosen = assume::assume(module, primal, &options.ad, known.as_ref())?;
    recorder.signature(chosen.signature.clone());
    call(module, primal, &chosen.signature)
        .ok_or_else(|| Diagnosis::new(Kind::Other, Problem::NoCase))
}

fn call<'c>(module: &Module<'c>, primal: FunctionValue<'c>, signature: &Signature) -> Option<()> {
    let context = module.get_context();
    let pointer = context.ptr_type(AddressSpace::default());
    let marker = |name: &str| {
        module
            .get_global(name)
            .unwrap_or_else(|| {
                let global = module.add_global(pointer, None, name);
                global.set_linkage(Linkage::External);
                global
            })
            .as_pointer_value()
    };
    let width = signature.width as usize;
    // For each parameter: its marker, and whether a shadow or tangent follows it.
    let mut markers = vec![(enzyme::MARKER_CONST, false); primal.count_params() as usize];
    let mut active: Vec<BasicTypeEnum<'c>> = Vec::new();
    let parts = signature.parameters.iter().flat_map(|parameter| {
        let parts = parameter.parts.iter().enumerate();
        parts.map(|(at, part)| (parameter.first + at, *part))
    });
    let result = signature.result_at.zip(signature.returns.as_ref());
    let result = result.map(|(at, returns)| (at, returns.activity));
    for (at, activity) in result.into_iter().chain(parts) {
        let ty = primal.get_nth_param(u32::try_from(at).ok()?)?.get_type();
        markers[at] = match activity {
            Activity::Active => {
                active.push(ty);
                (enzyme::MARKER_OUT, false)
            }
            // Where shadows lie makes no difference to what Enzyme is asked for.
            Activity::Duplicated | Activity::Dual | Activity::Dualv => (enzyme::MARKER_DUP, true),
            Activity::DuplicatedOnly | Activity::DualOnly | Activity::DualvOnly => {
                (enzyme::MARKER_DUP_NO_NEED, true)
            }
            Activity::Const => (enzyme::MARKER_CONST, false),
        };
    }
    let returned = primal.get_type().get_return_type();
    let result = match signature.mode {
        Mode::Reverse if active.is_empty() => None,
        Mode::Reverse => Some(context.struct_type(&active, false).as_basic_type_enum()),
        Mode::Forward => returned
            .filter(|_| {
                let returns = signature.returns.as_ref();
                returns.is_some_and(|returns| returns.activity != Activity::Const)
            })
            .map(|ty| match signature.width {
                1 => ty,
                width => ty.array_type(width).as_basic_type_enum(),
            }),
    };

    let mut parameters: Vec<BasicMetadataTypeEnum<'c>> = Vec::new();
    for (parameter, (_, doubled)) in primal.get_params().iter().zip(&markers) {
        let ty = BasicMetadataTypeEnum::from(parameter.get_type());
        parameters.extend(vec![ty; if *doubled { 1 + width } else { 1 }]);
    }
    let function_type = |parameters: &[BasicMetadataTypeEnum<'c>], variadic| match result {
        Some(result) => result.fn_type(parameters, variadic),
        None => context.void_type().fn_type(parameters, variadic),
    };
    let name = match signature.mode {
        Mode::Reverse => format!("{}_irad", enzyme::CALL_REVERSE),
        Mode::Forward => format!("{}_irad", enzyme::CALL_FORWARD),
    };
    let asks = module.add_function(&name, function_type(&[], true), None);
    let caller = module.add_function(CALLER, function_type(&parameters, false), None);
    let builder = context.create_builder();
    builder.position_at_end(context.append_basic_block(caller, "start"));
    let mut arguments: Vec<BasicMetadataValueEnum<'c>> =
        vec![primal.as_global_value().as_pointer_value().into()];
    if width > 1 {
        arguments.push(marker(enzyme::MARKER_WIDTH).into());
        let width = u64::from(signature.width);
        arguments.push(context.i64_type().const_int(width, false).into());
    }
    let mut values = caller.get_param_iter();
    for (name, doubled) in markers {
        arguments.push(marker(name).into());
        for _ in 0..if doubled { 1 + width } else { 1 } {
            let value: BasicValueEnum<'c> = values.next()?;
            arguments.push(value.into());
        }
    }
    let called = builder.build_call(asks, &arguments, "").ok()?;
    let value = called.try_as_basic_value().basic();
    match &value {
        Some(value) => builder.build_return(Some(value)).ok()?,
        None => builder.build_return(None).ok()?,
    };
    Some(())
}
