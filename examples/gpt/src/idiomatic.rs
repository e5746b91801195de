//! The same language model over slices: its parameters, its activations, and its loss.
//!
//! The file knows nothing of irad. It compiles alone, as a library whose IR irad reads, and as a module
//! of the training program, which has a backward pass by hand beside it (`by_hand.rs`).
//!
//! All tensors are `f32`, stored row by row. A row is one position of one text of the batch: there are
//! `batch * time` of them.
// Loops over an index of several slices are what the kernels are about.
#![allow(
    clippy::needless_range_loop,
    reason = "one index runs over several slices"
)]

#[path = "kernels/attention.rs"]
pub mod attention;
#[path = "kernels/cross_entropy.rs"]
pub mod cross_entropy;
#[path = "kernels/encoder.rs"]
pub mod encoder;
#[path = "kernels/gelu.rs"]
pub mod gelu;
#[path = "kernels/layernorm.rs"]
pub mod layernorm;
#[path = "kernels/matmul.rs"]
pub mod matmul;
#[path = "kernels/residual.rs"]
pub mod residual;

/// The model's sizes; `channels` is a multiple of `heads`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Config {
    /// Texts at once.
    pub batch: usize,
    /// Positions that the model looks back on.
    pub time: usize,
    /// Numbers that stand for one position.
    pub channels: usize,
    /// Different tokens.
    pub vocabulary: usize,
    /// Transformer blocks.
    pub layers: usize,
    /// Heads of attention.
    pub heads: usize,
}

impl Config {
    /// Positions in a batch.
    pub fn rows(&self) -> usize {
        self.batch * self.time
    }
}

/// The parameters, each tensor with all of its layers; `T` is a slice or a length.
#[derive(Clone, Copy, Debug)]
pub struct Params<T> {
    pub wte: T,
    pub wpe: T,
    pub ln1w: T,
    pub ln1b: T,
    pub qkvw: T,
    pub qkvb: T,
    pub projw: T,
    pub projb: T,
    pub ln2w: T,
    pub ln2b: T,
    pub fcw: T,
    pub fcb: T,
    pub fcprojw: T,
    pub fcprojb: T,
    pub lnfw: T,
    pub lnfb: T,
}

impl<T> Params<T> {
    /// Makes each tensor of its length, in the order in which they lie in the flat vector.
    #[inline(always)]
    pub fn of(config: &Config, mut make: impl FnMut(usize) -> T) -> Self {
        let (c, l) = (config.channels, config.layers);
        Params {
            wte: make(config.vocabulary * c),
            wpe: make(config.time * c),
            ln1w: make(l * c),
            ln1b: make(l * c),
            qkvw: make(l * 3 * c * c),
            qkvb: make(l * 3 * c),
            projw: make(l * c * c),
            projb: make(l * c),
            ln2w: make(l * c),
            ln2b: make(l * c),
            fcw: make(l * 4 * c * c),
            fcb: make(l * 4 * c),
            fcprojw: make(l * 4 * c * c),
            fcprojb: make(l * c),
            lnfw: make(c),
            lnfb: make(c),
        }
    }
}

/// What one block computes on the way; `T` is a slice or a length.
pub struct Block<T> {
    pub ln1: T,
    pub ln1m: T,
    pub ln1r: T,
    pub qkv: T,
    pub scores: T,
    pub exps: T,
    pub weights: T,
    pub atty: T,
    pub proj: T,
    pub res2: T,
    pub ln2: T,
    pub ln2m: T,
    pub ln2r: T,
    pub fc: T,
    pub gelu: T,
    pub fcproj: T,
    pub res3: T,
}

impl<T> Block<T> {
    /// Makes each tensor of its length, in the order in which they lie in the flat vector.
    #[inline(always)]
    pub fn of(config: &Config, mut make: impl FnMut(usize) -> T) -> Self {
        let rows = config.rows();
        let n = rows * config.channels;
        let pairs = config.heads * rows * config.time;
        Block {
            ln1: make(n),
            ln1m: make(rows),
            ln1r: make(rows),
            qkv: make(3 * n),
            scores: make(pairs),
            exps: make(pairs),
            weights: make(pairs),
            atty: make(n),
            proj: make(n),
            res2: make(n),
            ln2: make(n),
            ln2m: make(rows),
            ln2r: make(rows),
            fc: make(4 * n),
            gelu: make(4 * n),
            fcproj: make(n),
            res3: make(n),
        }
    }
}

