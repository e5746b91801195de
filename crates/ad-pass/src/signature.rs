//! A function's parameters as Rust has them: a slice is one, though it is a pointer and a length.

use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::module::Module;
use inkwell::types::BasicTypeEnum;
use inkwell::values::{BasicValue, BasicValueEnum, FunctionValue, InstructionOpcode};
use trace::{RustSignature, RustType, TypeSource};

use crate::contents::{self, Contents};

/// One Rust parameter.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) name: String,
    /// Position of its first IR parameter.
    pub(crate) first: usize,
    /// How many IR parameters it takes.
    pub(crate) count: usize,
    pub(crate) ty: Ty,
    /// Its type in Rust, where that is known.
    pub(crate) known: Option<RustType>,
    pub(crate) source: TypeSource,
}

impl Shape {
    /// The type in Rust's words.
    pub(crate) fn text(&self) -> String {
        match &self.known {
            Some(known) => known.to_string(),
            None => self.ty.text(),
        }
    }

    /// True when a derivative may flow through the memory that it leads to.
    pub(crate) fn may_reach_floats(&self) -> Option<bool> {
        self.known.as_ref().and_then(RustType::reaches_float)
    }
}

/// What a parameter or return value is.
#[derive(Clone, Debug)]
pub(crate) enum Ty {
    /// A float, by its Rust name.
    Float(&'static str),
    /// An integer that is used as such.
    Integer(String),
    /// An integer whose bits are read as floats: rustc passes small float aggregates like this.
    FloatBits(String),
    /// A pointer and a length.
    Slice(Contents),
    /// A pointer to so many bytes, if it says so.
    Pointer {
        contents: Contents,
        bytes: Option<u64>,
    },
    /// Where a large result is written.
    Result(Contents),
    /// A struct, array or vector by value, and whether it is made of floats alone.
    Aggregate { text: String, floats_only: bool },
}

impl Ty {
    /// Bytes of a scalar; as many as any other type may have.
    fn scalar_bytes(&self) -> u64 {
        let digits = |text: &str| text[1..].parse::<u64>().ok();
        match self {
            Ty::Float(name) => digits(name).map_or(8, |bits| bits.div_ceil(8)),
            Ty::Integer(name) | Ty::FloatBits(name) => {
                digits(name).map_or(8, |bits| bits.div_ceil(8))
            }
            _ => u64::MAX,
        }
    }

    /// The type in Rust's words, as far as the IR shows it.
    pub(crate) fn text(&self) -> String {
        match self {
            Ty::Float(name) => (*name).to_owned(),
            Ty::Integer(name) | Ty::FloatBits(name) => name.clone(),
            Ty::Slice(contents) => format!("&{}[{}]", mutable(contents), element(contents)),
            Ty::Pointer { contents, bytes } => {
                let size = match contents.floats.first() {
                    Some(&"f32") => 4,
                    Some(&"f64") => 8,
                    _ => 0,
                };
                let mutable = mutable(contents);
                match bytes {
                    Some(bytes) if size > 0 && *bytes == size && !mixed(contents) => {
                        format!("&{mutable}{}", element(contents))
                    }
                    Some(bytes) if size > 0 && bytes % size == 0 && !mixed(contents) => {
                        format!("&{mutable}[{}; {}]", element(contents), bytes / size)
                    }
                    Some(bytes) => format!("&{mutable}({}; {bytes} bytes)", element(contents)),
                    None => format!("*{}", element(contents)),
                }
            }
            Ty::Result(contents) => format!("sret {}", element(contents)),
            Ty::Aggregate { text, .. } => text.clone(),
        }
    }
}

fn mutable(contents: &Contents) -> &'static str {
    if contents.written { "mut " } else { "" }
}

fn mixed(contents: &Contents) -> bool {
    contents.floats.len() > 1 || contents.integers || contents.pointers || contents.unknown
}

