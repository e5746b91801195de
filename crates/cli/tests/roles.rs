//! `irad explain`: what must hold of the roles of every derivative, whatever function it is of. Each function
//! in each mode is a test.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

use libtest_mimic::{Arguments, Trial};
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn irad(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_irad"))
        .args(arguments)
        .current_dir(root())
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
        .output()
        .unwrap()
}

/// Functions that say something which few others say, beside the first ones of every fixture.
const CHOSEN: [(&str, &str); 8] = [
    ("numeric/adapters", "adapters::roughness"),
    ("numeric/pairs", "pairs::weighed_product_of_halves"),
    ("numeric/generics", "generics::product"),
    ("numeric/math_f32", "math_f32::powf"),
    ("numeric/recursive", "recursive::power"),
    ("numeric/structs", "structs::stiffened"),
    ("alloc_push", "alloc_push::logistic_orbit"),
    ("gpt_gelu", "gpt_gelu::backward"),
];

/// One line of a derivative, taken apart.
struct Line<'a> {
    text: &'a str,
    role: &'a str,
    of: Option<usize>,
    defines: Option<&'a str>,
    opcode: &'a str,
    uses: Vec<&'a str>,
}

impl<'a> Line<'a> {
    fn new(line: &'a Value) -> Line<'a> {
        let text = line["text"].as_str().unwrap();
        let (defines, rest) = parted(text);
        Line {
            text,
            role: line["role"].as_str().unwrap_or_default(),
            of: line["of"].as_u64().map(|of| of as usize),
            defines,
            opcode: opcode(rest),
            uses: values(rest),
        }
    }
}

/// The value that an instruction defines, and the rest of it without metadata.
fn parted(text: &str) -> (Option<&str>, &str) {
    let text = text.split(", !").next().unwrap();
    match text.split_once(" = ") {
        Some((name, rest)) if name.starts_with('%') => (Some(name), rest),
        _ => (None, text),
    }
}

fn opcode(text: &str) -> &str {
    let text = text.strip_prefix("tail ").unwrap_or(text);
    text.split_whitespace().next().unwrap_or_default()
}

/// The local values in a piece of IR.
fn values(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        rest = &rest[at..];
        let end = match rest[1..].strip_prefix('"') {
            Some(quoted) => quoted.find('"').map_or(rest.len(), |end| end + 3),
            None => rest[1..]
                .find(|letter: char| !letter.is_alphanumeric() && !"-_.$".contains(letter))
                .map_or(rest.len(), |end| end + 1),
        };
        found.push(&rest[..end]);
        rest = &rest[end..];
    }
    found
}

/// What does not hold of one explanation.
fn contradictions(document: &Value) -> Vec<String> {
    let primal = document["primal"]["lines"].as_array().unwrap();
    let lines: Vec<Line> = document["derivative"]["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(Line::new)
        .collect();
    assert!(
        !lines.is_empty() && !primal.is_empty(),
        "nothing is explained"
    );
    let is_forward = document["mode"] == "forward";
    let defined: HashMap<&str, &Line> = lines
        .iter()
        .filter_map(|line| Some((line.defines?, line)))
        .collect();
    let is_derivative = |value: &str| {
        value == "%differeturn"
            || defined
                .get(value)
                .is_some_and(|line| matches!(line.role, "adjoint" | "tangent"))
    };
    let of_primal = |at: usize| primal[at - 1]["text"].as_str().unwrap();
    let mut found = Vec::new();
    for line in &lines {
        let mut wrong = |what: &str| found.push(format!("{what}: {} {}", line.role, line.text));
        let foreign = match is_forward {
            true => ["adjoint", "cache", "recompute"].as_slice(),
            false => ["tangent"].as_slice(),
        };
        if foreign.contains(&line.role) {
            wrong("a role of the other mode");
        }
        // A callee's derivative returns the callee's own value too.
        let is_primal = line.role == "primal" && !matches!(line.opcode, "extractvalue");
        if (is_primal || line.role == "recompute")
            && line.uses.iter().any(|value| is_derivative(value))
        {
            wrong("the primal needs a derivative");
        }
        if line.role == "adjoint" && line.opcode == "store" {
            let to = line.uses.last().copied().unwrap_or_default();
            let is_derivatives = to.contains('\'')
                || defined
                    .get(to)
                    .is_some_and(|line| matches!(line.role, "adjoint" | "shadow"));
            if !is_derivatives {
                wrong("an adjoint in the primal's memory");
            }
        }
        let Some(of) = line.of else { continue };
        let theirs = opcode(parted(of_primal(of)).1);
        let is_same = line.opcode == theirs;
        match line.role {
            "primal" if !is_same => {
                let leaves_loop = line.defines.is_some_and(|name| name.contains("_lcssa"));
                let returns = theirs == "ret" || line.opcode == "extractvalue";
                // Code that Enzyme has inlined counts as the call that it came from.
                if !leaves_loop && !returns && theirs != "call" {
                    wrong("a copy of another instruction");
                }
            }
            "recompute" => {
                let is_choice = line.opcode == "select" && theirs == "phi";
                if !is_same && !is_choice && theirs != "call" {
                    wrong("computed again, and another instruction");
                }
                if is_same && theirs != "call" && primal[of - 1]["recomputed"] != true {
                    wrong("computed again, and the primal does not say so");
                }
            }
            "tangent" => {
                let line = &primal[of - 1];
                if line["active"] != true && line["propagates"] != true {
                    wrong("the tangent of a constant");
                }
            }
            _ => {}
        }
    }
    for (at, line) in primal.iter().enumerate() {
        for (fate, role) in [("recomputed", "recompute"), ("cached", "cache")] {
            let mut of = lines.iter().filter(|line| line.of == Some(at + 1));
            if line[fate] == true && !of.any(|line| line.role == role) {
                found.push(format!("{fate} nowhere: {}", line["text"]));
            }
        }
    }
    found
}

/// The table of checks names functions of every fixture that have derivatives: the first of each file.
fn first_of_each() -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join("fixtures/numeric/checks.toml")).unwrap();
    let table: toml::Table = toml::from_str(&text).unwrap();
    let files = table
        .iter()
        .filter(|(file, _)| !file.starts_with("numeric/"));
    files
        .map(|(file, functions)| {
            let (label, entry) = functions.as_table().unwrap().iter().next().unwrap();
            let function = entry.get("fn").and_then(|name| name.as_str());
            (file.clone(), function.unwrap_or(label).to_owned())
        })
        .collect()
}

fn main() -> ExitCode {
    let mut asked = first_of_each();
    assert!(asked.len() > 30, "{asked:?}");
    asked.extend(CHOSEN.map(|(file, function)| (format!("{file}.ll"), function.to_owned())));
    let mut trials = Vec::new();
    for (file, function) in asked {
        for mode in ["reverse", "forward"] {
            let (file, function) = (file.clone(), function.clone());
            trials.push(Trial::test(
                format!("{file}::{function}::{mode}"),
                move || {
                    explains_without_contradiction(&file, &function, mode);
                    Ok(())
                },
            ));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn explains_without_contradiction(name: &str, function: &str, mode: &str) {
    let file = format!("fixtures/{name}");
    let output = irad(&[
        "explain",
        &file,
        "--fn",
        function,
        "--mode",
        mode,
        "--after",
        "derivative",
        "--json",
    ]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", document["error"]);
    let found = contradictions(&document);
    assert!(found.is_empty(), "{}", found.join("\n"));
}
