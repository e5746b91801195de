//! Builds a crate as its user would with this nightly, and keeps the modules that rustc hands to Enzyme.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::compiler::Compiler;
use super::enzyme::Enzyme;
use super::error::NightlyError;
use super::library::{self, Library, words_file};
use super::settings::Words;
use super::wrapper;
use crate::build::BuildError;

/// One crate that was linked as one module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The crate, as paths of its functions begin.
    pub name: String,
    /// What cargo calls its kind: `bin`, `test`, `example`, `bench`.
    pub kind: String,
    /// The module before Enzyme, which is what rustc hands to it.
    pub before: PathBuf,
    /// The module after Enzyme.
    pub after: PathBuf,
    /// Enzyme's options by their own names, where rustc was told to set some.
    pub enzyme: Vec<(String, String)>,
}

/// What stands before a module in what rustc prints.
const BEFORE: &[u8] = b"Module before EnzymeNewPM\n";
const AFTER: &[u8] = b"Module after EnzymeNewPM\n";

/// cargo with this compiler and its Enzyme: `command`, the user's `flags`, and what rustc needs for
/// `#[autodiff_…]`.
pub fn cargo(
    compiler: &Compiler,
    enzyme: &Enzyme,
    command: &str,
    flags: &[String],
    folder: &Path,
) -> Command {
    let mut cargo = Command::new(compiler.cargo());
    cargo
        .arg(command)
        .args([
            "--config",
            &format!("profile.{}.lto=\"fat\"", profile(command, flags)),
        ])
        .args(flags)
        .env("RUSTC", enzyme.rustc())
        .env("RUSTUP_TOOLCHAIN", &compiler.name)
        .env_remove("CARGO")
        .current_dir(folder);
    cargo
}

/// The profile that cargo builds with.
fn profile(command: &str, flags: &[String]) -> String {
    // What follows is for the program.
    let own: Vec<&str> = flags
        .iter()
        .map(String::as_str)
        .take_while(|flag| *flag != "--")
        .collect();
    if own.iter().any(|flag| *flag == "--release" || *flag == "-r") || command == "bench" {
        return "release".to_owned();
    }
    let named = own.iter().enumerate().find_map(|(at, flag)| match *flag {
        "--profile" => own.get(at + 1).copied(),
        flag => flag.strip_prefix("--profile="),
    });
    named.unwrap_or("dev").to_owned()
}

/// What cargo's flags choose, built with a nightly and its Enzyme, in the release profile unless they choose another.
///
/// What is built lies in a folder of its own: keeping modules must not make the user's next build start anew.
pub struct Chosen<'a> {
    compiler: &'a Compiler,
    enzyme: &'a Enzyme,
    flags: Vec<String>,
    folder: &'a Path,
    target: PathBuf,
}

impl<'a> Chosen<'a> {
    /// What `flags` choose in `folder`.
    pub fn new(
        compiler: &'a Compiler,
        enzyme: &'a Enzyme,
        flags: &[String],
        folder: &'a Path,
    ) -> Result<Self, NightlyError> {
        let target = target(compiler, flags, folder)?;
        let mut flags = flags.to_vec();
        let chooses_profile = |flag: &String| {
            flag == "--release"
                || flag == "-r"
                || flag == "--profile"
                || flag.starts_with("--profile=")
        };
        if !flags.iter().any(chooses_profile) {
            flags.push("--release".to_owned());
        }
        Ok(Chosen {
            compiler,
            enzyme,
            flags,
            folder,
            target,
        })
    }

    /// What rustc links: programs, and libraries for C. None where there are only libraries in Rust.
    pub fn linked(&self) -> Result<Vec<Unit>, NightlyError> {
        let kept = self.kept(&self.target)?;
        let build = || self.build(&self.target, (wrapper::MODULES, &kept));
        let mut built = match build() {
            // Where Enzyme refuses a derivative, rustc fails, and what it handed to Enzyme is there all the same.
            Err(NightlyError::Build(BuildError::Said)) => {
                let units = dumped(&kept)?;
                return match units.is_empty() {
                    false => Ok(units),
                    true => Err(BuildError::Said.into()),
                };
            }
            built => built?,
        };
        let lost: Vec<&Artifact> = built.iter().filter(|unit| unit.is_lost(&kept)).collect();
        if !lost.is_empty() {
            // cargo takes them for done, and what was kept of them is gone.
            lost.into_iter().for_each(Artifact::forget);
            built = build()?;
        }
        let mut units = Vec::new();
        for artifact in &built {
            units.extend(artifact.unit(&kept)?);
        }
        Ok(units)
    }

