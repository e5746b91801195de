#![no_std]
#![no_main]
#![feature(autodiff)]
use core::autodiff::{autodiff_forward, autodiff_reverse};
use core::ffi::{c_char, c_int};
use core::hint::black_box;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! { loop {} }

#[link(name = "c")]
unsafe extern "C" { fn printf(format: *const c_char, ...) -> c_int; }

#[autodiff_reverse(d_cube, Duplicated, Active)]
#[inline(never)]
fn cube(x: &[f64]) -> f64 { let mut s = 0.0; for v in x { s += v * v * v; } s }

#[autodiff_forward(f_cube, Dual, Dual)]
#[inline(never)]
fn cube2(x: f64) -> f64 { x * x * x }

#[inline(never)]
fn reverse<T>(x: &mut [T]) { let n = x.len(); let mut i = 0; while i < n / 2 { x.swap(i, n - 1 - i); i += 1; } }
#[autodiff_reverse(d_weigh, Duplicated)]
#[inline(never)]
fn weigh(x: &mut [f64]) { reverse(x); let mut k = 1.0; for v in x { *v *= k; k += 1.0; } }

#[unsafe(no_mangle)]
pub extern "C" fn main() -> c_int {
    let x = black_box([2.0, 3.0]);
    let mut dx = [0.0; 2];
    d_cube(&x, &mut dx, 1.0);
    let (_, t) = f_cube(black_box(2.0), 1.0);
    let mut y = black_box([1.0, 2.0, 3.0, 4.0]);
    let mut dy = black_box([1.0; 4]);
    d_weigh(&mut y, &mut dy);
    unsafe {
        printf(c"reverse %g %g\n".as_ptr(), dx[0], dx[1]);
        printf(c"forward %g\n".as_ptr(), t);
        printf(c"swapped %g %g %g %g\n".as_ptr(), dy[0], dy[1], dy[2], dy[3]);
    }
    0
}
