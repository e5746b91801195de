//! `irad locate` finds the line at which a derivative goes wrong: of derivatives that are known to be wrong, and of
//! those that are damaged on purpose.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// Runs `irad locate … --json`, and gives the exit code and the document.
fn locate(arguments: &str, fault: Option<&str>) -> (i32, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_irad"));
    command
        .arg("locate")
        .args(arguments.split_whitespace())
        .arg("--json")
        .current_dir(root())
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"));
    if let Some(fault) = fault {
        command.env("IRAD_ENGINE_FAULT", fault);
    }
    let output = command.output().unwrap();
    let document = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code().unwrap_or(-1), document)
}

/// Wrong derivatives: the arguments, a part of a line that is at fault (the place or a rule that makes it), and what
/// the origin is.
const WRONG: &[(&str, &str, &str)] = &[
    (
        "fixtures/numeric/stencils.ll --fn from_next --mode reverse --faithful",
        "call double @llvm.sin.f64(double %_7)",
        "other_value",
    ),
    (
        "fixtures/numeric/stencils.ll --fn from_previous --mode reverse --faithful",
        "fmul double %_5",
        "other_value",
    ),
    (
        "fixtures/numeric/stencils.ll --fn sweep --mode reverse --faithful",
        "call double @llvm.sin.f64(double %_7)",
        "other_value",
    ),
    (
        "fixtures/numeric/blind_spots.ll --fn smoothed_when_long --mode reverse --faithful",
        "call double @llvm.cos.f64(double %self)",
        "other_value",
    ),
    (
        "fixtures/numeric/blind_spots.ll --fn unequal --mode reverse --faithful",
        "call double @llvm.cos.f64(double %self)",
        "other_value",
    ),
    (
        "fixtures/numeric/blind_spots.ll --fn damped --mode reverse --faithful",
        "@llvm.log.f64(double %head)",
        "zero_times_infinite",
    ),
    (
        "fixtures/numeric/blind_spots.ll --fn damped_square --mode reverse --faithful",
        "fmul double %square, %1",
        "zero_times_infinite",
    ),
    (
        "fixtures/numeric/blind_spots.ll --fn damped_or_nothing --mode reverse --faithful",
        "@llvm.log.f64(double %head)",
        "zero_times_infinite",
    ),
    (
        "fixtures/numeric/blind_spots.ll --fn repeated --mode forward --faithful",
        "@llvm.is.fpclass.f64",
        "single_value",
    ),
    (
        "fixtures/numeric/blind_spots.ll --fn repeated --mode reverse --faithful",
        "@llvm.is.fpclass.f64",
        "single_value",
    ),
    (
        "fixtures/numeric/swaps.ll --fn shift_left --mode reverse --faithful",
        "@llvm.memmove",
        "",
    ),
    (
        "fixtures/numeric/functions.ll --fn chosen_pointer --mode forward --faithful",
        "%self = tail call noundef double",
        "other_value",
    ),
    (
        "fixtures/numeric/functions.ll --fn table --mode forward --faithful",
        "%_0 = tail call noundef double %_3",
        "other_value",
    ),
    (
        "fixtures/numeric/functions.ll --fn boxed_stages --mode forward --faithful",
        "tail call noundef double %7",
        "other_value",
    ),
    (
        "fixtures/numeric/copies.ll --fn array_by_value --mode reverse --faithful",
        "load double, ptr %self3.i",
        "other_value",
    ),
    (
        "fixtures/numeric/kinks.ll --fn largest --mode reverse --loose-types --enzyme strict-aliasing=false",
        "select i1 %_8, double %xi",
        "not_known_as_float",
    ),
    (
        "fixtures/numeric/bits.ll --fn fast_log2 --mode reverse --loose-types",
        "bitcast float %x to i32",
        "bits",
    ),
    (
        "fixtures/numeric/bits.ll --fn round_trip --mode reverse --loose-types",
        "bitcast double %x to i64",
        "bits",
    ),
    (
        "fixtures/numeric/options.ll --fn root_or_minus --mode reverse --faithful",
        "fmul double %x, %0",
        "zero_times_infinite",
    ),
    (
        "fixtures/numeric/options.ll --fn root_or_minus_inlined --mode reverse --faithful",
        "fmul double %x, %0",
        "zero_times_infinite",
    ),
    (
        "fixtures/numeric/adapters.ll --fn positive_only --mode reverse --faithful",
        "@llvm.log.f64",
        "zero_times_infinite",
    ),
    (
        "fixtures/numeric/loops.ll --fn squares_of_positive --mode reverse --faithful",
        "fmul double %xi, %xi",
        "not_retraced",
    ),
];

