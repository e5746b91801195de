//! Loops.

use super::maker::{Buffer, Index, Loop, Maker, Place, Production};
use crate::tree::{Kind, Node, def, name, node};

/// Any loop.
pub fn any(m: &mut Maker) -> Option<Node> {
    if m.scope.depth >= 3 || (m.scope.depth == 2 && m.chance(70)) {
        return None;
    }
    m.choose(LOOPS)
}

const LOOPS: &[Production] = &[
    (6, over_indices),
    (4, over_elements),
    (2, over_elements_mut),
    (2, over_a_zip),
    (2, over_a_zip_mut),
    (2, enumerated),
    (2, counted),
    (4, while_counting),
    (2, loop_with_exit),
    (2, until_close),
    (1, value_of_a_loop),
    (2, over_rows),
    (1, over_windows),
    (1, over_chunks_mut),
    (1, state_machine),
    (1, while_popping),
    (1, triangle),
];

/// The body of a loop, and its label.
fn body(m: &mut Maker, continues: bool, scope: impl FnOnce(&mut Maker)) -> (String, Node) {
    let label = m.fresh("'l");
    let body = m.scoped(|m| {
        m.scope.depth += 1;
        scope(m);
        m.scope.loops.push(Loop {
            label: label.clone(),
            continues,
        });
        m.block(3)
    });
    (label, body)
}

fn know(m: &mut Maker, index: &str, buffer: &Buffer, before: usize, after: usize) {
    m.scope.ints.push(Place::fixed(index));
    m.scope.indices.push(Index {
        name: index.to_owned(),
        buffer: buffer.clone(),
        before,
        after,
    });
}

fn over_indices(m: &mut Maker) -> Option<Node> {
    let buffer = m.buffer(|_| true)?;
    let index = m.fresh("i");
    let (feature, range, before, after) = m.one(&[
        ("loop", "0..@.len()", 0, 0),
        ("loop", "0..@.len()", 0, 0),
        ("loop", "1..@.len()", 1, 0),
        ("loop", "0..@.len().saturating_sub(1)", 0, 1),
        ("loop", "0..@.len().saturating_sub(2)", 0, 2),
        ("reversed loop", "(0..@.len()).rev()", 0, 0),
        ("reversed loop", "(1..@.len()).rev()", 1, 0),
        (
            "reversed loop",
            "(0..@.len().saturating_sub(1)).rev()",
            0,
            1,
        ),
        ("loop with a step", "(0..@.len()).step_by(2)", 0, 0),
        ("loop", "0..@.len() / 2", 0, 0),
    ])?;
    if feature == "reversed loop" {
        m.with("reversed")?;
    }
    let (label, body) = body(m, true, |m| know(m, &index, &buffer, before, after));
    let range = node(Kind::Other, feature, range, vec![buffer.hole()]);
    let holes = vec![def(&label), def(&index), range.into(), body.into()];
    Some(node(Kind::Stmt, "", "@: for @ in @ {@ }", holes))
}

fn over_elements(m: &mut Maker) -> Option<Node> {
    let buffer = m.buffer(|_| true)?;
    let element = m.fresh("v");
    let (label, body) = body(m, true, |m| {
        m.bind(&element);
        m.borrow(&buffer);
    });
    let holes = vec![def(&label), def(&element), buffer.hole(), body.into()];
    let (feature, template) = m.one(&[
        ("loop over elements", "@: for &@ in @.iter() {@ }"),
        ("loop over elements", "@: for &@ in @.iter() {@ }"),
        (
            "reversed loop over elements",
            "@: for &@ in @.iter().rev() {@ }",
        ),
        ("loop over elements", "@: for @ in @.iter().copied() {@ }"),
    ])?;
    if template.contains("rev") {
        m.with("reversed")?;
    }
    Some(node(Kind::Stmt, feature, template, holes))
}

fn over_elements_mut(m: &mut Maker) -> Option<Node> {
    m.with("in place")?;
    let buffer = m.writable()?;
    let element = m.fresh("v");
    let value = m.scoped(|m| {
        m.borrow_mut(&buffer);
        let old = node(Kind::Float, "", "*@", vec![name(&element)]);
        let other = m.float();
        let holes = vec![old.into(), m.either(&["*", "+", "-"]), other.into()];
        node(Kind::Float, "", "(@ @ @)", holes)
    });
    let holes = vec![
        def(&element),
        buffer.hole(),
        m.either(&["", "", ".rev()", ".skip(1)"]),
        name(&element),
        m.either(&["=", "+=", "*="]),
        value.into(),
    ];
    let template = "for @ in @.iter_mut()@ { *@ @ @; }";
    Some(node(Kind::Stmt, "iter_mut", template, holes))
}

