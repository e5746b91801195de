//! Makes up values, type by type.

use inkwell::targets::TargetData;
use inkwell::types::BasicTypeEnum;
use inkwell::values::FunctionValue;
use serde_json::Value;
use trace::{Check, Diagnosis, Help, Kind, Problem, RustType, Unmakeable};

use super::defaults::Defaults;
use super::image::{Float, Image, Integer, Scalar};
use super::random::Random;
use super::stride;
use crate::types::contents::Contents;
use crate::types::shape::Shape;
use crate::types::ty::Ty;

/// Elements behind a pointer that does not say how many there are.
const BUFFER: u64 = 1024;

/// As many scalars are made at most.
const LIMIT: u64 = 1 << 24;

/// The inputs as far as they are made.
pub(super) struct Maker {
    pub(super) image: Image,
    pub(super) random: Random,
    /// Of the parameter that is being made, in their order: floats and integers that may be given.
    pub(super) scalars: Vec<Scalar>,
    pub(super) parameter: usize,
    pub(super) name: String,
    pub(super) length: u64,
    pub(super) is_length_given: bool,
    pub(super) range: Option<(f64, f64)>,
    pub(super) defaults: Defaults,
    pub(super) smallest: i128,
}

impl Maker {
    /// Begins a parameter.
    pub(super) fn begin(
        &mut self,
        at: usize,
        shape: &Shape,
        check: &Check,
        given: Option<&serde_json::Map<String, Value>>,
    ) -> Result<(), Diagnosis> {
        let by_name = |name: &str| name == shape.name || name.parse() == Ok(at);
        self.parameter = at;
        self.name.clone_from(&shape.name);
        self.scalars.clear();
        self.range = check
            .ranges
            .iter()
            .rev()
            .find(|(name, ..)| by_name(name))
            .map(|(_, low, high)| (*low, *high));
        let stated = check.lengths.iter().rev().find(|(name, _)| by_name(name));
        let given = given
            .and_then(|given| given.get(&shape.name))
            .and_then(Value::as_array)
            .map(|list| list.len() as u64);
        self.is_length_given = given.is_some() || stated.is_some();
        self.length = given
            .or(stated.map(|(_, length)| *length))
            .unwrap_or(self.defaults.length);
        if self.length > LIMIT {
            return Err(Diagnosis::new(
                Kind::Inputs,
                Problem::TooManyElements {
                    count: self.length,
                    parameter: shape.name.clone(),
                    most: LIMIT,
                },
            ));
        }
        Ok(())
    }

