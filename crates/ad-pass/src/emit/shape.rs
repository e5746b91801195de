//! Values as the scalars that they are made of, which is how C is given them.

use std::collections::BTreeSet;

use inkwell::AddressSpace;
use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::builder::Builder;
use inkwell::types::BasicTypeEnum;
use inkwell::values::{BasicValueEnum, FunctionValue};
use trace::{CParameter, CType, Diagnosis, Help, Kind, Mode, Parameter, Problem, Role};

/// One parameter of the derivative and what it is to a C caller.
pub(super) struct Passed<'c> {
    pub(super) ty: BasicTypeEnum<'c>,
    pub(super) parameters: Vec<CParameter>,
}

impl<'c> Passed<'c> {
    pub(super) fn new(
        ty: BasicTypeEnum<'c>,
        name: &str,
        role: Role,
        of: Option<usize>,
        facts: Facts,
        names: &mut Names,
    ) -> Result<Self, Diagnosis> {
        let scalars = scalars(ty);
        let several = scalars.len() > 1;
        let parameters = scalars
            .into_iter()
            .enumerate()
            .map(|(at, scalar)| {
                Ok(CParameter {
                    name: names.fresh(&match several {
                        true => format!("{name}_{at}"),
                        false => name.to_owned(),
                    }),
                    ty: c_type(scalar, name)?,
                    role,
                    of,
                    bytes: facts.bytes,
                    align: facts.align,
                    read_only: facts.read_only,
                    unaliased: facts.unaliased,
                    by_value: facts.by_value,
                })
            })
            .collect::<Result<_, Diagnosis>>()?;
        Ok(Passed { ty, parameters })
    }
}

/// What is known of a pointer.
#[derive(Clone, Copy, Default)]
pub(super) struct Facts {
    bytes: Option<u64>,
    align: Option<u64>,
    read_only: bool,
    unaliased: bool,
    by_value: bool,
}

impl Facts {
    /// What the primal's IR and Rust type say of one of its IR parameters.
    pub(super) fn of(
        primal: FunctionValue<'_>,
        index: usize,
        parameter: Option<&Parameter>,
    ) -> Self {
        let Ok(index) = u32::try_from(index) else {
            return Facts::default();
        };
        if !primal
            .get_nth_param(index)
            .is_some_and(|value| value.is_pointer_value())
        {
            return Facts::default();
        }
        let attribute = |name: &str| {
            let kind = Attribute::get_named_enum_kind_id(name);
            primal.get_enum_attribute(AttributeLoc::Param(index), kind)
        };
        let number = |name: &str| {
            attribute(name)
                .map(|found| found.get_enum_value())
                .filter(|&value| value > 0)
        };
        let ty = parameter.map_or("", |parameter| parameter.ty.as_str());
        let is_mutable = ty.starts_with("&mut ") || ty.starts_with("*mut ");
        let only_reads = attribute("readonly").is_some() || attribute("readnone").is_some();
        let is_result = attribute("sret").is_some();
        // rustc passes what is too large for registers behind a pointer, and says how large it is.
        let is_written_as_pointer = ty.starts_with(['&', '*']) || ty.starts_with("Box");
        let by_value = !is_result
            && !ty.is_empty()
            && !is_written_as_pointer
            && attribute("dereferenceable").is_some()
            && attribute("byval").is_none();
        Facts {
            bytes: number("dereferenceable"),
            align: number("align"),
            read_only: !is_result && !is_mutable && (only_reads || by_value),
            unaliased: attribute("noalias").is_some() && !by_value,
            by_value: by_value && !only_reads,
        }
    }

    /// The same of the shadow, which has the primal's shape. What the primal makes of its copy changes
    /// the tangents, too; adjoints are what the caller wants to see.
    pub(super) fn of_shadow(self, mode: Mode) -> Self {
        let forward = mode == Mode::Forward;
        Facts {
            read_only: self.read_only && forward,
            by_value: self.by_value && forward,
            ..self
        }
    }
}

/// Names that are Rust identifiers, each given once.
#[derive(Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// The name itself, or the closest that is one and not taken.
    pub(super) fn fresh(&mut self, wanted: &str) -> String {
        let mut name = String::new();
        for c in wanted.chars() {
            let c = if c.is_ascii_alphanumeric() { c } else { '_' };
            // Rust's style for parameters and fields.
            if c.is_ascii_uppercase() && !name.is_empty() && !name.ends_with('_') {
                name.push('_');
            }
            if c == '_' && name.ends_with('_') {
                continue;
            }
            name.push(c.to_ascii_lowercase());
        }
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || name == "_" {
            name.insert_str(0, "arg_");
        }
        while KEYWORDS.contains(&name.as_str()) || !self.0.insert(name.clone()) {
            name.push('_');
        }
        name
    }
}

