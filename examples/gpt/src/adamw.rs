//! AdamW: the optimiser that turns gradients into steps.

use crate::idiomatic::{Config, Params};

/// How large steps are and how fast they forget.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The step's length.
    pub rate: f32,
    /// Part of a weight matrix that is lost in each step, per `rate`.
    pub decay: f32,
}

const BETA1: f32 = 0.9;
const BETA2: f32 = 0.99;
const EPSILON: f32 = 1e-8;

/// What it remembers of earlier gradients.
#[derive(Clone, Debug, PartialEq)]
pub struct AdamW {
    /// Mean of the gradients.
    pub m: Vec<f32>,
    /// Mean of their squares.
    pub v: Vec<f32>,
}

impl AdamW {
    /// One that has seen nothing yet.
    pub fn new(params: usize) -> Self {
        AdamW {
            m: vec![0.0; params],
            v: vec![0.0; params],
        }
    }

    /// Step number `step`, from 1, along `gradient`. Matrices decay, biases and norms do not.
    pub fn step(
        &mut self,
        params: &mut [f32],
        gradient: &[f32],
        step: u64,
        settings: Settings,
        config: &Config,
    ) {
        // The exponent is small enough, and past it both are 1.
        let t = step.min(1 << 20) as i32;
        let (fix1, fix2) = (1.0 - BETA1.powi(t), 1.0 - BETA2.powi(t));
        let mut at = 0;
        let mut length = |n: usize| {
            at += n;
            (at - n, at)
        };
        let p = Params::of(config, &mut length);
        let matrices = [p.wte, p.wpe, p.qkvw, p.projw, p.fcw, p.fcprojw];
        for i in 0..params.len() {
            let g = gradient[i];
            self.m[i] = BETA1 * self.m[i] + (1.0 - BETA1) * g;
            self.v[i] = BETA2 * self.v[i] + (1.0 - BETA2) * g * g;
            let towards = (self.m[i] / fix1) / ((self.v[i] / fix2).sqrt() + EPSILON);
            params[i] -= settings.rate * towards;
        }
        for (start, end) in matrices {
            for param in &mut params[start..end] {
                *param -= settings.rate * settings.decay * *param;
            }
        }
    }
}
