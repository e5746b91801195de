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
    /// A reference to a struct whose last field is a slice: a pointer and the slice's length.
    Tail {
        /// The type as it is written.
        text: String,
        /// What comes before the slice.
        head: Vec<Field>,
        /// The slice's name in the struct.
        name: String,
        /// Where the elements begin.
        offset: u64,
        /// What the elements are.
        of: Box<RustType>,
    },
    /// A `Vec` or a `VecDeque`: a pointer, a capacity and a length, at these offsets.
    Vec {
        /// Its name.
        name: String,
        /// Its size.
        bytes: u64,
        /// Where the pointer is.
        pointer: u64,
        /// Where the capacity is.
        capacity: u64,
        /// Where the length is.
        length: u64,
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
        /// Its fields.
        fields: Vec<Field>,
    },
    /// An enum.
    Enum {
        /// Its name.
        name: String,
        /// Its size.
        bytes: u64,
        /// Which variant it is stands here; `None` if there is only one.
        tag: Option<Tag>,
        /// Its variants.
        variants: Vec<Variant>,
    },
    /// Nothing more is known: a union, a type that is only named.
    Opaque {
        /// Its name.
        name: String,
        /// Its size, if that is known.
        bytes: Option<u64>,
    },
}

/// A field of a struct, a tuple or a variant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "WrittenField")]
pub struct Field {
    /// Its name; of a tuple's field its number.
    pub name: String,
    /// Where it is.
    pub offset: u64,
    /// What it is.
    pub ty: RustType,
}

/// A field as it is written, and as it was when fields had no names.
#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenField {
    Nameless(u64, RustType),
    Named {
        name: String,
        offset: u64,
        ty: RustType,
    },
}

impl From<WrittenField> for Field {
    fn from(written: WrittenField) -> Self {
        match written {
            WrittenField::Nameless(offset, ty) => Field {
                name: String::new(),
                offset,
                ty,
            },
            WrittenField::Named { name, offset, ty } => Field { name, offset, ty },
        }
    }
}

/// The integer that says which variant an enum is. It may lie where a variant's field does, if that
/// field never has the values of the others (a reference is never null).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Where it is.
    pub offset: u64,
    /// Its size.
    pub bytes: u64,
}

/// A variant of an enum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// Its name.
    pub name: String,
    /// What the tag is; `None` for anything that stands for no other variant.
    pub value: Option<u64>,
    /// Its fields, at offsets in the enum.
    pub fields: Vec<Field>,
}

/// The parameters and result of a function, as Rust has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RustSignature {
    /// Names (empty where there is none) and types.
    pub parameters: Vec<(String, RustType)>,
    /// The result; `None` for nothing.
    pub returns: Option<RustType>,
}

