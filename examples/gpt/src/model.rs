//! Either model, with either gradient, behind one face.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;
use crate::idiomatic::{self, Config, Params};
use crate::{by_hand, derivative};

/// Which of the two translations of the C program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// What c2rust printed.
    Translated,
    /// Written over slices.
    Idiomatic,
}

impl Model {
    /// Both.
    pub const ALL: [Model; 2] = [Model::Translated, Model::Idiomatic];
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Model::Translated => "translated",
            Model::Idiomatic => "idiomatic",
        })
    }
}

impl FromStr for Model {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Model::ALL
            .into_iter()
            .find(|model| model.to_string() == text)
            .ok_or_else(|| Error::new(format!("{text} is no model: translated or idiomatic")))
    }
}

/// Where a gradient comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gradient {
    /// The backward pass that was written by hand.
    Manual,
    /// The derivative that irad made of the loss.
    Irad,
    /// The derivative that a nightly compiler made of it by itself; [`crate::nightly::load`] comes first.
    Nightly,
}

impl fmt::Display for Gradient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Gradient::Manual => "manual",
            Gradient::Irad => "irad",
            Gradient::Nightly => "nightly",
        })
    }
}

/// A model of one size with the memory that a step needs.
pub struct Worker {
    /// Which.
    pub model: Model,
    /// How large.
    pub config: Config,
    acts: Vec<f32>,
    dacts: Vec<f32>,
    /// One row of attention, which the backward pass by hand works in.
    row: Vec<f32>,
}

impl Worker {
    /// Reserves the memory.
    pub fn new(model: Model, config: Config) -> Self {
        let length = match model {
            Model::Translated => derivative::translated_acts(&config),
            Model::Idiomatic => idiomatic::sizes(&config).1,
        };
        Worker {
            model,
            config,
            acts: vec![0.0; length],
            dacts: vec![0.0; length],
            row: vec![0.0; config.time],
        }
    }

    /// The mean cross entropy on a batch of the configured size.
    pub fn loss(&mut self, params: &[f32], tokens: &[u32], targets: &[u32]) -> f32 {
        self.see(params, tokens, targets);
        match self.model {
            Model::Translated => {
                derivative::translated_loss(params, &mut self.acts, tokens, targets, &self.config)
            }
            Model::Idiomatic => {
                idiomatic::loss(params, &mut self.acts, tokens, targets, &self.config)
            }
        }
    }

    /// Clears what adjoints are added to. It is the same work for every gradient, so that a comparison of
    /// their speed leaves it out.
    pub fn clear(&mut self, gradient: &mut [f32]) {
        gradient.fill(0.0);
        self.dacts.fill(0.0);
    }

    /// The loss; its gradient is added to `gradient`. [`Worker::clear`] comes first.
    pub fn step(
        &mut self,
        from: Gradient,
        params: &[f32],
        gradient: &mut [f32],
        tokens: &[u32],
        targets: &[u32],
    ) -> f32 {
        self.see(params, tokens, targets);
        assert_eq!(
            gradient.len(),
            params.len(),
            "one adjoint for each parameter"
        );
        let (acts, dacts, config) = (&mut self.acts[..], &mut self.dacts[..], &self.config);
        match (self.model, from) {
            (Model::Translated, Gradient::Manual) => derivative::translated_by_hand(
                params, gradient, acts, dacts, tokens, targets, config,
            ),
            (Model::Translated, Gradient::Irad) => derivative::translated_by_irad(
                params, gradient, acts, dacts, tokens, targets, config,
            ),
            (Model::Translated, Gradient::Nightly) => derivative::translated_by_nightly(
                params, gradient, acts, dacts, tokens, targets, config,
            ),
            (Model::Idiomatic, Gradient::Nightly) => derivative::idiomatic_by_nightly(
                params, gradient, acts, dacts, tokens, targets, config,
            ),
            (Model::Idiomatic, Gradient::Manual) => {
                let loss = idiomatic::loss(params, acts, tokens, targets, config);
                by_hand::backward(
                    params,
                    gradient,
                    acts,
                    dacts,
                    &mut self.row,
                    tokens,
                    targets,
                    config,
                );
                loss
            }
            (Model::Idiomatic, Gradient::Irad) => derivative::idiomatic_by_irad(
                params, gradient, acts, dacts, tokens, targets, config,
            ),
        }
    }

