//! A function's parameters as Rust has them: a slice is one, though it is a pointer and a length, and
//! so is a pair of scalars.

use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::module::Module;
use inkwell::types::BasicTypeEnum;
use inkwell::values::{BasicValue, BasicValueEnum, FunctionValue, InstructionOpcode};
use trace::{Activity, Concrete, Mode, RustType, TypeSource};

use crate::types::contents::{self, Contents};
use crate::types::places::Places;

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
    /// What attributes say lies where, by IR parameter.
    pub(crate) stated: Vec<(usize, Places)>,
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
        if let Some(known) = self.known.as_ref().and_then(RustType::reaches_float) {
            return Some(known);
        }
        // What an attribute says of memory; of the pointer itself it says nothing new.
        let stated: Vec<&Places> = self.stated.iter().map(|(_, places)| places).collect();
        let behind = |wanted: fn(&Concrete) -> bool| {
            stated
                .iter()
                .flat_map(|places| places.iter())
                .any(|(place, concrete)| place.len() > 1 && wanted(concrete))
        };
        if behind(|concrete| matches!(concrete, Concrete::Float(_))) {
            Some(true)
        } else if behind(|concrete| *concrete == Concrete::Integer)
            && !behind(|concrete| *concrete == Concrete::Pointer)
        {
            Some(false)
        } else {
            None
        }
    }

    /// Bytes from one element of a slice to the next, where that is known.
    pub(crate) fn stride(&self) -> Option<u64> {
        let Ty::Slice(contents) = &self.ty else {
            return None;
        };
        match &self.known {
            Some(RustType::Slice { of, .. }) => of.bytes().filter(|&bytes| bytes > 0),
            _ => match (contents.floats.first(), mixed(contents)) {
                (Some(&"f32"), false) => Some(4),
                (Some(&"f64"), false) => Some(8),
                _ => None,
            },
        }
    }

    /// What each of its IR parameters is when the whole is of that activity.
    pub(crate) fn parts(&self, activity: Activity, mode: Mode) -> Vec<Activity> {
        match &self.ty {
            Ty::Slice(_) => vec![activity, Activity::Const],
            Ty::Object => vec![Activity::Const; 2],
            Ty::Pair(parts) => {
                let leaves = self.known.as_ref().and_then(RustType::leaves);
                let each = parts.iter().enumerate().map(|(at, part)| {
                    let known = leaves
                        .as_ref()
                        .and_then(|leaves| leaves.get(at)?.reaches_float());
                    match (part, mode) {
                        _ if activity == Activity::Const => Activity::Const,
                        (Ty::Float(_), Mode::Reverse) => Activity::Active,
                        (Ty::Float(_), Mode::Forward) => activity,
                        (Ty::Pointer { contents, .. }, _)
                            if known.unwrap_or_else(|| contents.may_hold_floats()) =>
                        {
                            activity
                        }
                        _ => Activity::Const,
                    }
                });
                each.collect()
            }
            _ => vec![activity; self.count],
        }
    }

    /// What Enzyme is told of its IR parameters: what lies where, by their positions.
    pub(crate) fn places(&self) -> Vec<(usize, Places)> {
        let mut out = Vec::new();
        match (&self.ty, &self.known) {
            // By value in Rust, behind a pointer in the IR.
            (
                Ty::Pointer { .. } | Ty::Result { .. },
                Some(
                    known @ (RustType::Struct { .. }
                    | RustType::Array { .. }
                    | RustType::Opaque { .. }),
                ),
            )
            | (Ty::Result { .. }, Some(known)) => out.push((self.first, known.pointee())),
            (Ty::Pair(parts), known) => {
                let leaves = known.as_ref().and_then(RustType::leaves);
                for (at, part) in parts.iter().enumerate() {
                    let places = match leaves.as_ref().and_then(|leaves| leaves.get(at)) {
                        Some(leaf) => leaf.value(),
                        // The discriminant of an enum comes first.
                        None if at == 0 && matches!(part, Ty::Integer(_)) => {
                            vec![(vec![-1], Concrete::Integer)]
                        }
                        None => Vec::new(),
                    };
                    out.push((self.first + at, places));
                }
            }
            (_, Some(known)) => out.push((self.first, known.value())),
            (_, None) => {}
        }
        if matches!(self.ty, Ty::Slice(_)) {
            out.push((self.first + 1, vec![(vec![-1], Concrete::Integer)]));
        }
        for (at, places) in &self.stated {
            out.retain(|(index, _)| index != at);
            out.push((*at, places.clone()));
        }
        out.retain(|(_, places)| !places.is_empty());
        out
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
    Result {
        contents: Contents,
        bytes: Option<u64>,
    },
    /// A struct, array or vector by value, and whether it is made of floats alone.
    Aggregate { text: String, floats_only: bool },
    /// Two scalars that are one thing: a tuple or struct of two, an enum with a payload.
    Pair(Box<[Ty; 2]>),
    /// A reference to a trait object: a pointer to the value and one to its methods.
    Object,
}

