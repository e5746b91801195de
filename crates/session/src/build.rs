//! Builds a crate with cargo, with the flags that suit Enzyme, and finds the IR that came out.
//!
//! What is built lies in a folder of its own, so that the user's build stays as it is. The flags go to
//! the one crate that is asked for and, where they concern all (panic strategy, link-time optimisation),
//! into its profile; `RUSTFLAGS` and the user's configuration count, and the user's flags come last.

use std::collections::BTreeSet;
use std::collections::hash_map::DefaultHasher;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::SystemTime;

use serde_json::Value;

/// What came out.
pub struct Built {
    /// The crate, as paths of its functions begin.
    pub name: String,
    /// Its modules: one, or as many as there are codegen units where the user's flags ask for several.
    pub modules: Vec<PathBuf>,
    /// Its source files.
    pub sources: Vec<PathBuf>,
    /// The features that are on.
    pub features: Vec<String>,
}

/// Why nothing came out.
#[derive(Clone, Debug, thiserror::Error)]
pub enum BuildError {
    /// cargo or rustc said why, on standard error.
    #[error("cargo could not build it")]
    Said,
    /// irad reads cargo's messages itself.
    #[error("--message-format is what irad talks to cargo with, and cannot be given")]
    MessageFormat,
    /// A flag that may choose several crates.
    #[error("{flag} may be several crates, and this is about one")]
    Several {
        /// The flag.
        flag: &'static str,
        /// Flags that choose one.
        one: &'static str,
    },
    /// cargo cannot be run.
    #[error("cargo cannot be run")]
    NoCargo(#[source] Arc<io::Error>),
    /// cargo's description of the workspace cannot be read.
    #[error("cargo metadata says what cannot be read")]
    Metadata(#[source] Arc<serde_json::Error>),
    /// A crate's files are not where they should be.
    #[error("cargo built {name}, but its files are not where they should be")]
    NoFiles {
        /// The crate.
        name: String,
        /// Where they were looked for.
        target: PathBuf,
    },
    /// The folder holds a workspace and no package, and nothing says which member is meant.
    #[error("this folder is a workspace of several packages")]
    Virtual {
        /// Their names.
        members: Vec<String>,
    },
    /// No package of the workspace has a target of that name.
    #[error("no package of this workspace has {name}")]
    NoTarget {
        /// What was asked for.
        name: String,
        /// What there is, as flags.
        there: Vec<String>,
    },
    /// There is no IR where it should be.
    #[error("cargo built {name}, but wrote no IR")]
    NoIr {
        /// The crate.
        name: String,
        /// Where it was looked for.
        target: PathBuf,
    },
}

/// What the one crate is compiled with: before rustc's own passes, which unroll and vectorise, but
/// with the attributes of an optimised build, and with debug info, which has the types.
const RUSTC: [&str; 10] = [
    "-C",
    "no-prepopulate-passes",
    "-C",
    "opt-level=3",
    "-C",
    "debuginfo=2",
    "-C",
    "codegen-units=1",
    // Names of generic functions that spell their types out.
    "-C",
    "symbol-mangling-version=v0",
];

/// What rustc takes for used, so that it makes code of every function that has no type parameters.
pub const KEEP_EVERYTHING: [&str; 2] = ["-C", "link-dead-code"];

/// Of which functions rustc makes code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// Those that others may call and would not inline.
    AsUsual,
    /// Small, `#[inline]` and private ones, too.
    Everything,
}

/// Builds in `folder` what cargo's `flags` choose: those of `cargo rustc`, before its `--`.
pub fn build(flags: &[String], folder: &Path, keeps: Keeps) -> Result<Built, BuildError> {
    let flags = Flags::of(flags)?;
    let workspace = workspace(&flags, folder)?;
    let target = target_of(&flags, &workspace, folder);
    let unit = match workspace.takes_library(&flags) {
        true => Unit::Library,
        false => Unit::Linked,
    };
    let output = compile(&flags, &workspace, &target, folder, keeps, &unit)?;
    find(&output, &workspace.root, &target, None)
}

/// Builds the library that cargo's `flags` choose once more, linked with all that it uses: as a library for C, which
/// link-time optimisation makes one module of, without passes that would drop what nothing calls.
///
/// `None` where the flags choose something else, which is linked as it is, or say what the library is to be.
pub fn build_linked(flags: &[String], folder: &Path) -> Result<Option<Built>, BuildError> {
    let written = flags;
    let flags = Flags::of(flags)?;
    let workspace = workspace(&flags, folder)?;
    let Some(name) = &workspace.library else {
        return Ok(None);
    };
    if !workspace.takes_library(&flags) || flags.value("--crate-type").is_some() {
        return Ok(None);
    }
    let target = target_of(&flags, &workspace, folder);
    // Its files have no hash in their names, so that those of other features would be taken for it.
    let mut hasher = DefaultHasher::new();
    (written, env::var_os("RUSTFLAGS")).hash(&mut hasher);
    let module = target
        .join("linked")
        .join(format!("{name}-{:016x}.ll", hasher.finish()));
    let unit = Unit::LinkedLibrary(&module);
    let output = compile(
        &flags,
        &workspace,
        &target,
        folder,
        Keeps::Everything,
        &unit,
    )?;
    find(&output, &workspace.root, &target, Some(&module)).map(Some)
}

/// Where cargo puts what it builds.
fn target_of(flags: &Flags<'_>, workspace: &Workspace, folder: &Path) -> PathBuf {
    match flags.value("--target-dir") {
        Some(chosen) => folder.join(chosen),
        None => workspace.target.join("irad"),
    }
}

/// The profile that cargo's flags choose, if they do.
pub fn profile(flags: &[String]) -> Option<&str> {
    Flags(flags).profile()
}

/// cargo's flags with another profile.
pub fn with_profile(flags: &[String], profile: &str) -> Vec<String> {
    let mut kept = Vec::new();
    let mut words = flags.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--release" | "-r" => {}
            "--profile" => {
                words.next();
            }
            word if word.starts_with("--profile=") => {}
            _ => kept.push(word.clone()),
        }
    }
    kept.extend(["--profile".to_owned(), profile.to_owned()]);
    kept
}