fn over_a_zip(m: &mut Maker) -> Option<Node> {
    let (one, other) = (m.buffer(|_| true)?, m.buffer(|_| true)?);
    let (a, b) = (m.fresh("v"), m.fresh("v"));
    let (label, body) = body(m, true, |m| {
        m.bind(&a);
        m.bind(&b);
        m.borrow(&one);
        m.borrow(&other);
    });
    let holes = vec![
        def(&label),
        def(&a),
        def(&b),
        one.hole(),
        other.hole(),
        m.either(&["", ".skip(1)", ".rev()"]),
        body.into(),
    ];
    let template = "@: for (&@, &@) in @.iter().zip(@.iter()@) {@ }";
    Some(node(Kind::Stmt, "loop over a zip", template, holes))
}

fn over_a_zip_mut(m: &mut Maker) -> Option<Node> {
    m.with("in place")?;
    let target = m.writable()?;
    let source = m.buffer(|one| one.place.root != target.place.root)?;
    let (a, b) = (m.fresh("v"), m.fresh("v"));
    let value = m.scoped(|m| {
        m.borrow_mut(&target);
        m.bind(&b);
        m.inner_float()
    });
    let holes = vec![
        def(&a),
        def(&b),
        target.hole(),
        source.hole(),
        name(&a),
        m.either(&["=", "+=", "*=", "-="]),
        value.into(),
    ];
    let template = "for (@, &@) in @.iter_mut().zip(@.iter()) { *@ @ @; }";
    Some(node(Kind::Stmt, "zip with iter_mut", template, holes))
}

fn enumerated(m: &mut Maker) -> Option<Node> {
    let buffer = m.buffer(|_| true)?;
    let (index, element) = (m.fresh("i"), m.fresh("v"));
    let (label, body) = body(m, true, |m| {
        m.bind(&element);
        m.borrow(&buffer);
        know(m, &index, &buffer, 0, 0);
    });
    let holes = vec![
        def(&label),
        def(&index),
        def(&element),
        buffer.hole(),
        m.either(&["", "", ".rev()", ".skip(1)"]),
        body.into(),
    ];
    let template = "@: for (@, &@) in @.iter().enumerate()@ {@ }";
    Some(node(Kind::Stmt, "enumerated loop", template, holes))
}

fn counted(m: &mut Maker) -> Option<Node> {
    let index = m.fresh("i");
    let limit = match m.int() {
        Some(int) if m.chance(60) => node(Kind::Int, "", "@ % 4", vec![int.hole()]),
        _ => node(Kind::Int, "", "@", vec![m.between(1, 4)]),
    };
    let (label, body) = body(m, true, |m| m.scope.ints.push(Place::fixed(&index)));
    let (feature, template) = if m.with("reversed").is_some() && m.chance(30) {
        ("reversed counted loop", "@: for @ in (0..@).rev() {@ }")
    } else {
        ("counted loop", "@: for @ in 0..@ {@ }")
    };
    let holes = vec![def(&label), def(&index), limit.into(), body.into()];
    Some(node(Kind::Stmt, feature, template, holes))
}

fn while_counting(m: &mut Maker) -> Option<Node> {
    m.with("while")?;
    let buffer = m.buffer(|_| true)?;
    let (index, now) = (m.fresh("n"), m.fresh("i"));
    let way = m.rng.usize(..4);
    if way == 1 {
        m.with("reversed")?;
    }
    let (after, continues) = match way {
        0 => (0, false),
        3 => (1, false),
        _ => (0, true),
    };
    let (label, body) = body(m, continues, |m| know(m, &now, &buffer, 0, after));
    let (feature, template) = [
        (
            "while",
            "let mut @: usize = 0; @: while @ < @.len() { let @ = @;@ @ += 1; }",
        ),
        (
            "reversed while",
            "let mut @: usize = @.len(); @: while @ > 0 { @ -= 1; let @ = @;@ }",
        ),
        (
            "while",
            "let mut @: usize = 0; @: while @ < @.len() { let @ = @; @ += 1;@ }",
        ),
        (
            "while with a step",
            "let mut @: usize = 0; @: while @ + 1 < @.len() { let @ = @;@ @ += 2; }",
        ),
    ][way];
    let holes = match way {
        1 => vec![
            def(&index),
            buffer.hole(),
            def(&label),
            name(&index),
            name(&index),
            def(&now),
            name(&index),
            body.into(),
        ],
        2 => vec![
            def(&index),
            def(&label),
            name(&index),
            buffer.hole(),
            def(&now),
            name(&index),
            name(&index),
            body.into(),
        ],
        _ => vec![
            def(&index),
            def(&label),
            name(&index),
            buffer.hole(),
            def(&now),
            name(&index),
            body.into(),
            name(&index),
        ],
    };
    Some(node(Kind::Stmt, feature, template, holes))
}

