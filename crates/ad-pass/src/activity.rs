//! Chooses what each parameter is to the derivative, in `std::autodiff`'s words.

use inkwell::module::Module;
use inkwell::values::FunctionValue;
use trace::{
    Activity, Concrete, Diagnosis, How, Kind, Mode, Parameter, RustSignature, Signature, TypeSource,
};

use crate::signature::{self, Shape, Ty};

/// What a function's parameters are to its derivative, and what lies where behind them.
pub(crate) struct Chosen {
    pub(crate) signature: Signature,
    /// The parameters as they were found.
    pub(crate) shapes: Vec<Shape>,
    /// By the IR parameter's position.
    pub(crate) places: Vec<(usize, Places)>,
}

/// What lies where behind a parameter, as Enzyme is told it.
pub(crate) type Places = Vec<(Vec<i64>, Concrete)>;

/// Chooses activities: those that were stated, and for the rest the defaults: floats are
/// differentiated, memory that may hold floats has a shadow, everything else is constant.
///
/// Types are those that were stated, else those of the debug info, else what the IR and the uses show.
/// Refuses a signature or activity that does not fit, and a function where nothing would be
/// differentiated, and says why for each parameter.
pub(crate) fn assume<'c>(
    module: &Module<'c>,
    function: FunctionValue<'c>,
    how: &How,
    debug_info: Option<&RustSignature>,
) -> Result<Chosen, Diagnosis> {
    directions(how)?;
    let shapes = shapes(module, function, how, debug_info)?;
    let mut parameters: Vec<Parameter> = shapes
        .iter()
        .map(|shape| parameter(shape, how.mode))
        .collect();
    let mut returns = signature::returned(function).map(|ty| {
        let (activity, reason) = choose_return(&ty, how.mode);
        Parameter {
            name: String::new(),
            first: 0,
            count: 1,
            ty: ty.text(),
            activity,
            reason,
            source: TypeSource::Uses,
        }
    });
    let states = !how.activities.is_empty() || !how.wrt.is_empty();
    narrow(&mut parameters, how)?;
    state(&mut parameters, returns.as_mut(), how)?;
    let signature = Signature {
        function: function.get_name().to_string_lossy().into_owned(),
        mode: how.mode,
        parameters,
        returns,
        assumed: !states,
        width: how.width,
        primal_returned: how.return_primal,
        split: how.split,
    };
    sensible(&signature)?;
    let places = shapes
        .iter()
        .filter_map(|shape| Some((shape.first, signature::places(shape)?)))
        .collect();
    Ok(Chosen {
        signature,
        shapes,
        places,
    })
}

/// Refuses a width or a split that the mode does not have.
fn directions(how: &How) -> Result<(), Diagnosis> {
    if how.width == 0 || how.width > How::MOST_DIRECTIONS {
        return Err(Diagnosis::new(
            Kind::Signature,
            format!("a derivative cannot follow {} directions", how.width),
        )
        .with_help(format!(
            "--width takes a number from 1 to {}",
            How::MOST_DIRECTIONS
        )));
    }
    match how.mode {
        Mode::Reverse if how.width > 1 => Err(Diagnosis::new(
            Kind::Signature,
            "reverse mode follows one output, and has no width",
        )
        .with_help("--mode forward takes --width; reverse mode gives the whole gradient at once")),
        Mode::Forward if how.split => Err(Diagnosis::new(
            Kind::Signature,
            "forward mode needs no tape, and cannot be split",
        )
        .with_help("--split is for --mode reverse")),
        _ => Ok(()),
    }
}

fn shapes<'c>(
    module: &Module<'c>,
    function: FunctionValue<'c>,
    how: &How,
    debug_info: Option<&RustSignature>,
) -> Result<Vec<Shape>, Diagnosis> {
    let found = signature::parameters(module, function);
    if let Some(stated) = &how.signature {
        return signature::overlay(found.clone(), stated, TypeSource::Stated).map_err(|why| {
            let types: Vec<String> = found
                .iter()
                .map(|shape| format!("{}: {}", shape.name, shape.ty.text()))
                .collect();
            let mut diagnosis = Diagnosis::new(Kind::Signature, why);
            diagnosis.note(format!("stated: {stated}"));
            diagnosis.note(format!("the IR has: ({})", types.join(", ")));
            diagnosis
                .with_help("irad list shows each function's parameters; a slice is a pointer and a length there")
        });
    }
    // Debug info that does not fit is of another shape than this function is by now.
    let known = debug_info
        .and_then(|known| signature::overlay(found.clone(), known, TypeSource::DebugInfo).ok());
    Ok(known.unwrap_or(found))
}

