//! Every string of Enzyme's that irad depends on stands in the sources that are built.

use std::fs;
use std::path::Path;

/// The text of every source and header.
fn sources(folder: &Path, out: &mut Vec<String>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    for entry in entries {
        let path = entry
            .expect("a folder that is read is read to its end")
            .path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if path.is_dir() {
            sources(&path, out);
        } else if matches!(extension, Some("cpp" | "h" | "td" | "def")) {
            out.push(fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}")));
        }
    }
}

#[test]
fn every_string_stands_in_the_sources() {
    let mut texts = Vec::new();
    sources(&Path::new(enzyme_sys::SOURCES).join("Enzyme"), &mut texts);
    assert!(texts.len() > 20, "{} holds no sources", enzyme_sys::SOURCES);
    let missing: Vec<_> = trace::enzyme::ALL
        .iter()
        .filter(|(_, string)| !texts.iter().any(|text| text.contains(string)))
        .collect();
    assert!(
        missing.is_empty(),
        "Enzyme's sources have these no more: look for what says the same now, and change crates/trace/src/enzyme.rs: {missing:?}"
    );
}
