//! Calls to `__enzyme_autodiff…` and `__enzyme_fwddiff…` that the input already holds, as nightly
//! rustc and C programs leave them for Enzyme's pass.

use inkwell::module::Module;
use inkwell::values::{
    BasicValue, BasicValueEnum, FunctionValue, InstructionOpcode, InstructionValue,
};
use trace::{Activity, Diagnosis, Kind, Mode, Parameter, Signature, TypeSource};

use crate::signature::{self, Ty};

/// One such call.
pub(crate) struct Call<'c> {
    pub(crate) caller: FunctionValue<'c>,
    pub(crate) primal: FunctionValue<'c>,
    pub(crate) mode: Mode,
    /// What its markers say about each IR parameter of the primal.
    activities: Vec<Activity>,
    returns: Activity,
    width: u32,
    primal_returned: bool,
}

/// The module's calls that differentiate `function`, or that stand in it.
pub(crate) fn about<'c>(module: &Module<'c>, function: FunctionValue<'c>) -> Vec<Call<'c>> {
    if !module
        .get_functions()
        .any(|declared| mode_of(&declared.get_name().to_string_lossy()).is_some())
    {
        return Vec::new();
    }
    let mut calls = Vec::new();
    for caller in module.get_functions() {
        for block in caller.get_basic_blocks() {
            let mut next = block.get_first_instruction();
            while let Some(instruction) = next {
                next = instruction.get_next_instruction();
                if let Some(call) = read(module, caller, instruction)
                    && (call.caller == function || call.primal == function)
                {
                    calls.push(call);
                }
            }
        }
    }
    calls
}

/// Which mode a function of this name asks Enzyme's pass for.
fn mode_of(name: &str) -> Option<Mode> {
    if name.starts_with("__enzyme_autodiff") || name.starts_with("__enzyme_reverse") {
        Some(Mode::Reverse)
    } else if name.starts_with("__enzyme_fwddiff") {
        Some(Mode::Forward)
    } else {
        None
    }
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
    let mode = mode_of(&global_name(callee)?)?;
    let primal = module.get_function(&global_name(instruction.get_operand(0)?.value()?)?)?;

    let (dual, scalar) = match mode {
        Mode::Forward => (Activity::Dual, Activity::Dual),
        Mode::Reverse => (Activity::Duplicated, Activity::Active),
    };
    let returns = match primal.get_type().get_return_type() {
        Some(ty) if ty.is_float_type() || ty.is_struct_type() || ty.is_array_type() => scalar,
        _ => Activity::Const,
    };
    // inkwell has no value for a metadata operand and panics when asked; the text tells them apart.
    let text = inkwell::values::AnyValue::print_to_string(&instruction).to_string();
    let arguments = arguments(&text)?;
    let mut activities = Vec::new();
    let mut returned = returns;
    let mut width = 1;
    // Only what the call asks for is returned.
    let mut primal_returned = false;
    let mut at = 1;
    while at + 1 < operands && activities.len() < primal.count_params() as usize {
        let metadata = arguments
            .get(at as usize)
            .and_then(|argument| argument.strip_prefix("metadata !"));
        let operand = match metadata {
            Some(_) => None,
            None => instruction
                .get_operand(at)
                .and_then(|operand| operand.value()),
        };
        let marker = match metadata {
            Some(name) => Some(name.trim_matches('"').to_owned()),
            None => operand.and_then(marker_name),
        };
        match marker.as_deref() {
            Some("enzyme_width") => {
                width = arguments
                    .get(at as usize + 1)
                    .and_then(|argument| argument.rsplit(' ').next()?.parse().ok())
                    .unwrap_or(1);
                at += 2;
            }
            Some("enzyme_primal_return") => {
                primal_returned = true;
                at += 1;
            }
            Some("enzyme_noret" | "enzyme_runtime_activity" | "enzyme_strong_zero") => at += 1,
            Some("enzyme_const_return") => {
                returned = Activity::Const;
                at += 1;
            }
            Some("enzyme_dup") => {
                activities.push(dual);
                at += 2 + width;
            }
            Some("enzyme_dupnoneed") => {
                activities.push(match mode {
                    Mode::Forward => Activity::DualOnly,
                    Mode::Reverse => Activity::DuplicatedOnly,
                });
                at += 2 + width;
            }
            // Bytes from one shadow to the next, the value, and where the shadows lie.
            Some("enzyme_dupv") => {
                activities.push(Activity::Dualv);
                at += 4;
            }
            Some("enzyme_dupnoneedv") => {
                activities.push(Activity::DualvOnly);
                at += 4;
            }
            Some("enzyme_const") => {
                activities.push(Activity::Const);
                at += 2;
            }
            Some("enzyme_out") => {
                activities.push(Activity::Active);
                at += 2;
            }
            Some(_) => at += 1,
            // Without a marker Enzyme chooses by the type: a pointer brings its shadow along.
            None => {
                let pointer = operand.is_some_and(|value| value.is_pointer_value());
                let float = operand.is_some_and(|value| value.is_float_value());
                activities.push(if pointer {
                    dual
                } else if float {
                    scalar
                } else {
                    Activity::Const
                });
                at += if pointer || (float && mode == Mode::Forward) {
                    1 + width
                } else {
                    1
                };
            }
        }
    }
    Some(Call {
        caller,
        primal,
        mode,
        activities,
        returns: returned,
        width,
        primal_returned,
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
    name.starts_with("enzyme_").then_some(name)
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
    let reason = "its marker in the call to Enzyme";
    let activity = |index: usize| {
        call.activities
            .get(index)
            .copied()
            .unwrap_or(Activity::Const)
    };
    let mut parameters = Vec::new();
    let mut result = None;
    for shape in signature::parameters(&signature::raw(module, primal)) {
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
            reason: reason.to_owned(),
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
            signature::returned(primal).map(|ty| Parameter {
                name: String::new(),
                first: 0,
                count: 1,
                ty: ty.text(),
                activity: call.returns,
                parts: Vec::new(),
                reason: reason.to_owned(),
                source: TypeSource::Uses,
            })
        }),
        result_at,
        assumed: false,
        width: call.width,
        primal_returned: call.primal_returned,
        split: false,
    }
}

/// The call to go by: the first in the wanted mode. Calls in the other mode alone are a refusal
/// when the function that was named is the caller, and no matter when it is the primal.
pub(crate) fn choose<'c>(
    calls: Vec<Call<'c>>,
    function: FunctionValue<'c>,
    mode: Mode,
) -> Result<Option<Call<'c>>, Diagnosis> {
    let other = calls
        .iter()
        .find(|call| call.caller == function && call.mode != mode)
        .map(|call| call.primal.get_name().to_string_lossy().into_owned());
    if let Some(found) = calls.into_iter().find(|call| call.mode == mode) {
        return Ok(Some(found));
    }
    match other {
        None => Ok(None),
        Some(primal) => Err(Diagnosis::new(
            Kind::Mode,
            format!(
                "{} calls Enzyme in the other mode than {mode}",
                function.get_name().to_string_lossy()
            ),
        )
        .with_help(format!(
            "ask for the other mode, or name the primal: --fn {primal} --mode {mode}"
        ))),
    }
}
