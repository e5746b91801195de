//! The colours of roles, which people tell apart who see no difference between red and green.
//!
//! On a background that is known, dark or light, they are variants of those that Okabe and Ito have chosen for that.
//! Else they are some of the terminal's own, with effects.

use anstyle::{AnsiColor, Effects, RgbColor, Style};

use crate::style::Role;

/// How a role looks on a background; the terminal's own colours are used where it is not known.
pub(super) fn of(role: Role, background: Option<(u8, u8, u8)>) -> Style {
    let colour = match background {
        Some(background) if luminance(background) < 0.18 => on_dark(role),
        Some(_) => on_light(role),
        None => return on_unknown(role),
    };
    let style = Style::new().fg_color(colour.map(|(r, g, b)| RgbColor(r, g, b).into()));
    style.effects(effects(role))
}

fn effects(role: Role) -> Effects {
    match role {
        Role::Derivative => Effects::BOLD,
        Role::Control => Effects::DIMMED,
        _ => Effects::new(),
    }
}

fn on_unknown(role: Role) -> Style {
    let colour = match role {
        Role::Primal | Role::Control => None,
        Role::Shadow => Some(AnsiColor::Cyan),
        Role::Derivative => Some(AnsiColor::Magenta),
        Role::Cache => Some(AnsiColor::Yellow),
        Role::Recompute => Some(AnsiColor::Blue),
    };
    Style::new()
        .fg_color(colour.map(Into::into))
        .effects(effects(role))
}

fn on_dark(role: Role) -> Option<(u8, u8, u8)> {
    match role {
        Role::Primal | Role::Control => None,
        Role::Shadow => Some((0x56, 0xb4, 0xe9)),
        Role::Derivative => Some((0xff, 0x8c, 0x42)),
        Role::Cache => Some((0xf0, 0xe4, 0x42)),
        Role::Recompute => Some((0xcc, 0x66, 0x88)),
    }
}

fn on_light(role: Role) -> Option<(u8, u8, u8)> {
    match role {
        Role::Primal | Role::Control => None,
        Role::Shadow => Some((0x00, 0x72, 0xb2)),
        Role::Derivative => Some((0xb3, 0x47, 0x00)),
        Role::Cache => Some((0x7a, 0x00, 0xcc)),
        Role::Recompute => Some((0x00, 0x79, 0x6b)),
    }
}

/// Relative luminance, as the rules of access for the web define it.
fn luminance(colour: (u8, u8, u8)) -> f64 {
    let [r, g, b] = linear(colour);
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn linear((r, g, b): (u8, u8, u8)) -> [f64; 3] {
    [r, g, b].map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    type Matrix = [[f64; 3]; 3];

    /// What somebody sees without one kind of cones, as Viénot, Brettel and Mollon have it.
    const PROTANOPIA: Matrix = [
        [0.11238, 0.88762, 0.0],
        [0.11238, 0.88762, 0.0],
        [0.00401, -0.00401, 1.0],
    ];
    const DEUTERANOPIA: Matrix = [
        [0.29275, 0.70725, 0.0],
        [0.29275, 0.70725, 0.0],
        [-0.02234, 0.02234, 1.0],
    ];
    const NORMAL: Matrix = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

    /// A colour as somebody sees it, in a space in which distances are what eyes make of them (OKLab).
    fn seen(colour: (u8, u8, u8), by: &Matrix) -> [f64; 3] {
        let light = linear(colour);
        let times = |matrix: &Matrix, of: [f64; 3]| {
            [0, 1, 2].map(|row| (0..3).map(|at| matrix[row][at] * of[at]).sum::<f64>())
        };
        let cones = times(
            &[
                [0.412_221, 0.536_333, 0.051_446],
                [0.211_903, 0.680_700, 0.107_397],
                [0.088_302, 0.281_719, 0.629_979],
            ],
            times(by, light),
        );
        times(
            &[
                [0.210_454, 0.793_618, -0.004_072],
                [1.977_998, -2.428_592, 0.450_594],
                [0.025_904, 0.782_772, -0.808_676],
            ],
            cones.map(|part| part.max(0.0).cbrt()),
        )
    }

    fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
        (0..3).map(|at| (a[at] - b[at]).powi(2)).sum::<f64>().sqrt()
    }

    #[test]
    fn colours_are_told_apart_and_read_by_whoever_looks() {
        let grounds: [(fn(Role) -> Option<(u8, u8, u8)>, _, _); 2] = [
            (on_dark, (0x1e, 0x1e, 0x1e), (0xd4, 0xd4, 0xd4)),
            (on_light, (0xff, 0xff, 0xff), (0x24, 0x29, 0x2e)),
        ];
        for (colours, background, foreground) in grounds {
            let found: Vec<(Role, (u8, u8, u8))> = Role::ALL
                .into_iter()
                .filter(|role| *role != Role::Control)
                .map(|role| (role, colours(role).unwrap_or(foreground)))
                .collect();
            for (at, &(role, colour)) in found.iter().enumerate() {
                let (one, other) = (luminance(colour) + 0.05, luminance(background) + 0.05);
                let contrast = one.max(other) / one.min(other);
                assert!(contrast >= 4.5, "{role:?} is hard to read: {contrast}");
                for &(second, against) in &found[at + 1..] {
                    for by in [&NORMAL, &PROTANOPIA, &DEUTERANOPIA] {
                        let apart = distance(seen(colour, by), seen(against, by));
                        assert!(apart > 0.08, "{role:?} and {second:?} look alike: {apart}");
                    }
                }
            }
        }
    }
}
