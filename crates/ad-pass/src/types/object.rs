//! Refuses trait objects whose methods are called: which code runs is known only at run time.

use std::collections::HashSet;

use inkwell::types::AnyTypeEnum;
use inkwell::values::{
    AsValueRef, BasicValue, BasicValueEnum, FunctionValue, InstructionOpcode, InstructionValue,
};
use trace::{Cause, Diagnosis, Doubt, Help, Kind, Mode, Note, Problem, SourceLine};

use crate::types::contents;
use crate::types::shape::Shape;
use crate::types::ty::Ty;

/// Refuses a function that takes this trait object and calls a method of it, unless it is stated that the
/// object is constant. Then there is a warning: what the method makes of its arguments is missed.
pub(crate) fn check(
    function: FunctionValue<'_>,
    shape: &Shape,
    is_stated: bool,
    mode: Mode,
) -> Result<Option<Doubt>, Diagnosis> {
    if !matches!(shape.ty, Ty::Object) {
        return Ok(None);
    }
    let table = u32::try_from(shape.first + 1).ok();
    let table = table.and_then(|at| function.get_nth_param(at));
    let Some(call) = table.and_then(method_call) else {
        return Ok(None);
    };
    if is_stated {
        return Ok(Some(Doubt::ConstantObject {
            parameter: shape.name.clone(),
        }));
    }
    let mut diagnosis = Diagnosis::new(
        Kind::Function,
        Problem::TraitObject {
            parameter: shape.name.clone(),
            ty: shape.text(),
        },
    );
    let text = inkwell::values::AnyValue::print_to_string(&call).to_string();
    // The numbers of attribute groups and metadata say nothing, and are other ones in a slice.
    let end = text.rfind(')').map_or(text.len(), |at| at + 1);
    let text = text[..end].trim();
    let symbol = function.get_name().to_string_lossy();
    diagnosis.instruction = Some(SourceLine::alone(symbol, text));
    diagnosis.cause = Some(Cause::IndirectCall);
    diagnosis.note(Note::MethodTable);
    diagnosis.help.push(Help::TypeParameter);
    // In reverse mode Enzyme refuses that as well.
    if mode == Mode::Forward {
        diagnosis.help.push(Help::ConstantObject {
            parameter: shape.name.clone(),
        });
    }
    Err(diagnosis)
}

/// A doubt about a parameter that is constant to the derivative and leads to a function that is called with floats,
/// or gives one.
pub(crate) fn constant(function: FunctionValue<'_>, shape: &Shape) -> Option<Doubt> {
    if matches!(shape.ty, Ty::Object) {
        // There is a doubt, or a refusal, of its own.
        return None;
    }
    let parameters = shape.first..shape.first + shape.count;
    let parameters = parameters.filter_map(|at| function.get_nth_param(u32::try_from(at).ok()?));
    let mut calls = parameters
        .filter(|parameter| parameter.is_pointer_value())
        .filter_map(method_call);
    let takes_part = |call: InstructionValue<'_>| {
        let operands = (0..call.get_num_operands()).filter_map(|at| call.get_operand(at)?.value());
        matches!(call.get_type(), AnyTypeEnum::FloatType(_))
            || operands.into_iter().any(|operand| operand.is_float_value())
    };
    calls.any(takes_part).then(|| Doubt::ConstantFunction {
        parameter: shape.name.clone(),
    })
}

/// A call of what is loaded from a table of methods.
fn method_call<'c>(table: BasicValueEnum<'c>) -> Option<InstructionValue<'c>> {
    let mut seen = HashSet::new();
    let mut todo = vec![table];
    while let Some(value) = todo.pop() {
        if !seen.insert(value.as_value_ref()) {
            continue;
        }
        let mut next = value.get_first_use();
        while let Some(used) = next {
            next = used.get_next_use();
            let Some(user) = contents::instruction(used.get_user()) else {
                continue;
            };
            match user.get_opcode() {
                InstructionOpcode::Call | InstructionOpcode::Invoke => {
                    let callee = user.get_num_operands().checked_sub(1)?;
                    let called = user.get_operand(callee).and_then(|operand| operand.value());
                    if called.is_some_and(|called| called.as_value_ref() == value.as_value_ref()) {
                        return Some(user);
                    }
                }
                InstructionOpcode::Load
                | InstructionOpcode::GetElementPtr
                | InstructionOpcode::Phi
                | InstructionOpcode::Select => {
                    todo.extend(BasicValueEnum::try_from(used.get_user()).ok());
                }
                _ => {}
            }
        }
    }
    None
}
