//! The tree of a generated function: text with holes, in which every name, literal and type is known as such.
//!
//! One tree is printed for two types of numbers, and a failure is reduced on it.

use std::collections::BTreeSet;

/// What a node stands for. A node may replace another of its kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// An expression that is a float.
    Float,
    /// An expression that is a `usize`.
    Int,
    /// An expression that is a `bool`.
    Cond,
    Stmt,
    /// Statements, one after the other.
    Block,
    /// A function, a type or a constant beside the function.
    Item,
    /// What nothing can replace: an iterator, a pattern, a list of arguments.
    Other,
}

/// A production that was applied, and what stands in its holes.
#[derive(Clone, Debug)]
pub struct Node {
    /// The name of the production, which failures are grouped by. Empty if it says nothing.
    pub feature: &'static str,
    pub kind: Kind,
    pub parts: Vec<Part>,
}

#[derive(Clone, Debug)]
pub enum Part {
    Text(String),
    /// Introduces a name.
    Def(String),
    Use(String),
    Literal(f64),
    /// The type of numbers.
    Float,
    /// An integer becomes a number: the text between these two.
    CastOpen,
    CastClose,
    /// A number becomes an integer.
    IntOpen,
    IntClose,
    Child(Node),
}

/// What fills a hole of a template.
pub enum Hole {
    Node(Node),
    Def(String),
    Use(String),
    Text(String),
    Literal(f64),
    Nothing,
}

impl From<Option<Node>> for Hole {
    fn from(node: Option<Node>) -> Hole {
        node.map_or(Hole::Nothing, Hole::Node)
    }
}

impl From<Node> for Hole {
    fn from(node: Node) -> Hole {
        Hole::Node(node)
    }
}

/// A name that the template introduces.
pub fn def(name: &str) -> Hole {
    Hole::Def(name.to_owned())
}

/// A name that the template uses.
pub fn name(name: &str) -> Hole {
    Hole::Use(name.to_owned())
}

/// A number that is no float: an index, a length.
pub fn integer(value: usize) -> Hole {
    Hole::Text(value.to_string())
}

/// Text that is chosen at random: an operator, a method.
pub fn text(text: &str) -> Hole {
    Hole::Text(text.to_owned())
}

/// A node from a template. `@` is the next hole, `$` the type of numbers, `` `0.5` `` a literal of it, `«…»` an
/// integer as a number, and `‹…›` a number as an integer.
pub fn node(kind: Kind, feature: &'static str, template: &str, holes: Vec<Hole>) -> Node {
    let mut holes = holes.into_iter();
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut characters = template.chars();
    while let Some(character) = characters.next() {
        let part = match character {
            '@' => match holes.next() {
                Some(Hole::Node(node)) => Part::Child(node),
                Some(Hole::Def(name)) => Part::Def(name),
                Some(Hole::Use(name)) => Part::Use(name),
                Some(Hole::Literal(value)) => Part::Literal(value),
                Some(Hole::Text(text)) => Part::Text(text),
                Some(Hole::Nothing) => continue,
                None => panic!("too few holes for {template}"),
            },
            '$' => Part::Float,
            '`' => {
                let literal: String = characters.by_ref().take_while(|&one| one != '`').collect();
                Part::Literal(literal.parse().expect("a literal"))
            }
            '«' => Part::CastOpen,
            '»' => Part::CastClose,
            '‹' => Part::IntOpen,
            '›' => Part::IntClose,
            other => {
                plain.push(other);
                continue;
            }
        };
        if !plain.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut plain)));
        }
        parts.push(part);
    }
    if !plain.is_empty() {
        parts.push(Part::Text(plain));
    }
    assert!(holes.next().is_none(), "too many holes for {template}");
    Node {
        feature,
        kind,
        parts,
    }
}

/// Statements as one node.
pub fn block(statements: Vec<Node>) -> Node {
    Node {
        feature: "",
        kind: Kind::Block,
        parts: statements.into_iter().map(Part::Child).collect(),
    }
}

impl Node {
    /// The nodes in its holes.
    pub fn children(&self) -> impl Iterator<Item = &Node> {
        self.parts.iter().filter_map(|part| match part {
            Part::Child(node) => Some(node),
            _ => None,
        })
    }

    /// Nodes in it, itself included.
    pub fn size(&self) -> usize {
        1 + self.children().map(Node::size).sum::<usize>()
    }

    /// The productions in it.
    pub fn features(&self, found: &mut BTreeSet<&'static str>) {
        if !self.feature.is_empty() {
            found.insert(self.feature);
        }
        for child in self.children() {
            child.features(found);
        }
    }

    /// The names that it introduces and those that it uses.
    pub fn names<'a>(&'a self, defined: &mut BTreeSet<&'a str>, used: &mut BTreeSet<&'a str>) {
        for part in &self.parts {
            match part {
                Part::Def(name) => _ = defined.insert(name),
                Part::Use(name) => _ = used.insert(name),
                Part::Child(node) => node.names(defined, used),
                _ => {}
            }
        }
    }

    /// Whether it uses a name.
    pub fn uses(&self, wanted: &str) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Use(name) => name == wanted,
            Part::Child(node) => node.uses(wanted),
            _ => false,
        })
    }

    /// The literals in it.
    pub fn literals(&self, found: &mut Vec<f64>) {
        for part in &self.parts {
            match part {
                Part::Literal(value) => found.push(*value),
                Part::Child(node) => node.literals(found),
                _ => {}
            }
        }
    }
}
