//! Characters as numbers, and a text as what is learnt from and what is held out.

use crate::error::Error;
use crate::random::Random;

/// The text that ships with the program; `text.sh` says how it was made.
pub const SHIPPED: &str = include_str!("../text.txt");

/// The characters that a model knows, in the order of their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vocabulary(Vec<char>);

impl Vocabulary {
    /// Every character of a text. An empty text has none and is an error.
    pub fn of(text: &str) -> Result<Self, Error> {
        let mut chars: Vec<char> = text.chars().collect();
        chars.sort_unstable();
        chars.dedup();
        if chars.is_empty() {
            return Err(Error::new(
                "the text is empty: there is nothing to learn from",
            ));
        }
        Ok(Vocabulary(chars))
    }

    /// The vocabulary that [`Vocabulary::chars`] was taken from.
    pub fn from_chars(chars: Vec<char>) -> Self {
        Vocabulary(chars)
    }

    /// The characters in their order.
    pub fn chars(&self) -> &[char] {
        &self.0
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Never: see [`Vocabulary::of`].
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The numbers of a text's characters. `what` names the text in the error for one that is unknown.
    pub fn encode(&self, text: &str, what: &str) -> Result<Vec<u32>, Error> {
        text.chars()
            .enumerate()
            .map(|(at, c)| match self.0.binary_search(&c) {
                Ok(index) => Ok(index as u32),
                Err(_) => Err(Error::new(format!(
                    "{what} has {c:?} at character {}, and the model knows only the {} characters of the text that it learnt from",
                    at + 1,
                    self.len()
                ))),
            })
            .collect()
    }

    /// The text of numbers.
    pub fn decode(&self, tokens: &[u32]) -> String {
        tokens.iter().map(|&token| self.0[token as usize]).collect()
    }
}

/// A text in two parts.
#[derive(Clone, Debug)]
pub struct Split {
    /// What is learnt from.
    pub train: Vec<u32>,
    /// What the model is measured on, and never sees.
    pub held_out: Vec<u32>,
}

/// Pieces that the text is cut into.
const PIECES: usize = 20;

impl Split {
    /// The last tenth of each of twenty pieces is held out, because the end of a text may be about other
    /// things than its beginning. Both parts must be longer than a sequence.
    pub fn new(tokens: &[u32], time: usize) -> Result<Self, Error> {
        let (mut train, mut held_out) = (Vec::new(), Vec::new());
        for piece in 0..PIECES {
            let (from, to) = (
                tokens.len() * piece / PIECES,
                tokens.len() * (piece + 1) / PIECES,
            );
            let cut = from + (to - from) * 9 / 10;
            train.extend_from_slice(&tokens[from..cut]);
            held_out.extend_from_slice(&tokens[cut..to]);
        }
        // A sequence and the character after it.
        for (part, what) in [(&train, "to learn from"), (&held_out, "held out")] {
            if part.len() < time + 2 {
                return Err(Error::new(format!(
                    "a sequence has {time} characters, and the part of the text that is {what} has {}: take a longer text or a smaller --time",
                    part.len()
                )));
            }
        }
        Ok(Split { train, held_out })
    }
}

/// Sequences and, for each position, the token that comes next.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// One sequence after another.
    pub tokens: Vec<u32>,
    /// As many.
    pub targets: Vec<u32>,
}

impl Batch {
    /// `count` sequences of `time` from anywhere in `tokens`.
    pub fn draw(tokens: &[u32], count: usize, time: usize, random: &mut Random) -> Self {
        let mut batch = Batch::default();
        for _ in 0..count {
            batch.push(tokens, random.below(tokens.len() - time), time);
        }
        batch
    }

    /// Adds the sequence that starts at `start`.
    pub fn push(&mut self, tokens: &[u32], start: usize, time: usize) {
        self.tokens.extend_from_slice(&tokens[start..][..time]);
        self.targets.extend_from_slice(&tokens[start + 1..][..time]);
    }
}
