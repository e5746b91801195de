//! `irad.toml`: which derivatives have snapshots.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::marker::PhantomData;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::value::SeqAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, IntoDeserializer, SeqAccess, Visitor};
use session::ad_flags::{self, Flag, ValueKind};
use session::slicing::Slicing;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};
use trace::{AdOptions, Mode, Point};

use crate::content::Content;
use crate::entry::{CrateInput, Entry, Input};
use crate::error::{Error, Marked};
use crate::file;

/// The name under which it is looked for.
pub const FILE: &str = "irad.toml";

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
}

/// An entry without the options of its differentiation, which [`ad_flags`] defines.
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
    content: Content,
    #[serde(default)]
    stage: OneOrMore<Point>,
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
pub fn read(path: &Path, shown: &str, root: &Path) -> Result<Config, Error> {
    let text = fs::read_to_string(path).map_err(|error| Error::ReadConfig {
        shown: shown.to_owned(),
        error: Arc::new(error),
    })?;
    let source = Text { text: &text, shown };
    let broken = |error: toml::de::Error| source.error(error.span(), error.message());
    let mut whole = DeTable::parse(&text).map_err(broken)?;
    let listed = whole.get_mut().remove("entry");
    let raw = RawConfig::deserialize(toml::de::Deserializer::from(whole)).map_err(broken)?;
    let listed = match listed.map(|listed| (listed.span(), listed.into_inner())) {
        None => Vec::new(),
        Some((_, DeValue::Array(entries))) => entries.into_iter().collect(),
        Some((span, _)) => return Err(source.error(Some(span), "entries begin with [[entry]]")),
    };
    let mut entries = Vec::new();
    let mut names: HashMap<String, String> = HashMap::new();
    for listed in listed {
        let span = listed.span();
        let DeValue::Table(mut table) = listed.into_inner() else {
            return Err(source.error(Some(span), "entries begin with [[entry]]"));
        };
        let ad = options(&mut table, &source)?;
        let rest = Spanned::new(span, DeValue::Table(table));
        let raw = RawEntry::deserialize(ValueDeserializer::from(rest)).map_err(broken)?;
        let name = raw.name.clone();
        let entry = entry(raw, ad, &source, root)?;
        let file = file::stem(&entry.name);
        if file.is_empty() {
            return Err(source.error(Some(name.span()), "a snapshot needs a name"));
        }
        if let Some(other) = names.insert(file, entry.name.clone()) {
            let words = match other == entry.name {
                true => format!("two entries are called {other}"),
                false => format!("{other} and {} would have the same file", entry.name),
            };
            return Err(source.error(Some(name.span()), &words));
        }
        entries.push(entry);
    }
    Ok(Config {
        snapshots: raw.snapshots,
        entries,
    })
}

/// Takes the options of a differentiation out of an entry.
fn options(table: &mut DeTable<'_>, source: &Text<'_>) -> Result<AdOptions, Error> {
    // The mode is the entry's own.
    let mut ad = AdOptions::new(Mode::Reverse);
    for flag in &ad_flags::FLAGS {
        let Some(value) = table.remove(flag.key) else {
            continue;
        };
        let span = value.span();
        let values = written(value.get_ref()).ok_or_else(|| {
            let words = format!("{} takes {}", flag.key, wanted(flag));
            source.error(Some(span.clone()), &words)
        })?;
        for value in values {
            flag.set(&mut ad, &value)
                .map_err(|words| source.error(Some(span.clone()), &words))?;
        }
    }
    Ok(ad)
}

/// A value as the flag takes it: of a list each, of a table `KEY=VALUE`.
fn written(value: &DeValue<'_>) -> Option<Vec<String>> {
    let word = |value: &DeValue<'_>| {
        Some(match value {
            DeValue::String(text) => text.to_string(),
            DeValue::Boolean(truth) => truth.to_string(),
            DeValue::Integer(number) => number.to_string(),
            DeValue::Float(number) => number.to_string(),
            _ => return None,
        })
    };
    match value {
        DeValue::Array(values) => values.iter().map(|value| word(value.get_ref())).collect(),
        DeValue::Table(pairs) => pairs
            .iter()
            .map(|(key, value)| Some(format!("{}={}", key.get_ref(), word(value.get_ref())?)))
            .collect(),
        value => Some(vec![word(value)?]),
    }
}

/// What a flag's value is in `irad.toml`.
fn wanted(flag: &Flag) -> &'static str {
    match flag.kind {
        ValueKind::Text(..) => "a word",
        ValueKind::Number(..) => "a number",
        ValueKind::Switch | ValueKind::OnUnlessFalse => "true or false",
        ValueKind::Repeated(value) | ValueKind::List(value) if value.contains('=') => "a table",
        ValueKind::Repeated(_) | ValueKind::List(_) => "a list of words",
    }
}

fn entry(raw: RawEntry, ad: AdOptions, source: &Text<'_>, root: &Path) -> Result<Entry, Error> {
    let span = raw.name.span();
    let line = source.line(span.start);
    let fail = |words: &str| source.error(Some(span.clone()), words);
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
    Ok(Entry {
        name: raw.name.into_inner(),
        description: raw.description,
        input,
        module: raw.module,
        slicing: match raw.slice {
            Some(true) => Slicing::Always,
            Some(false) => Slicing::Never,
            None => Slicing::WhereItPays,
        },
        function: raw.function,
        ad: AdOptions {
            mode: raw.mode,
            ..ad
        },
        stages: raw.content.stages(raw.stage.0),
        content: raw.content,
        source: (source.shown.to_owned(), Some(line)),
        is_named: true,
    })
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

    fn error(&self, span: Option<Range<usize>>, what: &str) -> Error {
        let at = span.map(|span| {
            let start = self.text[..span.start].rfind('\n').map_or(0, |at| at + 1);
            let marked = self.text[span.clone()].lines().next().unwrap_or_default();
            Marked {
                line: self.line(span.start),
                text: self.text[start..]
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
                column: self.text[start..span.start].chars().count() + 1,
                width: marked.chars().count().max(1),
            }
        });
        Error::Config {
            shown: self.shown.to_owned(),
            at,
            what: what.to_owned(),
        }
    }
}
