//! Every document that `--json` prints fits the schema of its name under `docs/schema`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

/// Commands, and the documents that they print: one line for each. `OUT` is a file to write to.
const COMMANDS: [(&str, &str); 52] = [
    (
        "show",
        "show fixtures/model.ll --fn loss --mode reverse --split",
    ),
    ("check", "check fixtures/model.ll --fn loss --mode reverse"),
    ("check", "check fixtures/clamp.ll --fn cap --mode forward"),
    (
        "check",
        "check fixtures/branch.ll --fn huber --mode reverse --range r=-1e308..1e308",
    ),
    (
        "emit",
        "emit fixtures/model.ll --fn loss --mode reverse -o OUT",
    ),
    (
        "emit",
        "emit fixtures/single.ll --fn squared_norm --mode forward -o OUT",
    ),
    (
        "diff",
        "diff fixtures/model.ll --fn loss --mode forward --width 3",
    ),
    (
        "diff",
        "diff fixtures/model.ll --fn loss --mode reverse --split",
    ),
    ("list", "list fixtures/model.ll"),
    ("list", "list fixtures/nightly.ll --all"),
    ("list", "list fixtures/bitcode.bc --sort name"),
    ("show", "show fixtures/model.ll --fn loss"),
    ("show", "show fixtures/model.ll --fn loss --mode reverse"),
    (
        "show",
        "show fixtures/refused/globals.ll --fn cube_by_module --mode reverse",
    ),
    ("slice", "show fixtures/model.ll --fn loss --slice"),
    (
        "slice",
        "show fixtures/alloc_push.ll --fn logistic_orbit --slice",
    ),
    ("diff", "diff fixtures/model.ll --fn loss --mode reverse"),
    ("diff", "diff fixtures/typed.ll --fn energy --mode forward"),
    ("diff", "diff fixtures/nightly.ll --fn dg_four"),
    (
        "diff",
        "diff fixtures/branch.ll --fn huber --against leaky_relu",
    ),
    (
        "diff",
        "diff fixtures/scale.ll --fn scale --mode reverse --show real",
    ),
    (
        "diff",
        "diff fixtures/scale.ll fixtures/scale.ll --fn scale",
    ),
    (
        "diff",
        "passes fixtures/model.ll --fn loss --mode reverse --step enzyme/derivative",
    ),
    (
        "diff",
        "passes fixtures/model.ll --fn loss --mode reverse --from prepared --to final",
    ),
    (
        "diff",
        "passes fixtures/model.ll --fn loss --passes default<O2> --vs default<O3>",
    ),
    (
        "parting",
        "passes fixtures/scale.ll --fn scale --passes sroa --vs sroa",
    ),
    (
        "passes",
        "passes fixtures/model.ll --fn loss --mode reverse",
    ),
    (
        "passes",
        "passes fixtures/model.ll --fn loss --passes default<O2>",
    ),
    (
        "passes",
        "passes fixtures/model.ll --fn * --passes default<O2>",
    ),
    ("passes", "passes fixtures/nightly.ll --fn df"),
    (
        "passes",
        "passes fixtures/refused/chain.ll --fn loss --mode reverse",
    ),
    (
        "steps",
        "passes fixtures/model.ll --fn loss --mode reverse --all",
    ),
    (
        "steps",
        "passes fixtures/model.ll --fn loss --mode reverse --grep cosh",
    ),
    (
        "blame",
        "passes fixtures/model.ll --fn loss --mode reverse --blame",
    ),
    ("survey", "survey fixtures/model.ll --mode reverse"),
    ("survey", "survey fixtures/refused/chain.ll --mode forward"),
    (
        "error",
        "survey fixtures/errors/no_floats.ll --mode forward",
    ),
    (
        "reduce",
        "reduce fixtures/refused/chain.ll --fn loss --mode reverse --patience 0 -o OUT",
    ),
    ("doctor", "doctor"),
    ("error", "diff"),
    ("error", "diff fixtures/model.ll --fn lost --mode reverse"),
    ("error", "diff fixtures/model.ll --fn loss"),
    ("error", "diff fixtures/model.ll --fn loss --mode sideways"),
    ("error", "list fixtures/nothing.ll"),
    ("error", "list fixtures/errors/truncated.bc"),
    ("error", "show fixtures/errors/ambiguous.ll --fn twice"),
    (
        "error",
        "diff fixtures/errors/broken.ll --fn square_root --mode reverse",
    ),
    (
        "error",
        "diff fixtures/refused/chain.ll --fn loss --mode reverse",
    ),
    (
        "error",
        "diff fixtures/refused/mixed_select.ll --fn parabola --mode reverse",
    ),
    (
        "error",
        "diff fixtures/model.ll --fn loss --mode reverse --prepare wrong",
    ),
    ("error", "diff fixtures/nightly.ll --fn df --mode forward"),
    (
        "error",
        "reduce fixtures/model.ll --fn loss --mode reverse -o OUT",
    ),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

fn irad(arguments: &[&str]) -> Command {
    let mut irad = Command::new(env!("CARGO_BIN_EXE_irad"));
    irad.args(arguments)
        .current_dir(root())
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine"));
    irad
}

fn schema(name: &str) -> Value {
    let path = root().join(format!("docs/schema/{name}.json"));
    let text =
        fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} is missing", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// The schema's name, if the document fits it.
fn fits(document: &Value) -> Result<String, String> {
    let named = document["schema"].as_str().unwrap_or_default();
    let (name, version) = named.split_once('/').ok_or("it names no schema")?;
    assert_eq!(version, "1");
    let schema = schema(name);
    assert_eq!(schema["title"], named);
    let validator = jsonschema::validator_for(&schema).map_err(|error| error.to_string())?;
    let wrong: Vec<String> = validator
        .iter_errors(document)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    if wrong.is_empty() {
        Ok(name.to_owned())
    } else {
        Err(wrong.join("\n"))
    }
}

#[test]
fn every_document_fits_its_schema() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out.ll");
    for (expected, command) in COMMANDS {
        let words: Vec<&str> = command
            .split(' ')
            .map(|word| {
                if word == "OUT" {
                    out.to_str().unwrap()
                } else {
                    word
                }
            })
            .chain(["--json"])
            .collect();
        let output = irad(&words).output().unwrap();
        let document: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{command}: {error}"));
        match fits(&document) {
            Ok(name) => assert_eq!(name, expected, "{command}: {}", document["error"]),
            Err(wrong) => panic!("{command}: {wrong}"),
        }
    }
    // Where the engine ends otherwise than it should.
    for fault in ["segfault", "assertion", "half"] {
        let command = [
            "diff",
            "fixtures/model.ll",
            "--fn",
            "loss",
            "--mode",
            "reverse",
            "--json",
        ];
        let output = irad(&command)
            .env("IRAD_ENGINE_FAULT", fault)
            .output()
            .unwrap();
        let document = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(fits(&document).as_deref(), Ok("error"), "{fault}");
    }
    let output = irad(&["doctor", "--json"])
        .env("IRAD_ENGINE", "/nowhere")
        .output()
        .unwrap();
    let document = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(fits(&document).as_deref(), Ok("doctor"));
}

