//! A derivative that is wrong, and how it stays so.

use serde::{Deserialize, Serialize};
use session::hear::hear;
use session::module::Module;
use session::{request, rust_signature};
use trace::{
    AdOptions, Check, CheckFault, Checked, Comparison, Judgement, Limits, Pipeline, ReferenceBy,
    Signature, enzyme,
};

use super::failing::fails_like;
use crate::failure::Failure;

/// A function of a module whose derivative is wrong at one point.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Wrong {
    /// The function's symbol.
    pub(super) symbol: String,
    /// How it is differentiated: as it stands, because it is prepared already.
    pub(super) ad: AdOptions,
    /// The point.
    pub(super) check: Check,
    /// What is wrong.
    pub(super) what: What,
    /// That in words, as it was at first.
    pub(super) words: String,
    /// How often the module says `undef` or `poison`, which a reduction puts for what is needed.
    pub(super) undefined: usize,
    /// The call that asks Enzyme's pass for the derivative, apart from the names of values.
    pub(super) call: String,
    /// Enzyme's options, as LLVM's parser takes them.
    pub(super) options: Vec<String>,
}

/// What is wrong with a derivative.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum What {
    /// One output differs from what it should be by a factor.
    Factor {
        /// The output: with respect to what, or of what, as a check names it.
        place: String,
        /// Differences agree with dual numbers about what it should be.
        is_sure: bool,
    },
    /// One output is not a number, and should be one.
    NotANumber {
        /// The output.
        place: String,
    },
    /// It does what no code may do.
    Fault {
        /// Which kind of fault.
        kind: String,
    },
}

/// Outputs that differ by less than this, relative to the larger number, may come from rounding.
const FACTOR: f64 = 0.02;

impl What {
    /// What a check finds wrong.
    fn of(checked: &Checked) -> Option<Self> {
        let worst = |judgement| {
            let parts = checked.differences.iter();
            let mut failed = parts.filter(move |part| part.judgement == judgement);
            failed.find_map(|part| part.worst.clone())
        };
        if let Some(found) = worst(Judgement::Disagrees).filter(is_by_a_factor) {
            Some(What::Factor {
                place: found.place,
                is_sure: found.by == ReferenceBy::Both,
            })
        } else if let Some(found) = worst(Judgement::Nan) {
            Some(What::NotANumber { place: found.place })
        } else {
            checked
                .faults
                .first()
                .map(|fault| What::Fault { kind: kind(fault) })
        }
    }

    /// The words for it, if a check finds the same.
    fn seen(&self, checked: &Checked) -> Option<String> {
        let mut worst = checked
            .differences
            .iter()
            .filter(|part| part.judgement.is_failure())
            .filter_map(|part| part.worst.as_ref());
        match self {
            What::Factor { place, is_sure } => worst
                .find(|found| {
                    found.place == *place
                        && is_by_a_factor(found)
                        && (!is_sure || found.by == ReferenceBy::Both)
                })
                .filter(|_| checked.faults.is_empty())
                .map(said),
            What::NotANumber { place } => worst
                .find(|found| {
                    found.place == *place
                        && !found.derivative.is_finite()
                        && found.reference.is_finite()
                })
                .map(said),
            What::Fault { kind: wanted } => {
                let mut faults = checked.faults.iter();
                let fault = faults.find(|fault| kind(fault) == *wanted)?;
                Some(fault.to_string())
            }
        }
    }
}

fn said(found: &Comparison) -> String {
    format!(
        "the derivative at {} is {}, and should be {}",
        found.place, found.derivative, found.reference
    )
}

fn is_by_a_factor(found: &Comparison) -> bool {
    let (has, should) = (found.derivative, found.reference);
    let size = has.abs().max(should.abs());
    has.is_finite() && should.is_finite() && (has - should).abs() > FACTOR * size && size > 1e-9
}

fn kind(fault: &CheckFault) -> String {
    let value = serde_json::to_value(fault).unwrap_or_default();
    match value.as_object().and_then(|fault| fault.keys().next()) {
        Some(key) => key.clone(),
        None => value.to_string(),
    }
}

