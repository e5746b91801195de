//! Arrays with axes, as `ndarray` lays them out: a pointer, how long each axis is, and how far apart its elements lie.

use serde_json::Value;
use trace::{Diagnosis, Field, RustType, Takes};

use super::given;
use super::made::Made;
use super::maker::{Maker, Spot};
use super::matrix::{self, Dimensions};

/// What such an array is made of, by offsets behind its beginning.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Strided<'t> {
    of: &'t RustType,
    pointer: u64,
    lengths: u64,
    strides: u64,
    axes: usize,
    /// The pointer, length and capacity of what owns the elements.
    owner: Option<[u64; 3]>,
}

/// The array that a struct with these fields is.
pub(super) fn strided(fields: &[Field]) -> Option<Strided<'_>> {
    if let Some(parts) = parts(fields) {
        return Some(parts);
    }
    let at = fields.iter().position(|field| field.name == "parts")?;
    let RustType::Struct { fields: inner, .. } = &fields[at].ty else {
        return None;
    };
    let behind = fields[at].offset;
    let mut found = parts(inner)?;
    for field in fields.iter().filter(|field| field.name != "parts") {
        if field.ty.bytes() != Some(0) {
            found.owner = Some(owner(&field.ty)?.map(|offset| field.offset + offset));
        }
    }
    found.pointer += behind;
    found.lengths += behind;
    found.strides += behind;
    Some(found)
}

/// True where a value of the type holds a list with two sides, or an array with two axes or more.
pub(super) fn has_sides(ty: &RustType) -> bool {
    match ty {
        RustType::Pointer { to, .. } => has_sides(to),
        RustType::Struct { fields, .. } => {
            let all: Vec<&Field> = fields.iter().collect();
            matches!(matrix::dimensions(&all), Some(Dimensions::Two(_)))
                || strided(fields).is_some_and(|array| array.axes > 1)
                || fields.iter().any(|field| has_sides(&field.ty))
        }
        _ => false,
    }
}

fn parts(fields: &[Field]) -> Option<Strided<'_>> {
    let (pointer, of) = pointer(named(fields, "ptr")?)?;
    let (lengths, axes) = axes(named(fields, "dim")?)?;
    let (strides, same) = self::axes(named(fields, "strides")?)?;
    (axes == same).then_some(Strided {
        of,
        pointer,
        lengths,
        strides,
        axes,
        owner: None,
    })
}

/// Where what owns elements has its pointer, length and capacity.
fn owner(ty: &RustType) -> Option<[u64; 3]> {
    let RustType::Struct { fields, .. } = ty else {
        return None;
    };
    let (at, _) = pointer(named(fields, "ptr")?)?;
    let integer = |name| {
        let field = named(fields, name)?;
        matches!(field.ty, RustType::Integer { bytes: 8, .. }).then_some(field.offset)
    };
    Some([at, integer("len")?, integer("capacity")?])
}

fn named<'t>(fields: &'t [Field], name: &str) -> Option<&'t Field> {
    fields.iter().find(|field| field.name == name)
}

/// Where a pointer lies, and what it leads to.
fn pointer(field: &Field) -> Option<(u64, &RustType)> {
    match &field.ty {
        RustType::Pointer { to, .. } => Some((field.offset, to)),
        RustType::Struct { fields, .. } => {
            let (at, to) = pointer(only(fields)?)?;
            Some((field.offset + at, to))
        }
        _ => None,
    }
}

/// Where the numbers of a field lie that has one for each axis, and how many there are.
fn axes(field: &Field) -> Option<(u64, usize)> {
    match &field.ty {
        RustType::Array { of, count } if matches!(**of, RustType::Integer { bytes: 8, .. }) => {
            Some((field.offset, usize::try_from(*count).ok()?))
        }
        RustType::Struct { fields, .. } => {
            let (at, count) = axes(only(fields)?)?;
            Some((field.offset + at, count))
        }
        _ => None,
    }
}

/// The only field that has bytes.
fn only(fields: &[Field]) -> Option<&Field> {
    let mut there = fields.iter().filter(|field| field.ty.bytes() != Some(0));
    let first = there.next()?;
    there.next().is_none().then_some(first)
}

impl Maker {
    /// Makes an array whose last axis lies without gaps, and then the one before.
    pub(super) fn strided(
        &mut self,
        array: &Strided<'_>,
        spot: &Spot,
        given: Option<&Value>,
    ) -> Result<Made, Diagnosis> {
        let lengths = match given {
            Some(given) => given_lengths(given, array.axes, &spot.label)?,
            None => self.lengths(array.axes)?,
        };
        let count: u64 = lengths.iter().product();
        self.most(count)?;
        let size = self.size(array.of, spot)?;
        let block = self.room(size.saturating_mul(count), &spot.label)?;
        self.image
            .point(spot.block, spot.field(array.pointer, "").at, block);
        if let Some([pointer, length, capacity]) = array.owner {
            self.image
                .point(spot.block, spot.field(pointer, "").at, block);
            self.image.own(block);
            self.length_at(spot, length, count);
            self.length_at(spot, capacity, count);
        }
        let mut stride = u64::from(count > 0);
        for (axis, length) in lengths.iter().enumerate().rev() {
            self.length_at(spot, array.lengths + 8 * axis as u64, *length);
            self.length_at(spot, array.strides + 8 * axis as u64, stride);
            stride *= length;
        }
        self.axis((array.of, size), &lengths, &spot.behind(block), given)
    }

