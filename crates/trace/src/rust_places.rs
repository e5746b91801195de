//! Where floats, integers and pointers lie in a value of a Rust type, and behind it.

use crate::rust_type::{Field, RustType, Tag};

/// What lies at a place in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concrete {
    /// A float of so many bits.
    Float(u32),
    /// A byte of an integer.
    Integer,
    /// A pointer.
    Pointer,
}

/// A place: offsets from pointer to pointer, where -1 stands for every offset.
pub type Place = Vec<i64>;

/// How far into memory places are listed one by one.
const REACH: u64 = 500;
/// As many places are listed of elements at most. Lists within lists have as many as grains of sand.
const MOST: usize = 2000;
/// How many pointers are followed.
const DEPTH: usize = 4;

impl RustType {
    /// What lies where in a value of this type that is behind a pointer.
    pub fn pointee(&self) -> Vec<(Place, Concrete)> {
        let mut out = vec![(vec![-1], Concrete::Pointer)];
        self.memory(&[-1], true, 0, &mut out);
        out
    }

    /// What a value of this type is that is in registers, and what lies where behind it. Of two
    /// registers it is the first.
    pub fn value(&self) -> Vec<(Place, Concrete)> {
        match self {
            RustType::Float(bits) => vec![(vec![-1], Concrete::Float(*bits))],
            RustType::Integer { .. } => vec![(vec![-1], Concrete::Integer)],
            RustType::Pointer { to, .. } => to.pointee(),
            RustType::Slice { of, .. } => {
                let mut out = vec![(vec![-1], Concrete::Pointer)];
                of.repeated(&[-1], 0, &mut out);
                out
            }
            RustType::Tail {
                head, offset, of, ..
            } => {
                let mut out = vec![(vec![-1], Concrete::Pointer)];
                tail(head, (*offset, of), &[-1], 0, &mut out);
                out
            }
            RustType::Struct { .. } | RustType::Enum { .. } => {
                let leaves = self.leaves().unwrap_or_default();
                let first = leaves.first();
                first.map(RustType::value).unwrap_or_default()
            }
            RustType::Array { .. } | RustType::Vec { .. } | RustType::Opaque { .. } => Vec::new(),
        }
    }

    /// Lists memory that holds one value of this type after another.
    fn repeated(&self, path: &[i64], depth: usize, out: &mut Vec<(Place, Concrete)>) {
        match self {
            RustType::Float(_) | RustType::Integer { .. } => self.memory(path, false, depth, out),
            RustType::Array { of, .. } => of.repeated(path, depth, out),
            _ => {
                let size = self.bytes().unwrap_or(0);
                let mut element = Vec::new();
                self.memory(path, true, depth, &mut element);
                let most = (MOST / element.len().max(1)).max(1) as u64;
                let count = match size {
                    0 => 1,
                    size => REACH.div_ceil(size).min(most),
                };
                for at in 0..count {
                    let moved = element.iter().map(|(place, concrete)| {
                        let mut place = place.clone();
                        place[path.len()] += signed(at * size);
                        (place, *concrete)
                    });
                    let last = path.len();
                    out.extend(moved.filter(|(place, _)| place[last] < REACH as i64));
                }
            }
        }
    }

    /// Lists memory that holds one value of this type; `once` unless it holds nothing else at any
    /// offset.
    fn memory(&self, path: &[i64], once: bool, depth: usize, out: &mut Vec<(Place, Concrete)>) {
        let at = |offset: u64| {
            let mut place = path.to_vec();
            place.push(if once { signed(offset) } else { -1 });
            place
        };
        match self {
            RustType::Float(bits) => out.push((at(0), Concrete::Float(*bits))),
            RustType::Integer { bytes, .. } => {
                let bytes = if once { *bytes } else { 1 };
                out.extend((0..bytes).map(|byte| (at(byte), Concrete::Integer)));
            }
            RustType::Pointer { to, .. } => {
                out.push((at(0), Concrete::Pointer));
                if depth < DEPTH {
                    to.memory(&at(0), true, depth + 1, out);
                }
            }
            RustType::Slice { of, .. } => {
                out.push((at(0), Concrete::Pointer));
                if depth < DEPTH {
                    of.repeated(&at(0), depth + 1, out);
                }
                out.extend((8..16).map(|byte| (at(byte), Concrete::Integer)));
            }
            RustType::Tail {
                head, offset, of, ..
            } => {
                out.push((at(0), Concrete::Pointer));
                if depth < DEPTH {
                    tail(head, (*offset, of), &at(0), depth + 1, out);
                }
                out.extend((8..16).map(|byte| (at(byte), Concrete::Integer)));
            }
            RustType::Vec {
                pointer,
                capacity,
                length,
                of,
                ..
            } => {
                out.push((at(*pointer), Concrete::Pointer));
                if depth < DEPTH {
                    of.repeated(&at(*pointer), depth + 1, out);
                }
                for word in [*capacity, *length] {
                    out.extend((word..word + 8).map(|byte| (at(byte), Concrete::Integer)));
                }
            }
            RustType::Array { of, .. } => of.repeated(path, depth, out),
            RustType::Struct { fields: all, .. } => fields(all, path, depth, out),
            RustType::Enum { tag, variants, .. } => {
                let mut each: Vec<Vec<(Place, Concrete)>> = variants
                    .iter()
                    .map(|variant| {
                        let mut found = Vec::new();
                        fields(&variant.fields, path, depth, &mut found);
                        found
                    })
                    .collect();
                // A tag within a field is what the field is.
                let is_inside = |tag: &Tag| variants.iter().any(|variant| tag.is_inside(variant));
                if let Some(tag) = tag.filter(|tag| !is_inside(tag)) {
                    let bytes = tag.offset..tag.offset + tag.bytes;
                    each.push(bytes.map(|byte| (at(byte), Concrete::Integer)).collect());
                }
                out.extend(agreed(&each, path.len()));
            }
            RustType::Opaque { .. } => {}
        }
    }
}

