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

/// The text of all that is built.
fn built() -> Vec<String> {
    let mut texts = Vec::new();
    sources(&Path::new(enzyme_sys::SOURCES).join("Enzyme"), &mut texts);
    assert!(texts.len() > 20, "{} holds no sources", enzyme_sys::SOURCES);
    texts
}

#[test]
fn every_string_stands_in_the_sources() {
    let texts = built();
    let missing: Vec<_> = trace::enzyme::ALL
        .iter()
        .filter(|(_, string)| !texts.iter().any(|text| text.contains(string)))
        .collect();
    assert!(
        missing.is_empty(),
        "Enzyme's sources have these no more: look for what says the same now, and change crates/trace/src/enzyme.rs: {missing:?}"
    );
}

/// Names are short: each begins a string of Enzyme's.
#[test]
fn every_string_of_the_shim_stands_in_the_sources() {
    let header = "../llvm-shim/cpp/enzyme_strings.h";
    let header = fs::read_to_string(header).unwrap_or_else(|error| panic!("{header}: {error}"));
    let code: String = header
        .lines()
        .filter(|line| !line.starts_with("//") && !line.starts_with('#'))
        .collect();
    let strings: Vec<&str> = code.split('"').skip(1).step_by(2).collect();
    assert!(strings.len() > 20, "{strings:?}");
    let texts = built();
    let missing: Vec<_> = strings
        .iter()
        .filter(|string| {
            !texts
                .iter()
                .any(|text| text.contains(&format!("\"{string}")))
        })
        .collect();
    assert!(
        missing.is_empty(),
        "Enzyme's sources have these no more: look for what is called so now, and change crates/llvm-shim/cpp/enzyme_strings.h: {missing:?}"
    );
}
