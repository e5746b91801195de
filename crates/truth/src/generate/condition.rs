//! Conditions.

use super::maker::{Maker, Production};
use crate::tree::{Kind, Node, def, node};

const CONDITIONS: &[Production] = &[
    (10, |m| {
        let (a, b) = (m.leaf(), m.threshold());
        let operator = m.either(&[">", "<", ">=", "<="]);
        let holes = vec![a.into(), operator, b.into()];
        Some(node(Kind::Cond, "", "@ @ @", holes))
    }),
    (3, |m| {
        let holes = vec![m.leaf().into(), m.either(&[">", "<"]), m.leaf().into()];
        Some(node(Kind::Cond, "", "@ @ @", holes))
    }),
    (3, |m| {
        let int = m.int()?;
        let holes = vec![int.hole(), m.between(2, 3), m.between(0, 1)];
        Some(node(Kind::Cond, "", "@ % @ == @", holes))
    }),
    (2, |m| {
        let int = m.int()?;
        let holes = vec![int.hole(), m.either(&[">", "<", "!="]), m.between(0, 3)];
        Some(node(Kind::Cond, "", "@ @ @", holes))
    }),
    (1, |m| {
        let buffer = m.buffer(|one| one.len.is_none())?;
        let holes = vec![buffer.hole(), m.either(&[">", "<"]), m.between(1, 6)];
        Some(node(
            Kind::Cond,
            "condition on a length",
            "@.len() @ @",
            holes,
        ))
    }),
    (2, |m| {
        let (a, b) = (m.simple_condition(), m.simple_condition());
        let operator = m.either(&["&&", "||"]);
        let holes = vec![a.into(), operator, b.into()];
        Some(node(Kind::Cond, "two conditions", "(@ @ @)", holes))
    }),
    (1, |m| {
        let inner = m.simple_condition();
        Some(node(Kind::Cond, "", "!(@)", vec![inner.into()]))
    }),
    (1, |m| {
        m.with("iterator")?;
        let buffer = m.buffer(|_| true)?;
        let element = m.fresh("e");
        let holes = vec![
            buffer.hole(),
            m.either(&["any", "all"]),
            def(&element),
            crate::tree::name(&element),
            m.threshold().into(),
        ];
        let template = "@.iter().@(|&@| @ > @)";
        Some(node(Kind::Cond, "any or all", template, holes))
    }),
];

impl Maker {
    /// Any condition.
    pub fn condition(&mut self) -> Node {
        match self.choose(CONDITIONS) {
            Some(node) => node,
            None => self.simple_condition(),
        }
    }

    /// A comparison of something with a number.
    pub fn simple_condition(&mut self) -> Node {
        let (a, b) = (self.leaf(), self.threshold());
        let operator = self.either(&[">", "<"]);
        node(Kind::Cond, "", "@ @ @", vec![a.into(), operator, b.into()])
    }
}
