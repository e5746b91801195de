//! Chooses what each parameter is to the derivative, in `std::autodiff`'s words.

use inkwell::module::Module;
use inkwell::values::FunctionValue;
use trace::{
    Activity, ActivityReason, AdOptions, Diagnosis, Doubt, Help, Kind, Mode, Note, Problem,
    RemarkKind, RustSignature, RustType, Signature, TypeSource,
};

use crate::activity::candidate::Candidate;
use crate::activity::sensible::sensible;
use crate::activity::stated::{narrow, state};
use crate::types::enzyme_type;
use crate::types::fit::fit;
use crate::types::object;
use crate::types::parameters;
use crate::types::places::Places;
use crate::types::raw::{self, Raw};
use crate::types::shape::Shape;
use crate::types::ty::{ActivityClass, Ty};

/// What a function's parameters are to its derivative, and what lies where behind them.
pub(crate) struct Chosen {
    pub(crate) signature: Signature,
    /// The parameters as they were found.
    pub(crate) shapes: Vec<Shape>,
    /// What the function returns, where that is known.
    pub(crate) returns: Option<RustType>,
    /// By the IR parameter's position.
    pub(crate) places: Vec<(usize, Places)>,
    /// Of each slice, by the IR parameter's position, the bytes from one element to the next.
    pub(crate) strides: Vec<(usize, u64)>,
    /// What was known and could not be used.
    pub(crate) notes: Vec<RemarkKind>,
    /// What the derivative misses.
    pub(crate) doubts: Vec<Doubt>,
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
    let raw = raw::raw(module, function);
    let returned = parameters::returned(function);
    let known = ad.signature.as_ref().or(debug_info);
    let shapes = shapes(&raw, returned.as_ref(), ad, debug_info, &mut notes)?;
    let shapes = attributed(shapes, function, ad, &mut notes);
    let found = shapes.clone();

    let returns = known.and_then(|known| known.returns.clone());
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
    let mut doubts = Vec::new();
    for candidate in &candidates {
        let is_stated = candidate.parameter.reason == ActivityReason::Stated;
        doubts.extend(object::check(
            function,
            &candidate.shape,
            is_stated,
            ad.mode,
        )?);
        if candidate.parameter.activity == Activity::Const {
            doubts.extend(object::constant(function, &candidate.shape));
        }
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
        returns,
        places,
        strides,
        notes,
        doubts,
    })
}

/// Refuses a width or a split that the mode does not have.
fn directions(ad: &AdOptions) -> Result<(), Diagnosis> {
    if ad.width == 0 || ad.width > AdOptions::MOST_DIRECTIONS {
        return Err(
            Diagnosis::new(Kind::Signature, Problem::Directions { width: ad.width }).with_help(
                Help::WidthTakes {
                    most: AdOptions::MOST_DIRECTIONS,
                },
            ),
        );
    }
    match ad.mode {
        Mode::Reverse if ad.width > 1 => {
            Err(Diagnosis::new(Kind::Signature, Problem::ReverseHasNoWidth)
                .with_help(Help::WidthIsForward))
        }
        Mode::Forward if ad.split => {
            Err(Diagnosis::new(Kind::Signature, Problem::ForwardHasNoTape)
                .with_help(Help::SplitIsReverse))
        }
        _ => Ok(()),
    }
}

fn shapes(
    raw: &[Raw],
    returned: Option<&Ty>,
    ad: &AdOptions,
    debug_info: Option<&RustSignature>,
    notes: &mut Vec<RemarkKind>,
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
            let mut diagnosis = Diagnosis::new(Kind::Signature, Problem::Misfit(why));
            diagnosis.note(Note::Stated(stated.to_string()));
            diagnosis.note(Note::InIr(in_ir()));
            diagnosis.with_help(Help::ListShowsParameters)
        });
    }
    let Some(known) = debug_info else {
        return Ok(found());
    };
    // Debug info that does not fit is of another shape than this function is by now.
    Ok(
        fit(raw, returned, known, TypeSource::DebugInfo).unwrap_or_else(|why| {
            notes.push(RemarkKind::DebugInfoUnfit {
                known: known.to_string(),
                found: in_ir(),
            });
            notes.push(RemarkKind::DebugInfoMisfit(why));
            found()
        }),
    )
}

/// Adds what `enzyme_type` attributes say, which takes precedence over debug info.
fn attributed(
    mut shapes: Vec<Shape>,
    function: FunctionValue<'_>,
    ad: &AdOptions,
    notes: &mut Vec<RemarkKind>,
) -> Vec<Shape> {
    for shape in &mut shapes {
        for at in shape.first..shape.first + shape.count {
            match enzyme_type::of_parameter(function, at) {
                None => {}
                Some(Ok(_)) if ad.signature.is_some() => notes.push(RemarkKind::AttributeUnused {
                    parameter: shape.name.clone(),
                }),
                Some(Ok(places)) => {
                    shape.stated.push((at, places));
                    shape.source = TypeSource::Attributes;
                }
                Some(Err(text)) => notes.push(RemarkKind::AttributeUnreadable {
                    parameter: shape.name.clone(),
                    text,
                }),
            }
        }
    }
    shapes
}
