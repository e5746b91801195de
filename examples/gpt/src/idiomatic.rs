//! The same language model over slices, with a backward pass by hand beside each layer.
//!
//! It knows nothing of irad. The file compiles alone, as a library whose IR irad reads, and as a
//! module of the training program, which then has the hand-written gradient to compare with.
//!
//! All tensors are `f32` and stored row by row. A row is one position of one text of the batch:
//! there are `rows = batch * time` of them.

/// The model's sizes; `channels` is a multiple of `heads`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Config {
    pub batch: usize,
    pub time: usize,
    pub channels: usize,
    pub vocabulary: usize,
    pub layers: usize,
    pub heads: usize,
}

impl Config {
    fn rows(&self) -> usize {
        self.batch * self.time
    }
}

/// Where each parameter lies in the flat vector; the layers of one tensor stand side by side.
pub struct Params<'a> {
    pub wte: &'a [f32],
    pub wpe: &'a [f32],
    pub ln1w: &'a [f32],
    pub ln1b: &'a [f32],
    pub qkvw: &'a [f32],
    pub qkvb: &'a [f32],
    pub projw: &'a [f32],
    pub projb: &'a [f32],
    pub ln2w: &'a [f32],
    pub ln2b: &'a [f32],
    pub fcw: &'a [f32],
    pub fcb: &'a [f32],
    pub fcprojw: &'a [f32],
    pub fcprojb: &'a [f32],
    pub lnfw: &'a [f32],
    pub lnfb: &'a [f32],
}

impl<'a> Params<'a> {
    fn split(mut flat: &'a [f32], config: &Config) -> Self {
        let (c, l) = (config.channels, config.layers);
        let mut take = |length: usize| {
            let (head, tail) = flat.split_at(length);
            flat = tail;
            head
        };
        Params {
            wte: take(config.vocabulary * c),
            wpe: take(config.time * c),
            ln1w: take(l * c),
            ln1b: take(l * c),
            qkvw: take(l * 3 * c * c),
            qkvb: take(l * 3 * c),
            projw: take(l * c * c),
            projb: take(l * c),
            ln2w: take(l * c),
            ln2b: take(l * c),
            fcw: take(l * 4 * c * c),
            fcb: take(l * 4 * c),
            fcprojw: take(l * 4 * c * c),
            fcprojb: take(l * c),
            lnfw: take(c),
            lnfb: take(c),
        }
    }
}
