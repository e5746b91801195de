//! Chooses what each parameter is to the derivative, in `std::autodiff`'s words.

use inkwell::module::Module;
use inkwell::values::FunctionValue;
use trace::{
    Activity, AdOptions, Diagnosis, Kind, Mode, Parameter, RustSignature, Signature, TypeSource,
};

use crate::types::enzyme_type;
use crate::types::fit::fit;
use crate::types::object;
use crate::types::parameters::{self, ActivityClass, Raw, Shape, Ty};
use crate::types::places::Places;

/// What a function's parameters are to its derivative, and what lies where behind them.
pub(crate) struct Chosen {
    pub(crate) signature: Signature,
    /// The parameters as they were found.
    pub(crate) shapes: Vec<Shape>,
    /// By the IR parameter's position.
    pub(crate) places: Vec<(usize, Places)>,
    /// Of each slice, by the IR parameter's position, the bytes from one element to the next.
    pub(crate) strides: Vec<(usize, u64)>,
    /// What was known and could not be used, a sentence each.
    pub(crate) notes: Vec<String>,
    /// What the derivative misses, a sentence each.
    pub(crate) warnings: Vec<String>,
}

/// The reason for an activity that somebody chose.
const STATED: &str = "stated";

/// A parameter or the result, with what activities are chosen by.
struct Candidate {
    shape: Shape,
    parameter: Parameter,
    /// It is what the function returns.
    is_result: bool,
}

/// Chooses activities: those that were stated, and for the rest the defaults: floats are
/// differentiated, memory that may hold floats has a shadow, everything else is constant.
///
/// Types are those that were stated, else those of `enzyme_type` attributes and the debug info, else
/// what the IR and the uses show. Refuses a signature or activity that does not fit, and a function
/// where nothing would be differentiated, and says why for each parameter.
pub(crate) fn assume<'c>(
    module: &Module<'c>,
    function: FunctionValue<'c>,
    ad: &AdOptions,
    debug_info: Option<&RustSignature>,
) -> Result<Chosen, Diagnosis> {
    directions(ad)?;
    let mut notes = Vec::new();
    let raw = parameters::raw(module, function);
    let returned = parameters::returned(function);
    let known = ad.signature.as_ref().or(debug_info);
    let shapes = shapes(&raw, returned.as_ref(), ad, debug_info, &mut notes)?;
    let shapes = attributed(shapes, function, ad, &mut notes);
    let found = shapes.clone();

    let mut result = returned.map(|ty| Candidate::returned(ty, known, ad));
    let mut result_at = None;
    let mut candidates = Vec::new();
    for shape in shapes {
        if matches!(shape.ty, Ty::Result { .. }) && result_at.is_none() {
            result_at = Some(shape.first);
            result = Some(Candidate::written(shape, ad.mode));
        } else {
            candidates.push(Candidate::parameter(shape, ad.mode));
        }
    }
    let states = !ad.activities.is_empty() || !ad.wrt.is_empty();
    narrow(&mut candidates, ad)?;
    state(&mut candidates, result.as_mut(), ad)?;
    let mut warnings = Vec::new();
    for candidate in &candidates {
        let is_stated = candidate.parameter.reason == STATED;
        warnings.extend(object::check(
            function,
            &candidate.shape,
            is_stated,
            ad.mode,
        )?);
    }
    let through_memory = candidates.iter().any(|candidate| {
        candidate.parameter.activity != Activity::Const
            && candidate.shape.ty.activity_class() == ActivityClass::Memory
    });
    let mut places = Vec::new();
    let mut strides = Vec::new();
    for candidate in candidates.iter_mut().chain(&mut result) {
        if candidate.is_result && result_at.is_none() {
            continue;
        }
        let activity = candidate.parameter.activity;
        candidate.parameter.parts = candidate.shape.parts(activity, ad.mode);
        places.extend(candidate.shape.places());
        strides.extend(
            candidate
                .shape
                .stride()
                .map(|stride| (candidate.shape.first, stride)),
        );
    }
    let signature = Signature {
        function: function.get_name().to_string_lossy().into_owned(),
        mode: ad.mode,
        parameters: candidates.into_iter().map(|c| c.parameter).collect(),
        returns: result.map(|c| c.parameter),
        result_at,
        assumed: !states,
        width: ad.width,
        primal_returned: ad.return_primal,
        split: ad.split,
    };
    sensible(&signature, through_memory)?;
    Ok(Chosen {
        signature,
        shapes: found,
        places,
        strides,
        notes,
        warnings,
    })
}

