//! What Enzyme refuses, and what is doubtful though Enzyme accepts it: every cause that irad tells
//! apart has a fixture, and says its reasons as text and as JSON.

use std::fs;

use serde_json::Value;

use crate::run::{check, head, irad, root, rows, stdout, transcript};

/// Fixture, function, mode, further flags, and what is told: the cause of a refusal, or a word of a warning.
type Case = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static str,
);

rows! {
    says_its_reasons, REFUSED: [Case]:
    alloc_box_boxed_square_reverse => ("alloc_box", "boxed_square", "reverse", &["--prepare", "none"], "allocation"),
    alloc_push_logistic_orbit_reverse => ("alloc_push", "logistic_orbit", "reverse", &["--prepare", "none"], "allocation"),
    atomic_add_reverse => ("atomic", "add", "reverse", &[], "atomic"),
    atomic_add_bits_reverse => ("atomic", "add_bits", "reverse", &[], "atomic"),
    bits_inverse_root_reverse => ("bits", "inverse_root", "reverse", &[], "float_bits"),
    bits_sum_of_bits_reverse => ("bits", "sum_of_bits", "reverse", &[], "float_bits"),
    black_box_hidden_reverse => ("black_box", "hidden", "reverse", &[], "inline_assembly"),
    chain_loss_forward => ("chain", "loss", "forward", &[], "external_call"),
    chain_loss_reverse => ("chain", "loss", "reverse", &[], "external_call"),
    copy_save_reverse => ("copy", "save", "reverse", &[], "unknown_type"),
    dyn_call_scaled_area_forward => ("dyn_call", "scaled_area", "forward", &[], "indirect_call"),
    dyn_call_scaled_area_reverse => ("dyn_call", "scaled_area", "reverse", &[], "indirect_call"),
    external_surface_forward => ("external", "surface", "forward", &[], "external_call"),
    external_surface_reverse => ("external", "surface", "reverse", &[], "external_call"),
    globals_cube_by_library_reverse => ("globals", "cube_by_library", "reverse", &[], "global_memory"),
    hash_map_looked_up_reverse => ("hash_map", "looked_up", "reverse", &[], "allocation"),
    indirect_table_or_square_reverse => ("indirect", "table_or_square", "reverse", &[], "external_call"),
    inline_asm_three_halves_forward => ("inline_asm", "three_halves", "forward", &[], "inline_assembly"),
    inline_asm_three_halves_reverse => ("inline_asm", "three_halves", "reverse", &[], "inline_assembly"),
    libm_angle_reverse => ("libm", "angle", "reverse", &[], "math_library"),
    libm_gamma_single_reverse => ("libm", "gamma_single", "reverse", &[], "math_library"),
    libm_log_gamma_plain_reverse => ("libm", "log_gamma_plain", "reverse", &[], "math_library"),
    libm_neighbour_forward => ("libm", "neighbour", "forward", &[], "math_library"),
    libm_neighbour_reverse => ("libm", "neighbour", "reverse", &[], "math_library"),
    list_evaluate_reverse => ("list", "evaluate", "reverse", &["--faithful"], ""),
    mixed_select_parabola_reverse => ("mixed_select", "parabola", "reverse", &["--faithful"], "mixed_activity"),
    mixed_struct_product_forward => ("mixed_struct", "product", "forward", &[], "mixed_activity"),
    mutex_add_reverse => ("mutex", "add", "reverse", &["--faithful"], "atomic"),
    option_root_or_zero_reverse => ("option", "root_or_zero", "reverse", &["--faithful"], "unknown_type"),
    packed_area_reverse => ("packed", "area", "reverse", &[], "float_bits"),
    passenger_hottest_reverse => ("passenger", "hottest", "reverse", &[], "unknown_type"),
    payload_log_reverse => ("payload", "log", "reverse", &[], "shared_bytes"),
    payload_log_length_reverse => ("payload", "log_length", "reverse", &[], "shared_bytes"),
    print_residual_forward => ("print", "residual", "forward", &["--faithful"], "printing"),
    print_residual_reverse => ("print", "residual", "reverse", &["--faithful"], "printing"),
    reasons_either_way_reverse => ("reasons", "either_way", "reverse", &[], "address_arithmetic"),
    reasons_inverse_roots_reverse => ("reasons", "inverse_roots", "reverse", &[], "processor_instruction"),
    reasons_running_total_reverse => ("reasons", "running_total", "reverse", &[], "global_memory"),
    reasons_sum_of_list_reverse => ("reasons", "sum_of_list", "reverse", &["--faithful"], "integers"),
    reasons_through_layers_reverse => ("reasons", "through_layers", "reverse", &[], "indirect_call"),
    sort_median_reverse => ("sort", "median", "reverse", &[], "unknown_type"),
    unoptimised_pairs_reverse => ("unoptimised", "pairs", "reverse", &["--prepare", "none"], "unoptimised"),
    unwinding_caught_reverse => ("unwinding", "caught", "reverse", &["--prepare", "none"], "shared_bytes"),
}

