//! Functions with a pole, an edge of what they are defined on, or a kink, and conditions that keep away from there.

use super::maker::{Maker, Place};
use crate::tree::{Hole, Kind, Node, def, name, node};

/// A condition on a number, and what can be computed of it then.
const GUARDS: [(&str, &str); 14] = [
    ("@ > `0.02`", "@.ln() * @"),
    ("@ > `0.02`", "@.ln()"),
    ("@ > `0.0`", "@.sqrt()"),
    ("@ > `0.1`", "`1.0` / @"),
    ("@.abs() > `0.1`", "`0.1` / @"),
    ("@ > `0.05`", "@.powf(`1.5`)"),
    ("@ > `0.05`", "@.powf(-`0.5`)"),
    ("@.abs() < `0.95`", "@.asin()"),
    ("@.abs() < `0.9`", "@.acos()"),
    ("@ >= `0.1`", "@.powf(@)"),
    ("@ != `0.0`", "@.sin() / @"),
    ("@ > -`0.9`", "@.ln_1p()"),
    ("@ > `0.0` && @ < `20.0`", "@.exp().ln_1p()"),
    ("@ > `0.01`", "@.log2()"),
];

/// A guarded function, in one of the ways that people guard.
pub fn guarded(m: &mut Maker) -> Option<Node> {
    m.with("guard")?;
    let value = m.fresh("r");
    let inner = m.float();
    let (condition, good) = m.one(&GUARDS)?;
    let other = m.scoped(|m| {
        m.bind(&value);
        m.leaf()
    });
    let way = m.rng.usize(..10);
    let (condition, good) = (
        fill(Kind::Cond, condition, &value),
        fill(Kind::Float, good, &value),
    );
    let (feature, template) = match way {
        0..=4 => ("guard", "({ let @: $ = @; if @ { @ } else { @ } })"),
        5 => {
            let template = "({ let @: $ = @; if @ { Some(@) } else { None }.unwrap_or(@) })";
            ("guard by an Option", template)
        }
        6 => (
            "guard by bool::then",
            "({ let @: $ = @; (@).then(|| @).unwrap_or(@) })",
        ),
        7 => (
            "guard by a match",
            "({ let @: $ = @; match @ { true => @, false => @ } })",
        ),
        _ => return helper(m, inner, condition, good, other, &value),
    };
    let holes = vec![
        def(&value),
        inner.into(),
        condition.into(),
        good.into(),
        other.into(),
    ];
    Some(node(Kind::Float, feature, template, holes))
}

/// The guard is in a function that returns an Option or a Result.
fn helper(
    m: &mut Maker,
    inner: Node,
    condition: Node,
    good: Node,
    other: Node,
    value: &str,
) -> Option<Node> {
    let helper = m.fresh("g");
    let is_option = m.chance(60);
    let template = match (is_option, m.chance(50)) {
        (true, true) => "fn @(@: $) -> Option<$> { if @ { Some(@) } else { None } }",
        (true, false) => "fn @(@: $) -> Option<$> { if !(@) { return None; } Some(@) }",
        (false, _) => "fn @(@: $) -> Result<$, usize> { if !(@) { return Err(7); } Ok(@) }",
    };
    let template = format!("{}{template}", inlining(m));
    let holes = vec![def(&helper), def(value), condition.into(), good.into()];
    let feature = if is_option {
        "guard in a helper that returns an Option"
    } else {
        "guard in a helper that returns a Result"
    };
    m.items.push(node(Kind::Item, feature, &template, holes));
    let outer = m.fresh("r");
    let template = m.one(&[
        "({ let @: $ = @; @(@).unwrap_or(@) })",
        "({ let @: $ = @; match @(@) { _OK(y) => y, _ => @ } })",
        "({ let @: $ = @; if let _OK(y) = @(@) { y * `0.5` } else { @ } })",
        "({ let @: $ = @; @(@).map_or(@, |y| y + `0.25`) })",
    ])?;
    let template = template.replace("_OK", if is_option { "Some" } else { "Ok" });
    let other = rename(other, value, &outer);
    let holes = vec![
        def(&outer),
        inner.into(),
        name(&helper),
        name(&outer),
        other.into(),
    ];
    Some(node(Kind::Float, "", &template, holes))
}

/// How much a helper is inlined.
pub fn inlining(m: &mut Maker) -> &'static str {
    m.one(&[
        "#[inline(never)]\n",
        "#[inline(never)]\n",
        "",
        "#[inline(always)]\n",
    ])
    .unwrap_or("")
}

fn rename(mut node: Node, from: &str, to: &str) -> Node {
    for part in &mut node.parts {
        match part {
            crate::tree::Part::Use(name) if name == from => to.clone_into(name),
            crate::tree::Part::Child(child) => *child = rename(child.clone(), from, to),
            _ => {}
        }
    }
    node
}

/// Functions that keep away from an edge without a condition, or have a kink.
pub fn kinked(m: &mut Maker) -> Option<Node> {
    m.with("kink")?;
    let (feature, template) = m.one(&[
        ("abs", "(@).abs()"),
        ("max", "(@).max(`0.1`)"),
        ("min", "(@).min(`0.5`)"),
        ("max", "(@).max(`0.0`)"),
        ("max", "(@).max(`0.1`).sqrt()"),
        ("max", "(@).max(`0.05`).ln()"),
        ("clamp", "(@).clamp(-`0.9`, `0.9`).asin()"),
        ("clamp", "(@).clamp(`0.0`, `1.0`)"),
        ("abs", "(`1.0` / ((@).abs() + `0.1`))"),
        ("abs", "((@).abs() + `0.01`).sqrt()"),
        ("signum", "((@).signum() * `0.7`)"),
        ("rounding", "((@) - (@).floor())"),
        ("max", "(@).max(@)"),
        ("min", "(@).min(@)"),
        ("copysign", "(`0.8`).copysign(@)"),
        ("hypot", "(@).hypot(`0.3`)"),
    ])?;
    let holes: Vec<Hole> = match template.matches('@').count() {
        2 if feature == "rounding" => {
            let value = m.leaf();
            vec![value.clone().into(), value.into()]
        }
        2 => vec![m.float().into(), m.float().into()],
        _ => vec![m.float().into()],
    };
    Some(node(Kind::Float, feature, template, holes))
}

/// Powers with exponents that are no constants, of what is positive.
pub fn powers(m: &mut Maker) -> Option<Node> {
    m.with("powers")?;
    let template = m.one(&[
        "((@).powi(2) + `0.2`).powf(@)",
        "((@).powi(2) + `0.1`).powf(`0.25` + (@).sin())",
        "((@).tanh() + `1.1`).powf((@).cos())",
    ])?;
    let holes = vec![m.float().into(), m.leaf().into()];
    Some(node(Kind::Float, "power", template, holes))
}

/// A template with one name in all of its holes.
fn fill(kind: Kind, template: &str, variable: &str) -> Node {
    let count = template.matches('@').count();
    let holes = (0..count)
        .map(|_| Place::fixed(variable).node(Kind::Float).into())
        .collect();
    node(kind, "", template, holes)
}
