//! What productions share: random choices, names, and what is in scope.

use std::collections::BTreeSet;

use fastrand::Rng;

use crate::program::{literal, variable};
use crate::tree::{Kind, Node, def, integer, name, node};

/// Makes one function.
pub struct Maker {
    pub rng: Rng,
    pub scope: Scope,
    /// Helpers and types beside the function.
    pub items: Vec<Node>,
    names: usize,
    /// Nodes that may still be made. Productions end soon when it is used up.
    pub fuel: i32,
    /// How deep expressions nest here.
    pub nesting: usize,
    /// What this function does without, so that a fault of one production does not hide those of others.
    without: BTreeSet<&'static str>,
}

/// Groups of productions, and how many functions in a hundred have them.
const GROUPS: [(&str, u32); 8] = [
    ("guard", 35),
    ("continue", 50),
    ("break", 50),
    ("in place", 60),
    ("swap", 40),
    ("vec", 50),
    ("reversed loop", 50),
    ("branch", 60),
];

/// The names that can be used at one place.
#[derive(Clone, Default)]
pub struct Scope {
    /// Floats, and whether they can be assigned.
    pub floats: Vec<(String, bool)>,
    /// Small integers.
    pub ints: Vec<String>,
    pub buffers: Vec<Buffer>,
    pub indices: Vec<Index>,
    pub loops: Vec<Loop>,
    /// Whether statements may leave the place: not so in closures.
    pub in_closure: bool,
    /// How deep loops are nested here.
    pub depth: usize,
}

/// Numbers behind an index.
#[derive(Clone)]
pub struct Buffer {
    pub name: String,
    /// How many there are, if that is fixed.
    pub len: Option<usize>,
    pub writable: bool,
    pub growable: bool,
}

/// An integer that is an index of a buffer, and so are those beside it.
#[derive(Clone)]
pub struct Index {
    pub name: String,
    pub buffer: String,
    /// So many before it are indices, too.
    pub before: usize,
    pub after: usize,
}

/// A loop that can be left or continued.
#[derive(Clone)]
pub struct Loop {
    pub label: String,
}

/// A production, and how often it is tried beside others.
pub type Production = (u32, fn(&mut Maker) -> Option<Node>);

impl Maker {
    pub fn new(rng: Rng, fuel: i32) -> Maker {
        Maker {
            rng,
            scope: Scope::default(),
            items: Vec::new(),
            names: 0,
            fuel,
            nesting: 0,
            without: BTreeSet::new(),
        }
    }

    /// Decides what this function does without.
    pub fn swarm(&mut self) {
        for (group, share) in GROUPS {
            if !self.chance(share) {
                self.without.insert(group);
            }
        }
    }

    /// Nothing, if this function does without the group.
    pub fn with(&self, group: &'static str) -> Option<()> {
        debug_assert!(GROUPS.iter().any(|one| one.0 == group), "{group}");
        (!self.without.contains(group)).then_some(())
    }

    /// A new name.
    pub fn fresh(&mut self, stem: &str) -> String {
        self.names += 1;
        format!("{stem}{}", self.names)
    }

