//! Makes a value of a Rust type in memory: as it is given, or made up.

use serde_json::Value;
use trace::{Diagnosis, Field, RustType, Unmakeable};

use super::given;
use super::image::IntegerKind;
use super::library;
use super::made::Made;
use super::maker::{BUFFER, Maker, Spot, index};
use super::matrix::{self, Dimensions, Place};
use super::strided;

impl Maker {
    /// Makes a value of that type there.
    pub(super) fn place(
        &mut self,
        ty: &RustType,
        spot: &Spot,
        given: Option<&Value>,
    ) -> Result<Made, Diagnosis> {
        match ty {
            RustType::Float(bits) => self.float(*bits, spot, given),
            RustType::Integer { name, bytes } => {
                self.integer(index(*bytes), kind(name), spot, given)
            }
            ty if ty.is_object() => Err(self.unmakeable(spot, &ty.to_string(), Unmakeable::Object)),
            RustType::Pointer { text, to } => self.pointer(text, to, spot, given),
            RustType::Slice { text, of } => {
                let (made, block, length) = match library::is_text(text) {
                    true => {
                        let (block, length) = self.text(spot, given)?;
                        (Made::Text(block, length), block, length as u64)
                    }
                    false => self.elements(of, spot, given, None)?,
                };
                self.image.point(spot.block, spot.at, block);
                if library::is_owner(text) {
                    self.image.own(block);
                }
                self.length_at(spot, 8, length);
                Ok(made)
            }
            RustType::Tail {
                text,
                head,
                name,
                offset,
                of,
            } => self.tail(text, head, (name, *offset, of), spot, given),
            RustType::Vec { .. } => self.vec(ty, spot, given),
            RustType::Array { of, count } => {
                let size = self.size(of, spot)?;
                self.most(*count)?;
                let parts = |given| {
                    let sizes = vec![scalars(of); index(*count)];
                    given::parts(given, &sizes, &spot.label)
                };
                let given = given.map(parts).transpose()?;
                self.list(of, size, *count, spot, given.as_deref())
            }
            RustType::Struct { name, fields, .. } => self.structure(name, fields, spot, given),
            RustType::Enum {
                name,
                tag,
                variants,
                ..
            } => self.variant(name, *tag, variants, spot, given),
            RustType::Opaque { bytes: Some(0), .. } => Ok(Made::Nothing),
            RustType::Opaque { name, .. } => {
                Err(self.unmakeable(spot, name, Unmakeable::ValidBytes))
            }
        }
    }

    pub(super) fn size(&self, ty: &RustType, spot: &Spot) -> Result<u64, Diagnosis> {
        let no_size = || self.unmakeable(spot, &ty.to_string(), Unmakeable::NoSize);
        ty.bytes().ok_or_else(no_size)
    }

    pub(super) fn length_at(&mut self, spot: &Spot, offset: u64, length: u64) {
        let at = spot.at + index(offset);
        self.image.put(spot.block, at, &length.to_le_bytes());
    }

    /// So many values, one after the other.
    pub(super) fn list(
        &mut self,
        of: &RustType,
        size: u64,
        count: u64,
        spot: &Spot,
        given: Option<&[Value]>,
    ) -> Result<Made, Diagnosis> {
        let within = self.within;
        self.within = within.saturating_mul(count.max(1));
        let made = (0..index(count)).map(|nth| {
            let given = given.map(|given| &given[nth]);
            self.place(of, &spot.element(size * nth as u64, nth), given)
        });
        let made = made.collect::<Result<_, _>>();
        self.within = within;
        Ok(Made::List(made?))
    }

    /// A block of its own for a list: `count` elements, or as many as there are to be. Gives the list,
    /// the block and the number.
    pub(super) fn elements(
        &mut self,
        of: &RustType,
        spot: &Spot,
        given: Option<&Value>,
        count: Option<u64>,
    ) -> Result<(Made, usize, u64), Diagnosis> {
        let given = given
            .map(|given| given::list(given, &spot.label))
            .transpose()?;
        let count = match (given, count) {
            (None, Some(count)) => count,
            _ => self.length(given)?,
        };
        let size = self.size(of, spot)?;
        let block = self.room(size.saturating_mul(count), &spot.label)?;
        let made = self.list(of, size, count, &spot.behind(block), given)?;
        Ok((made, block, count))
    }

    fn pointer(
        &mut self,
        text: &str,
        to: &RustType,
        spot: &Spot,
        given: Option<&Value>,
    ) -> Result<Made, Diagnosis> {
        if matches!(to, RustType::Opaque { name, bytes: None } if name == "fn") {
            return Err(self.unmakeable(spot, text, Unmakeable::Function));
        }
        let is_raw = text.starts_with('*');
        if is_raw && given == Some(&Value::Null) {
            return Ok(Made::Nothing);
        }
        // A raw pointer leads to as many numbers as it likes.
        let leads_to_many =
            is_raw && !matches!(to, RustType::Struct { .. } | RustType::Enum { .. });
        if leads_to_many {
            let count = match self.is_length_stated {
                true => self.length,
                false => BUFFER,
            };
            let (made, block, _) = self.elements(to, spot, given, Some(count))?;
            self.image.point(spot.block, spot.at, block);
            return Ok(made);
        }
        let bytes = self.size(to, spot)?;
        let block = self.room(bytes, &spot.label)?;
        self.image.point(spot.block, spot.at, block);
        if library::is_owner(text) {
            self.image.own(block);
        }
        self.place(to, &spot.behind(block), given)
    }

