//! Local variables that are no plain floats: structs, tuples, Options, closures, vectors of vectors, tables.

use super::maker::{Buffer, Maker, Place, Production};
use crate::tree::{Kind, Node, Part, def, integer, name, node};

/// A float from what is in scope of these.
pub fn leaf(m: &mut Maker) -> Option<Node> {
    m.choose(&[
        (2, |m| {
            let closures = m.scope.closures.clone();
            let closure = m.one(&closures)?;
            let argument = m.constant();
            let holes = vec![name(&closure), argument.into()];
            Some(node(Kind::Float, "", "@(@)", holes))
        }),
        (2, |m| {
            let rows = m.scope.rows.clone();
            let (rows, int) = (m.one(&rows)?, m.int()?);
            let holes = vec![name(&rows), int.hole(), name(&rows), m.between(0, 1)];
            Some(node(Kind::Float, "", "@[@ % @.len()][@]", holes))
        }),
        (1, |m| {
            let options = m.scope.options.clone();
            let option = m.one(&options)?;
            let other = m.constant();
            let holes = vec![name(&option), other.into()];
            Some(node(Kind::Float, "", "@.unwrap_or(@)", holes))
        }),
        (1, table),
    ])
}

/// A float from an Option or a closure in scope.
pub fn option(m: &mut Maker) -> Option<Node> {
    m.choose(&[
        (2, |m| {
            let options = m.scope.options.clone();
            let (option, element) = (m.one(&options)?, m.fresh("e"));
            let inner = m.closure(&[&element], Maker::float);
            let holes = vec![name(&option), m.leaf().into(), def(&element), inner.into()];
            Some(node(Kind::Float, "map_or", "@.map_or(@, |@| @)", holes))
        }),
        (1, |m| {
            let options = m.scope.options.clone();
            let (option, element) = (m.one(&options)?, m.fresh("e"));
            let inner = m.closure(&[&element], Maker::simple_condition);
            let holes = vec![name(&option), def(&element), inner.into(), m.leaf().into()];
            let template = "@.filter(|&@| @).unwrap_or(@)";
            Some(node(Kind::Float, "filter of an Option", template, holes))
        }),
        (3, |m| {
            let closures = m.scope.closures.clone();
            let closure = m.one(&closures)?;
            let argument = m.float();
            let holes = vec![name(&closure), argument.into()];
            Some(node(Kind::Float, "", "@(@)", holes))
        }),
    ])
}

/// An element of a constant table.
fn table(m: &mut Maker) -> Option<Node> {
    m.with("table")?;
    let int = m.int()?;
    let table = m.fresh("T");
    let template = m.one(&[
        "const @: [$; 4] = [`0.3`, `-0.7`, `1.1`, `0.2`];",
        "static @: [$; 4] = [`1.0`, `2.0`, `-1.0`, `0.5`];",
    ])?;
    m.items
        .push(node(Kind::Item, "table", template, vec![def(&table)]));
    let holes = vec![name(&table), int.hole()];
    Some(node(Kind::Float, "", "@[@ % 4]", holes))
}

/// A declaration of a local variable.
pub fn declaration(m: &mut Maker) -> Option<Node> {
    m.choose(DECLARATIONS)
}

