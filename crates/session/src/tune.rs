//! Looks for what makes a derivative cheaper: changes are tried in engines side by side, each is checked, and what is
//! right and cheaper is combined.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use trace::{
    AdOptions, Check, Cost, Limits, Measure, Mode, Pipeline, Profile, Request, Times, Verdict,
};

use crate::ad_flags;
use crate::answered::{of_answer, without_numbers};
use crate::hear::hear;
use crate::module::Module;
use crate::request;

/// What may be given to a derivative, or left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The flags, as on the command line.
    pub flags: Vec<&'static str>,
    /// What somebody has to promise for it, if anybody has to.
    pub promise: Option<Promise>,
    /// What it does.
    pub does: &'static str,
}

/// What only the author of a function can know. A check tests it at some points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// Pointers that are handed over do not overlap.
    NoOverlap,
    /// What is only read is not overwritten before the reverse sweep.
    Unchanged,
}

impl Promise {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Promise::NoOverlap => "no two pointers that a function is handed overlap",
            Promise::Unchanged => {
                "nobody overwrites what a function only reads, until the derivative is done"
            }
        }
    }

    /// What can be written in Rust instead.
    pub fn instead(self) -> &'static str {
        match self {
            Promise::NoOverlap => {
                "take slices where the function takes raw pointers: rustc promises that a `&mut [f64]` overlaps with nothing else; two `&[f64]` may be the same memory, and only this promise excludes it"
            }
            Promise::Unchanged => {
                "take `&[f64]` of values that are complete before the call, and write results to memory of their own"
            }
        }
    }
}

/// A variant of a derivative, tried.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What was changed; nothing for the derivative as it is.
    pub changes: Vec<Change>,
    /// The options with these changes.
    pub ad: AdOptions,
    /// What its check came to.
    pub verdict: Verdict,
    /// What one run of it takes, if it was right and was counted.
    pub cost: Option<TrialCost>,
    /// Why it was not counted, where it was right.
    pub not_counted: Option<String>,
    /// How long it takes beside the primal, if that was measured.
    pub times: Option<Times>,
}

/// What one run of a derivative takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrialCost {
    /// All that it does.
    pub total: Cost,
    /// Bytes that it keeps for its reverse sweep.
    pub tape: u64,
}

impl Trial {
    /// True for a derivative that was found right.
    pub fn is_right(&self) -> bool {
        matches!(self.verdict, Verdict::Right { .. })
    }

    /// True where nobody has to promise anything.
    pub fn is_safe(&self) -> bool {
        self.changes.iter().all(|change| change.promise.is_none())
    }

    /// The flags of all changes.
    pub fn flags(&self) -> Vec<&'static str> {
        self.changes
            .iter()
            .flat_map(|change| change.flags.clone())
            .collect()
    }

    fn instructions(&self) -> u64 {
        self.cost.map_or(u64::MAX, |cost| cost.total.instructions)
    }
}

/// A derivative that is to become cheaper.
pub struct Subject<'a> {
    /// The module.
    pub module: &'a Module,
    /// The symbol of the function.
    pub symbol: &'a str,
    /// How it is differentiated now.
    pub ad: AdOptions,
    /// How variants are checked, and on what they run.
    pub check: Check,
    /// What an engine may use.
    pub limits: Limits,
    /// When no further trial begins.
    pub until: Instant,
    /// Times are measured beside counts.
    pub measures_times: bool,
}

