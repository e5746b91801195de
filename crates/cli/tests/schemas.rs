//! Every document that `--json` prints fits the schema of its name under `docs/schema`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

/// Commands, and the documents that they print: one line for each. `OUT` is a file to write to.
const COMMANDS: [(&str, &str); 67] = [
    (
        "diff",
        "diff fixtures/numeric/owned.ll --fn fit --mode reverse",
    ),
    (
        "diff",
        "diff fixtures/numeric/owned.ll --fn squares --mode reverse",
    ),
    (
        "requested",
        "check fixtures/nightly_wrong.txt --prepare given --cleanup none",
    ),
    (
        "show",
        "show fixtures/model.ll --fn loss --mode reverse --split",
    ),
    (
        "profile",
        "profile fixtures/model.ll --fn loss --mode reverse",
    ),
    (
        "profile",
        "profile fixtures/dot.ll --fn dot --mode reverse --sweep a,b=2,4,8",
    ),
    ("tune", "tune fixtures/model.ll --fn loss --mode reverse"),
    (
        "locate",
        "locate fixtures/model.ll --fn loss --mode reverse",
    ),
    (
        "explain",
        "explain fixtures/model.ll --fn loss --mode reverse --values",
    ),
    (
        "locate",
        "locate fixtures/numeric/stencils.ll --fn from_next --mode reverse",
    ),
    (
        "locate",
        "locate fixtures/numeric/functions.ll --fn chosen_pointer --mode forward --faithful",
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
    (
        "explain",
        "explain fixtures/model.ll --fn loss --mode reverse",
    ),
    (
        "explain",
        "explain fixtures/softmax.ll --fn cross_entropy --mode reverse --after derivative --role cache",
    ),
    (
        "explain",
        "explain fixtures/shapes_debuginfo.ll --fn by_reference --mode forward",
    ),
    (
        "error",
        "explain fixtures/refused/chain.ll --fn loss --mode reverse",
    ),
    ("explain", "explain fixtures/model.ll loss"),
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
    ("diff", "diff fixtures/model.ll loss"),
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
        "diff fixtures/refused/mixed_select.ll --fn parabola --mode reverse --faithful",
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

/// The same for snapshots, one after the other in a project of one entry: what comes to be printed, the
/// mode that the entry then has, and the command.
const SNAPSHOTS: [(&str, &str, &str); 10] = [
    ("snap_record", "reverse", "snap record"),
    ("snap_check", "reverse", "snap check"),
    ("snap_check", "forward", "snap check"),
    ("snap_list", "forward", "snap list"),
    ("snap_review", "forward", "snap review"),
    ("snap_accepted", "forward", "snap accept --all"),
    (
        "snap_check",
        "sideways",
        "snap check model.ll --fn lost --mode reverse",
    ),
    ("snap_check", "reverse", "snap check"),
    ("snap_rejected", "reverse", "snap reject --all"),
    ("snap_prune", "reverse", "snap prune"),
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
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"));
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
fn every_document_about_snapshots_fits_its_schema() {
    let dir = tempfile::tempdir().unwrap();
    fs::copy(
        root().join("fixtures/model.ll"),
        dir.path().join("model.ll"),
    )
    .unwrap();
    for (expected, mode, command) in SNAPSHOTS {
        let entry = "[[entry]]\nname = \"loss\"\ninput = \"model.ll\"\nfunction = \"loss\"\n";
        fs::write(
            dir.path().join("irad.toml"),
            format!("{entry}mode = \"{mode}\"\n"),
        )
        .unwrap();
        let words: Vec<&str> = command.split(' ').chain(["--json"]).collect();
        let mut irad = irad(&words);
        irad.current_dir(dir.path());
        for name in [
            "CI",
            "INSTA_UPDATE",
            "INSTA_WORKSPACE_ROOT",
            "INSTA_FORCE_PASS",
        ] {
            irad.env_remove(name);
        }
        let output = irad.output().unwrap();
        let document: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{command}: {error}"));
        // A mode that there is none of is an error in the project.
        let expected = if mode == "sideways" {
            "error"
        } else {
            expected
        };
        match fits(&document) {
            Ok(name) => assert_eq!(name, expected, "{command}: {}", document["error"]),
            Err(wrong) => panic!("{command} ({mode}): {wrong}"),
        }
    }
}

/// What only a nightly compiler has: `nightly.rs` holds these documents against their schemas.
const OF_NIGHTLY: &str = "toolchain";

#[test]
fn no_schema_and_no_command_is_left_out() {
    let mut tried: BTreeSet<&str> = COMMANDS.iter().map(|(name, _)| *name).collect();
    tried.insert(OF_NIGHTLY);
    tried.extend(SNAPSHOTS.iter().map(|(name, ..)| *name));
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
    let mut all = commands("");
    assert!(all.len() > 8, "{all:?}");
    all.extend(commands("snap").iter().map(|name| format!("snap {name}")));
    for command in all {
        let help = irad(&command.split(' ').chain(["--help"]).collect::<Vec<_>>())
            .output()
            .unwrap()
            .stdout;
        let has_json = String::from_utf8(help).unwrap().contains("--json");
        let is_tried = COMMANDS
            .iter()
            .any(|(name, line)| *name != "error" && line.starts_with(&format!("{command} ")));
        let is_tried = is_tried
            || command == "doctor"
            || command == OF_NIGHTLY
            || SNAPSHOTS
                .iter()
                .any(|(_, _, line)| line.starts_with(&command));
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

/// The commands that `irad --help` shows, or those below one.
fn commands(below: &str) -> Vec<String> {
    let mut arguments = vec!["--help"];
    if !below.is_empty() {
        arguments.insert(0, below);
    }
    let help = irad(&arguments).output().unwrap().stdout;
    let help = String::from_utf8(help).unwrap();
    let until = help.find("\nOptions:").unwrap();
    help[..until]
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}