/// Refuses a width or a split that the mode does not have.
fn directions(ad: &AdOptions) -> Result<(), Diagnosis> {
    if ad.width == 0 || ad.width > AdOptions::MOST_DIRECTIONS {
        return Err(Diagnosis::new(
            Kind::Signature,
            format!("a derivative cannot follow {} directions", ad.width),
        )
        .with_help(format!(
            "--width takes a number from 1 to {}",
            AdOptions::MOST_DIRECTIONS
        )));
    }
    match ad.mode {
        Mode::Reverse if ad.width > 1 => Err(Diagnosis::new(
            Kind::Signature,
            "reverse mode follows one output, and has no width",
        )
        .with_help("--mode forward takes --width; reverse mode gives the whole gradient at once")),
        Mode::Forward if ad.split => Err(Diagnosis::new(
            Kind::Signature,
            "forward mode needs no tape, and cannot be split",
        )
        .with_help("--split is for --mode reverse")),
        _ => Ok(()),
    }
}

fn shapes(
    raw: &[Raw],
    returned: Option<&Ty>,
    ad: &AdOptions,
    debug_info: Option<&RustSignature>,
    notes: &mut Vec<String>,
) -> Result<Vec<Shape>, Diagnosis> {
    let found = || parameters::parameters(raw);
    let in_ir = || {
        let types: Vec<String> = found()
            .iter()
            .filter(|shape| !matches!(shape.ty, Ty::Result { .. }))
            .map(|shape| format!("{}: {}", shape.name, shape.ty.text()))
            .collect();
        let written = found()
            .into_iter()
            .find(|shape| matches!(shape.ty, Ty::Result { .. }));
        let result = match (returned, written) {
            (Some(ty), _) => format!(" -> {}", ty.text()),
            (None, Some(written)) => format!(" -> {}", written.ty.text()),
            (None, None) => String::new(),
        };
        format!("({}){result}", types.join(", "))
    };
    if let Some(stated) = &ad.signature {
        return fit(raw, returned, stated, TypeSource::Stated).map_err(|why| {
            let mut diagnosis = Diagnosis::new(Kind::Signature, why);
            diagnosis.note(format!("stated: {stated}"));
            diagnosis.note(format!("the IR has: {}", in_ir()));
            diagnosis
                .with_help("irad list shows each function's parameters; a slice is a pointer and a length there")
        });
    }
    let Some(known) = debug_info else {
        return Ok(found());
    };
    // Debug info that does not fit is of another shape than this function is by now.
    Ok(
        fit(raw, returned, known, TypeSource::DebugInfo).unwrap_or_else(|why| {
            notes.push(format!(
                "the debug info does not fit what the function is by now, and was not used: it has {known}, the IR {}",
                in_ir()
            ));
            notes.push(format!("what does not fit: {why}"));
            found()
        }),
    )
}

/// Adds what `enzyme_type` attributes say, which counts for more than debug info.
fn attributed(
    mut shapes: Vec<Shape>,
    function: FunctionValue<'_>,
    ad: &AdOptions,
    notes: &mut Vec<String>,
) -> Vec<Shape> {
    for shape in &mut shapes {
        for at in shape.first..shape.first + shape.count {
            match enzyme_type::of_parameter(function, at) {
                None => {}
                Some(Ok(_)) if ad.signature.is_some() => notes.push(format!(
                    "the enzyme_type attribute of {} was not used, because the signature is stated",
                    shape.name
                )),
                Some(Ok(places)) => {
                    shape.stated.push((at, places));
                    shape.source = TypeSource::Attributes;
                }
                Some(Err(text)) => notes.push(format!(
                    "the enzyme_type attribute of {} cannot be read: {text}",
                    shape.name
                )),
            }
        }
    }
    shapes
}

impl Candidate {
    fn parameter(shape: Shape, mode: Mode) -> Self {
        let (activity, reason) = choose(&shape, mode);
        Candidate {
            parameter: Parameter {
                name: shape.name.clone(),
                first: shape.first,
                count: shape.count,
                ty: shape.text(),
                activity,
                parts: Vec::new(),
                reason,
                source: shape.source,
            },
            shape,
            is_result: false,
        }
    }

    /// A result that is written where the caller says.
    fn written(shape: Shape, mode: Mode) -> Self {
        let mut candidate = Candidate::parameter(shape, mode);
        candidate.parameter.name = String::new();
        candidate.is_result = true;
        candidate
    }