#[test]
fn no_schema_and_no_command_is_left_out() {
    let tried: BTreeSet<&str> = COMMANDS.iter().map(|(name, _)| *name).collect();
    for entry in fs::read_dir(root().join("docs/schema")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let name = name.strip_suffix(".json").unwrap();
        assert!(tried.contains(name), "no line in COMMANDS prints {name}/1");
        let schema = schema(name);
        assert!(
            jsonschema::meta::is_valid(&schema),
            "{name}.json is no schema"
        );
    }
    let commands = commands();
    assert!(commands.len() > 8, "{commands:?}");
    for command in commands {
        let help = irad(&[&command, "--help"]).output().unwrap().stdout;
        let has_json = String::from_utf8(help).unwrap().contains("--json");
        let is_tried = COMMANDS.iter().any(|(name, line)| {
            *name != "error" && line.split(' ').next() == Some(command.as_str())
        });
        assert!(
            !has_json || is_tried,
            "irad {command} --json has no line in COMMANDS"
        );
    }
}

#[test]
fn a_document_that_does_not_fit_is_found() {
    let wrong =
        json!({ "irad": "0", "schema": "blame/1", "function": "f", "lines": [{ "text": 1 }] });
    let words = fits(&wrong).unwrap_err();
    assert!(words.contains("\"step\" is a required property"), "{words}");
    let more = json!({ "irad": "0", "schema": "blame/1", "function": "f", "lines": [], "new": 1 });
    assert!(fits(&more).is_err());
}

/// The commands that `irad --help` shows.
fn commands() -> Vec<String> {
    let help = irad(&["--help"]).output().unwrap().stdout;
    let help = String::from_utf8(help).unwrap();
    let until = help.find("\nOptions:").unwrap();
    help[..until]
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}
