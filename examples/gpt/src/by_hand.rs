//! Backpropagation of the idiomatic model as one writes it by hand: every layer once more, backwards.
//!
//! This is what the derivative replaces.
#![allow(
    clippy::too_many_arguments,
    reason = "a layer, what it read, and the adjoints of both"
)]

use crate::idiomatic::{
    attention, cross_entropy, encoder, gelu, layer, layernorm, matmul, residual, take, take_mut,
    Block, Config, Head, Params,
};

fn layer_mut(tensor: &mut [f32], l: usize, layers: usize) -> &mut [f32] {
    let length = tensor.len() / layers;
    &mut tensor[l * length..][..length]
}

/// Where the logits lie among the activations.
pub fn logits_at(config: &Config) -> usize {
    let rows = config.rows();
    let mut head = Vec::new();
    Head::of(config, |length| head.push(length));
    let after: usize = head[3..].iter().sum();
    debug_assert_eq!(head[3], rows * config.vocabulary);
    crate::idiomatic::sizes(config).1 - after
}

/// Adds the gradient of the mean loss to `gradient`. The loss has filled `acts`; `dacts` is zero, and
/// `row` is room for one row of attention.
pub fn backward(
    params: &[f32],
    gradient: &mut [f32],
    acts: &[f32],
    dacts: &mut [f32],
    row: &mut [f32],
    tokens: &[u32],
    targets: &[u32],
    config: &Config,
) {
    let (c, l) = (config.channels, config.layers);
    let n = config.rows() * c;
    let mut rest = params;
    let p = Params::of(config, |length| take(&mut rest, length));
    let mut rest = gradient;
    let d = Params::of(config, |length| take_mut(&mut rest, length));

    let mut rest = acts;
    let enc = take(&mut rest, n);
    let blocks: Vec<Block<&[f32]>> = (0..l)
        .map(|_| Block::of(config, |length| take(&mut rest, length)))
        .collect();
    let head = Head::of(config, |length| take(&mut rest, length));
    let mut rest = dacts;
    let denc = take_mut(&mut rest, n);
    let mut dblocks: Vec<Block<&mut [f32]>> = (0..l)
        .map(|_| Block::of(config, |length| take_mut(&mut rest, length)))
        .collect();
    let dhead = Head::of(config, |length| take_mut(&mut rest, length));

    cross_entropy::backward(dhead.logits, head.probs, targets, config.vocabulary, 1.0);
    matmul::backward(dhead.lnf, d.wte, &mut [], dhead.logits, head.lnf, p.wte, c);
    let (x, dx) = match (blocks.last(), dblocks.last_mut()) {
        (Some(block), Some(dblock)) => (block.res3, &mut *dblock.res3),
        _ => (enc, &mut *denc),
    };
    layernorm::backward(
        dx, d.lnfw, d.lnfb, dhead.lnf, x, p.lnfw, head.lnfm, head.lnfr,
    );

    for i in (0..l).rev() {
        let a = &blocks[i];
        let (below, above) = dblocks.split_at_mut(i);
        let da = &mut above[0];
        let (x, dx) = match below.last_mut() {
            Some(block) => (blocks[i - 1].res3, &mut *block.res3),
            None => (enc, &mut *denc),
        };
        residual::backward(da.res2, da.fcproj, da.res3);
        matmul::backward(
            da.gelu,
            layer_mut(d.fcprojw, i, l),
            layer_mut(d.fcprojb, i, l),
            da.fcproj,
            a.gelu,
            layer(p.fcprojw, i, l),
            4 * c,
        );
        gelu::backward(da.fc, da.gelu, a.fc);
        matmul::backward(
            da.ln2,
            layer_mut(d.fcw, i, l),
            layer_mut(d.fcb, i, l),
            da.fc,
            a.ln2,
            layer(p.fcw, i, l),
            c,
        );
        layernorm::backward(
            da.res2,
            layer_mut(d.ln2w, i, l),
            layer_mut(d.ln2b, i, l),
            da.ln2,
            a.res2,
            layer(p.ln2w, i, l),
            a.ln2m,
            a.ln2r,
        );
        residual::backward(dx, da.proj, da.res2);
        matmul::backward(
            da.atty,
            layer_mut(d.projw, i, l),
            layer_mut(d.projb, i, l),
            da.proj,
            a.atty,
            layer(p.projw, i, l),
            c,
        );
        attention::backward(
            da.qkv,
            row,
            da.atty,
            a.weights,
            a.qkv,
            config.batch,
            config.time,
            c,
            config.heads,
        );
        matmul::backward(
            da.ln1,
            layer_mut(d.qkvw, i, l),
            layer_mut(d.qkvb, i, l),
            da.qkv,
            a.ln1,
            layer(p.qkvw, i, l),
            c,
        );
        layernorm::backward(
            dx,
            layer_mut(d.ln1w, i, l),
            layer_mut(d.ln1b, i, l),
            da.ln1,
            x,
            layer(p.ln1w, i, l),
            a.ln1m,
            a.ln1r,
        );
    }
    encoder::backward(d.wte, d.wpe, denc, tokens, config.time, c);
}
