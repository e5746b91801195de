//! Training: one run for each gradient, side by side, from the same start and on the same batches.

use std::fs;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::adamw::{AdamW, Settings};
use crate::bench::thread_nanos;
use crate::bigram;
use crate::checkpoint::{Checkpoint, Point};
use crate::error::Error;
use crate::idiomatic::Config;
use crate::model::{initial, Gradient, Model, Worker};
use crate::options::{Options, Size};
use crate::plot::{self, Curve};
use crate::random::Random;
use crate::sample::{encode_prompt, sample};
use crate::terminal::{self, quoted};
use crate::text::{self, Batch, Split, Vocabulary};

/// What all runs share.
pub struct Setting {
    /// Which model.
    pub model: Model,
    /// How large, with the text's vocabulary.
    pub config: Config,
    /// Steps and rate.
    pub size: Size,
    /// The text, in two parts.
    pub split: Split,
    /// Sequences that the held-out loss is measured on.
    pub probe: Vec<Batch>,
}

impl Setting {
    /// Takes a text apart.
    pub fn new(model: Model, config: Config, size: Size, tokens: &[u32]) -> Result<Self, Error> {
        let split = Split::new(tokens, config.time)?;
        // Evenly over the held-out part, as much of it as a minute allows.
        let most = 4096 / config.rows().clamp(1, 4096);
        let whole = (split.held_out.len() - 1) / config.time;
        let batches = (whole / config.batch).clamp(1, most.max(8));
        let count = batches * config.batch;
        let last = split.held_out.len() - config.time - 1;
        let mut probe = vec![Batch::default(); batches];
        for at in 0..count {
            let start = if count > 1 {
                last * at / (count - 1)
            } else {
                0
            };
            probe[at / config.batch].push(&split.held_out, start, config.time);
        }
        Ok(Setting {
            model,
            config,
            size,
            split,
            probe,
        })
    }

    /// A run that has not begun.
    pub fn start(&self, vocabulary: &Vocabulary, seed: u64) -> Checkpoint {
        let params = initial(&self.config, seed);
        Checkpoint {
            config: self.config,
            step: 0,
            random: Random::new(seed ^ 0x5eed),
            vocabulary: vocabulary.clone(),
            curve: Vec::new(),
            optimiser: AdamW::new(params.len()),
            params,
        }
    }

    /// The loss on what is held out.
    pub fn held_out(&self, worker: &mut Worker, params: &[f32]) -> f32 {
        let total: f32 = self
            .probe
            .iter()
            .map(|batch| worker.loss(params, &batch.tokens, &batch.targets))
            .sum();
        total / self.probe.len() as f32
    }

    /// The rate warms up over a twentieth of the run and then falls to a tenth.
    fn rate(&self, step: u64) -> f32 {
        let part = step as f32 / self.size.steps.max(1) as f32;
        let warm = (part / 0.05).min(1.0);
        let fall = 0.55 + 0.45 * (std::f32::consts::PI * part.min(1.0)).cos();
        self.size.rate * warm.min(fall)
    }

    /// How many steps lie between two points of the curve.
    fn stride(&self) -> u64 {
        (self.size.steps / 60).max(1)
    }
}

/// Where a run stands, for whoever shows it.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Steps that were taken.
    pub step: u64,
    /// The last batch's loss.
    pub loss: f32,
    /// Tokens for each second that the steps' losses and gradients took.
    pub speed: f64,
}

