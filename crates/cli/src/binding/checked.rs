//! A function over references, where the primal's parameters can all be written: it compares lengths
//! and calls the derivative.

use trace::{CParameter, CType, Emitted, Panics, Role, Signature};

use super::layout::{block, call, comment, function, item};
use super::types::{Ty, rust_type};
use super::{contract, parameter_type, results_name, returned, rust_name};

/// The function's text; `None` where references would promise more than is known.
pub(super) fn text(emitted: &Emitted, signature: &Signature) -> Option<String> {
    let interface = &emitted.interface;
    let name = rust_name(&interface.symbol);
    let mut parameters = Vec::new();
    let mut arguments = Vec::new();
    let mut lengths = Vec::new();
    for parameter in &interface.parameters {
        match parameter.role {
            Role::Results => {
                arguments.push(format!("{}.as_mut_ptr()", parameter.name));
                continue;
            }
            Role::Length => {
                let slice = slice_of(parameter, emitted)?;
                arguments.push(format!("{}.len()", slice.name));
                continue;
            }
            _ => {}
        }
        if parameter.ty != CType::Pointer {
            let ty = parameter_type(parameter, emitted, signature);
            parameters.push(format!("{}: {ty}", parameter.name));
            arguments.push(parameter.name.clone());
            continue;
        }
        let known = parameter.of.and_then(|at| signature.parameters.get(at))?;
        let (ty, is_slice) = match rust_type(&known.ty)? {
            Ty::Slice { of: Some(of), .. } => (format!("[{of}]"), true),
            Ty::Reference { to: Some(to), .. } => (to, false),
            Ty::Array(text) if parameter.by_value || parameter.role == Role::Shadow => {
                (text, false)
            }
            _ => return None,
        };
        let sign = match parameter.read_only {
            true => "&",
            false => "&mut ",
        };
        parameters.push(format!("{}: {sign}{ty}", parameter.name));
        if is_slice {
            let pointer = match parameter.read_only {
                true => "as_ptr",
                false => "as_mut_ptr",
            };
            arguments.push(format!("{}.{pointer}()", parameter.name));
        } else {
            arguments.push(parameter.name.clone());
        }
        if is_slice && parameter.role == Role::Shadow {
            let length = interface
                .parameters
                .iter()
                .find(|each| each.role == Role::Length && each.of == parameter.of)?;
            let slice = slice_of(length, emitted)?;
            lengths.push((slice.name.clone(), parameter.name.clone()));
        }
    }

    let mut out = String::new();
    let checked = format!("{name}_checked");
    comment(
        &mut out,
        "///",
        &format!("[`{name}`] over references, which keep most of its contract by themselves."),
    );
    if !lengths.is_empty() {
        comment(&mut out, "///", "");
        comment(&mut out, "///", "# Panics");
        comment(&mut out, "///", "");
        comment(
            &mut out,
            "///",
            match interface.panics {
                Panics::Keep => {
                    "When a shadow is not as long as its slice, and where the primal does."
                }
                Panics::Drop => "When a shadow is not as long as its slice.",
            },
        );
    }
    comment(&mut out, "///", "");
    comment(&mut out, "///", "# Safety");
    comment(&mut out, "///", "");
    item(
        &mut out,
        "///",
        "What the primal demands of its arguments holds for the same arguments here.",
    );
    if interface.panics == Panics::Drop {
        item(&mut out, "///", contract::UNCHECKED);
    }
    item(
        &mut out,
        "///",
        &format!(
            "`{}` comes from the object that was emitted with this declaration.",
            interface.symbol
        ),
    );
    out.push_str("#[allow(dead_code, clippy::too_many_arguments");
    if name != super::snake(&name) {
        out.push_str(", non_snake_case");
    }
    out.push_str(")]\n");
    let returns = match interface.by_pointer {
        true => Some(results_name(emitted)),
        false => returned(emitted, signature).map(|(_, ty)| ty),
    };
    let head = format!("pub unsafe fn {checked}");
    function(&mut out, 0, &head, &parameters, returns.as_deref(), " {");
    for (slice, shadow) in &lengths {
        let compared = [format!("{shadow}.len()"), format!("{slice}.len()")];
        call(&mut out, 4, "assert_eq!", &compared, ";");
    }
    let results = interface
        .parameters
        .iter()
        .find(|parameter| parameter.role == Role::Results);
    if let Some(results) = results {
        out.push_str(&format!(
            "    let mut {} = core::mem::MaybeUninit::uninit();\n",
            results.name
        ));
    }
    comment(
        &mut out,
        "    //",
        "SAFETY: references lead to what they say, and overlap only where nothing is written.",
    );
    match results {
        Some(results) => {
            out.push_str("    unsafe {\n");
            call(&mut out, 8, &name, &arguments, ";");
            out.push_str(&format!("        {}.assume_init()\n    }}\n", results.name));
        }
        None => block(&mut out, 4, "unsafe", &name, &arguments),
    }
    out.push_str("}\n");
    Some(out)
}

/// The slice that a length belongs to.
fn slice_of<'a>(length: &CParameter, emitted: &'a Emitted) -> Option<&'a CParameter> {
    emitted
        .interface
        .parameters
        .iter()
        .find(|each| each.role == Role::Primal && each.of == length.of)
}