/// What cannot be a name in any edition of Rust.
const KEYWORDS: [&str; 53] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "union", "unsafe", "unsized", "use", "virtual", "where", "while", "yield", "safe",
];

/// The scalars of a type, in their order.
pub(super) fn scalars(ty: BasicTypeEnum<'_>) -> Vec<BasicTypeEnum<'_>> {
    match ty {
        BasicTypeEnum::StructType(fields) => fields
            .get_field_types()
            .into_iter()
            .flat_map(scalars)
            .collect(),
        BasicTypeEnum::ArrayType(array) => {
            let each = scalars(array.get_element_type());
            (0..array.len()).flat_map(|_| each.clone()).collect()
        }
        BasicTypeEnum::VectorType(vector) => {
            vec![vector.get_element_type(); vector.get_size() as usize]
        }
        scalar => vec![scalar],
    }
}

/// A scalar's type as C and Rust have it.
pub(super) fn c_type(ty: BasicTypeEnum<'_>, name: &str) -> Result<CType, Diagnosis> {
    let found = match ty {
        BasicTypeEnum::FloatType(float) => match float.get_bit_width() {
            32 => Some(CType::F32),
            64 => Some(CType::F64),
            _ => None,
        },
        BasicTypeEnum::IntType(int) => match int.get_bit_width() {
            1 => Some(CType::Bool),
            bits @ (8 | 16 | 32 | 64 | 128) => Some(CType::Int(bits)),
            _ => None,
        },
        BasicTypeEnum::PointerType(pointer) => {
            (pointer.get_address_space() == AddressSpace::default()).then_some(CType::Pointer)
        }
        _ => None,
    };
    found.ok_or_else(|| {
        Diagnosis::new(
            Kind::Emit,
            Problem::NoCommonType {
                name: name.to_owned(),
                ty: inkwell::types::AnyType::print_to_string(&ty).to_string(),
            },
        )
        .with_help(Help::BehindReference)
    })
}

/// Puts a value together from the next scalars.
pub(super) fn gather<'c>(
    builder: &Builder<'c>,
    ty: BasicTypeEnum<'c>,
    values: &mut impl Iterator<Item = BasicValueEnum<'c>>,
) -> Option<BasicValueEnum<'c>> {
    match ty {
        BasicTypeEnum::StructType(fields) => {
            let mut whole = fields.get_undef();
            for (at, field) in (0..).zip(fields.get_field_types()) {
                let part = gather(builder, field, values)?;
                whole = builder
                    .build_insert_value(whole, part, at, "")
                    .ok()?
                    .into_struct_value();
            }
            Some(whole.into())
        }
        BasicTypeEnum::ArrayType(array) => {
            let mut whole = array.get_undef();
            for at in 0..array.len() {
                let part = gather(builder, array.get_element_type(), values)?;
                whole = builder
                    .build_insert_value(whole, part, at, "")
                    .ok()?
                    .into_array_value();
            }
            Some(whole.into())
        }
        BasicTypeEnum::VectorType(vector) => {
            let mut whole = vector.get_undef();
            for at in 0..vector.get_size() {
                let index = vector
                    .get_context()
                    .i32_type()
                    .const_int(u64::from(at), false);
                whole = builder
                    .build_insert_element(whole, values.next()?, index, "")
                    .ok()?;
            }
            Some(whole.into())
        }
        _ => values.next(),
    }
}

/// Takes a value apart into its scalars.
pub(super) fn scatter<'c>(
    builder: &Builder<'c>,
    value: BasicValueEnum<'c>,
    out: &mut Vec<BasicValueEnum<'c>>,
) -> Option<()> {
    match value {
        BasicValueEnum::StructValue(whole) => {
            for at in 0..whole.get_type().count_fields() {
                let part = builder.build_extract_value(whole, at, "").ok()?;
                scatter(builder, part, out)?;
            }
        }
        BasicValueEnum::ArrayValue(whole) => {
            for at in 0..whole.get_type().len() {
                let part = builder.build_extract_value(whole, at, "").ok()?;
                scatter(builder, part, out)?;
            }
        }
        BasicValueEnum::VectorValue(whole) => {
            let vector = whole.get_type();
            for at in 0..vector.get_size() {
                let index = vector
                    .get_context()
                    .i32_type()
                    .const_int(u64::from(at), false);
                out.push(builder.build_extract_element(whole, index, "").ok()?);
            }
        }
        scalar => out.push(scalar),
    }
    Some(())
}