    /// Makes a parameter in the blocks of its arguments.
    pub(super) fn parameter(
        &mut self,
        function: FunctionValue<'_>,
        shape: &Shape,
        arguments: &[usize],
        layout: &TargetData,
    ) -> Result<(), Diagnosis> {
        let block = arguments[0];
        let name = shape.name.clone();
        match (&shape.known, &shape.ty) {
            (Some(RustType::Slice { of, .. }), _) if arguments.len() == 2 => {
                let length = self.length;
                self.elements(of, length, block, 0, &name)?;
                self.image.put(arguments[1], 0, &length.to_le_bytes());
            }
            // By value in Rust, behind a pointer in the IR.
            (
                Some(known @ (RustType::Struct { .. } | RustType::Array { .. })),
                Ty::Pointer { .. } | Ty::Result { .. },
            ) => {
                let to = self.room(known.bytes().unwrap_or(0), &name)?;
                self.image.point(block, 0, to);
                self.place(known, to, 0, &name)?;
            }
            (Some(known @ (RustType::Float(_) | RustType::Integer { .. })), Ty::Result { .. }) => {
                let to = self.room(known.bytes().unwrap_or(0), &name)?;
                self.image.point(block, 0, to);
                self.place(known, to, 0, &name)?;
            }
            (Some(known), _)
                if arguments.len() == 1 && !matches!(known, RustType::Opaque { .. }) =>
            {
                self.place(known, block, 0, &name)?;
            }
            (None, Ty::Slice(contents)) if arguments.len() == 2 => {
                let length = self.length;
                let scalar = self.element(contents, &shape.text())?;
                let pointer = function.get_nth_param(u32::try_from(shape.first).unwrap_or(0));
                let size = scalar.bytes().unwrap_or(8);
                let element = match pointer.map_or(0, |pointer| stride::of(pointer, layout)) {
                    stride if stride > size => RustType::Array {
                        of: Box::new(scalar),
                        count: stride / size,
                    },
                    _ => scalar,
                };
                self.elements(&element, length, block, 0, &name)?;
                self.image.put(arguments[1], 0, &length.to_le_bytes());
            }
            (None, Ty::Pointer { contents, bytes }) => {
                let element = self.element(contents, &shape.text())?;
                let size = element.bytes().unwrap_or(8);
                let count = match bytes {
                    Some(bytes) => bytes.div_ceil(size),
                    None if self.is_length_given => self.length,
                    None => BUFFER,
                };
                self.elements(&element, count, block, 0, &name)?;
            }
            (None, Ty::Result { contents, bytes }) => {
                let element = self.element(contents, &shape.text())?;
                let size = element.bytes().unwrap_or(8);
                let bytes = bytes.unwrap_or(8 * BUFFER);
                self.elements(&element, bytes.div_ceil(size), block, 0, &name)?;
            }
            (Some(known), Ty::Pair(_))
                if known.leaves().is_some_and(|l| l.len() == arguments.len()) =>
            {
                let leaves = known.leaves().unwrap_or_default();
                for (at, (leaf, &argument)) in leaves.iter().zip(arguments).enumerate() {
                    self.place(leaf, argument, 0, &format!("{name}.{at}"))?;
                }
            }
            // What registers hold: each as the IR has it.
            _ => {
                let types = function.get_type().get_param_types();
                for (at, &argument) in arguments.iter().enumerate() {
                    let label = match arguments.len() {
                        1 => name.clone(),
                        _ => format!("{name}.{at}"),
                    };
                    let ty = BasicTypeEnum::try_from(types[shape.first + at])
                        .map_err(|()| unmakeable(&name, &shape.text(), Unmakeable::NotPlain))?;
                    self.register(ty, argument, 0, &label, layout, shape, at)?;
                }
            }
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "a place and what is to be there")]
    fn register(
        &mut self,
        ty: BasicTypeEnum<'_>,
        block: usize,
        at: usize,
        label: &str,
        layout: &TargetData,
        shape: &Shape,
        nth: usize,
    ) -> Result<(), Diagnosis> {
        match ty {
            BasicTypeEnum::FloatType(float) => self.float(float.get_bit_width(), block, at, label),
            BasicTypeEnum::IntType(int) => {
                if matches!(shape.ty, Ty::FloatBits(_)) {
                    // Small aggregates of floats come as one integer.
                    for part in 0..int.get_bit_width() / 32 {
                        let label = format!("{label}.{part}");
                        self.float(32, block, at + 4 * part as usize, &label)?;
                    }
                    return Ok(());
                }
                let bytes = int.get_bit_width().div_ceil(8) as usize;
                // The first word of an enum that is passed in two says which variant it is.
                let is_variant = nth == 0 && shape.count == 2;
                let choice = match (int.get_bit_width(), is_variant) {
                    (1, _) => Choice::Bool,
                    (_, true) => Choice::Exactly(1),
                    _ => Choice::Number,
                };
                self.integer(bytes, block, at, choice);
                Ok(())
            }
            BasicTypeEnum::StructType(fields) => {
                for (field, ty) in fields.get_field_types().into_iter().enumerate() {
                    let offset = layout
                        .offset_of_element(&fields, u32::try_from(field).unwrap_or(0))
                        .unwrap_or(0);
                    let offset = usize::try_from(offset).unwrap_or(0);
                    let label = format!("{label}.{field}");
                    self.register(ty, block, at + offset, &label, layout, shape, 1)?;
                }
                Ok(())
            }
            BasicTypeEnum::ArrayType(array) => {
                let ty = array.get_element_type();
                let size = usize::try_from(layout.get_abi_size(&ty)).unwrap_or(0);
                for element in 0..array.len() as usize {
                    let label = format!("{label}[{element}]");
                    self.register(ty, block, at + size * element, &label, layout, shape, 1)?;
                }
                Ok(())
            }
            BasicTypeEnum::VectorType(vector) => {
                let ty = vector.get_element_type();
                let size = usize::try_from(layout.get_store_size(&ty)).unwrap_or(0);
                for element in 0..vector.get_size() as usize {
                    let label = format!("{label}[{element}]");
                    self.register(ty, block, at + size * element, &label, layout, shape, 1)?;
                }
                Ok(())
            }
            other => Err(unmakeable(
                &self.name,
                &shape.text(),
                Unmakeable::Unknown {
                    ty: other.print_to_string().to_string(),
                },
            )),
        }
    }