    /// A `Vec` is a pointer, a capacity and a length.
    fn vec(
        &mut self,
        ty: &RustType,
        spot: &Spot,
        given: Option<&Value>,
    ) -> Result<Made, Diagnosis> {
        let RustType::Vec {
            pointer,
            capacity,
            length,
            of,
            ..
        } = ty
        else {
            unreachable!("a Vec");
        };
        let (made, block, count) = self.elements(of, spot, given, None)?;
        self.image
            .point(spot.block, spot.at + index(*pointer), block);
        self.image.own(block);
        self.length_at(spot, *capacity, count);
        self.length_at(spot, *length, count);
        Ok(made)
    }

    /// A struct that ends in a slice, behind a pointer.
    fn tail(
        &mut self,
        text: &str,
        head: &[Field],
        (name, offset, of): (&str, u64, &RustType),
        spot: &Spot,
        given: Option<&Value>,
    ) -> Result<Made, Diagnosis> {
        let structure = text
            .trim_start_matches(['&', '*'])
            .trim_start_matches("mut ")
            .trim_start_matches("const ");
        let shown: Vec<&Field> = head
            .iter()
            .filter(|field| library::fixed(structure, &field.name).is_none())
            .collect();
        let mut names: Vec<&str> = shown.iter().map(|field| field.name.as_str()).collect();
        names.push(name);
        let given = match given {
            None => vec![None; names.len()],
            Some(given) if shown.is_empty() && !given.is_object() => vec![Some(given)],
            Some(Value::Object(given)) => given::fields(given, &names, &spot.label)?,
            Some(given) => {
                let names = names.iter().map(|&name| name.to_owned()).collect();
                return Err(given::unfit(
                    &spot.label,
                    trace::Takes::Fields { names },
                    given,
                ));
            }
        };
        let last = given.last().copied().flatten();
        let list = last
            .map(|last| given::list(last, &spot.label))
            .transpose()?;
        let length = self.length(list)?;
        let size = self.size(of, spot)?;
        let block = self.room(offset + size.saturating_mul(length), &spot.label)?;
        self.image.point(spot.block, spot.at, block);
        if library::is_owner(text) {
            self.image.own(block);
        }
        self.length_at(spot, 8, length);
        let spot = spot.behind(block);
        let mut made = Vec::new();
        for field in head {
            let spot = spot.field(field.offset, &field.name);
            match library::fixed(structure, &field.name) {
                Some(fixed) => self.image.put(spot.block, spot.at, &[fixed]),
                None => {
                    let value = self.place(&field.ty, &spot, given[made.len()])?;
                    made.push((field.name.clone(), value));
                }
            }
        }
        let spot = spot.field(offset, if made.is_empty() { "" } else { name });
        let rest = self.list(of, size, length, &spot, list)?;
        if made.is_empty() {
            return Ok(rest);
        }
        made.push((name.to_owned(), rest));
        Ok(Made::Fields(made))
    }

    fn structure(
        &mut self,
        name: &str,
        fields: &[Field],
        spot: &Spot,
        given: Option<&Value>,
    ) -> Result<Made, Diagnosis> {
        if library::is_closed(name, fields) {
            return Err(self.unmakeable(spot, name, Unmakeable::Library));
        }
        if library::is_string(name, fields)
            && let RustType::Vec {
                pointer,
                capacity,
                length,
                ..
            } = &fields[0].ty
        {
            let (block, count) = self.text(spot, given)?;
            let spot = spot.field(fields[0].offset, "");
            self.image
                .point(spot.block, spot.at + index(*pointer), block);
            self.image.own(block);
            self.length_at(&spot, *capacity, count as u64);
            self.length_at(&spot, *length, count as u64);
            return Ok(Made::Text(block, count));
        }
        if let Some(array) = strided::strided(fields) {
            return self.strided(&array, spot, given);
        }
        let least = self.least;
        if library::is_never_zero(name) {
            self.least = 1;
        }
        let mut shown = Vec::new();
        for field in fields {
            match library::fixed(name, &field.name) {
                Some(fixed) => {
                    let at = spot.at + index(field.offset);
                    self.image.put(spot.block, at, &[fixed]);
                }
                None => shown.push(field),
            }
        }
        let made = match (shown.as_slice(), given) {
            ([only], given) if library::wraps(name) => {
                let given = match given {
                    Some(Value::Object(object)) if object.contains_key(&only.name) => {
                        Some(&object[&only.name])
                    }
                    given => given,
                };
                self.place(&only.ty, &spot.field(only.offset, ""), given)
            }
            (shown, given) => self.fields(shown, name.starts_with('('), spot, given),
        };
        self.least = least;
        made
    }