/// Takes steps until the run is as long as the setting says or `stop` is set. Where the batches' loss is no
/// number any more, it ends there with an error.
pub fn run(
    setting: &Setting,
    from: Gradient,
    checkpoint: &mut Checkpoint,
    stop: &AtomicBool,
    mut show: impl FnMut(Progress),
) -> Result<f64, Error> {
    let config = &setting.config;
    let mut worker = Worker::new(setting.model, *config);
    let mut gradient = vec![0.0; checkpoint.params.len()];
    let (mut nanos, mut tokens) = (0u64, 0u64);
    let (mut sum, mut count) = (0.0f64, 0u32);
    let speed = |tokens: u64, nanos: u64| tokens as f64 / (nanos.max(1) as f64 / 1e9);
    if checkpoint.curve.is_empty() {
        let held_out = setting.held_out(&mut worker, &checkpoint.params);
        checkpoint.curve.push(Point {
            step: 0,
            train: held_out,
            held_out,
        });
    }
    while checkpoint.step < setting.size.steps && !stop.load(Ordering::Relaxed) {
        let batch = Batch::draw(
            &setting.split.train,
            config.batch,
            config.time,
            &mut checkpoint.random,
        );
        worker.clear(&mut gradient);
        let start = thread_nanos();
        let loss = worker.step(
            from,
            &checkpoint.params,
            &mut gradient,
            &batch.tokens,
            &batch.targets,
        );
        nanos += thread_nanos() - start;
        tokens += batch.tokens.len() as u64;
        if !loss.is_finite() {
            return Err(Error::new(format!(
                "the loss is {loss} at step {}: what was saved before is as it was",
                checkpoint.step + 1
            )));
        }
        let settings = Settings {
            rate: setting.rate(checkpoint.step + 1),
            decay: 0.05,
        };
        checkpoint.step += 1;
        checkpoint.optimiser.step(
            &mut checkpoint.params,
            &gradient,
            checkpoint.step,
            settings,
            config,
        );
        sum += f64::from(loss);
        count += 1;
        if checkpoint.step.is_multiple_of(setting.stride()) || checkpoint.step == setting.size.steps
        {
            let held_out = setting.held_out(&mut worker, &checkpoint.params);
            let train = (sum / f64::from(count)) as f32;
            checkpoint.curve.push(Point {
                step: checkpoint.step,
                train,
                held_out,
            });
            (sum, count) = (0.0, 0);
        }
        show(Progress {
            step: checkpoint.step,
            loss,
            speed: speed(tokens, nanos),
        });
    }
    Ok(speed(tokens, nanos))
}

/// The file of a run.
pub fn file(out: &Path, model: Model, from: Gradient) -> PathBuf {
    out.join(format!("{model}-{from}.checkpoint"))
}

/// The text that the options name, and its vocabulary or the one that a checkpoint has.
pub fn load_text(options: &Options) -> Result<String, Error> {
    match &options.text {
        None => Ok(text::SHIPPED.to_owned()),
        Some(path) => fs::read_to_string(path).map_err(|error| Error::file("read", path, &error)),
    }
}

/// Reads the checkpoint that a run goes on from, and holds it against the size that was asked for.
fn resumed(path: &Path, config: &Config) -> Result<Checkpoint, Error> {
    let checkpoint = Checkpoint::load(path)?;
    let say = |config: &Config| {
        format!(
            "batch {} time {} channels {} layers {} heads {} vocabulary {}",
            config.batch,
            config.time,
            config.channels,
            config.layers,
            config.heads,
            config.vocabulary
        )
    };
    if checkpoint.config != *config {
        return Err(Error::new(format!(
            "{} is of another size: it has {}, and asked for is {}. Give the flags of its size, or another --out",
            path.display(),
            say(&checkpoint.config),
            say(config)
        )));
    }
    Ok(checkpoint)
}