fn loop_with_exit(m: &mut Maker) -> Option<Node> {
    m.with("while")?;
    let buffer = m.buffer(|_| true)?;
    let (index, now) = (m.fresh("n"), m.fresh("i"));
    let (label, body) = body(m, true, |m| know(m, &now, &buffer, 0, 0));
    let holes = vec![
        def(&index),
        def(&label),
        name(&index),
        buffer.hole(),
        name(&label),
        def(&now),
        name(&index),
        name(&index),
        body.into(),
    ];
    let template =
        "let mut @: usize = 0; @: loop { if @ >= @.len() { break @; } let @ = @; @ += 1;@ }";
    Some(node(
        Kind::Stmt,
        "loop without a condition",
        template,
        holes,
    ))
}

/// A number of iterations that depends on the numbers.
fn until_close(m: &mut Maker) -> Option<Node> {
    m.with("while")?;
    let target = m.mutable_float()?;
    let count = m.fresh("n");
    let other = m.leaf();
    if other.uses(&target.root) {
        return None;
    }
    let holes = vec![
        def(&count),
        target.hole(),
        m.threshold().into(),
        name(&count),
        m.between(3, 9),
        name(&count),
        target.hole(),
        target.hole(),
        other.into(),
    ];
    let template = m.one(&[
        "let mut @: usize = 0; while @ > @ && @ < @ { @ += 1; @ = @ * `0.6` - `0.1` * (@).sin(); }",
        "let mut @: usize = 0; while (@).abs() > (@).abs() && @ < @ { @ += 1; @ = `0.5` * @ + `0.2` * (@).cos(); }",
    ])?;
    Some(node(Kind::Stmt, "while on a float", template, holes))
}

fn value_of_a_loop(m: &mut Maker) -> Option<Node> {
    m.with("break")?;
    let buffer = m.buffer(|_| true)?;
    let (new, index, label) = (m.fresh("t"), m.fresh("n"), m.fresh("'l"));
    let (element, found) = (m.element(&buffer), m.leaf());
    let holes = vec![
        def(&new),
        def(&index),
        def(&label),
        name(&index),
        buffer.hole(),
        name(&label),
        m.constant().into(),
        buffer.hole(),
        name(&index),
        m.threshold().into(),
        name(&label),
        buffer.hole(),
        name(&index),
        found.into(),
        name(&index),
        element.into(),
    ];
    m.scope.floats.push(Place::variable(&new));
    let template = "let mut @: $ = { let mut @: usize = 0; @: loop { if @ >= @.len() { break @ @; } \
                    if @[@] > @ { break @ @[@] * @; } @ += 1; } } + `0.1` * @;";
    Some(node(Kind::Stmt, "break with a value", template, holes))
}

fn over_rows(m: &mut Maker) -> Option<Node> {
    m.with("rows")?;
    let rows = m.scope.rows.clone();
    let rows = m.one(&rows)?;
    let row = m.fresh("w");
    if m.chance(40) {
        let target = m.writable()?;
        let element = m.fresh("v");
        let value = m.scoped(|m| {
            m.scope.rows.clear();
            let old = node(Kind::Float, "", "*@", vec![name(&element)]);
            let holes = vec![old.into(), m.either(&["*", "+"]), m.element(&target).into()];
            node(Kind::Float, "", "@ @ @", holes)
        });
        let holes = vec![
            def(&row),
            name(&rows),
            def(&element),
            name(&row),
            name(&element),
            value.into(),
        ];
        let template = "for @ in @.iter_mut() { for @ in @.iter_mut() { *@ = @; } }";
        return Some(node(Kind::Stmt, "rows that change", template, holes));
    }
    let (label, body) = body(m, true, |m| {
        m.scope.rows.retain(|one| *one != rows);
        m.scope.buffers.push(Buffer {
            place: Place::fixed(&row),
            len: None,
            growable: false,
        });
    });
    let holes = vec![def(&label), def(&row), name(&rows), body.into()];
    Some(node(
        Kind::Stmt,
        "loop over rows",
        "@: for @ in @.iter() {@ }",
        holes,
    ))
}

