//! The types of a primal's parameters, as far as another crate can write them.

use syn::{Expr, Lit, Type};
use trace::CType;

/// A Rust type that is known by its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ty {
    /// A number or `bool`.
    Scalar(String),
    /// An array of such.
    Array(String),
    /// A reference.
    Reference {
        mutable: bool,
        /// What it leads to, where that can be written.
        to: Option<String>,
        /// The last part of its name, where it cannot.
        name: Option<String>,
    },
    /// A reference to a slice.
    Slice {
        mutable: bool,
        /// Its elements, where they can be written.
        of: Option<String>,
    },
    /// A raw pointer, or what owns its memory.
    Raw {
        /// What it leads to, where that can be written.
        to: Option<String>,
    },
    /// A type with a name.
    Named(String),
    /// Anything else.
    Other,
}

impl Ty {
    pub(super) fn is_pointer(&self) -> bool {
        matches!(
            self,
            Ty::Reference { .. } | Ty::Slice { .. } | Ty::Raw { .. }
        )
    }

    /// True when there is nothing but numbers in it or behind it.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self, Ty::Scalar(_) | Ty::Array(_)) || self.element().is_some()
    }

    /// What a pointer leads to, or an element of the slice.
    pub(super) fn element(&self) -> Option<String> {
        match self {
            Ty::Reference { to, .. } | Ty::Slice { of: to, .. } | Ty::Raw { to } => to.clone(),
            _ => None,
        }
    }

    /// The scalar's own name, if it is one that is passed as `ty`.
    pub(super) fn scalar_as(&self, ty: CType) -> Option<String> {
        match self {
            Ty::Scalar(name) if c_type_of(name) == Some(ty) => Some(name.clone()),
            _ => None,
        }
    }
}

/// The type that stands for a value in memory, where that can be written.
pub(super) fn mirrored(ty: &Ty) -> Option<String> {
    match ty {
        Ty::Scalar(text) | Ty::Array(text) => Some(text.clone()),
        _ => None,
    }
}

/// Reads a type as a trace has it; what is no Rust is none.
pub(super) fn rust_type(text: &str) -> Option<Ty> {
    let parsed: Type = syn::parse_str(text).ok()?;
    Some(match &parsed {
        Type::Reference(reference) => {
            let mutable = reference.mutability.is_some();
            match reference.elem.as_ref() {
                Type::Slice(slice) => Ty::Slice {
                    mutable,
                    of: written(&slice.elem),
                },
                to => Ty::Reference {
                    mutable,
                    to: written(to),
                    name: name_of(to),
                },
            }
        }
        Type::Ptr(raw) => match raw.elem.as_ref() {
            Type::Slice(_) => Ty::Other,
            to => Ty::Raw { to: written(to) },
        },
        Type::Path(_) | Type::Array(_) => match (written(&parsed), &parsed) {
            (Some(text), Type::Path(_)) => Ty::Scalar(text),
            (Some(text), _) => Ty::Array(text),
            (None, ty) => name_of(ty).map_or(Ty::Other, Ty::Named),
        },
        _ => Ty::Other,
    })
}

/// `Model` for `typed::Model<f64>`.
fn name_of(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => Some(path.path.segments.last()?.ident.to_string()),
        _ => None,
    }
}

/// A type of numbers alone, written out.
fn written(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => {
            let name = path.path.get_ident()?.to_string();
            c_type_of(&name).map(|_| name)
        }
        Type::Array(array) => {
            let Expr::Lit(length) = &array.len else {
                return None;
            };
            let Lit::Int(length) = &length.lit else {
                return None;
            };
            Some(format!(
                "[{}; {}]",
                written(&array.elem)?,
                length.base10_digits()
            ))
        }
        _ => None,
    }
}

/// How C passes a number of this name.
fn c_type_of(name: &str) -> Option<CType> {
    Some(match name {
        "f32" => CType::F32,
        "f64" => CType::F64,
        "bool" => CType::Bool,
        "i8" | "u8" => CType::Int(8),
        "i16" | "u16" => CType::Int(16),
        "i32" | "u32" => CType::Int(32),
        "i64" | "u64" | "isize" | "usize" => CType::Int(64),
        "i128" | "u128" => CType::Int(128),
        _ => return None,
    })
}

/// The name of a number that is passed like this.
pub(super) fn c_type(ty: CType) -> String {
    match ty {
        CType::F32 => "f32".to_owned(),
        CType::F64 => "f64".to_owned(),
        CType::Bool => "bool".to_owned(),
        CType::Int(bits) => format!("u{bits}"),
        CType::Pointer => "*mut core::ffi::c_void".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Ty, rust_type};

    #[test]
    fn what_another_crate_cannot_write_is_not_written() {
        let reference = |mutable, to: Option<&str>, name: Option<&str>| Ty::Reference {
            mutable,
            to: to.map(str::to_owned),
            name: name.map(str::to_owned),
        };
        assert_eq!(
            rust_type("&[f64; 4]"),
            Some(reference(false, Some("[f64; 4]"), None))
        );
        assert_eq!(
            rust_type("&mut [[f32; 2]; 3]"),
            Some(reference(true, Some("[[f32; 2]; 3]"), None))
        );
        assert_eq!(
            rust_type("&model::Params<f64>"),
            Some(reference(false, None, Some("Params")))
        );
        assert_eq!(rust_type("&({f64, int}; 24 bytes)"), None);
        assert_eq!(rust_type("*_"), None);
        assert_eq!(rust_type("usize"), Some(Ty::Scalar("usize".to_owned())));
        assert_eq!(rust_type("char"), Some(Ty::Named("char".to_owned())));
    }
}
