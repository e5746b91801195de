//! Types as Rust has them, as far as they matter to a derivative: where floats, integers and pointers
//! lie.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A Rust type. Sizes and offsets are in bytes, on a target with 64-bit pointers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RustType {
    /// A float of so many bits.
    Float(u32),
    /// An integer, `bool` or `char`.
    Integer {
        /// Its name.
        name: String,
        /// Its size.
        bytes: u64,
    },
    /// A reference, raw pointer or box to something of known size.
    Pointer {
        /// The type as it is written.
        text: String,
        /// What it points to.
        to: Box<RustType>,
    },
    /// A reference to a slice: a pointer and a length.
    Slice {
        /// The type as it is written.
        text: String,
        /// What the elements are.
        of: Box<RustType>,
    },
    /// An array.
    Array {
        /// What the elements are.
        of: Box<RustType>,
        /// How many there are.
        count: u64,
    },
    /// A struct or tuple.
    Struct {
        /// Its name.
        name: String,
        /// Its size.
        bytes: u64,
        /// Its fields with their offsets.
        fields: Vec<(u64, RustType)>,
    },
    /// Nothing more is known: an enum, a union, a type that is only named.
    Opaque {
        /// Its name.
        name: String,
        /// Its size, if that is known.
        bytes: Option<u64>,
    },
}

/// The parameters and result of a function, as Rust has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RustSignature {
    /// Names (empty where there is none) and types.
    pub parameters: Vec<(String, RustType)>,
    /// The result; `None` for nothing.
    pub returns: Option<RustType>,
}

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
/// How many pointers are followed.
const DEPTH: usize = 4;

impl RustType {
    /// Its size, if it is known.
    pub fn bytes(&self) -> Option<u64> {
        match self {
            RustType::Float(bits) => Some(u64::from(*bits) / 8),
            RustType::Integer { bytes, .. } | RustType::Struct { bytes, .. } => Some(*bytes),
            RustType::Pointer { .. } => Some(8),
            RustType::Slice { .. } => Some(16),
            RustType::Array { of, count } => Some(of.bytes()?.saturating_mul(*count)),
            RustType::Opaque { bytes, .. } => *bytes,
        }
    }

    /// Whether a float can be reached from it: surely, surely not, or `None` for nobody knows.
    pub fn reaches_float(&self) -> Option<bool> {
        match self {
            RustType::Float(_) => Some(true),
            RustType::Integer { .. } => Some(false),
            RustType::Pointer { to: inner, .. }
            | RustType::Slice { of: inner, .. }
            | RustType::Array { of: inner, .. } => inner.reaches_float(),
            RustType::Struct { fields, .. } => {
                let mut known = Some(false);
                for (_, field) in fields {
                    match field.reaches_float() {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => known = None,
                    }
                }
                known
            }
            RustType::Opaque { .. } => None,
        }
    }

    /// True for a reference or box of a trait object, which is two pointers.
    pub fn is_object(&self) -> bool {
        let (RustType::Pointer { text: name, .. }
        | RustType::Struct { name, .. }
        | RustType::Opaque { name, .. }) = self
        else {
            return false;
        };
        let inner = name
            .trim_start_matches(['&', '*'])
            .trim_start_matches("mut ")
            .trim_start_matches("const ");
        let inner = match inner.rsplit_once("Box<") {
            Some((path, boxed)) if path.is_empty() || path.ends_with("::") => boxed,
            Some(_) => return false,
            None if inner.len() == name.len() => return false,
            None => inner,
        };
        inner.starts_with("dyn ") || inner.starts_with("(dyn ")
    }

