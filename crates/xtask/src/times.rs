//! How long each test took: the slowest are shown, and the next run begins with them, so that none of them
//! is left for the end when nothing else is there to run beside it.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use crate::outcome::Outcome;

/// The seconds that each test took when it was last run.
pub fn read(file: &Path) -> HashMap<String, f64> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let lines = text.lines().filter_map(|line| {
        let (seconds, name) = line.split_once(' ')?;
        Some((name.to_owned(), seconds.parse().ok()?))
    });
    lines.collect()
}

/// Writes what is known now. That it cannot be written is no reason for a failure.
pub fn write(file: &Path, known: &HashMap<String, f64>, outcomes: &[Outcome]) {
    let mut known = known.clone();
    for outcome in outcomes {
        known.insert(outcome.name.clone(), outcome.took.as_secs_f64());
    }
    let mut lines: Vec<String> = known
        .iter()
        .map(|(name, seconds)| format!("{seconds:.2} {name}\n"))
        .collect();
    lines.sort();
    let _ = fs::write(file, lines.concat());
}

/// Prints the slowest tests.
pub fn print_slowest(outcomes: &[Outcome], count: usize) {
    let mut slowest: Vec<&Outcome> = outcomes.iter().collect();
    slowest.sort_by_key(|outcome| std::cmp::Reverse(outcome.took));
    println!("\nslowest tests:");
    for outcome in slowest.into_iter().take(count) {
        println!("{:8.2}s {}", outcome.took.as_secs_f64(), outcome.name);
    }
}
