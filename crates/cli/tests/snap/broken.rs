//! What is broken is named by file and line, and has its exit code.

use crate::project::{Project, TWO, said};

/// The line, from 1, that holds a text.
fn line_of(text: &str, part: &str) -> usize {
    text.lines().position(|line| line.contains(part)).unwrap() + 1
}

#[test]
fn a_broken_snapshot_is_named_by_its_line() {
    let project = Project::recorded();
    let path = "snapshots/cube.snap";
    let whole = project.read(path);
    let merged = whole.replace(
        "ret {",
        "x\n<<<<<<< ours\n  ret { double } %a\n=======\n  ret { double } %b\n>>>>>>> theirs\n  ret {",
    );
    let cut: String = whole
        .lines()
        .take(24)
        .map(|line| format!("{line}\n"))
        .collect();
    let edited = whole.replacen("fmul fast", "fmul", 1);
    assert_ne!(edited, whole);
    let edited_line = whole
        .lines()
        .position(|line| line.contains("fmul fast"))
        .unwrap()
        + 1;
    for (text, line, words) in [
        (
            &merged,
            line_of(&merged, "<<<<<<<"),
            "two versions were merged here",
        ),
        (&cut, 24, "it is cut off"),
        (&edited, edited_line, "changed by hand"),
        (
            &whole.replace("description: ", "description: {"),
            4,
            "is no YAML",
        ),
        (&String::new(), 1, "begins with"),
    ] {
        project.write(path, text);
        let (code, out, errors) = project.run(&["check"]);
        assert_eq!(code, 2, "{out}{errors}");
        assert!(
            errors.contains(&format!("{path} line {line}: ")),
            "{line}: {errors}"
        );
        assert!(errors.contains(words), "{errors}");
        assert!(out.contains("1 same, 1 failed"), "{out}");
        // A file that cannot be read is left to its owner.
        assert_eq!(&project.read(path), text);
        assert_eq!(project.run(&["list"]).0, 2);
    }
    let (code, _, errors) = project.run(&["record", "cube"]);
    assert_eq!(code, 0, "{errors}");
    assert_eq!(project.read(path), whole);
}

#[test]
fn a_broken_waiting_snapshot_is_not_accepted() {
    let project = Project::recorded();
    project.change_cube();
    project.run(&["check"]);
    let path = "snapshots/cube.snap.new";
    let text = project.read(path).replace("ret {", "ret{");
    project.write(path, &text);
    let before = project.read("snapshots/cube.snap");
    let (code, _, errors) = project.run(&["accept", "cube"]);
    assert_eq!(code, 2);
    assert!(errors.contains("snapshots/cube.snap.new line "), "{errors}");
    assert_eq!(project.read("snapshots/cube.snap"), before);
    assert_eq!(project.run(&["review"]).0, 2);
    assert_eq!(project.run(&["check", "cube"]).0, 1);
    assert_eq!(project.run(&["accept", "cube"]).0, 0);
}

#[test]
fn a_broken_configuration_is_named_by_its_line() {
    for (from, to, line, words) in [
        (
            "mode = \"reverse\"",
            "mode = \"backward\"",
            6,
            "unknown variant `backward`",
        ),
        ("function = \"cube\"", "function = cube", 5, ""),
        (
            "function = \"cube\"",
            "fn = \"cube\"",
            5,
            "unknown field `fn`",
        ),
        (
            "input = \"ir/scalar.ll\"\n",
            "",
            3,
            "either an input (a file) or a crate",
        ),
        (
            "name = \"cube\"",
            "name = \"square root\"",
            9,
            "two entries are called square root",
        ),
        (
            "name = \"cube\"",
            "name = \"square_root\"",
            9,
            "would have the same file",
        ),
        (
            "mode = \"reverse\"",
            "mode = \"reverse\"\nfeatures = [\"a\"]",
            3,
            "the input is a file",
        ),
        (
            "mode = \"reverse\"",
            "mode = \"reverse\"\nsig = \"(x: \"",
            7,
            "signature",
        ),
        (
            "a = \"Dual\"",
            "a = \"Double\"",
            14,
            "Double is no activity",
        ),
        (
            "\"prepared\", \"final\"",
            "\"prepared\", \"end\"",
            15,
            "unknown variant `end`",
        ),
    ] {
        assert!(TWO.contains(from));
        let project = Project::new(&TWO.replacen(from, to, 1));
        let (code, out, errors) = project.run(&["check"]);
        assert_eq!(code, 2, "{to}: {out}{errors}");
        assert!(
            errors.contains(&format!("irad.toml:{line}:")),
            "{to}: {errors}"
        );
        assert!(errors.contains(words), "{to}: {errors}");
        assert!(out.is_empty(), "{out}");
    }
    let project = Project::new("");
    assert_eq!(project.run(&["check"]).0, 2);
    let (code, _, errors) = project.run(&["check", "--config", "nowhere.toml"]);
    assert_eq!(code, 2);
    assert!(errors.contains("nowhere.toml"), "{errors}");
    let (code, _, errors) = Project::new(TWO).run(&["check", "cubes"]);
    assert_eq!(code, 2);
    assert!(
        errors.contains("its entries: cube, square root"),
        "{errors}"
    );
}

#[test]
fn an_entry_that_cannot_be_computed_decides_the_exit_code() {
    let more = |name: &str, input: &str, function: &str| {
        format!(
            "\n[[entry]]\nname = \"{name}\"\ninput = \"{input}\"\nfunction = \"{function}\"\nmode = \"reverse\"\n"
        )
    };
    let project = Project::recorded();
    project.change_cube();
    project.write(
        "irad.toml",
        &(TWO.to_owned() + &more("gone", "ir/gone.ll", "f")),
    );
    let (code, out, errors) = project.run(&["check"]);
    assert_eq!(code, 2, "{out}{errors}");
    assert!(errors.contains("snapshot gone:\n"), "{errors}");
    assert!(out.contains("1 same, 1 changed, 1 failed"), "{out}");

    let refused = crate::project::root().join("fixtures/refused/external.ll");
    let text = std::fs::read_to_string(&refused).unwrap();
    project.write("ir/external.ll", &text);
    project.write(
        "irad.toml",
        &(TWO.to_owned() + &more("refused", "ir/external.ll", "surface")),
    );
    let (code, out, errors) = project.run(&["check"]);
    assert_eq!(code, 3, "{out}{errors}");
    assert!(errors.contains("snapshot refused:\n"), "{errors}");

    project.write("irad.toml", TWO);
    let mut command = project.irad(&["check"]);
    command.env("IRAD_ENGINE_FAULT", "segfault@enzyme");
    let (code, out, errors) = said(command.output().unwrap());
    assert_eq!(code, 4, "{out}{errors}");
    assert!(out.contains("2 failed"), "{out}");
}
