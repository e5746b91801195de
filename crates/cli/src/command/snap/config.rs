//! `irad.toml`: which derivatives have snapshots.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::fs;
use std::marker::PhantomData;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::de::value::SeqAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde::{Serialize, de::IntoDeserializer};
use toml::Spanned;
use trace::{Activity, AdOptions, Mode, Panics, Pipeline, Point};

use super::body::Content;
use crate::ad_args::AdArgs;
use crate::report::{Failure, Place};

/// The name under which it is looked for.
pub const FILE: &str = "irad.toml";

/// What a snapshot is of.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name, by which it is accepted.
    pub name: String,
    /// What its author says of it.
    pub description: Option<String>,
    /// Where the IR comes from.
    pub input: Input,
    /// Which module of a dump that holds several, from 1.
    pub module: Option<usize>,
    /// Give LLVM only what the function needs, or the whole, however large it is.
    pub slice: Option<bool>,
    /// The function.
    pub function: String,
    /// Forward or reverse.
    pub mode: Mode,
    /// How it is differentiated.
    pub ad: AdArgs,
    /// What the snapshot holds.
    pub content: Content,
    /// The points at which it is looked at.
    pub stages: Vec<Point>,
    /// Where it was written down: the file, from the root, and the line in it.
    pub source: (String, Option<usize>),
}

/// Where IR comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// A file, as it was written and where it is.
    File {
        /// As it was written.
        shown: String,
        /// Where it is.
        path: PathBuf,
    },
    /// A crate that cargo builds.
    Crate(CrateInput),
}

/// A crate, and which part of it cargo builds.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct CrateInput {
    /// The folder of its manifest, or the manifest, from the root.
    #[serde(rename = "crate")]
    pub shown: String,
    /// The same, from here.
    #[serde(skip)]
    pub path: PathBuf,
    /// The package, in a workspace of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// `lib`, `bin NAME`, `example NAME`, `test NAME` or `bench NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Features to switch on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// Switch every feature on.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub all_features: bool,
    /// Leave the default features off.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_default_features: bool,
    /// The profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
}

