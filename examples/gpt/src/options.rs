//! The command line, read by hand: a few flags, each with a value.

use std::path::PathBuf;

use crate::error::Error;
use crate::idiomatic::{self, Config};
use crate::model::{Gradient, Model};

/// What `gpt --help` prints.
pub const HELP: &str = "\
Trains a small language model by a gradient that irad made, by one that was written by hand, or by both; and by the
one that a nightly compiler makes by itself.

  gpt check      compare the gradients on random input, over all parameters
  gpt train      train on a text, with both gradients from the same start
  gpt sample     continue a prompt with a model that was saved
  gpt bench      time one step of each, interleaved

  --model translated|idiomatic   which translation of the C program (idiomatic)
  --gradient manual|irad|both|nightly
                                 what train steps along (both); nightly is these two and the compiler's own, which
                                 examples/gpt/nightly.sh builds, and check and bench then have it too
  --size tiny|small|medium|large the model's size (small)
  --batch N --time N --channels N --layers N --heads N   parts of the size
  --steps N                      how long to train (by size)
  --seed N                       where weights and batches begin (1)
  --text FILE                    what to learn from (the prose of this project)
  --out DIR                      where checkpoints and the curve go (target/gpt)
  --resume                       go on from the checkpoints there
  --prompt TEXT                  what sample continues
  --rounds N                     how often bench measures
";

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Compare gradients.
    Check,
    /// Train.
    Train,
    /// Write text.
    Sample,
    /// Measure.
    Bench,
    /// Print [`HELP`].
    Help,
}

/// A size before the text's vocabulary is known, which [`Options::config`] adds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// As in [`Config`].
    pub batch: usize,
    /// As in [`Config`].
    pub time: usize,
    /// As in [`Config`].
    pub channels: usize,
    /// As in [`Config`].
    pub layers: usize,
    /// As in [`Config`].
    pub heads: usize,
    /// How many steps it is trained for if nobody says.
    pub steps: u64,
    /// AdamW's rate.
    pub rate: f32,
}

const SIZES: [(&str, Size); 4] = [
    ("tiny", size(2, 8, 16, 1, 2, 100, 3e-3)),
    ("small", size(8, 32, 48, 2, 4, 4000, 3e-3)),
    ("medium", size(8, 64, 96, 3, 6, 5000, 1.5e-3)),
    ("large", size(16, 128, 192, 4, 6, 8000, 1e-3)),
];

const fn size(
    batch: usize,
    time: usize,
    channels: usize,
    layers: usize,
    heads: usize,
    steps: u64,
    rate: f32,
) -> Size {
    Size {
        batch,
        time,
        channels,
        layers,
        heads,
        steps,
        rate,
    }
}

/// The command line, understood.
#[derive(Clone, Debug)]
pub struct Options {
    /// What to do.
    pub command: Command,
    /// Which translation.
    pub model: Model,
    /// What to train by.
    pub gradients: Vec<Gradient>,
    /// How large.
    pub size: Size,
    /// Where random numbers begin.
    pub seed: u64,
    /// What to learn from, if not what ships.
    pub text: Option<PathBuf>,
    /// Where files go.
    pub out: PathBuf,
    /// Go on from what is there.
    pub resume: bool,
    /// What to continue.
    pub prompt: String,
    /// Measurements.
    pub rounds: usize,
}