/// Lists memory that holds these fields.
fn fields(fields: &[Field], path: &[i64], depth: usize, out: &mut Vec<(Place, Concrete)>) {
    let last = path.len();
    for field in fields {
        let mut inner = Vec::new();
        field.ty.memory(path, true, depth, &mut inner);
        let limit = field.ty.bytes().unwrap_or(REACH);
        for (mut place, concrete) in inner {
            if place[last] < 0 {
                // What an array holds everywhere, a struct holds as long as the array is.
                let mut byte = 0;
                while byte < limit.min(REACH) {
                    place[last] = signed(field.offset + byte);
                    out.push((place.clone(), concrete));
                    byte += concrete.bytes();
                }
                continue;
            }
            if place[last] as u64 >= limit {
                continue;
            }
            place[last] += signed(field.offset);
            out.push((place, concrete));
        }
    }
}

/// Lists memory that holds these fields, and from an offset on elements.
fn tail(
    head: &[Field],
    (offset, of): (u64, &RustType),
    path: &[i64],
    depth: usize,
    out: &mut Vec<(Place, Concrete)>,
) {
    let rest = Field {
        name: String::new(),
        offset,
        ty: RustType::Array {
            of: Box::new(of.clone()),
            count: REACH.saturating_sub(offset) / of.bytes().unwrap_or(1).max(1),
        },
    };
    let mut before = Vec::new();
    fields(head, path, depth, &mut before);
    // Enzyme takes counts that stand before floats for what the floats are.
    let hides = rest.ty.reaches_float() != Some(false);
    out.extend(
        before
            .into_iter()
            .filter(|(_, concrete)| !(hides && *concrete == Concrete::Integer)),
    );
    fields(&[rest], path, depth, out);
}

/// What memory holds that holds one of several things: what none of them contradicts. `last` is where
/// in a place the offset in that memory stands.
fn agreed(each: &[Vec<(Place, Concrete)>], last: usize) -> Vec<(Place, Concrete)> {
    let contradicts = |(place, concrete): &(Place, Concrete), other: &(Place, Concrete)| {
        let (at, end) = (place[last], place[last] + signed(concrete.bytes()));
        let (at_other, end_other) = (other.0[last], other.0[last] + signed(other.1.bytes()));
        match (place.len() - 1 == last, other.0.len() - 1 == last) {
            (true, true) => {
                at < end_other && at_other < end && (at, *concrete) != (at_other, other.1)
            }
            // What lies behind a pointer is worth as much as the pointer.
            (false, true) => other.1 != Concrete::Pointer && at < end_other && at_other < at + 8,
            (true, false) => false,
            (false, false) => place == &other.0 && *concrete != other.1,
        }
    };
    let mut out: Vec<(Place, Concrete)> = Vec::new();
    for (nth, found) in each.iter().enumerate() {
        for entry in found {
            let others = each.iter().enumerate().filter(|(other, _)| *other != nth);
            let is_doubtful = others
                .flat_map(|(_, other)| other)
                .any(|other| contradicts(entry, other));
            if !is_doubtful && !out.contains(entry) {
                out.push(entry.clone());
            }
        }
    }
    out
}

impl Concrete {
    /// How many bytes one entry stands for.
    fn bytes(self) -> u64 {
        match self {
            Concrete::Float(bits) => u64::from(bits) / 8,
            Concrete::Integer => 1,
            Concrete::Pointer => 8,
        }
    }
}

