/*
 * A small GPT-style language model in C: forward pass, cross-entropy loss, and
 * a hand-written backward pass for every layer.
 *
 * This is the C side of the "replace manual backpropagation" story:
 * src/translated.rs is its mechanical c2rust translation (translate.sh). `gpt_loss` is the
 * function to differentiate; `gpt_backward` is the manual backpropagation that
 * the derivative of `gpt_loss` replaces.
 *
 * Layout: pre-norm transformer, learned position embeddings, tied in/out
 * embedding. All tensors are f32, row-major. B batch, T time, C channels,
 * V vocabulary, L layers, NH heads. C must be divisible by NH.
 */
#include <math.h>
#include <string.h>

typedef struct {
  int B, T, C, V, L, NH;
} GptConfig;

/* Offsets into the flat parameter vector. */
typedef struct {
  long wte, wpe, ln1w, ln1b, qkvw, qkvb, projw, projb, ln2w, ln2b, fcw, fcb,
      fcprojw, fcprojb, lnfw, lnfb, total;
} GptParams;

/* Offsets into the flat activation workspace. */
typedef struct {
  long enc, ln1, ln1m, ln1r, qkv, att, atty, proj, res2, ln2, ln2m, ln2r, fc,
      gelu, fcproj, res3, lnf, lnfm, lnfr, logits, probs, losses, total;
} GptActs;

void gpt_params_layout(GptParams *p, const GptConfig *c) {
  long C = c->C, L = c->L, o = 0;
  p->wte = o; o += (long)c->V * C;
  p->wpe = o; o += (long)c->T * C;
  p->ln1w = o; o += L * C;
  p->ln1b = o; o += L * C;
  p->qkvw = o; o += L * 3 * C * C;
  p->qkvb = o; o += L * 3 * C;
  p->projw = o; o += L * C * C;
  p->projb = o; o += L * C;
  p->ln2w = o; o += L * C;
  p->ln2b = o; o += L * C;
  p->fcw = o; o += L * 4 * C * C;
  p->fcb = o; o += L * 4 * C;
  p->fcprojw = o; o += L * C * 4 * C;
  p->fcprojb = o; o += L * C;
  p->lnfw = o; o += C;
  p->lnfb = o; o += C;
  p->total = o;
}

void gpt_acts_layout(GptActs *a, const GptConfig *c) {
  long BT = (long)c->B * c->T, C = c->C, L = c->L, o = 0;
  a->enc = o; o += BT * C;
  a->ln1 = o; o += L * BT * C;
  a->ln1m = o; o += L * BT;
  a->ln1r = o; o += L * BT;
  a->qkv = o; o += L * BT * 3 * C;
  a->att = o; o += L * (long)c->NH * BT * c->T;
  a->atty = o; o += L * BT * C;
  a->proj = o; o += L * BT * C;
  a->res2 = o; o += L * BT * C;
  a->ln2 = o; o += L * BT * C;
  a->ln2m = o; o += L * BT;
  a->ln2r = o; o += L * BT;
  a->fc = o; o += L * BT * 4 * C;
  a->gelu = o; o += L * BT * 4 * C;
  a->fcproj = o; o += L * BT * C;
  a->res3 = o; o += L * BT * C;
  a->lnf = o; o += BT * C;
  a->lnfm = o; o += BT;
  a->lnfr = o; o += BT;
  a->logits = o; o += BT * c->V;
  a->probs = o; o += BT * c->V;
  a->losses = o; o += BT;
  a->total = o;
}

/* ---- forward ---------------------------------------------------------- */

void encoder_forward(float *out, const int *tok, const float *wte,
                     const float *wpe, int B, int T, int C) {
  for (int b = 0; b < B; b++)
    for (int t = 0; t < T; t++) {
      float *o = out + ((long)b * T + t) * C;
      const float *e = wte + (long)tok[b * T + t] * C;
      const float *p = wpe + (long)t * C;
      for (int i = 0; i < C; i++) o[i] = e[i] + p[i];
    }
}

