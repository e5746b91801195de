//! Expressions that are floats.

use super::guard::{guarded, kinked, powers};
use super::maker::{Maker, Production};
use super::{difficult, enumeration, helper, iterator, local};
use crate::tree::{Kind, Node, def, node};

const LEAVES: &[Production] = &[
    (7, |m| {
        let floats = m.scope.floats.clone();
        Some(m.one(&floats)?.node(Kind::Float))
    }),
    (6, |m| {
        let buffer = m.buffer(|_| true)?;
        Some(m.element(&buffer))
    }),
    (2, |m| Some(m.constant())),
    (1, |m| {
        let int = m.int()?;
        Some(node(Kind::Float, "", "«@»", vec![int.hole()]))
    }),
    (3, local::leaf),
];

const FLOATS: &[Production] = &[
    (12, |m| {
        let (a, b) = (m.float(), m.float());
        let holes = vec![a.into(), m.either(&["+", "-", "*", "*"]), b.into()];
        Some(node(Kind::Float, "", "(@ @ @)", holes))
    }),
    (3, |m| {
        let (a, c) = (m.float(), m.constant());
        Some(node(Kind::Float, "", "(@ * @)", vec![a.into(), c.into()]))
    }),
    (9, |m| {
        let a = m.float();
        let function = m.either(&["sin", "cos", "tanh", "atan", "sin"]);
        let holes = vec![a.into(), function];
        Some(node(Kind::Float, "", "(@).@()", holes))
    }),
    (5, smooth),
    (2, |m| {
        let holes = vec![m.float().into(), m.between(2, 4)];
        Some(node(Kind::Float, "", "(@).powi(@)", holes))
    }),
    (2, |m| {
        let (a, b) = (m.float(), m.float());
        let template = "(@ / (`1.0` + (@).powi(2)))";
        Some(node(
            Kind::Float,
            "division",
            template,
            vec![a.into(), b.into()],
        ))
    }),
    (6, guarded),
    (4, kinked),
    (2, powers),
    (3, |m| {
        m.with("branch")?;
        let holes = vec![m.condition().into(), m.float().into(), m.float().into()];
        let template = "(if @ { @ } else { @ })";
        Some(node(Kind::Float, "branch", template, holes))
    }),
    (2, |m| {
        m.with("branch")?;
        let int = m.int()?;
        let holes = vec![
            int.hole(),
            m.float().into(),
            m.float().into(),
            m.float().into(),
        ];
        let template = "(match @ % 3 { 0 => @, 1 => @, _ => @ })";
        Some(node(Kind::Float, "match on an integer", template, holes))
    }),
    (2, |m| {
        let name = m.fresh("u");
        let value = m.float();
        let inner = m.scoped(|m| {
            m.bind(&name);
            m.float()
        });
        let holes = vec![def(&name), value.into(), inner.into()];
        Some(node(Kind::Float, "", "({ let @: $ = @; @ })", holes))
    }),
    (1, |m| {
        m.with("index arithmetic")?;
        let int = m.int()?;
        let holes = vec![
            m.float().into(),
            m.float().into(),
            m.float().into(),
            int.hole(),
        ];
        let template = "[@, @, @][@ % 3]";
        Some(node(Kind::Float, "array that is indexed", template, holes))
    }),
    (9, iterator::reduction),
    (6, helper::call),
    (3, local::option),
    (3, enumeration::match_form),
    (6, difficult::float),
];

/// A function without an edge, for any number.
fn smooth(m: &mut Maker) -> Option<Node> {
    let template = m.one(&[
        "((@).powi(2) + `0.3`).sqrt()",
        "((@).powi(2) + `0.5`).ln()",
        "(-(@).powi(2)).exp()",
        "(@).sin().exp()",
        "(`1.0` / (`1.0` + (-(@).tanh()).exp()))",
        "((@).sin() * `0.9`).asin()",
        "(@).tanh().sinh()",
        "((@).cos() + `1.5`).ln()",
        "(@).atan().tan()",
        "(@).atan2(`1.5`)",
        "((@).tanh() + `1.2`).cbrt()",
        "(@).sin().exp_m1()",
        "((@).powi(2)).ln_1p()",
        "((@).sin() + `2.0`).recip()",
        "(@).mul_add(`0.5`, `0.25`)",
    ])?;
    let inner = m.float();
    Some(node(
        Kind::Float,
        "smooth function",
        template,
        vec![inner.into()],
    ))
}

impl Maker {
    /// A variable, an element, or a constant.
    pub fn leaf(&mut self) -> Node {
        match self.choose(LEAVES) {
            Some(node) => node,
            None => self.constant(),
        }
    }

    /// Any expression that is a float.
    pub fn float(&mut self) -> Node {
        self.fuel -= 1;
        if self.fuel <= 0 || self.nesting >= 3 || self.chance(30) {
            return self.leaf();
        }
        self.nesting += 1;
        let made = self.choose(FLOATS);
        self.nesting -= 1;
        made.unwrap_or_else(|| self.leaf())
    }

    /// An expression that is a float, and no leaf where that is possible.
    pub fn inner_float(&mut self) -> Node {
        self.nesting += 1;
        let made = if self.nesting > 3 {
            None
        } else {
            self.choose(FLOATS)
        };
        self.nesting -= 1;
        made.unwrap_or_else(|| self.leaf())
    }
}