/// What `irad.toml` says.
pub struct Config {
    /// Where snapshots lie, from the root.
    pub snapshots: Option<PathBuf>,
    /// The entries, in their order.
    pub entries: Vec<Entry>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawConfig {
    snapshots: Option<PathBuf>,
    #[serde(default)]
    entry: Vec<Spanned<RawEntry>>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawEntry {
    name: Spanned<String>,
    description: Option<String>,
    input: Option<PathBuf>,
    #[serde(rename = "crate")]
    krate: Option<PathBuf>,
    package: Option<String>,
    target: Option<String>,
    #[serde(default)]
    features: Vec<String>,
    #[serde(default)]
    all_features: bool,
    #[serde(default)]
    no_default_features: bool,
    profile: Option<String>,
    module: Option<usize>,
    slice: Option<bool>,
    function: String,
    mode: Mode,
    #[serde(default)]
    activities: BTreeMap<String, Activity>,
    #[serde(default)]
    wrt: Vec<String>,
    sig: Option<Spanned<String>>,
    prepare: Option<String>,
    cleanup: Option<String>,
    #[serde(default)]
    enzyme: BTreeMap<String, toml::Value>,
    #[serde(default)]
    inactive: Vec<String>,
    #[serde(default)]
    noalias: Vec<String>,
    #[serde(default)]
    unchanged: Vec<String>,
    #[serde(default)]
    panics: Panics,
    #[serde(default)]
    loose_types: bool,
    width: Option<Spanned<u32>>,
    #[serde(default = "yes")]
    return_primal: bool,
    #[serde(default)]
    split: bool,
    #[serde(default)]
    whole_program: bool,
    #[serde(default)]
    content: Content,
    #[serde(default)]
    stage: OneOrMore<Point>,
}

fn yes() -> bool {
    true
}

/// A value, or a list of them.
struct OneOrMore<T>(Vec<T>);

impl<T> Default for OneOrMore<T> {
    fn default() -> Self {
        OneOrMore(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMore<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = Vec<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word or a list of words")
            }
            fn visit_str<E: de::Error>(self, word: &str) -> Result<Vec<T>, E> {
                Ok(vec![T::deserialize(word.into_deserializer())?])
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Vec<T>, A::Error> {
                Deserialize::deserialize(SeqAccessDeserializer::new(list))
            }
        }
        deserializer
            .deserialize_any(Either(PhantomData))
            .map(OneOrMore)
    }
}

/// Reads a configuration. Paths in it are from `root`, and `shown` is what messages call it.
pub fn read(path: &Path, shown: &str, root: &Path) -> Result<Config, Failure> {
    let text = fs::read_to_string(path).map_err(|error| {
        Failure::usage("config", format!("cannot read {shown}: {error}"))
            .help("irad snap reads irad.toml, or what --config names; docs/ci.md shows one")
    })?;
    let source = Text { text: &text, shown };
    let raw: RawConfig =
        toml::from_str(&text).map_err(|error| source.failure(error.span(), error.message()))?;
    let mut entries = Vec::new();
    let mut names: HashMap<String, String> = HashMap::new();
    for raw in raw.entry {
        let name = raw.get_ref().name.clone();
        let entry = entry(raw, &source, root)?;
        let file = super::file::stem(&entry.name);
        if file.is_empty() {
            return Err(source.failure(Some(name.span()), "a snapshot needs a name"));
        }
        if let Some(other) = names.insert(file, entry.name.clone()) {
            let words = match other == entry.name {
                true => format!("two entries are called {other}"),
                false => format!("{other} and {} would have the same file", entry.name),
            };
            return Err(source.failure(Some(name.span()), &words));
        }
        entries.push(entry);
    }
    Ok(Config {
        snapshots: raw.snapshots,
        entries,
    })
}

fn entry(raw: Spanned<RawEntry>, source: &Text<'_>, root: &Path) -> Result<Entry, Failure> {
    let span = raw.get_ref().name.span();
    let line = source.line(span.start);
    let raw = raw.into_inner();
    let fail = |words: &str| source.failure(Some(span.clone()), words);
    let of_a_crate = [
        ("package", raw.package.is_some()),
        ("target", raw.target.is_some()),
        ("features", !raw.features.is_empty()),
        ("all-features", raw.all_features),
        ("no-default-features", raw.no_default_features),
        ("profile", raw.profile.is_some()),
    ];
    let input = match (raw.input, raw.krate) {
        (Some(file), None) => {
            if let Some((key, _)) = of_a_crate.iter().find(|(_, given)| *given) {
                return Err(fail(&format!(
                    "{key} is of a crate, but the input is a file"
                )));
            }
            Input::File {
                shown: file.display().to_string(),
                path: root.join(file),
            }
        }
        (None, Some(folder)) => Input::Crate(CrateInput {
            shown: folder.display().to_string(),
            path: root.join(folder),
            package: raw.package,
            target: raw.target,
            features: raw.features,
            all_features: raw.all_features,
            no_default_features: raw.no_default_features,
            profile: raw.profile,
        }),
        _ => return Err(fail("an entry needs either an input (a file) or a crate")),
    };
    let sig = match &raw.sig {
        Some(sig) => match crate::rust_signature::parse(sig.get_ref()) {
            Ok(parsed) => Some(parsed),
            Err(words) => return Err(source.failure(Some(sig.span()), &words)),
        },
        None => None,
    };
    let width = match &raw.width {
        None => 1,
        Some(width) if (1..=AdOptions::MOST_DIRECTIONS).contains(width.get_ref()) => {
            *width.get_ref()
        }
        Some(width) => {
            let words = format!("a width is 1 to {}", AdOptions::MOST_DIRECTIONS);
            return Err(source.failure(Some(width.span()), &words));
        }
    };
    let pipeline = |text: Option<String>| -> Pipeline {
        text.map_or(Pipeline::O2, |text| text.parse().expect("cannot fail"))
    };
    let enzyme = raw.enzyme.into_iter().map(|(key, value)| {
        let value = match value {
            toml::Value::String(text) => text,
            other => other.to_string(),
        };
        (key, value)
    });
    Ok(Entry {
        name: raw.name.into_inner(),
        description: raw.description,
        input,
        module: raw.module,
        slice: raw.slice,
        function: raw.function,
        mode: raw.mode,
        ad: AdArgs {
            prepare: pipeline(raw.prepare),
            cleanup: pipeline(raw.cleanup),
            enzyme: enzyme.collect(),
            activity: raw.activities.into_iter().collect(),
            wrt: raw.wrt,
            sig,
            loose_types: raw.loose_types,
            width,
            return_primal: raw.return_primal,
            split: raw.split,
            inactive: raw.inactive,
            noalias: raw.noalias,
            unchanged: raw.unchanged,
            panics: raw.panics,
            whole_program: raw.whole_program,
        },
        stages: stages(raw.content, raw.stage.0),
        content: raw.content,
        source: (source.shown.to_owned(), Some(line)),
    })
}

/// The stages that are looked at when none is named: the last one, and for a diff the first as well.
pub fn stages(content: Content, named: Vec<Point>) -> Vec<Point> {
    match (content, named.is_empty()) {
        (_, false) => named,
        (Content::Diff, true) => vec![Point::Prepared, Point::Final],
        (Content::Passes, true) => Vec::new(),
        (_, true) => vec![Point::Final],
    }
}

/// A text with the name that messages call it by.
struct Text<'t> {
    text: &'t str,
    shown: &'t str,
}

impl Text<'_> {
    fn line(&self, byte: usize) -> usize {
        self.text[..byte].matches('\n').count() + 1
    }

    fn failure(&self, span: Option<Range<usize>>, words: &str) -> Failure {
        let title = format!("{} is not as irad needs it", self.shown);
        let Some(span) = span else {
            return Failure::usage("config", format!("{title}: {words}"));
        };
        let start = self.text[..span.start].rfind('\n').map_or(0, |at| at + 1);
        let text = self.text[start..].lines().next().unwrap_or_default();
        let column = self.text[start..span.start].chars().count() + 1;
        let width = self.text[span.clone()]
            .lines()
            .next()
            .unwrap_or_default()
            .chars()
            .count();
        let mut failure = Failure::usage("config", title);
        failure.place = Some(Place {
            origin: self.shown.to_owned(),
            line: self.line(span.start),
            before: Vec::new(),
            after: Vec::new(),
            text: text.to_owned(),
            column,
            width: width.max(1),
            label: words.lines().next().unwrap_or_default().to_owned(),
        });
        failure
    }
}
