//! One step of each model by each gradient, interleaved, in time that this thread ran.
#![allow(
    unsafe_code,
    reason = "asks the system's clock for the time of one thread"
)]

use crate::check;
use crate::idiomatic::Config;
use crate::model::{Gradient, Model, Worker};

/// Nanoseconds for which this thread has run.
pub fn thread_nanos() -> u64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the clock exists on every Linux, and the pointer leads to room for the answer.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Median milliseconds of each model by each gradient: translated first, each in the order of the gradients.
pub fn measure(config: &Config, rounds: usize, gradients: &[Gradient]) -> Vec<f64> {
    let (params, tokens, targets) = check::input(config, 1);
    let mut gradient = vec![0.0; params.len()];
    let mut workers = Model::ALL.map(|model| Worker::new(model, *config));
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); workers.len() * gradients.len()];
    for round in 0..rounds + 2 {
        for (at, times) in times.iter_mut().enumerate() {
            let worker = &mut workers[at / gradients.len()];
            let from = gradients[at % gradients.len()];
            worker.clear(&mut gradient);
            let start = thread_nanos();
            let loss = worker.step(from, &params, &mut gradient, &tokens, &targets);
            let taken = thread_nanos() - start;
            assert!(loss.is_finite());
            // The first rounds fetch memory from the system.
            if round >= 2 {
                times.push(taken as f64 / 1e6);
            }
        }
    }
    let median = |mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    times.into_iter().map(median).collect()
}

/// Prints the table: by hand, by irad, and by the nightly compiler where that is asked for.
pub fn run(config: &Config, rounds: usize, asked: &[Gradient]) {
    let mut gradients = vec![Gradient::Manual, Gradient::Irad];
    if asked.contains(&Gradient::Nightly) {
        gradients.push(Gradient::Nightly);
    }
    let times = measure(config, rounds, &gradients);
    let (translated, idiomatic) = times.split_at(gradients.len());
    println!(
        "one step (loss and gradient), B={} T={} C={} V={} L={} NH={}, median of {rounds}, interleaved",
        config.batch, config.time, config.channels, config.vocabulary, config.layers, config.heads
    );
    println!(
        "{:<28} {:>9} {:>12} {:>12}",
        "", "ms", "by its hand", "by C's hand"
    );
    for (model, times) in Model::ALL.iter().zip([translated, idiomatic]) {
        for (from, ms) in gradients.iter().zip(times) {
            let by = match from {
                Gradient::Manual => "hand".to_owned(),
                other => other.to_string(),
            };
            println!(
                "{:<28} {ms:>9.3} {:>12.2} {:>12.2}",
                format!("{model}, by {by}"),
                ms / times[0],
                ms / translated[0]
            );
        }
    }
    let held = |ratio: f64, most: f64| if ratio <= most { "held" } else { "NOT HELD" };
    println!(
        "translated by irad, at most 1.5 times by hand: {}",
        held(translated[1] / translated[0], 1.5)
    );
    println!(
        "idiomatic by irad, at most 1.2 times by C's hand: {}",
        held(idiomatic[1] / translated[0], 1.2)
    );
    println!(
        "idiomatic by irad, at most 1.2 times by its own hand: {}",
        held(idiomatic[1] / idiomatic[0], 1.2)
    );
}
