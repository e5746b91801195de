//! Chooses what each parameter is to the derivative, in `std::autodiff`'s words.

use inkwell::module::Module;
use inkwell::values::FunctionValue;
use trace::{Activity, Diagnosis, Kind, Mode, Parameter, Signature};

use crate::signature::{self, Shape, Ty};

/// The default activities of a function: floats are differentiated, memory that may hold floats
/// has a shadow, everything else is constant.
///
/// Refuses a function where nothing would be differentiated, and says why for each parameter.
pub(crate) fn assume<'c>(
    module: &Module<'c>,
    function: FunctionValue<'c>,
    mode: Mode,
) -> Result<Signature, Diagnosis> {
    let parameters: Vec<Parameter> = signature::parameters(module, function)
        .into_iter()
        .map(|shape| parameter(shape, mode))
        .collect();
    let returns = signature::returned(function).map(|ty| {
        let (activity, reason) = choose_return(&ty, mode);
        Parameter {
            name: String::new(),
            first: 0,
            count: 1,
            ty: ty.text(),
            activity,
            reason,
        }
    });
    let signature = Signature {
        function: function.get_name().to_string_lossy().into_owned(),
        mode,
        parameters,
        returns,
        assumed: true,
    };
    sensible(&signature)?;
    Ok(signature)
}

fn parameter(shape: Shape, mode: Mode) -> Parameter {
    let (activity, reason) = choose(&shape.ty, mode);
    Parameter {
        name: shape.name,
        first: shape.first,
        count: shape.count,
        ty: shape.ty.text(),
        activity,
        reason,
    }
}

fn choose(ty: &Ty, mode: Mode) -> (Activity, String) {
    let (scalar, memory) = match mode {
        Mode::Forward => (Activity::Dual, Activity::Dual),
        Mode::Reverse => (Activity::Active, Activity::Duplicated),
    };
    match ty {
        Ty::Float(_) => (scalar, "a float".to_owned()),
        Ty::Integer(_) => (Activity::Const, "an integer".to_owned()),
        Ty::FloatBits(_) => (
            Activity::Const,
            "floats packed into an integer, which have no shadow of their own".to_owned(),
        ),
        Ty::Slice(contents) | Ty::Pointer { contents, .. } | Ty::Result(contents) => {
            if !contents.floats.is_empty() {
                (memory, "memory that holds floats".to_owned())
            } else if contents.may_hold_floats() {
                (memory, "memory that may hold floats".to_owned())
            } else {
                (
                    Activity::Const,
                    "memory that no float is read from or written to".to_owned(),
                )
            }
        }
        Ty::Aggregate {
            floats_only: true, ..
        } => (scalar, "floats".to_owned()),
        Ty::Aggregate { .. } => (
            Activity::Const,
            "an aggregate that is not floats alone".to_owned(),
        ),
    }
}

fn choose_return(ty: &Ty, mode: Mode) -> (Activity, String) {
    match ty {
        // What a returned pointer leads to belongs to somebody else.
        Ty::Slice(_) | Ty::Pointer { .. } | Ty::Result(_) => {
            (Activity::Const, "a pointer".to_owned())
        }
        other => choose(other, mode),
    }
}

/// A derivative needs something to come from and something to go to.
fn sensible(signature: &Signature) -> Result<(), Diagnosis> {
    let differentiated = |parameter: &&Parameter| parameter.activity != Activity::Const;
    let inputs = signature.parameters.iter().filter(differentiated).count();
    let through_memory = signature.parameters.iter().any(|parameter| {
        matches!(
            parameter.activity,
            Activity::Duplicated | Activity::DuplicatedOnly | Activity::Dual | Activity::DualOnly
        ) && parameter.reason.starts_with("memory")
    });
    let returned = signature.returns.iter().filter(differentiated).count() > 0;
    if inputs > 0 && (returned || through_memory) {
        return Ok(());
    }
    let mut why: Vec<String> = signature
        .parameters
        .iter()
        .map(|p| format!("{} is {} ({}): {}", p.name, p.activity, p.ty, p.reason))
        .collect();
    if signature.parameters.is_empty() {
        why.push("it has no parameters".to_owned());
    }
    why.push(match &signature.returns {
        Some(returns) => format!(
            "what it returns is {} ({}): {}",
            returns.activity, returns.ty, returns.reason
        ),
        None => "it returns nothing".to_owned(),
    });
    let what = if inputs == 0 {
        "no parameter can be differentiated"
    } else {
        "no result can be differentiated"
    };
    let mut diagnosis = Diagnosis::new(
        Kind::Mode,
        format!(
            "{} mode makes no sense for {}: {what}",
            signature.mode, signature.function
        ),
    )
    .with_help("choose a function that takes and gives floats: irad list shows the types of each");
    diagnosis.notes = why;
    Err(diagnosis)
}
