//! What productions share: random choices, names, and what is in scope.

use std::collections::BTreeSet;

use fastrand::Rng;

use crate::program::literal;
use crate::tree::{Hole, Kind, Node, Part, def, integer, node};

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
    /// How deep helpers that are made for helpers nest here.
    pub helping: usize,
    /// What this function does without, so that a fault of one production does not hide those of others.
    without: BTreeSet<&'static str>,
}

/// Groups of productions, and how many functions in a hundred have them.
const GROUPS: [(&str, u32); 33] = [
    ("guard", 35),
    ("kink", 45),
    ("powers", 30),
    ("branch", 60),
    ("continue", 45),
    ("break", 40),
    ("return", 25),
    ("labels", 35),
    ("while", 45),
    ("reversed", 45),
    ("in place", 55),
    ("neighbour", 35),
    ("swap", 35),
    ("swap buffers", 20),
    ("copy within", 15),
    ("vec", 55),
    ("grow", 30),
    ("rows", 20),
    ("sort", 15),
    ("helper", 50),
    ("recursion", 20),
    ("closure", 35),
    ("iterator", 75),
    ("option", 35),
    ("result", 20),
    ("enum", 25),
    ("struct", 30),
    ("tuple", 30),
    ("table", 20),
    ("index arithmetic", 50),
    ("dynamic", 5),
    ("collections", 3),
    ("difficult", 0),
];

/// The names that can be used at one place.
#[derive(Clone, Default)]
pub struct Scope {
    pub floats: Vec<Place>,
    /// Small integers.
    pub ints: Vec<Place>,
    pub buffers: Vec<Buffer>,
    pub indices: Vec<Index>,
    pub loops: Vec<Loop>,
    /// Vectors of vectors.
    pub rows: Vec<String>,
    pub options: Vec<String>,
    /// Closures of one float.
    pub closures: Vec<String>,
    /// `&Form`
    pub forms: Vec<String>,
    /// Statements may not leave the function here: what it returns is no float, or this is a closure.
    pub stays: bool,
    /// How deep loops are nested here.
    pub depth: usize,
}

/// A variable, or a field of one.
#[derive(Clone)]
pub struct Place {
    pub root: String,
    pub path: &'static str,
    pub writable: bool,
}

impl Place {
    pub fn fixed(root: &str) -> Place {
        Place {
            root: root.to_owned(),
            path: "",
            writable: false,
        }
    }

    pub fn variable(root: &str) -> Place {
        Place {
            writable: true,
            ..Place::fixed(root)
        }
    }

    pub fn node(&self, kind: Kind) -> Node {
        let mut parts = vec![Part::Use(self.root.clone())];
        if !self.path.is_empty() {
            parts.push(Part::Text(self.path.to_owned()));
        }
        Node {
            feature: "",
            kind,
            parts,
        }
    }

    /// For a hole that only this fits.
    pub fn hole(&self) -> Hole {
        self.node(Kind::Other).into()
    }
}

/// Numbers behind an index.
#[derive(Clone)]
pub struct Buffer {
    pub place: Place,
    /// How many there are, if that is fixed.
    pub len: Option<usize>,
    /// A `Vec`, which can become longer.
    pub growable: bool,
}

impl Buffer {
    pub fn hole(&self) -> Hole {
        self.place.hole()
    }

    pub fn is(&self, other: &Buffer) -> bool {
        self.place.root == other.place.root && self.place.path == other.place.path
    }
}

/// An integer that is an index of a buffer, and so are those beside it.
#[derive(Clone)]
pub struct Index {
    pub name: String,
    pub buffer: Buffer,
    /// So many before it are indices, too.
    pub before: usize,
    pub after: usize,
}

