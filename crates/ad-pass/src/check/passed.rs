//! Makes a parameter as it is passed: in registers, as rustc splits it, or behind a pointer.

use inkwell::targets::TargetData;
use inkwell::types::BasicTypeEnum;
use inkwell::values::FunctionValue;
use serde_json::Value;
use trace::{Diagnosis, RustType, Unmakeable};

use super::given;
use super::image::IntegerKind;
use super::made::Made;
use super::maker::{BUFFER, Maker, Spot, index, unmakeable};
use super::stride;
use crate::types::contents::{Contents, float_bits, float_name};
use crate::types::shape::Shape;
use crate::types::ty::Ty;

/// The word that an integer is taken for of which only uses are known: small numbers look the same in
/// the first bytes of it.
fn word() -> RustType {
    RustType::Integer {
        name: "?".to_owned(),
        bytes: 8,
    }
}

impl Maker {
    /// Makes a parameter in the blocks of its arguments.
    pub(super) fn parameter(
        &mut self,
        function: FunctionValue<'_>,
        shape: &Shape,
        arguments: &[usize],
        layout: &TargetData,
        given: Option<&Value>,
    ) -> Result<Made, Diagnosis> {
        let types = function.get_type().get_param_types();
        let types: Vec<BasicTypeEnum<'_>> = types[shape.first..shape.first + shape.count]
            .iter()
            .map(|ty| BasicTypeEnum::try_from(*ty).map_err(|()| self.refused(Unmakeable::NotPlain)))
            .collect::<Result<_, _>>()?;
        let spot = Spot {
            is_alone: arguments.len() == 1,
            ..Spot::start(arguments[0], &shape.name)
        };
        match (&shape.known, &shape.ty) {
            (Some(known), _) if !matches!(known, RustType::Opaque { .. }) => {
                self.known(known, shape, arguments, (&types, layout), given)
            }
            (Some(RustType::Opaque { .. }), Ty::Pointer { .. }) => {
                Err(self.refused(Unmakeable::ValidBytes))
            }
            (_, Ty::Object) => Err(self.refused(Unmakeable::Object)),
            (None, Ty::Slice(contents)) if arguments.len() == 2 => {
                let scalar = self.element(contents)?;
                let pointer = function.get_nth_param(u32::try_from(shape.first).unwrap_or(0));
                let size = scalar.bytes().unwrap_or(8);
                let element = match pointer.map_or(0, |pointer| stride::of(pointer, layout)) {
                    stride if stride > size => RustType::Array {
                        of: Box::new(scalar),
                        count: stride / size,
                    },
                    _ => scalar,
                };
                let (made, block, length) = self.elements(&element, &spot, given, None)?;
                self.image.point(spot.block, 0, block);
                self.image.put(arguments[1], 0, &length.to_le_bytes());
                Ok(made)
            }
            (None, Ty::Pointer { contents, bytes }) => {
                let element = self.element(contents)?;
                let size = element.bytes().unwrap_or(8);
                let count = match bytes {
                    Some(bytes) => bytes.div_ceil(size),
                    None if self.is_length_stated => self.length,
                    None => BUFFER,
                };
                // What leads to one number is written as that.
                let one: Vec<Value>;
                let given = match given {
                    Some(value) if bytes.is_some() => {
                        let sizes = vec![Some(1); index(count)];
                        one = given::parts(value, &sizes, &spot.label)?;
                        Some(Value::from(one))
                    }
                    given => given.cloned(),
                };
                let (made, block, _) =
                    self.elements(&element, &spot, given.as_ref(), Some(count))?;
                self.image.point(spot.block, 0, block);
                Ok(made)
            }
            // What registers hold: each as the IR has it.
            _ => self.registers(shape, arguments, (&types, layout), given),
        }
    }