impl RustType {
    /// Its size, if it is known.
    pub fn bytes(&self) -> Option<u64> {
        match self {
            RustType::Float(bits) => Some(u64::from(*bits) / 8),
            RustType::Integer { bytes, .. }
            | RustType::Struct { bytes, .. }
            | RustType::Vec { bytes, .. }
            | RustType::Enum { bytes, .. } => Some(*bytes),
            RustType::Pointer { .. } => Some(8),
            RustType::Slice { .. } | RustType::Tail { .. } => Some(16),
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
            | RustType::Vec { of: inner, .. }
            | RustType::Array { of: inner, .. } => inner.reaches_float(),
            RustType::Tail { head, of, .. } => {
                any([of.as_ref()].into_iter().chain(head.iter().map(|f| &f.ty)))
            }
            RustType::Struct { fields, .. } => any(fields.iter().map(|field| &field.ty)),
            RustType::Enum { variants, .. } => {
                let fields = variants.iter().flat_map(|variant| &variant.fields);
                any(fields.map(|field| &field.ty))
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
    /// are known, one is an array, or which there are depends on the value.
    pub fn leaves(&self) -> Option<Vec<RustType>> {
        let scalars = self.scalars()?;
        Some(scalars.into_iter().map(|(_, scalar)| scalar).collect())
    }

    /// The same with their offsets.
    fn scalars(&self) -> Option<Vec<(u64, RustType)>> {
        match self {
            _ if self.bytes() == Some(0) => Some(Vec::new()),
            RustType::Float(_) | RustType::Integer { .. } | RustType::Pointer { .. } => {
                Some(vec![(0, self.clone())])
            }
            RustType::Slice { text, of } => Some(wide(text, of)),
            RustType::Tail { text, .. } => {
                let to = RustType::Opaque {
                    name: text.clone(),
                    bytes: None,
                };
                let mut scalars = wide(text, &RustType::Float(64));
                scalars[0].1 = RustType::Pointer {
                    text: text.clone(),
                    to: Box::new(to),
                };
                Some(scalars)
            }
            RustType::Array { of, count: 1 } => of.scalars(),
            RustType::Struct { fields, .. } => scalars_of(fields),
            RustType::Enum { tag, variants, .. } => scalars_of_enum(*tag, variants),
            RustType::Array { .. } | RustType::Vec { .. } | RustType::Opaque { .. } => None,
        }
    }

    /// True for a reference to a slice, perhaps inside of structs that hold nothing else, or one that
    /// may be none.
    pub fn is_slice(&self) -> bool {
        let only = |fields: &[Field]| {
            let mut sized = fields.iter().filter(|field| field.ty.bytes() != Some(0));
            matches!((sized.next(), sized.next()), (Some(only), None) if only.ty.is_slice())
        };
        match self {
            RustType::Slice { .. } => true,
            RustType::Struct { fields, .. } => only(fields),
            RustType::Enum {
                tag: Some(tag),
                variants,
                ..
            } => {
                let mut full = variants.iter().filter(|variant| variant.is_full());
                match (full.next(), full.next()) {
                    (Some(variant), None) => tag.is_inside(variant) && only(&variant.fields),
                    _ => false,
                }
            }
            _ => false,
        }
    }
}

impl Variant {
    /// True if it has anything but its name.
    pub fn is_full(&self) -> bool {
        self.fields.iter().any(|field| field.ty.bytes() != Some(0))
    }
}

impl Tag {
    /// True if it lies where a field of the variant does.
    pub fn is_inside(self, variant: &Variant) -> bool {
        variant.fields.iter().any(|field| {
            let end = field.offset + field.ty.bytes().unwrap_or(1);
            field.offset < self.offset + self.bytes && self.offset < end
        })
    }
}

/// A pointer to any number of elements, and how many there are.
fn wide(text: &str, of: &RustType) -> Vec<(u64, RustType)> {
    let pointer = RustType::Pointer {
        text: text.to_owned(),
        to: Box::new(RustType::Array {
            of: Box::new(of.clone()),
            count: u64::MAX,
        }),
    };
    let length = RustType::Integer {
        name: "usize".to_owned(),
        bytes: 8,
    };
    vec![(0, pointer), (8, length)]
}

fn scalars_of(fields: &[Field]) -> Option<Vec<(u64, RustType)>> {
    let mut fields: Vec<&Field> = fields.iter().collect();
    fields.sort_by_key(|field| field.offset);
    let mut out = Vec::new();
    for field in fields {
        let inner = field.ty.scalars()?.into_iter();
        out.extend(inner.map(|(offset, scalar)| (field.offset + offset, scalar)));
    }
    Some(out)
}

/// An enum is two scalars if every variant has at most one beside the tag, all of one kind and at one
/// place. It is what its only full variant is if the tag lies in that.
fn scalars_of_enum(tag: Option<Tag>, variants: &[Variant]) -> Option<Vec<(u64, RustType)>> {
    let full = || variants.iter().filter(|variant| variant.is_full());
    let Some(tag) = tag else {
        return scalars_of(&full().next()?.fields);
    };
    let is_niche = full().any(|variant| tag.is_inside(variant));
    let mut payload: Option<(u64, RustType)> = None;
    for variant in full() {
        let scalars = scalars_of(&variant.fields)?;
        if is_niche {
            return (full().count() == 1).then_some(scalars);
        }
        let [(offset, scalar)] = scalars.as_slice() else {
            return None;
        };
        match &payload {
            Some((at, known)) if *at != *offset || !are_alike(known, scalar) => return None,
            Some(_) => {}
            None => payload = Some((*offset, scalar.clone())),
        }
    }
    let word = RustType::Integer {
        name: format!("u{}", tag.bytes * 8),
        bytes: tag.bytes,
    };
    let mut scalars = vec![(tag.offset, word)];
    scalars.extend(payload);
    scalars.sort_by_key(|(offset, _)| *offset);
    Some(scalars)
}

/// True for two scalars that one register holds.
fn are_alike(one: &RustType, other: &RustType) -> bool {
    match (one, other) {
        (RustType::Float(one), RustType::Float(other)) => one == other,
        (RustType::Integer { .. }, RustType::Integer { .. }) => one.bytes() == other.bytes(),
        (RustType::Pointer { .. }, RustType::Pointer { .. }) => true,
        _ => false,
    }
}

/// Whether one of them reaches a float.
fn any<'a>(types: impl Iterator<Item = &'a RustType>) -> Option<bool> {
    let mut known = Some(false);
    for ty in types {
        match ty.reaches_float() {
            Some(true) => return Some(true),
            Some(false) => {}
            None => known = None,
        }
    }
    known
}

impl fmt::Display for RustType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RustType::Float(bits) => write!(f, "f{bits}"),
            RustType::Integer { name, .. }
            | RustType::Struct { name, .. }
            | RustType::Vec { name, .. }
            | RustType::Enum { name, .. }
            | RustType::Opaque { name, .. } => f.write_str(name),
            RustType::Pointer { text, .. }
            | RustType::Slice { text, .. }
            | RustType::Tail { text, .. } => f.write_str(text),
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

    fn field(offset: u64, ty: RustType) -> Field {
        Field {
            name: "0".to_owned(),
            offset,
            ty,
        }
    }

    fn option(tag: Tag, payload: Field) -> RustType {
        let variant = |name: &str, value, fields| Variant {
            name: name.to_owned(),
            value,
            fields,
        };
        RustType::Enum {
            name: "Option<_>".to_owned(),
            bytes: 16,
            variants: vec![
                variant("None", Some(0), Vec::new()),
                variant("Some", Some(1), vec![payload]),
            ],
            tag: Some(tag),
        }
    }

    const TAG: Tag = Tag {
        offset: 0,
        bytes: 8,
    };

    #[test]
    fn an_enum_is_its_tag_and_its_payload() {
        let leaves = option(TAG, field(8, RustType::Float(64))).leaves().unwrap();
        assert_eq!(leaves[1], RustType::Float(64));
        assert_eq!(leaves[0].to_string(), "u64");
        let pair = RustType::Array {
            of: Box::new(RustType::Float(32)),
            count: 2,
        };
        assert_eq!(option(TAG, field(8, pair)).leaves(), None);
    }

    #[test]
    fn a_reference_that_may_be_none_is_a_reference() {
        let slice = RustType::Slice {
            text: "&[f64]".to_owned(),
            of: Box::new(RustType::Float(64)),
        };
        let maybe = option(TAG, field(0, slice));
        assert!(maybe.is_slice());
        assert_eq!(maybe.leaves().unwrap().len(), 2);
        assert_eq!(maybe.reaches_float(), Some(true));
    }

    #[test]
    fn fields_without_names_are_read() {
        let text = r#"{"struct": {"name": "(f64,)", "bytes": 8, "fields": [[0, {"float": 64}]]}}"#;
        let read: RustType = serde_json::from_str(text).unwrap();
        let RustType::Struct { fields, .. } = &read else {
            panic!("{read:?}");
        };
        assert_eq!(fields[0].ty, RustType::Float(64));
        let again = serde_json::to_string(&read).unwrap();
        assert_eq!(serde_json::from_str::<RustType>(&again).unwrap(), read);
    }
}
