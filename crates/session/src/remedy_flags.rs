//! A suggestion's flags, as the command line would read them.

use trace::{AdOptions, Try};

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
    ad
}