/// What stands for the element: the types that were seen, or `?` when the pointer gets away.
fn element(contents: &Contents) -> String {
    let mut seen: Vec<&str> = contents.floats.iter().copied().collect();
    if contents.integers {
        seen.push("int");
    }
    if contents.pointers {
        seen.push("ptr");
    }
    if contents.unknown {
        seen.push("?");
    }
    match seen.as_slice() {
        [] => "_".to_owned(),
        [only] => (*only).to_owned(),
        several => format!("{{{}}}", several.join(", ")),
    }
}

/// The function's parameters. Slices are recognised by the names that rustc gives them
/// (`x.0` a pointer, `x.1` an integer).
pub(crate) fn parameters<'c>(module: &Module<'c>, function: FunctionValue<'c>) -> Vec<Shape> {
    let params = function.get_params();
    let mut shapes = Vec::new();
    let mut at = 0;
    while at < params.len() {
        let name = name_of(params[at], at);
        let slice = name.strip_suffix(".0").filter(|base| {
            params[at].is_pointer_value()
                && params.get(at + 1).is_some_and(|next| {
                    next.is_int_value() && name_of(*next, at + 1) == format!("{base}.1")
                })
        });
        let shape = match slice {
            Some(base) => Shape {
                name: base.to_owned(),
                first: at,
                count: 2,
                ty: Ty::Slice(contents::behind(module, params[at])),
                known: None,
                source: TypeSource::Uses,
            },
            None => Shape {
                ty: type_of(module, function, params[at], at),
                name,
                first: at,
                count: 1,
                known: None,
                source: TypeSource::Uses,
            },
        };
        at += shape.count;
        shapes.push(shape);
    }
    shapes
}

/// What the function returns; `None` for nothing.
pub(crate) fn returned(function: FunctionValue<'_>) -> Option<Ty> {
    Some(match function.get_type().get_return_type()? {
        BasicTypeEnum::FloatType(float) => Ty::Float(contents::float_name(float)),
        BasicTypeEnum::IntType(int) => {
            let text = int.print_to_string().to_string();
            if returns_float_bits(function) {
                Ty::FloatBits(text)
            } else {
                Ty::Integer(text)
            }
        }
        BasicTypeEnum::PointerType(_) => Ty::Pointer {
            contents: Contents {
                unknown: true,
                ..Contents::default()
            },
            bytes: None,
        },
        other => Ty::Aggregate {
            text: inkwell::types::AnyType::print_to_string(&other).to_string(),
            floats_only: floats_only(other),
        },
    })
}

fn type_of<'c>(
    module: &Module<'c>,
    function: FunctionValue<'c>,
    value: BasicValueEnum<'c>,
    index: usize,
) -> Ty {
    match value {
        BasicValueEnum::FloatValue(float) => Ty::Float(contents::float_name(float.get_type())),
        BasicValueEnum::IntValue(int) => {
            let text = int.get_type().print_to_string().to_string();
            if becomes_float(value) {
                Ty::FloatBits(text)
            } else {
                Ty::Integer(text)
            }
        }
        BasicValueEnum::PointerValue(_) => {
            let contents = contents::behind(module, value);
            if attribute(function, index, "sret").is_some() {
                Ty::Result(contents)
            } else {
                Ty::Pointer {
                    bytes: attribute(function, index, "dereferenceable")
                        .map(|attribute| attribute.get_enum_value())
                        .filter(|&bytes| bytes > 0),
                    contents,
                }
            }
        }
        other => Ty::Aggregate {
            text: inkwell::types::AnyType::print_to_string(&other.get_type()).to_string(),
            floats_only: floats_only(other.get_type()),
        },
    }
}

