//! Imports go one way: no file imports another that imports it back, through a chain of any length, and a
//! crate imports only what stands below it.
//!
//! `mod x;` imports x. So a submodule that uses an item of its parent's (`super::Item`, or through a
//! re-export) closes a cycle.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// What each crate may depend on, from the top down. Tests may use any crate.
const BELOW: [(&str, &[&str]); 15] = [
    // `irad-engine` is one of its programs: a few lines around `ad-pass`.
    (
        "irad",
        &[
            "session",
            "snapshots",
            "explore",
            "report",
            "diff-view",
            "ad-pass",
        ],
    ),
    ("report", &["view-model"]),
    ("explore", &["view-model"]),
    ("view-model", &["session", "diff-view"]),
    ("snapshots", &["session", "ir-text", "diff-view"]),
    ("session", &["trace", "ir-load", "diff-view"]),
    ("diff-view", &["ir-text"]),
    ("ir-text", &[]),
    ("trace", &[]),
    ("ir-load", &[]),
    // The engine reads bitcode's symbol table and cuts the slice out of what LLVM extracts.
    ("ad-pass", &["llvm-shim", "enzyme-sys", "trace", "ir-load"]),
    ("llvm-shim", &[]),
    ("enzyme-sys", &[]),
    ("xtask", &[]),
    // It runs `irad` and links none of it.
    ("truth", &[]),
];

fn crates() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = folder.canonicalize().unwrap();
    let entries = fs::read_dir(folder).unwrap();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.join("Cargo.toml").is_file());
    found.sort();
    assert!(found.len() > 8, "{found:?}");
    found
}

#[test]
fn crates_import_downwards_only() {
    let mut complaints = Vec::new();
    let mut seen = BTreeSet::new();
    for folder in crates() {
        let text = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let manifest: toml::Table = toml::from_str(&text).unwrap();
        let name = manifest["package"]["name"].as_str().unwrap().to_owned();
        let allowed = reachable(&name);
        let Some(dependencies) = manifest.get("dependencies") else {
            seen.insert(name);
            continue;
        };
        for dependency in dependencies.as_table().unwrap().keys() {
            let is_ours = BELOW.iter().any(|(other, _)| other == dependency);
            if is_ours && !allowed.contains(dependency.as_str()) {
                complaints.push(format!("{name} → {dependency}"));
            }
        }
        seen.insert(name);
    }
    assert!(
        complaints.is_empty(),
        "these imports go up or across: {}",
        complaints.join(", ")
    );
    let known: BTreeSet<String> = BELOW.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(seen, known, "each crate has its place in BELOW");
}

/// The crates below one, at any distance.
fn reachable(name: &str) -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    let (_, below) = BELOW
        .iter()
        .find(|(other, _)| *other == name)
        .unwrap_or_else(|| panic!("{name} has no place in BELOW"));
    for &one in *below {
        found.insert(one);
        found.append(&mut reachable(one));
    }
    found
}

#[test]
fn no_file_imports_one_that_imports_it_back() {
    let mut cycles = Vec::new();
    let mut count = 0;
    for folder in crates() {
        for root in roots(&folder) {
            let target = Target::read(&root);
            count += target.files.len();
            cycles.extend(target.cycles(&folder));
        }
    }
    assert!(count > 150, "{count} modules");
    assert!(
        cycles.is_empty(),
        "{} cycles of imports:\n{}",
        cycles.len(),
        cycles.join("\n")
    );
}

/// The files that a crate's targets begin with.
fn roots(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for file in ["src/lib.rs", "src/main.rs", "build.rs"] {
        found.push(folder.join(file));
    }
    for (part, main) in [("src/bin", "main.rs"), ("tests", "main.rs")] {
        for entry in fs::read_dir(folder.join(part)).into_iter().flatten() {
            let path = entry.unwrap().path();
            let is_file = path.extension().is_some_and(|end| end == "rs");
            found.push(if is_file { path } else { path.join(main) });
        }
    }
    found.retain(|path| path.is_file());
    found.sort();
    assert!(!found.is_empty(), "{}", folder.display());
    found
}

