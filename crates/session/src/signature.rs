//! A request's signature as one line of text.

use trace::{Parameter, Signature};

/// `loss(w: &[f64] Duplicated, y: f64 Active) -> f64 Active`.
pub fn line(signature: &Signature) -> String {
    let parameters: Vec<String> = signature.parameters.iter().map(parameter).collect();
    let returns = returned(signature);
    format!(
        "{}({}){returns}",
        ir_load::demangle(&signature.function),
        parameters.join(", ")
    )
}

/// `w: &[f64] Duplicated`.
pub fn parameter(parameter: &Parameter) -> String {
    format!(
        "{}: {} {}",
        parameter.name, parameter.ty, parameter.activity
    )
}

/// ` -> f64 Active`, and whether the primal's value comes along.
pub fn returned(signature: &Signature) -> String {
    let Some(returns) = &signature.returns else {
        return String::new();
    };
    let without = match signature.primal_returned {
        true => "",
        false => ", primal not returned",
    };
    format!(" -> {} {}{without}", returns.ty, returns.activity)
}