/// What is made of the chosen crate.
enum Unit<'a> {
    /// A library by itself.
    Library,
    /// A library with all that is linked into it, as one module in this file.
    LinkedLibrary(&'a Path),
    /// What is linked in any case: a binary, an example, a test or a benchmark.
    Linked,
}

/// cargo's flags.
struct Flags<'a>(&'a [String]);

impl<'a> Flags<'a> {
    fn of(flags: &'a [String]) -> Result<Self, BuildError> {
        let all = Flags(flags);
        if all.value("--message-format").is_some() {
            return Err(BuildError::MessageFormat);
        }
        for (several, one) in [
            ("--bins", "--bin NAME"),
            ("--examples", "--example NAME"),
            ("--tests", "--test NAME"),
            ("--benches", "--bench NAME"),
            (
                "--all-targets",
                "--lib, --bin NAME, --example NAME, --test NAME or --bench NAME",
            ),
            ("--workspace", "-p NAME"),
            ("--all", "-p NAME"),
        ] {
            if all.has(several) {
                return Err(BuildError::Several { flag: several, one });
            }
        }
        Ok(all)
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|flag| flag == name)
    }

    /// The last value of a flag: `--name value` or `--name=value`; for short ones `-nvalue`, too.
    fn value(&self, name: &str) -> Option<&'a str> {
        let is_short = !name.starts_with("--");
        let mut found = None;
        for (at, flag) in self.0.iter().enumerate() {
            if flag == name {
                found = Some(self.0.get(at + 1).map_or("", String::as_str));
            } else if let Some(rest) = flag.strip_prefix(name) {
                match rest.strip_prefix('=') {
                    Some(value) => found = Some(value),
                    None if is_short => found = Some(rest),
                    None => {}
                }
            }
        }
        found
    }

    fn package(&self) -> Option<&'a str> {
        self.value("--package").or_else(|| self.value("-p"))
    }

    /// True when one of the package's crates is chosen.
    fn chooses(&self) -> bool {
        self.has("--lib") || self.chosen().is_some()
    }

    /// The kind of a chosen crate that is linked.
    fn chosen(&self) -> Option<&'static str> {
        [
            ("--bin", "bin"),
            ("--example", "example"),
            ("--test", "test"),
            ("--bench", "bench"),
        ]
        .into_iter()
        .find(|(flag, _)| self.value(flag).is_some())
        .map(|(_, kind)| kind)
    }

    /// The profile, if one is chosen.
    fn profile(&self) -> Option<&'a str> {
        if self.has("--release") || self.has("-r") {
            return Some("release");
        }
        self.value("--profile")
    }

    /// Those that `cargo metadata` takes as well.
    fn of_metadata(&self) -> Vec<&'a str> {
        let mut flags = Vec::new();
        for (at, flag) in self.0.iter().enumerate() {
            let next = self.0.get(at + 1).map(String::as_str);
            match flag.as_str() {
                "--offline" | "--locked" | "--frozen" => flags.push(flag.as_str()),
                "--manifest-path" | "--config" | "-Z" => {
                    flags.push(flag);
                    flags.extend(next);
                }
                flag if flag.starts_with("--manifest-path=")
                    || flag.starts_with("--config=")
                    || (flag.starts_with("-Z") && flag.len() > 2) =>
                {
                    flags.push(flag);
                }
                _ => {}
            }
        }
        flags
    }
}

