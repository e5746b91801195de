//! Runs tests, as many at once as there are cores, and reports each binary when its last one has ended.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::binary::Binary;
use crate::outcome::{Ending, Outcome};

/// Runs every test of every binary, those that took the longest first. New ones come before all others.
pub fn run(
    binaries: &[Binary],
    tests: &[Vec<String>],
    known: &HashMap<String, f64>,
) -> Vec<Outcome> {
    let mut jobs = Vec::new();
    for (at, names) in tests.iter().enumerate() {
        for name in names {
            let title = format!("{} {name}", binaries[at].name);
            let last = known.get(&title).copied().unwrap_or(f64::INFINITY);
            jobs.push((at, name.as_str(), last));
        }
    }
    jobs.sort_by(|a, b| b.2.total_cmp(&a.2));

    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    let mut all = Vec::new();
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            let (sender, next, jobs) = (sender.clone(), &next, &jobs);
            scope.spawn(move || {
                while let Some(&(at, name, _)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = test(&binaries[at], name);
                    if sender.send((at, outcome)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut ended: Vec<Vec<Outcome>> = tests.iter().map(|_| Vec::new()).collect();
        for (at, outcome) in receiver {
            ended[at].push(outcome);
            if ended[at].len() == tests[at].len() {
                report(&binaries[at], &mut ended[at]);
                all.append(&mut ended[at]);
            }
        }
    });
    all
}

fn test(binary: &Binary, name: &str) -> Outcome {
    let started = Instant::now();
    // What a test prints is kept back here and not by itself, which would lose it if the process ends.
    let output = binary
        .command()
        .args(["--exact", "--nocapture", name])
        .output();
    let took = started.elapsed();
    let (ending, output) = match output {
        Err(error) => (Ending::Failed, format!("it does not start: {error}\n")),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout);
            let errors = String::from_utf8_lossy(&output.stderr);
            let result = said
                .lines()
                .rfind(|line| line.starts_with("test result: ok."));
            let result = result.unwrap_or_default();
            let ending = match () {
                () if !output.status.success() => Ending::Failed,
                () if result.contains(" 1 passed;") => Ending::Passed,
                () if result.contains(" 1 ignored;") => Ending::Ignored,
                // It was listed, and then there was no such test.
                () => Ending::Failed,
            };
            (ending, format!("{said}{errors}({})\n", output.status))
        }
    };
    Outcome {
        name: format!("{} {name}", binary.name),
        test: name.to_owned(),
        ending,
        output,
        took,
    }
}

/// What `cargo test` prints about one binary.
fn report(binary: &Binary, outcomes: &mut [Outcome]) {
    outcomes.sort_by(|a, b| a.test.cmp(&b.test));
    let count = |ending| outcomes.iter().filter(|one| one.ending == ending).count();
    let (failed, ignored) = (count(Ending::Failed), count(Ending::Ignored));
    let tests = if outcomes.len() == 1 { "test" } else { "tests" };
    let mut text = format!(
        "\n     Running {} ({})\n\nrunning {} {tests}\n",
        binary.title,
        binary.program.display(),
        outcomes.len()
    );
    for outcome in &*outcomes {
        text += &format!("test {} ... {}\n", outcome.test, outcome.ending.word());
    }
    if failed > 0 {
        text += "\nfailures:\n";
    }
    for outcome in outcomes.iter().filter(|one| one.ending == Ending::Failed) {
        text += &format!("\n---- {} ----\n{}", outcome.test, outcome.output);
    }
    let took: Duration = outcomes.iter().map(|outcome| outcome.took).sum();
    text += &format!(
        "\ntest result: {}. {} passed; {failed} failed; {ignored} ignored; 0 measured; 0 filtered out; \
         finished in {:.2}s\n",
        if failed == 0 { "ok" } else { "FAILED" },
        count(Ending::Passed),
        took.as_secs_f64()
    );
    print!("{text}");
}
