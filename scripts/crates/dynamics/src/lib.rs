//! ode_solvers, splines and rand: what changes with time.

use ode_solvers::{Rk4, System, Vector2};
use rand::{Rng, SeedableRng, rngs::SmallRng};
use rand_distr::{Distribution, StandardNormal};
use splines::{Interpolation, Key, Spline};

struct Pendulum {
    damping: f64,
}

impl System<f64, Vector2<f64>> for Pendulum {
    fn system(&self, _: f64, y: &Vector2<f64>, dy: &mut Vector2<f64>) {
        dy[0] = y[1];
        dy[1] = -y[0].sin() - self.damping * y[1];
    }
}

/// Where a pendulum is after a while.
#[inline(never)]
pub fn pendulum(angle: f64, damping: f64) -> f64 {
    let start = Vector2::new(angle, 0.0);
    let mut stepper = Rk4::new(Pendulum { damping }, 0.0, start, 1.0, 0.1);
    match stepper.integrate() {
        Ok(_) => stepper.y_out().last().map_or(0.0, |y| y[0]),
        Err(_) => 0.0,
    }
}

/// A curve through three keys.
#[inline(never)]
pub fn keyed(a: f64, b: f64, t: f64) -> f64 {
    let keys = vec![
        Key::new(0.0, a, Interpolation::Linear),
        Key::new(1.0, b, Interpolation::Cosine),
        Key::new(2.0, 1.0, Interpolation::default()),
    ];
    Spline::from_vec(keys).clamped_sample(t).unwrap_or(0.0)
}

/// A mean over noise that is the same each time.
#[inline(never)]
pub fn noisy(x: f64, spread: f64) -> f64 {
    let mut noise = SmallRng::seed_from_u64(7);
    let mut sum = 0.0;
    for _ in 0..8 {
        sum += (x + spread * (noise.random::<f64>() - 0.5)).powi(2);
    }
    sum / 8.0
}

/// A price by simulation.
#[inline(never)]
pub fn option_price(price: f64, volatility: f64) -> f64 {
    let mut noise = SmallRng::seed_from_u64(3);
    let mut sum = 0.0;
    for _ in 0..8 {
        let z: f64 = StandardNormal.sample(&mut noise);
        sum += (price * (volatility * z - 0.5 * volatility * volatility).exp() - 1.0).max(0.0);
    }
    sum / 8.0
}
