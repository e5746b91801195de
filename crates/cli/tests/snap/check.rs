//! Recording, checking, accepting, rejecting, listing and pruning.

use std::fs;

use serde_json::Value;

use crate::project::{Project, TWO, body, root, said};

#[test]
fn this_repositorys_own_snapshots_are_as_they_were() {
    let project = Project::new("");
    let output = project
        .irad(&["check"])
        .current_dir(root())
        .env("CI", "1")
        .output()
        .unwrap();
    let (code, out, errors) = said(output);
    assert_eq!(code, 0, "{out}{errors}");
    let (code, out, _) = said(
        project
            .irad(&["prune"])
            .current_dir(root())
            .output()
            .unwrap(),
    );
    assert_eq!(code, 0, "{out}");
}

#[test]
fn a_difference_is_found_accepted_and_rejected() {
    let project = Project::new(TWO);
    // Nothing was recorded: that is a difference, too.
    let (code, out, _) = project.run(&["check"]);
    assert_eq!(code, 1, "{out}");
    assert!(project.exists("snapshots/cube.snap.new"));
    assert!(project.exists("snapshots/square_root.snap.new"));
    let waiting = project.read("snapshots/cube.snap.new");
    assert!(waiting.contains("\nassertion_line: 3\n"), "{waiting}");

    let (code, out, _) = project.run(&["accept", "--all"]);
    assert_eq!(
        (code, out.as_str()),
        (0, "accepted cube\naccepted square root\n")
    );
    assert!(!project.exists("snapshots/cube.snap.new"));
    let accepted = project.read("snapshots/cube.snap");
    assert_eq!(body(&accepted), body(&waiting));
    assert!(!accepted.contains("assertion_line"), "{accepted}");
    let (code, out, _) = project.run(&["check"]);
    assert_eq!(code, 0, "{out}");

    project.change_cube();
    let (code, out, _) = project.run(&["check"]);
    assert_eq!(code, 1);
    assert!(out.contains("changed cube\n"), "{out}");
    assert!(out.contains("\n--- snapshots/cube.snap\n"), "{out}");
    assert!(
        out.lines()
            .any(|line| line.starts_with('+') && line.contains("i32 3)")),
        "{out}"
    );
    assert!(out.contains("1 same, 1 changed; in "), "{out}");
    assert!(project.exists("snapshots/cube.snap.new"));
    assert_eq!(project.read("snapshots/cube.snap"), accepted);

    let (code, out, _) = project.run(&["reject", "cube"]);
    assert_eq!((code, out.as_str()), (0, "rejected cube\n"));
    assert!(!project.exists("snapshots/cube.snap.new"));
    let (code, _, errors) = project.run(&["accept", "cube"]);
    assert_eq!(code, 2);
    assert!(errors.contains("no snapshot cube waits"), "{errors}");

    assert_eq!(project.run(&["check", "square root"]).0, 0);
    assert_eq!(project.run(&["check", "cube"]).0, 1);
    let (code, out, _) = project.run(&["record", "cube"]);
    assert_eq!(code, 0);
    assert!(out.contains("1 updated; in "), "{out}");
    assert!(!project.exists("snapshots/cube.snap.new"));
    assert_eq!(project.run(&["check"]).0, 0);
}

#[test]
fn a_check_forgets_what_an_earlier_one_found() {
    let project = Project::recorded();
    let before = project.read("ir/scalar.ll");
    project.change_cube();
    assert_eq!(project.run(&["check"]).0, 1);
    assert!(project.exists("snapshots/cube.snap.new"));
    project.write("ir/scalar.ll", &before);
    assert_eq!(project.run(&["check"]).0, 0);
    assert!(!project.exists("snapshots/cube.snap.new"));
}

