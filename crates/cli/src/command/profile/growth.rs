//! How work grows with the number of elements.

/// A law that numbers follow: `factor · n^power + constant`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Law {
    pub(super) factor: f64,
    pub(super) power: f64,
    pub(super) constant: f64,
}

/// The law through the last three points, or through two as if there were no constant. `None` where numbers fall.
pub(super) fn law(sizes: &[u64], numbers: &[u64]) -> Option<Law> {
    let points: Vec<(f64, f64)> = sizes
        .iter()
        .zip(numbers)
        .map(|(size, number)| (*size as f64, *number as f64))
        .collect();
    match points[..] {
        [.., a, b, c] => through_three(a, b, c),
        [a, b] => through_two(a, b),
        _ => None,
    }
}

fn through_two((n1, y1): (f64, f64), (n2, y2): (f64, f64)) -> Option<Law> {
    if y1 == y2 {
        return Some(constant(y1));
    }
    if y1 <= 0.0 || y2 < y1 {
        return None;
    }
    let power = rounded((y2 / y1).ln() / (n2 / n1).ln());
    Some(Law {
        factor: y2 / n2.powf(power),
        power,
        constant: 0.0,
    })
}

fn through_three(a: (f64, f64), b: (f64, f64), c: (f64, f64)) -> Option<Law> {
    let (below, above) = (b.1 - a.1, c.1 - b.1);
    if below == 0.0 && above == 0.0 {
        return Some(constant(c.1));
    }
    if below <= 0.0 || above <= 0.0 {
        return None;
    }
    // The ratio of both differences grows with the power.
    let ratio = |power: f64| {
        let at = |n: f64| (n / c.0).powf(power);
        (at(c.0) - at(b.0)) / (at(b.0) - at(a.0))
    };
    let (mut low, mut high) = (0.001_f64, 16.0_f64);
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        match ratio(middle) < above / below {
            true => low = middle,
            false => high = middle,
        }
    }
    let power = rounded(f64::midpoint(low, high));
    let factor = above / (c.0.powf(power) - b.0.powf(power));
    Some(Law {
        factor,
        power,
        constant: c.1 - factor * c.0.powf(power),
    })
}

fn constant(value: f64) -> Law {
    Law {
        factor: 0.0,
        power: 0.0,
        constant: value,
    }
}

/// What is next to a whole number is one: counts are.
fn rounded(power: f64) -> f64 {
    match (power - power.round()).abs() < 0.02 {
        true => power.round(),
        false => power,
    }
}

impl Law {
    /// In words, with a unit: `8 bytes · n² + 16`.
    pub(super) fn words(&self, unit: &str) -> String {
        if self.factor == 0.0 {
            return format!("{}{unit} always", short(self.constant));
        }
        let power = match self.power {
            1.0 => "n".to_owned(),
            2.0 => "n²".to_owned(),
            3.0 => "n³".to_owned(),
            power if power.fract() == 0.0 => format!("n^{power:.0}"),
            power => format!("n^{power:.2}"),
        };
        let mut words = format!("{}{unit} · {power}", short(self.factor));
        // The rest is told where it matters beside what grows.
        let constant = short(self.constant.abs());
        if constant != "0" && self.constant.abs() > 1e-9 * self.factor {
            let sign = if self.constant < 0.0 { '-' } else { '+' };
            words.push_str(&format!(" {sign} {constant}"));
        }
        words
    }
}

/// At most three digits behind the point.
fn short(number: f64) -> String {
    let text = format!("{number:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(of: impl Fn(u64) -> u64) -> String {
        let sizes = [10, 100, 1000];
        let numbers: Vec<u64> = sizes.iter().map(|&size| of(size)).collect();
        law(&sizes, &numbers).map_or("none".to_owned(), |law| law.words(""))
    }

    #[test]
    fn laws_are_found() {
        assert_eq!(words(|_| 7), "7 always");
        assert_eq!(words(|n| 8 * n), "8 · n");
        assert_eq!(words(|n| 8 * n + 24), "8 · n + 24");
        assert_eq!(words(|n| 3 * n * n + 5), "3 · n² + 5");
        assert_eq!(words(|n| n * n * n - 1), "1 · n³ - 1");
        assert_eq!(words(|n| 1000 / n), "none");
        let law = law(&[10, 40, 90], &[100, 400, 900]).unwrap();
        assert_eq!(law.words(" bytes"), "10 bytes · n");
    }

    #[test]
    fn two_points_are_taken_without_a_constant() {
        let law = law(&[10, 100], &[100, 10_000]).unwrap();
        assert_eq!(law.words(""), "1 · n²");
        assert!(super::law(&[10, 100], &[100, 50]).is_none());
    }
}