/// The modules of one target, each with its file, and the paths that they name.
#[derive(Default)]
struct Target {
    files: HashMap<Vec<String>, PathBuf>,
    paths: Vec<(Vec<String>, Vec<String>)>,
}

impl Target {
    fn read(root: &Path) -> Self {
        let mut target = Self::default();
        target.file(root, Vec::new(), root.parent().unwrap());
        target
    }

    /// A module in a file of its own. Its submodules' files lie in `folder`.
    fn file(&mut self, file: &Path, module: Vec<String>, folder: &Path) {
        let text = fs::read_to_string(file).unwrap();
        let tokens: TokenStream = text
            .parse()
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        self.items(file, module, folder, tokens);
    }

    fn items(&mut self, file: &Path, module: Vec<String>, folder: &Path, tokens: TokenStream) {
        self.files.insert(module.clone(), file.to_owned());
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for item in items(&tokens) {
            let attributes = item.iter().take_while(|token| is_attribute(token));
            let attributes: Vec<String> = attributes.map(ToString::to_string).collect();
            if attributes.iter().any(|text| text == "[cfg (test)]") {
                continue;
            }
            let Some((name, body)) = module_of(item) else {
                paths(item, &mut |path| self.paths.push((module.clone(), path)));
                continue;
            };
            let mut child = module.clone();
            child.push(name.clone());
            self.paths
                .push((module.clone(), [&["crate".to_owned()], &child[..]].concat()));
            if let Some(body) = body {
                self.items(file, child, &folder.join(name), body);
                continue;
            }
            let stated = attributes
                .iter()
                .find_map(|text| text.strip_prefix("[path = \"")?.strip_suffix("\"]"));
            let (file, folder) = match stated {
                Some(path) => {
                    let file = file.parent().unwrap().join(path);
                    let folder = file.parent().unwrap().to_owned();
                    (file, folder)
                }
                None if folder.join(format!("{name}.rs")).is_file() => {
                    (folder.join(format!("{name}.rs")), folder.join(name))
                }
                None => (folder.join(&name).join("mod.rs"), folder.join(name)),
            };
            self.file(&file, child, &folder);
        }
    }

    /// The file that a path leads into, from a module that names it.
    fn resolve(&self, module: &[String], path: &[String]) -> &PathBuf {
        let mut at = module.to_vec();
        let mut rest = path;
        loop {
            match rest.first().map(String::as_str) {
                Some("crate") => at.clear(),
                Some("super") => drop(at.pop()),
                Some("self") => {}
                _ => break,
            }
            rest = &rest[1..];
        }
        for name in rest {
            at.push(name.clone());
            if !self.files.contains_key(&at) {
                at.pop();
                break;
            }
        }
        &self.files[&at]
    }

    /// For each file that is in a cycle, the shortest that it is in.
    fn cycles(&self, folder: &Path) -> BTreeSet<String> {
        let mut imports: BTreeMap<&PathBuf, BTreeSet<&PathBuf>> = BTreeMap::new();
        for (module, path) in &self.paths {
            let (from, to) = (&self.files[module], self.resolve(module, path));
            if from != to {
                imports.entry(from).or_default().insert(to);
            }
        }
        let shown = |path: &PathBuf| {
            let crates = folder.parent().unwrap();
            path.strip_prefix(crates)
                .unwrap_or(path)
                .display()
                .to_string()
        };
        let cycle = |start| {
            let mut came_from = BTreeMap::new();
            let mut left = VecDeque::from([start]);
            while let Some(at) = left.pop_front() {
                for &next in imports.get(at).into_iter().flatten() {
                    if next == start {
                        let mut chain = vec![at];
                        while chain.last() != Some(&start) {
                            chain.push(came_from[chain.last().unwrap()]);
                        }
                        return Some(chain);
                    }
                    came_from.entry(next).or_insert_with(|| {
                        left.push_back(next);
                        at
                    });
                }
            }
            None
        };
        imports
            .keys()
            .filter_map(|start| cycle(*start))
            .map(|mut chain| {
                // The same cycle is found from each of its files.
                chain.reverse();
                let first = (0..chain.len()).min_by_key(|&at| chain[at]).unwrap();
                chain.rotate_left(first);
                chain.push(chain[0]);
                chain.into_iter().map(shown).collect::<Vec<_>>().join(" → ")
            })
            .collect()
    }
}

