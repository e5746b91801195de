//! Calls to `__enzyme_autodiff…` and `__enzyme_fwddiff…` that the input already holds, as nightly
//! rustc and C programs leave them for Enzyme's pass.

use std::collections::HashSet;

use inkwell::module::Module;
use inkwell::types::BasicTypeEnum;
use inkwell::values::{
    AnyValue, BasicValue, BasicValueEnum, CallSiteValue, FunctionValue, InstructionOpcode,
    InstructionValue,
};
use trace::{
    Activity, ActivityReason, Asked, Diagnosis, Help, Kind, Mode, Operand, Parameter, Problem,
    Signature, TypeSource, enzyme, mode_of_call, read_markers,
};

use crate::types::known::known;
use crate::types::parameters;
use crate::types::ty::Ty;

/// One such call.
pub(crate) struct Call<'c> {
    pub(crate) caller: FunctionValue<'c>,
    pub(crate) primal: FunctionValue<'c>,
    pub(crate) mode: Mode,
    asked: Asked,
    instruction: InstructionValue<'c>,
}

/// The module's calls that differentiate `function`, or that stand in it.
pub(crate) fn about<'c>(module: &Module<'c>, function: FunctionValue<'c>) -> Vec<Call<'c>> {
    let mut calls = every(module);
    calls.retain(|call| call.caller == function || call.primal == function);
    calls
}

/// Every such call of the module.
fn every<'c>(module: &Module<'c>) -> Vec<Call<'c>> {
    if !module
        .get_functions()
        .any(|declared| mode_of_call(&declared.get_name().to_string_lossy()).is_some())
    {
        return Vec::new();
    }
    let mut calls = Vec::new();
    for caller in module.get_functions() {
        for instruction in instructions(caller) {
            calls.extend(read(module, caller, instruction));
        }
    }
    calls
}

fn instructions<'c>(function: FunctionValue<'c>) -> impl Iterator<Item = InstructionValue<'c>> {
    function
        .get_basic_blocks()
        .into_iter()
        .flat_map(|block| block.get_instructions())
}

fn read<'c>(
    module: &Module<'c>,
    caller: FunctionValue<'c>,
    instruction: InstructionValue<'c>,
) -> Option<Call<'c>> {
    if !matches!(
        instruction.get_opcode(),
        InstructionOpcode::Call | InstructionOpcode::Invoke
    ) {
        return None;
    }
    let operands = instruction.get_num_operands();
    let callee = instruction.get_operand(operands.checked_sub(1)?)?.value()?;
    let mode = mode_of_call(&global_name(callee)?)?;
    let primal = module.get_function(&global_name(instruction.get_operand(0)?.value()?)?)?;
    // inkwell has no value for a metadata operand and panics when asked; the text tells them apart.
    let text = instruction.print_to_string().to_string();
    let arguments = arguments(&text)?;
    let operands: Vec<Operand> = arguments
        .iter()
        .enumerate()
        .skip(1)
        .map(|(at, argument)| match argument.strip_prefix("metadata !") {
            Some(name) => Operand::Marker(name.trim_matches('"').to_owned()),
            None => u32::try_from(at)
                .ok()
                .and_then(|at| instruction.get_operand(at)?.value())
                .map_or(Operand::Other, operand),
        })
        .collect();
    let result = primal.get_type().get_return_type().map(|ty| shape(&ty));
    let parameters = primal.count_params() as usize;
    Some(Call {
        caller,
        primal,
        mode,
        asked: read_markers(mode, parameters, result.as_ref(), &operands),
        instruction,
    })
}

fn operand(value: BasicValueEnum<'_>) -> Operand {
    match marker_name(value) {
        Some(name) => Operand::Marker(name),
        None => match value {
            BasicValueEnum::IntValue(integer) => {
                Operand::Integer(integer.get_zero_extended_constant())
            }
            other => shape(&other.get_type()),
        },
    }
}

fn shape(ty: &BasicTypeEnum<'_>) -> Operand {
    match ty {
        BasicTypeEnum::PointerType(_) => Operand::Pointer,
        BasicTypeEnum::IntType(_) => Operand::Integer(None),
        BasicTypeEnum::StructType(fields) if fields.count_fields() == 0 => Operand::Other,
        _ => Operand::Float,
    }
}

/// Takes every other request out of the module, so that what Enzyme says of them is no answer about
/// this one. Requests that the primal's own derivative needs stay.
pub(crate) fn isolate<'c>(module: &Module<'c>, chosen: &Call<'c>) {
    let needed = reachable(module, chosen.primal);
    for call in every(module) {
        let is_chosen = call.caller == chosen.caller
            && call.primal == chosen.primal
            && call.mode == chosen.mode
            && call.asked == chosen.asked;
        let is_needed = call.caller != chosen.caller && needed.contains(&call.caller);
        // An invoke ends its block and cannot go without another end.
        if is_chosen || is_needed || call.instruction.get_opcode() == InstructionOpcode::Invoke {
            continue;
        }
        let value = CallSiteValue::try_from(call.instruction)
            .ok()
            .and_then(|call| call.try_as_basic_value().basic());
        if let Some(value) = value {
            forget(value);
        }
        call.instruction.erase_from_basic_block();
    }
}

