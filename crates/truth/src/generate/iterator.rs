//! Chains of iterators that end in a float.

use super::maker::{Buffer, Index, Maker, Production};
use crate::tree::{Kind, Node, def, name, node};

/// Any chain.
pub fn reduction(m: &mut Maker) -> Option<Node> {
    m.with("iterator")?;
    m.choose(CHAINS)
}

const CHAINS: &[Production] = &[
    (5, |m| {
        simple(m, "map and sum", "@.iter().map(|&@| @).sum::<$>()")
    }),
    (2, |m| {
        simple(m, "reversed", "@.iter().rev().map(|&@| @).sum::<$>()")
    }),
    (1, |m| {
        simple(m, "skip", "@.iter().skip(1).map(|&@| @).sum::<$>()")
    }),
    (1, |m| {
        simple(m, "step_by", "@.iter().step_by(2).map(|&@| @).sum::<$>()")
    }),
    (1, |m| {
        simple(m, "take", "@.iter().take(3).map(|&@| @).sum::<$>()")
    }),
    (1, |m| {
        simple(
            m,
            "flat_map",
            "@.iter().flat_map(|&@| [@, `0.3`]).sum::<$>()",
        )
    }),
    (1, |m| {
        simple(
            m,
            "product",
            "@.iter().map(|&@| (@).sin() + `1.1`).product::<$>()",
        )
    }),
    (1, |m| {
        simple(
            m,
            "max of a map",
            "@.iter().map(|&@| @).fold($::MIN, $::max)",
        )
    }),
    (1, |m| {
        simple(
            m,
            "collect",
            "@.iter().map(|&@| @).collect::<Vec<$>>().iter().map(|q| q * q).sum::<$>()",
        )
    }),
    (2, |m| {
        simple(
            m,
            "box",
            "@.iter().map(|&@| Box::new(@)).map(|q| *q).sum::<$>()",
        )
    }),
    (3, filter),
    (2, filter_map),
    (2, |m| conditional(m, "take_while", "take_while")),
    (1, |m| conditional(m, "skip_while", "skip_while")),
    (1, |m| conditional(m, "map_while", "map_while")),
    (5, fold),
    (2, fold_pair),
    (4, zip),
    (3, enumerate),
    (3, windows),
    (3, chunks),
    (2, scan),
    (2, extreme),
    (2, option_of_element),
    (1, position),
    (1, chain),
    (1, cycle),
    (2, range_map),
    (1, nested),
];

/// A buffer, an element, and a float made of the element.
fn simple(m: &mut Maker, feature: &'static str, template: &str) -> Option<Node> {
    let buffer = m.buffer(|_| true)?;
    let element = m.fresh("e");
    let inner = m.closure(&[&element], Maker::inner_float);
    let holes = vec![buffer.hole(), def(&element), inner.into()];
    Some(node(Kind::Float, feature, template, holes))
}

fn filter(m: &mut Maker) -> Option<Node> {
    let buffer = m.buffer(|_| true)?;
    let (element, other) = (m.fresh("e"), m.fresh("e"));
    let inner = m.closure(&[&other], Maker::float);
    let holes = vec![
        buffer.hole(),
        def(&element),
        name(&element),
        m.either(&[">", "<"]),
        m.threshold().into(),
        def(&other),
        inner.into(),
    ];
    let template = "@.iter().filter(|&&@| @ @ @).map(|&@| @).sum::<$>()";
    Some(node(Kind::Float, "filter", template, holes))
}

fn filter_map(m: &mut Maker) -> Option<Node> {
    let buffer = m.buffer(|_| true)?;
    let element = m.fresh("e");
    let inner = m.closure(&[&element], Maker::float);
    let condition = m.closure(&[&element], Maker::simple_condition);
    let holes = vec![buffer.hole(), def(&element), condition.into(), inner.into()];
    let template = "@.iter().filter_map(|&@| if @ { Some(@) } else { None }).sum::<$>()";
    Some(node(Kind::Float, "filter_map", template, holes))
}

fn conditional(m: &mut Maker, feature: &'static str, method: &str) -> Option<Node> {
    let buffer = m.buffer(|_| true)?;
    let element = m.fresh("e");
    let inner = m.closure(&[&element], Maker::float);
    if method == "map_while" {
        let condition = m.closure(&[&element], Maker::simple_condition);
        let holes = vec![buffer.hole(), def(&element), condition.into(), inner.into()];
        let template = "@.iter().map_while(|&@| (@).then(|| @)).sum::<$>()";
        return Some(node(Kind::Float, feature, template, holes));
    }
    let holes = vec![
        buffer.hole(),
        crate::tree::text(method),
        m.threshold().into(),
        def(&element),
        inner.into(),
    ];
    let template = "@.iter().@(|&&q| q > @).map(|&@| @).sum::<$>()";
    Some(node(Kind::Float, feature, template, holes))
}