    /// A parameter whose type is known.
    fn known(
        &mut self,
        known: &RustType,
        shape: &Shape,
        arguments: &[usize],
        (types, layout): (&[BasicTypeEnum<'_>], &TargetData),
        given: Option<&Value>,
    ) -> Result<Made, Diagnosis> {
        let spot = Spot::start(arguments[0], &shape.name);
        let no_size = || self.refused(Unmakeable::NoSize);
        if shape.is_behind_pointer() {
            let bytes = known.bytes().ok_or_else(no_size)?;
            let block = self.room(bytes, &shape.name)?;
            self.image.point(arguments[0], 0, block);
            return self.place(known, &spot.behind(block), given);
        }
        if let (RustType::Float(_) | RustType::Integer { .. } | RustType::Pointer { .. }, [_]) =
            (known, arguments)
        {
            let spot = Spot {
                is_alone: true,
                ..spot
            };
            return self.place(known, &spot, given);
        }
        // Made in memory first, and then loaded as rustc does.
        let bytes = known.bytes().ok_or_else(no_size)?;
        let whole = self.room(bytes, &shape.name)?;
        let made = self.place(known, &spot.behind(whole), given)?;
        let mut parts = Vec::new();
        let mut offset = 0;
        for (ty, argument) in types.iter().zip(arguments) {
            let align = index(u64::from(layout.get_abi_alignment(ty))).max(1);
            let size = index(layout.get_store_size(ty));
            let begin = offset_after(offset, align);
            parts.push((*argument, begin, begin + size));
            offset = begin + size;
        }
        self.image.take_apart(whole, &parts);
        Ok(made)
    }

    /// What is in registers, by the IR's own types.
    fn registers(
        &mut self,
        shape: &Shape,
        arguments: &[usize],
        (types, layout): (&[BasicTypeEnum<'_>], &TargetData),
        given: Option<&Value>,
    ) -> Result<Made, Diagnosis> {
        let spot = |argument: usize, label: String| Spot {
            is_alone: arguments.len() == 1,
            ..Spot::start(argument, &label)
        };
        if let ([ty], [argument]) = (types, arguments) {
            let spot = spot(*argument, shape.name.clone());
            return self.register(*ty, &spot, (layout, shape, 0), given);
        }
        let sizes = vec![Some(1); types.len()];
        let given = given.map(|given| given::parts(given, &sizes, &shape.name));
        let given = given.transpose()?;
        let made = types
            .iter()
            .zip(arguments)
            .enumerate()
            .map(|(at, (ty, argument))| {
                let spot = spot(*argument, format!("{}.{at}", shape.name));
                let given = given.as_ref().map(|given| &given[at]);
                self.register(*ty, &spot, (layout, shape, at), given)
            });
        Ok(Made::List(made.collect::<Result<_, _>>()?))
    }

    fn register(
        &mut self,
        ty: BasicTypeEnum<'_>,
        spot: &Spot,
        (layout, shape, nth): (&TargetData, &Shape, usize),
        given: Option<&Value>,
    ) -> Result<Made, Diagnosis> {
        let aggregate: Vec<(u64, BasicTypeEnum<'_>, String)> = match ty {
            BasicTypeEnum::FloatType(float) => {
                let name = float_name(float);
                let bits = float_bits(name)
                    .ok_or_else(|| self.unmakeable(spot, name, Unmakeable::OtherFloat))?;
                return self.float(bits, spot, given);
            }
            BasicTypeEnum::IntType(int) if matches!(shape.ty, Ty::FloatBits(_)) => {
                // Small aggregates of floats come as one integer.
                let count = int.get_bit_width() / 32;
                let sizes = vec![Some(1); count as usize];
                let given = given.map(|given| given::parts(given, &sizes, &spot.label));
                let given = given.transpose()?;
                let made = (0..count as usize).map(|nth| {
                    let given = given.as_ref().map(|given| &given[nth]);
                    self.float(32, &spot.field(4 * nth as u64, &nth.to_string()), given)
                });
                return Ok(Made::List(made.collect::<Result<_, _>>()?));
            }
            BasicTypeEnum::IntType(int) => {
                let bytes = int.get_bit_width().div_ceil(8) as usize;
                // The first word of an enum that is passed in two says which variant it is.
                let is_variant = nth == 0 && shape.count == 2 && int.get_bit_width() > 1;
                let kind = match int.get_bit_width() {
                    1 => IntegerKind::Bool,
                    _ => IntegerKind::Word,
                };
                let one = Value::from(1);
                let given = given.or((is_variant && self.range.is_none()).then_some(&one));
                return self.integer(bytes, kind, spot, given);
            }
            BasicTypeEnum::StructType(fields) => {
                let types = fields.get_field_types().into_iter().enumerate();
                types
                    .map(|(field, ty)| {
                        let at = u32::try_from(field).unwrap_or(0);
                        let offset = layout.offset_of_element(&fields, at).unwrap_or(0);
                        (offset, ty, format!(".{field}"))
                    })
                    .collect()
            }
            BasicTypeEnum::ArrayType(array) => {
                let ty = array.get_element_type();
                let size = layout.get_abi_size(&ty);
                let elements = 0..u64::from(array.len());
                elements
                    .map(|nth| (size * nth, ty, format!("[{nth}]")))
                    .collect()
            }
            BasicTypeEnum::VectorType(vector) => {
                let ty = vector.get_element_type();
                let size = layout.get_store_size(&ty);
                let elements = 0..u64::from(vector.get_size());
                elements
                    .map(|nth| (size * nth, ty, format!("[{nth}]")))
                    .collect()
            }
            other => {
                return Err(self.refused(Unmakeable::Unknown {
                    ty: other.print_to_string().to_string(),
                }));
            }
        };
        let sizes = vec![Some(1); aggregate.len()];
        let given = given.map(|given| given::parts(given, &sizes, &spot.label));
        let given = given.transpose()?;
        let made = aggregate
            .into_iter()
            .enumerate()
            .map(|(at, (offset, ty, name))| {
                let spot = Spot {
                    label: format!("{}{name}", spot.label),
                    ..spot.field(offset, "")
                };
                let given = given.as_ref().map(|given| &given[at]);
                self.register(ty, &spot, (layout, shape, 1), given)
            });
        Ok(Made::List(made.collect::<Result<_, _>>()?))
    }

    /// What an element is where only its uses are known.
    pub(super) fn element(&self, contents: &Contents) -> Result<RustType, Diagnosis> {
        let mut floats = contents.floats.iter();
        match (floats.next(), floats.next()) {
            (Some(&float), None) if !contents.integers && !contents.pointers => {
                let bits = float_bits(float);
                Ok(RustType::Float(
                    bits.ok_or_else(|| self.refused(Unmakeable::OtherFloat))?,
                ))
            }
            (None, _) if contents.is_flags() => Ok(RustType::Integer {
                name: "bool".to_owned(),
                bytes: 1,
            }),
            (None, _) if !contents.pointers && !contents.unknown => Ok(word()),
            _ => Err(self.refused(Unmakeable::UsesDoNotSay)),
        }
    }

    /// Nothing can be made for the parameter, and why.
    pub(super) fn refused(&self, why: Unmakeable) -> Diagnosis {
        unmakeable(&self.name, &self.ty, why, self.source)
    }
}

/// The first multiple of `align` that is not before `offset`.
fn offset_after(offset: usize, align: usize) -> usize {
    offset.div_ceil(align) * align
}