/// Lets nothing use a value any more.
fn forget(value: BasicValueEnum<'_>) {
    match value {
        BasicValueEnum::ArrayValue(v) => v.replace_all_uses_with(v.get_type().get_poison()),
        BasicValueEnum::IntValue(v) => v.replace_all_uses_with(v.get_type().get_poison()),
        BasicValueEnum::FloatValue(v) => v.replace_all_uses_with(v.get_type().get_poison()),
        BasicValueEnum::PointerValue(v) => v.replace_all_uses_with(v.get_type().get_poison()),
        BasicValueEnum::StructValue(v) => v.replace_all_uses_with(v.get_type().get_poison()),
        BasicValueEnum::VectorValue(v) => v.replace_all_uses_with(v.get_type().get_poison()),
        BasicValueEnum::ScalableVectorValue(v) => {
            v.replace_all_uses_with(v.get_type().get_poison());
        }
    }
}

/// The functions that a function refers to, and so on.
fn reachable<'c>(module: &Module<'c>, from: FunctionValue<'c>) -> HashSet<FunctionValue<'c>> {
    let mut found = HashSet::from([from]);
    let mut open = vec![from];
    while let Some(function) = open.pop() {
        for instruction in instructions(function) {
            let text = instruction.print_to_string().to_string();
            // Only a text shows an operand that is metadata without a panic.
            for (at, _) in text.match_indices('@') {
                let name = text[at + 1..].trim_start_matches('"');
                let end = name
                    .find(|c: char| !(c.is_ascii_alphanumeric() || "-$._".contains(c)))
                    .unwrap_or(name.len());
                if let Some(next) = module.get_function(&name[..end])
                    && found.insert(next)
                {
                    open.push(next);
                }
            }
        }
    }
    found
}

/// The function that the pass put in the place of a call: what its caller calls now and did not
/// before.
pub(crate) fn replacement<'c>(
    module: &Module<'c>,
    chosen: &Call<'c>,
    is_new: impl Fn(FunctionValue<'c>) -> bool,
) -> Option<FunctionValue<'c>> {
    let symbol = chosen.primal.get_name().to_string_lossy().into_owned();
    let prefix = match chosen.mode {
        Mode::Forward => enzyme::FORWARD,
        Mode::Reverse => enzyme::REVERSE,
    };
    // `fwddiffe4f`: the width stands between, and a number may follow.
    let is_named_so = |name: &str| {
        let rest = name
            .strip_prefix(prefix)
            .map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
        rest.and_then(|rest| rest.strip_prefix(&symbol))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let name = |function: FunctionValue<'c>| function.get_name().to_string_lossy().into_owned();
    let called = instructions(chosen.caller).find_map(|instruction| {
        let last = instruction.get_num_operands().checked_sub(1)?;
        let is_call = matches!(
            instruction.get_opcode(),
            InstructionOpcode::Call | InstructionOpcode::Invoke
        );
        let callee = is_call.then(|| instruction.get_operand(last))??.value()?;
        let callee = module.get_function(&global_name(callee)?)?;
        (is_new(callee) && is_named_so(&name(callee))).then_some(callee)
    });
    called.or_else(|| {
        let mut functions = module.get_functions();
        functions.find(|function| is_new(*function) && is_named_so(&name(*function)))
    })
}

fn global_name(value: BasicValueEnum<'_>) -> Option<String> {
    if !value.is_pointer_value() || value.as_instruction_value().is_some() {
        return None;
    }
    let pointer = value.into_pointer_value();
    let name = pointer.get_name().to_string_lossy();
    (!name.is_empty()).then(|| name.into_owned())
}

/// `@enzyme_dup` itself, or a load of it, as C programs write.
fn marker_name(value: BasicValueEnum<'_>) -> Option<String> {
    let name = match value.as_instruction_value() {
        Some(load) if load.get_opcode() == InstructionOpcode::Load => {
            global_name(load.get_operand(0)?.value()?)?
        }
        Some(_) => return None,
        None => global_name(value)?,
    };
    name.starts_with(enzyme::MARKER).then_some(name)
}

/// The arguments of a printed call.
fn arguments(call: &str) -> Option<Vec<&str>> {
    // A variadic call writes its type, which has parentheses of its own, before the name.
    let name = call.find('@')?;
    let open = name + call[name..].find('(')? + 1;
    Some(split_arguments(&call[open..]).collect())
}