/// What cargo knows before it builds.
struct Workspace {
    /// The member that a target's name implies, in a workspace without a package at its top.
    implied: Option<String>,
    root: PathBuf,
    target: PathBuf,
    /// The chosen package, as cargo calls it; empty where it is cargo's to say what is wrong.
    package: String,
    /// The chosen package's crates, by their kinds; empty where it is cargo's to say what is wrong.
    kinds: Vec<Vec<String>>,
    /// What the package's library is called in Rust.
    library: Option<String>,
}

/// The kinds of libraries.
const LIBRARIES: [&str; 5] = ["lib", "rlib", "dylib", "cdylib", "staticlib"];

impl Workspace {
    /// The kinds of the package's library.
    fn library_kinds(&self) -> Option<&Vec<String>> {
        let mut targets = self.kinds.iter();
        targets.find(|kinds| is_library(kinds))
    }

    /// True when the flags choose the library, or nothing, where there is one.
    fn takes_library(&self, flags: &Flags<'_>) -> bool {
        flags.has("--lib") || (!flags.chooses() && self.library_kinds().is_some())
    }

    /// True for a library that only other languages link.
    fn is_of_c(&self) -> bool {
        self.library_kinds()
            .is_some_and(|kinds| kinds.iter().all(|kind| kind != "lib" && kind != "rlib"))
    }
}

fn is_library(kinds: &[String]) -> bool {
    kinds.iter().any(|kind| LIBRARIES.contains(&kind.as_str()))
}

/// What `--bin`, `--example`, `--test` and `--bench` may choose, as flags.
fn targets_of(packages: &[Value]) -> Vec<String> {
    let targets = packages
        .iter()
        .filter_map(|package| package["targets"].as_array())
        .flatten();
    targets
        .filter_map(|target| {
            let kind = target["kind"][0].as_str()?;
            let is_chosen = ["bin", "example", "test", "bench"].contains(&kind);
            is_chosen.then(|| Some(format!("--{kind} {}", target["name"].as_str()?)))?
        })
        .collect()
}