    /// What an element is where only its uses are known. Integers of any size are taken for eight
    /// bytes: small numbers look the same in the first of fewer.
    fn element(&self, contents: &Contents, text: &str) -> Result<RustType, Diagnosis> {
        let word = || RustType::Integer {
            name: "?".to_owned(),
            bytes: 8,
        };
        let mut floats = contents.floats.iter();
        match (floats.next(), floats.next()) {
            (Some(&float), None) if !contents.integers && !contents.pointers => {
                Ok(RustType::Float(float[1..].parse().unwrap_or(64)))
            }
            (None, _) if contents.integers && !contents.pointers && !contents.unknown => Ok(word()),
            (None, _) if !contents.pointers && !contents.unknown => Ok(word()),
            _ => Err(unmakeable(&self.name, text, Unmakeable::UsesDoNotSay)),
        }
    }

    /// A block of its own for `count` elements, and a pointer to it.
    fn elements(
        &mut self,
        of: &RustType,
        count: u64,
        block: usize,
        at: usize,
        label: &str,
    ) -> Result<usize, Diagnosis> {
        let size = of
            .bytes()
            .ok_or_else(|| unmakeable(&self.name, &of.to_string(), Unmakeable::NoSize))?;
        let to = self.room(size.saturating_mul(count), label)?;
        self.image.point(block, at, to);
        for element in 0..count {
            let offset = usize::try_from(element * size).unwrap_or(0);
            self.place(of, to, offset, &format!("{label}[{element}]"))?;
        }
        Ok(to)
    }

    fn room(&mut self, bytes: u64, label: &str) -> Result<usize, Diagnosis> {
        match usize::try_from(bytes) {
            Ok(bytes) if bytes as u64 <= 8 * LIMIT => Ok(self.image.block(bytes)),
            _ => Err(Diagnosis::new(
                Kind::Inputs,
                Problem::TooManyBytes {
                    bytes,
                    label: label.to_owned(),
                },
            )),
        }
    }

    fn place(
        &mut self,
        ty: &RustType,
        block: usize,
        at: usize,
        label: &str,
    ) -> Result<(), Diagnosis> {
        match ty {
            RustType::Float(bits) => self.float(*bits, block, at, label),
            RustType::Integer { name, bytes } => {
                let choice = match name.as_str() {
                    "bool" => Choice::Bool,
                    "char" => Choice::Exactly(i128::from(b'a')),
                    _ => Choice::Number,
                };
                self.integer(usize::try_from(*bytes).unwrap_or(0), block, at, choice);
                Ok(())
            }
            RustType::Pointer { text, to } => {
                // A raw pointer leads to as many as it likes.
                let count = match text.starts_with('*') && !matches!(**to, RustType::Struct { .. })
                {
                    true if self.is_length_given => self.length,
                    true => BUFFER,
                    false => 1,
                };
                if count == 1 {
                    let bytes = to
                        .bytes()
                        .ok_or_else(|| unmakeable(&self.name, text, Unmakeable::NoSize))?;
                    let block_to = self.room(bytes, label)?;
                    self.image.point(block, at, block_to);
                    return self.place(to, block_to, 0, label);
                }
                self.elements(to, count, block, at, label).map(|_| ())
            }
            RustType::Slice { of, .. } => {
                let length = self.length;
                self.elements(of, length, block, at, label)?;
                self.image.put(block, at + 8, &length.to_le_bytes());
                Ok(())
            }
            RustType::Array { of, count } => {
                let size = of
                    .bytes()
                    .ok_or_else(|| unmakeable(&self.name, &of.to_string(), Unmakeable::NoSize))?;
                for element in 0..*count {
                    let offset = usize::try_from(element * size).unwrap_or(0);
                    self.place(of, block, at + offset, &format!("{label}[{element}]"))?;
                }
                Ok(())
            }
            RustType::Struct { name, fields, .. } if is_vec(name) => {
                self.vec(name, fields, block, at, label)
            }
            RustType::Struct { fields, .. } => {
                for (field, (offset, ty)) in fields.iter().enumerate() {
                    let offset = usize::try_from(*offset).unwrap_or(0);
                    self.place(ty, block, at + offset, &format!("{label}.{field}"))?;
                }
                Ok(())
            }
            RustType::Opaque { bytes: Some(0), .. } => Ok(()),
            RustType::Opaque { name, .. } => {
                Err(unmakeable(&self.name, name, Unmakeable::ValidBytes))
            }
        }
    }

