//! What a caller of the derivative must see to, and what it then gets.

use trace::{
    Activity, CParameter, CResult, Emitted, Mode, Panics, Parameter, ResultKind, Role, Signature,
};

use super::layout::{comment, item};
use super::names::subject;
use super::types::rust_type;

/// Writes the documentation of the declared function.
pub(super) fn write(out: &mut String, emitted: &Emitted, signature: &Signature) {
    let interface = &emitted.interface;
    let mut head = |words: &str| comment(out, "///", words);
    let primal = session::signature::line(signature);
    head(&match signature.mode {
        Mode::Reverse => format!("The gradient of `{primal}`."),
        Mode::Forward => format!("The directional derivative of `{primal}`."),
    });
    head("");
    for parameter in &interface.parameters {
        item(
            out,
            "///",
            &format!(
                "`{}`: {}",
                parameter.name,
                about(parameter, emitted, signature)
            ),
        );
    }
    let mut head = |words: &str| comment(out, "///", words);
    if let ([only], false) = (interface.results.as_slice(), interface.by_pointer) {
        head("");
        head(&format!("Returns {}", lower(&result(only, emitted))));
    }
    head("");
    head("# Safety");
    head("");
    if interface
        .parameters
        .iter()
        .any(|parameter| parameter.ty == trace::CType::Pointer)
    {
        item(
            out,
            "///",
            "Every pointer is aligned and leads to as many elements as are said above, initialised; where it is `*mut`, they may be written.",
        );
    }
    aliasing(out, emitted, signature);
    item(
        out,
        "///",
        "What the primal demands of its arguments holds for the same arguments here.",
    );
    if interface.panics == Panics::Drop {
        item(out, "///", UNCHECKED);
    }
    if interface.unwinds {
        item(
            out,
            "///",
            match interface.panics {
                Panics::Keep => {
                    "Where the primal panics, so does this; where the message of that is made at run time, the process ends. After a panic what was allocated is lost, and shadows hold a part of their sums."
                }
                Panics::Drop => {
                    "After a panic in what has no derivative, what was allocated is lost, and shadows hold a part of their sums."
                }
            },
        );
    } else if interface.panics == Panics::Keep {
        item(
            out,
            "///",
            "No panic leaves it. If the primal has one whose message is made at run time, the process ends there.",
        );
    }
    item(
        out,
        "///",
        &format!(
            "`{}` comes from the object that was emitted with this declaration.",
            interface.symbol
        ),
    );
}

/// What it means that Enzyme drops checks.
pub(super) const UNCHECKED: &str = "The primal does not panic on them: what leads to a panic is left out, the checks of indices among it, and what happens instead is undefined.";

/// Which buffers may be the same memory.
fn aliasing(out: &mut String, emitted: &Emitted, signature: &Signature) {
    let pointers: Vec<&CParameter> = emitted
        .interface
        .parameters
        .iter()
        .filter(|parameter| parameter.ty == trace::CType::Pointer)
        .collect();
    if pointers.len() < 2 {
        return;
    }
    // Where the primal has one buffer alone, there is nothing that it could share.
    let primals = pointers
        .iter()
        .filter(|parameter| parameter.role == Role::Primal && !parameter.unaliased);
    let is_one = primals.count() < 2;
    let (alone, free): (Vec<&&CParameter>, Vec<&&CParameter>) = pointers
        .iter()
        .partition(|parameter| parameter.unaliased || is_one);
    if !alone.is_empty() {
        let exception = match alone.iter().filter(|each| each.read_only).count() {
            0 | 1 => "",
            _ => ", except that what is only read may overlap what is only read",
        };
        let list = names(&alone);
        item(
            out,
            "///",
            &match free.is_empty() {
                true => format!("No two of the buffers overlap{exception}."),
                false if alone.len() == 1 => format!("{list} overlaps no other buffer."),
                false => format!("{list} overlap no other buffer{exception}."),
            },
        );
    }
    if !free.is_empty() && signature.mode == Mode::Reverse {
        item(
            out,
            "///",
            &format!(
                "{}: where two of the primal's buffers overlap, their shadows overlap in the same way, and no shadow overlaps what is not one.",
                names(&free)
            ),
        );
    }
}

fn names(parameters: &[&&CParameter]) -> String {
    let names: Vec<String> = parameters
        .iter()
        .map(|parameter| format!("`{}`", parameter.name))
        .collect();
    names.join(", ")
}

/// What one parameter is.
fn about(parameter: &CParameter, emitted: &Emitted, signature: &Signature) -> String {
    let of = subject(parameter, signature);
    match (parameter.role, of) {
        (Role::Results, _) => {
            "where the results are stored; it need not be initialised.".to_owned()
        }
        (Role::Seed, _) => match signature.mode {
            Mode::Reverse => {
                let seeds = emitted.interface.parameters.iter();
                match seeds.filter(|each| each.role == Role::Seed).count() {
                    1 => "the adjoint of what the primal returns: 1 gives the gradient.".to_owned(),
                    _ => "the adjoint of this part of what the primal returns.".to_owned(),
                }
            }
            Mode::Forward => "the tangent of what the primal returns.".to_owned(),
        },
        (Role::Length, Some(of)) => {
            let has_shadow = of.activity != Activity::Const;
            let name = called(parameter.of, emitted);
            match has_shadow {
                true => format!("elements of `{name}` and of its shadow."),
                false => format!("elements of `{name}`."),
            }
        }
        (Role::Returned, _) => "where the primal stores what it returns.".to_owned(),
        (Role::Primal, Some(of)) => primal(parameter, of, emitted),
        (Role::Shadow, Some(of)) => shadow(parameter, of, emitted, signature.mode),
        (_, None) => "as the primal has it.".to_owned(),
    }
}