/// What a type is to a derivative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ActivityClass {
    /// A value that has an adjoint or tangent of its own.
    Value,
    /// Bits of floats in an integer, which Enzyme gives a tangent, but no adjoint.
    Bits,
    /// Memory, whose shadow is memory.
    Memory,
    /// Neither.
    Constant,
}

impl Ty {
    /// What it is to a derivative.
    pub(crate) fn activity_class(&self) -> ActivityClass {
        match self {
            Ty::Float(_) | Ty::Aggregate { .. } => ActivityClass::Value,
            Ty::FloatBits(_) => ActivityClass::Bits,
            Ty::Slice(_) | Ty::Pointer { .. } | Ty::Result { .. } => ActivityClass::Memory,
            Ty::Integer(_) | Ty::Object => ActivityClass::Constant,
            // What lies in memory decides: a float beside it has its adjoint returned all the same.
            Ty::Pair(parts) => match (parts[0].activity_class(), parts[1].activity_class()) {
                (ActivityClass::Memory, _) | (_, ActivityClass::Memory) => ActivityClass::Memory,
                (ActivityClass::Value, _) | (_, ActivityClass::Value) => ActivityClass::Value,
                (ActivityClass::Bits, _) | (_, ActivityClass::Bits) => ActivityClass::Bits,
                _ => ActivityClass::Constant,
            },
        }
    }

    /// The type in Rust's words, as far as the IR shows it.
    pub(crate) fn text(&self) -> String {
        match self {
            Ty::Float(name) => (*name).to_owned(),
            Ty::Integer(name) | Ty::FloatBits(name) => name.clone(),
            Ty::Slice(contents) => format!("&{}[{}]", mutable(contents), element(contents)),
            Ty::Pointer { contents, bytes } => {
                let sign = match bytes {
                    Some(_) => format!("&{}", mutable(contents)),
                    None => "*".to_owned(),
                };
                format!("{sign}{}", held(contents, *bytes))
            }
            Ty::Result { contents, bytes } => held(contents, *bytes),
            Ty::Aggregate { text, .. } => text.clone(),
            Ty::Pair(parts) => format!("({}, {})", parts[0].text(), parts[1].text()),
            Ty::Object => "&dyn _".to_owned(),
        }
    }
}

fn mutable(contents: &Contents) -> &'static str {
    if contents.written { "mut " } else { "" }
}

/// What memory of that size is, as far as uses show it.
fn held(contents: &Contents, bytes: Option<u64>) -> String {
    let size = match contents.floats.first() {
        Some(&"f32") => 4,
        Some(&"f64") => 8,
        _ => 0,
    };
    match bytes {
        Some(bytes) if size > 0 && bytes == size && !mixed(contents) => element(contents),
        Some(bytes) if size > 0 && bytes % size == 0 && !mixed(contents) => {
            format!("[{}; {}]", element(contents), bytes / size)
        }
        Some(bytes) => format!("({}; {bytes} bytes)", element(contents)),
        None => element(contents),
    }
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

/// One IR parameter.
#[derive(Clone, Debug)]
pub(crate) struct Raw {
    /// Its name, if it has one.
    name: Option<String>,
    pub(crate) ty: Ty,
    /// So many bytes can be read there.
    dereferenceable: bool,
    /// It is never null.
    nonnull: bool,
    /// It has a value whatever else holds.
    is_defined: bool,
}

impl Raw {
    /// `x` of `x.0` or `x.1`, whichever `part` says.
    pub(crate) fn base(&self, part: usize) -> Option<&str> {
        self.name.as_deref()?.strip_suffix(&format!(".{part}"))
    }

    /// Its name, or one by its position.
    pub(crate) fn called(&self, at: usize) -> String {
        self.name.clone().unwrap_or_else(|| format!("arg{at}"))
    }
}

/// The function's IR parameters.
pub(crate) fn raw<'c>(module: &Module<'c>, function: FunctionValue<'c>) -> Vec<Raw> {
    let params = function.get_params().into_iter().enumerate();
    params
        .map(|(at, value)| Raw {
            name: name_of(value),
            ty: type_of(module, function, value, at),
            dereferenceable: attribute(function, at, "dereferenceable").is_some(),
            nonnull: attribute(function, at, "nonnull").is_some(),
            is_defined: attribute(function, at, "noundef").is_some(),
        })
        .collect()
}

