//! The smaller trees that are one step away from a tree.

use crate::parameter::Shape;
use crate::program::{Program, literal};
use crate::tree::{Kind, Node, Part};

/// Programs that are a little smaller, the smallest first. Every name in them is introduced.
pub fn programs(program: &Program) -> Vec<Program> {
    let mut found = Vec::new();
    for body in nodes(&program.body) {
        found.push(Program {
            body,
            ..program.clone()
        });
    }
    for (at, item) in program.items.iter().enumerate() {
        for smaller in nodes(item) {
            let mut one = program.clone();
            one.items[at] = smaller;
            found.push(one);
        }
    }
    for (at, parameter) in program.parameters.iter().enumerate() {
        if program.parameters.len() > 1 {
            let mut one = program.clone();
            one.parameters.remove(at);
            found.push(one);
        }
        if parameter.shape == Shape::SliceMut {
            let mut one = program.clone();
            one.parameters[at].shape = Shape::Slice;
            found.push(one);
        }
    }
    found.retain(Program::is_closed);
    found.sort_by_key(Program::size);
    found
}

/// The trees that are one step smaller.
fn nodes(node: &Node) -> Vec<Node> {
    let mut found = Vec::new();
    if node.kind == Kind::Block {
        blocks(node, &mut found);
    }
    if matches!(node.kind, Kind::Float | Kind::Int | Kind::Cond) {
        let mut inner = Vec::new();
        nearest(node, node.kind, &mut inner);
        found.extend(inner.into_iter().cloned());
        let is_leaf = node.children().next().is_none();
        if node.kind == Kind::Float && !is_leaf {
            found.push(literal(0.5));
        }
    }
    for (at, part) in node.parts.iter().enumerate() {
        if let Part::Child(child) = part {
            for smaller in nodes(child) {
                let mut one = node.clone();
                one.parts[at] = Part::Child(smaller);
                found.push(one);
            }
        }
    }
    found
}

/// Leaves out statements, or puts what is in one in its place.
fn blocks(node: &Node, found: &mut Vec<Node>) {
    let count = node.parts.len();
    let mut without = |from: usize, to: usize| {
        let mut one = node.clone();
        one.parts.drain(from..to);
        found.push(one);
    };
    if count > 3 {
        without(0, count / 2);
        without(count / 2, count);
    }
    for at in 0..count {
        without(at, at + 1);
    }
    for (at, statement) in node.children().enumerate() {
        let mut inner = Vec::new();
        nearest(statement, Kind::Block, &mut inner);
        for block in inner {
            let mut one = node.clone();
            one.parts.splice(at..=at, block.parts.iter().cloned());
            found.push(one);
        }
    }
}

/// The nodes of a kind below a node that are in no other of that kind.
fn nearest<'a>(node: &'a Node, kind: Kind, found: &mut Vec<&'a Node>) {
    for child in node.children() {
        if child.kind == kind {
            found.push(child);
        } else {
            nearest(child, kind, found);
        }
    }
}
