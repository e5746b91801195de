//! `f16`, which stable Rust has no type for: its bits, and the number that they stand for.

/// The number that these bits stand for.
pub(super) fn to_f64(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let exponent = i32::from(bits >> 10 & 0x1F);
    let fraction = f64::from(bits & 0x3FF);
    sign * match exponent {
        0 => fraction * 2_f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + fraction) * 2_f64.powi(exponent - 25),
    }
}

/// The bits of the number that is closest; of two, those of the even one.
pub(super) fn from_f64(number: f64) -> u16 {
    let sign = if number.is_sign_negative() { 0x8000 } else { 0 };
    let size = number.abs();
    if size.is_nan() {
        return sign | 0x7E00;
    }
    // Half a step above the largest number everything is infinite.
    if size >= 65520.0 {
        return sign | 0x7C00;
    }
    // The power of two that the step between neighbours is; below 2^-14 they are all one step apart.
    let exponent = (size.to_bits() >> 52) as i32 - 1023;
    let step = exponent.max(-14) - 10;
    let steps = (size * 2_f64.powi(-step)).round_ties_even() as u16;
    match step {
        -24 => sign | steps,
        // A carry into the next power of two is a carry into the exponent.
        _ => sign | ((((step + 25) as u16) << 10) + (steps - 1024)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_bits_come_back() {
        for bits in 0..=u16::MAX {
            let number = to_f64(bits);
            match number.is_nan() {
                true => assert!(to_f64(from_f64(number)).is_nan()),
                false => assert_eq!(from_f64(number), bits, "{number}"),
            }
        }
    }

    #[test]
    fn numbers_between_go_to_the_closest() {
        for (number, wanted) in [
            (1.0 + 2_f64.powi(-11), 1.0),
            (1.0 + 3.0 * 2_f64.powi(-11), 1.0 + 2.0 * 2_f64.powi(-10)),
            (2_f64.powi(-25), 0.0),
            (1.1 * 2_f64.powi(-25), 2_f64.powi(-24)),
            (65519.0, 65504.0),
            (65520.0, f64::INFINITY),
            (2047.9, 2048.0),
        ] {
            assert_eq!(to_f64(from_f64(number)), wanted, "{number}");
            assert_eq!(to_f64(from_f64(-number)), -wanted, "{number}");
        }
    }
}