void layernorm_forward(float *out, float *mean, float *rstd, const float *in,
                       const float *w, const float *bias, int N, int C) {
  for (int n = 0; n < N; n++) {
    const float *x = in + (long)n * C;
    float m = 0.0f, v = 0.0f;
    for (int i = 0; i < C; i++) m += x[i];
    m /= (float)C;
    for (int i = 0; i < C; i++) {
      float d = x[i] - m;
      v += d * d;
    }
    v /= (float)C;
    float s = 1.0f / sqrtf(v + 1e-5f);
    for (int i = 0; i < C; i++)
      out[(long)n * C + i] = (x[i] - m) * s * w[i] + bias[i];
    mean[n] = m;
    rstd[n] = s;
  }
}

/* out[n][o] = bias[o] + sum_i in[n][i] * w[o][i] */
void matmul_forward(float *out, const float *in, const float *w,
                    const float *bias, int N, int C, int OC) {
  for (int n = 0; n < N; n++)
    for (int o = 0; o < OC; o++) {
      float s = bias ? bias[o] : 0.0f;
      const float *x = in + (long)n * C;
      const float *r = w + (long)o * C;
      for (int i = 0; i < C; i++) s += x[i] * r[i];
      out[(long)n * OC + o] = s;
    }
}

/* Causal multi-head attention; att holds the softmaxed weights. */
void attention_forward(float *out, float *att, const float *qkv, int B, int T,
                       int C, int NH) {
  int hs = C / NH;
  float scale = 1.0f / sqrtf((float)hs);
  for (int b = 0; b < B; b++)
    for (int h = 0; h < NH; h++)
      for (int t = 0; t < T; t++) {
        const float *q = qkv + ((long)b * T + t) * 3 * C + h * hs;
        float *a = att + (((long)b * NH + h) * T + t) * T;
        float mx = -1e30f, sum = 0.0f;
        for (int u = 0; u <= t; u++) {
          const float *k = qkv + ((long)b * T + u) * 3 * C + C + h * hs;
          float s = 0.0f;
          for (int i = 0; i < hs; i++) s += q[i] * k[i];
          s *= scale;
          if (s > mx) mx = s;
          a[u] = s;
        }
        for (int u = 0; u <= t; u++) {
          float e = expf(a[u] - mx);
          sum += e;
          a[u] = e;
        }
        for (int u = 0; u < T; u++) a[u] = u <= t ? a[u] / sum : 0.0f;
        float *o = out + ((long)b * T + t) * C + h * hs;
        for (int i = 0; i < hs; i++) o[i] = 0.0f;
        for (int u = 0; u <= t; u++) {
          const float *v = qkv + ((long)b * T + u) * 3 * C + 2 * C + h * hs;
          for (int i = 0; i < hs; i++) o[i] += a[u] * v[i];
        }
      }
}

void gelu_forward(float *out, const float *in, long N) {
  for (long i = 0; i < N; i++) {
    float x = in[i];
    float u = 0.7978845608f * (x + 0.044715f * x * x * x);
    out[i] = 0.5f * x * (1.0f + tanhf(u));
  }
}

void residual_forward(float *out, const float *a, const float *b, long N) {
  for (long i = 0; i < N; i++) out[i] = a[i] + b[i];
}

void softmax_forward(float *probs, const float *logits, int N, int V) {
  for (int n = 0; n < N; n++) {
    const float *x = logits + (long)n * V;
    float *p = probs + (long)n * V;
    float mx = -1e30f, sum = 0.0f;
    for (int i = 0; i < V; i++)
      if (x[i] > mx) mx = x[i];
    for (int i = 0; i < V; i++) {
      p[i] = expf(x[i] - mx);
      sum += p[i];
    }
    for (int i = 0; i < V; i++) p[i] /= sum;
  }
}

void crossentropy_forward(float *losses, const float *probs, const int *target,
                          int N, int V) {
  for (int n = 0; n < N; n++) losses[n] = -logf(probs[(long)n * V + target[n]]);
}

