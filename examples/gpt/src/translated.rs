//! What `c2rust transpile` 0.22.1 printed for a small language model in C: `gpt_loss` is the forward pass
//! and the mean cross entropy, `gpt_backward` the backpropagation that was written by hand.
//!
//! It is as it came, but for what a stable toolchain needs; each change is marked with `CHANGED`.
#![allow(
    dead_code,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    unused_assignments,
    unused_mut
)]
// CHANGED: a line `#![feature(raw_ref_op)]` stood here. `&raw` is stable since Rust 1.82, and a stable
// compiler refuses the line.
// CHANGED: these lints are new. The first is what rustc 1.95 says of the transpiler's parentheses, the
// others are for `cargo clippy` and for this crate, which denies `unsafe` elsewhere.
#![allow(unused_parens, clippy::all, missing_docs, unsafe_code)]
extern "C" {
    fn tanhf(__x: ::core::ffi::c_float) -> ::core::ffi::c_float;
    fn expf(__x: ::core::ffi::c_float) -> ::core::ffi::c_float;
    fn logf(__x: ::core::ffi::c_float) -> ::core::ffi::c_float;
    fn sqrtf(__x: ::core::ffi::c_float) -> ::core::ffi::c_float;
}
#[derive(Copy, Clone)]
#[repr(C)]
pub struct GptConfig {
    pub B: ::core::ffi::c_int,
    pub T: ::core::ffi::c_int,
    pub C: ::core::ffi::c_int,
    pub V: ::core::ffi::c_int,
    pub L: ::core::ffi::c_int,
    pub NH: ::core::ffi::c_int,
}
#[derive(Copy, Clone)]
#[repr(C)]
pub struct GptParams {
    pub wte: ::core::ffi::c_long,
    pub wpe: ::core::ffi::c_long,
    pub ln1w: ::core::ffi::c_long,
    pub ln1b: ::core::ffi::c_long,
    pub qkvw: ::core::ffi::c_long,
    pub qkvb: ::core::ffi::c_long,
    pub projw: ::core::ffi::c_long,
    pub projb: ::core::ffi::c_long,
    pub ln2w: ::core::ffi::c_long,
    pub ln2b: ::core::ffi::c_long,
    pub fcw: ::core::ffi::c_long,
    pub fcb: ::core::ffi::c_long,
    pub fcprojw: ::core::ffi::c_long,
    pub fcprojb: ::core::ffi::c_long,
    pub lnfw: ::core::ffi::c_long,
    pub lnfb: ::core::ffi::c_long,
    pub total: ::core::ffi::c_long,
}
#[derive(Copy, Clone)]
#[repr(C)]
pub struct GptActs {
    pub enc: ::core::ffi::c_long,
    pub ln1: ::core::ffi::c_long,
    pub ln1m: ::core::ffi::c_long,
    pub ln1r: ::core::ffi::c_long,
    pub qkv: ::core::ffi::c_long,
    pub att: ::core::ffi::c_long,
    pub atty: ::core::ffi::c_long,
    pub proj: ::core::ffi::c_long,
    pub res2: ::core::ffi::c_long,
    pub ln2: ::core::ffi::c_long,
    pub ln2m: ::core::ffi::c_long,
    pub ln2r: ::core::ffi::c_long,
    pub fc: ::core::ffi::c_long,
    pub gelu: ::core::ffi::c_long,
    pub fcproj: ::core::ffi::c_long,
    pub res3: ::core::ffi::c_long,
    pub lnf: ::core::ffi::c_long,
    pub lnfm: ::core::ffi::c_long,
    pub lnfr: ::core::ffi::c_long,
    pub logits: ::core::ffi::c_long,
    pub probs: ::core::ffi::c_long,
    pub losses: ::core::ffi::c_long,
    pub total: ::core::ffi::c_long,
}
#[no_mangle]
pub unsafe extern "C" fn gpt_params_layout(mut p: *mut GptParams, mut c: *const GptConfig) {
    let mut C: ::core::ffi::c_long = (*c).C as ::core::ffi::c_long;
    let mut L: ::core::ffi::c_long = (*c).L as ::core::ffi::c_long;
    let mut o: ::core::ffi::c_long = 0 as ::core::ffi::c_long;
    (*p).wte = o;
    o += (*c).V as ::core::ffi::c_long * C;
    (*p).wpe = o;
    o += (*c).T as ::core::ffi::c_long * C;
    (*p).ln1w = o;
    o += L * C;
    (*p).ln1b = o;
    o += L * C;
    (*p).qkvw = o;
    o += L * 3 as ::core::ffi::c_long * C * C;
    (*p).qkvb = o;
    o += L * 3 as ::core::ffi::c_long * C;
    (*p).projw = o;
    o += L * C * C;
    (*p).projb = o;
    o += L * C;
    (*p).ln2w = o;
    o += L * C;
    (*p).ln2b = o;
    o += L * C;
    (*p).fcw = o;
    o += L * 4 as ::core::ffi::c_long * C * C;
    (*p).fcb = o;
    o += L * 4 as ::core::ffi::c_long * C;
    (*p).fcprojw = o;
    o += L * C * 4 as ::core::ffi::c_long * C;
    (*p).fcprojb = o;
    o += L * C;
    (*p).lnfw = o;
    o += C;
    (*p).lnfb = o;
    o += C;
    (*p).total = o;
}
#[no_mangle]
pub unsafe extern "C" fn gpt_acts_layout(mut a: *mut GptActs, mut c: *const GptConfig) {
    let mut BT: ::core::ffi::c_long = (*c).B as ::core::ffi::c_long * (*c).T as ::core::ffi::c_long;
    let mut C: ::core::ffi::c_long = (*c).C as ::core::ffi::c_long;
    let mut L: ::core::ffi::c_long = (*c).L as ::core::ffi::c_long;
    let mut o: ::core::ffi::c_long = 0 as ::core::ffi::c_long;
    (*a).enc = o;
    o += BT * C;
    (*a).ln1 = o;
    o += L * BT * C;
    (*a).ln1m = o;
    o += L * BT;
    (*a).ln1r = o;
    o += L * BT;
    (*a).qkv = o;
    o += L * BT * 3 as ::core::ffi::c_long * C;
    (*a).att = o;
    o += L * (*c).NH as ::core::ffi::c_long * BT * (*c).T as ::core::ffi::c_long;
    (*a).atty = o;
    o += L * BT * C;
    (*a).proj = o;
    o += L * BT * C;
    (*a).res2 = o;
    o += L * BT * C;
    (*a).ln2 = o;
    o += L * BT * C;
    (*a).ln2m = o;
    o += L * BT;
    (*a).ln2r = o;
    o += L * BT;
    (*a).fc = o;
    o += L * BT * 4 as ::core::ffi::c_long * C;
    (*a).gelu = o;
    o += L * BT * 4 as ::core::ffi::c_long * C;
    (*a).fcproj = o;
    o += L * BT * C;
    (*a).res3 = o;
    o += L * BT * C;
    (*a).lnf = o;
    o += BT * C;
    (*a).lnfm = o;
    o += BT;
    (*a).lnfr = o;
    o += BT;
    (*a).logits = o;
    o += BT * (*c).V as ::core::ffi::c_long;
    (*a).probs = o;
    o += BT * (*c).V as ::core::ffi::c_long;
    (*a).losses = o;
    o += BT;
    (*a).total = o;
}
#[no_mangle]
pub unsafe extern "C" fn encoder_forward(
    mut out: *mut ::core::ffi::c_float,
    mut tok: *const ::core::ffi::c_int,
    mut wte: *const ::core::ffi::c_float,
    mut wpe: *const ::core::ffi::c_float,
    mut B: ::core::ffi::c_int,
    mut T: ::core::ffi::c_int,
    mut C: ::core::ffi::c_int,
) {
    let mut b: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
    while b < B {
        let mut t: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
        while t < T {
            let mut o: *mut ::core::ffi::c_float = out.offset(
                ((b as ::core::ffi::c_long * T as ::core::ffi::c_long + t as ::core::ffi::c_long)
                    * C as ::core::ffi::c_long) as isize,
            );
            let mut e: *const ::core::ffi::c_float = wte.offset(
                (*tok.offset((b * T + t) as isize) as ::core::ffi::c_long
                    * C as ::core::ffi::c_long) as isize,
            );
            let mut p: *const ::core::ffi::c_float =
                wpe.offset((t as ::core::ffi::c_long * C as ::core::ffi::c_long) as isize);
            let mut i: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
            while i < C {
                *o.offset(i as isize) = *e.offset(i as isize) + *p.offset(i as isize);
                i += 1;
            }
            t += 1;
        }
        b += 1;
    }
}
#[no_mangle]
pub unsafe extern "C" fn layernorm_forward(
    mut out: *mut ::core::ffi::c_float,
    mut mean: *mut ::core::ffi::c_float,
    mut rstd: *mut ::core::ffi::c_float,
    mut in_0: *const ::core::ffi::c_float,
    mut w: *const ::core::ffi::c_float,
    mut bias: *const ::core::ffi::c_float,
    mut N: ::core::ffi::c_int,
    mut C: ::core::ffi::c_int,
) {
    let mut n: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
    while n < N {
        let mut x: *const ::core::ffi::c_float =
            in_0.offset((n as ::core::ffi::c_long * C as ::core::ffi::c_long) as isize);
        let mut m: ::core::ffi::c_float = 0.0f32;
        let mut v: ::core::ffi::c_float = 0.0f32;
        let mut i: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
        while i < C {
            m += *x.offset(i as isize);
            i += 1;
        }
        m /= C as ::core::ffi::c_float;
        let mut i_0: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
        while i_0 < C {
            let mut d: ::core::ffi::c_float = *x.offset(i_0 as isize) - m;
            v += d * d;
            i_0 += 1;
        }
        v /= C as ::core::ffi::c_float;
        let mut s: ::core::ffi::c_float = 1.0f32 / sqrtf(v + 1e-5f32);
        let mut i_1: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
        while i_1 < C {
            *out.offset(
                (n as ::core::ffi::c_long * C as ::core::ffi::c_long + i_1 as ::core::ffi::c_long)
                    as isize,
            ) = (*x.offset(i_1 as isize) - m) * s * *w.offset(i_1 as isize)
                + *bias.offset(i_1 as isize);
            i_1 += 1;
        }
        *mean.offset(n as isize) = m;
        *rstd.offset(n as isize) = s;
        n += 1;
    }
}
#[no_mangle]
pub unsafe extern "C" fn matmul_forward(
    mut out: *mut ::core::ffi::c_float,
    mut in_0: *const ::core::ffi::c_float,
    mut w: *const ::core::ffi::c_float,
    mut bias: *const ::core::ffi::c_float,
    mut N: ::core::ffi::c_int,
    mut C: ::core::ffi::c_int,
    mut OC: ::core::ffi::c_int,
) {
    let mut n: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
    while n < N {
        let mut o: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
        while o < OC {
            let mut s: ::core::ffi::c_float = if !bias.is_null() {
                *bias.offset(o as isize)
            } else {
                0.0f32
            };
            let mut x: *const ::core::ffi::c_float =
                in_0.offset((n as ::core::ffi::c_long * C as ::core::ffi::c_long) as isize);
            let mut r: *const ::core::ffi::c_float =
                w.offset((o as ::core::ffi::c_long * C as ::core::ffi::c_long) as isize);
            let mut i: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
            while i < C {
                s += *x.offset(i as isize) * *r.offset(i as isize);
                i += 1;
            }
            *out.offset(
                (n as ::core::ffi::c_long * OC as ::core::ffi::c_long + o as ::core::ffi::c_long)
                    as isize,
            ) = s;
            o += 1;
        }
        n += 1;
    }
}
#[no_mangle]
pub unsafe extern "C" fn attention_forward(
    mut out: *mut ::core::ffi::c_float,
    mut att: *mut ::core::ffi::c_float,
    mut qkv: *const ::core::ffi::c_float,
    mut B: ::core::ffi::c_int,
    mut T: ::core::ffi::c_int,
    mut C: ::core::ffi::c_int,
    mut NH: ::core::ffi::c_int,
) {
    let mut hs: ::core::ffi::c_int = C / NH;
    let mut scale: ::core::ffi::c_float = 1.0f32 / sqrtf(hs as ::core::ffi::c_float);
    let mut b: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
    while b < B {
        let mut h: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
        while h < NH {
            let mut t: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
            while t < T {
                let mut q: *const ::core::ffi::c_float = qkv
                    .offset(
                        ((b as ::core::ffi::c_long * T as ::core::ffi::c_long
                            + t as ::core::ffi::c_long)
                            * 3 as ::core::ffi::c_long
                            * C as ::core::ffi::c_long) as isize,
                    )
                    .offset((h * hs) as isize);
                let mut a: *mut ::core::ffi::c_float = att.offset(
                    (((b as ::core::ffi::c_long * NH as ::core::ffi::c_long
                        + h as ::core::ffi::c_long)
                        * T as ::core::ffi::c_long
                        + t as ::core::ffi::c_long)
                        * T as ::core::ffi::c_long) as isize,
                );
                let mut mx: ::core::ffi::c_float = -1e30f32;
                let mut sum: ::core::ffi::c_float = 0.0f32;
                let mut u: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
                while u <= t {
                    let mut k: *const ::core::ffi::c_float = qkv
                        .offset(
                            ((b as ::core::ffi::c_long * T as ::core::ffi::c_long
                                + u as ::core::ffi::c_long)
                                * 3 as ::core::ffi::c_long
                                * C as ::core::ffi::c_long) as isize,
                        )
                        .offset(C as isize)
                        .offset((h * hs) as isize);
                    let mut s: ::core::ffi::c_float = 0.0f32;
                    let mut i: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
                    while i < hs {
                        s += *q.offset(i as isize) * *k.offset(i as isize);
                        i += 1;
                    }
                    s *= scale;
                    if s > mx {
                        mx = s;
                    }
                    *a.offset(u as isize) = s;
                    u += 1;
                }
                let mut u_0: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
                while u_0 <= t {
                    let mut e: ::core::ffi::c_float = expf(*a.offset(u_0 as isize) - mx);
                    sum += e;
                    *a.offset(u_0 as isize) = e;
                    u_0 += 1;
                }
                let mut u_1: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
                while u_1 < T {
                    *a.offset(u_1 as isize) = if u_1 <= t {
                        *a.offset(u_1 as isize) / sum
                    } else {
                        0.0f32
                    };
                    u_1 += 1;
                }
                let mut o: *mut ::core::ffi::c_float = out
                    .offset(
                        ((b as ::core::ffi::c_long * T as ::core::ffi::c_long
                            + t as ::core::ffi::c_long)
                            * C as ::core::ffi::c_long) as isize,
                    )
                    .offset((h * hs) as isize);
                let mut i_0: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
                while i_0 < hs {
                    *o.offset(i_0 as isize) = 0.0f32;
                    i_0 += 1;
                }
                let mut u_2: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
                while u_2 <= t {
                    let mut v: *const ::core::ffi::c_float = qkv
                        .offset(
                            ((b as ::core::ffi::c_long * T as ::core::ffi::c_long
                                + u_2 as ::core::ffi::c_long)
                                * 3 as ::core::ffi::c_long
                                * C as ::core::ffi::c_long) as isize,
                        )
                        .offset((2 as ::core::ffi::c_int * C) as isize)
                        .offset((h * hs) as isize);
                    let mut i_1: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
                    while i_1 < hs {
                        *o.offset(i_1 as isize) +=
                            *a.offset(u_2 as isize) * *v.offset(i_1 as isize);
                        i_1 += 1;
                    }
                    u_2 += 1;
                }
                t += 1;
            }
            h += 1;
        }
        b += 1;
    }
}
#[no_mangle]
pub unsafe extern "C" fn gelu_forward(
    mut out: *mut ::core::ffi::c_float,
    mut in_0: *const ::core::ffi::c_float,
    mut N: ::core::ffi::c_long,
) {
    let mut i: ::core::ffi::c_long = 0 as ::core::ffi::c_long;
    while i < N {
        let mut x: ::core::ffi::c_float = *in_0.offset(i as isize);
        let mut u: ::core::ffi::c_float = 0.7978845608f32 * (x + 0.044715f32 * x * x * x);
        *out.offset(i as isize) = 0.5f32 * x * (1.0f32 + tanhf(u));
        i += 1;
    }
}
#[no_mangle]
pub unsafe extern "C" fn residual_forward(
    mut out: *mut ::core::ffi::c_float,
    mut a: *const ::core::ffi::c_float,
    mut b: *const ::core::ffi::c_float,
    mut N: ::core::ffi::c_long,
) {
    let mut i: ::core::ffi::c_long = 0 as ::core::ffi::c_long;
    while i < N {
        *out.offset(i as isize) = *a.offset(i as isize) + *b.offset(i as isize);
        i += 1;
    }
}
#[no_mangle]
pub unsafe extern "C" fn softmax_forward(
    mut probs: *mut ::core::ffi::c_float,
    mut logits: *const ::core::ffi::c_float,
    mut N: ::core::ffi::c_int,
    mut V: ::core::ffi::c_int,
) {
    let mut n: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
    while n < N {
        let mut x: *const ::core::ffi::c_float =
            logits.offset((n as ::core::ffi::c_long * V as ::core::ffi::c_long) as isize);
        let mut p: *mut ::core::ffi::c_float =
            probs.offset((n as ::core::ffi::c_long * V as ::core::ffi::c_long) as isize);
        let mut mx: ::core::ffi::c_float = -1e30f32;
        let mut sum: ::core::ffi::c_float = 0.0f32;
        let mut i: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
        while i < V {
            if *x.offset(i as isize) > mx {
                mx = *x.offset(i as isize);
            }
            i += 1;
        }
        let mut i_0: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
        while i_0 < V {
            *p.offset(i_0 as isize) = expf(*x.offset(i_0 as isize) - mx);
            sum += *p.offset(i_0 as isize);
            i_0 += 1;
        }
        let mut i_1: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
        while i_1 < V {
            *p.offset(i_1 as isize) /= sum;
            i_1 += 1;
        }
        n += 1;
    }
}
#[no_mangle]
pub unsafe extern "C" fn crossentropy_forward(
    mut losses: *mut ::core::ffi::c_float,
    mut probs: *const ::core::ffi::c_float,
    mut target: *const ::core::ffi::c_int,
    mut N: ::core::ffi::c_int,
    mut V: ::core::ffi::c_int,
) {
    let mut n: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
    while n < N {
        *losses.offset(n as isize) = -logf(*probs.offset(
            (n as ::core::ffi::c_long * V as ::core::ffi::c_long
                + *target.offset(n as isize) as ::core::ffi::c_long) as isize,
        ));
        n += 1;
    }
}
#[no_mangle]
pub unsafe extern "C" fn gpt_loss(
    mut params: *const ::core::ffi::c_float,
    mut acts: *mut ::core::ffi::c_float,
    mut tokens: *const ::core::ffi::c_int,
    mut targets: *const ::core::ffi::c_int,
    mut c: *const GptConfig,
) -> ::core::ffi::c_float {
    let mut p: GptParams = GptParams {
        wte: 0,
        wpe: 0,
        ln1w: 0,
        ln1b: 0,
        qkvw: 0,
        qkvb: 0,
        projw: 0,
        projb: 0,
        ln2w: 0,
        ln2b: 0,
        fcw: 0,
        fcb: 0,
        fcprojw: 0,
        fcprojb: 0,
        lnfw: 0,
        lnfb: 0,
        total: 0,
    };
    let mut a: GptActs = GptActs {
        enc: 0,
        ln1: 0,
        ln1m: 0,
        ln1r: 0,
        qkv: 0,
        att: 0,
        atty: 0,
        proj: 0,
        res2: 0,
        ln2: 0,
        ln2m: 0,
        ln2r: 0,
        fc: 0,
        gelu: 0,
        fcproj: 0,
        res3: 0,
        lnf: 0,
        lnfm: 0,
        lnfr: 0,
        logits: 0,
        probs: 0,
        losses: 0,
        total: 0,
    };
    gpt_params_layout(&raw mut p, c);
    gpt_acts_layout(&raw mut a, c);
    let mut B: ::core::ffi::c_int = (*c).B;
    let mut T: ::core::ffi::c_int = (*c).T;
    let mut C: ::core::ffi::c_int = (*c).C;
    let mut NH: ::core::ffi::c_int = (*c).NH;
    let mut N: ::core::ffi::c_int = B * T;
    encoder_forward(
        acts.offset(a.enc as isize),
        tokens,
        params.offset(p.wte as isize),
        params.offset(p.wpe as isize),
        B,
        T,
        C,
    );
    let mut res: *const ::core::ffi::c_float = acts.offset(a.enc as isize);
    let mut l: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
    while l < (*c).L {
        let mut NC: ::core::ffi::c_long = N as ::core::ffi::c_long * C as ::core::ffi::c_long;
        layernorm_forward(
            acts.offset(a.ln1 as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            acts.offset(a.ln1m as isize).offset((l * N) as isize),
            acts.offset(a.ln1r as isize).offset((l * N) as isize),
            res,
            params.offset(p.ln1w as isize).offset((l * C) as isize),
            params.offset(p.ln1b as isize).offset((l * C) as isize),
            N,
            C,
        );
        matmul_forward(
            acts.offset(a.qkv as isize)
                .offset(((l * 3 as ::core::ffi::c_int) as ::core::ffi::c_long * NC) as isize),
            acts.offset(a.ln1 as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            params.offset(p.qkvw as isize).offset(
                (l as ::core::ffi::c_long
                    * 3 as ::core::ffi::c_long
                    * C as ::core::ffi::c_long
                    * C as ::core::ffi::c_long) as isize,
            ),
            params
                .offset(p.qkvb as isize)
                .offset((l * 3 as ::core::ffi::c_int * C) as isize),
            N,
            C,
            3 as ::core::ffi::c_int * C,
        );
        attention_forward(
            acts.offset(a.atty as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            acts.offset(a.att as isize).offset(
                (l as ::core::ffi::c_long
                    * NH as ::core::ffi::c_long
                    * N as ::core::ffi::c_long
                    * T as ::core::ffi::c_long) as isize,
            ),
            acts.offset(a.qkv as isize)
                .offset(((l * 3 as ::core::ffi::c_int) as ::core::ffi::c_long * NC) as isize),
            B,
            T,
            C,
            NH,
        );
        matmul_forward(
            acts.offset(a.proj as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            acts.offset(a.atty as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            params.offset(p.projw as isize).offset(
                (l as ::core::ffi::c_long * C as ::core::ffi::c_long * C as ::core::ffi::c_long)
                    as isize,
            ),
            params.offset(p.projb as isize).offset((l * C) as isize),
            N,
            C,
            C,
        );
        residual_forward(
            acts.offset(a.res2 as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            res,
            acts.offset(a.proj as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            NC,
        );
        layernorm_forward(
            acts.offset(a.ln2 as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            acts.offset(a.ln2m as isize).offset((l * N) as isize),
            acts.offset(a.ln2r as isize).offset((l * N) as isize),
            acts.offset(a.res2 as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            params.offset(p.ln2w as isize).offset((l * C) as isize),
            params.offset(p.ln2b as isize).offset((l * C) as isize),
            N,
            C,
        );
        matmul_forward(
            acts.offset(a.fc as isize)
                .offset(((l * 4 as ::core::ffi::c_int) as ::core::ffi::c_long * NC) as isize),
            acts.offset(a.ln2 as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            params.offset(p.fcw as isize).offset(
                (l as ::core::ffi::c_long
                    * 4 as ::core::ffi::c_long
                    * C as ::core::ffi::c_long
                    * C as ::core::ffi::c_long) as isize,
            ),
            params
                .offset(p.fcb as isize)
                .offset((l * 4 as ::core::ffi::c_int * C) as isize),
            N,
            C,
            4 as ::core::ffi::c_int * C,
        );
        gelu_forward(
            acts.offset(a.gelu as isize)
                .offset(((l * 4 as ::core::ffi::c_int) as ::core::ffi::c_long * NC) as isize),
            acts.offset(a.fc as isize)
                .offset(((l * 4 as ::core::ffi::c_int) as ::core::ffi::c_long * NC) as isize),
            4 as ::core::ffi::c_long * NC,
        );
        matmul_forward(
            acts.offset(a.fcproj as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            acts.offset(a.gelu as isize)
                .offset(((l * 4 as ::core::ffi::c_int) as ::core::ffi::c_long * NC) as isize),
            params.offset(p.fcprojw as isize).offset(
                (l as ::core::ffi::c_long
                    * 4 as ::core::ffi::c_long
                    * C as ::core::ffi::c_long
                    * C as ::core::ffi::c_long) as isize,
            ),
            params.offset(p.fcprojb as isize).offset((l * C) as isize),
            N,
            4 as ::core::ffi::c_int * C,
            C,
        );
        residual_forward(
            acts.offset(a.res3 as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            acts.offset(a.res2 as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            acts.offset(a.fcproj as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            NC,
        );
        res = acts
            .offset(a.res3 as isize)
            .offset((l as ::core::ffi::c_long * NC) as isize);
        l += 1;
    }
    layernorm_forward(
        acts.offset(a.lnf as isize),
        acts.offset(a.lnfm as isize),
        acts.offset(a.lnfr as isize),
        res,
        params.offset(p.lnfw as isize),
        params.offset(p.lnfb as isize),
        N,
        C,
    );
    matmul_forward(
        acts.offset(a.logits as isize),
        acts.offset(a.lnf as isize),
        params.offset(p.wte as isize),
        ::core::ptr::null::<::core::ffi::c_float>(),
        N,
        C,
        (*c).V,
    );
    softmax_forward(
        acts.offset(a.probs as isize),
        acts.offset(a.logits as isize),
        N,
        (*c).V,
    );
    crossentropy_forward(
        acts.offset(a.losses as isize),
        acts.offset(a.probs as isize),
        targets,
        N,
        (*c).V,
    );
    let mut loss: ::core::ffi::c_float = 0.0f32;
    let mut n: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
    while n < N {
        loss += *acts.offset((a.losses + n as ::core::ffi::c_long) as isize);
        n += 1;
    }
    return loss / N as ::core::ffi::c_float;
}
#[no_mangle]
pub unsafe extern "C" fn encoder_backward(
    mut dwte: *mut ::core::ffi::c_float,
    mut dwpe: *mut ::core::ffi::c_float,
    mut dout: *const ::core::ffi::c_float,
    mut tok: *const ::core::ffi::c_int,
    mut B: ::core::ffi::c_int,
    mut T: ::core::ffi::c_int,
    mut C: ::core::ffi::c_int,
) {
    let mut b: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
    while b < B {
        let mut t: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
        while t < T {
            let mut d: *const ::core::ffi::c_float = dout.offset(
                ((b as ::core::ffi::c_long * T as ::core::ffi::c_long + t as ::core::ffi::c_long)
                    * C as ::core::ffi::c_long) as isize,
            );
            let mut de: *mut ::core::ffi::c_float = dwte.offset(
                (*tok.offset((b * T + t) as isize) as ::core::ffi::c_long
                    * C as ::core::ffi::c_long) as isize,
            );
            let mut dp: *mut ::core::ffi::c_float =
                dwpe.offset((t as ::core::ffi::c_long * C as ::core::ffi::c_long) as isize);
            let mut i: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
            while i < C {
                *de.offset(i as isize) += *d.offset(i as isize);
                *dp.offset(i as isize) += *d.offset(i as isize);
                i += 1;
            }
            t += 1;
        }
        b += 1;
    }
}
#[no_mangle]
pub unsafe extern "C" fn layernorm_backward(
    mut din: *mut ::core::ffi::c_float,
    mut dw: *mut ::core::ffi::c_float,
    mut db: *mut ::core::ffi::c_float,
    mut dout: *const ::core::ffi::c_float,
    mut in_0: *const ::core::ffi::c_float,
    mut w: *const ::core::ffi::c_float,
    mut mean: *const ::core::ffi::c_float,
    mut rstd: *const ::core::ffi::c_float,
    mut N: ::core::ffi::c_int,
    mut C: ::core::ffi::c_int,
) {
    let mut n: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
    while n < N {
        let mut x: *const ::core::ffi::c_float =
            in_0.offset((n as ::core::ffi::c_long * C as ::core::ffi::c_long) as isize);
        let mut d: *const ::core::ffi::c_float =
            dout.offset((n as ::core::ffi::c_long * C as ::core::ffi::c_long) as isize);
        let mut m: ::core::ffi::c_float = *mean.offset(n as isize);
        let mut s: ::core::ffi::c_float = *rstd.offset(n as isize);
        let mut a: ::core::ffi::c_float = 0.0f32;
        let mut b: ::core::ffi::c_float = 0.0f32;
        let mut i: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
        while i < C {
            let mut nx: ::core::ffi::c_float = (*x.offset(i as isize) - m) * s;
            let mut g: ::core::ffi::c_float = *w.offset(i as isize) * *d.offset(i as isize);
            a += g;
            b += g * nx;
            i += 1;
        }
        a /= C as ::core::ffi::c_float;
        b /= C as ::core::ffi::c_float;
        let mut i_0: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
        while i_0 < C {
            let mut nx_0: ::core::ffi::c_float = (*x.offset(i_0 as isize) - m) * s;
            *db.offset(i_0 as isize) += *d.offset(i_0 as isize);
            *dw.offset(i_0 as isize) += nx_0 * *d.offset(i_0 as isize);
            *din.offset(
                (n as ::core::ffi::c_long * C as ::core::ffi::c_long + i_0 as ::core::ffi::c_long)
                    as isize,
            ) += (*w.offset(i_0 as isize) * *d.offset(i_0 as isize) - a - nx_0 * b) * s;
            i_0 += 1;
        }
        n += 1;
    }
}
#[no_mangle]
pub unsafe extern "C" fn matmul_backward(
    mut din: *mut ::core::ffi::c_float,
    mut dw: *mut ::core::ffi::c_float,
    mut db: *mut ::core::ffi::c_float,
    mut dout: *const ::core::ffi::c_float,
    mut in_0: *const ::core::ffi::c_float,
    mut w: *const ::core::ffi::c_float,
    mut N: ::core::ffi::c_int,
    mut C: ::core::ffi::c_int,
    mut OC: ::core::ffi::c_int,
) {
    let mut n: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
    while n < N {
        let mut o: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
        while o < OC {
            let mut d: ::core::ffi::c_float = *dout.offset(
                (n as ::core::ffi::c_long * OC as ::core::ffi::c_long + o as ::core::ffi::c_long)
                    as isize,
            );
            let mut r: *const ::core::ffi::c_float =
                w.offset((o as ::core::ffi::c_long * C as ::core::ffi::c_long) as isize);
            let mut x: *const ::core::ffi::c_float =
                in_0.offset((n as ::core::ffi::c_long * C as ::core::ffi::c_long) as isize);
            let mut dx: *mut ::core::ffi::c_float =
                din.offset((n as ::core::ffi::c_long * C as ::core::ffi::c_long) as isize);
            let mut dr: *mut ::core::ffi::c_float =
                dw.offset((o as ::core::ffi::c_long * C as ::core::ffi::c_long) as isize);
            if !db.is_null() {
                *db.offset(o as isize) += d;
            }
            let mut i: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
            while i < C {
                *dx.offset(i as isize) += *r.offset(i as isize) * d;
                *dr.offset(i as isize) += *x.offset(i as isize) * d;
                i += 1;
            }
            o += 1;
        }
        n += 1;
    }
}
#[no_mangle]
pub unsafe extern "C" fn attention_backward(
    mut dqkv: *mut ::core::ffi::c_float,
    mut datt: *mut ::core::ffi::c_float,
    mut dout: *const ::core::ffi::c_float,
    mut qkv: *const ::core::ffi::c_float,
    mut att: *const ::core::ffi::c_float,
    mut B: ::core::ffi::c_int,
    mut T: ::core::ffi::c_int,
    mut C: ::core::ffi::c_int,
    mut NH: ::core::ffi::c_int,
) {
    let mut hs: ::core::ffi::c_int = C / NH;
    let mut scale: ::core::ffi::c_float = 1.0f32 / sqrtf(hs as ::core::ffi::c_float);
    let mut b: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
    while b < B {
        let mut h: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
        while h < NH {
            let mut t: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
            while t < T {
                let mut a: *const ::core::ffi::c_float = att.offset(
                    (((b as ::core::ffi::c_long * NH as ::core::ffi::c_long
                        + h as ::core::ffi::c_long)
                        * T as ::core::ffi::c_long
                        + t as ::core::ffi::c_long)
                        * T as ::core::ffi::c_long) as isize,
                );
                let mut da: *mut ::core::ffi::c_float = datt.offset(
                    (((b as ::core::ffi::c_long * NH as ::core::ffi::c_long
                        + h as ::core::ffi::c_long)
                        * T as ::core::ffi::c_long
                        + t as ::core::ffi::c_long)
                        * T as ::core::ffi::c_long) as isize,
                );
                let mut d: *const ::core::ffi::c_float = dout
                    .offset(
                        ((b as ::core::ffi::c_long * T as ::core::ffi::c_long
                            + t as ::core::ffi::c_long)
                            * C as ::core::ffi::c_long) as isize,
                    )
                    .offset((h * hs) as isize);
                let mut q: *const ::core::ffi::c_float = qkv
                    .offset(
                        ((b as ::core::ffi::c_long * T as ::core::ffi::c_long
                            + t as ::core::ffi::c_long)
                            * 3 as ::core::ffi::c_long
                            * C as ::core::ffi::c_long) as isize,
                    )
                    .offset((h * hs) as isize);
                let mut dq: *mut ::core::ffi::c_float = dqkv
                    .offset(
                        ((b as ::core::ffi::c_long * T as ::core::ffi::c_long
                            + t as ::core::ffi::c_long)
                            * 3 as ::core::ffi::c_long
                            * C as ::core::ffi::c_long) as isize,
                    )
                    .offset((h * hs) as isize);
                let mut dot: ::core::ffi::c_float = 0.0f32;
                let mut u: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
                while u <= t {
                    let mut v: *const ::core::ffi::c_float = qkv
                        .offset(
                            ((b as ::core::ffi::c_long * T as ::core::ffi::c_long
                                + u as ::core::ffi::c_long)
                                * 3 as ::core::ffi::c_long
                                * C as ::core::ffi::c_long) as isize,
                        )
                        .offset((2 as ::core::ffi::c_int * C) as isize)
                        .offset((h * hs) as isize);
                    let mut dv: *mut ::core::ffi::c_float = dqkv
                        .offset(
                            ((b as ::core::ffi::c_long * T as ::core::ffi::c_long
                                + u as ::core::ffi::c_long)
                                * 3 as ::core::ffi::c_long
                                * C as ::core::ffi::c_long) as isize,
                        )
                        .offset((2 as ::core::ffi::c_int * C) as isize)
                        .offset((h * hs) as isize);
                    let mut g: ::core::ffi::c_float = 0.0f32;
                    let mut i: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
                    while i < hs {
                        g += *v.offset(i as isize) * *d.offset(i as isize);
                        *dv.offset(i as isize) += *a.offset(u as isize) * *d.offset(i as isize);
                        i += 1;
                    }
                    *da.offset(u as isize) += g;
                    dot += *a.offset(u as isize) * *da.offset(u as isize);
                    u += 1;
                }
                let mut u_0: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
                while u_0 <= t {
                    let mut k: *const ::core::ffi::c_float = qkv
                        .offset(
                            ((b as ::core::ffi::c_long * T as ::core::ffi::c_long
                                + u_0 as ::core::ffi::c_long)
                                * 3 as ::core::ffi::c_long
                                * C as ::core::ffi::c_long) as isize,
                        )
                        .offset(C as isize)
                        .offset((h * hs) as isize);
                    let mut dk: *mut ::core::ffi::c_float = dqkv
                        .offset(
                            ((b as ::core::ffi::c_long * T as ::core::ffi::c_long
                                + u_0 as ::core::ffi::c_long)
                                * 3 as ::core::ffi::c_long
                                * C as ::core::ffi::c_long) as isize,
                        )
                        .offset(C as isize)
                        .offset((h * hs) as isize);
                    let mut ds: ::core::ffi::c_float =
                        *a.offset(u_0 as isize) * (*da.offset(u_0 as isize) - dot) * scale;
                    let mut i_0: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
                    while i_0 < hs {
                        *dq.offset(i_0 as isize) += *k.offset(i_0 as isize) * ds;
                        *dk.offset(i_0 as isize) += *q.offset(i_0 as isize) * ds;
                        i_0 += 1;
                    }
                    u_0 += 1;
                }
                t += 1;
            }
            h += 1;
        }
        b += 1;
    }
}
#[no_mangle]
pub unsafe extern "C" fn gelu_backward(
    mut din: *mut ::core::ffi::c_float,
    mut in_0: *const ::core::ffi::c_float,
    mut dout: *const ::core::ffi::c_float,
    mut N: ::core::ffi::c_long,
) {
    let mut i: ::core::ffi::c_long = 0 as ::core::ffi::c_long;
    while i < N {
        let mut x: ::core::ffi::c_float = *in_0.offset(i as isize);
        let mut k: ::core::ffi::c_float = 0.7978845608f32;
        let mut th: ::core::ffi::c_float = tanhf(k * (x + 0.044715f32 * x * x * x));
        let mut g: ::core::ffi::c_float = 0.5f32 * (1.0f32 + th)
            + 0.5f32 * x * (1.0f32 - th * th) * k * (1.0f32 + 3.0f32 * 0.044715f32 * x * x);
        *din.offset(i as isize) += g * *dout.offset(i as isize);
        i += 1;
    }
}
#[no_mangle]
pub unsafe extern "C" fn residual_backward(
    mut da: *mut ::core::ffi::c_float,
    mut db: *mut ::core::ffi::c_float,
    mut dout: *const ::core::ffi::c_float,
    mut N: ::core::ffi::c_long,
) {
    let mut i: ::core::ffi::c_long = 0 as ::core::ffi::c_long;
    while i < N {
        *da.offset(i as isize) += *dout.offset(i as isize);
        *db.offset(i as isize) += *dout.offset(i as isize);
        i += 1;
    }
}
#[no_mangle]
pub unsafe extern "C" fn loss_backward(
    mut dlogits: *mut ::core::ffi::c_float,
    mut probs: *const ::core::ffi::c_float,
    mut target: *const ::core::ffi::c_int,
    mut N: ::core::ffi::c_int,
    mut V: ::core::ffi::c_int,
    mut seed: ::core::ffi::c_float,
) {
    let mut n: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
    while n < N {
        let mut i: ::core::ffi::c_int = 0 as ::core::ffi::c_int;
        while i < V {
            *dlogits.offset(
                (n as ::core::ffi::c_long * V as ::core::ffi::c_long + i as ::core::ffi::c_long)
                    as isize,
            ) += (*probs.offset(
                (n as ::core::ffi::c_long * V as ::core::ffi::c_long + i as ::core::ffi::c_long)
                    as isize,
            ) - (if i == *target.offset(n as isize) {
                1.0f32
            } else {
                0.0f32
            })) * seed
                / N as ::core::ffi::c_float;
            i += 1;
        }
        n += 1;
    }
}
#[no_mangle]
pub unsafe extern "C" fn gpt_backward(
    mut params: *const ::core::ffi::c_float,
    mut dparams: *mut ::core::ffi::c_float,
    mut acts: *const ::core::ffi::c_float,
    mut dacts: *mut ::core::ffi::c_float,
    mut tokens: *const ::core::ffi::c_int,
    mut targets: *const ::core::ffi::c_int,
    mut c: *const GptConfig,
) {
    let mut p: GptParams = GptParams {
        wte: 0,
        wpe: 0,
        ln1w: 0,
        ln1b: 0,
        qkvw: 0,
        qkvb: 0,
        projw: 0,
        projb: 0,
        ln2w: 0,
        ln2b: 0,
        fcw: 0,
        fcb: 0,
        fcprojw: 0,
        fcprojb: 0,
        lnfw: 0,
        lnfb: 0,
        total: 0,
    };
    let mut a: GptActs = GptActs {
        enc: 0,
        ln1: 0,
        ln1m: 0,
        ln1r: 0,
        qkv: 0,
        att: 0,
        atty: 0,
        proj: 0,
        res2: 0,
        ln2: 0,
        ln2m: 0,
        ln2r: 0,
        fc: 0,
        gelu: 0,
        fcproj: 0,
        res3: 0,
        lnf: 0,
        lnfm: 0,
        lnfr: 0,
        logits: 0,
        probs: 0,
        losses: 0,
        total: 0,
    };
    gpt_params_layout(&raw mut p, c);
    gpt_acts_layout(&raw mut a, c);
    let mut B: ::core::ffi::c_int = (*c).B;
    let mut T: ::core::ffi::c_int = (*c).T;
    let mut C: ::core::ffi::c_int = (*c).C;
    let mut NH: ::core::ffi::c_int = (*c).NH;
    let mut N: ::core::ffi::c_int = B * T;
    let mut NC: ::core::ffi::c_long = N as ::core::ffi::c_long * C as ::core::ffi::c_long;
    let mut last: ::core::ffi::c_int = (*c).L - 1 as ::core::ffi::c_int;
    let mut res: *const ::core::ffi::c_float = if (*c).L != 0 {
        acts.offset(a.res3 as isize)
            .offset((last as ::core::ffi::c_long * NC) as isize)
    } else {
        acts.offset(a.enc as isize)
    };
    let mut dres: *mut ::core::ffi::c_float = if (*c).L != 0 {
        dacts
            .offset(a.res3 as isize)
            .offset((last as ::core::ffi::c_long * NC) as isize)
    } else {
        dacts.offset(a.enc as isize)
    };
    loss_backward(
        dacts.offset(a.logits as isize),
        acts.offset(a.probs as isize),
        targets,
        N,
        (*c).V,
        1.0f32,
    );
    matmul_backward(
        dacts.offset(a.lnf as isize),
        dparams.offset(p.wte as isize),
        ::core::ptr::null_mut::<::core::ffi::c_float>(),
        dacts.offset(a.logits as isize),
        acts.offset(a.lnf as isize),
        params.offset(p.wte as isize),
        N,
        C,
        (*c).V,
    );
    layernorm_backward(
        dres,
        dparams.offset(p.lnfw as isize),
        dparams.offset(p.lnfb as isize),
        dacts.offset(a.lnf as isize),
        res,
        params.offset(p.lnfw as isize),
        acts.offset(a.lnfm as isize),
        acts.offset(a.lnfr as isize),
        N,
        C,
    );
    let mut l: ::core::ffi::c_int = last;
    while l >= 0 as ::core::ffi::c_int {
        res = if l != 0 {
            acts.offset(a.res3 as isize)
                .offset(((l - 1 as ::core::ffi::c_int) as ::core::ffi::c_long * NC) as isize)
        } else {
            acts.offset(a.enc as isize)
        };
        dres = if l != 0 {
            dacts
                .offset(a.res3 as isize)
                .offset(((l - 1 as ::core::ffi::c_int) as ::core::ffi::c_long * NC) as isize)
        } else {
            dacts.offset(a.enc as isize)
        };
        residual_backward(
            dacts
                .offset(a.res2 as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            dacts
                .offset(a.fcproj as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            dacts
                .offset(a.res3 as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            NC,
        );
        matmul_backward(
            dacts
                .offset(a.gelu as isize)
                .offset(((l * 4 as ::core::ffi::c_int) as ::core::ffi::c_long * NC) as isize),
            dparams.offset(p.fcprojw as isize).offset(
                (l as ::core::ffi::c_long
                    * 4 as ::core::ffi::c_long
                    * C as ::core::ffi::c_long
                    * C as ::core::ffi::c_long) as isize,
            ),
            dparams.offset(p.fcprojb as isize).offset((l * C) as isize),
            dacts
                .offset(a.fcproj as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            acts.offset(a.gelu as isize)
                .offset(((l * 4 as ::core::ffi::c_int) as ::core::ffi::c_long * NC) as isize),
            params.offset(p.fcprojw as isize).offset(
                (l as ::core::ffi::c_long
                    * 4 as ::core::ffi::c_long
                    * C as ::core::ffi::c_long
                    * C as ::core::ffi::c_long) as isize,
            ),
            N,
            4 as ::core::ffi::c_int * C,
            C,
        );
        gelu_backward(
            dacts
                .offset(a.fc as isize)
                .offset(((l * 4 as ::core::ffi::c_int) as ::core::ffi::c_long * NC) as isize),
            acts.offset(a.fc as isize)
                .offset(((l * 4 as ::core::ffi::c_int) as ::core::ffi::c_long * NC) as isize),
            dacts
                .offset(a.gelu as isize)
                .offset(((l * 4 as ::core::ffi::c_int) as ::core::ffi::c_long * NC) as isize),
            4 as ::core::ffi::c_long * NC,
        );
        matmul_backward(
            dacts
                .offset(a.ln2 as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            dparams.offset(p.fcw as isize).offset(
                (l as ::core::ffi::c_long
                    * 4 as ::core::ffi::c_long
                    * C as ::core::ffi::c_long
                    * C as ::core::ffi::c_long) as isize,
            ),
            dparams
                .offset(p.fcb as isize)
                .offset((l * 4 as ::core::ffi::c_int * C) as isize),
            dacts
                .offset(a.fc as isize)
                .offset(((l * 4 as ::core::ffi::c_int) as ::core::ffi::c_long * NC) as isize),
            acts.offset(a.ln2 as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            params.offset(p.fcw as isize).offset(
                (l as ::core::ffi::c_long
                    * 4 as ::core::ffi::c_long
                    * C as ::core::ffi::c_long
                    * C as ::core::ffi::c_long) as isize,
            ),
            N,
            C,
            4 as ::core::ffi::c_int * C,
        );
        layernorm_backward(
            dacts
                .offset(a.res2 as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            dparams.offset(p.ln2w as isize).offset((l * C) as isize),
            dparams.offset(p.ln2b as isize).offset((l * C) as isize),
            dacts
                .offset(a.ln2 as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            acts.offset(a.res2 as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            params.offset(p.ln2w as isize).offset((l * C) as isize),
            acts.offset(a.ln2m as isize).offset((l * N) as isize),
            acts.offset(a.ln2r as isize).offset((l * N) as isize),
            N,
            C,
        );
        residual_backward(
            dres,
            dacts
                .offset(a.proj as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            dacts
                .offset(a.res2 as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            NC,
        );
        matmul_backward(
            dacts
                .offset(a.atty as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            dparams.offset(p.projw as isize).offset(
                (l as ::core::ffi::c_long * C as ::core::ffi::c_long * C as ::core::ffi::c_long)
                    as isize,
            ),
            dparams.offset(p.projb as isize).offset((l * C) as isize),
            dacts
                .offset(a.proj as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            acts.offset(a.atty as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            params.offset(p.projw as isize).offset(
                (l as ::core::ffi::c_long * C as ::core::ffi::c_long * C as ::core::ffi::c_long)
                    as isize,
            ),
            N,
            C,
            C,
        );
        attention_backward(
            dacts
                .offset(a.qkv as isize)
                .offset(((l * 3 as ::core::ffi::c_int) as ::core::ffi::c_long * NC) as isize),
            dacts.offset(a.att as isize).offset(
                (l as ::core::ffi::c_long
                    * NH as ::core::ffi::c_long
                    * N as ::core::ffi::c_long
                    * T as ::core::ffi::c_long) as isize,
            ),
            dacts
                .offset(a.atty as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            acts.offset(a.qkv as isize)
                .offset(((l * 3 as ::core::ffi::c_int) as ::core::ffi::c_long * NC) as isize),
            acts.offset(a.att as isize).offset(
                (l as ::core::ffi::c_long
                    * NH as ::core::ffi::c_long
                    * N as ::core::ffi::c_long
                    * T as ::core::ffi::c_long) as isize,
            ),
            B,
            T,
            C,
            NH,
        );
        matmul_backward(
            dacts
                .offset(a.ln1 as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            dparams.offset(p.qkvw as isize).offset(
                (l as ::core::ffi::c_long
                    * 3 as ::core::ffi::c_long
                    * C as ::core::ffi::c_long
                    * C as ::core::ffi::c_long) as isize,
            ),
            dparams
                .offset(p.qkvb as isize)
                .offset((l * 3 as ::core::ffi::c_int * C) as isize),
            dacts
                .offset(a.qkv as isize)
                .offset(((l * 3 as ::core::ffi::c_int) as ::core::ffi::c_long * NC) as isize),
            acts.offset(a.ln1 as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            params.offset(p.qkvw as isize).offset(
                (l as ::core::ffi::c_long
                    * 3 as ::core::ffi::c_long
                    * C as ::core::ffi::c_long
                    * C as ::core::ffi::c_long) as isize,
            ),
            N,
            C,
            3 as ::core::ffi::c_int * C,
        );
        layernorm_backward(
            dres,
            dparams.offset(p.ln1w as isize).offset((l * C) as isize),
            dparams.offset(p.ln1b as isize).offset((l * C) as isize),
            dacts
                .offset(a.ln1 as isize)
                .offset((l as ::core::ffi::c_long * NC) as isize),
            res,
            params.offset(p.ln1w as isize).offset((l * C) as isize),
            acts.offset(a.ln1m as isize).offset((l * N) as isize),
            acts.offset(a.ln1r as isize).offset((l * N) as isize),
            N,
            C,
        );
        l -= 1;
    }
    encoder_backward(
        dparams.offset(p.wte as isize),
        dparams.offset(p.wpe as isize),
        dacts.offset(a.enc as isize),
        tokens,
        B,
        T,
        C,
    );
}
