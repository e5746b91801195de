//! Refuses a derivative that would come from nothing or go to nothing.

use trace::{Activity, Diagnosis, Help, Kind, Note, Parameter, Problem, Signature};

/// A derivative needs something to come from and something to go to.
pub(crate) fn sensible(signature: &Signature, through_memory: bool) -> Result<(), Diagnosis> {
    let differentiated = |parameter: &&Parameter| parameter.activity != Activity::Const;
    let inputs = signature.parameters.iter().filter(differentiated).count();
    let returned = signature.returns.iter().filter(differentiated).count() > 0;
    if inputs > 0 && (returned || through_memory) {
        return Ok(());
    }
    let note = |parameter: &Parameter| Note::Parameter {
        name: parameter.name.clone(),
        activity: parameter.activity,
        ty: parameter.ty.clone(),
        reason: parameter.reason,
    };
    let mut diagnosis = Diagnosis::new(
        Kind::Mode,
        Problem::NothingFlows {
            mode: signature.mode,
            function: signature.function.clone(),
            inputs: inputs > 0,
        },
    )
    .with_help(Help::ChooseFloats);
    diagnosis.notes = signature.parameters.iter().map(note).collect();
    if signature.parameters.is_empty() {
        diagnosis.note(Note::NoParameters);
    }
    diagnosis.note(signature.returns.as_ref().map_or(Note::NoResult, note));
    Err(diagnosis)
}
