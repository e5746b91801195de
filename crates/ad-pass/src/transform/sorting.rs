//! Sorting, as irad has Enzyme see it: the order of the elements is found first, which has no derivative, and then each
//! element moves once.
//!
//! The standard library sorts what is longer than twenty elements with networks, merges and partitions that move floats
//! through memory of their own, which Enzyme refuses or takes minutes for. What is equal stays in its order, as in a stable
//! sort. The comparison stays the module's own.

use std::fmt::Write as _;

use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::module::{Linkage, Module};
use inkwell::types::{AnyTypeEnum, BasicTypeEnum};
use inkwell::values::{
    BasicValue, CallSiteValue, FunctionValue, InstructionOpcode, InstructionValue,
};

use crate::ir::call_graph::reached;
use crate::ir::lookup::name;
use crate::transform::allocator::{ALLOC, DEALLOC, allocator_symbol};
use crate::transform::library::{UNNAMED, link, quoted};
use crate::transform::mixed_return::calls_of;

/// What sorts, and what its parameters are.
const SORTS: [(&str, &str, &str); 3] = [
    (
        "core::slice::sort::stable::driftsort_main",
        "void (ptr, i64, ptr)",
        "ptr %v, i64 %length, ptr %less",
    ),
    (
        "core::slice::sort::unstable::ipnsort",
        "void (ptr, i64, ptr)",
        "ptr %v, i64 %length, ptr %less",
    ),
    (
        "core::slice::sort::select::partition_at_index_loop",
        "void (ptr, i64, i64, ptr, ptr)",
        "ptr %v, i64 %length, i64 %index, ptr %pivot, ptr %less",
    ),
];

/// What each of them calls in the end: it compares an element with the one before.
const INSERTS: &str = "core::slice::sort::shared::smallsort::insert_tail";

const BODY: &str = include_str!("sorting/sort.ll");
/// Those that irad makes are numbered.
const ORDER: &str = "irad.order.";

/// Has what `primal` sorts sorted in this way, and says what did it before. No derivative flows through the functions that
/// come second.
pub(crate) fn simplify<'c>(
    module: &Module<'c>,
    primal: &str,
) -> (Vec<String>, Vec<FunctionValue<'c>>) {
    let mut replaced = Vec::new();
    let mut orders = Vec::new();
    for sort in reached(module, primal) {
        let symbol = name(sort);
        if symbol == primal {
            continue;
        }
        let Some(signature) = signature(sort, &symbol) else {
            continue;
        };
        let Some(element) = Element::of(module, &symbol) else {
            continue;
        };
        let number = replaced.len();
        // What is linked finds only what is visible.
        let linkage = element.compares.get_linkage();
        element.compares.set_linkage(Linkage::External);
        link(module, &element.body(module, number, signature));
        element.compares.set_linkage(linkage);
        let (Some(own), Some(order)) = (
            module.get_function(&format!("irad.sort.{number}")),
            module.get_function(&format!("{ORDER}{number}")),
        ) else {
            continue;
        };
        for function in [own, order] {
            function.set_linkage(Linkage::Internal);
        }
        sort.replace_all_uses_with(own);
        inline(own);
        replaced.push(symbol);
        orders.push(order);
    }
    (replaced, orders)
}

/// Where a call stays a call, Enzyme frees the shadow of what is allocated there without saying how large it is.
fn inline(function: FunctionValue<'_>) {
    let always = Attribute::get_named_enum_kind_id("alwaysinline");
    let context = function.get_type().get_context();
    function.add_attribute(
        AttributeLoc::Function,
        context.create_enum_attribute(always, 0),
    );
    // rustc says of each call that it stays one.
    let noinline = Attribute::get_named_enum_kind_id("noinline");
    for call in calls_of(function) {
        call.remove_enum_attribute(AttributeLoc::Function, noinline);
    }
}

