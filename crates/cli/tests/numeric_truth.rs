//! What `irad check` says of every function in `fixtures/numeric/checks.toml` is what stands there: each
//! function in each mode is a test. So is a sample of them in several directions at once, and of derivatives that are
//! split into two halves, or all of them if `IRAD_TESTS` is `all`.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;
use serde_json::Value;

/// One line of the table: what `irad check` is told, and what is expected of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(rename = "fn")]
    function: Option<String>,
    len: Option<String>,
    range: Option<String>,
    sig: Option<String>,
    inputs: Option<String>,
    #[serde(default)]
    flags: Vec<String>,
    #[serde(default = "pass")]
    forward: String,
    #[serde(default = "pass")]
    reverse: String,
    directions: Option<String>,
    halves: Option<String>,
    why: Option<String>,
    /// What the modes come to with LLVM 23, where that is something else.
    #[serde(default)]
    llvm_23: BTreeMap<String, String>,
}

fn pass() -> String {
    "pass".to_owned()
}

impl Entry {
    fn passes(&self) -> bool {
        self.forward == "pass" && self.reverse == "pass"
    }
}

/// Forward mode in three directions at once, which ends as forward mode does in one.
const SEVERAL: &str = "directions";

/// Reverse mode in two halves, which ends as reverse mode in one does.
const HALVES: &str = "halves";

type Table = BTreeMap<String, BTreeMap<String, Entry>>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

fn table() -> Table {
    let text = fs::read_to_string(root().join("fixtures/numeric/checks.toml")).unwrap();
    toml::from_str(&text).unwrap()
}

/// What a numeric fixture's functions are called in full, since their short names may also be those of
/// the mathematics library.
fn path(file: &str, label: &str, entry: &Entry) -> String {
    let name = entry.function.as_deref().unwrap_or(label);
    match file
        .strip_prefix("numeric/")
        .and_then(|file| file.split_once('.'))
    {
        Some((stem, _)) => format!("{stem}::{name}"),
        None => name.to_owned(),
    }
}

/// The engine that is asked: `IRAD_TEST_ENGINE`, for the one of another LLVM (`make test-23`).
fn engine() -> std::ffi::OsString {
    std::env::var_os("IRAD_TEST_ENGINE").unwrap_or(env!("CARGO_BIN_EXE_irad-engine-22").into())
}

fn is_llvm_23() -> bool {
    engine().to_string_lossy().ends_with("23")
}

/// Runs a check, and says in the table's words how it ended, with what is good to know if another end
/// was expected.
fn ending(file: &str, label: &str, entry: &Entry, mode: &str, folder: &Path) -> (String, String) {
    let mut arguments = vec!["check".to_owned(), format!("fixtures/{file}")];
    let mode = match mode {
        SEVERAL => {
            arguments.extend(["--width", "3"].map(str::to_owned));
            "forward"
        }
        HALVES => {
            arguments.push("--split".to_owned());
            "reverse"
        }
        mode => mode,
    };
    let mut add = |flag: &str, value: &str| arguments.extend([flag.to_owned(), value.to_owned()]);
    add("--fn", &path(file, label, entry));
    add("--mode", mode);
    for (flag, value) in [
        ("--len", &entry.len),
        ("--range", &entry.range),
        ("--sig", &entry.sig),
    ] {
        if let Some(value) = value {
            add(flag, value);
        }
    }
    if let Some(inputs) = &entry.inputs {
        let file = folder.join(format!("{label}-{mode}.json"));
        fs::write(&file, inputs).unwrap();
        add("--inputs", file.to_str().unwrap());
    }
    // Once is enough, and where one mode is wrong, so is the comparison of both.
    if mode == "forward" || !entry.passes() {
        arguments.push("--no-cross".to_owned());
    }
    arguments.push("--json".to_owned());
    arguments.extend(entry.flags.iter().cloned());
    let output = Command::new(env!("CARGO_BIN_EXE_irad"))
        .args(&arguments)
        .current_dir(root())
        .env("IRAD_ENGINE", engine())
        .env("XDG_CACHE_HOME", folder)
        .output()
        .unwrap();
    let command = format!("irad {}", arguments.join(" "));
    let Ok(document) = serde_json::from_slice::<Value>(&output.stdout) else {
        let errors = String::from_utf8_lossy(&output.stderr);
        return ("no document".to_owned(), format!("{command}\n{errors}"));
    };
    let code = output.status.code();
    let ending = if let Some(error) = document.get("error") {
        let cause = error["diagnosis"]["cause"].as_str();
        let cause = cause.or_else(|| error["kind"].as_str()).unwrap();
        assert!(matches!(code, Some(2..=4)), "{code:?}: {command}");
        format!("refused: {cause}")
    } else if document["disagrees"] == true {
        assert_eq!(code, Some(1), "{command}");
        "wrong".to_owned()
    } else {
        let expected = if document["passed"] == true { 0 } else { 5 };
        assert_eq!(code, Some(expected), "{command}");
        let differences = document["differences"].as_array().unwrap();
        let tells = |part: &Value| part["compared"].as_u64() > part["zeros"].as_u64();
        let cross = &document["cross"]["verdict"];
        match document["passed"] == true && differences.iter().any(tells) {
            true if cross.is_null() || cross == "agrees" => "pass".to_owned(),
            true => format!("forward and reverse: {cross}"),
            false => "nothing".to_owned(),
        }
    };
    (ending, format!("{command}\n{document}"))
}

