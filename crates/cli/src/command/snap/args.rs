//! Flags that say which snapshots are meant, and where they are.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use snapshots::content::Content;
use snapshots::entry::{CrateInput, Entry, Input};
use snapshots::file;
use snapshots::project::{self, Project};
use trace::{AdOptions, Mode, Point};

use crate::args::ad::AdArgs;
use crate::args::mode::ModeName;
use crate::args::point::PointName;
use crate::args::slicing::SlicingArgs;
use crate::failure::Failure;

/// Where configuration and snapshots are.
#[derive(clap::Args, Clone, Debug)]
pub struct Where {
    /// The configuration, instead of the irad.toml here or in a folder above.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where the snapshots lie; without it irad.toml says so, or it is `snapshots`.
    #[arg(long, value_name = "DIR")]
    pub snapshots: Option<PathBuf>,
}

/// Which snapshots, by name or described by flags.
#[derive(clap::Args, Clone, Debug)]
pub struct Which {
    /// Names of entries, all if there is none; with --fn, the file that has the function: `.ll`,
    /// `.bc`, or `-` for standard input.
    #[arg(value_name = "NAME|FILE")]
    pub what: Vec<String>,
    #[command(flatten)]
    pub place: Where,
    /// The function, if it is not in irad.toml: a symbol, a demangled path, or a unique end of one.
    #[arg(long = "fn", value_name = "NAME", requires = "mode")]
    pub function: Option<String>,
    /// Forward or reverse.
    #[arg(long, value_enum, value_name = "MODE", requires = "function")]
    pub mode: Option<ModeName>,
    /// The snapshot's name; made of file, function and mode, if not given.
    #[arg(long, value_name = "NAME", requires = "function")]
    pub name: Option<String>,
    /// What the snapshot holds.
    #[arg(long, value_enum, requires = "function", default_value_t = ContentName::Ir)]
    pub content: ContentName,
    /// The points that are looked at, `final` if none is given; a diff is between two.
    #[arg(
        long,
        value_enum,
        value_name = "POINT,…",
        value_delimiter = ',',
        requires = "function"
    )]
    pub stage: Vec<PointName>,
    /// A crate to build, instead of a file.
    #[arg(long = "crate", value_name = "DIR", requires = "function")]
    pub krate: Option<PathBuf>,
    /// The package of that crate's workspace.
    #[arg(long, value_name = "NAME", requires = "krate")]
    pub package: Option<String>,
    /// What of it to build: `lib`, `bin NAME`, `example NAME`, `test NAME` or `bench NAME`.
    #[arg(long, value_name = "TARGET", requires = "krate")]
    pub target: Option<String>,
    /// Features to switch on.
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', requires = "krate")]
    pub features: Vec<String>,
    /// Switch every feature on.
    #[arg(long, requires = "krate")]
    pub all_features: bool,
    /// Leave the default features off.
    #[arg(long, requires = "krate")]
    pub no_default_features: bool,
    /// The profile to build with.
    #[arg(long, value_name = "NAME", requires = "krate")]
    pub profile: Option<String>,
    /// Which module of a dump that holds several, from 1.
    #[arg(long, value_name = "N", requires = "function")]
    pub module: Option<usize>,
    #[command(flatten)]
    pub ad: AdArgs,
    #[command(flatten)]
    pub slicing: SlicingArgs,
    /// How many engines at once; as many as there are cores, if not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
}

/// What a snapshot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ContentName {
    /// The function's normal form at each stage.
    Ir,
    /// What is different between two stages.
    Diff,
    /// The steps that changed the function, with lines added and removed.
    Passes,
    /// Counts of instructions, blocks, loads, stores, calls, allocations and cached values.
    Summary,
}

impl From<ContentName> for Content {
    fn from(content: ContentName) -> Self {
        match content {
            ContentName::Ir => Content::Ir,
            ContentName::Diff => Content::Diff,
            ContentName::Passes => Content::Passes,
            ContentName::Summary => Content::Summary,
        }
    }
}

impl Where {
    /// The project that is there.
    pub fn project(&self) -> Result<Project, Failure> {
        Ok(Project::find(&project::Where {
            config: self.config.clone(),
            snapshots: self.snapshots.clone(),
        })?)
    }
}

impl Which {
    /// The entries that are meant.
    pub fn entries(&self, project: &Project) -> Result<Vec<Entry>, Failure> {
        match &self.function {
            Some(function) => Ok(vec![from_flags(self, function, &project.root)?]),
            None => Ok(project.chosen(&self.what)?),
        }
    }
}

/// The entry that flags describe.
fn from_flags(which: &Which, function: &str, root: &Path) -> Result<Entry, Failure> {
    // The same wherever the checkout lies.
    let below = |path: &Path| {
        path.strip_prefix(root)
            .unwrap_or(path)
            .display()
            .to_string()
    };
    let mode: Mode = which.mode.expect("clap asks for it").into();
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
    let content = Content::from(which.content);
    let stages = content.stages(which.stage.iter().map(|&stage| stage.into()).collect());
    let name = which.name.clone().unwrap_or_else(|| {
        let mut name = format!("{stem}_{function}_{mode}");
        if content != Content::Ir {
            name.push_str(&format!("_{}", content.word()));
        }
        for stage in which.stage.iter().map(|&stage| Point::from(stage)) {
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
        slicing: which.slicing.slicing(),
        function: function.to_owned(),
        ad: AdOptions {
            mode,
            ..which.ad.options.clone()
        },
        content,
        stages,
        source: (shown, None),
        is_named: which.name.is_some(),
    })
}
