//! The machine instructions that `irad profile --machine` counts are those that callgrind counts in what `irad emit`
//! writes. Without valgrind, a C compiler or x86-64 the tests are ignored.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Output};

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;

/// Functions that call nothing, so that all of their work is in the object.
const SOURCE: &str = "\
pub fn slope(x: &[f64], w: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 1..x.len() {
        sum += w[i] * (x[i] - x[i - 1]) * (x[i] - x[i - 1]);
    }
    sum
}

pub fn decay(x: &[f64], w: &[f64]) -> f64 {
    let mut s = 0.5;
    for i in 0..x.len() {
        s = s * w[i] + if x[i] > 0.0 { x[i] * s } else { 0.25 };
    }
    s
}

pub fn products(x: &[f64], w: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..x.len().min(40) {
        for j in 0..w.len().min(40) {
            sum += x[i] * w[j] * w[i];
        }
    }
    sum
}
";

const ELEMENTS: u64 = 1500;

/// The same numbers as the profile runs on: a branch goes the same way.
fn main_of(inputs: &Value) -> String {
    let list = |name: &str| {
        let numbers = inputs[name].as_array().unwrap().iter();
        let numbers: Vec<String> = numbers.map(ToString::to_string).collect();
        numbers.join(", ")
    };
    format!(
        "extern double d_f(const double *, double *, long, const double *, double *, long, double);
static const double x[] = {{ {} }}, w[] = {{ {} }};
static double dx[{ELEMENTS}], dw[{ELEMENTS}];
int main(void) {{ d_f(x, dx, {ELEMENTS}, w, dw, {ELEMENTS}, 1.0); return 0; }}
",
        list("x"),
        list("w")
    )
}

fn irad(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_irad"))
        .args(arguments)
        .current_dir(folder)
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
        .output()
        .unwrap()
}

fn counts(function: &str, mode: &str) {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("f.rs"), SOURCE).unwrap();
    let lengths = format!("x={ELEMENTS},w={ELEMENTS}");
    let made = ["f.rs", "--fn", function, "--mode", mode, "--no-check"];
    let given = ["--len", &lengths, "--show-inputs"];
    let shown = irad(folder, &[&["check"], &made[..5], &given].concat());
    let inputs: Value = serde_json::from_slice(&shown.stdout).unwrap();
    let inputs = match inputs {
        Value::Array(points) => points[0].clone(),
        one => one,
    };
    fs::write(folder.join("inputs.json"), inputs.to_string()).unwrap();
    let counting = ["--inputs", "inputs.json", "--machine"];
    let counting = [&counting[..], &["--no-times", "--json"]].concat();
    let profile = irad(folder, &[&["profile"], &made[..], &counting].concat());
    let document: Value = serde_json::from_slice(&profile.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&profile.stderr)));
    let counted = document["machine"]["derivative"]["own"].as_f64().unwrap();

    let emission = ["-o", "d.o", "--name", "d_f", "--panics", "drop"];
    let emitted = irad(folder, &[&["emit"], &made[..], &emission].concat());
    assert!(emitted.status.success(), "{emitted:?}");
    fs::write(folder.join("main.c"), main_of(&inputs)).unwrap();
    let linked = Command::new("cc")
        .args(["-O1", "main.c", "d.o", "-o", "main", "-lm"])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(linked.status.success(), "{linked:?}");
    let ran = Command::new("valgrind")
        .args([
            "--tool=callgrind",
            "--callgrind-out-file=out",
            "--toggle-collect=d_f",
        ])
        .arg("./main")
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{ran:?}");
    let out = fs::read_to_string(folder.join("out")).unwrap();
    let by_callgrind = own(&out);
    assert!(by_callgrind > 5_000.0, "{by_callgrind}");
    let off = (counted - by_callgrind).abs() / by_callgrind;
    assert!(
        off < 0.02,
        "{function}: {counted} counted, {by_callgrind} by callgrind"
    );
}

/// The instructions of the function itself, without those of the allocator that it calls. A line of a function's costs
/// begins with a place; the one behind `calls=` is that of the function called.
fn own(out: &str) -> f64 {
    let mut id = None;
    let mut current = None;
    let mut is_of_call = false;
    let mut cost = 0.0;
    for line in out.lines() {
        // A name stands beside its number where that is met first.
        let named = line.strip_prefix('c').unwrap_or(line).strip_prefix("fn=");
        if let Some(name) = named {
            let (number, name) = name.split_once(' ').unwrap_or((name, ""));
            if name == "d_f" {
                id = Some(number);
            }
            if !line.starts_with('c') {
                current = Some(number);
            }
        } else if line.starts_with("calls=") {
            is_of_call = true;
        } else if line.starts_with(|c: char| c.is_ascii_digit() || "+-*".contains(c)) {
            if !is_of_call && current == id && id.is_some() {
                let number = line.split(' ').nth(1).unwrap();
                cost += number.parse::<f64>().unwrap();
            }
            is_of_call = false;
        }
    }
    cost
}

fn is_there(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success())
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let is_missing = !cfg!(target_arch = "x86_64") || !is_there("valgrind") || !is_there("cc");
    let trials = ["slope", "decay", "products"].map(|function| {
        let test = move || -> Result<(), Failed> {
            counts(function, "reverse");
            Ok(())
        };
        Trial::test(function, test).with_ignored_flag(is_missing)
    });
    libtest_mimic::run(&arguments, trials.into()).exit_code()
}