fn fold(m: &mut Maker) -> Option<Node> {
    let buffer = m.buffer(|_| true)?;
    let (sum, element) = (m.fresh("a"), m.fresh("e"));
    let inner = m.closure(&[&sum, &element], Maker::inner_float);
    let start = m.leaf();
    let holes = vec![
        buffer.hole(),
        m.either(&["", "", ".rev()", ".skip(1)"]),
        start.into(),
        def(&sum),
        def(&element),
        inner.into(),
    ];
    let template = "@.iter()@.fold(@, |@, &@| @)";
    Some(node(Kind::Float, "fold", template, holes))
}

fn fold_pair(m: &mut Maker) -> Option<Node> {
    m.with("tuple")?;
    let buffer = m.buffer(|_| true)?;
    let (a, b, element) = (m.fresh("a"), m.fresh("a"), m.fresh("e"));
    let first = m.closure(&[&a, &b, &element], Maker::float);
    let second = m.closure(&[&a, &b, &element], Maker::float);
    let result = m.fresh("t");
    let holes = vec![
        def(&result),
        buffer.hole(),
        m.leaf().into(),
        def(&a),
        def(&b),
        def(&element),
        first.into(),
        second.into(),
        name(&result),
        name(&result),
    ];
    let template =
        "({ let @ = @.iter().fold((@, `0.5`), |(@, @), &@| (@, @)); @.0 - `0.5` * @.1 })";
    Some(node(Kind::Float, "fold of a pair", template, holes))
}

fn zip(m: &mut Maker) -> Option<Node> {
    let (one, other) = (m.buffer(|_| true)?, m.buffer(|_| true)?);
    let (a, b) = (m.fresh("e"), m.fresh("e"));
    let inner = m.closure(&[&a, &b], Maker::inner_float);
    let holes = vec![
        one.hole(),
        other.hole(),
        m.either(&["", "", ".skip(1)", ".rev()"]),
        def(&a),
        def(&b),
        inner.into(),
    ];
    let template = if m.chance(25) {
        "@.iter().zip(@.iter()@).map(|(@, @)| @).sum::<$>()"
    } else {
        "@.iter().zip(@.iter()@).map(|(&@, &@)| @).sum::<$>()"
    };
    Some(node(Kind::Float, "zip", template, holes))
}

fn enumerate(m: &mut Maker) -> Option<Node> {
    let buffer = m.buffer(|_| true)?;
    let (index, element) = (m.fresh("i"), m.fresh("e"));
    let inner = m.closure(&[&element], |m| {
        m.scope.ints.push(super::maker::Place::fixed(&index));
        m.scope.indices.push(Index {
            name: index.clone(),
            buffer: buffer.clone(),
            before: 0,
            after: 0,
        });
        m.inner_float()
    });
    let holes = vec![
        buffer.hole(),
        m.either(&["", "", ".rev()"]),
        def(&index),
        def(&element),
        inner.into(),
    ];
    let template = "@.iter().enumerate()@.map(|(@, &@)| @).sum::<$>()";
    Some(node(Kind::Float, "enumerate", template, holes))
}

/// Inside, a small slice with a fixed number of elements.
fn slices(m: &mut Maker, feature: &'static str, template: &str, len: usize) -> Option<Node> {
    let buffer = m.buffer(|_| true)?;
    let window = m.fresh("w");
    let inner = m.closure(&[], |m| {
        let inner = Buffer {
            place: super::maker::Place::fixed(&window),
            len: Some(len),
            growable: false,
        };
        let element = m.element(&inner);
        m.scope.buffers.push(inner);
        let other = m.inner_float();
        let holes = vec![element.into(), m.either(&["*", "-", "+"]), other.into()];
        node(Kind::Float, "", "@ @ @", holes)
    });
    let holes = vec![buffer.hole(), def(&window), inner.into()];
    Some(node(Kind::Float, feature, template, holes))
}

fn windows(m: &mut Maker) -> Option<Node> {
    if m.chance(70) {
        slices(m, "windows", "@.windows(2).map(|@| @).sum::<$>()", 2)
    } else {
        slices(m, "windows", "@.windows(3).map(|@| @).sum::<$>()", 3)
    }
}

fn chunks(m: &mut Maker) -> Option<Node> {
    match m.rng.usize(..4) {
        0 => slices(m, "chunks", "@.chunks_exact(2).map(|@| @).sum::<$>()", 2),
        1 => slices(m, "chunks", "@.chunks_exact(3).map(|@| @).sum::<$>()", 3),
        2 => slices(m, "chunks", "@.rchunks(2).map(|@| @).sum::<$>()", 1),
        _ => slices(m, "chunks", "@.chunks(3).map(|@| @).sum::<$>()", 1),
    }
}