// Accepted by Enzyme, and doubtful.
rows! {
    stands_above_the_result, DOUBTFUL: [Case]:
    doubtful_dyn_call_scaled_area_forward => (
        "dyn_call", "scaled_area", "forward", &["--activity", "shape=Const"], "its methods",
    ),
    doubtful_copy_save_reverse => ("copy", "save", "reverse", &["--loose-types"], "guessed"),
    doubtful_external_surface_reverse => (
        "external", "surface", "reverse", &["--inactive", "lookup"], "--inactive says so",
    ),
    doubtful_globals_cube_by_library_reverse => (
        "globals", "cube_by_library", "reverse", &["--enzyme", "globals-default-inactive=true"], "take for constant",
    ),
    doubtful_globals_cube_by_module_reverse => ("globals", "cube_by_module", "reverse", &[], "is a global"),
    doubtful_indirect_twice_reverse => ("indirect", "twice", "reverse", &[], "through a pointer"),
    doubtful_over_optimised_relu_into_forward => ("over_optimised", "relu_into", "forward", &[], "vectorised"),
    doubtful_over_optimised_relu_into_reverse => ("over_optimised", "relu_into", "reverse", &[], "vectorised"),
    doubtful_pairs_cloned_reverse => ("pairs", "cloned", "reverse", &[], "lose their adjoints"),
    doubtful_pairs_growing_reverse => ("pairs", "growing", "reverse", &[], "lose their adjoints"),
    doubtful_unwinding_counted_reverse => ("unwinding", "counted", "reverse", &[], "unwinds"),
}

fn command<'a>(path: &'a str, function: &'a str, mode: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut command = vec!["diff", path, "--fn", function, "--mode", mode];
    command.extend(more);
    command
}

/// What allocates is accepted as a rule; these are refused where it is not prepared.
fn path_of(file: &str) -> String {
    match file.starts_with("alloc_") {
        true => format!("fixtures/{file}.ll"),
        false => format!("fixtures/refused/{file}.ll"),
    }
}

/// Refusals whose whole document is a golden; of the others fields are compared with the text.
const DOCUMENTS: [&str; 3] = [
    "chain_loss_forward",
    "external_surface_reverse",
    "list_evaluate_reverse",
];

/// Refusals that end with another code than 3: Enzyme breaks off, or irad does not ask it at all.
const CODES: [(&str, i32); 5] = [
    ("atomic_add_bits_reverse", 4),
    ("dyn_call_scaled_area_forward", 2),
    ("dyn_call_scaled_area_reverse", 2),
    ("libm_log_gamma_plain_reverse", 4),
    ("list_evaluate_reverse", 4),
];