    /// A result in registers.
    fn returned(ty: Ty, known: Option<&RustSignature>, ad: &AdOptions) -> Self {
        let stated = ad.signature.is_some();
        let known = known.and_then(|known| known.returns.clone());
        let source = match (&known, stated) {
            (None, _) => TypeSource::Uses,
            (Some(_), true) => TypeSource::Stated,
            (Some(_), false) => TypeSource::DebugInfo,
        };
        let shape = Shape {
            name: String::new(),
            first: 0,
            count: 1,
            ty,
            known,
            source,
            stated: Vec::new(),
        };
        let mut candidate = Candidate::parameter(shape, ad.mode);
        // What a returned pointer leads to belongs to somebody else.
        if candidate.shape.ty.activity_class() == ActivityClass::Memory {
            candidate.parameter.activity = Activity::Const;
            "a pointer".clone_into(&mut candidate.parameter.reason);
        }
        candidate.is_result = true;
        candidate
    }

    /// What it is called in errors.
    fn called(&self) -> &str {
        if self.is_result {
            "return"
        } else {
            &self.parameter.name
        }
    }
}

/// With `--wrt` all that is not named is constant.
fn narrow(candidates: &mut [Candidate], ad: &AdOptions) -> Result<(), Diagnosis> {
    if ad.wrt.is_empty() {
        return Ok(());
    }
    let mut wanted = Vec::new();
    for name in &ad.wrt {
        let at = position(candidates, name)?;
        let parameter = &candidates[at].parameter;
        if parameter.activity == Activity::Const {
            return Err(Diagnosis::new(
                Kind::Signature,
                format!(
                    "{} ({}) cannot be differentiated: {}",
                    parameter.name, parameter.ty, parameter.reason
                ),
            )
            .with_help("--wrt names floats and memory that holds floats"));
        }
        if wanted.contains(&at) {
            return Err(twice("--wrt", &parameter.name));
        }
        wanted.push(at);
    }
    // The two flags may say the same, and not the opposite.
    for (name, activity) in &ad.activities {
        if name == "return" {
            continue;
        }
        let at = position(candidates, name)?;
        if wanted.contains(&at) == (*activity == Activity::Const) {
            let is = if wanted.contains(&at) { "is" } else { "is not" };
            return Err(Diagnosis::new(
                Kind::Signature,
                format!("{name} is stated to be {activity}, and {is} among those of --wrt"),
            )
            .with_help("what --wrt names is differentiated, and all else is Const: leave one of the two flags away"));
        }
    }
    for (at, candidate) in candidates.iter_mut().enumerate() {
        if !wanted.contains(&at) {
            candidate.parameter.activity = Activity::Const;
            "not among those of --wrt".clone_into(&mut candidate.parameter.reason);
        }
    }
    Ok(())
}

fn twice(flag: &str, name: &str) -> Diagnosis {
    Diagnosis::new(Kind::Signature, format!("{flag} names {name} twice"))
        .with_help("each parameter is named once, by its name or its position")
}

/// Puts the stated activities in, where they make sense.
fn state(
    candidates: &mut [Candidate],
    mut result: Option<&mut Candidate>,
    ad: &AdOptions,
) -> Result<(), Diagnosis> {
    // Which were named; the result stands behind the parameters.
    let mut named = Vec::new();
    for (name, activity) in &ad.activities {
        let (at, candidate) = match (name.as_str(), result.as_deref_mut()) {
            ("return", Some(result)) => (candidates.len(), result),
            ("return", None) => {
                return Err(Diagnosis::new(
                    Kind::Signature,
                    "the function returns nothing that could be active",
                ));
            }
            _ => {
                let at = position(candidates, name)?;
                (at, &mut candidates[at])
            }
        };
        if named.contains(&at) {
            return Err(twice("--activity", candidate.called()));
        }
        named.push(at);
        let choices = choices(candidate, ad);
        if !choices.contains(activity) {
            return Err(refused(candidate, name, *activity, &choices, ad.mode));
        }
        candidate.parameter.activity = *activity;
        STATED.clone_into(&mut candidate.parameter.reason);
    }
    Ok(())
}