fn scan(m: &mut Maker) -> Option<Node> {
    let buffer = m.buffer(|_| true)?;
    let (state, element) = (m.fresh("a"), m.fresh("e"));
    let inner = m.closure(&[&element], Maker::float);
    let holes = vec![
        buffer.hole(),
        m.leaf().into(),
        def(&state),
        def(&element),
        name(&state),
        name(&state),
        inner.into(),
        name(&state),
    ];
    let template = "@.iter().scan(@, |@, &@| { *@ = *@ * `0.5` + @; Some(*@) }).sum::<$>()";
    Some(node(Kind::Float, "scan", template, holes))
}

/// The largest or the smallest element.
fn extreme(m: &mut Maker) -> Option<Node> {
    let buffer = m.buffer(|_| true)?;
    let template = m.one(&[
        "@.iter().copied().fold($::MIN, $::max)",
        "@.iter().fold($::INFINITY, |a, &b| a.min(b))",
        "@.iter().copied().max_by(|a, b| a.total_cmp(b)).unwrap_or(`0.3`)",
        "@.iter().copied().min_by(|a, b| a.partial_cmp(b).unwrap()).unwrap_or(`0.3`)",
        "@.iter().copied().reduce($::max).map_or(`0.1`, |q| q * q)",
        "@.iter().map(|q| q * q).reduce(|a, b| a + b * `0.5`).unwrap_or(`0.2`)",
    ])?;
    let extreme = node(Kind::Float, "extreme", template, vec![buffer.hole()]);
    // Infinity is no number of ours.
    let template = "({ let q = @; if q.is_finite() && q.abs() < `1e6` { q } else { `0.5` } })";
    Some(node(Kind::Float, "", template, vec![extreme.into()]))
}

fn option_of_element(m: &mut Maker) -> Option<Node> {
    let buffer = m.buffer(|_| true)?;
    let element = m.fresh("e");
    let inner = m.closure(&[&element], Maker::float);
    let holes = vec![
        buffer.hole(),
        m.either(&["first()", "last()", "get(2)", "get(5)", "iter().nth(1)"]),
        m.leaf().into(),
        def(&element),
        inner.into(),
    ];
    let template = "@.@.map_or(@, |&@| @)";
    Some(node(
        Kind::Float,
        "element that may be missing",
        template,
        holes,
    ))
}

fn position(m: &mut Maker) -> Option<Node> {
    let buffer = m.buffer(|_| true)?;
    let found = m.fresh("i");
    let holes = vec![
        buffer.hole(),
        m.either(&["position", "rposition"]),
        m.threshold().into(),
        def(&found),
        buffer.hole(),
        name(&found),
        m.leaf().into(),
    ];
    let template = "(match @.iter().@(|&q| q > @) { Some(@) => @[@], None => @ })";
    Some(node(Kind::Float, "position", template, holes))
}

fn chain(m: &mut Maker) -> Option<Node> {
    let (one, other) = (m.buffer(|_| true)?, m.buffer(|_| true)?);
    let element = m.fresh("e");
    let inner = m.closure(&[&element], Maker::float);
    let holes = vec![one.hole(), other.hole(), def(&element), inner.into()];
    let template = "@.iter().chain(@.iter()).map(|&@| @).sum::<$>()";
    Some(node(Kind::Float, "chain", template, holes))
}

fn cycle(m: &mut Maker) -> Option<Node> {
    let buffer = m.buffer(|_| true)?;
    let element = m.fresh("e");
    let inner = m.closure(&[&element], Maker::float);
    let holes = vec![buffer.hole(), m.between(3, 7), def(&element), inner.into()];
    let template = "@.iter().cycle().take(@).map(|&@| @).sum::<$>()";
    Some(node(Kind::Float, "cycle", template, holes))
}

fn range_map(m: &mut Maker) -> Option<Node> {
    let buffer = m.buffer(|_| true)?;
    let index = m.fresh("i");
    let inner = m.closure(&[], |m| {
        m.scope.ints.push(super::maker::Place::fixed(&index));
        m.scope.indices.push(Index {
            name: index.clone(),
            buffer: buffer.clone(),
            before: 0,
            after: 0,
        });
        let (element, other) = (m.element(&buffer), m.float());
        let holes = vec![element.into(), m.either(&["*", "+", "-"]), other.into()];
        node(Kind::Float, "", "@ @ @", holes)
    });
    let holes = vec![
        buffer.hole(),
        m.either(&["", "", ".rev()"]),
        def(&index),
        inner.into(),
    ];
    let template = "(0..@.len())@.map(|@| @).sum::<$>()";
    Some(node(Kind::Float, "map of a range", template, holes))
}

fn nested(m: &mut Maker) -> Option<Node> {
    let (one, other) = (m.buffer(|_| true)?, m.buffer(|_| true)?);
    let (a, b) = (m.fresh("e"), m.fresh("e"));
    let inner = m.closure(&[&a, &b], Maker::float);
    let holes = vec![one.hole(), def(&a), other.hole(), def(&b), inner.into()];
    let template = "@.iter().map(|&@| @.iter().map(|&@| @).sum::<$>()).sum::<$>()";
    Some(node(
        Kind::Float,
        "iterators in each other",
        template,
        holes,
    ))
}