/// The function's parameters as far as its IR shows which belong together: rustc calls the two of a
/// slice, a pair or a trait object `x.0` and `x.1`. An enum with a payload goes without names, and its
/// payload need not be defined.
pub(crate) fn parameters(raw: &[Raw]) -> Vec<Shape> {
    let mut shapes = Vec::new();
    let mut at = 0;
    while at < raw.len() {
        let pair = raw.get(at + 1).and_then(|next| together(&raw[at], next));
        let (name, ty) = match pair {
            Some(ty) => (raw[at].base(0).map(str::to_owned), ty),
            None => (raw[at].name.clone(), raw[at].ty.clone()),
        };
        let count = match ty {
            Ty::Slice(_) | Ty::Pair(_) | Ty::Object => 2,
            _ => 1,
        };
        shapes.push(Shape {
            name: name.unwrap_or_else(|| format!("arg{at}")),
            first: at,
            count,
            ty,
            known: None,
            source: TypeSource::Uses,
            stated: Vec::new(),
        });
        at += count;
    }
    shapes
}

fn together(first: &Raw, second: &Raw) -> Option<Ty> {
    let pair = || Ty::Pair(Box::new([first.ty.clone(), second.ty.clone()]));
    let named = first.base(0).is_some() && first.base(0) == second.base(1);
    match (&first.ty, &second.ty) {
        // How long a slice is, its pointer does not say.
        (Ty::Pointer { contents, .. }, Ty::Integer(_)) if named && !first.dereferenceable => {
            Some(Ty::Slice(contents.clone()))
        }
        (Ty::Pointer { .. }, Ty::Pointer { .. })
            if named && first.nonnull && !first.dereferenceable && second.dereferenceable =>
        {
            Some(Ty::Object)
        }
        _ if named => Some(pair()),
        (Ty::Integer(_), payload)
            if first.name.is_none()
                && second.name.is_none()
                && first.is_defined
                && !second.is_defined
                && !matches!(payload, Ty::Aggregate { .. }) =>
        {
            Some(pair())
        }
        _ => None,
    }
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
            text: words(other),
            floats_only: floats_only(other),
        },
    })
}

/// An aggregate in Rust's words.
fn words(ty: BasicTypeEnum<'_>) -> String {
    match ty {
        BasicTypeEnum::FloatType(float) => contents::float_name(float).to_owned(),
        BasicTypeEnum::PointerType(_) => "*_".to_owned(),
        BasicTypeEnum::ArrayType(array) => {
            format!("[{}; {}]", words(array.get_element_type()), array.len())
        }
        BasicTypeEnum::StructType(fields) => {
            let fields: Vec<String> = fields.get_field_types().into_iter().map(words).collect();
            format!("({})", fields.join(", "))
        }
        other => inkwell::types::AnyType::print_to_string(&other).to_string(),
    }
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
            let bytes = attribute(function, index, "dereferenceable")
                .map(|attribute| attribute.get_enum_value())
                .filter(|&bytes| bytes > 0);
            match attribute(function, index, "sret") {
                Some(_) => Ty::Result { contents, bytes },
                None => Ty::Pointer { contents, bytes },
            }
        }
        other => Ty::Aggregate {
            text: words(other.get_type()),
            floats_only: floats_only(other.get_type()),
        },
    }
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

fn name_of(value: BasicValueEnum<'_>) -> Option<String> {
    let name = match value {
        BasicValueEnum::ArrayValue(v) => v.get_name().to_owned(),
        BasicValueEnum::IntValue(v) => v.get_name().to_owned(),
        BasicValueEnum::FloatValue(v) => v.get_name().to_owned(),
        BasicValueEnum::PointerValue(v) => v.get_name().to_owned(),
        BasicValueEnum::StructValue(v) => v.get_name().to_owned(),
        BasicValueEnum::VectorValue(v) => v.get_name().to_owned(),
        BasicValueEnum::ScalableVectorValue(v) => v.get_name().to_owned(),
    };
    let name = name.to_string_lossy();
    (!name.is_empty()).then(|| name.into_owned())
}
