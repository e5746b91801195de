//! Structs that hold a list and how many rows and columns its elements make.

use trace::{Field, RustType};

/// What the integers beside a list have to be.
pub(super) enum Dimensions {
    /// They multiply to its length.
    Two([Place; 2]),
    /// It is its length.
    One(Place),
}

/// Where an integer lies in a struct.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Behind the struct's beginning.
    pub(super) offset: u64,
    /// The field of the struct that it is, or lies in.
    pub(super) field: usize,
}

/// Names of the two sides.
const SIDES: [(&str, &str); 8] = [
    ("rows", "cols"),
    ("rows", "columns"),
    ("nrows", "ncols"),
    ("n_rows", "n_cols"),
    ("height", "width"),
    ("h", "w"),
    ("m", "n"),
    ("r", "c"),
];

/// Names of a side that is a list's length.
const LENGTHS: [&str; 6] = ["len", "length", "nrows", "ncols", "rows", "cols"];

/// What the integers of a struct are to the one list of numbers that it holds.
pub(super) fn dimensions(fields: &[&Field]) -> Option<Dimensions> {
    list(fields)?;
    let sizes: Vec<(&str, Place)> = fields
        .iter()
        .enumerate()
        .filter_map(|(field, each)| {
            let offset = each.offset + integer(&each.ty)?;
            Some((each.name.as_str(), Place { offset, field }))
        })
        .collect();
    match sizes.as_slice() {
        [(name, place)] => LENGTHS.contains(name).then_some(Dimensions::One(*place)),
        [(first, a), (second, b)] => {
            let mut sides = SIDES.iter();
            let are_sides =
                sides.any(|side| *side == (*first, *second) || *side == (*second, *first));
            are_sides.then_some(Dimensions::Two([*a, *b]))
        }
        _ => None,
    }
}

/// The position of the only field that holds a list, if its elements are not integers.
pub(super) fn list(fields: &[&Field]) -> Option<usize> {
    let mut lists = fields
        .iter()
        .enumerate()
        .filter_map(|(at, field)| Some((at, elements(&field.ty)?)));
    let (at, of) = lists.next()?;
    (lists.next().is_none() && !matches!(of, RustType::Integer { .. })).then_some(at)
}

fn elements(ty: &RustType) -> Option<&RustType> {
    match ty {
        RustType::Vec { of, .. } | RustType::Slice { of, .. } => Some(of),
        RustType::Struct { fields, .. } => elements(&only(fields)?.ty),
        _ => None,
    }
}

/// Where a number as large as an address lies in a value that is nothing else.
fn integer(ty: &RustType) -> Option<u64> {
    match ty {
        RustType::Integer { name, bytes: 8 } if name == "usize" => Some(0),
        RustType::Struct { fields, .. } => {
            let only = only(fields)?;
            Some(only.offset + integer(&only.ty)?)
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

/// Two numbers that multiply to `length`, as close to each other as there are, the smaller one first.
pub(super) fn sides(length: u64) -> [u64; 2] {
    let most = length.isqrt();
    let first = (1..=most).rev().find(|side| length.is_multiple_of(*side));
    match first {
        Some(first) => [first, length / first],
        None => [0, 0],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word() -> RustType {
        RustType::Integer {
            name: "usize".to_owned(),
            bytes: 8,
        }
    }

    fn field(name: &str, offset: u64, ty: RustType) -> Field {
        Field {
            name: name.to_owned(),
            offset,
            ty,
        }
    }

    fn wrapped(ty: RustType) -> RustType {
        RustType::Struct {
            name: "Dyn".to_owned(),
            bytes: 8,
            fields: vec![field("0", 0, ty)],
        }
    }

    #[test]
    fn two_sides_are_known_by_their_names() {
        let list = RustType::Vec {
            name: "Vec<f64>".to_owned(),
            bytes: 24,
            pointer: 8,
            capacity: 0,
            length: 16,
            of: Box::new(RustType::Float(64)),
        };
        let matrix = [
            field("data", 0, list.clone()),
            field("nrows", 24, wrapped(word())),
            field("ncols", 32, wrapped(word())),
        ];
        let all: Vec<&Field> = matrix.iter().collect();
        let Some(Dimensions::Two(found)) = dimensions(&all) else {
            panic!("two sides");
        };
        assert_eq!(
            found.map(|place| (place.offset, place.field)),
            [(24, 1), (32, 2)]
        );
        assert!(matches!(dimensions(&all[..2]), Some(Dimensions::One(_))));
        let other = [
            field("data", 0, list),
            field("from", 24, word()),
            field("to", 32, word()),
        ];
        assert!(dimensions(&other.iter().collect::<Vec<_>>()).is_none());
    }

    #[test]
    fn sides_multiply_to_the_length() {
        assert_eq!(sides(12), [3, 4]);
        assert_eq!(sides(9), [3, 3]);
        assert_eq!(sides(5), [1, 5]);
        assert_eq!(sides(0), [0, 0]);
    }
}
