//! Tries changes in engines side by side, and combines what is right and cheaper.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use trace::{
    AdOptions, Check, Limits, Measure, Pipeline, Profile, Request, Signature, Times, Verdict,
};

use super::change::{Change, changes, with};
use super::trial::{Trial, TrialCost};
use crate::answered::{of_answer, without_numbers};
use crate::hear::hear;
use crate::module::Module;
use crate::request;

/// A derivative that is to become cheaper.
pub struct Subject<'a> {
    /// The module.
    pub module: &'a Module,
    /// The symbol of the function.
    pub symbol: &'a str,
    /// How it is differentiated now.
    pub ad: AdOptions,
    /// What it is differentiated with respect to.
    pub signature: Option<&'a Signature>,
    /// How variants are checked, and on what they run.
    pub check: Check,
    /// What an engine may use.
    pub limits: Limits,
    /// When no further trial begins.
    pub until: Instant,
    /// Times are measured beside counts.
    pub measures_times: bool,
}

/// Variants of the derivative, the one without any change first. `heard` is told of each.
pub fn tune(subject: &Subject<'_>, heard: &(dyn Fn(&Trial) + Sync)) -> Vec<Trial> {
    let singles: Vec<Vec<Change>> = std::iter::once(Vec::new())
        .chain(
            changes(&subject.ad, subject.signature)
                .into_iter()
                .map(|change| vec![change]),
        )
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
            .filter(|change| !change.stands_alone)
            .collect()
    };
    let mut kept: Vec<Change> = Vec::new();
    let mut best = base;
    for change in useful.drain(..) {
        // Two values of one flag that is said once are no combination.
        let prepares = |change: &Change| change.settings[0].flag == "prepare";
        let is_other = prepares(&change) && kept.iter().any(prepares);
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
    /// To count what one run of the derivative as it is takes.
    pub fn counts(&self) -> Request {
        self.request(&self.ad, Measure::Counts)
    }

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
            Some(Ok(profile)) => (Some(TrialCost::of(&profile, &ad)), None),
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

/// How long trials may go on.
pub fn until(seconds: u64) -> Instant {
    Instant::now() + Duration::from_secs(seconds)
}