/// Gives shapes the types of a Rust signature, parameter by parameter. `Err` says which one does not
/// fit what the IR has.
pub(crate) fn overlay(
    shapes: Vec<Shape>,
    signature: &RustSignature,
    source: TypeSource,
) -> Result<Vec<Shape>, String> {
    let mut out = Vec::new();
    let mut left = shapes.into_iter().peekable();
    // Where a large result is written comes before the parameters.
    while let Some(shape) = left.next_if(|shape| matches!(shape.ty, Ty::Result(_))) {
        out.push(Shape {
            known: signature.returns.clone(),
            source,
            ..shape
        });
    }
    for (at, (name, ty)) in signature.parameters.iter().enumerate() {
        // What has no size is not passed at all.
        if ty.bytes() == Some(0) {
            continue;
        }
        let called = match name.as_str() {
            "" => format!("parameter {at}"),
            name => name.to_owned(),
        };
        let Some(mut shape) = left.next() else {
            return Err(format!(
                "{called}: {ty} is stated, and the IR has no further parameter"
            ));
        };
        if !name.is_empty() {
            shape.name.clone_from(name);
        }
        // Without names a slice is a pointer and an integer that stand side by side.
        if matches!(
            (ty, &shape.ty),
            (RustType::Slice { .. }, Ty::Pointer { .. })
        ) && left
            .peek()
            .is_some_and(|next| matches!(next.ty, Ty::Integer(_)))
            && let Ty::Pointer { contents, .. } = shape.ty
        {
            left.next();
            shape.count = 2;
            shape.ty = Ty::Slice(contents);
        }
        let fits = match (ty, &shape.ty) {
            (RustType::Float(bits), Ty::Float(found)) => *found == format!("f{bits}"),
            (RustType::Integer { .. }, Ty::Integer(_) | Ty::FloatBits(_)) => true,
            (RustType::Slice { .. }, Ty::Slice(_)) => true,
            (RustType::Pointer { .. }, Ty::Pointer { .. }) => true,
            (RustType::Float(_) | RustType::Integer { .. }, _) => false,
            (RustType::Slice { .. } | RustType::Pointer { .. }, _) => false,
            // By value: in registers or behind a pointer, as the ABI has it.
            _ => true,
        };
        let floats = match &shape.ty {
            Ty::Slice(contents) | Ty::Pointer { contents, .. } => Some(&contents.floats),
            _ => None,
        };
        if let (
            RustType::Slice { of: inner, .. } | RustType::Pointer { to: inner, .. },
            Some(floats),
        ) = (ty, floats)
            && let RustType::Float(_) = inner.as_ref()
            && !floats.is_empty()
            && !floats.contains(inner.to_string().as_str())
        {
            return Err(format!(
                "{called}: {ty} is stated, and the IR reads or writes {} there",
                floats.iter().copied().collect::<Vec<_>>().join(" and ")
            ));
        }
        if !fits {
            return Err(format!(
                "{called}: {ty} is stated, and the IR has {}",
                shape.ty.text()
            ));
        }
        match ty {
            RustType::Struct { .. } | RustType::Array { .. } | RustType::Opaque { .. }
                if !matches!(shape.ty, Ty::Pointer { .. }) || shape.name.ends_with(".0") =>
            {
                // A pair of scalars is two parameters; what each is, the IR says best.
                let is_pair =
                    shape.name.ends_with(".0") || shape.ty.scalar_bytes() < ty.bytes().unwrap_or(0);
                out.push(shape);
                if is_pair {
                    out.extend(left.next());
                }
            }
            _ => {
                shape.known = Some(ty.clone());
                shape.source = source;
                out.push(shape);
            }
        }
    }
    match left.next() {
        None => Ok(out),
        Some(shape) => Err(format!(
            "the IR has a further parameter, {} ({})",
            shape.name,
            shape.ty.text()
        )),
    }
}

/// What Enzyme is told of an IR parameter: what lies where.
pub(crate) fn places(shape: &Shape) -> Option<Vec<(Vec<i64>, trace::Concrete)>> {
    let known = shape.known.as_ref()?;
    let places = match (&shape.ty, known) {
        // By value in Rust, behind a pointer in the IR.
        (
            Ty::Pointer { .. } | Ty::Result(_),
            RustType::Struct { .. } | RustType::Array { .. } | RustType::Opaque { .. },
        ) => known.pointee(),
        (Ty::Result(_), _) => known.pointee(),
        _ => known.value(),
    };
    (!places.is_empty()).then_some(places)
}