const DECLARATIONS: &[Production] = &[
    (3, |m| {
        m.with("tuple")?;
        let (a, b) = (m.fresh("t"), m.fresh("t"));
        let holes = vec![def(&a), def(&b), m.float().into(), m.float().into()];
        m.scope.floats.push(Place::variable(&a));
        m.scope.floats.push(Place::variable(&b));
        let template = "let (mut @, mut @): ($, $) = (@, @);";
        Some(node(Kind::Stmt, "tuple", template, holes))
    }),
    (3, |m| {
        m.with("struct")?;
        let new = m.fresh("p");
        let pair = m.float();
        let holes = vec![
            def(&new),
            name("Pair"),
            name("Pair"),
            pair.into(),
            m.leaf().into(),
        ];
        for path in [".a", ".b"] {
            m.scope.floats.push(Place {
                root: new.clone(),
                path,
                writable: true,
            });
        }
        let template = "let mut @: @ = @ { a: @, b: @ };";
        Some(node(Kind::Stmt, "local struct", template, holes))
    }),
    (2, |m| {
        m.with("struct")?;
        let new = m.fresh("p");
        let holes = vec![
            def(&new),
            name("Model"),
            name("Model"),
            m.leaf().into(),
            m.float().into(),
            m.leaf().into(),
            m.between(1, 4),
            m.leaf().into(),
        ];
        model(m, &new, true);
        let template = "let mut @: @ = @ { a: @, c: [@, @, `0.4`], n: @, b: @ };";
        Some(node(Kind::Stmt, "local struct", template, holes))
    }),
    (4, |m| {
        m.with("option")?;
        let new = m.fresh("o");
        let holes = vec![def(&new), m.condition().into(), m.float().into()];
        m.scope.options.push(new);
        let template = "let mut @: Option<$> = if @ { Some(@) } else { None };";
        Some(node(Kind::Stmt, "local Option", template, holes))
    }),
    (2, |m| {
        m.with("option")?;
        let (new, buffer) = (m.fresh("o"), m.buffer(|_| true)?);
        let access = m.either(&[
            "first()",
            "last()",
            "get(1)",
            "get(4)",
            "iter().rev().nth(1)",
        ]);
        let holes = vec![def(&new), buffer.hole(), access];
        m.scope.options.push(new);
        let template = "let mut @: Option<$> = @.@.copied();";
        Some(node(Kind::Stmt, "local Option", template, holes))
    }),
    (3, |m| {
        m.with("closure")?;
        let (new, argument) = (m.fresh("c"), m.fresh("e"));
        // What it captures could not be changed as long as it is there.
        let inner = m.scoped(|m| {
            m.scope.stays = true;
            m.scope.loops.clear();
            m.scope.floats.retain(|one| !one.writable);
            m.scope.buffers.retain(|one| !one.place.writable);
            m.scope.options.clear();
            m.scope.rows.clear();
            m.bind(&argument);
            m.inner_float()
        });
        let holes = vec![def(&new), def(&argument), inner.into()];
        m.scope.closures.push(new);
        let template = "let @ = |@: $| -> $ { @ };";
        Some(node(Kind::Stmt, "closure", template, holes))
    }),
    (3, |m| {
        m.with("rows")?;
        let new = m.fresh("m");
        let (index, element) = (m.fresh("i"), m.fresh("e"));
        let way = m.rng.usize(..3);
        let inner = m.closure(&[&element], |m| {
            if way < 2 {
                m.scope.ints.push(Place::fixed(&index));
            }
            m.float()
        });
        let made = match way {
            0 => {
                let holes = vec![
                    def(&new),
                    m.between(2, 3),
                    def(&index),
                    def(&element),
                    inner.into(),
                ];
                let template = "let mut @: Vec<Vec<$>> = (0..@).map(|@| [`0.3`, -`0.6`].iter().map(|&@| @).collect()).collect();";
                node(Kind::Stmt, "vec of vec", template, holes)
            }
            1 => {
                let buffer = m.buffer(|_| true)?;
                let holes = vec![
                    def(&new),
                    def(&index),
                    m.between(2, 3),
                    name(&new),
                    buffer.hole(),
                    def(&element),
                    inner.into(),
                ];
                let template = "let mut @: Vec<Vec<$>> = Vec::new(); for @ in 0..@ { @.push(@.iter().map(|&@| @).collect()); }";
                node(Kind::Stmt, "vec of vec", template, holes)
            }
            _ => {
                let buffer = m.buffer(|_| true)?;
                let holes = vec![
                    def(&new),
                    buffer.hole(),
                    def(&element),
                    inner.into(),
                    m.between(2, 4),
                ];
                let template = "let mut @: Vec<Vec<$>> = @.iter().map(|&@| vec![@; @]).collect();";
                node(Kind::Stmt, "vec of vec", template, holes)
            }
        };
        m.scope.rows.push(new);
        Some(made)
    }),
    (2, |m| {
        m.with("rows")?;
        let new = m.fresh("b");
        let holes = vec![def(&new), m.leaf().into()];
        for path in ["[0]", "[1]", "[2]"] {
            m.scope.buffers.push(Buffer {
                place: Place {
                    root: new.clone(),
                    path,
                    writable: true,
                },
                len: Some(3),
                growable: false,
            });
        }
        let template = "let mut @: [[$; 3]; 3] = [[@; 3]; 3];";
        Some(node(Kind::Stmt, "array of arrays", template, holes))
    }),
    (1, |m| {
        m.with("dynamic")?;
        let new = m.fresh("c");
        let condition = m.simple_condition();
        let holes = vec![def(&new), condition.into(), m.constant().into()];
        m.scope.closures.push(new);
        let template =
            "let @: &dyn Fn($) -> $ = if @ { &|q: $| q.sin() * @ } else { &|q: $| q * q };";
        Some(node(Kind::Stmt, "dynamic closure", template, holes))
    }),
    (2, |m| {
        m.with("collections")?;
        let (new, buffer) = (m.fresh("d"), m.buffer(|_| true)?);
        let target = m.mutable_float()?;
        let (feature, template) = m.one(&[
            (
                "deque",
                "let mut @: std::collections::VecDeque<$> = @.iter().copied().collect(); while let Some(q) = @.pop_front() { @ += q * q; }",
            ),
            (
                "map",
                "let @: std::collections::BTreeMap<usize, $> = @.iter().copied().enumerate().collect(); for q in @.values() { @ += q * q; }",
            ),
        ])?;
        let holes = vec![def(&new), buffer.hole(), name(&new), target.hole()];
        Some(node(Kind::Stmt, feature, template, holes))
    }),
];