/// What is computed after the blocks; `T` is a slice or a length.
pub struct Head<T> {
    pub lnf: T,
    pub lnfm: T,
    pub lnfr: T,
    pub logits: T,
    pub exps: T,
    pub probs: T,
}

impl<T> Head<T> {
    /// Makes each tensor of its length, in the order in which they lie in the flat vector.
    #[inline(always)]
    pub fn of(config: &Config, mut make: impl FnMut(usize) -> T) -> Self {
        let rows = config.rows();
        Head {
            lnf: make(rows * config.channels),
            lnfm: make(rows),
            lnfr: make(rows),
            logits: make(rows * config.vocabulary),
            exps: make(rows * config.vocabulary),
            probs: make(rows * config.vocabulary),
        }
    }
}

/// The first `length` elements of what is left.
#[inline(always)]
pub fn take<'a>(rest: &mut &'a [f32], length: usize) -> &'a [f32] {
    let (head, tail) = rest.split_at(length);
    *rest = tail;
    head
}

/// The first `length` elements of what is left, to be written.
#[inline(always)]
pub fn take_mut<'a>(rest: &mut &'a mut [f32], length: usize) -> &'a mut [f32] {
    let (head, tail) = std::mem::take(rest).split_at_mut(length);
    *rest = tail;
    head
}

/// One layer's part of a tensor.
#[inline(always)]
pub fn layer(tensor: &[f32], l: usize, layers: usize) -> &[f32] {
    let length = tensor.len() / layers;
    &tensor[l * length..][..length]
}

/// Numbers of parameters and of activations.
pub fn sizes(config: &Config) -> (usize, usize) {
    let mut params = 0;
    Params::of(config, |length| params += length);
    let mut block = 0;
    Block::of(config, |length| block += length);
    let mut head = 0;
    Head::of(config, |length| head += length);
    (
        params,
        config.rows() * config.channels + config.layers * block + head,
    )
}

/// Mean cross entropy of the model on one batch. This is what is differentiated.
pub fn loss(
    params: &[f32],
    acts: &mut [f32],
    tokens: &[u32],
    targets: &[u32],
    config: &Config,
) -> f32 {
    let (c, l) = (config.channels, config.layers);
    let mut rest = params;
    let p = Params::of(config, |length| take(&mut rest, length));
    let mut rest = acts;
    let enc = take_mut(&mut rest, config.rows() * c);
    encoder::forward(enc, tokens, p.wte, p.wpe, config.time, c);
    let mut x: &[f32] = enc;
    for i in 0..l {
        let a = Block::of(config, |length| take_mut(&mut rest, length));
        layernorm::forward(
            a.ln1,
            a.ln1m,
            a.ln1r,
            x,
            layer(p.ln1w, i, l),
            layer(p.ln1b, i, l),
        );
        matmul::forward(a.qkv, a.ln1, layer(p.qkvw, i, l), layer(p.qkvb, i, l), c);
        attention::forward(
            a.atty,
            a.scores,
            a.exps,
            a.weights,
            a.qkv,
            config.batch,
            config.time,
            c,
            config.heads,
        );
        matmul::forward(
            a.proj,
            a.atty,
            layer(p.projw, i, l),
            layer(p.projb, i, l),
            c,
        );
        residual::forward(a.res2, x, a.proj);
        layernorm::forward(
            a.ln2,
            a.ln2m,
            a.ln2r,
            a.res2,
            layer(p.ln2w, i, l),
            layer(p.ln2b, i, l),
        );
        matmul::forward(a.fc, a.ln2, layer(p.fcw, i, l), layer(p.fcb, i, l), c);
        gelu::forward(a.gelu, a.fc);
        matmul::forward(
            a.fcproj,
            a.gelu,
            layer(p.fcprojw, i, l),
            layer(p.fcprojb, i, l),
            4 * c,
        );
        residual::forward(a.res3, a.res2, a.fcproj);
        x = a.res3;
    }
    let a = Head::of(config, |length| take_mut(&mut rest, length));
    layernorm::forward(a.lnf, a.lnfm, a.lnfr, x, p.lnfw, p.lnfb);
    matmul::forward(a.logits, a.lnf, p.wte, &[], c);
    cross_entropy::forward(a.exps, a.probs, a.logits, targets, config.vocabulary)
}