    /// The logits of one row, after a loss.
    pub fn logits(&self, row: usize) -> &[f32] {
        let v = self.config.vocabulary;
        let start = match self.model {
            Model::Translated => derivative::translated_logits(&self.config),
            Model::Idiomatic => by_hand::logits_at(&self.config),
        };
        &self.acts[start + row * v..][..v]
    }

    /// What the kernels take on trust; the derivative is undefined where they would panic.
    fn see(&self, params: &[f32], tokens: &[u32], targets: &[u32]) {
        let config = &self.config;
        assert_eq!(
            params.len(),
            idiomatic::sizes(config).0,
            "parameters of this size"
        );
        assert_eq!(tokens.len(), config.rows(), "a token for each row");
        assert_eq!(targets.len(), config.rows(), "a target for each row");
        let known = |&token: &u32| (token as usize) < config.vocabulary;
        assert!(
            tokens.iter().chain(targets).all(known),
            "tokens of the vocabulary"
        );
    }
}

/// The name of the tensor that a parameter belongs to, and its place in it.
pub fn tensor_of(config: &Config, index: usize) -> (&'static str, usize) {
    let mut at = 0;
    let p = Params::of(config, |length| {
        at += length;
        at
    });
    let ends = [
        ("wte", p.wte),
        ("wpe", p.wpe),
        ("ln1w", p.ln1w),
        ("ln1b", p.ln1b),
        ("qkvw", p.qkvw),
        ("qkvb", p.qkvb),
        ("projw", p.projw),
        ("projb", p.projb),
        ("ln2w", p.ln2w),
        ("ln2b", p.ln2b),
        ("fcw", p.fcw),
        ("fcb", p.fcb),
        ("fcprojw", p.fcprojw),
        ("fcprojb", p.fcprojb),
        ("lnfw", p.lnfw),
        ("lnfb", p.lnfb),
    ];
    let mut start = 0;
    for (name, end) in ends {
        if index < end {
            return (name, index - start);
        }
        start = end;
    }
    panic!("there are {start} parameters, and none is number {index}")
}

/// Parameters to begin with: weights from a narrow normal distribution, narrower where they add to the
/// residual stream, norms at 1, biases at 0.
pub fn initial(config: &Config, seed: u64) -> Vec<f32> {
    let mut random = crate::random::Random::new(seed);
    let residual = 0.02 / (2.0 * config.layers as f32).sqrt();
    let mut out = Vec::new();
    let lengths = Params::of(config, |length| length);
    let mut weights = |out: &mut Vec<f32>, length: usize, width: f32| {
        out.extend((0..length).map(|_| width * random.normal()));
    };
    let constant = |out: &mut Vec<f32>, length: usize, value: f32| {
        out.extend(std::iter::repeat_n(value, length));
    };
    weights(&mut out, lengths.wte, 0.02);
    weights(&mut out, lengths.wpe, 0.02);
    constant(&mut out, lengths.ln1w, 1.0);
    constant(&mut out, lengths.ln1b, 0.0);
    weights(&mut out, lengths.qkvw, 0.02);
    constant(&mut out, lengths.qkvb, 0.0);
    weights(&mut out, lengths.projw, residual);
    constant(&mut out, lengths.projb, 0.0);
    constant(&mut out, lengths.ln2w, 1.0);
    constant(&mut out, lengths.ln2b, 0.0);
    weights(&mut out, lengths.fcw, 0.02);
    constant(&mut out, lengths.fcb, 0.0);
    weights(&mut out, lengths.fcprojw, residual);
    constant(&mut out, lengths.fcprojb, 0.0);
    constant(&mut out, lengths.lnfw, 1.0);
    constant(&mut out, lengths.lnfb, 0.0);
    out
}
