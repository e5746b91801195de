//! Statements.

use super::maker::{Buffer, Index, Loop, Maker, Production};
use crate::program::variable;
use crate::tree::{Kind, Node, block, def, integer, name, node, text};

const STATEMENTS: &[Production] = &[
    (4, |m| {
        let value = m.float();
        let new = m.fresh("t");
        m.scope.floats.push((new.clone(), true));
        let holes = vec![def(&new), value.into()];
        Some(node(Kind::Stmt, "", "let mut @: $ = @;", holes))
    }),
    (5, |m| {
        let target = m.mutable_float()?;
        let value = m.float();
        let operator = m.one(&["=", "+=", "+=", "-=", "*="])?;
        let holes = vec![name(&target), text(operator), value.into()];
        Some(node(Kind::Stmt, "", "@ @ @;", holes))
    }),
    (5, |m| {
        m.with("in place")?;
        let buffer = m.buffer(|one| one.writable)?;
        let value = m.float();
        let operator = m.one(&["=", "=", "+=", "*=", "-="])?;
        Some(m.assignment("in place", &buffer, operator, value))
    }),
    (3, |m| {
        let condition = m.condition();
        let body = m.block(2);
        let holes = vec![condition.into(), body.into()];
        Some(node(Kind::Stmt, "if", "if @ {@ }", holes))
    }),
    (2, |m| {
        m.with("continue")?;
        let target = m.scope.loops.last()?.label.clone();
        let condition = m.condition();
        let holes = vec![condition.into(), name(&target)];
        Some(node(Kind::Stmt, "continue", "if @ { continue @; }", holes))
    }),
    (1, |m| {
        m.with("break")?;
        let target = m.scope.loops.last()?.label.clone();
        let condition = m.condition();
        let holes = vec![condition.into(), name(&target)];
        Some(node(Kind::Stmt, "break", "if @ { break @; }", holes))
    }),
    (6, index_loop),
    (3, element_loop),
    (2, |m| {
        m.with("swap")?;
        let buffer = m.buffer(|one| one.writable)?;
        let (before_a, a) = m.early_index(&buffer);
        let (before_b, b) = m.early_index(&buffer);
        let holes = vec![
            before_a.into(),
            before_b.into(),
            name(&buffer.name),
            a.into(),
            b.into(),
        ];
        Some(node(Kind::Stmt, "swap", "@@@.swap(@, @);", holes))
    }),
];

fn index_loop(m: &mut Maker) -> Option<Node> {
    if m.scope.depth >= 2 {
        return None;
    }
    let buffer = m.buffer(|_| true)?;
    let (index, label) = (m.fresh("i"), m.fresh("'l"));
    let reversed = m.with("reversed loop").is_some();
    let (range, before, after) = m.one(&[
        ("0..@.len()", 0, 0),
        ("1..@.len()", 1, 0),
        ("0..@.len().saturating_sub(1)", 0, 1),
        ("(0..@.len()).rev()", 0, 0),
        ("(1..@.len()).rev()", 1, 0),
    ])?;
    if range.contains("rev") && !reversed {
        return None;
    }
    let body = m.scoped(|m| {
        m.scope.depth += 1;
        m.scope.ints.push(index.clone());
        m.scope.indices.push(Index {
            name: index.clone(),
            buffer: buffer.name.clone(),
            before,
            after,
        });
        m.scope.loops.push(Loop {
            label: label.clone(),
        });
        m.block(3)
    });
    let feature = if range.contains("rev") {
        "reversed loop"
    } else {
        "loop"
    };
    let range = node(Kind::Other, feature, range, vec![name(&buffer.name)]);
    let holes = vec![def(&label), def(&index), range.into(), body.into()];
    Some(node(Kind::Stmt, "", "@: for @ in @ {@ }", holes))
}

fn element_loop(m: &mut Maker) -> Option<Node> {
    if m.scope.depth >= 2 {
        return None;
    }
    let buffer = m.buffer(|_| true)?;
    let (element, label) = (m.fresh("v"), m.fresh("'l"));
    let body = m.scoped(|m| {
        m.scope.depth += 1;
        m.scope.floats.push((element.clone(), false));
        for one in &mut m.scope.buffers {
            one.writable &= one.name != buffer.name;
        }
        m.scope.loops.push(Loop {
            label: label.clone(),
        });
        m.block(3)
    });
    let holes = vec![def(&label), def(&element), name(&buffer.name), body.into()];
    Some(node(Kind::Stmt, "", "@: for &@ in @.iter() {@ }", holes))
}

/// A buffer of the function's own.
pub fn local_buffer(m: &mut Maker) -> Option<Node> {
    let new = m.fresh("b");
    let source = m.buffer(|_| true);
    let (made, len, growable) = match source {
        Some(source) if m.with("vec").is_some() && source.len.is_none() => {
            let holes = vec![def(&new), name(&source.name)];
            let copy = node(Kind::Stmt, "vec", "let mut @: Vec<$> = @.to_vec();", holes);
            (copy, None, true)
        }
        _ => {
            let len = [3, 4, 4, 8][m.rng.usize(..4)];
            let value = m.leaf();
            let holes = vec![def(&new), integer(len), value.into(), integer(len)];
            let array = node(Kind::Stmt, "array", "let mut @: [$; @] = [@; @];", holes);
            (array, Some(len), false)
        }
    };
    m.scope.buffers.push(Buffer {
        name: new,
        len,
        writable: true,
        growable,
    });
    Some(made)
}

impl Maker {
    /// Any statement.
    pub fn statement(&mut self) -> Option<Node> {
        self.fuel -= 1;
        self.choose(STATEMENTS)
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
        let (before, value) = if operator != "=" && value.uses(&buffer.name) {
            let new = self.fresh("t");
            let holes = vec![def(&new), value.into()];
            let before = node(Kind::Other, "", "let @: $ = @; ", holes);
            (Some(before), variable(Kind::Float, &new))
        } else {
            (None, value)
        };
        let holes = vec![
            early.into(),
            before.into(),
            name(&buffer.name),
            index.into(),
            text(operator),
            value.into(),
        ];
        node(Kind::Stmt, feature, "@@@[@] @ @;", holes)
    }

    /// Some statements with a scope of their own.
    pub fn block(&mut self, most: usize) -> Node {
        self.scoped(|m| {
            let count = 1 + m.rng.usize(..most);
            block((0..count).filter_map(|_| m.statement()).collect())
        })
    }
}