    /// Whether something with this chance in a hundred happens.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.rng.u32(..100) < percent
    }

    /// One of them.
    pub fn one<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        (!of.is_empty()).then(|| of[self.rng.usize(..of.len())].clone())
    }

    /// What one of the productions makes.
    pub fn choose(&mut self, productions: &[Production]) -> Option<Node> {
        let total: u32 = productions.iter().map(|(weight, _)| weight).sum();
        for _ in 0..12 {
            let mut roll = self.rng.u32(..total);
            for (weight, production) in productions {
                if roll < *weight {
                    if let Some(node) = production(self) {
                        return Some(node);
                    }
                    break;
                }
                roll -= weight;
            }
        }
        None
    }

    /// Makes something with a scope of its own, which ends with it.
    pub fn scoped<T>(&mut self, make: impl FnOnce(&mut Maker) -> T) -> T {
        let outer = self.scope.clone();
        let made = make(self);
        self.scope = outer;
        made
    }

    /// A constant such as people write, positive.
    pub fn constant(&mut self) -> Node {
        const USUAL: [f64; 14] = [
            0.5, 0.25, 0.3, 0.1, 0.7, 1.5, 2.0, 1.0, 0.02, 0.9, 3.0, 1.2, 0.05, 0.6,
        ];
        let value = USUAL[self.rng.usize(..USUAL.len())];
        literal(value)
    }

    /// A number that conditions compare with.
    pub fn threshold(&mut self) -> Node {
        const USUAL: [f64; 9] = [0.0, 0.1, 0.2, 0.02, 0.5, -0.3, 0.05, -0.1, 1.0];
        let value = USUAL[self.rng.usize(..USUAL.len())];
        literal(value)
    }

    /// A float in scope.
    pub fn float_variable(&mut self) -> Option<Node> {
        let floats: Vec<String> = self.scope.floats.iter().map(|one| one.0.clone()).collect();
        let chosen = self.one(&floats)?;
        Some(variable(Kind::Float, &chosen))
    }

    /// A float that can be assigned.
    pub fn mutable_float(&mut self) -> Option<String> {
        let floats = self.scope.floats.iter().filter(|one| one.1);
        let floats: Vec<String> = floats.map(|one| one.0.clone()).collect();
        self.one(&floats)
    }

    pub fn buffer(&mut self, choose: impl Fn(&Buffer) -> bool) -> Option<Buffer> {
        let buffers = self.scope.buffers.iter().filter(|one| choose(one));
        let buffers: Vec<Buffer> = buffers.cloned().collect();
        self.one(&buffers)
    }

    /// An index of a buffer that is most often within its bounds.
    pub fn index(&mut self, buffer: &Buffer) -> Node {
        let known = self.scope.indices.iter();
        let known: Vec<Index> = known
            .filter(|one| one.buffer == buffer.name)
            .cloned()
            .collect();
        if let Some(index) = self.one(&known)
            && self.chance(80)
        {
            let variable = name(&index.name);
            return match self.rng.usize(..4) {
                0 if index.after > 0 => {
                    let by = 1 + self.rng.usize(..index.after);
                    node(Kind::Int, "next", "@ + @", vec![variable, integer(by)])
                }
                1 if index.before > 0 => {
                    let by = 1 + self.rng.usize(..index.before);
                    node(Kind::Int, "previous", "@ - @", vec![variable, integer(by)])
                }
                _ => node(Kind::Int, "", "@", vec![variable]),
            };
        }
        let ints = self.scope.ints.clone();
        if let Some(int) = self.one(&ints)
            && self.chance(70)
        {
            let (by, shift) = (1 + self.rng.usize(..3), self.rng.usize(..4));
            let holes = vec![name(&int), integer(by), integer(shift)];
            let position = node(Kind::Int, "", "@ * @ + @", holes);
            return match buffer.len {
                Some(len) => {
                    let holes = vec![position.into(), integer(len)];
                    node(Kind::Int, "index arithmetic", "(@) % @", holes)
                }
                None => {
                    let holes = vec![position.into(), name(&buffer.name)];
                    node(Kind::Int, "index arithmetic", "(@) % @.len()", holes)
                }
            };
        }
        match buffer.len {
            None if self.chance(15) => node(Kind::Int, "", "@.len() - 1", vec![name(&buffer.name)]),
            len => {
                let within = self.rng.usize(..len.unwrap_or(3).min(8));
                node(Kind::Int, "", "@", vec![integer(within)])
            }
        }
    }

    /// An index that does not read the buffer, which is about to be borrowed, and the statement before that.
    pub fn early_index(&mut self, buffer: &Buffer) -> (Option<Node>, Node) {
        let index = self.index(buffer);
        if !index.uses(&buffer.name) {
            return (None, index);
        }
        let early = self.fresh("k");
        let holes = vec![def(&early), index.into()];
        let before = node(Kind::Other, "", "let @: usize = @; ", holes);
        (Some(before), variable(Kind::Int, &early))
    }

    /// An element of a buffer.
    pub fn element(&mut self, buffer: &Buffer) -> Node {
        let index = self.index(buffer);
        let holes = vec![name(&buffer.name), index.into()];
        node(Kind::Float, "", "@[@]", holes)
    }
}