fn signature(sort: FunctionValue<'_>, symbol: &str) -> Option<&'static str> {
    if !symbol.contains("5slice4sort") {
        return None;
    }
    let path = format!("{:#}", rustc_demangle::demangle(symbol));
    let ty = sort.get_type().print_to_string().to_string();
    SORTS.iter().find_map(|(known, known_type, parameters)| {
        let rest = path.strip_prefix(known)?;
        ((rest.is_empty() || rest.starts_with("::<")) && ty == *known_type).then_some(*parameters)
    })
}

/// What is sorted, and how two are compared.
struct Element<'c> {
    ty: BasicTypeEnum<'c>,
    compares: FunctionValue<'c>,
    arguments: Vec<&'static str>,
}

impl<'c> Element<'c> {
    /// Read from what `sort` calls, if that sorts one thing only, and comparing changes no floats.
    fn of(module: &Module<'c>, sort: &str) -> Option<Self> {
        let mut inserts = reached(module, sort).into_iter().filter(|function| {
            let path = format!("{:#}", rustc_demangle::demangle(&name(*function)));
            path.strip_prefix(INSERTS)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with("::<"))
        });
        let (Some(insert), None) = (inserts.next(), inserts.next()) else {
            return None;
        };
        let parameters = insert.get_params();
        let [_, tail, less] = parameters.as_slice() else {
            return None;
        };
        let (mut ty, mut compared) = (None, None);
        for instruction in instructions(insert) {
            let is_about_tail = |at| {
                instruction
                    .get_operand(at)
                    .and_then(|operand| operand.value())
                    == Some(*tail)
            };
            match instruction.get_opcode() {
                InstructionOpcode::GetElementPtr if ty.is_none() && is_about_tail(0) => {
                    ty = Some(instruction.get_gep_source_element_type().ok()?);
                }
                // LLVM's own may have operands that are metadata.
                InstructionOpcode::Call if compared.is_none() && !is_of_llvm(instruction) => {
                    let operands = instruction.get_num_operands().saturating_sub(1);
                    if is_truth(instruction) && (0..operands).any(is_about_tail) {
                        let call = CallSiteValue::try_from(instruction).ok()?;
                        let arguments = (0..operands)
                            .map(|at| match instruction.get_operand(at)?.value()? {
                                value if value == *tail => Some("ptr %a"),
                                value if value == *less => Some("ptr %less"),
                                value => value.is_pointer_value().then_some("ptr %b"),
                            })
                            .collect::<Option<Vec<_>>>()?;
                        compared = Some((call.get_called_fn_value()?, arguments));
                    }
                }
                _ => {}
            }
        }
        let (compares, arguments) = compared?;
        let changes_floats = reached(module, &name(compares))
            .into_iter()
            .flat_map(instructions)
            .any(stores_float);
        (arguments.contains(&"ptr %b") && !changes_floats).then_some(Element {
            ty: ty?,
            compares,
            arguments,
        })
    }

    fn body(&self, module: &Module<'_>, number: usize, signature: &str) -> String {
        let ty = written(self.ty);
        let mut text = BODY.to_owned();
        for (stands_for, entry) in [("@ALLOC", ALLOC), ("@DEALLOC", DEALLOC)] {
            text = text.replace(stands_for, &quoted(&allocator_symbol(module, entry)));
        }
        let declared = vec!["ptr"; self.arguments.len()].join(", ");
        text.replace("ATTRIBUTE", &format!("\"{UNNAMED}\""))
            .replace("PARAMETERS", &declared)
            .replace("ARGUMENTS", &self.arguments.join(", "))
            .replace("SIGNATURE", signature)
            .replace("@LESS", &quoted(&name(self.compares)))
            .replace("@ORDER", &quoted(&format!("{ORDER}{number}")))
            .replace("@SORT", &quoted(&format!("irad.sort.{number}")))
            .replace("KEEP\n", &self.moved("kept", &ty))
            .replace("MOVE\n", &self.moved("moved", &ty))
            .replace("ELEMENT", &ty)
    }

    /// Moves one element: each of its numbers by itself, where its type says them.
    fn moved(&self, name: &str, ty: &str) -> String {
        let mut text = String::new();
        let Some(fields) = scalars(self.ty) else {
            let _ = writeln!(
                text,
                "  %{name}_end = getelementptr inbounds {ty}, ptr null, i64 1\n  \
                 %{name}_size = ptrtoint ptr %{name}_end to i64\n  \
                 call void @llvm.memcpy.p0.p0.i64(ptr %{name}_to, ptr %{name}_from, i64 %{name}_size, i1 false)"
            );
            return text;
        };
        for (at, field) in fields {
            let path = match self.ty {
                BasicTypeEnum::StructType(_) => format!("i32 0, i32 {at}"),
                _ => "i32 0".to_owned(),
            };
            let field = field.print_to_string().to_string();
            let _ = writeln!(
                text,
                "  %{name}_from_{at} = getelementptr inbounds {ty}, ptr %{name}_from, {path}\n  \
                 %{name}_to_{at} = getelementptr inbounds {ty}, ptr %{name}_to, {path}\n  \
                 %{name}_{at} = load {field}, ptr %{name}_from_{at}\n  \
                 store {field} %{name}_{at}, ptr %{name}_to_{at}"
            );
        }
        text
    }
}

