//! The second run of a comparison.

use session::ad_flags::{self, ValueKind};
use trace::{AdOptions, Mode};

use crate::failure::Failure;

/// The options of the second run: those of the first, but for these flags.
pub fn options(flags: &str, first: &AdOptions) -> Result<AdOptions, Failure> {
    let mut ad = first.clone();
    let mut words = flags.split_whitespace();
    while let Some(word) = words.next() {
        let (name, mut value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word, None),
        };
        let mut value = |needed: bool| match (value.take(), needed) {
            (Some(value), _) => Some(value),
            (None, true) => words.next().map(str::to_owned),
            (None, false) => Some("true".to_owned()),
        };
        let unknown = || {
            Failure::usage("usage", format!("--compare does not know {word}"))
                .help("it takes --mode and the flags under Differentiation, as in --compare '--mode forward'")
        };
        if name == "--mode" {
            ad.mode = match value(true).as_deref() {
                Some("forward") => Mode::Forward,
                Some("reverse") => Mode::Reverse,
                _ => {
                    return Err(Failure::usage(
                        "usage",
                        "--compare: --mode is forward or reverse",
                    ));
                }
            };
            continue;
        }
        let flag = name
            .strip_prefix("--")
            .and_then(ad_flags::find)
            .ok_or_else(unknown)?;
        let needed = !matches!(flag.kind, ValueKind::Switch | ValueKind::OnUnlessFalse);
        let value = value(needed)
            .ok_or_else(|| Failure::usage("usage", format!("--compare: {name} takes a value")))?;
        flag.set(&mut ad, &value)
            .map_err(|words| Failure::usage("usage", format!("--compare: {name}: {words}")))?;
    }
    Ok(ad)
}