fn over_windows(m: &mut Maker) -> Option<Node> {
    let buffer = m.buffer(|_| true)?;
    let window = m.fresh("w");
    let (len, feature, template) = m.one(&[
        (2, "loop over windows", "@: for @ in @.windows(2) {@ }"),
        (2, "loop over chunks", "@: for @ in @.chunks_exact(2) {@ }"),
        (1, "loop over chunks", "@: for @ in @.chunks(3) {@ }"),
    ])?;
    let (label, body) = body(m, true, |m| {
        m.borrow(&buffer);
        m.scope.buffers.push(Buffer {
            place: Place::fixed(&window),
            len: (len > 1).then_some(len),
            growable: false,
        });
    });
    let holes = vec![def(&label), def(&window), buffer.hole(), body.into()];
    Some(node(Kind::Stmt, feature, template, holes))
}

fn over_chunks_mut(m: &mut Maker) -> Option<Node> {
    m.with("in place")?;
    let buffer = m.writable()?;
    let window = m.fresh("w");
    let value = m.scoped(|m| {
        m.borrow_mut(&buffer);
        m.float()
    });
    let holes = vec![
        def(&window),
        buffer.hole(),
        name(&window),
        name(&window),
        value.into(),
        name(&window),
        name(&window),
    ];
    let template =
        "for @ in @.chunks_exact_mut(2) { @[0] = @[1] * @; @.swap(0, 1); @[1] *= `0.5`; }";
    Some(node(Kind::Stmt, "chunks_mut", template, holes))
}

fn state_machine(m: &mut Maker) -> Option<Node> {
    m.with("while")?;
    let (target, buffer) = (m.mutable_float()?, m.buffer(|_| true)?);
    if target.root == buffer.place.root {
        return None;
    }
    let (state, index) = (m.fresh("z"), m.fresh("n"));
    let holes = vec![
        def(&state),
        m.between(0, 2),
        def(&index),
        name(&index),
        buffer.hole(),
        name(&state),
        target.hole(),
        buffer.hole(),
        name(&index),
        name(&state),
        name(&index),
        target.hole(),
        target.hole(),
        name(&state),
        target.hole(),
        buffer.hole(),
        name(&index),
        name(&state),
        name(&index),
    ];
    let template = "let mut @: u8 = @; let mut @: usize = 0; while @ < @.len() { match @ { \
                    0 => { @ += @[@]; @ = 1; @ += 1; } 1 => { @ = @.sin(); @ = 2; } \
                    _ => { @ *= @[@]; @ = 0; @ += 1; } } }";
    Some(node(Kind::Stmt, "state machine", template, holes))
}

fn while_popping(m: &mut Maker) -> Option<Node> {
    m.with("grow")?;
    if m.scope.depth > 0 {
        return None;
    }
    let buffer = m.buffer(|one| one.growable && one.place.writable && one.place.path.is_empty())?;
    let (target, element) = (m.mutable_float()?, m.fresh("v"));
    let value = m.scoped(|m| {
        m.borrow_mut(&buffer);
        m.bind(&element);
        m.float()
    });
    let holes = vec![
        def(&element),
        buffer.hole(),
        target.hole(),
        target.hole(),
        value.into(),
    ];
    let template = "while let Some(@) = @.pop() { @ = @ * `0.7` + @; }";
    m.scope
        .buffers
        .retain(|one| one.place.root != buffer.place.root);
    Some(node(Kind::Stmt, "while let pop", template, holes))
}

/// One loop within the bounds of the other.
fn triangle(m: &mut Maker) -> Option<Node> {
    let buffer = m.buffer(|_| true)?;
    let (outer, inner) = (m.fresh("i"), m.fresh("i"));
    let outer_label = m.fresh("'l");
    let range = m.one(&["0..@", "@ + 1..@.len()", "(0..@).rev()", "0..@.len() - @"])?;
    if range.contains("rev") {
        m.with("reversed")?;
    }
    let (label, body) = body(m, true, |m| {
        m.scope.depth += 1;
        m.scope.loops.push(Loop {
            label: outer_label.clone(),
            continues: true,
        });
        know(m, &outer, &buffer, 0, 0);
        know(m, &inner, &buffer, 0, 0);
    });
    let holes = match range {
        "@ + 1..@.len()" => vec![name(&outer), buffer.hole()],
        "0..@.len() - @" => vec![buffer.hole(), name(&outer)],
        _ => vec![name(&outer)],
    };
    let range = node(Kind::Other, "", range, holes);
    let holes = vec![
        def(&outer_label),
        def(&outer),
        buffer.hole(),
        def(&label),
        def(&inner),
        range.into(),
        body.into(),
    ];
    let template = "@: for @ in 0..@.len() { @: for @ in @ {@ } }";
    Some(node(Kind::Stmt, "triangular loops", template, holes))
}
