//! The command that makes a page again from the files that it carries, and the versions of what took part.

use session::ad_flags;
use trace::{AdOptions, Check, Mode, Toolchain};

use super::args::Args;
use super::sources;
use crate::failure::Failure;
use crate::output::Global;

/// The file with inputs, where there are some.
pub const INPUTS: &str = "inputs.json";

/// A name that is safe as a file's, from one that may be anything; it ends in `.ll`.
pub fn file_name(short: &str) -> String {
    let stem = stem(short);
    format!("{stem}.ll")
}

/// What of a name makes a page's.
pub fn stem(short: &str) -> String {
    let base = short.rsplit('/').next().unwrap_or(short);
    let stem = base.rsplit_once('.').map_or(base, |(stem, _)| stem);
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '_' || c == '-' {
            c
        } else {
            '_'
        }
    };
    let stem: String = stem.chars().map(plain).take(80).collect();
    match stem.trim_matches(['_', '-']).is_empty() {
        true => "input".to_owned(),
        false => stem.trim_start_matches('-').to_owned(),
    }
}

/// The words after a command's name that show a run: `irad passes`, `irad explain`, `irad explore`.
pub fn request(file: &str, function: &str, ad: &AdOptions) -> Vec<String> {
    let mut words = [file, "--fn", function, "--mode"]
        .map(str::to_owned)
        .to_vec();
    words.push(ad.mode.to_string());
    words.extend(ad_flags::arguments(ad));
    words
}

/// The words of the command.
pub fn command(
    file: &str,
    function: &str,
    mode: Mode,
    has_sources: bool,
    args: &Args,
    global: &Global,
) -> Result<Vec<String>, Failure> {
    let mut words = ["irad", "report"].map(str::to_owned).to_vec();
    let ad = AdOptions {
        mode,
        ..args.ad.options.clone()
    };
    words.extend(request(file, function, &ad));
    let mut flag = |name: &str, value: Option<String>| {
        words.push(name.to_owned());
        words.extend(value);
    };
    if args.slicing.no_slice {
        flag("--no-slice", None);
    }
    match args.checking.checking()? {
        None => flag("--no-check", None),
        Some(checking) => flag("--check-limit", Some(checking.seconds.to_string())),
    }
    let inputs = &args.checking.inputs;
    if inputs.seed != Check::default().seed {
        flag("--seed", Some(inputs.seed.to_string()));
    }
    for (name, length) in &inputs.len {
        flag("--len", Some(format!("{name}={length}")));
    }
    for (name, low, high) in &inputs.range {
        flag("--range", Some(format!("{name}={low}..{high}")));
    }
    if inputs.inputs.is_some() {
        flag("--inputs", Some(INPUTS.to_owned()));
    }
    if let Some(compare) = &args.compare {
        flag("--compare", Some(compare.clone()));
    }
    if args.no_source {
        flag("--no-source", None);
    }
    if args.redact_paths {
        flag("--redact-paths", None);
    }
    if has_sources {
        flag("--sources", Some(sources::FOLDER.to_owned()));
    }
    let limits = trace::Limits::default();
    if global.timeout != limits.seconds {
        flag("--timeout", Some(global.timeout.to_string()));
    }
    if global.memory != limits.memory_mib {
        flag("--memory", Some(global.memory.to_string()));
    }
    let stem = file.strip_suffix(".ll").unwrap_or(file);
    flag("-o", Some(format!("{stem}.html")));
    Ok(words)
}

/// Versions of what took part.
pub fn versions(toolchain: &Toolchain) -> Vec<(String, String)> {
    let all = [
        ("irad", Some(&toolchain.irad)),
        ("LLVM", Some(&toolchain.llvm)),
        ("Enzyme", Some(&toolchain.enzyme)),
        ("the input is by", toolchain.producer.as_ref()),
    ];
    let known = all.into_iter().filter_map(|(what, version)| {
        let version = version.filter(|version| !version.is_empty())?;
        Some((what.to_owned(), diff_view::printable(version).into_owned()))
    });
    known.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe() {
        for (short, name) in [
            ("model.ll", "model.ll"),
            ("a b'c.bc", "a_b_c.ll"),
            ("-", "input.ll"),
            ("../x/y.rs", "y.ll"),
            ("--fn.ll", "fn.ll"),
        ] {
            assert_eq!(file_name(short), name, "{short}");
        }
    }
}
