//! A suggestion's flags, as the command line would read them.

use trace::{AdOptions, Mode, Try, TryReason};

use crate::ad_flags;

/// The request with a suggestion's flags, as the command line would read them.
pub fn with(mut ad: AdOptions, attempted: &Try) -> AdOptions {
    let mut flags = attempted.flags.iter();
    while let Some(flag) = flags.next() {
        let Some(flag) = flag.strip_prefix("--").and_then(ad_flags::find) else {
            continue;
        };
        let value = match flag.takes_value() {
            true => flags.next().map_or("", String::as_str),
            false => "true",
        };
        // A suggestion is the engine's, and well-formed.
        let _ = flag.set(&mut ad, value);
    }
    for flag in &attempted.without {
        if let Some(flag) = flag.strip_prefix("--").and_then(ad_flags::find) {
            let _ = flag.set(&mut ad, "false");
        }
    }
    // The mode is no flag of the options.
    if let [flag, mode] = attempted.flags.as_slice()
        && flag == "--mode"
        && let Some(mode) = [Mode::Forward, Mode::Reverse]
            .into_iter()
            .find(|other| other.to_string() == *mode)
    {
        ad.mode = mode;
    }
    ad
}

/// What has irad prepare a function as it does by default, where it was told not to.
pub fn default_of(ad: &AdOptions) -> Option<Try> {
    if ad.faithful {
        Some(Try::without("--faithful", TryReason::Repair))
    } else {
        ad.is_faithful()
            .then(|| Try::new(&["--prepare", "o2"], TryReason::Repair))
    }
}
