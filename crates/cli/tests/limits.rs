//! `docs/limits.md` has a section for each fault that a verdict names, and each section begins with what helps.

use std::fs;
use std::path::Path;

use trace::KnownFault;

fn limits() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/limits.md");
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

#[test]
fn every_fault_that_a_verdict_names_has_a_section() {
    let limits = limits();
    for fault in KnownFault::ALL {
        let heading = format!("\n### {}\n", fault.section());
        assert!(limits.contains(&heading), "{fault}");
    }
}

#[test]
fn every_section_begins_with_what_helps() {
    let limits = limits();
    let sections: Vec<&str> = limits.split("\n### ").skip(1).collect();
    assert!(sections.len() > 8, "{}", sections.len());
    for section in sections {
        let (title, rest) = section.split_once('\n').unwrap();
        let first = rest.trim_start();
        assert!(
            first.starts_with("What helps: "),
            "{title}: {}",
            first.lines().next().unwrap_or_default()
        );
    }
}
