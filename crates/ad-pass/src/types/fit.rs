//! Fits a Rust signature to a function's IR parameters: which of them each Rust parameter became.

use std::collections::HashSet;

use trace::{Misfit, RustSignature, RustType, TypeSource};

use crate::types::parameters;
use crate::types::raw::Raw;
use crate::types::shape::Shape;
use crate::types::ty::Ty;

/// The parameters with the types of a Rust signature, and their names where it has any. `Err` says what
/// does not fit what the IR has.
pub(crate) fn fit(
    raw: &[Raw],
    returns: Option<&Ty>,
    signature: &RustSignature,
    source: TypeSource,
) -> Result<Vec<Shape>, Misfit> {
    let mut out = Vec::new();
    let mut at = 0;
    // Where a large result is written comes before the parameters.
    while let Some(place) = raw
        .get(at)
        .filter(|raw| matches!(raw.ty, Ty::Result { .. }))
    {
        out.push(Shape {
            name: place.called(at),
            first: at,
            count: 1,
            ty: place.ty.clone(),
            known: signature.returns.clone(),
            source,
            stated: Vec::new(),
        });
        at += 1;
    }
    fit_result(returns, at > 0, signature)?;
    let counts = assign(raw, at, signature)?;
    for ((name, ty), count) in signature.parameters.iter().zip(counts) {
        // What has no size is not passed at all.
        if count == 0 {
            continue;
        }
        let ty_in_ir = whole(ty, &raw[at..at + count]);
        let own = match count {
            1 => raw[at].called(at),
            _ => raw[at]
                .base(0)
                .map_or_else(|| raw[at].called(at), str::to_owned),
        };
        let shape = Shape {
            name: if name.is_empty() { own } else { name.clone() },
            first: at,
            count,
            ty: ty_in_ir,
            known: Some(ty.clone()),
            source,
            stated: Vec::new(),
        };
        fit_contents(&shape, ty)?;
        fit_vec(&shape, ty, &raw[at])?;
        out.push(shape);
        at += count;
    }
    Ok(out)
}

/// What the IR parameters of one Rust parameter are together.
fn whole(ty: &RustType, raw: &[Raw]) -> Ty {
    match raw {
        [one] => one.ty.clone(),
        _ if ty.is_object() => Ty::Object,
        [first, second, ..] => match (&first.ty, ty.is_slice()) {
            (Ty::Pointer { contents, .. }, true) => Ty::Slice(contents.clone()),
            _ => Ty::Pair(Box::new([first.ty.clone(), second.ty.clone()])),
        },
        [] => Ty::Integer("()".to_owned()),
    }
}

/// How many IR parameters each Rust parameter takes.
fn assign(raw: &[Raw], from: usize, signature: &RustSignature) -> Result<Vec<usize>, Misfit> {
    let mut search = Search {
        raw,
        signature,
        dead: HashSet::new(),
        furthest: (0, from),
    };
    let mut counts = Vec::new();
    if search.go(0, from, &mut counts) {
        return Ok(counts);
    }
    let (parameter, at) = search.furthest;
    let has = |at: usize| {
        let shapes = parameters::parameters(raw);
        let found = shapes.into_iter().find(|shape| shape.first == at);
        found.map_or_else(
            || (raw[at].called(at), raw[at].ty.text()),
            |shape| (shape.name.clone(), shape.text()),
        )
    };
    Err(match signature.parameters.get(parameter) {
        Some((name, ty)) => {
            let parameter = match name.as_str() {
                "" => format!("parameter {parameter}"),
                name => name.to_owned(),
            };
            let stated = ty.to_string();
            match at < raw.len() {
                true => Misfit::Type {
                    parameter,
                    stated,
                    found: has(at).1,
                },
                false => Misfit::Missing { parameter, stated },
            }
        }
        None => {
            let (parameter, found) = has(at);
            Misfit::Further { parameter, found }
        }
    })
}

struct Search<'a> {
    raw: &'a [Raw],
    signature: &'a RustSignature,
    /// From where no assignment fits.
    dead: HashSet<(usize, usize)>,
    /// The last place that an assignment fitted up to.
    furthest: (usize, usize),
}

impl Search<'_> {
    fn go(&mut self, parameter: usize, at: usize, counts: &mut Vec<usize>) -> bool {
        self.furthest = self.furthest.max((parameter, at));
        let Some((_, ty)) = self.signature.parameters.get(parameter) else {
            return at == self.raw.len();
        };
        if !self.dead.insert((parameter, at)) {
            return false;
        }
        for count in takes(ty, self.raw, at) {
            counts.push(count);
            if self.go(parameter + 1, at + count, counts) {
                return true;
            }
            counts.pop();
        }
        false
    }
}