/// A type as it stands in a module that does not have its name.
fn written(ty: BasicTypeEnum<'_>) -> String {
    match ty {
        BasicTypeEnum::StructType(fields) => {
            let types = fields.get_field_types().into_iter().map(written);
            let types = types.collect::<Vec<_>>().join(", ");
            match fields.is_packed() {
                true => format!("<{{ {types} }}>"),
                false => format!("{{ {types} }}"),
            }
        }
        BasicTypeEnum::ArrayType(array) => {
            format!("[{} x {}]", array.len(), written(array.get_element_type()))
        }
        other => other.print_to_string().to_string(),
    }
}

/// The scalars of a type and where they are, but for what fills gaps; none where it has others.
fn scalars(ty: BasicTypeEnum<'_>) -> Option<Vec<(usize, BasicTypeEnum<'_>)>> {
    let is_scalar = |ty: &BasicTypeEnum<'_>| {
        matches!(
            ty,
            BasicTypeEnum::IntType(_) | BasicTypeEnum::FloatType(_) | BasicTypeEnum::PointerType(_)
        )
    };
    match ty {
        BasicTypeEnum::StructType(fields) => match fields.get_field_types().as_slice() {
            [a, b] if is_scalar(a) && is_scalar(b) => Some(vec![(0, *a), (1, *b)]),
            [a, BasicTypeEnum::ArrayType(_), b] if is_scalar(a) && is_scalar(b) => {
                Some(vec![(0, *a), (2, *b)])
            }
            _ => None,
        },
        scalar if is_scalar(&scalar) => Some(vec![(0, scalar)]),
        _ => None,
    }
}

fn instructions<'c>(function: FunctionValue<'c>) -> impl Iterator<Item = InstructionValue<'c>> {
    function.get_basic_blocks().into_iter().flat_map(|block| {
        std::iter::successors(block.get_first_instruction(), |one| {
            one.get_next_instruction()
        })
    })
}

fn is_of_llvm(call: InstructionValue<'_>) -> bool {
    let called = CallSiteValue::try_from(call).ok();
    let called = called.and_then(CallSiteValue::get_called_fn_value);
    called.is_none_or(|called| name(called).starts_with("llvm."))
}

fn is_truth(call: InstructionValue<'_>) -> bool {
    matches!(call.get_type(), AnyTypeEnum::IntType(ty) if ty.get_bit_width() == 1)
}

/// True where a float goes to memory that is not the function's own.
fn stores_float(instruction: InstructionValue<'_>) -> bool {
    let operand = |at| {
        instruction
            .get_operand(at)
            .and_then(|operand| operand.value())
    };
    if instruction.get_opcode() != InstructionOpcode::Store
        || !operand(0).is_some_and(|value| value.is_float_value())
    {
        return false;
    }
    let mut to = operand(1).and_then(|to| to.as_instruction_value());
    while let Some(address) = to
        && address.get_opcode() == InstructionOpcode::GetElementPtr
    {
        to = address
            .get_operand(0)
            .and_then(|operand| operand.value())
            .and_then(|base| base.as_instruction_value());
    }
    !to.is_some_and(|base| base.get_opcode() == InstructionOpcode::Alloca)
}
