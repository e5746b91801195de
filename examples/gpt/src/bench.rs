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

/// Median milliseconds of each, in the order translated by hand, by irad, idiomatic by hand, by irad.
pub fn measure(config: &Config, rounds: usize) -> [f64; 4] {
    let (params, tokens, targets) = check::input(config, 1);
    let mut gradient = vec![0.0; params.len()];
    let mut workers = Model::ALL.map(|model| Worker::new(model, *config));
    let mut times: [Vec<f64>; 4] = Default::default();
    for round in 0..rounds + 2 {
        for (at, times) in times.iter_mut().enumerate() {
            let worker = &mut workers[at / 2];
            let from = [Gradient::Manual, Gradient::Irad][at % 2];
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
    times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    })
}

/// Prints the table.
pub fn run(config: &Config, rounds: usize) {
    let [t_hand, t_irad, i_hand, i_irad] = measure(config, rounds);
    println!(
        "one step (loss and gradient), B={} T={} C={} V={} L={} NH={}, median of {rounds}, interleaved",
        config.batch, config.time, config.channels, config.vocabulary, config.layers, config.heads
    );
    println!(
        "{:<28} {:>9} {:>12} {:>12}",
        "", "ms", "by its hand", "by C's hand"
    );
    let row = |what: &str, ms: f64, own: f64| {
        println!(
            "{what:<28} {ms:>9.3} {:>12.2} {:>12.2}",
            ms / own,
            ms / t_hand
        );
    };
    row("translated, by hand", t_hand, t_hand);
    row("translated, by irad", t_irad, t_hand);
    row("idiomatic, by hand", i_hand, i_hand);
    row("idiomatic, by irad", i_irad, i_hand);
    let held = |ratio: f64, most: f64| if ratio <= most { "held" } else { "NOT HELD" };
    println!(
        "translated by irad, at most 1.5 times by hand: {}",
        held(t_irad / t_hand, 1.5)
    );
    println!(
        "idiomatic by irad, at most 1.2 times by C's hand: {}",
        held(i_irad / t_hand, 1.2)
    );
    println!(
        "idiomatic by irad, at most 1.2 times by its own hand: {}",
        held(i_irad / i_hand, 1.2)
    );
}