/// How many IR parameters a value of that type may take here, the likeliest first.
fn takes(ty: &RustType, raw: &[Raw], at: usize) -> Vec<usize> {
    if ty.bytes() == Some(0) {
        return vec![0];
    }
    let Some(first) = raw.get(at) else {
        return Vec::new();
    };
    let second = raw.get(at + 1);
    let pointers = |count: usize| {
        raw[at..]
            .iter()
            .take(count)
            .filter(|raw| matches!(raw.ty, Ty::Pointer { .. }))
            .count()
            == count
    };
    if ty.is_object() {
        return if pointers(2) { vec![2] } else { Vec::new() };
    }
    let yes = |fits: bool, count: usize| if fits { vec![count] } else { Vec::new() };
    match ty {
        RustType::Float(_) | RustType::Integer { .. } => yes(is_scalar(ty, first), 1),
        RustType::Pointer { .. } => yes(pointers(1), 1),
        RustType::Slice { .. } | RustType::Tail { .. } => {
            let length = second.is_some_and(|raw| matches!(raw.ty, Ty::Integer(_)));
            yes(pointers(1) && length, 2)
        }
        RustType::Struct { .. }
        | RustType::Array { .. }
        | RustType::Vec { .. }
        | RustType::Enum { .. } => {
            let leaves = ty.leaves().unwrap_or_default();
            let in_memory = !matches!(first.ty, Ty::Float(_) | Ty::Pair(_));
            match (leaves.as_slice(), second) {
                ([only], _) => yes(is_scalar(only, first), 1),
                ([a, b], Some(second)) if is_scalar(a, first) && is_scalar(b, second) => {
                    if in_memory {
                        vec![2, 1]
                    } else {
                        vec![2]
                    }
                }
                _ => yes(in_memory, 1),
            }
        }
        RustType::Opaque { bytes, .. } => {
            let named = first.base(0).is_some()
                && second.is_some_and(|second| second.base(1) == first.base(0));
            let is_large = bytes.is_none_or(|bytes| bytes > 8);
            match (&first.ty, second) {
                (_, Some(_)) if named => vec![2],
                // By value behind a pointer, or a reference that may be none.
                (Ty::Pointer { .. }, Some(_)) if is_large => vec![1, 2],
                (Ty::Pointer { .. }, _) => vec![1],
                (_, Some(_)) if is_large => vec![2, 1],
                _ => vec![1],
            }
        }
    }
}

/// True when a scalar of that type can be this IR parameter.
fn is_scalar(ty: &RustType, raw: &Raw) -> bool {
    match (ty, &raw.ty) {
        (RustType::Float(bits), Ty::Float(found)) => *found == format!("f{bits}"),
        (RustType::Integer { bytes, .. }, Ty::Integer(found) | Ty::FloatBits(found)) => {
            // A bool is one bit.
            *found == format!("i{}", bytes * 8) || (*bytes == 1 && found == "i1")
        }
        (RustType::Pointer { .. }, Ty::Pointer { .. }) => true,
        (RustType::Opaque { bytes, .. }, _) => bytes.is_none_or(|bytes| bytes <= 8),
        _ => false,
    }
}

/// Refuses a type of floats where the IR reads or writes others.
fn fit_contents(shape: &Shape, ty: &RustType) -> Result<(), Misfit> {
    let (Ty::Slice(contents) | Ty::Pointer { contents, .. }) = &shape.ty else {
        return Ok(());
    };
    let (RustType::Slice { of: inner, .. } | RustType::Pointer { to: inner, .. }) = ty else {
        return Ok(());
    };
    if let RustType::Float(_) = inner.as_ref()
        && !contents.floats.is_empty()
        && !contents.floats.contains(inner.to_string().as_str())
    {
        return Err(Misfit::Floats {
            parameter: shape.name.clone(),
            stated: ty.to_string(),
            found: contents
                .floats
                .iter()
                .map(|&name| name.to_owned())
                .collect(),
        });
    }
    Ok(())
}

/// Refuses a `Vec` whose pointer is elsewhere.
fn fit_vec(shape: &Shape, ty: &RustType, raw: &Raw) -> Result<(), Misfit> {
    let RustType::Pointer { to, .. } = ty else {
        return Ok(());
    };
    match to.as_ref() {
        RustType::Vec { pointer, .. } if raw.pointers_at.iter().any(|offset| offset != pointer) => {
            Err(Misfit::Layout {
                parameter: shape.name.clone(),
                stated: ty.to_string(),
            })
        }
        _ => Ok(()),
    }
}

/// Refuses a result that the function does not have.
fn fit_result(
    returns: Option<&Ty>,
    written: bool,
    signature: &RustSignature,
) -> Result<(), Misfit> {
    let fits = match (&signature.returns, returns) {
        // `!` and `()` are nothing.
        (None, None) => true,
        (Some(_), None) => written,
        (None, Some(_)) => false,
        (Some(RustType::Float(bits)), Some(found)) => {
            matches!(found, Ty::Float(name) if *name == format!("f{bits}"))
        }
        (Some(RustType::Integer { .. }), Some(found)) => {
            matches!(found, Ty::Integer(_) | Ty::FloatBits(_))
        }
        (Some(RustType::Pointer { .. }), Some(found)) => {
            matches!(found, Ty::Pointer { .. } | Ty::Aggregate { .. })
        }
        (Some(_), Some(_)) => true,
    };
    if fits {
        return Ok(());
    }
    Err(Misfit::Result {
        stated: signature.returns.as_ref().map(ToString::to_string),
        found: returns.map(Ty::text),
    })
}