    /// How long each axis is that nobody stated.
    fn lengths(&self, axes: usize) -> Result<Vec<u64>, Diagnosis> {
        Ok(match axes {
            0 => Vec::new(),
            1 if self.has_matrix && !self.is_length_stated => {
                vec![u64::try_from(self.defaults.integer).unwrap_or(0)]
            }
            1 => vec![self.length(None)?],
            _ => {
                let mut lengths = vec![1; axes - 2];
                lengths.extend(matrix::sides(self.length(None)?));
                lengths
            }
        })
    }

    /// Elements along the first of some axes.
    fn axis(
        &mut self,
        (of, size): (&RustType, u64),
        lengths: &[u64],
        spot: &Spot,
        given: Option<&Value>,
    ) -> Result<Made, Diagnosis> {
        let Some((&count, rest)) = lengths.split_first() else {
            return self.place(of, spot, given);
        };
        let given = given
            .map(|given| given::list(given, &spot.label))
            .transpose()?;
        if rest.is_empty() {
            return self.list(of, size, count, spot, given);
        }
        let apart = size * rest.iter().product::<u64>();
        let made = (0..count as usize).map(|nth| {
            let given = given.map(|given| &given[nth]);
            let spot = spot.element(apart * nth as u64, nth);
            self.axis((of, size), rest, &spot, given)
        });
        Ok(Made::List(made.collect::<Result<_, _>>()?))
    }
}

/// How long the axes of a list of lists are, all of which have to be equally long.
fn given_lengths(given: &Value, axes: usize, place: &str) -> Result<Vec<u64>, Diagnosis> {
    if axes == 0 {
        return Ok(Vec::new());
    }
    let list = given::list(given, place)?;
    let mut lengths = vec![list.len() as u64];
    let mut rest = match list.first() {
        Some(first) => given_lengths(first, axes - 1, place)?,
        None => vec![0; axes - 1],
    };
    for (nth, other) in list.iter().enumerate().skip(1) {
        if given_lengths(other, axes - 1, place)? != rest {
            let count = rest.first().map_or(0, |count| *count as usize);
            let place = format!("{place}[{nth}]");
            return Err(given::unfit(&place, Takes::Elements { count }, other));
        }
    }
    lengths.append(&mut rest);
    Ok(lengths)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, offset: u64, ty: RustType) -> Field {
        Field {
            name: name.to_owned(),
            offset,
            ty,
        }
    }

    fn wrapped(name: &str, bytes: u64, ty: RustType) -> RustType {
        RustType::Struct {
            name: name.to_owned(),
            bytes,
            fields: vec![field("inner", 0, ty)],
        }
    }

    fn word() -> RustType {
        RustType::Integer {
            name: "usize".to_owned(),
            bytes: 8,
        }
    }

    fn pointer() -> RustType {
        let to = RustType::Float(64);
        let text = "*const f64".to_owned();
        wrapped(
            "NonNull<f64>",
            8,
            RustType::Pointer {
                text,
                to: to.into(),
            },
        )
    }

    fn two() -> RustType {
        let of = word().into();
        wrapped("Dim<[usize; 2]>", 16, RustType::Array { of, count: 2 })
    }

    #[test]
    fn an_array_is_known_by_its_axes() {
        let parts = vec![
            field("ptr", 0, pointer()),
            field("dim", 8, two()),
            field("strides", 24, two()),
        ];
        let found = strided(&parts).expect("an array");
        assert_eq!((found.pointer, found.lengths, found.strides), (0, 8, 24));
        assert_eq!((found.axes, found.owner), (2, None));
        assert!(strided(&parts[..2]).is_none());
        let owner = RustType::Struct {
            name: "OwnedRepr<f64>".to_owned(),
            bytes: 24,
            fields: vec![
                field("ptr", 8, pointer()),
                field("len", 0, word()),
                field("capacity", 16, word()),
            ],
        };
        let parts = RustType::Struct {
            name: "ArrayParts".to_owned(),
            bytes: 40,
            fields: parts,
        };
        let owned = [field("data", 40, owner), field("parts", 0, parts.clone())];
        let found = strided(&owned).expect("an array that owns its elements");
        assert_eq!(found.owner, Some([48, 40, 56]));
        let other = [field("data", 40, word()), field("parts", 0, parts)];
        assert!(strided(&other).is_none());
    }

    #[test]
    fn rows_are_equally_long() {
        let lengths = |text: &str| {
            let value: Value = serde_json::from_str(text).expect("JSON");
            given_lengths(&value, 2, "x").ok()
        };
        assert_eq!(lengths("[[1, 2, 3], [4, 5, 6]]"), Some(vec![2, 3]));
        assert_eq!(lengths("[]"), Some(vec![0, 0]));
        assert_eq!(lengths("[[1, 2], [3]]"), None);
        assert_eq!(lengths("[1, 2]"), None);
    }
}