/// What can be changed about a derivative that is made so.
pub fn changes(ad: &AdOptions) -> Vec<Change> {
    let change = |flags: [&'static str; 2], promise, does| Change {
        flags: flags.to_vec(),
        promise,
        does,
    };
    let mut all = vec![
        change(
            ["--prepare", "o3"],
            None,
            "the function is fully optimised first",
        ),
        change(
            ["--prepare", "none"],
            None,
            "the function is differentiated as it is",
        ),
    ];
    if ad.mode == Mode::Reverse {
        all.extend([
            change(
                ["--enzyme", "mincut-cache=false"],
                None,
                "Enzyme keeps what it needs, and no smaller set that the rest follows from",
            ),
            change(
                ["--enzyme", "max-cache=true"],
                None,
                "as much as possible is kept, and little computed again",
            ),
            change(
                ["--enzyme", "rematerialize=false"],
                None,
                "nothing is allocated and filled again in the reverse sweep",
            ),
        ]);
    }
    all.push(change(
        ["--noalias", "*"],
        Some(Promise::NoOverlap),
        "loads can be taken out of loops, and less is kept",
    ));
    if ad.mode == Mode::Reverse {
        all.push(change(
            ["--unchanged", "*"],
            Some(Promise::Unchanged),
            "what is read is read again, and not kept",
        ));
    }
    // What is said already is no change.
    all.retain(|change| {
        let flag = change.flags[0].strip_prefix("--").and_then(ad_flags::find);
        let said = flag.expect("a flag of irad's").values(ad);
        !said.iter().any(|value| value == change.flags[1])
    });
    all
}

/// The options with changes.
fn with(ad: &AdOptions, changes: &[Change]) -> AdOptions {
    let mut ad = ad.clone();
    for change in changes {
        for pair in change.flags.chunks(2) {
            let flag = pair[0].strip_prefix("--").and_then(ad_flags::find);
            let flag = flag.expect("a flag of irad's");
            flag.set(&mut ad, pair[1]).expect("a value that it takes");
        }
    }
    ad
}

/// Variants of the derivative, the one without any change first. `heard` is told of each.
pub fn tune(subject: &Subject<'_>, heard: &(dyn Fn(&Trial) + Sync)) -> Vec<Trial> {
    let singles: Vec<Vec<Change>> = std::iter::once(Vec::new())
        .chain(changes(&subject.ad).into_iter().map(|change| vec![change]))
        .collect();
    let mut trials = side_by_side(subject, singles, heard);
    let base = trials[0].instructions();
    // The best first, each on top of what was better before it: first what is safe, then what needs a promise.
    let mut useful: Vec<Change> = {
        let mut better: Vec<&Trial> = trials[1..]
            .iter()
            .filter(|trial| trial.is_right() && trial.instructions() < base)
            .collect();
        better.sort_by_key(|trial| (!trial.is_safe(), trial.instructions()));
        better
            .iter()
            .flat_map(|trial| trial.changes.clone())
            .collect()
    };
    let mut kept: Vec<Change> = Vec::new();
    let mut best = base;
    for change in useful.drain(..) {
        // Two values of one flag that is said once are no combination.
        let is_other = kept.iter().any(|one: &Change| {
            one.flags[0] == change.flags[0] && ["--prepare"].contains(&change.flags[0])
        });
        if is_other {
            continue;
        }
        let mut together = kept.clone();
        together.push(change);
        let known = trials
            .iter()
            .find(|trial| trial.changes == together)
            .cloned();
        let trial = match known {
            Some(trial) => trial,
            None if Instant::now() >= subject.until => break,
            None => {
                let trial = subject.tried(together.clone());
                heard(&trial);
                trials.push(trial.clone());
                trial
            }
        };
        if trial.is_right() && trial.instructions() < best {
            best = trial.instructions();
            kept = together;
        }
    }
    // Nothing else runs while times are taken.
    for trial in &mut trials {
        if subject.measures_times && trial.is_right() && Instant::now() < subject.until {
            trial.times = subject.times(&trial.ad);
        }
    }
    trials
}

/// The cheapest variant that is right, by what it executes; `safe` has those that need no promise. None where nothing is
/// cheaper than the derivative as it is.
pub fn best(trials: &[Trial], safe: bool) -> Option<&Trial> {
    let right = trials
        .iter()
        .filter(|trial| trial.is_right() && (!safe || trial.is_safe()));
    let best = right.min_by_key(|trial| (trial.instructions(), trial.changes.len()))?;
    (!best.changes.is_empty()).then_some(best)
}

