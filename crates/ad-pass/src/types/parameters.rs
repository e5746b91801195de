//! A function's parameters as Rust has them: a slice is one, though it is a pointer and a length, and
//! so is a pair of scalars.

use inkwell::types::BasicTypeEnum;
use inkwell::values::FunctionValue;
use trace::TypeSource;

use crate::types::aggregate::{holds, words};
use crate::types::contents::{self, Contents};
use crate::types::float_bits::returns_float_bits;
use crate::types::raw::Raw;
use crate::types::shape::Shape;
use crate::types::ty::Ty;

/// The function's parameters as far as its IR shows which belong together: rustc calls the two of a
/// slice, a pair or a trait object `x.0` and `x.1`. An enum with a payload goes without names, and its
/// payload need not be defined.
pub(crate) fn parameters(raw: &[Raw]) -> Vec<Shape> {
    let mut shapes = Vec::new();
    let mut at = 0;
    while at < raw.len() {
        let pair = raw.get(at + 1).and_then(|next| together(&raw[at], next));
        let (name, ty) = match pair {
            Some(ty) => (raw[at].base(0).map(str::to_owned), ty),
            None => (raw[at].name.clone(), raw[at].ty.clone()),
        };
        let count = match ty {
            Ty::Slice(_) | Ty::Pair(_) | Ty::Object => 2,
            _ => 1,
        };
        shapes.push(Shape {
            name: name.unwrap_or_else(|| format!("arg{at}")),
            first: at,
            count,
            ty,
            known: None,
            source: TypeSource::Uses,
            stated: Vec::new(),
        });
        at += count;
    }
    shapes
}

fn together(first: &Raw, second: &Raw) -> Option<Ty> {
    let pair = || Ty::Pair(Box::new([first.ty.clone(), second.ty.clone()]));
    let named = first.base(0).is_some() && first.base(0) == second.base(1);
    match (&first.ty, &second.ty) {
        // How long a slice is, its pointer does not say.
        (Ty::Pointer { contents, .. }, Ty::Integer(_)) if named && !first.dereferenceable => {
            Some(Ty::Slice(contents.clone()))
        }
        (Ty::Pointer { .. }, Ty::Pointer { .. })
            if named && first.nonnull && !first.dereferenceable && second.dereferenceable =>
        {
            Some(Ty::Object)
        }
        _ if named => Some(pair()),
        (Ty::Integer(_), payload)
            if first.name.is_none()
                && second.name.is_none()
                && first.is_defined
                && !second.is_defined
                && !matches!(payload, Ty::Aggregate { .. }) =>
        {
            Some(pair())
        }
        _ => None,
    }
}

/// What the function returns; `None` for nothing.
pub(crate) fn returned(function: FunctionValue<'_>) -> Option<Ty> {
    Some(match function.get_type().get_return_type()? {
        BasicTypeEnum::FloatType(float) => Ty::Float(contents::float_name(float)),
        BasicTypeEnum::IntType(int) => {
            let text = int.print_to_string().to_string();
            if returns_float_bits(function) {
                Ty::FloatBits(text)
            } else {
                Ty::Integer(text)
            }
        }
        BasicTypeEnum::PointerType(_) => Ty::Pointer {
            contents: Contents {
                unknown: true,
                ..Contents::default()
            },
            bytes: None,
        },
        other => Ty::Aggregate {
            text: words(other),
            holds: holds(other),
        },
    })
}