/* Mean cross-entropy of the model on one batch. Differentiate this. */
float gpt_loss(const float *params, float *acts, const int *tokens,
               const int *targets, const GptConfig *c) {
  GptParams p;
  GptActs a;
  gpt_params_layout(&p, c);
  gpt_acts_layout(&a, c);
  int B = c->B, T = c->T, C = c->C, NH = c->NH, N = B * T;
  encoder_forward(acts + a.enc, tokens, params + p.wte, params + p.wpe, B, T, C);
  const float *res = acts + a.enc;
  for (int l = 0; l < c->L; l++) {
    long NC = (long)N * C;
    layernorm_forward(acts + a.ln1 + l * NC, acts + a.ln1m + l * N,
                      acts + a.ln1r + l * N, res, params + p.ln1w + l * C,
                      params + p.ln1b + l * C, N, C);
    matmul_forward(acts + a.qkv + l * 3 * NC, acts + a.ln1 + l * NC,
                   params + p.qkvw + (long)l * 3 * C * C,
                   params + p.qkvb + l * 3 * C, N, C, 3 * C);
    attention_forward(acts + a.atty + l * NC,
                      acts + a.att + (long)l * NH * N * T,
                      acts + a.qkv + l * 3 * NC, B, T, C, NH);
    matmul_forward(acts + a.proj + l * NC, acts + a.atty + l * NC,
                   params + p.projw + (long)l * C * C, params + p.projb + l * C,
                   N, C, C);
    residual_forward(acts + a.res2 + l * NC, res, acts + a.proj + l * NC, NC);
    layernorm_forward(acts + a.ln2 + l * NC, acts + a.ln2m + l * N,
                      acts + a.ln2r + l * N, acts + a.res2 + l * NC,
                      params + p.ln2w + l * C, params + p.ln2b + l * C, N, C);
    matmul_forward(acts + a.fc + l * 4 * NC, acts + a.ln2 + l * NC,
                   params + p.fcw + (long)l * 4 * C * C,
                   params + p.fcb + l * 4 * C, N, C, 4 * C);
    gelu_forward(acts + a.gelu + l * 4 * NC, acts + a.fc + l * 4 * NC, 4 * NC);
    matmul_forward(acts + a.fcproj + l * NC, acts + a.gelu + l * 4 * NC,
                   params + p.fcprojw + (long)l * 4 * C * C,
                   params + p.fcprojb + l * C, N, 4 * C, C);
    residual_forward(acts + a.res3 + l * NC, acts + a.res2 + l * NC,
                     acts + a.fcproj + l * NC, NC);
    res = acts + a.res3 + l * NC;
  }
  layernorm_forward(acts + a.lnf, acts + a.lnfm, acts + a.lnfr, res,
                    params + p.lnfw, params + p.lnfb, N, C);
  matmul_forward(acts + a.logits, acts + a.lnf, params + p.wte, 0, N, C, c->V);
  softmax_forward(acts + a.probs, acts + a.logits, N, c->V);
  crossentropy_forward(acts + a.losses, acts + a.probs, targets, N, c->V);
  float loss = 0.0f;
  for (int n = 0; n < N; n++) loss += acts[a.losses + n];
  return loss / (float)N;
}

/* ---- manual backward: every d* buffer is accumulated into ------------- */

void encoder_backward(float *dwte, float *dwpe, const float *dout,
                      const int *tok, int B, int T, int C) {
  for (int b = 0; b < B; b++)
    for (int t = 0; t < T; t++) {
      const float *d = dout + ((long)b * T + t) * C;
      float *de = dwte + (long)tok[b * T + t] * C;
      float *dp = dwpe + (long)t * C;
      for (int i = 0; i < C; i++) {
        de[i] += d[i];
        dp[i] += d[i];
      }
    }
}

