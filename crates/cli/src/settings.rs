//! What a user wants every time: defaults of flags, from the environment or from a file.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue};
use clap::{Arg, Command};

/// Flags that may have a default of the user's, by their long names.
const KEYS: [&str; 9] = [
    "theme",
    "color",
    "pager",
    "columns",
    "layout",
    "context",
    "show",
    "debug-info",
    "metadata",
];

/// The user's defaults: `IRAD_THEME` and the like, and below them lines of the file. A file that `IRAD_CONFIG` names has
/// to be there.
pub fn read() -> Result<BTreeMap<&'static str, String>, String> {
    let text = match (file(), env::var_os("IRAD_CONFIG")) {
        (None, _) => String::new(),
        (Some(path), None) => fs::read_to_string(path).unwrap_or_default(),
        (Some(path), Some(_)) => fs::read_to_string(&path).map_err(|error| {
            let path = diff_view::printable(&path.to_string_lossy()).into_owned();
            format!("IRAD_CONFIG names {path}, which cannot be read: {error}\n")
        })?,
    };
    let mut settings = parse(&text);
    for key in KEYS {
        if let Some(value) = of_environment(key) {
            settings.insert(key, value);
        }
    }
    Ok(settings)
}

fn variable(key: &str) -> String {
    format!("IRAD_{}", key.to_uppercase().replace('-', "_"))
}

fn of_environment(key: &str) -> Option<String> {
    env::var(variable(key))
        .ok()
        .filter(|value| !value.is_empty())
}

/// A sentence about the setting that gives a flag a value, for a value that cannot be.
pub fn origin(key: &str, value: &str) -> Option<String> {
    if of_environment(key).is_some_and(|set| set == value) {
        return Some(format!("{} says so", variable(key)));
    }
    let file = file()?;
    let settings = parse(&fs::read_to_string(&file).ok()?);
    let says_so = settings.get(key).is_some_and(|set| set == value);
    says_so.then(|| format!("{} says so", file.display()))
}

/// The same for what clap misses.
pub fn origin_of(error: &clap::Error) -> Option<String> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let flag = text(ContextKind::InvalidArg)?.strip_prefix("--")?;
    let key = flag.split([' ', '=', '[']).next()?;
    origin(key, text(ContextKind::InvalidValue)?)
}

/// Where the file is: what `IRAD_CONFIG` names, else `irad/config.toml` among the user's settings.
fn file() -> Option<PathBuf> {
    if let Some(path) = env::var_os("IRAD_CONFIG") {
        return Some(PathBuf::from(path)).filter(|path| !path.as_os_str().is_empty());
    }
    let folder = env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
    let folder = folder.filter(|folder| folder.is_absolute());
    let folder = folder.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".config")))?;
    Some(folder.join("irad/config.toml"))
}

/// Lines like `theme = "Nord"`. What is no setting is passed over, so that an older irad reads the file
/// of a newer one.
fn parse(text: &str) -> BTreeMap<&'static str, String> {
    let lines = text.lines().filter_map(|line| {
        let line = line.split(" #").next()?.trim();
        let (key, value) = line.split_once('=')?;
        let key = key.trim().replace('_', "-");
        let key = KEYS.into_iter().find(|known| *known == key)?;
        let value = value.trim();
        let quoted = value
            .strip_prefix('"')
            .and_then(|value| value.strip_suffix('"'));
        Some((key, quoted.unwrap_or(value).to_owned()))
    });
    lines.collect()
}

/// The definition with these defaults.
pub fn apply(command: Command, settings: &BTreeMap<&'static str, String>) -> Command {
    let set = |argument: Arg| {
        let value = argument.get_long().and_then(|long| settings.get(long));
        match value {
            // The definition lives as long as the process.
            Some(value) => argument.default_value(&*value.clone().leak()),
            None => argument,
        }
    };
    command
        .mut_args(set)
        .mut_subcommands(|command| command.mut_args(set))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_file_are_settings() {
        let found = parse(
            "# mine\ntheme = \"Nord\"\nlayout=unified # always\ndebug_info = true\nunknown = 1\n",
        );
        let expected = [
            ("theme", "Nord"),
            ("layout", "unified"),
            ("debug-info", "true"),
        ];
        let expected = expected.map(|(key, value)| (key, value.to_owned()));
        assert_eq!(found, BTreeMap::from(expected));
    }
}