/// `gpt train`.
pub fn train(options: &Options) -> Result<(), Error> {
    let text = load_text(options)?;
    let files: Vec<PathBuf> = options
        .gradients
        .iter()
        .map(|&from| file(&options.out, options.model, from))
        .collect();
    let mut vocabulary = Vocabulary::of(&text)?;
    let mut starts = Vec::new();
    if options.resume {
        for path in &files {
            let saved = Checkpoint::load(path)?;
            // The text may be another one, of the same characters.
            vocabulary = saved.vocabulary;
            starts.push(resumed(path, &options.config(vocabulary.len())?)?);
        }
    }
    let config = options.config(vocabulary.len())?;
    let tokens = vocabulary.encode(&text, "the text")?;
    let setting = Setting::new(options.model, config, options.size, &tokens)?;
    // Before anything is moved or written.
    encode_prompt(&vocabulary, &options.prompt)?;
    if starts.is_empty() {
        for path in &files {
            keep_old(path)?;
            starts.push(setting.start(&vocabulary, options.seed));
        }
    }

    let width = terminal::width();
    let bigram = bigram::held_out_loss(
        &setting.split.train,
        &setting.split.held_out,
        vocabulary.len(),
    );
    println!(
        "{} model, {} parameters, {} characters to learn from, {} held out, vocabulary {}",
        options.model,
        starts[0].params.len(),
        setting.split.train.len(),
        setting.split.held_out.len(),
        vocabulary.len()
    );
    println!("a bigram model's held-out loss is {bigram:.3}\n");
    let write = |checkpoint: &Checkpoint| {
        sample(
            options.model,
            &config,
            &checkpoint.params,
            &vocabulary,
            &options.prompt,
            240,
            7,
        )
    };
    println!(
        "before, from step {}:\n{}\n",
        starts[0].step,
        quoted(&write(&starts[0])?, width)
    );

    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        // The second one ends the program at once, as one would expect.
        signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&stop))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&stop)))
            .map_err(|error| Error::new(format!("cannot listen for Ctrl-C: {error}")))?;
    }
    let shown = Mutex::new(vec![None; starts.len()]);
    let results: Vec<Result<f64, Error>> = thread::scope(|scope| {
        let threads: Vec<_> = starts
            .iter_mut()
            .zip(&files)
            .zip(&options.gradients)
            .enumerate()
            .map(|(at, ((checkpoint, path), &from))| {
                let (setting, stop, shown) = (&setting, &stop, &shown);
                scope.spawn(move || {
                    let speed = run(setting, from, checkpoint, stop, |progress| {
                        show(shown, at, progress, setting, &options.gradients);
                    })?;
                    checkpoint.save(path)?;
                    Ok(speed)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a run does not panic"))
            .collect()
    });
    if std::io::stderr().is_terminal() {
        eprintln!();
    }
    let speeds: Vec<f64> = results.into_iter().collect::<Result<_, _>>()?;

    let curves: Vec<Curve> = starts
        .iter()
        .zip(&options.gradients)
        .map(|(checkpoint, from)| Curve {
            name: format!("{from} gradient"),
            sign: match from {
                Gradient::Manual => 'o',
                Gradient::Irad => '+',
                Gradient::Nightly => 'x',
            },
            points: &checkpoint.curve,
        })
        .collect();
    println!("{}", plot::terminal(&curves, bigram, "bigram", width, 18));
    let picture = options.out.join(format!("{}.svg", options.model));
    fs::write(&picture, plot::svg(&curves, bigram, "bigram"))
        .map_err(|error| Error::file("write", &picture, &error))?;
    for ((checkpoint, from), speed) in starts.iter().zip(&options.gradients).zip(&speeds) {
        let last = checkpoint.curve.last().expect("the first point is there");
        println!(
            "{from:<7} {speed:>8.0} tokens/s   step {}   held-out loss {:.3}, {:.3} {} the bigram's",
            checkpoint.step,
            last.held_out,
            (bigram - last.held_out).abs(),
            if last.held_out < bigram { "below" } else { "ABOVE" }
        );
    }
    let [first, others @ ..] = &starts[..] else {
        unreachable!("there is a gradient");
    };
    let apart = others
        .iter()
        .flat_map(|other| first.curve.iter().zip(&other.curve))
        .map(|(a, b)| (a.held_out - b.held_out).abs())
        .fold(0.0, f32::max);
    match others.len() {
        0 => {}
        1 => println!("the two curves are nowhere further apart than {apart:.1e}"),
        _ => println!("no curve is anywhere further from the first than {apart:.1e}"),
    }
    println!("\nafter, at step {}:", starts[0].step);
    for (checkpoint, from) in starts.iter().zip(&options.gradients) {
        println!("[{from}]\n{}\n", quoted(&write(checkpoint)?, width));
    }
    let saved: Vec<String> = files
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    println!("saved: {}, {}", saved.join(", "), picture.display());
    if stop.load(Ordering::Relaxed) {
        println!("stopped before the end; go on with --resume and the same flags");
    }
    Ok(())
}

/// Puts a checkpoint that is there already aside, so that a run from the start costs nobody another one.
fn keep_old(path: &Path) -> Result<(), Error> {
    if !path.exists() {
        return Ok(());
    }
    let old = path.with_extension("checkpoint.old");
    fs::rename(path, &old).map_err(|error| Error::file("move aside", path, &error))?;
    println!(
        "what was saved before is now {} (--resume would have gone on from it)",
        old.display()
    );
    Ok(())
}

/// One line on a terminal that is written over; elsewhere a line each tenth of the way.
fn show(
    shown: &Mutex<Vec<Option<Progress>>>,
    at: usize,
    progress: Progress,
    setting: &Setting,
    gradients: &[Gradient],
) {
    let steps = setting.size.steps;
    let is_terminal = std::io::stderr().is_terminal();
    let mut all = shown.lock().expect("nobody panics while showing");
    all[at] = Some(progress);
    let every = if is_terminal {
        (steps / 400).max(1)
    } else {
        (steps / 10).max(1)
    };
    if !progress.step.is_multiple_of(every) && progress.step != steps {
        return;
    }
    if !is_terminal {
        let Progress { step, loss, speed } = progress;
        eprintln!(
            "{:<6} step {step:>6} of {steps}  loss {loss:.3}  {speed:.0} tokens/s",
            gradients[at]
        );
        return;
    }
    let parts: Vec<String> = all
        .iter()
        .zip(gradients)
        .filter_map(|(progress, from)| {
            let Progress { step, loss, .. } = (*progress)?;
            Some(format!(
                "{from} {:>3}% loss {loss:.3}",
                step * 100 / steps.max(1)
            ))
        })
        .collect();
    eprint!("\r\x1b[K{}", parts.join("   "));
    let _ = std::io::stderr().flush();
}