fn primal(parameter: &CParameter, of: &Parameter, emitted: &Emitted) -> String {
    let ty = match rust_type(&of.ty) {
        Some(_) => format!("`{}`", of.ty),
        None => format!("`{}` by its uses", of.ty),
    };
    let kind = match of.activity {
        Activity::Const => "constant, no derivative flows through it",
        Activity::Active => "its adjoint is among the results",
        Activity::Duplicated | Activity::Dual | Activity::Dualv => "",
        Activity::DuplicatedOnly | Activity::DualOnly | Activity::DualvOnly => {
            "what is left in it is not specified"
        }
    };
    let mut words = vec![ty];
    if parameter.ty == trace::CType::Pointer {
        words.extend(extent(parameter, of, emitted));
        if parameter.by_value {
            words.push("copied before it is used".to_owned());
        } else if parameter.read_only {
            words.push("only read".to_owned());
        } else if !is_only(of.activity) {
            words.push("left as the primal leaves it".to_owned());
        }
    }
    if !kind.is_empty() {
        words.push(kind.to_owned());
    }
    format!("{}.", words.join(", "))
}

/// True when the primal's own effect is not needed.
fn is_only(activity: Activity) -> bool {
    matches!(
        activity,
        Activity::DuplicatedOnly | Activity::DualOnly | Activity::DualvOnly
    )
}

/// How much memory a pointer leads to, where its type does not say.
fn extent(parameter: &CParameter, of: &Parameter, emitted: &Emitted) -> Option<String> {
    let length = emitted
        .interface
        .parameters
        .iter()
        .find(|each| each.role == Role::Length && each.of == parameter.of);
    if let Some(length) = length {
        return Some(format!("`{}` elements", length.name));
    }
    let says = rust_type(&of.ty).is_some_and(|ty| ty.element().is_some());
    match (says, parameter.bytes) {
        (false, Some(bytes)) => Some(format!("{bytes} bytes")),
        _ => None,
    }
}

fn shadow(parameter: &CParameter, of: &Parameter, emitted: &Emitted, mode: Mode) -> String {
    let name = called(parameter.of, emitted);
    let deep = match parameter.ty == trace::CType::Pointer
        && rust_type(&of.ty).is_none_or(|ty| !ty.is_plain())
    {
        true => " Pointers in it lead to shadows, too.",
        false => "",
    };
    if mode == Mode::Forward {
        return match (parameter.ty == trace::CType::Pointer, parameter.read_only) {
            (true, false) => format!(
                "the tangent of `{name}`, of the same size: that of what it holds before, and on return that of what it then holds.{deep}"
            ),
            (true, true) => {
                format!(
                    "the tangent of `{name}`, of the same size: the direction, only read.{deep}"
                )
            }
            (false, _) => format!("the tangent of `{name}`: the direction."),
        };
    }
    let primal = emitted
        .interface
        .parameters
        .iter()
        .find(|each| is_own(each) && each.of == parameter.of);
    if primal.is_some_and(|primal| primal.by_value) {
        return format!(
            "of the size of `{name}`, zero on entry, and on return the gradient with respect to `{name}`.{deep}"
        );
    }
    let reads_alone = primal.is_some_and(|primal| primal.read_only);
    match reads_alone {
        true => format!(
            "of the size of `{name}`. The gradient with respect to `{name}` is added to it: zero it first to get that alone.{deep}"
        ),
        false => format!(
            "of the size of `{name}`. On entry the adjoint of what the primal leaves in `{name}` (zero if nothing depends on it), on return that of what was there before: where the primal only reads, the gradient is added; where it overwrites, the adjoint is used up and zero is left.{deep}"
        ),
    }
}

/// True for what the primal itself takes.
fn is_own(parameter: &CParameter) -> bool {
    matches!(parameter.role, Role::Primal | Role::Returned)
}

/// What the primal's parameter is called here.
fn called(of: Option<usize>, emitted: &Emitted) -> String {
    emitted
        .interface
        .parameters
        .iter()
        .find(|each| is_own(each) && each.of == of)
        .map_or_else(|| "a parameter".to_owned(), |each| each.name.clone())
}

/// What a result is.
pub(super) fn result(result: &CResult, emitted: &Emitted) -> String {
    match result.kind {
        ResultKind::Value => "What the primal returns.".to_owned(),
        ResultKind::Tangent => "The tangent of what the primal returns.".to_owned(),
        ResultKind::Adjoint => {
            // `d_x`, and `d_1` of what has no name and is called `_1`.
            let bases = ["d_", "d"].map(|prefix| result.name.strip_prefix(prefix));
            let parameters = &emitted.interface.parameters;
            let part = parameters
                .iter()
                .find(|each| bases.contains(&Some(&each.name)));
            match part {
                Some(part) => format!("The adjoint of `{}`.", part.name),
                None => format!("An adjoint of `{}`.", called(result.of, emitted)),
            }
        }
    }
}

fn lower(words: &str) -> String {
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => String::new(),
    }
}
