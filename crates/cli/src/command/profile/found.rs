//! What `irad profile` has to tell.

use trace::{Explained, Machine, Profile, Times, Trace};

use super::args::Sweep;
use super::tally;

/// What was measured.
pub(super) struct Run {
    pub(super) trace: Trace,
    pub(super) profile: Profile,
    pub(super) explained: Explained,
    /// Which instructions of the primal use which others' values.
    pub(super) users: tally::Users,
    pub(super) times: Timing,
    /// The machine instructions that both run, if they were asked for.
    pub(super) machine: Option<Machine>,
    /// The hand-written backward function that was timed, too, as it was named.
    pub(super) manual: Option<String>,
    pub(super) growth: Option<Growth>,
}

/// How long both take.
pub(super) enum Timing {
    NotAsked,
    /// The function frees what it is given, and can be called once.
    FreesInputs,
    Measured(Times),
}

/// What both did at several sizes.
pub(super) struct Growth {
    pub(super) sweep: Sweep,
    pub(super) points: Vec<Size>,
}

/// What both did at one size.
#[derive(Clone, Copy)]
pub(super) struct Size {
    pub(super) primal_operations: u64,
    pub(super) operations: u64,
    pub(super) instructions: u64,
    pub(super) tape: u64,
    pub(super) primal_peak: u64,
    pub(super) peak: u64,
    /// Nanoseconds of the derivative, if times were measured.
    pub(super) time: Option<f64>,
}

/// The median of times, for one call.
pub fn median(times: &[u64], calls: u64) -> f64 {
    quantile(times, calls, 0.5)
}

/// A quantile of times, for one call.
pub(super) fn quantile(times: &[u64], calls: u64, part: f64) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let at = (part * (sorted.len() - 1) as f64).round() as usize;
    sorted[at] as f64 / calls as f64
}
