//! Loss curves in a terminal and as SVG.

use crate::checkpoint::Point;

/// One curve: its name, the sign that draws it, and its points.
pub struct Curve<'a> {
    /// What it is.
    pub name: String,
    /// A sign for the terminal.
    pub sign: char,
    /// What was measured.
    pub points: &'a [Point],
}

/// Where two curves meet in the terminal.
const BOTH: char = '*';

/// The smallest and the largest number of the curves and of the line.
fn range(curves: &[Curve], line: f32) -> (f32, f32) {
    let values = curves
        .iter()
        .flat_map(|curve| curve.points.iter().map(|point| point.held_out));
    let (mut low, mut high) = (line, line);
    for value in values.filter(|value| value.is_finite()) {
        low = low.min(value);
        high = high.max(value);
    }
    (low, high.max(low + 1e-3))
}

fn last_step(curves: &[Curve]) -> u64 {
    let ends = curves.iter().filter_map(|curve| curve.points.last());
    ends.map(|point| point.step).max().unwrap_or(0).max(1)
}

/// The held-out losses over the steps, `width` by `height` characters, with a line at `line`.
pub fn terminal(
    curves: &[Curve],
    line: f32,
    line_name: &str,
    width: usize,
    height: usize,
) -> String {
    let (low, high) = range(curves, line);
    let steps = last_step(curves);
    let columns = width.saturating_sub(8).max(10);
    let row_of = |value: f32| {
        (((high - value) / (high - low) * (height - 1) as f32).round() as usize).min(height - 1)
    };
    let mut cells = vec![vec![' '; columns]; height];
    cells[row_of(line)].fill('-');
    for curve in curves {
        for point in curve
            .points
            .iter()
            .filter(|point| point.held_out.is_finite())
        {
            let column = (point.step as usize * (columns - 1)) / steps as usize;
            let cell = &mut cells[row_of(point.held_out)][column];
            let is_other = *cell != ' ' && *cell != '-' && *cell != curve.sign;
            *cell = if is_other { BOTH } else { curve.sign };
        }
    }
    let mut out = String::new();
    for (row, cells) in cells.iter().enumerate() {
        let value = high - (high - low) * row as f32 / (height - 1) as f32;
        let text: String = cells.iter().collect();
        out.push_str(format!("{value:6.2} |{text}").trim_end());
        out.push('\n');
    }
    let rule = "-".repeat(columns);
    out.push_str(&format!("       +{rule}\n"));
    out.push_str(&format!(
        "        0{steps:>w$} steps\n",
        w = columns.saturating_sub(7)
    ));
    let mut legend: Vec<String> = curves
        .iter()
        .map(|curve| format!("{} {}", curve.sign, curve.name))
        .collect();
    if curves.len() > 1 {
        let words = if curves.len() > 2 { "several" } else { "both" };
        legend.push(format!("{BOTH} {words}"));
    }
    legend.push(format!("- {line_name}"));
    out.push_str(&format!("        held-out loss: {}\n", legend.join("   ")));
    out
}

/// The same as a picture. All curves but the first are dashed, so that each is seen where they are one.
pub fn svg(curves: &[Curve], line: f32, line_name: &str) -> String {
    const COLOURS: [&str; 3] = ["#1b6ca8", "#e07a1f", "#4a2c6e"];
    let (low, high) = range(curves, line);
    let steps = last_step(curves) as f32;
    let x = |step: f32| 60.0 + step / steps * 620.0;
    let y = |value: f32| 20.0 + (high - value) / (high - low) * 320.0;
    let mut out = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 400\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"720\" height=\"400\" fill=\"white\"/>\n",
    );
    for tick in 0..=5 {
        let value = low + (high - low) * tick as f32 / 5.0;
        let step = steps * tick as f32 / 5.0;
        let (at, across) = (y(value), x(step));
        out.push_str(&format!(
            "<line x1=\"60\" x2=\"680\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"#e5e5e5\"/>\n\
             <text x=\"54\" y=\"{:.1}\" text-anchor=\"end\">{value:.2}</text>\n\
             <text x=\"{across:.1}\" y=\"358\" text-anchor=\"middle\">{step:.0}</text>\n",
            at + 4.0
        ));
    }
    let at = y(line);
    out.push_str(&format!(
        "<line x1=\"60\" x2=\"680\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"#777\" stroke-dasharray=\"2 3\"/>\n\
         <text x=\"676\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#555\">{line_name} {line:.3}</text>\n",
        at - 5.0
    ));
    for (at, curve) in curves.iter().enumerate() {
        let points: Vec<String> = curve
            .points
            .iter()
            .filter(|point| point.held_out.is_finite())
            .map(|point| format!("{:.1},{:.1}", x(point.step as f32), y(point.held_out)))
            .collect();
        let dashes = if at == 0 {
            ""
        } else {
            [" stroke-dasharray=\"7 6\"", " stroke-dasharray=\"2 5\""][(at - 1) % 2]
        };
        let (colour, wide) = (COLOURS[at % COLOURS.len()], if at == 0 { 3 } else { 2 });
        out.push_str(&format!(
            "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"{wide}\"{dashes} points=\"{}\"/>\n\
             <text x=\"{}\" y=\"384\" fill=\"{colour}\">{}</text>\n",
            points.join(" "),
            60 + at * 160,
            curve.name
        ));
    }
    out.push_str(
        "<text x=\"680\" y=\"384\" text-anchor=\"end\">held-out loss over steps</text>\n</svg>\n",
    );
    out
}

#[cfg(test)]
mod tests {
    use super::{svg, terminal, Curve, Point};

    #[test]
    fn curves_that_are_one_are_drawn_as_one() {
        let points: Vec<Point> = (0..5)
            .map(|i| Point {
                step: i * 10,
                train: 0.0,
                held_out: 4.0 - i as f32,
            })
            .collect();
        let curves = [("manual", 'o'), ("irad", '+')].map(|(name, sign)| Curve {
            name: name.to_owned(),
            sign,
            points: &points,
        });
        let text = terminal(&curves, 2.5, "bigram", 40, 9);
        let (body, legend) = text.split_once("held-out").unwrap();
        assert_eq!(body.matches('*').count(), 5, "{text}");
        assert!(!body.contains('o') && !body.contains("+ "), "{text}");
        assert!(
            legend.contains("o manual") && legend.contains("- bigram"),
            "{text}"
        );
        assert_eq!(svg(&curves, 2.5, "bigram").matches("<polyline").count(), 2);
    }

    #[test]
    fn one_point_that_is_no_number_breaks_nothing() {
        let points = [Point {
            step: 0,
            train: f32::NAN,
            held_out: f32::NAN,
        }];
        let curves = [Curve {
            name: String::new(),
            sign: 'o',
            points: &points,
        }];
        assert!(terminal(&curves, 2.0, "bigram", 5, 2).contains("2.00"));
        assert!(svg(&curves, 2.0, "bigram").ends_with("</svg>\n"));
    }
}