/// Splits at the commas outside of parentheses, up to the closing one.
fn split_arguments(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    let mut quoted = false;
    let end = text
        .find(|c| {
            match c {
                '"' => quoted = !quoted,
                '(' if !quoted => depth += 1,
                ')' if !quoted => depth -= 1,
                _ => {}
            }
            depth < 0
        })
        .unwrap_or(text.len());
    let mut depth = 0_i32;
    let mut quoted = false;
    text[..end]
        .split(move |c| {
            match c {
                '"' => quoted = !quoted,
                '(' if !quoted => depth += 1,
                ')' if !quoted => depth -= 1,
                _ => {}
            }
            c == ',' && depth == 0 && !quoted
        })
        .map(str::trim)
}

/// The signature that a call's markers spell out.
pub(crate) fn signature<'c>(
    module: &Module<'c>,
    call: &Call<'c>,
    primal: FunctionValue<'c>,
) -> Signature {
    let activity = |index: usize| {
        call.asked
            .activities
            .get(index)
            .copied()
            .unwrap_or(Activity::Const)
    };
    let mut parameters = Vec::new();
    let mut result = None;
    let (shapes, known_result) = known(module, primal);
    for shape in shapes {
        let parts: Vec<Activity> = (shape.first..shape.first + shape.count)
            .map(activity)
            .collect();
        let whole = parts.iter().find(|part| **part != Activity::Const);
        let is_result = matches!(shape.ty, Ty::Result { .. });
        let parameter = Parameter {
            activity: whole.copied().unwrap_or(Activity::Const),
            parts,
            name: if is_result {
                String::new()
            } else {
                shape.name.clone()
            },
            first: shape.first,
            count: shape.count,
            ty: shape.text(),
            reason: ActivityReason::Asked,
            source: shape.source,
        };
        if is_result {
            result = Some(parameter);
        } else {
            parameters.push(parameter);
        }
    }
    let result_at = result.as_ref().map(|result| result.first);
    Signature {
        function: primal.get_name().to_string_lossy().into_owned(),
        mode: call.mode,
        parameters,
        returns: result.or_else(|| {
            parameters::returned(primal).map(|ty| Parameter {
                name: String::new(),
                first: 0,
                count: 1,
                ty: known_result
                    .as_ref()
                    .map_or_else(|| ty.text(), ToString::to_string),
                activity: call.asked.returns,
                parts: Vec::new(),
                reason: ActivityReason::Asked,
                source: match known_result {
                    Some(_) => TypeSource::DebugInfo,
                    None => TypeSource::Uses,
                },
            })
        }),
        result_at,
        assumed: false,
        width: call.asked.width,
        primal_returned: call.asked.primal_returned,
        split: false,
    }
}

/// The call to go by. A function that makes calls means its own; calls in the other mode alone are a
/// refusal then. A primal means the call on it, unless there are several that ask for different
/// things: then it means none of them.
pub(crate) fn choose<'c>(
    calls: Vec<Call<'c>>,
    function: FunctionValue<'c>,
    mode: Mode,
) -> Result<Choice<'c>, Diagnosis> {
    let name = |function: FunctionValue<'c>| function.get_name().to_string_lossy().into_owned();
    let (own, others): (Vec<_>, Vec<_>) =
        calls.into_iter().partition(|call| call.caller == function);
    if let Some(first) = own.first() {
        let primal = name(first.primal);
        let mut wanted: Vec<_> = own.into_iter().filter(|c| c.mode == mode).collect();
        if wanted.is_empty() {
            return Err(Diagnosis::new(
                Kind::Mode,
                Problem::OtherMode {
                    function: name(function),
                    mode,
                },
            )
            .with_help(Help::OtherModeOrPrimal { primal, mode }));
        }
        let is_same =
            |call: &Call<'c>| call.primal == wanted[0].primal && call.asked == wanted[0].asked;
        if !wanted.iter().all(is_same) {
            let primals: Vec<_> = wanted.iter().map(|call| name(call.primal)).collect();
            return Err(Diagnosis::new(
                Kind::Mode,
                Problem::SeveralCalls {
                    function: name(function),
                    count: wanted.len(),
                    mode,
                },
            )
            .with_help(Help::NamePrimal(primals)));
        }
        return Ok(Choice::Call(Box::new(wanted.remove(0))));
    }
    let mut on_it: Vec<_> = others
        .into_iter()
        .filter(|call| call.primal == function && call.mode == mode)
        .collect();
    if on_it.is_empty() {
        return Ok(Choice::None);
    }
    if on_it.iter().all(|call| call.asked == on_it[0].asked) {
        return Ok(Choice::Call(Box::new(on_it.remove(0))));
    }
    Ok(Choice::Several(
        on_it.iter().map(|call| name(call.caller)).collect(),
    ))
}

/// What there is to go by.
pub(crate) enum Choice<'c> {
    /// No call.
    None,
    /// One, or several alike.
    Call(Box<Call<'c>>),
    /// Several that ask for different things, by their callers.
    Several(Vec<String>),
}
