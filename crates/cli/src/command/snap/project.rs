//! Where a project is, what its entries are, and which of them are meant.

use std::env;
use std::path::{Path, PathBuf};

use super::config::{self, Config, CrateInput, Entry, Input};
use super::file::{self, Folder};
use super::policy;
use super::{Where, Which};
use crate::report::Failure;

/// A project with snapshots.
pub struct Project {
    /// The folder that paths are from.
    pub root: PathBuf,
    /// What its irad.toml says, and what messages call that file.
    pub config: Option<(Config, String)>,
    /// Its snapshots.
    pub folder: Folder,
}

impl Project {
    /// Finds it: by the flags, else by the environment, else here or above.
    pub fn find(place: &Where) -> Result<Self, Failure> {
        let asked = policy::root_from_environment();
        let path = match (&place.config, &asked) {
            (Some(path), _) => Some(path.clone()),
            (None, Some(root)) => Some(root.join(config::FILE)).filter(|path| path.is_file()),
            (None, None) => above(),
        };
        let root = match (&asked, &path) {
            (Some(root), _) => root.clone(),
            (None, Some(path)) => folder_of(path),
            (None, None) => PathBuf::from("."),
        };
        let root = std::path::absolute(&root).unwrap_or(root);
        let config = match path {
            Some(path) => {
                let shown = match path.strip_prefix(&root) {
                    Ok(below) => below.display().to_string(),
                    Err(_) => path.display().to_string(),
                };
                Some((config::read(&path, &shown, &root)?, shown))
            }
            None => None,
        };
        let snapshots = match (&place.snapshots, &config) {
            (Some(folder), _) => std::path::absolute(folder).unwrap_or_else(|_| folder.clone()),
            (None, Some((config, _))) => root.join(
                config
                    .snapshots
                    .as_deref()
                    .unwrap_or(Path::new("snapshots")),
            ),
            (None, None) => root.join("snapshots"),
        };
        let pending = pending(&root, &snapshots);
        Ok(Project {
            folder: Folder {
                path: snapshots,
                pending,
            },
            root,
            config,
        })
    }

    /// The entries of its irad.toml.
    pub fn entries(&self) -> &[Entry] {
        self.config
            .as_ref()
            .map_or(&[], |(config, _)| config.entries.as_slice())
    }

    /// The entries that are meant.
    pub fn chosen(&self, which: &Which) -> Result<Vec<Entry>, Failure> {
        if let Some(function) = &which.function {
            return Ok(vec![from_flags(which, function, &self.root)?]);
        }
        let Some((config, shown)) = &self.config else {
            return Err(Failure::usage("config", "there is no irad.toml here or in a folder above")
                .help("write one (docs/ci.md shows how), or say by flags what is meant: irad snap check FILE --fn F --mode reverse"));
        };
        if config.entries.is_empty() {
            return Err(Failure::usage("config", format!("{shown} has no entries"))
                .help("[[entry]] begins one; docs/ci.md shows how"));
        }
        if which.what.is_empty() {
            return Ok(config.entries.clone());
        }
        // Their order, and each once.
        for name in &which.what {
            if !config.entries.iter().any(|entry| entry.name == *name) {
                return Err(unknown(name, &config.entries, shown));
            }
        }
        let is_meant = |entry: &&Entry| which.what.contains(&entry.name);
        Ok(config.entries.iter().filter(is_meant).cloned().collect())
    }
}

fn unknown(name: &str, entries: &[Entry], shown: &str) -> Failure {
    let failure = Failure::usage("not_found", format!("{shown} has no entry {name}"));
    if Path::new(name).is_file() {
        return failure.help(format!(
            "{name} is a file: which function of it? --fn F --mode reverse"
        ));
    }
    let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    failure.help(format!("its entries: {}", names.join(", ")))
}

/// An `irad.toml` here or in a folder above.
fn above() -> Option<PathBuf> {
    let here = env::current_dir().ok()?;
    here.ancestors()
        .map(|folder| folder.join(config::FILE))
        .find(|path| path.is_file())
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// insta's own word for where snapshots wait to be accepted.
fn pending(root: &Path, snapshots: &Path) -> PathBuf {
    let asked = env::var_os("INSTA_PENDING_DIR").filter(|folder| !folder.is_empty());
    match (asked, snapshots.strip_prefix(root)) {
        (Some(folder), Ok(below)) => PathBuf::from(folder).join(below),
        _ => snapshots.to_owned(),
    }
}

fn from_flags(which: &Which, function: &str, root: &Path) -> Result<Entry, Failure> {
    // The same wherever the checkout lies.
    let below = |path: &Path| {
        path.strip_prefix(root)
            .unwrap_or(path)
            .display()
            .to_string()
    };
    let mode = which.mode.expect("clap asks for it").into();
    let (input, stem) = match (which.what.as_slice(), &which.krate) {
        ([file], None) => {
            let path = Path::new(file);
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            let input = Input::File {
                shown: below(path),
                path: path.to_owned(),
            };
            (input, stem.into_owned())
        }
        ([], Some(folder)) => {
            let name = std::path::absolute(folder).ok();
            let name = name
                .as_deref()
                .and_then(Path::file_name)
                .unwrap_or_default();
            let stem = which
                .package
                .clone()
                .unwrap_or_else(|| name.to_string_lossy().into_owned());
            let input = Input::Crate(CrateInput {
                shown: below(folder),
                path: folder.clone(),
                package: which.package.clone(),
                target: which.target.clone(),
                features: which.features.clone(),
                all_features: which.all_features,
                no_default_features: which.no_default_features,
                profile: which.profile.clone(),
            });
            (input, stem)
        }
        _ => {
            return Err(
                Failure::usage("usage", "with --fn, one file is wanted, or one --crate")
                    .help("irad snap check FILE --fn F --mode reverse"),
            );
        }
    };
    let stages = config::stages(
        which.content,
        which.stage.iter().map(|&stage| stage.into()).collect(),
    );
    let name = which.name.clone().unwrap_or_else(|| {
        let mut name = format!("{stem}_{function}_{mode}");
        if which.content != super::Content::Ir {
            name.push_str(&format!("_{}", which.content.word()));
        }
        for stage in which.stage.iter().map(|&stage| trace::Point::from(stage)) {
            name.push_str(&format!("_{stage}"));
        }
        name
    });
    let shown = match &input {
        Input::File { shown, .. } => shown.clone(),
        Input::Crate(input) => input.shown.clone(),
    };
    if file::stem(&name).is_empty() {
        return Err(Failure::usage("usage", "a snapshot needs a name").help("--name NAME"));
    }
    Ok(Entry {
        name,
        description: None,
        input,
        module: which.module,
        slice: match (which.slicing.always, which.slicing.no_slice) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        },
        function: function.to_owned(),
        mode,
        ad: which.ad.clone(),
        content: which.content,
        stages,
        source: (shown, None),
    })
}