/// With `--wrt` all that is not named is constant.
fn narrow(parameters: &mut [Parameter], how: &How) -> Result<(), Diagnosis> {
    if how.wrt.is_empty() {
        return Ok(());
    }
    let mut wanted = Vec::new();
    for name in &how.wrt {
        let at = position(parameters, name)?;
        if parameters[at].activity == Activity::Const {
            return Err(Diagnosis::new(
                Kind::Signature,
                format!(
                    "{} ({}) cannot be differentiated: {}",
                    parameters[at].name, parameters[at].ty, parameters[at].reason
                ),
            )
            .with_help("--wrt names floats and memory that holds floats"));
        }
        wanted.push(at);
    }
    for (at, parameter) in parameters.iter_mut().enumerate() {
        if !wanted.contains(&at) {
            parameter.activity = Activity::Const;
            "not among those of --wrt".clone_into(&mut parameter.reason);
        }
    }
    Ok(())
}

/// Puts the stated activities in, where they make sense.
fn state(
    parameters: &mut [Parameter],
    returns: Option<&mut Parameter>,
    how: &How,
) -> Result<(), Diagnosis> {
    let mut returns = returns;
    for (name, activity) in &how.activities {
        let parameter = match (name.as_str(), returns.as_deref_mut()) {
            ("return", Some(returns)) => returns,
            ("return", None) => {
                return Err(Diagnosis::new(
                    Kind::Signature,
                    "the function returns nothing that could be active",
                ));
            }
            _ => {
                let at = position(parameters, name)?;
                &mut parameters[at]
            }
        };
        let choices = choices(parameter, how.mode);
        if !choices.contains(activity) {
            let names: Vec<String> = choices.iter().map(ToString::to_string).collect();
            return Err(Diagnosis::new(
                Kind::Signature,
                format!(
                    "{name} ({}) cannot be {activity} in {} mode",
                    parameter.ty, how.mode
                ),
            )
            .with_help(format!("it can be {}", names.join(" or "))));
        }
        parameter.activity = *activity;
        "stated".clone_into(&mut parameter.reason);
    }
    Ok(())
}

/// What a parameter may be: an adjoint is returned for a scalar, and memory has a shadow.
fn choices(parameter: &Parameter, mode: Mode) -> Vec<Activity> {
    let is_memory = parameter.ty.contains(['&', '*']) || parameter.ty.starts_with("Box");
    let is_result = parameter.name.is_empty();
    Activity::of_mode(mode)
        .iter()
        .copied()
        .filter(|activity| match activity {
            Activity::Active => !is_memory,
            Activity::Duplicated | Activity::DuplicatedOnly => is_memory,
            Activity::DualOnly => !is_result || !is_memory,
            Activity::Dual | Activity::Const => true,
            Activity::Dualv | Activity::DualvOnly => false,
        })
        .collect()
}

/// Position of the parameter of that name or number.
fn position(parameters: &[Parameter], name: &str) -> Result<usize, Diagnosis> {
    let by_name = parameters.iter().position(|p| p.name == name);
    let by_number = || {
        name.parse()
            .ok()
            .filter(|&at: &usize| at < parameters.len())
    };
    by_name.or_else(by_number).ok_or_else(|| {
        let names: Vec<&str> = parameters.iter().map(|p| p.name.as_str()).collect();
        Diagnosis::new(
            Kind::Signature,
            format!("the function has no parameter {name}"),
        )
        .with_help(match names.is_empty() {
            true => "it has no parameters at all".to_owned(),
            false => format!(
                "its parameters are {} (or 0 to {})",
                names.join(", "),
                names.len() - 1
            ),
        })
    })
}

fn parameter(shape: &Shape, mode: Mode) -> Parameter {
    let (mut activity, mut reason) = choose(&shape.ty, mode);
    let leads_somewhere = matches!(shape.ty, Ty::Slice(_) | Ty::Pointer { .. } | Ty::Result(_));
    if leads_somewhere {
        let memory = match mode {
            Mode::Forward => Activity::Dual,
            Mode::Reverse => Activity::Duplicated,
        };
        match shape.may_reach_floats() {
            Some(true) => {
                activity = memory;
                "memory that holds floats".clone_into(&mut reason);
            }
            Some(false) => {
                activity = Activity::Const;
                "memory that holds no float".clone_into(&mut reason);
            }
            None => {}
        }
    }
    Parameter {
        name: shape.name.clone(),
        first: shape.first,
        count: shape.count,
        ty: shape.text(),
        activity,
        reason,
        source: shape.source,
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