#[test]
fn headers_say_what_was_asked_and_what_took_part() {
    let project = Project::recorded();
    let path = project.path("snapshots/square_root.snap");
    let snapshot = insta::Snapshot::from_file(&path).unwrap();
    let metadata = snapshot.metadata();
    assert_eq!(metadata.source(), Some("irad.toml"));
    assert_eq!(metadata.description(), Some("Newton's method"));
    let expression = metadata.expression().unwrap();
    assert!(
        expression.contains(
            "ir/newton.ll --fn newton::square_root --mode forward --activity a=Dual,return=DualOnly"
        ),
        "{expression}"
    );
    let info = format!("{:?}", metadata.private_info().unwrap());
    for part in [
        "irad",
        "llvm",
        "enzyme",
        "rustc",
        "1.95.0",
        "prepared",
        "final",
        "DualOnly",
        "newton::square_root",
    ] {
        assert!(info.contains(part), "{part} is not in {info}");
    }
    let contents = snapshot.as_text().unwrap().to_string();
    assert_eq!(
        contents,
        body(&project.read("snapshots/square_root.snap")).trim_end()
    );
    assert!(
        contents.starts_with("; stage: prepared\ndefine"),
        "{contents}"
    );
    assert!(contents.contains("\n; stage: final\ndefine"), "{contents}");
}

#[test]
fn ci_writes_nothing_and_insta_update_decides() {
    for (variables, is_changed, code, in_place, waits) in [
        (&[][..], true, 1, false, true),
        (&[("CI", "true")][..], true, 1, false, false),
        (&[("TF_BUILD", "1")][..], true, 1, false, false),
        (&[("CI", "false")][..], true, 1, false, true),
        (&[("CI", "0")][..], true, 1, false, true),
        (&[("INSTA_UPDATE", "no")][..], true, 1, false, false),
        (
            &[("INSTA_UPDATE", "new"), ("CI", "1")][..],
            true,
            1,
            false,
            true,
        ),
        (
            &[("INSTA_UPDATE", "always"), ("CI", "1")][..],
            true,
            0,
            true,
            false,
        ),
        (&[("INSTA_UPDATE", "1")][..], true, 0, true, false),
        (&[("INSTA_UPDATE", "force")][..], true, 0, true, false),
        (
            &[("INSTA_UPDATE", "auto"), ("CI", "1")][..],
            true,
            1,
            false,
            false,
        ),
        // What insta calls unseen is a snapshot that there is.
        (&[("INSTA_UPDATE", "unseen")][..], true, 1, false, true),
        (&[("INSTA_UPDATE", "unseen")][..], false, 0, true, false),
        (&[("INSTA_UPDATE", "new")][..], false, 1, false, true),
        (&[("CI", "1")][..], false, 1, false, false),
    ] {
        let project = match is_changed {
            true => Project::recorded(),
            false => Project::new(TWO),
        };
        let before = fs::read_to_string(project.path("snapshots/cube.snap")).ok();
        project.change_cube();
        let mut command = project.irad(&["check", "cube"]);
        command.envs(variables.iter().copied());
        let (ended, out, errors) = said(command.output().unwrap());
        assert_eq!(ended, code, "{variables:?}: {out}{errors}");
        let after = fs::read_to_string(project.path("snapshots/cube.snap")).ok();
        assert_eq!(after != before, in_place, "{variables:?}");
        assert_eq!(
            project.exists("snapshots/cube.snap.new"),
            waits,
            "{variables:?}"
        );
        if !is_changed && !in_place && !waits {
            assert!(!project.exists("snapshots"), "{variables:?}");
        }
    }
    let project = Project::recorded();
    let mut command = project.irad(&["check"]);
    command.env("INSTA_UPDATE", "sometimes");
    let (code, _, errors) = said(command.output().unwrap());
    assert_eq!(code, 2);
    assert!(errors.contains("INSTA_UPDATE is sometimes"), "{errors}");
}

#[test]
fn a_root_can_be_named_from_elsewhere() {
    let project = Project::recorded();
    let elsewhere = Project::new(TWO);
    let from = |name: &str, value: &std::path::Path| {
        let mut command = elsewhere.irad(&["check"]);
        command.env(name, value).env("CI", "1");
        said(command.output().unwrap())
    };
    assert_eq!(from("IRAD_UNRELATED", project.0.path()).0, 1);
    let (code, out, errors) = from("INSTA_WORKSPACE_ROOT", project.0.path());
    assert_eq!(code, 0, "{out}{errors}");
    // From a folder below, as cargo and git do.
    let output = project
        .irad(&["check"])
        .current_dir(project.path("ir"))
        .output();
    assert_eq!(said(output.unwrap()).0, 0);
    let config = project.path("irad.toml");
    let (code, ..) = elsewhere.run(&["check", "--config", config.to_str().unwrap()]);
    assert_eq!(code, 0);
    let mut command = project.irad(&["check"]);
    command.env("INSTA_PENDING_DIR", elsewhere.path("waiting"));
    project.change_cube();
    assert_eq!(said(command.output().unwrap()).0, 1);
    assert!(elsewhere.exists("waiting/snapshots/cube.snap.new"));
    assert!(!project.exists("snapshots/cube.snap.new"));
}