    /// The fields of a struct, a tuple or a variant. One without a name is written as what it is,
    /// unless it is a tuple's.
    pub(super) fn fields(
        &mut self,
        fields: &[&Field],
        is_tuple: bool,
        spot: &Spot,
        given: Option<&Value>,
    ) -> Result<Made, Diagnosis> {
        if fields.is_empty() {
            return Ok(Made::Nothing);
        }
        let is_number = |name: &str| name.bytes().all(|byte| byte.is_ascii_digit());
        let has_names = !fields.iter().all(|field| is_number(&field.name));
        if let ([only], false, false) = (fields, has_names, is_tuple) {
            return self.place(&only.ty, &spot.field(only.offset, &only.name), given);
        }
        let sizes: Vec<Option<usize>> = fields.iter().map(|field| scalars(&field.ty)).collect();
        let listed: Vec<Value>;
        let given: Vec<Option<&Value>> = match given {
            None => vec![None; fields.len()],
            Some(Value::Object(object)) if has_names => {
                let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
                given::fields(object, &names, &spot.label)?
            }
            Some(value) if has_names && !value.is_array() => {
                let names = fields.iter().map(|field| field.name.clone()).collect();
                return Err(given::unfit(
                    &spot.label,
                    trace::Takes::Fields { names },
                    value,
                ));
            }
            Some(list) => {
                listed = given::parts(list, &sizes, &spot.label)?;
                listed.iter().map(Some).collect()
            }
        };
        let dimensions = matrix::dimensions(fields);
        let own = self.length;
        if let Some(dimensions) = &dimensions {
            self.length = self.list_length(dimensions, &given);
        }
        let mut made = Vec::new();
        for (field, given) in fields.iter().zip(&given) {
            let value = self.place(&field.ty, &spot.field(field.offset, &field.name), *given)?;
            made.push((field.name.clone(), value));
        }
        if let Some(dimensions) = dimensions {
            let length = matrix::list(fields).map_or(0, |at| count_of(&made[at].1));
            self.fit(&dimensions, length, spot, &given);
            self.length = own;
        }
        Ok(match has_names {
            true => Made::Fields(made),
            false => Made::List(made.into_iter().map(|(_, value)| value).collect()),
        })
    }
}

impl Maker {
    /// How long a list is to be beside which there are its dimensions, of which some may be given.
    fn list_length(&self, dimensions: &Dimensions, given: &[Option<&Value>]) -> u64 {
        let stated = |place: &Place| given[place.field].and_then(Value::as_u64);
        match dimensions {
            Dimensions::One(place) => match stated(place) {
                Some(length) => length,
                None if self.has_matrix && !self.is_length_stated => {
                    u64::try_from(self.defaults.integer).unwrap_or(0)
                }
                None => self.length,
            },
            Dimensions::Two([a, b]) => match (stated(a), stated(b)) {
                (Some(a), Some(b)) => a.saturating_mul(b),
                _ => self.length,
            },
        }
    }

    /// Has the dimensions that nobody stated agree with the length of the list that they are about.
    fn fit(&mut self, dimensions: &Dimensions, length: u64, spot: &Spot, given: &[Option<&Value>]) {
        let stated = |place: &Place| given[place.field].and_then(Value::as_u64);
        let values = match dimensions {
            Dimensions::One(place) => vec![(*place, length)],
            Dimensions::Two([a, b]) => {
                let sides = match (stated(a), stated(b)) {
                    (Some(a), _) if a > 0 => [a, length / a],
                    (_, Some(b)) if b > 0 => [length / b, b],
                    _ => matrix::sides(length),
                };
                vec![(*a, sides[0]), (*b, sides[1])]
            }
        };
        for (place, value) in values {
            if given[place.field].is_none() {
                self.length_at(spot, place.offset, value);
            }
        }
    }
}

/// How many elements a list was made of.
fn count_of(made: &Made) -> u64 {
    match made {
        Made::List(list) => list.len() as u64,
        Made::Fields(fields) => fields.iter().map(|(_, made)| count_of(made)).sum(),
        _ => 0,
    }
}

/// What an integer of that name is to people.
pub(super) fn kind(name: &str) -> IntegerKind {
    match name {
        "bool" => IntegerKind::Bool,
        "char" => IntegerKind::Char,
        _ if name.starts_with('i') => IntegerKind::Signed,
        _ if name.starts_with('u') => IntegerKind::Unsigned,
        _ => IntegerKind::Word,
    }
}

/// How many scalars a value has, if all values have as many.
fn scalars(ty: &RustType) -> Option<usize> {
    match ty {
        RustType::Float(_) | RustType::Integer { .. } => Some(1),
        RustType::Array { of, count } => Some(scalars(of)? * usize::try_from(*count).ok()?),
        RustType::Struct { fields, .. } => fields.iter().map(|field| scalars(&field.ty)).sum(),
        _ => None,
    }
}