fn side_by_side(
    subject: &Subject<'_>,
    all: Vec<Vec<Change>>,
    heard: &(dyn Fn(&Trial) + Sync),
) -> Vec<Trial> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let is_late = at > 0 && Instant::now() >= subject.until;
            let Some(changes) = all.get(at).filter(|_| !is_late) else {
                return done;
            };
            let trial = subject.tried(changes.clone());
            heard(&trial);
            done.push((at, trial));
        }
    };
    let workers = thread::available_parallelism().map_or(1, |cores| cores.get());
    let mut done: Vec<(usize, Trial)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers.min(all.len()))
            .map(|_| scope.spawn(worker))
            .collect();
        let done = workers.into_iter().map(|worker| worker.join());
        done.flat_map(|one| one.expect("it does not panic"))
            .collect()
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, trial)| trial).collect()
}

impl Subject<'_> {
    fn tried(&self, changes: Vec<Change>) -> Trial {
        let ad = with(&self.ad, &changes);
        let check = request::check(
            self.module,
            self.symbol,
            ad.clone(),
            self.check.clone(),
            self.limits,
        );
        let verdict = match hear(&check, self.module, &mut |_| {}) {
            Ok((answer, ended)) if answer.trace.checked.is_some() => {
                of_answer(&answer.trace, ended, self.limits.seconds)
            }
            Ok((answer, ended)) => without_numbers(&answer.trace, ended, self.limits.seconds),
            Err(error) => Verdict::NotChecked {
                why: trace::NotChecked::Ended(error.to_string()),
            },
        };
        let counted =
            matches!(verdict, Verdict::Right { .. }).then(|| self.profiled(&ad, Measure::Counts));
        let (cost, not_counted) = match counted {
            None => (None, None),
            Some(Ok(profile)) => (Some(cost(&profile)), None),
            Some(Err(why)) => (None, Some(why)),
        };
        Trial {
            changes,
            ad,
            verdict,
            cost,
            not_counted,
            times: None,
        }
    }

    fn times(&self, ad: &AdOptions) -> Option<Times> {
        self.profiled(ad, Measure::Times).ok()?.times
    }

    /// What was measured, or why it was not.
    fn profiled(&self, ad: &AdOptions, measure: Measure) -> Result<Profile, String> {
        let request = self.request(ad, measure);
        let heard = hear(&request, self.module, &mut |_| {});
        let (answer, ended) = heard.map_err(|error| error.to_string())?;
        let trace = answer.trace;
        trace.profile.ok_or_else(|| match (trace.failure, ended) {
            (Some(diagnosis), _) => diagnosis.message.to_string(),
            (None, Some(ended)) => ended.to_string(),
            (None, None) => "it was not measured".to_owned(),
        })
    }

    /// What is measured is what `irad emit` writes.
    fn request(&self, ad: &AdOptions, measure: Measure) -> Request {
        let mut ad = ad.clone();
        if ad.cleanup == Pipeline::O2 {
            ad.cleanup = Pipeline::O3;
        }
        let mut check = self.check.clone();
        check.points = 1;
        check.cross = false;
        check.inputs.truncate(1);
        request::profile(self.module, self.symbol, ad, check, measure, self.limits)
    }
}

fn cost(profile: &Profile) -> TrialCost {
    TrialCost {
        total: profile.derivative.total(),
        tape: profile.derivative.tape(),
    }
}

/// How long trials may go on.
pub fn until(seconds: u64) -> Instant {
    Instant::now() + Duration::from_secs(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_already_is_no_change() {
        let mut ad = AdOptions::new(Mode::Reverse);
        let all = changes(&ad).len();
        ad.noalias.push("*".to_owned());
        ad.prepare = Pipeline::O3;
        assert_eq!(changes(&ad).len(), all - 2);
        assert!(changes(&AdOptions::new(Mode::Forward)).len() < all);
    }
}