/// A loop that can be left.
#[derive(Clone)]
pub struct Loop {
    pub label: String,
    /// It may also be continued: what counts its iterations comes before everything else.
    pub continues: bool,
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
            helping: 0,
            without: BTreeSet::new(),
        }
    }

    /// Decides what this function does without.
    pub fn swarm(&mut self, difficult: bool) {
        for (group, share) in GROUPS {
            let share = match group {
                "difficult" if difficult => 100,
                "guard" if difficult => 60,
                _ => share,
            };
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

    /// One of some texts.
    pub fn either(&mut self, of: &[&'static str]) -> Hole {
        Hole::Text(of[self.rng.usize(..of.len())].to_owned())
    }

    /// A number from a range, both ends included.
    pub fn between(&mut self, least: usize, most: usize) -> Hole {
        integer(self.rng.usize(least..=most))
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

    /// A float that exists in the rest of the scope.
    pub fn bind(&mut self, name: &str) {
        self.scope.floats.push(Place::fixed(name));
    }

    /// An expression in which some floats exist that do not outside. Nothing can be left from there.
    pub fn closure(&mut self, floats: &[&String], make: impl FnOnce(&mut Maker) -> Node) -> Node {
        self.scoped(|m| {
            m.scope.stays = true;
            m.scope.loops.clear();
            for float in floats {
                m.bind(float);
            }
            make(m)
        })
    }

    /// A buffer is borrowed, and cannot be written for the rest of the scope.
    pub fn borrow(&mut self, buffer: &Buffer) {
        for one in &mut self.scope.buffers {
            one.place.writable &= !one.is(buffer) && one.place.root != buffer.place.root;
        }
    }

    /// A buffer is borrowed to be written, and cannot be used for the rest of the scope.
    pub fn borrow_mut(&mut self, buffer: &Buffer) {
        let root = &buffer.place.root;
        self.scope.buffers.retain(|one| one.place.root != *root);
        self.scope.floats.retain(|one| one.root != *root);
        self.scope.ints.retain(|one| one.root != *root);
        self.scope
            .indices
            .retain(|one| one.buffer.place.root != *root);
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

    /// A float that can be assigned.
    pub fn mutable_float(&mut self) -> Option<Place> {
        let floats = self.scope.floats.iter().filter(|one| one.writable);
        let floats: Vec<Place> = floats.cloned().collect();
        self.one(&floats)
    }

    /// An integer in scope.
    pub fn int(&mut self) -> Option<Place> {
        let ints = self.scope.ints.clone();
        self.one(&ints)
    }

    pub fn buffer(&mut self, choose: impl Fn(&Buffer) -> bool) -> Option<Buffer> {
        let buffers = self.scope.buffers.iter().filter(|one| choose(one));
        let buffers: Vec<Buffer> = buffers.cloned().collect();
        self.one(&buffers)
    }

    pub fn writable(&mut self) -> Option<Buffer> {
        self.buffer(|one| one.place.writable)
    }

    /// An index of a buffer that is most often within its bounds.
    pub fn index(&mut self, buffer: &Buffer) -> Node {
        let known = self.scope.indices.iter();
        let known: Vec<Index> = known.filter(|one| one.buffer.is(buffer)).cloned().collect();
        if let Some(index) = self.one(&known)
            && self.chance(75)
        {
            let variable = Place::fixed(&index.name);
            return match self.rng.usize(..4) {
                0 if index.after > 0 => {
                    let holes = vec![variable.hole(), self.between(1, index.after)];
                    node(Kind::Int, "next", "@ + @", holes)
                }
                1 if index.before > 0 => {
                    let holes = vec![variable.hole(), self.between(1, index.before)];
                    node(Kind::Int, "previous", "@ - @", holes)
                }
                _ => variable.node(Kind::Int),
            };
        }
        if let Some(int) = self.int()
            && self.with("index arithmetic").is_some()
            && self.chance(70)
        {
            let position = self.arithmetic(&int);
            let len = match buffer.len {
                Some(len) => integer(len),
                None => node(Kind::Other, "", "@.len()", vec![buffer.hole()]).into(),
            };
            let holes = vec![position.into(), len];
            return node(Kind::Int, "index arithmetic", "(@) % @", holes);
        }
        match buffer.len {
            None if self.chance(15) => node(Kind::Int, "", "@.len() - 1", vec![buffer.hole()]),
            len => {
                let within = self.rng.usize(..len.unwrap_or(3).min(8));
                node(Kind::Int, "", "@", vec![integer(within)])
            }
        }
    }

    /// Something computed from an integer.
    fn arithmetic(&mut self, int: &Place) -> Node {
        let other = self.int().unwrap_or_else(|| int.clone());
        match self.rng.usize(..5) {
            0 => {
                let holes = vec![int.hole(), self.between(1, 3)];
                node(Kind::Int, "", "@ + @", holes)
            }
            1 => node(Kind::Int, "", "@ * @ + 1", vec![int.hole(), other.hole()]),
            2 => node(Kind::Int, "", "@ + @", vec![int.hole(), other.hole()]),
            3 => {
                let value = self.leaf();
                let holes = vec![value.into(), int.hole()];
                let template = "‹((@).abs() * `3.0`)› + @";
                node(Kind::Int, "index from a float", template, holes)
            }
            _ => {
                let holes = vec![int.hole(), self.between(2, 3), self.between(0, 3)];
                node(Kind::Int, "", "@ * @ + @", holes)
            }
        }
    }

    /// An index that does not read the buffer, which is about to be borrowed, and the statement before that.
    pub fn early_index(&mut self, buffer: &Buffer) -> (Option<Node>, Node) {
        let index = self.index(buffer);
        if !index.uses(&buffer.place.root) {
            return (None, index);
        }
        let early = self.fresh("k");
        let holes = vec![def(&early), index.into()];
        let before = node(Kind::Other, "", "let @: usize = @; ", holes);
        (Some(before), Place::fixed(&early).node(Kind::Int))
    }

    /// An element of a buffer.
    pub fn element(&mut self, buffer: &Buffer) -> Node {
        let index = self.index(buffer);
        let holes = vec![buffer.hole(), index.into()];
        node(Kind::Float, "", "@[@]", holes)
    }
}
