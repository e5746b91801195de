//! `irad explain`: what must hold of the roles of every derivative, whatever function it is of.

use std::collections::HashMap;
use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::Value;

use crate::{irad, root, stdout};

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

#[test]
fn roles_contradict_neither_each_other_nor_the_primal() {
    let mut asked: Vec<(String, String)> = CHOSEN
        .iter()
        .map(|(file, function)| (format!("fixtures/{file}.ll"), (*function).to_owned()))
        .collect();
    let mut names: Vec<String> = fs::read_dir(root().join("fixtures"))
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.ends_with(".ll"))
        .collect();
    names.sort();
    for name in names {
        let file = format!("fixtures/{name}");
        let list = stdout(&irad(&["list", &file, "--json"]).output().unwrap());
        let list: Value = serde_json::from_str(&list).unwrap();
        let functions = list["functions"].as_array().unwrap();
        for function in functions.iter().take(1) {
            asked.push((
                file.clone(),
                function["symbol"].as_str().unwrap().to_owned(),
            ));
        }
    }
    let next = AtomicUsize::new(0);
    let explained = AtomicUsize::new(0);
    let found = Mutex::new(Vec::new());
    let work = || {
        while let Some((file, function)) = asked.get(next.fetch_add(1, Ordering::Relaxed)) {
            for mode in ["reverse", "forward"] {
                let mut command = irad(&["explain", file, "--fn", function, "--mode", mode]);
                command.args(["--after", "derivative", "--json"]);
                let output = command.output().unwrap();
                if output.status.code() != Some(0) {
                    continue;
                }
                explained.fetch_add(1, Ordering::Relaxed);
                let document: Value = serde_json::from_str(&stdout(&output)).unwrap();
                for wrong in contradictions(&document) {
                    let wrong = format!("{file} {function} {mode}: {wrong}");
                    found.lock().unwrap().push(wrong);
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(work);
        }
    });
    let found = found.into_inner().unwrap();
    assert!(found.is_empty(), "{}", found.join("\n"));
    let explained = explained.into_inner();
    assert!(explained > 60, "{explained}");
}