/// cargo as the user called it.
fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.current_dir(folder);
    command
}

fn missing(error: io::Error) -> BuildError {
    BuildError::NoCargo(Arc::new(error))
}

fn workspace(flags: &Flags<'_>, folder: &Path) -> Result<Workspace, BuildError> {
    let output = cargo(folder)
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .args(flags.of_metadata())
        .stderr(Stdio::inherit())
        .output()
        .map_err(missing)?;
    if !output.status.success() {
        return Err(BuildError::Said);
    }
    let said: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| BuildError::Metadata(Arc::new(error)))?;
    let path = |value: &Value| PathBuf::from(value.as_str().unwrap_or_default());
    let packages = said["packages"].as_array().cloned().unwrap_or_default();
    let mut implied = None;
    let mut package = match flags.package() {
        Some(wanted) => {
            let name = wanted.rsplit(['/', '#']).next().unwrap_or(wanted);
            let name = name.split(['@', ':']).next().unwrap_or(name);
            packages.iter().find(|package| package["name"] == name)
        }
        None => {
            let start = match flags.value("--manifest-path") {
                Some(manifest) => folder.join(manifest),
                None => folder.join("Cargo.toml"),
            };
            let start = fs::canonicalize(start.parent().unwrap_or(folder)).unwrap_or_default();
            start.ancestors().find_map(|folder| {
                let manifest = folder.join("Cargo.toml");
                packages.iter().find(|package| {
                    fs::canonicalize(path(&package["manifest_path"]))
                        .is_ok_and(|own| own == manifest)
                })
            })
        }
    };
    if package.is_none() && flags.package().is_none() {
        // A folder that holds only a workspace: the target's name may say which member is meant.
        let chosen = ["--bin", "--example", "--test", "--bench"]
            .iter()
            .find_map(|flag| flags.value(flag));
        let has = |package: &&Value| {
            let targets = package["targets"].as_array().into_iter().flatten();
            chosen.is_some_and(|name| targets.into_iter().any(|target| target["name"] == name))
        };
        let having: Vec<&Value> = packages.iter().filter(has).collect();
        if let [only] = having.as_slice() {
            package = Some(only);
            implied = only["name"].as_str().map(str::to_owned);
        } else {
            if let (Some(name), []) = (chosen, having.as_slice()) {
                return Err(BuildError::NoTarget {
                    name: name.to_owned(),
                    there: targets_of(&packages),
                });
            }
            return Err(BuildError::Virtual {
                members: packages
                    .iter()
                    .filter_map(|p| p["name"].as_str())
                    .map(str::to_owned)
                    .collect(),
            });
        }
    }
    let targets = || {
        let targets = package.and_then(|package| package["targets"].as_array());
        targets.into_iter().flatten()
    };
    let kinds = targets().map(|target| words(&target["kind"])).collect();
    let library = targets()
        .find(|target| is_library(&words(&target["kind"])))
        .and_then(|target| target["name"].as_str())
        .map(|name| name.replace('-', "_"));
    Ok(Workspace {
        implied,
        root: path(&said["workspace_root"]),
        target: path(&said["target_directory"]),
        package: package
            .and_then(|package| package["id"].as_str())
            .unwrap_or_default()
            .to_owned(),
        kinds,
        library,
    })
}

