//! Several processes on the same snapshots.

use std::fs;
use std::process::Stdio;

use crate::project::{Project, body};

#[test]
fn processes_do_not_corrupt_each_others_snapshots() {
    let project = Project::recorded();
    let first = project.read("snapshots/cube.snap");
    project.change_cube();
    project.run(&["check"]);
    let second = project.read("snapshots/cube.snap.new");
    assert_ne!(body(&first), body(&second));
    for _ in 0..3 {
        let actions: [&[&str]; 6] = [
            &["record"],
            &["check"],
            &["accept", "--all"],
            &["check"],
            &["reject", "--all"],
            &["record", "cube"],
        ];
        let children: Vec<_> = actions
            .iter()
            .map(|action| {
                project
                    .irad(action)
                    .stdout(Stdio::piped())
                    .stderr(Stdio::piped())
                    .spawn()
                    .unwrap()
            })
            .collect();
        for (action, child) in actions.iter().zip(children) {
            let (code, out, errors) = crate::project::said(child.wait_with_output().unwrap());
            // Whoever is slower may find nothing left to accept or reject, and says so.
            let is_late = errors.contains("another process was faster");
            assert!(
                code == 0 || is_late || (code == 1 && action[0] == "check"),
                "{action:?} {code}: {out}{errors}"
            );
            assert!(
                !errors.contains("cut off") && !errors.contains("by hand"),
                "{errors}"
            );
        }
    }
    assert_eq!(project.run(&["check"]).0, 0);
    assert_eq!(body(&project.read("snapshots/cube.snap")), body(&second));
    // Nothing is left lying about.
    let mut left: Vec<String> = fs::read_dir(project.path("snapshots"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["cube.snap", "square_root.snap"]);
}

#[test]
fn every_number_of_engines_gives_the_same() {
    let project = Project::recorded();
    for jobs in ["1", "2", "16"] {
        assert_eq!(project.run(&["check", "--jobs", jobs]).0, 0, "{jobs}");
    }
    assert_eq!(project.run(&["check", "--jobs", "0"]).0, 2);
}