impl Options {
    /// Reads the arguments, without the program's name.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, Error> {
        let mut arguments = arguments.into_iter();
        let command = match arguments.next().as_deref() {
            Some("check") => Command::Check,
            Some("train") => Command::Train,
            Some("sample") => Command::Sample,
            Some("bench") => Command::Bench,
            None | Some("help" | "--help" | "-h") => Command::Help,
            Some(other) => {
                return Err(Error::new(format!(
                    "there is no command {other}: check, train, sample, bench"
                )))
            }
        };
        let mut options = Options {
            command,
            model: Model::Idiomatic,
            gradients: vec![Gradient::Manual, Gradient::Irad],
            size: SIZES[1].1,
            seed: 1,
            text: None,
            out: PathBuf::from("target/gpt"),
            resume: false,
            prompt: "The derivative ".to_owned(),
            rounds: 40,
        };
        // What a part of the size is set to holds over --size, wherever that stands.
        let mut parts: Vec<(String, usize)> = Vec::new();
        let mut steps = None;
        while let Some(flag) = arguments.next() {
            match flag.as_str() {
                "--resume" => {
                    options.resume = true;
                    continue;
                }
                "--help" | "-h" => {
                    options.command = Command::Help;
                    continue;
                }
                _ => {}
            }
            let known = [
                "--model",
                "--gradient",
                "--size",
                "--batch",
                "--time",
                "--channels",
                "--layers",
                "--heads",
                "--steps",
                "--seed",
                "--text",
                "--out",
                "--prompt",
                "--rounds",
            ];
            if !known.contains(&flag.as_str()) {
                return Err(Error::new(format!(
                    "there is no flag {flag}: see gpt --help"
                )));
            }
            let value = arguments
                .next()
                .ok_or_else(|| Error::new(format!("{flag} needs a value: see gpt --help")))?;
            match flag.as_str() {
                "--model" => options.model = value.parse()?,
                "--gradient" => {
                    options.gradients = match value.as_str() {
                        "manual" => vec![Gradient::Manual],
                        "irad" => vec![Gradient::Irad],
                        "both" => vec![Gradient::Manual, Gradient::Irad],
                        "nightly" => vec![Gradient::Manual, Gradient::Irad, Gradient::Nightly],
                        other => {
                            return Err(Error::new(format!(
                                "{other} is no gradient: manual, irad, both or nightly"
                            )))
                        }
                    }
                }
                "--size" => {
                    let found = SIZES.iter().find(|(name, _)| *name == value);
                    options.size = found.map(|(_, size)| *size).ok_or_else(|| {
                        Error::new(format!("{value} is no size: tiny, small, medium or large"))
                    })?;
                }
                "--steps" => steps = Some(number(&flag, &value)?),
                "--seed" => options.seed = number(&flag, &value)?,
                "--rounds" => options.rounds = number(&flag, &value)?.max(1) as usize,
                "--text" => options.text = Some(PathBuf::from(value)),
                "--out" => options.out = PathBuf::from(value),
                "--prompt" => options.prompt = value,
                _ => {
                    let number = number(&flag, &value)?;
                    parts.push((flag, number as usize));
                }
            }
        }
        for (flag, value) in parts {
            let size = &mut options.size;
            *match flag.as_str() {
                "--batch" => &mut size.batch,
                "--time" => &mut size.time,
                "--channels" => &mut size.channels,
                "--layers" => &mut size.layers,
                _ => &mut size.heads,
            } = value;
        }
        if let Some(steps) = steps {
            options.size.steps = steps;
        }
        Ok(options)
    }

    /// The model's sizes with a vocabulary, if there can be such a model.
    pub fn config(&self, vocabulary: usize) -> Result<Config, Error> {
        let size = &self.size;
        let parts = [
            ("batch", size.batch),
            ("time", size.time),
            ("channels", size.channels),
            ("layers", size.layers),
            ("heads", size.heads),
        ];
        for (name, value) in parts {
            if value == 0 {
                return Err(Error::new(format!(
                    "--{name} is 0: a model needs at least 1"
                )));
            }
            if value > 1 << 14 {
                return Err(Error::new(format!(
                    "--{name} is {value}: at most {} will do",
                    1 << 14
                )));
            }
        }
        if !size.channels.is_multiple_of(size.heads) {
            let (channels, heads) = (size.channels, size.heads);
            return Err(Error::new(format!(
                "{channels} channels cannot be divided among {heads} heads: take a multiple of {heads}"
            )));
        }
        let config = Config {
            batch: size.batch,
            time: size.time,
            channels: size.channels,
            vocabulary,
            layers: size.layers,
            heads: size.heads,
        };
        // The C program counts rows and places within a layer in 32 bits.
        let (params, acts) = idiomatic::sizes(&config);
        if params.max(acts) > i32::MAX as usize {
            return Err(Error::new(format!(
                "this model has {params} parameters and {acts} activations, more than the C program can count: take a smaller --size"
            )));
        }
        Ok(config)
    }
}

fn number(flag: &str, value: &str) -> Result<u64, Error> {
    value
        .parse()
        .map_err(|_| Error::new(format!("{flag} is a number, not {value}")))
}