fn words(list: &Value) -> Vec<String> {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// What cargo said of the crate that was asked for.
struct Artifact {
    crate_name: String,
    features: Vec<String>,
    files: Vec<PathBuf>,
}

fn compile(
    flags: &Flags<'_>,
    workspace: &Workspace,
    target: &Path,
    folder: &Path,
    keeps: Keeps,
    unit: &Unit<'_>,
) -> Result<Artifact, BuildError> {
    let mut command = cargo(folder);
    command.arg("rustc");
    let profile = flags.profile().unwrap_or("release");
    // What is linked is linked as one module, with the bodies of what it calls in other crates; of
    // those only debug info still has the types.
    let linked = match unit {
        Unit::Library => ["lto=\"off\""].as_slice(),
        Unit::LinkedLibrary(_) | Unit::Linked => &["lto=\"fat\"", "debug=2", "strip=\"none\""],
    };
    // In the profile cargo keeps the strategy from tests, build scripts and macros, which must unwind.
    // The level stands there, too: where it is only a flag of rustc's, a debug build loses its checks.
    let settings = [
        "panic=\"abort\"",
        "codegen-units=1",
        "incremental=false",
        "opt-level=3",
    ];
    for setting in settings.iter().chain(linked) {
        command.args(["--config", &format!("profile.{profile}.{setting}")]);
    }
    if let Some(name) = &workspace.implied {
        command.args(["-p", name]);
    }
    command.args(flags.0);
    if flags.profile().is_none() {
        command.arg("--release");
    }
    if !matches!(unit, Unit::Linked) && !flags.has("--lib") {
        command.arg("--lib");
    }
    match unit {
        // What a C library would be linked with is not needed, and may not be there.
        Unit::Library if workspace.is_of_c() && flags.value("--crate-type").is_none() => {
            command.args(["--crate-type", "lib"]);
        }
        Unit::LinkedLibrary(_) => {
            command.args(["--crate-type", "cdylib"]);
        }
        Unit::Library | Unit::Linked => {}
    }
    if flags.value("--target-dir").is_none() {
        command.arg("--target-dir").arg(target);
    }
    // cargo paints rustc's messages itself, on standard error, as it always does.
    command
        .arg("--message-format=json-render-diagnostics")
        .arg("--")
        .arg(match unit {
            Unit::LinkedLibrary(module) => format!("--emit=llvm-ir={}", module.display()),
            Unit::Library | Unit::Linked => "--emit=llvm-ir".to_owned(),
        })
        .args(RUSTC)
        .args(match keeps {
            Keeps::AsUsual => [].as_slice(),
            Keeps::Everything => &KEEP_EVERYTHING,
        })
        // A user who keeps intermediate files elsewhere keeps those of other builds there.
        .env("CARGO_BUILD_BUILD_DIR", target)
        .stdout(Stdio::piped());
    let wanted_kinds: Vec<&str> = match flags.chosen() {
        Some(kind) => vec![kind],
        None if matches!(unit, Unit::Linked) => Vec::new(),
        None => LIBRARIES.to_vec(),
    };
    let is_wanted = |message: &Value| {
        let is_package = workspace.package.is_empty() || message["package_id"] == workspace.package;
        let kinds = words(&message["target"]["kind"]);
        let is_kind = kinds
            .iter()
            .any(|kind| wanted_kinds.contains(&kind.as_str()));
        is_package && (is_kind || wanted_kinds.is_empty())
    };
    if let Unit::LinkedLibrary(module) = unit
        && let Some(folder) = module.parent()
    {
        // rustc says so where it cannot write there.
        let _ = fs::create_dir_all(folder);
    }
    let mut child = command.spawn().map_err(missing)?;
    let mut last = None;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let Ok(message) = serde_json::from_str::<Value>(&line) else {
                continue;
            };
            // A dependency may be done after what only needs its types.
            if message["reason"] == "compiler-artifact" && is_wanted(&message) {
                last = Some(message);
            }
        }
    }
    let status = child.wait().map_err(missing)?;
    let Some(message) = last.filter(|_| status.success()) else {
        return Err(BuildError::Said);
    };
    let files = message["filenames"].as_array().into_iter().flatten();
    Ok(Artifact {
        features: words(&message["features"]),
        crate_name: message["target"]["name"]
            .as_str()
            .unwrap_or_default()
            .replace('-', "_"),
        files: files.filter_map(Value::as_str).map(PathBuf::from).collect(),
    })
}

