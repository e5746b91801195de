//! What is made to be difficult for a check by differences: poles, steep edges, fine wiggles, wide scales, and paths
//! that ordinary points do not take.

use super::maker::{Maker, Place};
use crate::tree::{Kind, Node, def, name, node};

/// A float that is difficult.
pub fn float(m: &mut Maker) -> Option<Node> {
    m.with("difficult")?;
    let value = m.fresh("r");
    let inner = m.leaf();
    let (feature, template) = m.one(&[
        ("steep", "({ let @: $ = @; (@.abs() + `0.0001`).ln() })"),
        ("steep", "({ let @: $ = @; (@ * `200.0`).tanh() })"),
        ("steep", "({ let @: $ = @; (@ * @ + `0.000001`).sqrt() })"),
        ("pole", "({ let @: $ = @; `0.01` / (@ * @ + `0.0001`) })"),
        ("pole", "({ let @: $ = @; `1.0` / (@ - `0.31`) })"),
        ("pole", "({ let @: $ = @; (@ * `1.57`).tan() })"),
        ("wiggle", "({ let @: $ = @; @.floor() * `0.5` + (@ * `100000000.0`).sin() * `0.00000001` })"),
        ("wiggle", "({ let @: $ = @; @ + (@ * `10000.0`).sin() * `0.0001` })"),
        ("wide scale", "({ let @: $ = @; @ * `1000000000.0` })"),
        ("wide scale", "({ let @: $ = @; @ * `0.0000001` })"),
        ("wide scale", "({ let @: $ = @; (@ * `8.0`).exp() })"),
        ("path for zero", "({ let @: $ = @; if @ == `0.0` { `0.25` } else { @.sin() } })"),
        ("path for zero", "({ let @: $ = @ * @; if @ > `0.000001` { @.ln() * @ } else { @ } })"),
        ("path for zero", "({ let @: $ = @; if @.abs() < `0.001` { `1.0` - @ * @ / `6.0` } else { @.sin() / @ } })"),
        ("rare path", "({ let @: $ = @; if @ > `3.0` { @.ln() } else { @ } })"),
        ("rare path", "({ let @: $ = @; if @ < `-2.0` { `0.0` } else { (@ + `2.0`).sqrt() } })"),
        ("narrow guard", "({ let @: $ = @; if @.abs() < `0.02` { @ } else { @.abs().ln() } })"),
        ("edge", "(@ + `0.3`).sqrt()"),
        ("edge", "(@ + `0.5`).ln()"),
    ])?;
    let count = template.matches('@').count();
    let holes = match feature {
        "edge" => vec![inner.into()],
        _ if template.contains("= @ * @;") => {
            let mut holes = vec![def(&value), inner.clone().into(), inner.into()];
            holes.extend((3..count).map(|_| name(&value)));
            holes
        }
        _ => {
            let mut holes = vec![def(&value), inner.into()];
            holes.extend((2..count).map(|_| name(&value)));
            holes
        }
    };
    Some(node(Kind::Float, feature, template, holes))
}

/// A statement that only some points run.
pub fn statement(m: &mut Maker) -> Option<Node> {
    m.with("difficult")?;
    match m.rng.usize(..3) {
        0 => {
            let buffer = m.buffer(|one| one.len.is_none())?;
            let holes = vec![buffer.hole(), m.between(4, 7), m.block(2).into()];
            let template = "if @.len() > @ {@ }";
            Some(node(Kind::Stmt, "path for a length", template, holes))
        }
        1 => {
            let holes = vec![m.leaf().into(), m.block(2).into()];
            let template = "if @ > `2.5` {@ }";
            Some(node(Kind::Stmt, "rare path", template, holes))
        }
        _ => {
            let buffer = m.buffer(|_| true)?;
            let target = m.mutable_float()?;
            if target.root == buffer.place.root {
                return None;
            }
            let element = m.fresh("v");
            let inner = m.scoped(|m| {
                m.scope.floats.push(Place::fixed(&element));
                m.leaf()
            });
            let holes = vec![
                def(&element),
                buffer.hole(),
                name(&element),
                target.hole(),
                inner.into(),
            ];
            let template = "for &@ in @.iter() { if @ == `0.0` { continue; } @ += @; }";
            Some(node(Kind::Stmt, "path for zero", template, holes))
        }
    }
}
