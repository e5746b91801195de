//! What stands at the top of a page, in the words of the other commands.

use report::{Said, VerdictSaid, VerdictTone};
use trace::{Trace, Verdict};

use crate::failure::{Failure, Help};
use crate::heading;

/// What is said of a run. `command` is the one that makes the page again.
pub fn said(trace: &Trace, failure: Option<&Failure>, command: &[String]) -> Said {
    Said {
        signature: trace.signature.as_ref().map(heading::signature),
        verdict: trace.verdict.as_ref().map(verdict),
        warnings: heading::doubts(trace),
        failure: failure
            .map(|failure| {
                retold(failure, command)
                    .plain()
                    .lines()
                    .map(clean)
                    .collect()
            })
            .unwrap_or_default(),
    }
}

fn verdict(verdict: &Verdict) -> VerdictSaid {
    let mut words = heading::verdict_lines(verdict).into_iter();
    VerdictSaid {
        tone: match verdict {
            Verdict::Wrong { .. } => VerdictTone::Wrong,
            _ if verdict.is_doubtful() => VerdictTone::Doubtful,
            _ => VerdictTone::Right,
        },
        label: verdict.label().to_owned(),
        words: words.next().unwrap_or_default(),
        more: words.collect(),
    }
}

/// The failure with commands that stand for the files of the page, and not for those of the machine that made it.
fn retold(failure: &Failure, command: &[String]) -> Failure {
    let running: Vec<String> = std::env::args().skip(1).collect();
    let mut failure = failure.clone();
    for help in &mut failure.help {
        if let Help::Command(suggestion) = help {
            let words = suggestion.arguments.iter();
            let words: Vec<&String> = words
                .skip_while(|word| matches!(word.as_str(), "cargo" | "irad"))
                .collect();
            if let Some((dropped, added)) = parted(&running, &words) {
                let kept = command.iter().filter(|word| !dropped.contains(word));
                let added = added.iter().map(|word| (*word).clone());
                suggestion.arguments = kept.cloned().chain(added).collect();
            }
        }
    }
    failure
}

/// What a command line lacks of the one that runs, and what stands behind it; none for another command.
fn parted<'a, 'w>(
    running: &'a [String],
    words: &'w [&'w String],
) -> Option<(Vec<&'a String>, &'w [&'w String])> {
    if running.first() != words.first().copied() {
        return None;
    }
    let mut dropped = Vec::new();
    let mut at = 0;
    for word in running {
        match words.get(at) {
            Some(other) if *other == word => at += 1,
            _ => dropped.push(word),
        }
    }
    Some((dropped, &words[at..]))
}

fn clean(line: &str) -> String {
    diff_view::printable(line).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_command_adds_and_lacks_is_found() {
        let words = |line: &str| -> Vec<String> { line.split(' ').map(str::to_owned).collect() };
        let running = words("report a.ll --prepare o2 -o p.html");
        let other = words("report a.ll -o p.html --prepare o3");
        let other: Vec<&String> = other.iter().collect();
        let (dropped, added) = parted(&running, &other).unwrap();
        assert_eq!(dropped, ["--prepare", "o2"]);
        assert_eq!(added, ["--prepare", "o3"]);
        assert!(parted(&words("reduce a.ll"), &other).is_none());
    }
}
