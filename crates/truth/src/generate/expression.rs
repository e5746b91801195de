//! Expressions that are floats, and conditions.

use super::maker::{Maker, Production};
use crate::tree::{Kind, Node, def, integer, name, node, text};

const LEAVES: &[Production] = &[
    (6, Maker::float_variable),
    (6, |m| {
        let buffer = m.buffer(|_| true)?;
        Some(m.element(&buffer))
    }),
    (2, |m| Some(m.constant())),
    (1, |m| {
        let ints = m.scope.ints.clone();
        let int = m.one(&ints)?;
        Some(node(Kind::Float, "", "«@»", vec![name(&int)]))
    }),
];

const FLOATS: &[Production] = &[
    (12, |m| {
        let (a, b) = (m.float(), m.float());
        let operator = m.one(&["+", "-", "*", "*"])?;
        let holes = vec![a.into(), text(operator), b.into()];
        Some(node(Kind::Float, "", "(@ @ @)", holes))
    }),
    (3, |m| {
        let (a, c) = (m.float(), m.constant());
        Some(node(Kind::Float, "", "(@ * @)", vec![a.into(), c.into()]))
    }),
    (8, |m| {
        let a = m.float();
        let function = m.one(&["sin", "cos", "tanh", "atan", "sin"])?;
        let holes = vec![a.into(), text(function)];
        Some(node(Kind::Float, "", "(@).@()", holes))
    }),
    (2, |m| {
        let (a, n) = (m.float(), 2 + m.rng.usize(..2));
        let holes = vec![a.into(), integer(n)];
        Some(node(Kind::Float, "", "(@).powi(@)", holes))
    }),
    (6, guarded),
    (3, |m| {
        m.with("branch")?;
        let condition = m.condition();
        let (a, b) = (m.float(), m.float());
        let holes = vec![condition.into(), a.into(), b.into()];
        Some(parenthesised(node(
            Kind::Float,
            "branch",
            "if @ { @ } else { @ }",
            holes,
        )))
    }),
    (4, |m| {
        let buffer = m.buffer(|_| true)?;
        let element = m.fresh("e");
        let inner = m.scoped(|m| {
            m.scope.in_closure = true;
            m.scope.floats.push((element.clone(), false));
            m.float()
        });
        let holes = vec![name(&buffer.name), def(&element), inner.into()];
        let template = "@.iter().map(|&@| @).sum::<$>()";
        Some(node(Kind::Float, "iterator sum", template, holes))
    }),
];

fn parenthesised(inner: Node) -> Node {
    node(Kind::Float, "", "(@)", vec![inner.into()])
}

/// A function with a pole or an edge, where a condition keeps away from it.
fn guarded(m: &mut Maker) -> Option<Node> {
    m.with("guard")?;
    let value = m.fresh("r");
    let inner = m.float();
    let (condition, good) = m.one(&[
        ("@ > `0.02`", "@.ln() * @"),
        ("@ > `0.02`", "@.ln()"),
        ("@ > `0.0`", "@.sqrt()"),
        ("@ > `0.1`", "`1.0` / @"),
        ("@ > `0.05`", "@.powf(`1.5`)"),
        ("@.abs() < `0.95`", "@.asin()"),
    ])?;
    let condition = fill(Kind::Cond, condition, &value);
    let good = fill(Kind::Float, good, &value);
    let other = m.scoped(|m| {
        m.scope.floats.push((value.clone(), false));
        m.leaf()
    });
    let holes = vec![
        def(&value),
        inner.into(),
        condition.into(),
        good.into(),
        other.into(),
    ];
    let template = "{ let @: $ = @; if @ { @ } else { @ } }";
    Some(parenthesised(node(Kind::Float, "guard", template, holes)))
}

/// A template with one name in all of its holes.
fn fill(kind: Kind, template: &str, variable: &str) -> Node {
    let count = template.matches('@').count();
    let holes = (0..count).map(|_| name(variable)).collect();
    node(kind, "", template, holes)
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

    /// A comparison of something with a number.
    pub fn condition(&mut self) -> Node {
        let (a, b) = (self.leaf(), self.threshold());
        let operator = self.one(&[">", "<", ">=", "<="]).unwrap_or(">");
        let holes = vec![a.into(), text(operator), b.into()];
        node(Kind::Cond, "", "@ @ @", holes)
    }
}