/// An activity that does not fit, why, and what does.
fn refused(
    candidate: &Candidate,
    name: &str,
    activity: Activity,
    choices: &[Activity],
    mode: Mode,
) -> Diagnosis {
    let mut diagnosis = Diagnosis::new(
        Kind::Signature,
        format!(
            "{name} ({}) cannot be {activity} in {mode} mode",
            candidate.parameter.ty
        ),
    );
    if Activity::of_mode(mode).contains(&activity) {
        diagnosis.note(match candidate.shape.ty.activity_class() {
            ActivityClass::Value => "a value has its adjoint returned, and no shadow in memory",
            ActivityClass::Bits => "floats packed into an integer have no adjoint",
            ActivityClass::Memory if matches!(activity, Activity::Dualv | Activity::DualvOnly) => {
                "Dualv has the shadows of all directions behind each other, and where each begins only a slice's length says"
            }
            ActivityClass::Memory => "memory has a shadow, which adjoints are added to",
            ActivityClass::Constant => "no derivative flows through it",
        });
    }
    let names: Vec<String> = choices.iter().map(ToString::to_string).collect();
    diagnosis.with_help(format!("it can be {}", names.join(" or ")))
}

/// What a parameter may be: an adjoint is returned for a scalar, and memory has a shadow.
fn choices(candidate: &Candidate, ad: &AdOptions) -> Vec<Activity> {
    let activity_class = candidate.shape.ty.activity_class();
    let in_registers = candidate.is_result && !matches!(candidate.shape.ty, Ty::Result { .. });
    Activity::of_mode(ad.mode)
        .iter()
        .copied()
        .filter(|activity| match activity {
            Activity::Const => true,
            Activity::Active => activity_class == ActivityClass::Value,
            Activity::Duplicated | Activity::DuplicatedOnly => {
                activity_class == ActivityClass::Memory
            }
            Activity::DualOnly if in_registers => activity_class == ActivityClass::Value,
            Activity::Dual | Activity::DualOnly => activity_class != ActivityClass::Constant,
            Activity::Dualv | Activity::DualvOnly => candidate.shape.stride().is_some(),
        })
        .collect()
}

/// Position of the parameter of that name or number.
fn position(candidates: &[Candidate], name: &str) -> Result<usize, Diagnosis> {
    let by_name = candidates.iter().position(|c| c.parameter.name == name);
    let by_number = || {
        name.parse()
            .ok()
            .filter(|&at: &usize| at < candidates.len())
    };
    by_name.or_else(by_number).ok_or_else(|| {
        let names = candidates.iter().map(|c| c.parameter.name.as_str());
        let names: Vec<&str> = names.collect();
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

fn choose(shape: &Shape, mode: Mode) -> (Activity, String) {
    let (scalar, memory) = match mode {
        Mode::Forward => (Activity::Dual, Activity::Dual),
        Mode::Reverse => (Activity::Active, Activity::Duplicated),
    };
    if shape.ty.activity_class() == ActivityClass::Memory && !matches!(shape.ty, Ty::Pair(_)) {
        match shape.may_reach_floats() {
            Some(true) => return (memory, "memory that holds floats".to_owned()),
            Some(false) => return (Activity::Const, "memory that holds no float".to_owned()),
            None => {}
        }
    }
    match &shape.ty {
        Ty::Float(_) => (scalar, "a float".to_owned()),
        Ty::Integer(_) => (Activity::Const, "an integer".to_owned()),
        Ty::FloatBits(_) => (
            Activity::Const,
            "floats packed into an integer, which have no shadow of their own".to_owned(),
        ),
        Ty::Slice(contents) | Ty::Pointer { contents, .. } | Ty::Result { contents, .. } => {
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
        Ty::Pair(_) => {
            let all = match shape.ty.activity_class() {
                ActivityClass::Memory => memory,
                _ => scalar,
            };
            let parts = shape.parts(all, mode);
            let differentiated = |wanted: Activity| parts.contains(&wanted);
            if differentiated(memory) && all == memory {
                (memory, "a pair that leads to memory with floats".to_owned())
            } else if differentiated(scalar) {
                (scalar, "a pair with a float".to_owned())
            } else {
                (Activity::Const, "a pair without a float".to_owned())
            }
        }
        Ty::Object => (
            Activity::Const,
            "a trait object, of which nothing is known before run time".to_owned(),
        ),
        Ty::Aggregate {
            floats_only: true, ..
        } => (scalar, "floats".to_owned()),
        Ty::Aggregate { .. } => (
            Activity::Const,
            "an aggregate that is not floats alone".to_owned(),
        ),
    }
}

/// A derivative needs something to come from and something to go to.
fn sensible(signature: &Signature, through_memory: bool) -> Result<(), Diagnosis> {
    let differentiated = |parameter: &&Parameter| parameter.activity != Activity::Const;
    let inputs = signature.parameters.iter().filter(differentiated).count();
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
