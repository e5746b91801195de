//! JSON, annotations and JUnit.

use serde_json::Value;

use crate::project::{Project, said};

fn changed() -> Project {
    let project = Project::recorded();
    project.change_cube();
    project
}

#[test]
fn every_action_has_json() {
    let project = changed();
    let json = |arguments: &[&str], schema: &str| -> (i32, Value) {
        let (code, out, errors) = project.run(arguments);
        assert_eq!(errors, "", "{arguments:?}");
        let document: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(document["schema"], format!("{schema}/1"));
        assert_eq!(document["irad"], env!("CARGO_PKG_VERSION"));
        (code, document)
    };
    let (code, check) = json(&["check", "--json"], "snap_check");
    assert_eq!(code, 1);
    assert_eq!(check["counts"]["changed"], 1);
    assert_eq!(check["counts"]["same"], 1);
    let cube = &check["snapshots"][0];
    assert_eq!(cube["name"], "cube");
    assert_eq!(cube["file"], "snapshots/cube.snap");
    assert_eq!(cube["wrote"], "snapshots/cube.snap.new");
    assert!(
        cube["counts"]["kinds"]["real"].as_u64().unwrap() > 0,
        "{cube}"
    );
    assert!(cube["patch"].as_str().unwrap().starts_with("@@ "), "{cube}");
    assert_eq!(json(&["check", "--format", "json"], "snap_check").0, 1);
    let (code, review) = json(&["review", "--json"], "snap_review");
    assert_eq!(code, 0);
    assert_eq!(review["snapshots"][0]["accept"], "irad snap accept cube");
    let (_, rejected) = json(&["reject", "cube", "--json"], "snap_rejected");
    assert_eq!(rejected["snapshots"], serde_json::json!(["cube"]));
    let (_, record) = json(&["record", "--json"], "snap_record");
    assert_eq!(record["counts"]["updated"], 1);
    assert_eq!(json(&["accept", "--all", "--json"], "snap_accepted").0, 0);
    assert_eq!(json(&["prune", "--json"], "snap_prune").0, 0);
    let (code, error) = json(&["check", "nothing", "--json"], "error");
    assert_eq!(code, 2);
    assert_eq!(error["error"]["kind"], "not_found");
}

#[test]
fn annotations_name_file_and_line() {
    let project = changed();
    let (code, out, _) = project.run(&["check", "--format", "github"]);
    assert_eq!(code, 1);
    assert!(out.lines().all(|line| line.starts_with("::")), "{out}");
    let error = out
        .lines()
        .find(|line| line.starts_with("::error "))
        .unwrap();
    let place = error
        .strip_prefix("::error file=snapshots/cube.snap,line=")
        .unwrap();
    let line: usize = place.split(',').next().unwrap().parse().unwrap();
    let (old, new) = (
        project.read("snapshots/cube.snap"),
        project.read("snapshots/cube.snap.new"),
    );
    // The first line of the body that has changed.
    let position = |text: &str| text.lines().skip(1).position(|line| line == "---").unwrap() + 2;
    let first = crate::project::body(&old)
        .lines()
        .zip(crate::project::body(&new).lines())
        .position(|(old, new)| old != new)
        .unwrap();
    assert_eq!(line, position(&old) + first + 1);
    assert!(
        error.contains("title=snapshot cube%3A changed::cube has changed"),
        "{error}"
    );
    assert!(error.contains("%0A@@ "), "{error}");

    // From the top of the checkout, wherever the project lies in it.
    let mut command = project.irad(&["check", "--format", "github"]);
    command.env(
        "GITHUB_WORKSPACE",
        project.0.path().canonicalize().unwrap().parent().unwrap(),
    );
    let (_, out, _) = said(command.output().unwrap());
    let folder = project.0.path().file_name().unwrap().to_str().unwrap();
    assert!(
        out.contains(&format!("file={folder}/snapshots/cube.snap,")),
        "{out}"
    );

    project.run(&["record"]);
    let (code, out, _) = project.run(&["check", "--format", "github"]);
    assert_eq!(code, 0);
    assert_eq!(
        out,
        "::notice title=irad snap check::2 snapshots are unchanged\n"
    );
}

#[test]
fn junit_tells_failures_from_errors() {
    let project = changed();
    let config = project.read("irad.toml")
        + "\n[[entry]]\nname = \"gone\"\ninput = \"ir/gone.ll\"\nfunction = \"f\"\nmode = \"reverse\"\n";
    project.write("irad.toml", &config);
    let (code, ..) = project.run(&["check", "--junit", "results.xml"]);
    assert_eq!(code, 2);
    let text = project.read("results.xml");
    assert!(text.contains("tests=\"3\""), "{text}");
    assert!(text.contains("failures=\"1\" errors=\"1\""), "{text}");
    assert!(text.contains("<testcase name=\"square root\""), "{text}");
    assert!(
        text.contains("<failure message=\"cube has changed"),
        "{text}"
    );
    assert!(text.contains("<error message=\"gone: "), "{text}");
    let (code, _, errors) = project.run(&["check", "--junit", "no/such/results.xml"]);
    assert_eq!(code, 2);
    assert!(errors.contains("there is no folder"), "{errors}");
}