fn attribute(function: FunctionValue<'_>, index: usize, name: &str) -> Option<Attribute> {
    let location = AttributeLoc::Param(u32::try_from(index).ok()?);
    function.get_enum_attribute(location, Attribute::get_named_enum_kind_id(name))
}

fn floats_only(ty: BasicTypeEnum<'_>) -> bool {
    match ty {
        BasicTypeEnum::FloatType(_) => true,
        BasicTypeEnum::ArrayType(array) => floats_only(array.get_element_type()),
        BasicTypeEnum::VectorType(vector) => floats_only(vector.get_element_type()),
        BasicTypeEnum::StructType(fields) => fields.get_field_types().into_iter().all(floats_only),
        _ => false,
    }
}

/// True when an integer that is returned is made of floats: rustc returns small float aggregates
/// like this.
fn returns_float_bits(function: FunctionValue<'_>) -> bool {
    function.get_basic_blocks().into_iter().any(|block| {
        block
            .get_terminator()
            .filter(|last| last.get_opcode() == InstructionOpcode::Return)
            .and_then(|last| last.get_operand(0)?.value())
            .is_some_and(|value| comes_from_float(value, 12))
    })
}

fn comes_from_float(value: BasicValueEnum<'_>, depth: usize) -> bool {
    let Some(instruction) = value.as_instruction_value().filter(|_| depth > 0) else {
        return false;
    };
    let operands =
        (0..instruction.get_num_operands()).filter_map(|at| instruction.get_operand(at)?.value());
    match instruction.get_opcode() {
        InstructionOpcode::BitCast => operands.into_iter().any(|operand| {
            operand.is_float_value()
                || operand.is_vector_value()
                || comes_from_float(operand, depth - 1)
        }),
        InstructionOpcode::ZExt
        | InstructionOpcode::Trunc
        | InstructionOpcode::Shl
        | InstructionOpcode::LShr
        | InstructionOpcode::Or
        | InstructionOpcode::Phi
        | InstructionOpcode::Select
        | InstructionOpcode::Freeze => operands
            .into_iter()
            .any(|operand| comes_from_float(operand, depth - 1)),
        _ => false,
    }
}

/// True when the integer, or a part of it, is reinterpreted as a float.
fn becomes_float(value: BasicValueEnum<'_>) -> bool {
    let mut next = value.get_first_use();
    while let Some(used) = next {
        next = used.get_next_use();
        let Ok(user) = BasicValueEnum::try_from(used.get_user()) else {
            continue;
        };
        let found = match user.as_instruction_value().map(|i| i.get_opcode()) {
            Some(InstructionOpcode::BitCast) => user.is_float_value(),
            Some(InstructionOpcode::Trunc | InstructionOpcode::LShr) => becomes_float(user),
            _ => false,
        };
        if found {
            return true;
        }
    }
    false
}

fn name_of(value: BasicValueEnum<'_>, index: usize) -> String {
    let name = match value {
        BasicValueEnum::ArrayValue(v) => v.get_name().to_owned(),
        BasicValueEnum::IntValue(v) => v.get_name().to_owned(),
        BasicValueEnum::FloatValue(v) => v.get_name().to_owned(),
        BasicValueEnum::PointerValue(v) => v.get_name().to_owned(),
        BasicValueEnum::StructValue(v) => v.get_name().to_owned(),
        BasicValueEnum::VectorValue(v) => v.get_name().to_owned(),
        BasicValueEnum::ScalableVectorValue(v) => v.get_name().to_owned(),
    };
    match name.to_string_lossy() {
        name if name.is_empty() => format!("arg{index}"),
        name => name.into_owned(),
    }
}
