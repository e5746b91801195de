//! rustfft, special, roots, quadrature, gauss-quad, easer, interp, average, noise and lerp.

/// A weighted power spectrum of eight samples.
#[inline(never)]
pub fn spectrum(x: &[f64; 8]) -> f64 {
    use rustfft::{FftPlanner, num_complex::Complex};
    let fft = FftPlanner::new().plan_fft_forward(8);
    let mut b: Vec<Complex<f64>> = x.iter().map(|v| Complex::new(*v, 0.0)).collect();
    fft.process(&mut b);
    b.iter()
        .enumerate()
        .map(|(i, c)| c.norm_sqr() * i as f64)
        .sum()
}

/// The gamma and the error function.
#[inline(never)]
pub fn gamma_error(x: f64) -> f64 {
    use special::{Error, Gamma};
    (x * x + 0.5).gamma() + x.error()
}

/// The incomplete beta function.
#[inline(never)]
pub fn beta(x: f64, p: f64) -> f64 {
    use special::Beta;
    let x = 1.0 / (1.0 + (-x).exp());
    let (p, q) = (p * p + 0.5, 1.5);
    x.inc_beta(p, q, p.ln_beta(q))
}

/// A square root, by Newton.
#[inline(never)]
pub fn newton(a: f64) -> f64 {
    let mut c = roots::SimpleConvergency {
        eps: 1e-14,
        max_iter: 60,
    };
    let a = a * a + 1.0;
    roots::find_root_newton_raphson(a, |x| x * x - a, |x| 2.0 * x, &mut c).unwrap_or(0.0)
}

/// Both roots of a quadratic equation.
#[inline(never)]
pub fn cubic_root(a: f64, b: f64) -> f64 {
    match roots::find_roots_quadratic(1.0, a, b - 4.0) {
        roots::Roots::Two([x, y]) => x * 2.0 + y,
        _ => 0.0,
    }
}

/// An integral by a double exponential rule.
#[inline(never)]
pub fn integral(a: f64) -> f64 {
    quadrature::integrate(|x| (a * x).exp() * x, 0.0, 1.0, 1e-9).integral
}

/// An integral by a rule of Gauss and Legendre.
#[inline(never)]
pub fn legendre(a: f64, b: f64) -> f64 {
    use gauss_quad::legendre::GaussLegendre;
    let q = GaussLegendre::new(std::num::NonZeroUsize::new(7).unwrap());
    q.integrate(a, b, |x| x.sin() * x)
}

/// Curves of animations.
#[inline(never)]
pub fn eased(t: f64) -> f64 {
    use easer::functions::{Cubic, Easing, Expo};
    Cubic::ease_in_out(t, 0.0, 1.0, 1.0) + Expo::ease_out(t, 0.0, 2.0, 1.0)
}

/// Between the points of a table.
#[inline(never)]
pub fn interpolated(x: &[f64; 5], y: &[f64; 5], at: f64) -> f64 {
    let mut xs: Vec<f64> = x
        .iter()
        .scan(0.0, |s, v| {
            *s += v.abs() + 0.1;
            Some(*s)
        })
        .collect();
    xs[0] -= 0.05;
    interp::interp(&xs, y, at.abs(), &interp::InterpMode::Extrapolate)
}

/// A mean and a variance, in one pass.
#[inline(never)]
pub fn mean_spread(x: &[f64]) -> f64 {
    use average::{Estimate, Variance};
    let mut v = Variance::new();
    for x in x {
        v.add(*x);
    }
    v.mean() + v.sample_variance()
}

/// How skewed a sample is.
#[inline(never)]
pub fn skewed(x: &[f64; 6]) -> f64 {
    let s: average::Skewness = x.iter().collect();
    s.skewness() + s.mean()
}

/// Perlin noise.
#[inline(never)]
pub fn noisy(x: f64, y: f64) -> f64 {
    use noise::{NoiseFn, Perlin};
    Perlin::new(7).get([x * 1.3 + 0.2, y * 0.7])
}

/// Two octaves of simplex noise.
#[inline(never)]
pub fn simplex(x: f64, y: f64) -> f64 {
    use noise::{Fbm, MultiFractal, NoiseFn, OpenSimplex};
    Fbm::<OpenSimplex>::new(3).set_octaves(2).get([x, y])
}

/// Between two numbers, bounded and not.
#[inline(never)]
pub fn blend(a: f64, b: f64, t: f64) -> f64 {
    use lerp::Lerp;
    a.lerp(b, t) * a.lerp_bounded(b * b, t)
}