fn says_its_reasons(name: &str, (file, function, mode, more, cause): Case) {
    let path = path_of(file);
    let mut arguments = command(&path, function, mode, more);
    let text = transcript(&arguments);
    check(&format!("refused_{name}"), &text);

    arguments.push("--json");
    let output = irad(&arguments).output().unwrap();
    let json = stdout(&output);
    if DOCUMENTS.contains(&name) {
        check(&format!("refused_{name}_json"), &json);
    }
    let document: Value = serde_json::from_str(&json).unwrap();
    let error = &document["error"];
    let code = CODES.iter().find(|(other, _)| *other == name);
    let code = code.map_or(3, |(_, code)| *code);
    assert_eq!(output.status.code(), Some(code), "{json}");
    assert_eq!(error["code"], code, "{json}");
    assert!(text.ends_with(&format!("--- exit {code}\n")), "{text}");

    let diagnosis = &error["diagnosis"];
    assert_eq!(diagnosis["cause"].as_str().unwrap_or(""), cause, "{json}");
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    if code == 3 {
        assert_ne!(list(&diagnosis["frames"]), [] as [Value; 0], "{json}");
        let instruction = &diagnosis["instruction"]["text"];
        assert_eq!(error["place"]["text"], *instruction, "{json}");
    }
    // Both say the same, but for the flag in commands.
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = flat(&text);
    let mut said = vec![error["message"].clone()];
    said.extend(list(&error["notes"]));
    said.extend(list(&error["help"]));
    assert!(said.len() > 2, "{json}");
    for sentence in said {
        let sentence = flat(&sentence.as_str().unwrap().replace(" --json", ""));
        assert!(text.contains(&sentence), "{sentence}\n{text}");
    }
    for attempt in list(&diagnosis["tries"]) {
        let flags: Vec<&str> = attempt["flags"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(Value::as_str)
            .collect();
        let command = attempt["command"].as_str().unwrap();
        assert!(command.ends_with(&flags.join(" ")), "{command}");
        assert!(text.contains(&flags.join(" ")), "{flags:?}\n{text}");
    }
}

fn stands_above_the_result(name: &str, (file, function, mode, more, word): Case) {
    let path = format!("fixtures/refused/{file}.ll");
    let mut arguments = command(&path, function, mode, more);
    let text = transcript(&arguments);
    let head = head(&text);
    let flat = head.replace("\n  ", " ");
    assert!(flat.contains("warning: ") && flat.contains(word), "{text}");
    check(name, &head);

    arguments.push("--json");
    let output = irad(&arguments).output().unwrap();
    let document: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let remarks = document["remarks"].as_array().unwrap();
    let warned = remarks.iter().any(|remark| {
        remark["severity"] == "warning" && remark["message"].as_str().unwrap().contains(word)
    });
    assert!(warned, "{name}: {remarks:?}");
}

/// Warnings of memory that is written over.
const LOOP: &str = "another iteration of it writes over";
const MOVE: &str = "moved onto itself";

rows! {
    memory_that_is_written_over_is_doubted:
    stencils_from_next => ("stencils", "from_next", Some(LOOP)),
    stencils_from_previous => ("stencils", "from_previous", Some(LOOP)),
    stencils_sweep => ("stencils", "sweep", Some(LOOP)),
    stencils_linear_sweep => ("stencils", "linear_sweep", None),
    stencils_out_of_place => ("stencils", "out_of_place", None),
    stencils_carried => ("stencils", "carried", None),
    in_place_square_repeatedly => ("in_place", "square_repeatedly", None),
    nbody_leapfrog => ("nbody", "leapfrog", None),
    swaps_shift_left => ("swaps", "shift_left", Some(MOVE)),
    swaps_shift_left_by_loop => ("swaps", "shift_left_by_loop", None),
    swaps_diffuse => ("swaps", "diffuse", None),
}

/// What reverse mode alone gets wrong in silence is warned of, and what helps against it is not: neither what the
/// function does, nor irad's own preparation.
fn memory_that_is_written_over_is_doubted(
    _: &str,
    (file, function, word): (&str, &str, Option<&str>),
) {
    let path = format!("fixtures/numeric/{file}.ll");
    let name = format!("{file}::{function}");
    for (mode, is_faithful) in [("reverse", true), ("reverse", false), ("forward", true)] {
        let mut arguments = vec!["show", &path, "--fn", &name, "--mode", mode];
        if is_faithful {
            arguments.push("--faithful");
        }
        let output = irad(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{name}");
        let errors = String::from_utf8_lossy(&output.stderr);
        for kind in [LOOP, MOVE] {
            let wanted = word == Some(kind) && mode == "reverse" && is_faithful;
            assert_eq!(errors.contains(kind), wanted, "{arguments:?}: {errors}");
        }
    }
}

#[test]
fn no_fixture_is_left_out() {
    // Accepted without a doubt; they show that the cause is none.
    const ACCEPTED: &[&str] = &["relu", "volatile"];
    for entry in fs::read_dir(root().join("fixtures/refused")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let name = name.trim_end_matches(".ll");
        let named = REFUSED
            .iter()
            .chain(DOUBTFUL)
            .any(|(_, (file, ..))| *file == name);
        assert!(
            named || ACCEPTED.contains(&name),
            "fixtures/refused/{name}.ll has no golden"
        );
    }
}

#[test]
fn what_is_suggested_can_be_pasted() {
    let path = "fixtures/refused/external.ll";
    let arguments = [
        "diff", path, "--fn", "surface", "--mode", "reverse", "--json",
    ];
    let output = irad(&arguments).output().unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let tries = document["error"]["diagnosis"]["tries"].as_array().unwrap();
    assert!(tries.iter().any(|attempt| attempt["accepted"] == true));
    for attempt in tries {
        let command = attempt["command"].as_str().unwrap();
        let words: Vec<&str> = command.split(' ').skip(1).collect();
        let output = irad(&words).output().unwrap();
        assert_eq!(
            output.status.success(),
            attempt["accepted"] == true,
            "{command}"
        );
    }
}
