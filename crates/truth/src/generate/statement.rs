//! Statements, but for loops and what is done to buffers.

use super::maker::{Buffer, Maker, Place, Production};
use super::{buffer, difficult, helper, local, loops};
use crate::tree::{Kind, Node, block, def, name, node, text};

const STATEMENTS: &[Production] = &[
    (4, |m| {
        let value = m.float();
        let new = m.fresh("t");
        m.scope.floats.push(Place::variable(&new));
        let holes = vec![def(&new), value.into()];
        Some(node(Kind::Stmt, "", "let mut @: $ = @;", holes))
    }),
    (6, |m| {
        let target = m.mutable_float()?;
        let operator = m.either(&["=", "+=", "+=", "-=", "*="]);
        let holes = vec![target.hole(), operator, m.float().into()];
        Some(node(Kind::Stmt, "", "@ @ @;", holes))
    }),
    (4, |m| {
        m.with("in place")?;
        let buffer = m.writable()?;
        let value = m.float();
        let operator = m.one(&["=", "=", "+=", "*=", "-="])?;
        Some(m.assignment("in place", &buffer, operator, value))
    }),
    (3, |m| {
        let holes = vec![m.condition().into(), m.block(2).into()];
        Some(node(Kind::Stmt, "if", "if @ {@ }", holes))
    }),
    (2, |m| {
        let holes = vec![m.condition().into(), m.block(2).into(), m.block(2).into()];
        Some(node(
            Kind::Stmt,
            "if and else",
            "if @ {@ } else {@ }",
            holes,
        ))
    }),
    (2, |m| {
        m.with("option")?;
        let options = m.scope.options.clone();
        let (option, inner) = (m.one(&options)?, m.fresh("v"));
        let body = m.scoped(|m| {
            m.bind(&inner);
            m.block(2)
        });
        let holes = vec![def(&inner), name(&option), body.into()];
        Some(node(Kind::Stmt, "if let", "if let Some(@) = @ {@ }", holes))
    }),
    (1, |m| {
        m.with("option")?;
        let options = m.scope.options.clone();
        let option = m.one(&options)?;
        let holes = vec![name(&option), m.float().into()];
        let template = m.one(&["@ = Some(@);", "@.replace(@);", "@.get_or_insert(@);"])?;
        Some(node(Kind::Stmt, "assigned Option", template, holes))
    }),
    (1, |m| {
        let int = m.int()?;
        let holes = vec![
            int.hole(),
            m.block(1).into(),
            m.block(1).into(),
            m.block(1).into(),
        ];
        let template = "match @ % 3 { 0 => {@ } 1 => {@ } _ => {@ } }";
        Some(node(Kind::Stmt, "match on an integer", template, holes))
    }),
    (4, |m| {
        m.with("continue")?;
        let target = m.target(|one| one.continues)?;
        let holes = vec![m.condition().into(), name(&target)];
        let template = "if @ { continue @; }";
        Some(node(Kind::Stmt, "continue", template, holes))
    }),
    (3, |m| {
        m.with("break")?;
        let target = m.target(|_| true)?;
        let holes = vec![m.condition().into(), name(&target)];
        Some(node(Kind::Stmt, "break", "if @ { break @; }", holes))
    }),
    (1, |m| {
        m.with("return")?;
        if m.scope.stays {
            return None;
        }
        let holes = vec![m.condition().into(), m.float().into()];
        Some(node(Kind::Stmt, "return", "if @ { return @; }", holes))
    }),
    (2, |m| {
        m.with("tuple")?;
        let (a, b) = (m.mutable_float()?, m.mutable_float()?);
        if a.root == b.root {
            return None;
        }
        let holes = vec![a.hole(), b.hole(), b.hole(), m.float().into()];
        let template = "(@, @) = (@, @);";
        Some(node(Kind::Stmt, "assignment of a tuple", template, holes))
    }),
    (1, |m| {
        m.with("swap")?;
        let (a, b) = (m.mutable_float()?, m.mutable_float()?);
        if a.root == b.root {
            return None;
        }
        let template = "std::mem::swap(&mut @, &mut @);";
        Some(node(
            Kind::Stmt,
            "swap of floats",
            template,
            vec![a.hole(), b.hole()],
        ))
    }),
    (1, |m| {
        m.with("closure")?;
        let (target, closure, argument) = (m.mutable_float()?, m.fresh("c"), m.fresh("e"));
        let inner = m.closure(&[&argument], |m| {
            m.scope.floats.retain(|one| one.root != target.root);
            m.scope.ints.retain(|one| one.root != target.root);
            m.scope.buffers.retain(|one| one.place.root != target.root);
            m.float()
        });
        let holes = vec![
            def(&closure),
            def(&argument),
            target.hole(),
            inner.into(),
            name(&closure),
            m.constant().into(),
            name(&closure),
            m.constant().into(),
        ];
        let template = "let mut @ = |@: $| { @ += @; }; @(@); @(@);";
        Some(node(Kind::Stmt, "closure that changes", template, holes))
    }),
    (3, local::declaration),
    (2, local::local_buffer),
    (12, loops::any),
    (9, buffer::change),
    (3, helper::call_statement),
    (4, difficult::statement),
];

impl Maker {
    /// Any statement.
    pub fn statement(&mut self) -> Option<Node> {
        self.fuel -= 1;
        if self.fuel < -20 {
            return None;
        }
        self.choose(STATEMENTS)
    }

    /// Some statements with a scope of their own.
    pub fn block(&mut self, most: usize) -> Node {
        self.scoped(|m| {
            let count = 1 + m.rng.usize(..most);
            block((0..count).filter_map(|_| m.statement()).collect())
        })
    }

    /// The label of a loop around this place: most often the inner one.
    fn target(&mut self, fits: impl Fn(&super::maker::Loop) -> bool) -> Option<String> {
        let fitting = self.scope.loops.iter().filter(|one| fits(one));
        let mut fitting: Vec<String> = fitting.map(|one| one.label.clone()).collect();
        if self.with("labels").is_none() || self.chance(60) {
            // The inner one, if that fits.
            let inner = self.scope.loops.last()?.label.clone();
            fitting.retain(|one| *one == inner);
        }
        self.one(&fitting)
    }

    /// A value goes into an element. What both need of the buffer is computed before, where Rust wants that.
    pub fn assignment(
        &mut self,
        feature: &'static str,
        buffer: &Buffer,
        operator: &str,
        value: Node,
    ) -> Node {
        let (early, index) = self.early_index(buffer);
        self.assignment_at(feature, buffer, (early, index), operator, value)
    }

    /// The same at a known index.
    pub fn assignment_at(
        &mut self,
        feature: &'static str,
        buffer: &Buffer,
        (early, index): (Option<Node>, Node),
        operator: &str,
        value: Node,
    ) -> Node {
        let (before, value) = if operator != "=" && value.uses(&buffer.place.root) {
            let new = self.fresh("t");
            let holes = vec![def(&new), value.into()];
            let before = node(Kind::Other, "", "let @: $ = @; ", holes);
            (Some(before), Place::fixed(&new).node(Kind::Float))
        } else {
            (None, value)
        };
        let holes = vec![
            early.into(),
            before.into(),
            buffer.hole(),
            index.into(),
            text(operator),
            value.into(),
        ];
        node(Kind::Stmt, feature, "@@@[@] @ @;", holes)
    }
}