/// The fields of a `Model` come into scope.
pub fn model(m: &mut Maker, root: &str, writable: bool) {
    for path in [".a", ".b"] {
        m.scope.floats.push(Place {
            root: root.to_owned(),
            path,
            writable,
        });
    }
    m.scope.ints.push(Place {
        root: root.to_owned(),
        path: ".n",
        writable: false,
    });
    m.scope.buffers.push(Buffer {
        place: Place {
            root: root.to_owned(),
            path: ".c",
            writable,
        },
        len: Some(3),
        growable: false,
    });
}

/// A buffer of the function's own.
pub fn local_buffer(m: &mut Maker) -> Option<Node> {
    let new = m.fresh("b");
    let source = m.buffer(|_| true);
    let (made, len, growable) = match source {
        Some(source) if m.with("vec").is_some() && m.chance(70) => vector(m, &new, &source),
        _ => {
            let len = [3, 4, 4, 8][m.rng.usize(..4)];
            let holes = vec![def(&new), integer(len), m.leaf().into(), integer(len)];
            let array = node(Kind::Stmt, "array", "let mut @: [$; @] = [@; @];", holes);
            (array, Some(len), false)
        }
    };
    m.scope.buffers.push(Buffer {
        place: Place::variable(&new),
        len,
        growable,
    });
    Some(made)
}

fn vector(m: &mut Maker, new: &str, source: &Buffer) -> (Node, Option<usize>, bool) {
    let holes = vec![def(new), source.hole()];
    let made = match m.rng.usize(..6) {
        0..=2 => {
            let template = "let mut @: Vec<$> = @.to_vec();";
            node(Kind::Stmt, "vec", template, holes)
        }
        3 => {
            let element = m.fresh("e");
            let inner = m.closure(&[&element], Maker::inner_float);
            let holes = vec![def(new), source.hole(), def(&element), inner.into()];
            let template = "let mut @: Vec<$> = @.iter().map(|&@| @).collect();";
            node(Kind::Stmt, "collected vec", template, holes)
        }
        4 => {
            let holes = vec![def(new), m.leaf().into(), source.hole()];
            let template = "let mut @: Vec<$> = vec![@; @.len()];";
            node(Kind::Stmt, "vec of equal elements", template, holes)
        }
        _ => {
            let element = m.fresh("v");
            let inner = m.closure(&[&element], Maker::float);
            let condition = m.closure(&[&element], Maker::simple_condition);
            let push = m.with("grow").is_some();
            let holes = vec![
                def(new),
                m.either(&["Vec::new()", "Vec::with_capacity(4)"]),
                def(&element),
                source.hole(),
                if push { condition } else { always() }.into(),
                name(new),
                inner.into(),
            ];
            let template = "let mut @: Vec<$> = @; for &@ in @.iter() { if @ { @.push(@); } }";
            node(Kind::Stmt, "pushed vec", template, holes)
        }
    };
    (made, None, true)
}

fn always() -> Node {
    Node {
        feature: "",
        kind: Kind::Cond,
        parts: vec![Part::Text("true".to_owned())],
    }
}
