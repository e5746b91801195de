//! What is said of functions that stand in a crate's sources but not in its IR.

use std::collections::BTreeSet;

use std::path::PathBuf;

use session::build::Built;
use session::uncompiled::{called, missing};

use super::load::LEFT_OUT;
use crate::failure::{Failure, Help};

/// Adds to a failure to find `function` what its source says about it; `list` is the command that shows what is there.
pub fn with_sources(
    mut failure: Failure,
    function: &str,
    sources: &[PathBuf],
    features: &[String],
    list: &str,
) -> Failure {
    let found = called(function, sources, features);
    if found.is_empty() {
        // irad has seen to it that small functions are there.
        failure.help.retain(|help| *help != Help::from(LEFT_OUT));
        let is_said = |help: &Help| matches!(help, Help::Words(words) if words.starts_with(list));
        if failure.help.iter().any(is_said) {
            return failure;
        }
        return failure.help(format!("{list} shows what there is"));
    }
    // What is known is better than what might be meant.
    failure.help.clear();
    let mut remedies = BTreeSet::new();
    for each in found {
        failure.notes.push(format!(
            "{} ({}) {}",
            each.name,
            each.place,
            each.why.words()
        ));
        remedies.insert(each.why.remedy(&each.name));
    }
    failure.help.extend(remedies.into_iter().map(Help::from));
    failure
}

/// A paragraph about the functions of the sources that are not among the paths that are there.
pub fn list(here: &[String], built: &Built) -> String {
    let gone = missing(here, &built.sources, &built.features);
    if gone.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "{} in the source without code of their own here:\n",
        gone.len()
    );
    for each in gone {
        text.push_str(&format!(
            "  {} ({}) {}\n",
            each.name,
            each.place,
            each.why.words()
        ));
    }
    text.push_str("name one, and irad builds again so that it is there; a generic one needs a use with concrete types\n");
    text
}
