//! A function over references, where the primal's parameters can all be written: it compares lengths
//! and calls the derivative.

use trace::{CParameter, CType, Emitted, Panics, Role, Signature};

use super::contract;
use super::layout::{block, call, comment, function, item};
use super::names::{parameter_type, results_name, returned, rust_name, snake, subject};
use super::types::{Ty, rust_type};

/// The function's text; `None` where references would promise more than is known.
pub(super) fn text(emitted: &Emitted, signature: &Signature) -> Option<String> {
    let interface = &emitted.interface;
    let name = rust_name(&interface.symbol);
    let mut parameters = Vec::new();
    let mut arguments = Vec::new();
    let mut lengths = Vec::new();
    let mut generics = Generics::default();
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
        let known = subject(parameter, signature)?;
        let (ty, is_slice) = match rust_type(&known.ty)? {
            Ty::Slice { of: Some(of), .. } => (format!("[{of}]"), true),
            Ty::Reference { to: Some(to), .. } => (to, false),
            Ty::Array(text) => (text, false),
            Ty::Reference {
                name: Some(name), ..
            }
            | Ty::Named(name) => {
                let ty = generics.named(&name, &known.ty, parameter)?;
                let (sign, from) = match parameter.read_only {
                    true => ("&", "from_ref"),
                    false => ("&mut ", "from_mut"),
                };
                parameters.push(format!("{}: {sign}{ty}", parameter.name));
                arguments.push(format!("core::ptr::{from}({}).cast()", parameter.name));
                continue;
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
    for (name, of, _) in &generics.0 {
        item(
            &mut out,
            "///",
            &format!("`{name}` is `{of}`. Of that only the size is looked at."),
        );
    }
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
    if name != snake(&name) {
        out.push_str(", non_snake_case");
    }
    out.push_str(")]\n");
    let returns = match interface.by_pointer {
        true => Some(results_name(emitted)),
        false => returned(emitted, signature).map(|(_, ty)| ty),
    };
    let head = format!("pub unsafe fn {checked}{}", generics.list());
    function(&mut out, 0, &head, &parameters, returns.as_deref(), " {");
    for (name, _, bytes) in &generics.0 {
        out.push_str(&format!(
            "    const {{ assert!(size_of::<{name}>() == {bytes}) }};\n"
        ));
    }
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

/// Types of the primal's crate, which its caller has to name: what each is called here, what it is
/// there, and its size.
#[derive(Default)]
struct Generics(Vec<(String, String, u64)>);

impl Generics {
    /// The name of the type behind a parameter; none when its size is not known.
    fn named(&mut self, name: &str, written: &str, parameter: &CParameter) -> Option<String> {
        let bytes = parameter.bytes?;
        let of = written
            .trim_start_matches('&')
            .trim_start_matches("mut ")
            .to_owned();
        if let Some((known, ..)) = self.0.iter().find(|(_, other, _)| *other == of) {
            return Some(known.clone());
        }
        let mut name = name.to_owned();
        while self.0.iter().any(|(taken, ..)| *taken == name) {
            name.push('2');
        }
        self.0.push((name.clone(), of, bytes));
        Some(name)
    }

    /// `<Model, Params>`.
    fn list(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(|(name, ..)| name.as_str()).collect();
        match names.is_empty() {
            true => String::new(),
            false => format!("<{}>", names.join(", ")),
        }
    }
}

/// The slice that a length belongs to.
fn slice_of<'a>(length: &CParameter, emitted: &'a Emitted) -> Option<&'a CParameter> {
    emitted
        .interface
        .parameters
        .iter()
        .find(|each| each.role == Role::Primal && each.of == length.of)
}
