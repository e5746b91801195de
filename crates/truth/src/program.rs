//! A generated function with all that it needs.

use std::collections::BTreeSet;

use crate::parameter::{Parameter, Shape};
use crate::print::{self, Number};
use crate::tree::{Hole, Kind, Node, Part, def, node, text};

/// One function, and the helpers and types beside it.
#[derive(Clone, Debug)]
pub struct Program {
    pub parameters: Vec<Parameter>,
    /// Types and helpers; those that nothing uses are not printed.
    pub items: Vec<Node>,
    /// Statements, and then the result.
    pub body: Node,
}

impl Program {
    /// The module `m`, in which the function is called `name`.
    pub fn source(&self, function: &str, number: Number) -> String {
        let mut out = String::new();
        for item in self.used_items() {
            out += &print::source(item, number);
            out.push('\n');
        }
        out += &print::source(&self.main(function), number);
        out.push('\n');
        out
    }

    fn main(&self, function: &str) -> Node {
        let mut template = String::new();
        let mut holes = vec![text(function)];
        for (at, parameter) in self.parameters.iter().enumerate() {
            if at > 0 {
                template += ", ";
            }
            template += "mut "
                .repeat(usize::from(is_by_value(parameter.shape)))
                .as_str();
            template += &format!("@: {}", parameter.shape.ty());
            holes.push(def(&parameter.name));
        }
        holes.push(self.body.clone().into());
        let template = format!("#[inline(never)]\npub fn @({template}) -> $ {{@\n}}");
        node(Kind::Other, "", &template, holes)
    }

    /// The items that the function needs, those that they need included.
    fn used_items(&self) -> Vec<&Node> {
        let mut used: BTreeSet<&str> = BTreeSet::new();
        let mut defined = BTreeSet::new();
        self.body.names(&mut defined, &mut used);
        used.extend(self.parameters.iter().filter_map(|one| one.shape.item()));
        let mut kept = vec![false; self.items.len()];
        loop {
            let mut changed = false;
            for (at, item) in self.items.iter().enumerate() {
                let mut defined = BTreeSet::new();
                let mut needed = BTreeSet::new();
                item.names(&mut defined, &mut needed);
                if !kept[at] && own_name(item).is_some_and(|name| used.contains(name)) {
                    kept[at] = true;
                    changed = true;
                    used.extend(needed);
                }
            }
            if !changed {
                break;
            }
        }
        let items = self.items.iter().zip(kept);
        items
            .filter(|(_, kept)| *kept)
            .map(|(item, _)| item)
            .collect()
    }

    /// Whether every name that is used is introduced somewhere.
    pub fn is_closed(&self) -> bool {
        let (mut defined, mut used) = (BTreeSet::new(), BTreeSet::new());
        self.body.names(&mut defined, &mut used);
        for item in self.used_items() {
            item.names(&mut defined, &mut used);
        }
        defined.extend(self.parameters.iter().map(|one| one.name.as_str()));
        used.is_subset(&defined)
    }

    /// The productions in what is printed.
    pub fn features(&self) -> BTreeSet<&'static str> {
        let mut found = BTreeSet::new();
        self.body.features(&mut found);
        for item in self.used_items() {
            item.features(&mut found);
        }
        found
    }

    /// The literals in what is printed.
    pub fn literals(&self) -> Vec<f64> {
        let mut found = Vec::new();
        self.body.literals(&mut found);
        for item in self.used_items() {
            item.literals(&mut found);
        }
        found.sort_by(f64::total_cmp);
        found.dedup();
        found
    }

    /// Nodes in what is printed.
    pub fn size(&self) -> usize {
        let items = self.used_items();
        self.body.size() + items.iter().map(|item| item.size()).sum::<usize>()
    }
}

/// A parameter that the function may change for itself.
fn is_by_value(shape: Shape) -> bool {
    matches!(shape, Shape::Scalar | Shape::ModelValue | Shape::Pair)
}

/// The name that an item introduces first.
fn own_name(item: &Node) -> Option<&str> {
    item.parts.iter().find_map(|part| match part {
        Part::Def(name) => Some(name.as_str()),
        _ => None,
    })
}

/// A literal, as an expression.
pub fn literal(value: f64) -> Node {
    node(Kind::Float, "", "@", vec![Hole::Literal(value)])
}