    /// A `Vec` is a pointer, a capacity somewhere inside, and a length at the top.
    fn vec(
        &mut self,
        name: &str,
        fields: &[(u64, RustType)],
        block: usize,
        at: usize,
        label: &str,
    ) -> Result<(), Diagnosis> {
        let mut words = Vec::new();
        flatten(fields, 0, &mut words);
        let pointer = words.iter().find_map(|(offset, ty)| match ty {
            RustType::Pointer { to, .. } => Some((*offset, (**to).clone())),
            _ => None,
        });
        let (at_pointer, of) =
            pointer.ok_or_else(|| unmakeable(&self.name, name, Unmakeable::NoPointer))?;
        let length = self.length;
        self.elements(&of, length, block, at + at_pointer, label)?;
        for (offset, ty) in words {
            if matches!(ty, RustType::Integer { bytes: 8, .. }) {
                self.image.put(block, at + offset, &length.to_le_bytes());
            }
        }
        Ok(())
    }

    fn float(&mut self, bits: u32, block: usize, at: usize, label: &str) -> Result<(), Diagnosis> {
        if bits != 32 && bits != 64 {
            return Err(unmakeable(
                &self.name,
                &format!("f{bits}"),
                Unmakeable::OtherFloat,
            ));
        }
        let float = Float {
            block,
            at,
            bits,
            parameter: self.parameter,
            label: label.to_owned(),
        };
        let nth = self.image.floats.len();
        let value = self.defaults.spread.draw(&mut self.random, nth, self.range);
        self.image.set_float(&float, value);
        self.scalars.push(Scalar::Float(self.image.floats.len()));
        self.image.floats.push(float);
        Ok(())
    }

    fn integer(&mut self, bytes: usize, block: usize, at: usize, choice: Choice) {
        let integer = Integer { block, at, bytes };
        let is_one = self.scalars.is_empty() && self.image.arguments.last() == Some(&block);
        let value = match (choice, self.range) {
            (_, Some((low, high))) => self.random.integer(low as i128, high as i128),
            (Choice::Bool, None) => self.random.integer(0, 1),
            (Choice::Exactly(value), None) => value,
            // A number of its own is a size or a count as a rule, one of many an index.
            (Choice::Number, None) if is_one => self.defaults.integer,
            (Choice::Number, None) => self.random.integer(0, (self.smallest - 1).max(0)),
        };
        self.image.put_integer(&integer, value);
        self.scalars
            .push(Scalar::Integer(self.image.integers.len()));
        self.image.integers.push(integer);
    }
}

/// What an integer may be.
#[derive(Clone, Copy)]
enum Choice {
    Bool,
    Number,
    Exactly(i128),
}

/// Structs within structs, taken apart.
fn flatten(fields: &[(u64, RustType)], base: u64, out: &mut Vec<(usize, RustType)>) {
    for (offset, ty) in fields {
        match ty {
            RustType::Struct { fields, .. } => flatten(fields, base + offset, out),
            other => out.push((usize::try_from(base + offset).unwrap_or(0), other.clone())),
        }
    }
}

/// True for the name of a `Vec`.
pub(super) fn is_vec(name: &str) -> bool {
    name.starts_with("Vec<") || name.contains("::Vec<")
}

/// Nothing can be made up, and why.
pub(super) fn unmakeable(name: &str, ty: &str, why: Unmakeable) -> Diagnosis {
    Diagnosis::new(
        Kind::Inputs,
        Problem::NoInputs {
            parameter: name.to_owned(),
            ty: ty.to_owned(),
            why,
        },
    )
    .with_help(Help::StateTypes)
}
