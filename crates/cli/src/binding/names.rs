//! What the parts of a binding are called, and their types in Rust.

use trace::{CParameter, CResult, Emitted, Parameter, Role, Signature};

use super::types::{c_type, mirrored, rust_type};

/// The one result that is returned and its type.
pub fn returned<'a>(emitted: &'a Emitted, signature: &Signature) -> Option<(&'a CResult, String)> {
    let interface = &emitted.interface;
    if interface.by_pointer {
        return None;
    }
    let only = interface.results.first()?;
    Some((only, result_type(only, signature)))
}

pub fn result_type(result: &CResult, signature: &Signature) -> String {
    let of = match result.of {
        Some(at) => signature.parameters.get(at),
        None => signature.returns.as_ref(),
    };
    let known = of.filter(|parameter| parameter.count == 1);
    known
        .and_then(|parameter| rust_type(&parameter.ty))
        .and_then(|ty| ty.scalar_as(result.ty))
        .unwrap_or_else(|| match result.ty {
            trace::CType::Pointer => "*mut core::ffi::c_void".to_owned(),
            other => c_type(other),
        })
}

/// The type of a parameter of the exported function.
pub fn parameter_type(parameter: &CParameter, emitted: &Emitted, signature: &Signature) -> String {
    let known = subject(parameter, signature);
    let ty = known.and_then(|known| rust_type(&known.ty));
    match parameter.role {
        Role::Results => return format!("*mut {}", results_name(emitted)),
        Role::Length => return "usize".to_owned(),
        _ => {}
    }
    if parameter.ty != trace::CType::Pointer {
        return ty
            .filter(|_| known.is_some_and(|known| known.count == 1))
            .and_then(|ty| ty.scalar_as(parameter.ty))
            .unwrap_or_else(|| c_type(parameter.ty));
    }
    let sign = match parameter.read_only {
        true => "*const",
        false => "*mut",
    };
    // By value in Rust, in memory here: what is known is the whole.
    let element = match ty {
        Some(ty) if parameter.by_value || !ty.is_pointer() => mirrored(&ty),
        Some(ty) => ty.element(),
        None => None,
    };
    format!(
        "{sign} {}",
        element.unwrap_or_else(|| "core::ffi::c_void".to_owned())
    )
}

/// What of the primal a parameter belongs to.
pub fn subject<'a>(parameter: &CParameter, signature: &'a Signature) -> Option<&'a Parameter> {
    match (parameter.of, parameter.role) {
        (Some(at), _) => signature.parameters.get(at),
        (None, Role::Returned | Role::Shadow | Role::Seed) => signature.returns.as_ref(),
        (None, _) => None,
    }
}

/// The symbol as a Rust identifier.
pub fn rust_name(symbol: &str) -> String {
    symbol
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect()
}

/// `DLoss` for `d_loss`.
pub fn results_name(emitted: &Emitted) -> String {
    let mut name = String::new();
    let mut begins = true;
    for c in emitted.interface.symbol.chars() {
        if !c.is_ascii_alphanumeric() {
            begins = true;
        } else if begins {
            name.push(c.to_ascii_uppercase());
            begins = false;
        } else {
            name.push(c);
        }
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) || name.is_empty() {
        name.insert_str(0, "Results");
    }
    name
}

pub fn snake(name: &str) -> String {
    name.to_ascii_lowercase()
}
