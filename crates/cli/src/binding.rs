//! The Rust declaration of a derivative that was emitted, with its contract.

mod checked;
mod contract;
mod layout;
mod types;

use trace::{CParameter, CResult, Emitted, Mode, Parameter, Role, Signature};

use layout::{comment, function};
use types::{c_type, mirrored, rust_type};

/// The whole file. It may be a module of its own or be included in one.
pub fn text(emitted: &Emitted, signature: &Signature, warnings: &[String]) -> String {
    let interface = &emitted.interface;
    let mut out = String::new();
    let primal = ir_load::demangle(&signature.function);
    let what = match signature.mode {
        Mode::Reverse => "gradient",
        Mode::Forward => "directional derivative",
    };
    comment(
        &mut out,
        "//",
        &format!(
            "The {what} of {primal}, written by irad. It is in the object that was emitted with this file."
        ),
    );
    for warning in warnings {
        comment(&mut out, "//", &format!("Warning: {warning}"));
    }
    out.push('\n');
    if interface.by_pointer {
        results(&mut out, emitted, signature);
        out.push('\n');
    }
    out.push_str(&declaration(emitted, signature));
    if let Some(checked) = checked::text(emitted, signature) {
        out.push('\n');
        out.push_str(&checked);
    }
    out
}

/// The `extern` block alone.
pub fn declaration(emitted: &Emitted, signature: &Signature) -> String {
    let interface = &emitted.interface;
    // What may unwind says so; a panic that leaves an `extern "C"` function ends the process at best.
    let abi = match interface.unwinds {
        true => "C-unwind",
        false => "C",
    };
    let mut out = format!("unsafe extern \"{abi}\" {{\n");
    let mut docs = String::new();
    contract::write(&mut docs, emitted, signature);
    for line in docs.lines() {
        out.push_str("    ");
        out.push_str(line);
        out.push('\n');
    }
    let name = rust_name(&interface.symbol);
    out.push_str("    #[allow(dead_code");
    if name != snake(&name) {
        out.push_str(", non_snake_case");
    }
    out.push_str(")]\n");
    if name != interface.symbol {
        out.push_str(&format!("    #[link_name = \"{}\"]\n", interface.symbol));
    }
    let parameters: Vec<String> = interface
        .parameters
        .iter()
        .map(|parameter| {
            format!(
                "{}: {}",
                parameter.name,
                parameter_type(parameter, emitted, signature)
            )
        })
        .collect();
    let returns = returned(emitted, signature).map(|(_, ty)| ty);
    let head = format!("pub fn {name}");
    function(&mut out, 4, &head, &parameters, returns.as_deref(), ";");
    out.push_str("}\n");
    out
}

/// What more than one result is returned in.
fn results(out: &mut String, emitted: &Emitted, signature: &Signature) {
    let interface = &emitted.interface;
    let name = rust_name(&interface.symbol);
    comment(out, "///", &format!("What [`{name}`] computes."));
    out.push_str("#[allow(dead_code)]\n#[derive(Clone, Copy, Debug, PartialEq)]\n#[repr(C)]\n");
    out.push_str(&format!("pub struct {} {{\n", results_name(emitted)));
    for result in &interface.results {
        let mut docs = String::new();
        comment(&mut docs, "///", &contract::result(result, emitted));
        for line in docs.lines() {
            out.push_str(&format!("    {line}\n"));
        }
        out.push_str(&format!(
            "    pub {}: {},\n",
            result.name,
            result_type(result, signature)
        ));
    }
    out.push_str("}\n");
}

/// The one result that is returned and its type.
fn returned<'a>(emitted: &'a Emitted, signature: &Signature) -> Option<(&'a CResult, String)> {
    let interface = &emitted.interface;
    if interface.by_pointer {
        return None;
    }
    let only = interface.results.first()?;
    Some((only, result_type(only, signature)))
}

fn result_type(result: &CResult, signature: &Signature) -> String {
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
fn parameter_type(parameter: &CParameter, emitted: &Emitted, signature: &Signature) -> String {
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
fn subject<'a>(parameter: &CParameter, signature: &'a Signature) -> Option<&'a Parameter> {
    match (parameter.of, parameter.role) {
        (Some(at), _) => signature.parameters.get(at),
        (None, Role::Returned | Role::Shadow | Role::Seed) => signature.returns.as_ref(),
        (None, _) => None,
    }
}

/// The symbol as a Rust identifier.
fn rust_name(symbol: &str) -> String {
    symbol
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect()
}

/// `DLoss` for `d_loss`.
fn results_name(emitted: &Emitted) -> String {
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

fn snake(name: &str) -> String {
    name.to_ascii_lowercase()
}