#[test]
fn flags_do_without_a_configuration() {
    let project = Project::new("");
    fs::remove_file(project.path("irad.toml")).unwrap();
    let flags = ["ir/scalar.ll", "--fn", "cube", "--mode", "reverse"];
    let run = |action: &str, more: &[&str]| {
        let mut arguments = vec![action];
        arguments.extend(flags);
        arguments.extend(more);
        project.run(&arguments)
    };
    assert_eq!(run("check", &[]).0, 1);
    assert_eq!(project.run(&["accept", "scalar_cube_reverse"]).0, 0);
    assert_eq!(run("check", &[]).0, 0);
    assert_eq!(
        run(
            "record",
            &["--content", "summary", "--stage", "prepared,final"]
        )
        .0,
        0
    );
    let summary = project.read("snapshots/scalar_cube_reverse_summary_prepared_final.snap");
    let words: Vec<&str> = body(&summary).split_whitespace().collect();
    assert_eq!(words[..2], ["prepared", "final"]);
    for row in [
        "instructions",
        "blocks",
        "loads",
        "stores",
        "calls",
        "allocations",
        "cached",
    ] {
        assert!(words.contains(&row), "{summary}");
    }
    assert_eq!(run("record", &["--content", "diff", "--name", "d"]).0, 0);
    assert!(body(&project.read("snapshots/d.snap")).starts_with("--- prepared\n+++ final\n@@ "));
    assert_eq!(run("record", &["--content", "passes", "--name", "p"]).0, 0);
    let passes = project.read("snapshots/p.snap");
    assert!(
        passes.contains("enzyme/derivative/diffe<scalar::cube>/1\n"),
        "{passes}"
    );
    assert!(
        !passes.contains("µs") && !passes.contains(" ms"),
        "{passes}"
    );
    assert_eq!(run("check", &["--wrt", "x", "--cleanup", "none"]).0, 1);
    let (code, _, errors) = project.run(&["check", "cube"]);
    assert_eq!(code, 2);
    assert!(errors.contains("there is no irad.toml"), "{errors}");
}

#[test]
fn snapshots_are_listed_and_unowned_ones_found() {
    let project = Project::recorded();
    let list = |project: &Project| {
        let (code, out, _) = project.run(&["list", "--json"]);
        let document: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(document["schema"], "snap_list/1");
        let standings: Vec<String> = document["snapshots"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["standing"].as_str().unwrap().to_owned())
            .collect();
        (code, standings, document["unowned"].clone())
    };
    let (code, standings, unowned) = list(&project);
    assert_eq!((code, unowned), (0, serde_json::json!([])));
    assert_eq!(standings, ["accepted", "accepted"]);
    project.change_cube();
    project.run(&["check"]);
    fs::remove_file(project.path("snapshots/square_root.snap")).unwrap();
    assert_eq!(list(&project).1, ["waits", "missing"]);
    // Somebody else's snapshot is nobody's business here.
    project.write("snapshots/other.snap", "---\nsource: a.rs\n---\n1\n");
    assert_eq!(project.run(&["prune"]).0, 0);
    project.write(
        "irad.toml",
        &TWO.replace("\"cube\"\ninput", "\"cubed\"\ninput"),
    );
    let (code, out, _) = project.run(&["prune"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("unowned snapshots/cube.snap\n"), "{out}");
    assert!(project.exists("snapshots/cube.snap"));
    assert_eq!(project.run(&["prune", "--delete"]).0, 0);
    assert!(!project.exists("snapshots/cube.snap"));
    assert!(!project.exists("snapshots/cube.snap.new"));
    assert!(project.exists("snapshots/other.snap"));
}