fn signed(offset: u64) -> i64 {
    i64::try_from(offset).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rust_type::Variant;

    fn field(offset: u64, ty: RustType) -> Field {
        Field {
            name: "_".to_owned(),
            offset,
            ty,
        }
    }

    fn slice(of: RustType) -> RustType {
        RustType::Slice {
            text: "&[_]".to_owned(),
            of: Box::new(of),
        }
    }

    #[test]
    fn a_slice_of_floats_holds_them_everywhere() {
        assert_eq!(
            slice(RustType::Float(64)).value(),
            [
                (vec![-1], Concrete::Pointer),
                (vec![-1, -1], Concrete::Float(64))
            ]
        );
    }

    #[test]
    fn a_slice_of_pairs_repeats_them() {
        let pair = RustType::Struct {
            name: "(u16, f32)".to_owned(),
            bytes: 8,
            fields: vec![
                field(
                    0,
                    RustType::Integer {
                        name: "u16".to_owned(),
                        bytes: 2,
                    },
                ),
                field(4, RustType::Float(32)),
            ],
        };
        let found = slice(pair).value();
        assert!(found.contains(&(vec![-1, 0], Concrete::Integer)));
        assert!(found.contains(&(vec![-1, 1], Concrete::Integer)));
        assert!(found.contains(&(vec![-1, 4], Concrete::Float(32))));
        assert!(found.contains(&(vec![-1, 9], Concrete::Integer)));
        assert!(found.contains(&(vec![-1, 12], Concrete::Float(32))));
        assert!(!found.contains(&(vec![-1, 2], Concrete::Integer)));
    }

    #[test]
    fn an_array_in_a_struct_ends_where_the_array_does() {
        let model = RustType::Struct {
            name: "Model".to_owned(),
            bytes: 24,
            fields: vec![
                field(
                    0,
                    RustType::Array {
                        of: Box::new(RustType::Float(64)),
                        count: 2,
                    },
                ),
                field(
                    16,
                    RustType::Integer {
                        name: "u64".to_owned(),
                        bytes: 8,
                    },
                ),
            ],
        };
        let found = model.pointee();
        let floats: Vec<&Place> = found
            .iter()
            .filter(|(_, concrete)| *concrete == Concrete::Float(64))
            .map(|(place, _)| place)
            .collect();
        assert_eq!(floats, [&vec![-1, 0], &vec![-1, 8]]);
        assert_eq!(model.reaches_float(), Some(true));
    }

    #[test]
    fn arrays_in_a_slice_are_one_long_array() {
        let array = RustType::Array {
            of: Box::new(RustType::Float(64)),
            count: 3,
        };
        assert_eq!(slice(array).value(), slice(RustType::Float(64)).value());
    }

    #[test]
    fn a_vec_in_a_vec_holds_floats() {
        let vec = |of: RustType| RustType::Vec {
            name: "Vec<_>".to_owned(),
            bytes: 24,
            capacity: 0,
            pointer: 8,
            length: 16,
            of: Box::new(of),
        };
        let found = vec(vec(RustType::Float(64))).pointee();
        assert!(found.contains(&(vec![-1, 8], Concrete::Pointer)));
        assert!(found.contains(&(vec![-1, 8, 24 + 8], Concrete::Pointer)));
        assert!(found.contains(&(vec![-1, 8, 24 + 8, -1], Concrete::Float(64))));
    }

    fn variant(name: &str, value: Option<u64>, fields: Vec<Field>) -> Variant {
        Variant {
            name: name.to_owned(),
            value,
            fields,
        }
    }

    #[test]
    fn an_enum_holds_what_no_variant_contradicts() {
        let integer = RustType::Integer {
            name: "u32".to_owned(),
            bytes: 4,
        };
        let shape = RustType::Enum {
            name: "Shape".to_owned(),
            bytes: 24,
            tag: Some(Tag {
                offset: 0,
                bytes: 4,
            }),
            variants: vec![
                variant("Circle", Some(0), vec![field(8, RustType::Float(64))]),
                variant(
                    "Rect",
                    Some(1),
                    vec![
                        field(8, RustType::Float(64)),
                        field(16, RustType::Float(64)),
                    ],
                ),
                variant("Count", Some(2), vec![field(20, integer)]),
            ],
        };
        let found = shape.pointee();
        assert!(found.contains(&(vec![-1, 0], Concrete::Integer)));
        assert!(found.contains(&(vec![-1, 3], Concrete::Integer)));
        assert!(found.contains(&(vec![-1, 8], Concrete::Float(64))));
        let is_at = |at: i64| found.iter().any(|(place, _)| *place == [-1, at]);
        assert!(!is_at(16) && !is_at(20) && !is_at(4), "{found:?}");
    }

    #[test]
    fn a_tag_in_a_pointer_is_a_pointer() {
        let reference = RustType::Pointer {
            text: "&f64".to_owned(),
            to: Box::new(RustType::Float(64)),
        };
        let maybe = RustType::Enum {
            name: "Option<&f64>".to_owned(),
            bytes: 8,
            tag: Some(Tag {
                offset: 0,
                bytes: 8,
            }),
            variants: vec![
                variant("None", Some(0), Vec::new()),
                variant("Some", None, vec![field(0, reference.clone())]),
            ],
        };
        assert_eq!(maybe.value(), reference.value());
        assert!(
            maybe
                .pointee()
                .contains(&(vec![-1, 0, 0], Concrete::Float(64)))
        );
    }
}
