//! `gpt`: trains a small language model by a gradient that irad made.

use std::process::ExitCode;

use gpt::error::Error;
use gpt::model::Gradient;
use gpt::options::{Command, Options, HELP};
use gpt::sample::sample;
use gpt::text::{Vocabulary, SHIPPED};
use gpt::train;
use gpt::{bench, check, checkpoint::Checkpoint, nightly};

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<ExitCode, Error> {
    let options = Options::parse(std::env::args().skip(1))?;
    // sample takes a model that was trained, however it was.
    let needs_nightly = matches!(
        options.command,
        Command::Check | Command::Train | Command::Bench
    ) && options.gradients.contains(&Gradient::Nightly);
    if needs_nightly {
        nightly::load()?;
    }
    match options.command {
        Command::Help => print!("{HELP}"),
        Command::Check => {
            let config = options.config(Vocabulary::of(SHIPPED)?.len())?;
            if !check::run(&config, options.seed, &options.gradients) {
                return Ok(ExitCode::from(1));
            }
        }
        Command::Bench => {
            let config = options.config(Vocabulary::of(SHIPPED)?.len())?;
            bench::run(&config, options.rounds, &options.gradients);
        }
        Command::Train => train::train(&options)?,
        Command::Sample => {
            let from = *options.gradients.last().unwrap_or(&Gradient::Irad);
            let path = train::file(&options.out, options.model, from);
            let Checkpoint {
                config,
                params,
                vocabulary,
                ..
            } = Checkpoint::load(&path)?;
            let text = sample(
                options.model,
                &config,
                &params,
                &vocabulary,
                &options.prompt,
                400,
                options.seed,
            )?;
            println!("{text}");
        }
    }
    Ok(ExitCode::SUCCESS)
}
