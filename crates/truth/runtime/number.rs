// The number of the reference, as the driver of a batch sees it. What it computes is computed by dual numbers in
// the program that loads the driver (`src/dual.rs`), which also notes how near comparisons come to a tie.

use std::cmp::Ordering;
use std::iter::{Product, Sum};
use std::ops::*;

/// A value, its tangent, the sum of the absolute values of the terms that the tangent was added up from, and
/// whether any of that depends on the inputs.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct R {
    value: f64,
    tangent: f64,
    magnitude: f64,
    varies: u64,
}

/// What the program that loads the driver does.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Operations {
    apply: extern "C" fn(operation: u32, integer: i64, a: &R, b: &R, c: &R) -> R,
    compare: extern "C" fn(a: &R, b: &R) -> i32,
}

extern "C" fn no_apply(_: u32, _: i64, a: &R, _: &R, _: &R) -> R {
    *a
}

extern "C" fn no_compare(_: &R, _: &R) -> i32 {
    2
}

static mut OPERATIONS: Operations = Operations { apply: no_apply, compare: no_compare };

#[unsafe(no_mangle)]
pub extern "C" fn truth_init(operations: &Operations) {
    unsafe { OPERATIONS = *operations }
    std::panic::set_hook(Box::new(|_| ()));
}

fn apply(operation: u32, integer: i64, a: &R, b: &R, c: &R) -> R {
    unsafe { (OPERATIONS.apply)(operation, integer, a, b, c) }
}

fn compare(a: &R, b: &R) -> Option<Ordering> {
    match unsafe { (OPERATIONS.compare)(a, b) } {
        -1 => Some(Ordering::Less),
        0 => Some(Ordering::Equal),
        1 => Some(Ordering::Greater),
        _ => None,
    }
}

macro_rules! unary {
    ($($name:ident $number:literal)*) => {
        impl R {
            $(#[allow(dead_code)]
            pub fn $name(self) -> R {
                apply($number, 0, &self, &self, &self)
            })*
        }
    };
}

// The numbers are those of `src/dual.rs`.
unary! {
    sin 10 cos 11 tan 12 asin 13 acos 14 atan 15 sinh 16 cosh 17 tanh 18 exp 19 exp_m1 20 ln 21 ln_1p 22 sqrt 23
    cbrt 24 recip 25 abs 26 signum 27 floor 28 ceil 29 round 30 trunc 31 fract 32 exp2 33 log2 34 log10 35
}

#[allow(dead_code)]
impl R {
    pub const MAX: R = R::c(f64::MAX);
    pub const MIN: R = R::c(f64::MIN);
    pub const INFINITY: R = R::c(f64::INFINITY);
    pub const NEG_INFINITY: R = R::c(f64::NEG_INFINITY);
    pub const EPSILON: R = R::c(f64::EPSILON);

    pub const fn c(value: f64) -> R {
        R { value, tangent: 0.0, magnitude: 0.0, varies: 0 }
    }

    pub fn of<T: Whole>(value: T) -> R {
        R::c(value.float())
    }

    pub fn int(self) -> usize {
        apply(40, 0, &self, &self, &self).value as usize
    }

    pub fn powi(self, n: i32) -> R {
        apply(41, n.into(), &self, &self, &self)
    }

    pub fn powf(self, n: R) -> R {
        apply(42, 0, &self, &n, &n)
    }

    pub fn atan2(self, other: R) -> R {
        apply(43, 0, &self, &other, &other)
    }

    pub fn hypot(self, other: R) -> R {
        apply(44, 0, &self, &other, &other)
    }

    pub fn mul_add(self, a: R, b: R) -> R {
        apply(45, 0, &self, &a, &b)
    }

    pub fn max(self, other: R) -> R {
        apply(46, 0, &self, &other, &other)
    }

    pub fn min(self, other: R) -> R {
        apply(47, 0, &self, &other, &other)
    }

