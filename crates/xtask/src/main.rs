//! Runs the tests of all crates side by side, as `cargo test` would one binary after the other:
//!
//!     cargo run -p xtask -- [CARGO TEST'S ARGUMENTS] [-- FILTER…]
//!
//! Each test is a process of its own, and there are as many at once as there are cores. A binary's tests are
//! reported together, in the words of `cargo test`. What failed is repeated at the end, below the slowest.

mod binary;
mod outcome;
mod pool;
mod times;

use std::env;
use std::process::ExitCode;

use outcome::Ending;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let mut parts = arguments.splitn(2, |argument| argument == "--");
    let (for_cargo, filters) = (parts.next().unwrap_or(&[]), parts.next().unwrap_or(&[]));
    match run(for_cargo, filters) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(101),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(101)
        }
    }
}

/// Whether everything passed.
fn run(for_cargo: &[String], filters: &[String]) -> Result<bool, String> {
    let binaries = binary::build(for_cargo)?;
    let mut tests = Vec::new();
    for binary in &binaries {
        let mut names = binary.tests()?;
        names.retain(|name| filters.is_empty() || filters.iter().any(|part| name.contains(part)));
        tests.push(names);
    }
    let file = binary::target_folder()?.join("test-times");
    let known = times::read(&file);
    let outcomes = pool::run(&binaries, &tests, &known);
    times::write(&file, &known, &outcomes);

    times::print_slowest(&outcomes, 10);
    let mut failed: Vec<&str> = outcomes
        .iter()
        .filter(|outcome| outcome.ending == Ending::Failed)
        .map(|outcome| outcome.name.as_str())
        .collect();
    let has_documented = filters.is_empty() && !binary::is_selective(for_cargo);
    let is_documented = !has_documented || binary::run_documentation(for_cargo)?;
    if !failed.is_empty() {
        failed.sort_unstable();
        println!("\nfailed tests:");
        for name in &failed {
            println!("    {name}");
        }
    }
    Ok(failed.is_empty() && is_documented)
}