    /// The scalars that it consists of, in the order in which they lie in memory; `None` where not all
    /// are known or one is an array.
    pub fn leaves(&self) -> Option<Vec<RustType>> {
        match self {
            _ if self.bytes() == Some(0) => Some(Vec::new()),
            RustType::Float(_) | RustType::Integer { .. } | RustType::Pointer { .. } => {
                Some(vec![self.clone()])
            }
            RustType::Slice { text, of } => Some(vec![
                RustType::Pointer {
                    text: text.clone(),
                    to: Box::new(RustType::Array {
                        of: of.clone(),
                        count: u64::MAX,
                    }),
                },
                RustType::Integer {
                    name: "usize".to_owned(),
                    bytes: 8,
                },
            ]),
            RustType::Array { of, count: 1 } => of.leaves(),
            RustType::Struct { fields, .. } => {
                let mut fields: Vec<&(u64, RustType)> = fields.iter().collect();
                fields.sort_by_key(|(offset, _)| *offset);
                let mut leaves = Vec::new();
                for (_, field) in fields {
                    leaves.extend(field.leaves()?);
                }
                Some(leaves)
            }
            RustType::Array { .. } | RustType::Opaque { .. } => None,
        }
    }

    /// What lies where in a value of this type that is behind a pointer.
    pub fn pointee(&self) -> Vec<(Place, Concrete)> {
        let mut out = vec![(vec![-1], Concrete::Pointer)];
        self.memory(&[-1], true, 0, &mut out);
        out
    }

    /// What a value of this type is, and what lies where behind it. For a slice it is the pointer.
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
            _ => Vec::new(),
        }
    }

    /// Lists memory that holds one value of this type after another.
    fn repeated(&self, path: &[i64], depth: usize, out: &mut Vec<(Place, Concrete)>) {
        match self {
            RustType::Float(_) | RustType::Integer { .. } => self.memory(path, false, depth, out),
            _ => {
                let size = self.bytes().unwrap_or(0);
                let count = if size == 0 { 1 } else { REACH.div_ceil(size) };
                let mut element = Vec::new();
                self.memory(path, true, depth, &mut element);
                for at in 0..count {
                    let moved = element.iter().map(|(place, concrete)| {
                        let mut place = place.clone();
                        place[path.len()] += i64::try_from(at * size).unwrap_or(i64::MAX);
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
            place.push(if once {
                i64::try_from(offset).unwrap_or(i64::MAX)
            } else {
                -1
            });
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
            RustType::Array { of, .. } => of.repeated(path, depth, out),
            RustType::Struct { fields, .. } => {
                for (offset, field) in fields {
                    let mut inner = Vec::new();
                    field.memory(path, true, depth, &mut inner);
                    let last = path.len();
                    let limit = field.bytes().unwrap_or(REACH);
                    for (mut place, concrete) in inner {
                        if place[last] < 0 {
                            // What an array holds everywhere, a struct holds as long as the array is.
                            let step = match concrete {
                                Concrete::Float(bits) => u64::from(bits) / 8,
                                Concrete::Integer => 1,
                                Concrete::Pointer => 8,
                            };
                            let mut byte = 0;
                            while byte < limit.min(REACH) {
                                place[last] = i64::try_from(offset + byte).unwrap_or(i64::MAX);
                                out.push((place.clone(), concrete));
                                byte += step.max(1);
                            }
                            continue;
                        }
                        if place[last] as u64 >= limit {
                            continue;
                        }
                        place[last] += i64::try_from(*offset).unwrap_or(i64::MAX);
                        out.push((place, concrete));
                    }
                }
            }
            RustType::Opaque { .. } => {}
        }
    }
}

impl fmt::Display for RustType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RustType::Float(bits) => write!(f, "f{bits}"),
            RustType::Integer { name, .. }
            | RustType::Struct { name, .. }
            | RustType::Opaque { name, .. } => f.write_str(name),
            RustType::Pointer { text, .. } | RustType::Slice { text, .. } => f.write_str(text),
            RustType::Array { of, count } => write!(f, "[{of}; {count}]"),
        }
    }
}

impl fmt::Display for RustSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parameters: Vec<String> = self
            .parameters
            .iter()
            .map(|(name, ty)| match name.as_str() {
                "" => ty.to_string(),
                name => format!("{name}: {ty}"),
            })
            .collect();
        write!(f, "({})", parameters.join(", "))?;
        match &self.returns {
            Some(returns) => write!(f, " -> {returns}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
                (
                    0,
                    RustType::Integer {
                        name: "u16".to_owned(),
                        bytes: 2,
                    },
                ),
                (4, RustType::Float(32)),
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
                (
                    0,
                    RustType::Array {
                        of: Box::new(RustType::Float(64)),
                        count: 2,
                    },
                ),
                (
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
}