    /// Each library in Rust, linked with a program that uses all of it. Whoever uses a library compiles it otherwise,
    /// so that this is done in a folder of its own.
    pub fn libraries(&self) -> Result<Vec<Unit>, NightlyError> {
        let target = self.target.join("libraries");
        let kept = self.kept(&target)?;
        let build = || self.build(&target, (wrapper::LIBRARIES, &kept));
        let has_words = |artifact: &&Artifact| {
            let words = artifact.stem.as_deref().map(words_file);
            words.is_some_and(|words| kept.join(words).is_file())
        };
        let mut built = build()?;
        // Those that others depend on are not what cargo was asked for, and nothing is kept of them.
        let own = |artifact: &&Artifact| artifact.is_rust_library && artifact.is_of_a_path;
        let is_lost = !built.iter().filter(own).any(|own| has_words(&own));
        if is_lost && built.iter().any(|artifact| own(&artifact)) {
            built.iter().filter(own).for_each(Artifact::forget);
            built = build()?;
        }
        let mut units = Vec::new();
        for artifact in built.iter().filter(own).filter(has_words) {
            units.extend(artifact.whole(&self.enzyme.rustc(), &kept)?);
        }
        Ok(units)
    }

    fn kept(&self, target: &Path) -> Result<PathBuf, NightlyError> {
        let kept = target.join("modules");
        fs::create_dir_all(&kept).map_err(NightlyError::io(&kept))?;
        Ok(kept)
    }

    fn build(
        &self,
        target: &Path,
        (variable, kept): (&str, &Path),
    ) -> Result<Vec<Artifact>, NightlyError> {
        build(
            self.compiler,
            self.enzyme,
            &self.flags,
            self.folder,
            target,
            (variable, kept),
        )
    }
}

/// What rustc printed before it failed.
fn dumped(kept: &Path) -> Result<Vec<Unit>, NightlyError> {
    let entries = fs::read_dir(kept).map_err(NightlyError::io(kept))?;
    let mut units = Vec::new();
    for dump in entries.flatten().map(|entry| entry.path()) {
        let stem = dump.file_stem().and_then(|stem| stem.to_str());
        let (Some(stem), true) = (stem, dump.extension().is_some_and(|is| is == "dump")) else {
            continue;
        };
        let before = kept.join(format!("{stem}.ll"));
        split(&dump, &before, &kept.join(format!("{stem}.after.ll")))?;
        let name = stem.rsplit_once('-').map_or(stem, |(name, _)| name);
        units.extend(unit(name, "bin", kept, stem)?);
    }
    Ok(units)
}

/// The modules that are kept of a crate.
fn unit(name: &str, kind: &str, kept: &Path, stem: &str) -> Result<Option<Unit>, NightlyError> {
    let before = kept.join(format!("{stem}.ll"));
    let after = kept.join(format!("{stem}.after.ll"));
    // rustc prints nothing of a crate that is not linked as one module.
    if !fs::metadata(&before).is_ok_and(|found| found.len() > 0) {
        return Ok(None);
    }
    Ok(Some(Unit {
        name: name.to_owned(),
        kind: kind.to_owned(),
        before,
        after,
        enzyme: Words::read(&kept.join(words_file(stem)))?.enzyme(),
    }))
}

/// The user's target folder, and in it ours.
fn target(compiler: &Compiler, flags: &[String], folder: &Path) -> Result<PathBuf, NightlyError> {
    let chosen = flags
        .iter()
        .enumerate()
        .find_map(|(at, flag)| match &**flag {
            "--target-dir" => flags.get(at + 1).map(String::as_str),
            flag => flag.strip_prefix("--target-dir="),
        });
    if let Some(chosen) = chosen {
        return Ok(folder.join(chosen));
    }
    let manifest = flags
        .iter()
        .enumerate()
        .find_map(|(at, flag)| match &**flag {
            "--manifest-path" => flags.get(at + 1).map(String::as_str),
            flag => flag.strip_prefix("--manifest-path="),
        });
    let mut cargo = Command::new(compiler.cargo());
    cargo
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(folder)
        .stderr(Stdio::inherit());
    if let Some(manifest) = manifest {
        cargo.args(["--manifest-path", manifest]);
    }
    let output = cargo
        .output()
        .map_err(NightlyError::run(compiler.cargo()))?;
    if !output.status.success() {
        return Err(BuildError::Said.into());
    }
    let said: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| BuildError::Metadata(error.into()))?;
    let target = said["target_directory"].as_str().unwrap_or("target");
    Ok(PathBuf::from(target).join("irad-nightly"))
}

