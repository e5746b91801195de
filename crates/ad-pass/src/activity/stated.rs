//! Activities that somebody stated (`--activity`, `--wrt`).

use trace::{Activity, ActivityReason, AdOptions, Diagnosis, Help, Kind, Mode, Note, Problem};

use crate::activity::candidate::Candidate;
use crate::types::ty::{ActivityClass, Ty};

/// With `--wrt` all that is not named is constant.
pub(crate) fn narrow(candidates: &mut [Candidate], ad: &AdOptions) -> Result<(), Diagnosis> {
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
                Problem::NotDifferentiable {
                    parameter: parameter.name.clone(),
                    ty: parameter.ty.clone(),
                    reason: parameter.reason,
                },
            )
            .with_help(Help::WrtNames));
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
            return Err(Diagnosis::new(
                Kind::Signature,
                Problem::WrtContradicts {
                    parameter: name.clone(),
                    activity: *activity,
                    named: wanted.contains(&at),
                },
            )
            .with_help(Help::WrtOrActivity));
        }
    }
    for (at, candidate) in candidates.iter_mut().enumerate() {
        if !wanted.contains(&at) {
            candidate.parameter.activity = Activity::Const;
            candidate.parameter.reason = ActivityReason::NotWrt;
        }
    }
    Ok(())
}

/// Puts the stated activities in, where they make sense.
pub(crate) fn state(
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
                return Err(Diagnosis::new(Kind::Signature, Problem::NoResultToActivate));
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
        candidate.parameter.reason = ActivityReason::Stated;
    }
    Ok(())
}

fn twice(flag: &str, name: &str) -> Diagnosis {
    Diagnosis::new(
        Kind::Signature,
        Problem::Twice {
            flag: flag.to_owned(),
            parameter: name.to_owned(),
        },
    )
    .with_help(Help::NamedOnce)
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
        Problem::Activity {
            parameter: name.to_owned(),
            ty: candidate.parameter.ty.clone(),
            activity,
            mode,
        },
    );
    if Activity::of_mode(mode).contains(&activity) {
        diagnosis.note(match candidate.shape.ty.activity_class() {
            ActivityClass::Value => Note::ValueHasNoShadow,
            ActivityClass::Bits => Note::BitsHaveNoAdjoint,
            ActivityClass::Memory if matches!(activity, Activity::Dualv | Activity::DualvOnly) => {
                Note::DualvIsForSlices
            }
            ActivityClass::Memory => Note::MemoryHasShadow,
            ActivityClass::Constant => Note::NoDerivativeFlows,
        });
    }
    diagnosis.with_help(Help::CanBe(choices.to_vec()))
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
        let names: Vec<String> = candidates
            .iter()
            .map(|c| c.parameter.name.clone())
            .collect();
        Diagnosis::new(
            Kind::Signature,
            Problem::NoSuchParameter {
                parameter: name.to_owned(),
            },
        )
        .with_help(match names.is_empty() {
            true => Help::NoParameters,
            false => Help::ParametersByNumber(names),
        })
    })
}