    pub fn clamp(self, low: R, high: R) -> R {
        self.max(low).min(high)
    }

    pub fn copysign(self, sign: R) -> R {
        apply(48, 0, &self, &sign, &sign)
    }

    pub fn rem_euclid(self, other: R) -> R {
        apply(49, 0, &self, &other, &other)
    }

    pub fn sin_cos(self) -> (R, R) {
        (self.sin(), self.cos())
    }

    pub fn total_cmp(&self, other: &R) -> Ordering {
        compare(self, other).unwrap_or(Ordering::Equal)
    }

    pub fn is_finite(self) -> bool {
        self.value.is_finite()
    }

    pub fn is_nan(self) -> bool {
        self.value.is_nan()
    }

    pub fn is_sign_negative(self) -> bool {
        self < R::c(0.0)
    }
}

/// An integer that becomes a number.
pub trait Whole {
    fn float(self) -> f64;
}

macro_rules! whole {
    ($($ty:ty)*) => {
        $(impl Whole for $ty {
            fn float(self) -> f64 {
                self as f64
            }
        })*
    };
}

whole!(usize i32 u32 i64 u8 isize);

macro_rules! binary {
    ($($number:literal $name:ident $method:ident $assign:ident $assign_method:ident)*) => {
        $(impl $name<R> for R {
            type Output = R;
            fn $method(self, other: R) -> R {
                apply($number, 0, &self, &other, &other)
            }
        }
        impl $name<&R> for R {
            type Output = R;
            fn $method(self, other: &R) -> R {
                apply($number, 0, &self, other, other)
            }
        }
        impl $name<R> for &R {
            type Output = R;
            fn $method(self, other: R) -> R {
                apply($number, 0, self, &other, &other)
            }
        }
        impl $name<&R> for &R {
            type Output = R;
            fn $method(self, other: &R) -> R {
                apply($number, 0, self, other, other)
            }
        }
        impl $assign<R> for R {
            fn $assign_method(&mut self, other: R) {
                *self = apply($number, 0, self, &other, &other);
            }
        }
        impl $assign<&R> for R {
            fn $assign_method(&mut self, other: &R) {
                *self = apply($number, 0, self, other, other);
            }
        })*
    };
}

binary! {
    0 Add add AddAssign add_assign
    1 Sub sub SubAssign sub_assign
    2 Mul mul MulAssign mul_assign
    3 Div div DivAssign div_assign
    4 Rem rem RemAssign rem_assign
}

impl Neg for R {
    type Output = R;
    fn neg(self) -> R {
        apply(5, 0, &self, &self, &self)
    }
}

impl Neg for &R {
    type Output = R;
    fn neg(self) -> R {
        apply(5, 0, self, self, self)
    }
}

impl PartialEq for R {
    fn eq(&self, other: &R) -> bool {
        compare(self, other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for R {
    fn partial_cmp(&self, other: &R) -> Option<Ordering> {
        compare(self, other)
    }
}

impl Default for R {
    fn default() -> R {
        R::c(0.0)
    }
}

// The sum of nothing has a sign, as the standard library has it.
impl Sum<R> for R {
    fn sum<I: Iterator<Item = R>>(numbers: I) -> R {
        numbers.fold(R::c(-0.0), |a, b| a + b)
    }
}

impl<'a> Sum<&'a R> for R {
    fn sum<I: Iterator<Item = &'a R>>(numbers: I) -> R {
        numbers.fold(R::c(-0.0), |a, b| a + b)
    }
}

impl Product<R> for R {
    fn product<I: Iterator<Item = R>>(numbers: I) -> R {
        numbers.fold(R::c(1.0), |a, b| a * b)
    }
}

impl<'a> Product<&'a R> for R {
    fn product<I: Iterator<Item = &'a R>>(numbers: I) -> R {
        numbers.fold(R::c(1.0), |a, b| a * b)
    }
}