/// The lines that are named: the place, and those whose rules make it.
fn named(place: &Value) -> Vec<&Value> {
    let rules = place["rules"].as_array().unwrap().iter();
    rules.chain([place]).collect()
}

#[test]
fn the_line_of_every_known_fault_is_found() {
    let mut failures = Vec::new();
    for (arguments, line, origin) in WRONG {
        let (code, document) = locate(arguments, None);
        let place = &document["place"];
        if code != 1 || place.is_null() {
            failures.push(format!("{arguments}: exit {code}, {place}"));
            continue;
        }
        let lines: Vec<&str> = named(place)
            .into_iter()
            .filter_map(|line| line["text"].as_str())
            .collect();
        let found = match &place["origin"] {
            Value::String(word) => word.clone(),
            other => other.as_object().unwrap().keys().next().unwrap().clone(),
        };
        if !lines.iter().any(|text| text.contains(line)) || (found != *origin && !origin.is_empty())
        {
            failures.push(format!("{arguments}: {found}, {lines:?}"));
        }
        // One of them reads what nobody wrote.
        let is_random = arguments.contains("array_by_value");
        if document["followed"]["same_bits"] != true && !is_random {
            failures.push(format!("{arguments}: other bits"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Debug info says which line of the source it is.
#[test]
fn the_line_of_the_source_is_told() {
    let (_, document) = locate(WRONG[5].0, None);
    let lines = named(&document["place"]);
    let log = lines
        .iter()
        .find(|line| line["text"].as_str().unwrap().contains("@llvm.log"));
    let source = &log.unwrap()["source"];
    assert_eq!(source["file"], "fixtures/src/numeric/blind_spots.rs");
    assert_eq!(source["line"], 7);
}

/// Right derivatives, of which each is damaged in several ways.
const RIGHT: &[&str] = &[
    "fixtures/model.ll --fn loss",
    "fixtures/branch.ll --fn huber",
    "fixtures/numeric/polynomial.ll --fn horner",
    "fixtures/numeric/carried.ll --fn logistic",
    "fixtures/numeric/ode.ll --fn populations",
    "fixtures/numeric/swaps.ll --fn diffuse",
    "fixtures/numeric/in_place.ll --fn square_repeatedly",
    "fixtures/numeric/layer_norm.ll --fn layer_norm",
    "fixtures/numeric/interpolation.ll --fn catmull_rom",
    "fixtures/numeric/softmax_loss.ll --fn log_sum_exp",
];

#[test]
fn a_right_derivative_is_right() {
    for function in &RIGHT[..3] {
        for mode in ["forward", "reverse"] {
            let (code, document) = locate(&format!("{function} --mode {mode}"), None);
            assert_eq!(code, 0, "{function} {mode}");
            assert_eq!(document["right"], true);
            assert!(document["place"].is_null());
        }
    }
}

/// What a damage was done to: the line of the derivative, and the line of the primal that it belongs to.
fn damaged(document: &Value) -> Option<(u64, u64)> {
    let notes = document["notes"].as_array()?;
    let words = notes.iter().filter_map(Value::as_str);
    let words = words
        .filter_map(|note| note.strip_prefix("damaged on purpose: line "))
        .next()?;
    let mut numbers = words
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|word| word.parse().ok());
    Some((numbers.next()?, numbers.next()?))
}

/// Fifty damages that make a derivative wrong: of 48 the line is found. A damage may leave the derivative right, such as
/// a place that is not emptied after its last use.
#[test]
fn damages_are_found() {
    const DAMAGES: usize = 50;
    const FOUND: usize = 48;
    let mut wrong = 0;
    let mut missed = Vec::new();
    for seed in 0..40 {
        for (nth, function) in RIGHT.iter().enumerate() {
            for mode in ["reverse", "forward"] {
                // Each function in either mode, damaged somewhere else each time.
                if wrong == DAMAGES || (seed + nth) % 2 == usize::from(mode == "forward") {
                    continue;
                }
                let seed = seed * 100 + nth;
                let arguments = format!("{function} --mode {mode}");
                let (code, document) = locate(&arguments, Some(&format!("{seed}@damage")));
                let Some((line, of)) = damaged(&document) else {
                    continue;
                };
                if code == 0 {
                    continue;
                }
                wrong += 1;
                let place = &document["place"];
                let is_found = code == 1
                    && !place.is_null()
                    && (named(place).iter().any(|line| line["line"] == of)
                        || place["made_by"]
                            .as_array()
                            .unwrap()
                            .iter()
                            .any(|made| made["line"] == line));
                if !is_found {
                    missed.push(format!("{arguments}, {seed}: {}", document["notes"]));
                }
            }
        }
    }
    assert_eq!(wrong, DAMAGES);
    assert!(missed.len() <= DAMAGES - FOUND, "{}", missed.join("\n"));
}