fn main() -> ExitCode {
    let table: &'static Table = Box::leak(Box::new(table()));
    let mut trials = vec![
        Trial::test("no_function_is_left_out", || {
            no_function_is_left_out();
            Ok(())
        }),
        Trial::test("what_does_not_pass_is_documented", || {
            what_does_not_pass_is_documented();
            Ok(())
        }),
    ];
    let takes_all = env::var("IRAD_TESTS").is_ok_and(|tests| tests == "all");
    for (file, functions) in table {
        for (nth, (label, entry)) in functions.iter().enumerate() {
            let mut modes = vec![("forward", &entry.forward), ("reverse", &entry.reverse)];
            if takes_all || nth % 5 == 0 {
                modes.push((SEVERAL, entry.directions.as_ref().unwrap_or(&entry.forward)));
            }
            if takes_all || nth % 9 == 4 {
                modes.push((HALVES, entry.halves.as_ref().unwrap_or(&entry.reverse)));
            }
            for (mode, expected) in modes {
                let newer = entry.llvm_23.get(mode).filter(|_| is_llvm_23());
                let expected = newer.unwrap_or(expected);
                let name = format!("{file}::{label}::{mode}");
                let run = || ends_as_the_table_says(file, label, entry, mode, expected);
                trials.push(Trial::test(name, run));
            }
        }
    }
    assert!(trials.len() > 600, "{} rows", trials.len());
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn ends_as_the_table_says(
    file: &str,
    label: &str,
    entry: &Entry,
    mode: &str,
    expected: &str,
) -> Result<(), Failed> {
    let folder = tempfile::tempdir().unwrap();
    let (found, more) = ending(file, label, entry, mode, folder.path());
    if found == expected {
        return Ok(());
    }
    Err(format!("expected {expected}, found {found}\n{more}").into())
}

/// A public function that is not inlined is there to be checked, and so is every fixture above.
fn no_function_is_left_out() {
    let table = table();
    let mut count = 0;
    for entry in fs::read_dir(root().join("fixtures")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let is_module = name.ends_with(".ll") || name.ends_with(".bc");
        assert!(
            !is_module || table.contains_key(&name),
            "checks.toml has no table for {name}"
        );
    }
    let folder = root().join("fixtures/src/numeric");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let file = format!("numeric/{stem}.ll");
        let text = fs::read_to_string(&path).unwrap();
        for after in text.split("#[inline(never)]\n").skip(1) {
            let line = after.lines().find(|line| !line.starts_with("#[")).unwrap();
            let Some(name) = line
                .strip_prefix("pub fn ")
                .or_else(|| line.strip_prefix("pub unsafe fn "))
            else {
                continue;
            };
            let name = name.split(['(', '<']).next().unwrap();
            count += 1;
            assert!(
                table
                    .get(&file)
                    .is_some_and(|lines| lines.contains_key(name)),
                "checks.toml has no line for {name} of {file}"
            );
        }
    }
    assert!(count > 200, "{count} functions");
}

/// What does not pass has its reason in the table, and what has a reason is told in the documentation.
fn what_does_not_pass_is_documented() {
    let limits = fs::read_to_string(root().join("docs/limits.md")).unwrap();
    for (file, functions) in table() {
        for (label, entry) in functions {
            let name = entry.function.as_deref().unwrap_or(&label);
            let stem = Path::new(&file).file_stem().unwrap().to_str().unwrap();
            assert!(
                entry.passes() || entry.why.is_some(),
                "{file} {label} says not why"
            );
            assert!(
                entry.why.is_none() || limits.contains(&format!("`{stem}::{name}`")),
                "docs/limits.md says nothing of `{stem}::{name}`"
            );
        }
    }
}
