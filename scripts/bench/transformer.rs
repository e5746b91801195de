//! A small module with one large function: the loss of a two-layer transformer, of which every kernel
//! is inlined into `loss`. Compiled by scripts/bench.sh.

pub struct Shape {
    pub time: usize,
    pub width: usize,
    pub heads: usize,
    pub words: usize,
}

fn embed(out: &mut [f32], tokens: &[usize], words: &[f32], places: &[f32], width: usize) {
    for (t, &token) in tokens.iter().enumerate() {
        for c in 0..width {
            out[t * width + c] = words[token * width + c] + places[t * width + c];
        }
    }
}

fn normalise(out: &mut [f32], x: &[f32], scale: &[f32], shift: &[f32], width: usize) {
    for (row, from) in out.chunks_exact_mut(width).zip(x.chunks_exact(width)) {
        let mean = from.iter().sum::<f32>() / width as f32;
        let mut variance = 0.0;
        for &v in from {
            variance += (v - mean) * (v - mean);
        }
        let inverse = 1.0 / (variance / width as f32 + 1e-5).sqrt();
        for c in 0..width {
            row[c] = (from[c] - mean) * inverse * scale[c] + shift[c];
        }
    }
}

fn linear(out: &mut [f32], x: &[f32], weights: &[f32], bias: &[f32], from: usize, to: usize) {
    for (row, input) in out.chunks_exact_mut(to).zip(x.chunks_exact(from)) {
        for o in 0..to {
            let mut sum = bias[o];
            for i in 0..from {
                sum += input[i] * weights[o * from + i];
            }
            row[o] = sum;
        }
    }
}

fn attend(out: &mut [f32], scores: &mut [f32], qkv: &[f32], shape: &Shape) {
    let (width, size) = (shape.width, shape.width / shape.heads);
    let scale = 1.0 / (size as f32).sqrt();
    for t in 0..shape.time {
        for h in 0..shape.heads {
            let query = &qkv[t * 3 * width + h * size..][..size];
            let mut largest = f32::MIN;
            for s in 0..=t {
                let key = &qkv[s * 3 * width + width + h * size..][..size];
                let mut score = 0.0;
                for i in 0..size {
                    score += query[i] * key[i];
                }
                scores[s] = score * scale;
                largest = largest.max(scores[s]);
            }
            let mut sum = 0.0;
            for score in &mut scores[..=t] {
                *score = (*score - largest).exp();
                sum += *score;
            }
            for i in 0..size {
                let mut value = 0.0;
                for s in 0..=t {
                    value += scores[s] / sum * qkv[s * 3 * width + 2 * width + h * size + i];
                }
                out[t * width + h * size + i] = value;
            }
        }
    }
}

fn gelu(x: &mut [f32]) {
    for v in x {
        let cube = 0.044715 * *v * *v * *v;
        *v = 0.5 * *v * (1.0 + (0.797_884_6 * (*v + cube)).tanh());
    }
}

fn add(x: &mut [f32], y: &[f32]) {
    for (x, y) in x.iter_mut().zip(y) {
        *x += y;
    }
}

fn cross_entropy(logits: &[f32], targets: &[usize], words: usize) -> f32 {
    let mut loss = 0.0;
    for (row, &target) in logits.chunks_exact(words).zip(targets) {
        let largest = row.iter().fold(f32::MIN, |a, &b| a.max(b));
        let mut sum = 0.0;
        for &v in row {
            sum += (v - largest).exp();
        }
        loss += sum.ln() + largest - row[target];
    }
    loss / targets.len() as f32
}

/// Cuts the next `n` parameters off.
fn next<'a>(parameters: &mut &'a [f32], n: usize) -> &'a [f32] {
    let (head, tail) = parameters.split_at(n);
    *parameters = tail;
    head
}

#[inline(never)]
pub fn loss(parameters: &[f32], memory: &mut [f32], tokens: &[usize], shape: &Shape) -> f32 {
    let (time, width, words) = (shape.time, shape.width, shape.words);
    let mut left = parameters;
    let (x, memory) = memory.split_at_mut(time * width);
    let (normal, memory) = memory.split_at_mut(time * width);
    let (qkv, memory) = memory.split_at_mut(time * 3 * width);
    let (mixed, memory) = memory.split_at_mut(time * width);
    let (hidden, memory) = memory.split_at_mut(time * 4 * width);
    let (scores, logits) = memory.split_at_mut(time);
    let (input, targets) = (&tokens[..time], &tokens[1..=time]);
    let words_in = next(&mut left, words * width);
    embed(x, input, words_in, next(&mut left, time * width), width);
    for _ in 0..2 {
        normalise(
            normal,
            x,
            next(&mut left, width),
            next(&mut left, width),
            width,
        );
        linear(
            qkv,
            normal,
            next(&mut left, 3 * width * width),
            next(&mut left, 3 * width),
            width,
            3 * width,
        );
        attend(mixed, scores, qkv, shape);
        linear(
            normal,
            mixed,
            next(&mut left, width * width),
            next(&mut left, width),
            width,
            width,
        );
        add(x, normal);
        normalise(
            normal,
            x,
            next(&mut left, width),
            next(&mut left, width),
            width,
        );
        linear(
            hidden,
            normal,
            next(&mut left, 4 * width * width),
            next(&mut left, 4 * width),
            width,
            4 * width,
        );
        gelu(hidden);
        linear(
            mixed,
            hidden,
            next(&mut left, 4 * width * width),
            next(&mut left, width),
            4 * width,
            width,
        );
        add(x, mixed);
    }
    linear(logits, x, words_in, next(&mut left, words), width, words);
    cross_entropy(&logits[..time * words], targets, words)
}