void layernorm_backward(float *din, float *dw, float *db, const float *dout,
                        const float *in, const float *w, const float *mean,
                        const float *rstd, int N, int C) {
  for (int n = 0; n < N; n++) {
    const float *x = in + (long)n * C, *d = dout + (long)n * C;
    float m = mean[n], s = rstd[n], a = 0.0f, b = 0.0f;
    for (int i = 0; i < C; i++) {
      float nx = (x[i] - m) * s, g = w[i] * d[i];
      a += g;
      b += g * nx;
    }
    a /= (float)C;
    b /= (float)C;
    for (int i = 0; i < C; i++) {
      float nx = (x[i] - m) * s;
      db[i] += d[i];
      dw[i] += nx * d[i];
      din[(long)n * C + i] += (w[i] * d[i] - a - nx * b) * s;
    }
  }
}

void matmul_backward(float *din, float *dw, float *db, const float *dout,
                     const float *in, const float *w, int N, int C, int OC) {
  for (int n = 0; n < N; n++)
    for (int o = 0; o < OC; o++) {
      float d = dout[(long)n * OC + o];
      const float *r = w + (long)o * C, *x = in + (long)n * C;
      float *dx = din + (long)n * C, *dr = dw + (long)o * C;
      if (db) db[o] += d;
      for (int i = 0; i < C; i++) {
        dx[i] += r[i] * d;
        dr[i] += x[i] * d;
      }
    }
}

void attention_backward(float *dqkv, float *datt, const float *dout,
                        const float *qkv, const float *att, int B, int T, int C,
                        int NH) {
  int hs = C / NH;
  float scale = 1.0f / sqrtf((float)hs);
  for (int b = 0; b < B; b++)
    for (int h = 0; h < NH; h++)
      for (int t = 0; t < T; t++) {
        const float *a = att + (((long)b * NH + h) * T + t) * T;
        float *da = datt + (((long)b * NH + h) * T + t) * T;
        const float *d = dout + ((long)b * T + t) * C + h * hs;
        const float *q = qkv + ((long)b * T + t) * 3 * C + h * hs;
        float *dq = dqkv + ((long)b * T + t) * 3 * C + h * hs;
        float dot = 0.0f;
        for (int u = 0; u <= t; u++) {
          const float *v = qkv + ((long)b * T + u) * 3 * C + 2 * C + h * hs;
          float *dv = dqkv + ((long)b * T + u) * 3 * C + 2 * C + h * hs;
          float g = 0.0f;
          for (int i = 0; i < hs; i++) {
            g += v[i] * d[i];
            dv[i] += a[u] * d[i];
          }
          da[u] += g;
          dot += a[u] * da[u];
        }
        for (int u = 0; u <= t; u++) {
          const float *k = qkv + ((long)b * T + u) * 3 * C + C + h * hs;
          float *dk = dqkv + ((long)b * T + u) * 3 * C + C + h * hs;
          float ds = a[u] * (da[u] - dot) * scale;
          for (int i = 0; i < hs; i++) {
            dq[i] += k[i] * ds;
            dk[i] += q[i] * ds;
          }
        }
      }
}

void gelu_backward(float *din, const float *in, const float *dout, long N) {
  for (long i = 0; i < N; i++) {
    float x = in[i], k = 0.7978845608f;
    float th = tanhf(k * (x + 0.044715f * x * x * x));
    float g = 0.5f * (1.0f + th) +
              0.5f * x * (1.0f - th * th) * k * (1.0f + 3.0f * 0.044715f * x * x);
    din[i] += g * dout[i];
  }
}

void residual_backward(float *da, float *db, const float *dout, long N) {
  for (long i = 0; i < N; i++) {
    da[i] += dout[i];
    db[i] += dout[i];
  }
}

/* Fused softmax + cross-entropy + mean. */
void loss_backward(float *dlogits, const float *probs, const int *target, int N,
                   int V, float seed) {
  for (int n = 0; n < N; n++)
    for (int i = 0; i < V; i++)
      dlogits[(long)n * V + i] +=
          (probs[(long)n * V + i] - (i == target[n] ? 1.0f : 0.0f)) * seed /
          (float)N;
}

/* Manual backpropagation: gpt_loss must have filled acts; dparams and dacts
   must be zero on entry. */