/// What is wrong with the derivative of a prepared function, at one point; nothing if a check finds it right.
/// `check` says on which inputs.
pub(super) fn find(
    text: &[u8],
    symbol: &str,
    ad: &AdOptions,
    check: Check,
    options: &[String],
    limits: Limits,
) -> Result<Option<Wrong>, Failure> {
    let Some(call) = call(text) else {
        return Ok(None);
    };
    let mut ad = AdOptions {
        prepare: Pipeline::None,
        faithful: true,
        noalias: Vec::new(),
        unchanged: Vec::new(),
        keep: Vec::new(),
        inline: Vec::new(),
        ..ad.clone()
    };
    let check = Check {
        cross: false,
        all_inputs: true,
        ..check
    };
    let Some((checked, signature)) = checked(text, symbol, &ad, &check, limits)? else {
        return Ok(None);
    };
    if !checked.disagrees() {
        return Ok(None);
    }
    // Debug info goes first when a module gets smaller. Where its types can be written down, what it says stays.
    let signatures = match &ad.signature {
        Some(given) => vec![Some(given.clone())],
        None => {
            let known = signature.as_ref().and_then(rust_signature::stated);
            known.map(Some).into_iter().chain([None]).collect()
        }
    };
    let undefined = undefined(text);
    // The point that was the worst, or else any other.
    let worst = What::of(&checked).and_then(|what| match what {
        What::Factor { place, .. } | What::NotANumber { place } => {
            let parts = checked.differences.iter();
            let mut found = parts.filter_map(|part| part.worst.as_ref());
            found
                .find(|found| found.place == place)
                .map(|found| found.point as usize)
        }
        What::Fault { .. } => None,
    });
    let mut points: Vec<usize> = (0..checked.inputs.len()).collect();
    points.sort_by_key(|at| Some(*at) != worst);
    let tries = signatures
        .iter()
        .flat_map(|signature| points.iter().map(move |at| (signature, *at)));
    for (signature, at) in tries {
        ad.signature.clone_from(signature);
        let check = Check {
            inputs: vec![checked.inputs[at].clone()],
            lengths: Vec::new(),
            ranges: Vec::new(),
            points: 1,
            ..check.clone()
        };
        let Some((found, _)) = self::checked(text, symbol, &ad, &check, limits)? else {
            continue;
        };
        let Some(what) = What::of(&found).filter(|_| found.disagrees()) else {
            continue;
        };
        let Some(words) = what.seen(&found) else {
            continue;
        };
        return Ok(Some(Wrong {
            symbol: symbol.to_owned(),
            ad,
            check,
            what,
            words,
            undefined,
            call,
            options: options.to_vec(),
        }));
    }
    Ok(None)
}

/// What is wrong with a candidate, in words, if it is what is wanted.
pub(super) fn still_wrong(
    text: &[u8],
    wrong: &Wrong,
    limits: Limits,
) -> Result<Option<String>, Failure> {
    if undefined(text) > wrong.undefined || call(text).as_deref() != Some(wrong.call.as_str()) {
        return Ok(None);
    }
    let found = checked(text, &wrong.symbol, &wrong.ad, &wrong.check, limits)?;
    let Some(words) = found.and_then(|(checked, _)| wrong.what.seen(&checked)) else {
        return Ok(None);
    };
    let is_accepted = fails_like(text, &wrong.options, limits)?.is_none();
    Ok(is_accepted.then_some(words))
}

/// The call that asks Enzyme's pass for a derivative. Values have no names, because a smaller module has others.
fn call(text: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(text);
    let line = text
        .lines()
        .map(str::trim_start)
        .find(|line| line.contains("call ") && line.contains(&format!("@{}", enzyme::RESERVED)))?;
    let line = match line.split_once(" = ") {
        Some((_, call)) => call,
        None => line,
    };
    // What stands behind the arguments are numbers of attributes and of metadata.
    let line = &line[..line.rfind(')')?];
    let mut out = String::new();
    let mut in_name = false;
    for c in line.chars() {
        in_name = c == '%' || (in_name && (c.is_ascii_alphanumeric() || "._-$\"".contains(c)));
        if !in_name || c == '%' {
            out.push(c);
        }
    }
    Some(out)
}

/// Checks a function of a module; nothing if that does not come to its end.
fn checked(
    text: &[u8],
    symbol: &str,
    ad: &AdOptions,
    check: &Check,
    limits: Limits,
) -> Result<Option<(Checked, Option<Signature>)>, Failure> {
    let module = Module::from_bytes("case.ll", text.to_vec());
    let request = request::check(&module, symbol, ad.clone(), check.clone(), limits);
    let (answer, end) = hear(&request, &module, &mut |_| {})?;
    let trace = answer.trace;
    Ok(trace
        .checked
        .filter(|_| end.is_none())
        .map(|checked| (checked, trace.signature)))
}

/// How often a module says that a value is undefined.
fn undefined(text: &[u8]) -> usize {
    String::from_utf8_lossy(text)
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| matches!(*word, "undef" | "poison"))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(derivative: f64, reference: f64) -> Comparison {
        Comparison {
            place: "x[1]".to_owned(),
            derivative,
            reference,
            by: ReferenceBy::Both,
            point: 0,
            step: None,
            estimated: None,
        }
    }

    #[test]
    fn a_factor_is_more_than_rounding_and_less_than_infinite() {
        assert!(is_by_a_factor(&found(0.0, 2.0)));
        assert!(is_by_a_factor(&found(2.0, 1.0)));
        assert!(!is_by_a_factor(&found(1.0, 1.000_001)));
        assert!(!is_by_a_factor(&found(f64::NAN, 1.0)));
        assert!(!is_by_a_factor(&found(1e-300, 0.0)));
    }

    #[test]
    fn a_call_is_the_same_with_other_names() {
        let before = b"  call void (...) @__enzyme_autodiff_irad(ptr @f, ptr @enzyme_dup, ptr %x.0, ptr %1), !dbg !7\n";
        let after = b"  call void (...) @__enzyme_autodiff_irad(ptr @f, ptr @enzyme_dup, ptr %0, ptr %x) #1\n";
        let other = b"  call void (...) @__enzyme_autodiff_irad(ptr @f, ptr @enzyme_dup, ptr %0, ptr null)\n";
        assert!(call(before).is_some());
        assert_ne!(call(before), call(other));
        assert_eq!(call(before), call(after));
    }

    #[test]
    fn what_is_undefined_is_counted_as_words() {
        assert_eq!(undefined(b"  %undefined = fadd double undef, poison\n"), 2);
    }
}