/// What cargo says of something that it built.
struct Artifact {
    name: String,
    kind: String,
    files: Vec<PathBuf>,
    is_linked: bool,
    /// It is linked with programs in Rust, and rustc does not link it itself.
    is_rust_library: bool,
    /// Its package is in a folder of this computer, and of no registry.
    is_of_a_path: bool,
    /// The name that rustc gave its files, without what follows a point.
    stem: Option<String>,
}

impl Artifact {
    fn dump(&self, kept: &Path) -> Option<PathBuf> {
        Some(kept.join(format!("{}.dump", self.stem.as_ref()?)))
    }

    /// True where rustc ran Enzyme in an earlier build, and nothing of that is left.
    fn is_lost(&self, kept: &Path) -> bool {
        let has = |ending: &str| {
            let stem = self.stem.as_deref().unwrap_or_default();
            kept.join(format!("{stem}{ending}")).is_file()
        };
        self.is_linked && !(has(".words") && (has(".dump") || has(".ll")))
    }

    /// Takes its files away, so that cargo makes them again.
    fn forget(&self) {
        for file in &self.files {
            let _ = fs::remove_file(file);
            if let (Some(folder), Some(name)) = (file.parent(), file.file_name()) {
                let _ = fs::remove_file(folder.join("deps").join(name));
            }
        }
        // What cargo gives a plain name is another name of this.
        if let Some(stem) = &self.stem {
            for folder in self.files.iter().filter_map(|file| file.parent()) {
                let _ = fs::remove_file(folder.join("deps").join(stem));
            }
        }
    }

    /// The module of a program that uses all of this library. What was made of the same files is used again.
    fn whole(&self, rustc: &Path, kept: &Path) -> Result<Option<Unit>, NightlyError> {
        let rlib = self.files.iter().find(|file| {
            let ending = file.extension();
            ending.is_some_and(|ending| ending == "rlib")
        });
        let (Some(rlib), Some(stem)) = (rlib, &self.stem) else {
            return Ok(None);
        };
        let before = kept.join(format!("{stem}.ll"));
        let made = |path: &Path| fs::metadata(path).and_then(|found| found.modified()).ok();
        if made(&before).is_none_or(|before| made(rlib) > Some(before)) {
            let library = Library {
                name: &self.name,
                stem,
                rlib,
            };
            let Some(dump) = library::program(rustc, &library, kept)? else {
                return Ok(None);
            };
            let after = kept.join(format!("{stem}.after.ll"));
            split(&dump, &before, &after)?;
        }
        unit(&self.name, &self.kind, kept, stem)
    }

    /// Takes apart what rustc printed, and forgets it.
    fn unit(&self, kept: &Path) -> Result<Option<Unit>, NightlyError> {
        let (Some(dump), Some(stem), true) = (self.dump(kept), &self.stem, self.is_linked) else {
            return Ok(None);
        };
        if dump.is_file() {
            let before = kept.join(format!("{stem}.ll"));
            split(&dump, &before, &kept.join(format!("{stem}.after.ll")))?;
        }
        unit(&self.name, &self.kind, kept, stem)
    }
}

/// Writes the two modules that rustc printed to files of their own, and takes the print away.
pub fn split(dump: &Path, before: &Path, after: &Path) -> Result<(), NightlyError> {
    let text = fs::read(dump).map_err(NightlyError::io(dump))?;
    let end = memchr::memmem::find(&text, AFTER);
    let start = memchr::memmem::find(&text[..end.unwrap_or(text.len())], BEFORE);
    let first = start.map_or(&text[..0], |start| {
        &text[start + BEFORE.len()..end.unwrap_or(text.len())]
    });
    let second = end.map_or(&text[..0], |end| &text[end + AFTER.len()..]);
    fs::write(before, first).map_err(NightlyError::io(before))?;
    fs::write(after, second).map_err(NightlyError::io(after))?;
    fs::remove_file(dump).map_err(NightlyError::io(dump))
}

