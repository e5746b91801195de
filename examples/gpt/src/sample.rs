//! Text from a model, a character at a time.

use crate::error::Error;
use crate::idiomatic::Config;
use crate::model::{Model, Worker};
use crate::random::Random;
use crate::text::Vocabulary;

/// How freely characters are drawn; less than 1 prefers what is likely.
const TEMPERATURE: f32 = 0.8;

/// `count` characters after the prompt.
pub fn sample(
    model: Model,
    config: &Config,
    params: &[f32],
    vocabulary: &Vocabulary,
    prompt: &str,
    count: usize,
    seed: u64,
) -> Result<String, Error> {
    let mut tokens = encode_prompt(vocabulary, prompt)?;
    let mut random = Random::new(seed);
    let mut worker = Worker::new(
        model,
        Config {
            batch: 1,
            ..*config
        },
    );
    for _ in 0..count {
        let window = &tokens[tokens.len().saturating_sub(config.time)..];
        let last = window.len() - 1;
        // Positions look back only, so that it does not matter what comes after the last.
        let mut padded = window.to_vec();
        padded.resize(config.time, 0);
        worker.loss(params, &padded, &padded);
        tokens.push(draw(worker.logits(last), &mut random));
    }
    Ok(vocabulary.decode(&tokens))
}

/// The tokens of a prompt, which has at least one.
pub fn encode_prompt(vocabulary: &Vocabulary, prompt: &str) -> Result<Vec<u32>, Error> {
    let tokens = vocabulary.encode(prompt, "the prompt")?;
    if tokens.is_empty() {
        return Err(Error::new(
            "the prompt is empty: give at least one character to begin with",
        ));
    }
    Ok(tokens)
}

fn draw(logits: &[f32], random: &mut Random) -> u32 {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights: Vec<f32> = logits
        .iter()
        .map(|l| ((l - max) / TEMPERATURE).exp())
        .collect();
    let mut left = random.unit() * weights.iter().sum::<f32>();
    for (token, weight) in weights.iter().enumerate() {
        left -= weight;
        if left < 0.0 {
            return token as u32;
        }
    }
    (weights.len() - 1) as u32
}