fn is_punctuation(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(found)) if found.as_char() == wanted)
}

fn is_attribute(token: &TokenTree) -> bool {
    match token {
        TokenTree::Punct(found) => matches!(found.as_char(), '#' | '!'),
        TokenTree::Group(group) => group.delimiter() == Delimiter::Bracket,
        _ => false,
    }
}

/// Parts a module's tokens into items: each ends with a body or with a semicolon.
fn items(tokens: &[TokenTree]) -> Vec<&[TokenTree]> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, token) in tokens.iter().enumerate() {
        let is_end = match token {
            TokenTree::Punct(found) => found.as_char() == ';',
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let words = tokens[start..at].iter().filter_map(|token| match token {
                    TokenTree::Ident(word) => Some(word.to_string()),
                    _ => None,
                });
                let words: Vec<String> = words.collect();
                // Braces of these are no body.
                let is_value = words.iter().any(|word| {
                    matches!(word.as_str(), "use" | "const" | "static" | "type" | "let")
                });
                !is_value
                    || words
                        .iter()
                        .any(|word| matches!(word.as_str(), "fn" | "impl"))
            }
            _ => false,
        };
        if is_end {
            found.push(&tokens[start..=at]);
            start = at + 1;
        }
    }
    found.push(&tokens[start..]);
    found
}

/// The name and the body of a module.
fn module_of(item: &[TokenTree]) -> Option<(String, Option<TokenStream>)> {
    let at = item
        .iter()
        .position(|token| matches!(token, TokenTree::Ident(word) if word == "mod"))?;
    let is_first = item[..at].iter().all(|token| match token {
        TokenTree::Ident(word) => word == "pub",
        TokenTree::Group(group) => group.delimiter() != Delimiter::Brace,
        other => is_attribute(other),
    });
    match (&item.get(at + 1)?, &item.get(at + 2)?) {
        (TokenTree::Ident(name), TokenTree::Punct(_)) if is_first => Some((name.to_string(), None)),
        (TokenTree::Ident(name), TokenTree::Group(body)) if is_first => {
            Some((name.to_string(), Some(body.stream())))
        }
        _ => None,
    }
}

/// Every path that begins at the crate, at the module or at its parent, in macros, too.
fn paths(tokens: &[TokenTree], found: &mut impl FnMut(Vec<String>)) {
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Ident(word)
                if ["crate", "self", "super"].iter().any(|start| word == start)
                    && is_punctuation(tokens.get(at + 1), ':')
                    && is_punctuation(tokens.get(at + 2), ':') =>
            {
                at = path(tokens, at, Vec::new(), found);
            }
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                paths(&inner, found);
                at += 1;
            }
            _ => at += 1,
        }
    }
}

/// One path, with all that stands in braces at its end. Says where it ends.
fn path(
    tokens: &[TokenTree],
    mut at: usize,
    mut names: Vec<String>,
    found: &mut impl FnMut(Vec<String>),
) -> usize {
    loop {
        match tokens.get(at) {
            Some(TokenTree::Ident(word)) => names.push(word.to_string().replace("r#", "")),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                let parts = inner.split(|token| is_punctuation(Some(token), ','));
                // A comma at the end is followed by nothing.
                for part in parts.filter(|part| !part.is_empty()) {
                    path(part, 0, names.clone(), found);
                }
                return at + 1;
            }
            _ => break,
        }
        at += 1;
        if !(is_punctuation(tokens.get(at), ':') && is_punctuation(tokens.get(at + 1), ':')) {
            break;
        }
        at += 2;
    }
    // `{self}` is what stands before the braces.
    if names.len() > 1 && names.last().is_some_and(|name| name == "self") {
        names.pop();
    }
    found(names);
    at
}