fn build(
    compiler: &Compiler,
    enzyme: &Enzyme,
    flags: &[String],
    folder: &Path,
    target: &Path,
    (variable, kept): (&str, &Path),
) -> Result<Vec<Artifact>, NightlyError> {
    let mut command = cargo(compiler, enzyme, "build", flags, folder);
    command
        // What the compiler makes is the same with debug info, which alone has Rust's types and the source's lines.
        .args([
            "--config",
            &format!("profile.{}.debug=2", profile("build", flags)),
        ])
        .args([
            "--config",
            &format!("profile.{}.strip=\"none\"", profile("build", flags)),
        ])
        .arg("--target-dir")
        .arg(target)
        .arg("--message-format=json-render-diagnostics")
        .env("CARGO_BUILD_BUILD_DIR", target)
        .env(variable, kept)
        // What keeps rustc's answers for later keeps neither what it prints nor which program that was.
        .env("RUSTC_WRAPPER", "")
        .env("RUSTC_WORKSPACE_WRAPPER", "")
        .stdout(Stdio::piped());
    let mut child = command
        .spawn()
        .map_err(NightlyError::run(compiler.cargo()))?;
    let mut built = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let Ok(message) = serde_json::from_str::<Value>(&line) else {
                continue;
            };
            if message["reason"] == "compiler-artifact" {
                built.push(artifact(&message));
            }
        }
    }
    let status = child.wait().map_err(NightlyError::run(compiler.cargo()))?;
    match status.success() {
        true => Ok(built),
        false => Err(BuildError::Said.into()),
    }
}

fn artifact(message: &Value) -> Artifact {
    let files = message["filenames"].as_array().into_iter().flatten();
    let files: Vec<PathBuf> = files.filter_map(Value::as_str).map(PathBuf::from).collect();
    let kinds = message["target"]["kind"].as_array().into_iter().flatten();
    let kinds: Vec<&str> = kinds.filter_map(Value::as_str).collect();
    let kind = kinds.first().copied().unwrap_or_default();
    // cargo has rustc optimise at link time where all that is made is linked by rustc.
    let is_of_c = |kind: &&str| matches!(*kind, "cdylib" | "staticlib");
    let is_linked_library = !kinds.is_empty() && kinds.iter().all(is_of_c);
    let is_rust_library = kinds.iter().any(|kind| matches!(*kind, "lib" | "rlib"));
    let kind = match message["profile"]["test"].as_bool() {
        Some(true) => "test",
        _ => kind,
    };
    let name = message["target"]["name"]
        .as_str()
        .unwrap_or_default()
        .replace('-', "_");
    Artifact {
        is_linked: is_linked_library || message["executable"].is_string() && kind != "custom-build",
        is_rust_library: is_rust_library && kind != "test",
        is_of_a_path: message["package_id"]
            .as_str()
            .is_some_and(|id| id.contains("path+file:")),
        // What is linked for C has no hash in its name.
        stem: stem(&name, &files).or_else(|| is_linked_library.then(|| name.clone())),
        kind: kind.to_owned(),
        name,
        files,
    }
}

/// `crate_name-hash`. What a binary is called has no hash, but is another name of a file that has one.
fn stem(name: &str, files: &[PathBuf]) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let prefix = format!("{name}-");
    let hashed = |path: &Path| {
        let stem = path.file_stem()?.to_str()?;
        // A library's file has `lib` before the name.
        let stem = [stem, stem.strip_prefix("lib").unwrap_or(stem)]
            .into_iter()
            .find(|stem| stem.starts_with(&prefix))?;
        let hash = stem.strip_prefix(&prefix)?;
        let is_hash = hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hash.then(|| stem.to_owned())
    };
    if let Some(stem) = files.iter().find_map(|file| hashed(file)) {
        return Some(stem);
    }
    let folders: BTreeSet<PathBuf> = files
        .iter()
        .filter_map(|file| file.parent())
        .flat_map(|folder| [folder.to_owned(), folder.join("deps")])
        .collect();
    let same = |entry: &Path, file: &PathBuf| {
        let (Ok(one), Ok(other)) = (fs::metadata(entry), fs::metadata(file)) else {
            return false;
        };
        (one.dev(), one.ino()) == (other.dev(), other.ino())
    };
    folders
        .iter()
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|entry| files.iter().any(|file| same(entry, file)))
        .find_map(|entry| hashed(&entry))
}