/// The modules of an artifact: the files of IR with the same hash.
fn find(
    artifact: &Artifact,
    root: &Path,
    target: &Path,
    module: Option<&Path>,
) -> Result<Built, BuildError> {
    let mut around = BTreeSet::new();
    for file in &artifact.files {
        let folder = file.parent().unwrap_or(target);
        around.extend([folder.to_owned(), folder.join("deps")]);
    }
    let entries: Vec<PathBuf> = around
        .iter()
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    let stem = match module {
        Some(_) => Some(artifact.crate_name.clone()),
        None => stem(artifact, &entries),
    };
    let stem = stem.ok_or_else(|| BuildError::NoFiles {
        name: artifact.crate_name.clone(),
        target: target.to_owned(),
    })?;
    let name = |path: &Path| {
        path.file_name()
            .map(|name| name.to_string_lossy().into_owned())
    };
    let dependencies = entries
        .iter()
        .find(|path| name(path).is_some_and(|name| name == format!("{stem}.d")));
    let begun = dependencies.and_then(|path| modified(path));
    let mut modules: Vec<PathBuf> = entries
        .iter()
        .filter(|_| module.is_none())
        .filter(|path| {
            let is_ours = name(path).is_some_and(|name| {
                name.strip_prefix(&stem).is_some_and(|rest| {
                    rest == ".ll" || (rest.starts_with('.') && rest.ends_with(".rcgu.ll"))
                })
            });
            // What an earlier build left that had more codegen units is older than the list of sources.
            is_ours && modified(path) >= begun
        })
        .cloned()
        .collect();
    modules.extend(module.filter(|path| path.is_file()).map(Path::to_owned));
    modules.sort();
    if modules.is_empty() {
        return Err(BuildError::NoIr {
            name: artifact.crate_name.clone(),
            target: target.to_owned(),
        });
    }
    Ok(Built {
        features: artifact.features.clone(),
        name: artifact.crate_name.clone(),
        modules,
        sources: dependencies
            .map(|path| sources(path, root))
            .unwrap_or_default(),
    })
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

/// `crate_name-hash`. Libraries and tests are told by their files' names; what a binary is called
/// has no hash, but is the same file as one that has.
fn stem(artifact: &Artifact, entries: &[PathBuf]) -> Option<String> {
    let prefix = format!("{}-", artifact.crate_name);
    let hashed = |path: &Path| {
        let stem = path.file_stem()?.to_string_lossy().into_owned();
        let stem = stem
            .strip_prefix("lib")
            .map(str::to_owned)
            .filter(|s| s.starts_with(&prefix))
            .unwrap_or(stem);
        let hash = stem.strip_prefix(&prefix)?;
        let is_hash = hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hash.then_some(stem)
    };
    artifact
        .files
        .iter()
        .find_map(|file| hashed(file))
        .or_else(|| {
            entries
                .iter()
                .filter(|entry| entry.extension().is_none_or(|extension| extension == "exe"))
                .filter(|entry| artifact.files.iter().any(|file| is_same(entry, file)))
                .find_map(|entry| hashed(entry))
        })
}

/// True for two names of one file, which cargo makes where the system has that, or for a copy.
fn is_same(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(a), Ok(b)) = (fs::metadata(one), fs::metadata(other)) else {
        return false;
    };
    if (a.dev(), a.ino()) == (b.dev(), b.ino()) {
        return true;
    }
    a.len() == b.len() && fs::read(one).ok() == fs::read(other).ok()
}

/// The sources that rustc listed in the manner of make.
fn sources(dependencies: &Path, root: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(dependencies).unwrap_or_default();
    let first = text.lines().find_map(|line| line.split_once(": "));
    let (_, list) = first.unwrap_or_default();
    // A space in a path is written with a backslash.
    list.replace("\\ ", "\0")
        .split_whitespace()
        .map(|path| root.join(path.replace('\0', " ")))
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}