void gpt_backward(const float *params, float *dparams, const float *acts,
                  float *dacts, const int *tokens, const int *targets,
                  const GptConfig *c) {
  GptParams p;
  GptActs a;
  gpt_params_layout(&p, c);
  gpt_acts_layout(&a, c);
  int B = c->B, T = c->T, C = c->C, NH = c->NH, N = B * T;
  long NC = (long)N * C;
  int last = c->L - 1;
  const float *res = c->L ? acts + a.res3 + last * NC : acts + a.enc;
  float *dres = c->L ? dacts + a.res3 + last * NC : dacts + a.enc;
  loss_backward(dacts + a.logits, acts + a.probs, targets, N, c->V, 1.0f);
  matmul_backward(dacts + a.lnf, dparams + p.wte, 0, dacts + a.logits,
                  acts + a.lnf, params + p.wte, N, C, c->V);
  layernorm_backward(dres, dparams + p.lnfw, dparams + p.lnfb, dacts + a.lnf,
                     res, params + p.lnfw, acts + a.lnfm, acts + a.lnfr, N, C);
  for (int l = last; l >= 0; l--) {
    res = l ? acts + a.res3 + (l - 1) * NC : acts + a.enc;
    dres = l ? dacts + a.res3 + (l - 1) * NC : dacts + a.enc;
    residual_backward(dacts + a.res2 + l * NC, dacts + a.fcproj + l * NC,
                      dacts + a.res3 + l * NC, NC);
    matmul_backward(dacts + a.gelu + l * 4 * NC,
                    dparams + p.fcprojw + (long)l * 4 * C * C,
                    dparams + p.fcprojb + l * C, dacts + a.fcproj + l * NC,
                    acts + a.gelu + l * 4 * NC,
                    params + p.fcprojw + (long)l * 4 * C * C, N, 4 * C, C);
    gelu_backward(dacts + a.fc + l * 4 * NC, acts + a.fc + l * 4 * NC,
                  dacts + a.gelu + l * 4 * NC, 4 * NC);
    matmul_backward(dacts + a.ln2 + l * NC, dparams + p.fcw + (long)l * 4 * C * C,
                    dparams + p.fcb + l * 4 * C, dacts + a.fc + l * 4 * NC,
                    acts + a.ln2 + l * NC, params + p.fcw + (long)l * 4 * C * C,
                    N, C, 4 * C);
    layernorm_backward(dacts + a.res2 + l * NC, dparams + p.ln2w + l * C,
                       dparams + p.ln2b + l * C, dacts + a.ln2 + l * NC,
                       acts + a.res2 + l * NC, params + p.ln2w + l * C,
                       acts + a.ln2m + l * N, acts + a.ln2r + l * N, N, C);
    residual_backward(dres, dacts + a.proj + l * NC, dacts + a.res2 + l * NC, NC);
    matmul_backward(dacts + a.atty + l * NC, dparams + p.projw + (long)l * C * C,
                    dparams + p.projb + l * C, dacts + a.proj + l * NC,
                    acts + a.atty + l * NC, params + p.projw + (long)l * C * C, N,
                    C, C);
    attention_backward(dacts + a.qkv + l * 3 * NC,
                       dacts + a.att + (long)l * NH * N * T,
                       dacts + a.atty + l * NC, acts + a.qkv + l * 3 * NC,
                       acts + a.att + (long)l * NH * N * T, B, T, C, NH);
    matmul_backward(dacts + a.ln1 + l * NC,
                    dparams + p.qkvw + (long)l * 3 * C * C,
                    dparams + p.qkvb + l * 3 * C, dacts + a.qkv + l * 3 * NC,
                    acts + a.ln1 + l * NC, params + p.qkvw + (long)l * 3 * C * C,
                    N, C, 3 * C);
    layernorm_backward(dres, dparams + p.ln1w + l * C, dparams + p.ln1b + l * C,
                       dacts + a.ln1 + l * NC, res, params + p.ln1w + l * C,
                       acts + a.ln1m + l * N, acts + a.ln1r + l * N, N, C);
  }
  encoder_backward(dparams + p.wte, dparams + p.wpe, dacts + a.enc, tokens, B, T,
                   C);
}
