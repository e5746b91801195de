//! What is done to whole buffers.

use super::maker::{Maker, Place, Production};
use crate::tree::{Kind, Node, def, name, node};

/// Anything that changes a buffer.
pub fn change(m: &mut Maker) -> Option<Node> {
    m.choose(CHANGES)
}

const CHANGES: &[Production] = &[
    (6, neighbour),
    (4, |m| {
        m.with("swap")?;
        let buffer = m.writable()?;
        let (before_a, a) = m.early_index(&buffer);
        let (before_b, b) = m.early_index(&buffer);
        let holes = vec![
            before_a.into(),
            before_b.into(),
            buffer.hole(),
            a.into(),
            b.into(),
        ];
        Some(node(Kind::Stmt, "swap", "@@@.swap(@, @);", holes))
    }),
    (2, reverse),
    (3, swap_buffers),
    (2, copy_within),
    (2, copy_from),
    (4, grow),
    (3, sort),
    (1, sort_by_index),
    (1, |m| {
        m.with("in place")?;
        let buffer = m.writable()?;
        let value = m.fresh("t");
        let filled = m.leaf();
        let holes = vec![def(&value), filled.into(), buffer.hole(), name(&value)];
        let template = "let @: $ = @; @.fill(@);";
        Some(node(Kind::Stmt, "fill", template, holes))
    }),
    (1, prefix_sum),
    (1, split),
    (1, matrix),
];

/// An element is made of the one beside it.
fn neighbour(m: &mut Maker) -> Option<Node> {
    m.with("neighbour")?;
    let buffer = m.writable()?;
    let index = m.fresh("i");
    let (range, other, reversed) = m.one(&[
        ("0..@.len().saturating_sub(1)", "@ + 1", false),
        ("1..@.len()", "@ - 1", false),
        ("0..@.len().saturating_sub(2)", "@ + 2", false),
        ("(0..@.len().saturating_sub(1)).rev()", "@ + 1", true),
        ("(1..@.len()).rev()", "@ - 1", true),
    ])?;
    if reversed {
        m.with("reversed")?;
    }
    let other = node(Kind::Int, "", other, vec![name(&index)]);
    let element = node(Kind::Float, "", "@[@]", vec![buffer.hole(), other.into()]);
    let value = match m.rng.usize(..4) {
        0 => {
            let function = m.either(&["sin", "cos", "tanh"]);
            node(Kind::Float, "", "@.@()", vec![element.into(), function])
        }
        1 => node(Kind::Float, "", "(@ * `0.9`).powi(2)", vec![element.into()]),
        2 => {
            let (own, by) = (Place::fixed(&index).node(Kind::Int), m.leaf());
            let own = node(Kind::Float, "", "@[@]", vec![buffer.hole(), own.into()]);
            let holes = vec![element.into(), own.into(), by.into()];
            node(Kind::Float, "", "(@ * @ + @)", holes)
        }
        _ => {
            let by = m.float();
            node(Kind::Float, "", "(@ * @)", vec![element.into(), by.into()])
        }
    };
    let operator = m.one(&["=", "=", "=", "+=", "*=", "-="])?;
    let place = Place::fixed(&index).node(Kind::Int);
    let assignment = m.assignment_at("", &buffer, (None, place), operator, value);
    let range = node(Kind::Other, "", range, vec![buffer.hole()]);
    let body = crate::tree::block(vec![assignment]);
    let holes = vec![def(&index), range.into(), body.into()];
    let feature = if reversed {
        "reversed neighbour update"
    } else {
        "neighbour update"
    };
    Some(node(Kind::Stmt, feature, "for @ in @ {@ }", holes))
}

fn reverse(m: &mut Maker) -> Option<Node> {
    m.with("swap")?;
    let buffer = m.writable()?;
    let index = m.fresh("i");
    let holes = vec![
        def(&index),
        buffer.hole(),
        def(&format!("k{index}")),
        buffer.hole(),
        name(&index),
        buffer.hole(),
        name(&index),
        name(&format!("k{index}")),
    ];
    if m.chance(50) {
        let template = "for @ in 0..@.len() / 2 { let @ = @.len() - 1 - @; @.swap(@, @); }";
        return Some(node(Kind::Stmt, "reverse by swaps", template, holes));
    }
    let (feature, template) = m.one(&[
        ("reverse", "@.reverse();"),
        ("rotate", "if @.len() > 2 { @.rotate_left(1); }"),
        ("rotate", "if @.len() > 2 { @.rotate_right(2); }"),
    ])?;
    let holes = (0..template.matches('@').count())
        .map(|_| buffer.hole())
        .collect();
    Some(node(Kind::Stmt, feature, template, holes))
}

/// Two buffers take turns.
fn swap_buffers(m: &mut Maker) -> Option<Node> {
    m.with("swap buffers")?;
    if m.scope.depth > 1 {
        return None;
    }
    let source = m.buffer(|_| true)?;
    let (a, b, index) = (m.fresh("b"), m.fresh("b"), m.fresh("i"));
    let value = m.scoped(|m| {
        let element = node(Kind::Float, "", "@[@]", vec![name(&a), name(&index)]);
        let other = m.leaf();
        let way = m
            .one(&["@ * @", "(@).sin() + @", "@ * `0.5` - @"])
            .unwrap_or("@ * @");
        node(Kind::Float, "", way, vec![element.into(), other.into()])
    });
    let times = match m.int() {
        Some(int) if m.chance(60) => node(Kind::Int, "", "@ % 5", vec![int.hole()]),
        _ => node(Kind::Int, "", "@", vec![m.between(1, 4)]),
    };
    let by_reference = m.chance(40);
    let (before, swap) = if by_reference {
        (
            "let (mut @, mut @): (Vec<$>, Vec<$>) = (@.to_vec(), @.to_vec()); \
             { let (mut @, mut @): (&mut [$], &mut [$]) = (&mut @, &mut @);",
            "(@, @) = (@, @);",
        )
    } else {
        (
            "let (mut @, mut @): (Vec<$>, Vec<$>) = (@.to_vec(), @.to_vec()); {",
            "std::mem::swap(&mut @, &mut @);",
        )
    };
    let (p, q) = if by_reference {
        (m.fresh("h"), m.fresh("h"))
    } else {
        (a.clone(), b.clone())
    };
    let mut holes = vec![def(&a), def(&b), source.hole(), source.hole()];
    if by_reference {
        holes.extend([def(&p), def(&q), name(&a), name(&b)]);
    }
    let before = node(Kind::Other, "", before, holes);
    let mut holes = vec![name(&p), name(&q)];
    if by_reference {
        holes.extend([name(&q), name(&p)]);
    }
    let swap = node(Kind::Other, "", swap, holes);
    let value = renamed(value, &a, &p);
    let holes = vec![
        before.into(),
        times.into(),
        def(&index),
        name(&p),
        name(&q),
        name(&index),
        value.into(),
        swap.into(),
    ];
    let template = "@ for _ in 0..@ { for @ in 0..@.len() { @[@] = @; } @ } }";
    for new in [&a, &b] {
        m.scope.buffers.push(super::maker::Buffer {
            place: Place::variable(new),
            len: None,
            growable: true,
        });
    }
    let feature = if by_reference {
        "swap of references to buffers"
    } else {
        "swap of buffers"
    };
    Some(node(Kind::Stmt, feature, template, holes))
}

fn renamed(mut node: Node, from: &str, to: &str) -> Node {
    for part in &mut node.parts {
        match part {
            crate::tree::Part::Use(name) if name == from => to.clone_into(name),
            crate::tree::Part::Child(child) => *child = renamed(child.clone(), from, to),
            _ => {}
        }
    }
    node
}

fn copy_within(m: &mut Maker) -> Option<Node> {
    m.with("copy within")?;
    let buffer = m.writable()?;
    let template = m.one(&[
        "if @.len() > 2 { @.copy_within(1.., 0); }",
        "if @.len() > 2 { @.copy_within(..2, 1); }",
        "if @.len() > 3 { @.copy_within(2..4, 0); }",
    ])?;
    let holes = vec![buffer.hole(), buffer.hole()];
    Some(node(Kind::Stmt, "copy_within", template, holes))
}

fn copy_from(m: &mut Maker) -> Option<Node> {
    m.with("copy within")?;
    let target = m.writable()?;
    let source = m.buffer(|one| one.place.root != target.place.root)?;
    let len = m.fresh("n");
    let holes = vec![
        def(&len),
        target.hole(),
        source.hole(),
        target.hole(),
        name(&len),
        source.hole(),
        name(&len),
    ];
    let (feature, template) = m.one(&[
        (
            "copy_from_slice",
            "let @ = @.len().min(@.len()); @[..@].copy_from_slice(&@[..@]);",
        ),
        (
            "clone_from_slice",
            "let @ = @.len().min(@.len()); @[..@].clone_from_slice(&@[..@]);",
        ),
    ])?;
    Some(node(Kind::Stmt, feature, template, holes))
}

/// A vector becomes longer or shorter.
fn grow(m: &mut Maker) -> Option<Node> {
    m.with("grow")?;
    let buffer = m.buffer(|one| one.growable && one.place.writable)?;
    let value = m.fresh("t");
    let is_free = m.scope.indices.iter().all(|one| !one.buffer.is(&buffer));
    let (feature, template) = m.one(&[
        ("push", "let @: $ = @; @.push(@);"),
        ("push", "let @: $ = @; @.push(@);"),
        ("insert", "let @: $ = @; @.insert(0, @);"),
        (
            "resize",
            "let @: $ = @; let n = @.len() + 2; @.resize(n, @);",
        ),
        ("extend", "let @: $ = @; @.extend([@, `0.4`]);"),
        ("pop", "if @.len() > 3 { @.pop(); }"),
        ("truncate", "@.truncate(4);"),
        (
            "remove",
            "if @.len() > 3 { let q = @.remove(1); @[0] += q; }",
        ),
        ("retain", "@.retain(|&q| q > `-0.5`);"),
    ])?;
    if !template.starts_with("let") {
        if !is_free {
            return None;
        }
        let holes = (0..template.matches('@').count())
            .map(|_| buffer.hole())
            .collect();
        return Some(node(Kind::Stmt, feature, template, holes));
    }
    // A loop that runs to the buffer's end would never get there.
    if m.scope.depth > 1 || !is_free {
        return None;
    }
    let mut holes = vec![def(&value), m.float().into(), buffer.hole()];
    if feature == "resize" {
        holes.push(buffer.hole());
    }
    holes.push(name(&value));
    Some(node(Kind::Stmt, feature, template, holes))
}

fn sort(m: &mut Maker) -> Option<Node> {
    m.with("sort")?;
    let buffer = m.writable()?;
    let template = m.one(&[
        "@.sort_by(|a, b| a.partial_cmp(b).unwrap());",
        "@.sort_by(|a, b| a.total_cmp(b));",
        "@.sort_by(|a, b| b.total_cmp(a));",
        "@.sort_unstable_by(|a, b| a.partial_cmp(b).unwrap());",
    ])?;
    if m.chance(60) {
        return Some(node(Kind::Stmt, "sort", template, vec![buffer.hole()]));
    }
    // By hand.
    let (i, j) = (m.fresh("i"), m.fresh("i"));
    let b = || buffer.hole();
    let holes = vec![
        def(&i),
        b(),
        def(&j),
        name(&i),
        name(&j),
        b(),
        name(&j),
        b(),
        name(&j),
        b(),
        name(&j),
        name(&j),
        name(&j),
    ];
    let template = "for @ in 1..@.len() { let mut @ = @; while @ > 0 && @[@] < @[@ - 1] { @.swap(@, @ - 1); @ -= 1; } }";
    Some(node(Kind::Stmt, "sort by hand", template, holes))
}

fn sort_by_index(m: &mut Maker) -> Option<Node> {
    m.with("sort")?;
    let (buffer, target) = (m.buffer(|_| true)?, m.mutable_float()?);
    if target.root == buffer.place.root {
        return None;
    }
    let (order, index) = (m.fresh("k"), m.fresh("i"));
    let holes = vec![
        def(&order),
        buffer.hole(),
        name(&order),
        m.either(&["sort_by", "sort_unstable_by"]),
        buffer.hole(),
        buffer.hole(),
        def(&index),
        name(&order),
        target.hole(),
        target.hole(),
        buffer.hole(),
        name(&index),
    ];
    let template = "let mut @: Vec<usize> = (0..@.len()).collect(); @.@(|&i, &j| @[i].partial_cmp(&@[j]).unwrap()); \
                    for &@ in @.iter() { @ = @ * `0.5` + @[@]; }";
    Some(node(Kind::Stmt, "sort of indices", template, holes))
}

fn prefix_sum(m: &mut Maker) -> Option<Node> {
    m.with("in place")?;
    let buffer = m.writable()?;
    let (sum, element) = (m.fresh("t"), m.fresh("v"));
    let holes = vec![
        def(&sum),
        def(&element),
        buffer.hole(),
        name(&sum),
        name(&element),
        name(&element),
        name(&sum),
    ];
    let template = m.one(&[
        "let mut @: $ = `0.1`; for @ in @.iter_mut() { @ += *@; *@ = @; }",
        "let mut @: $ = `0.1`; for @ in @.iter_mut().rev() { @ *= *@; *@ = @; }",
    ])?;
    Some(node(Kind::Stmt, "running sum", template, holes))
}

fn split(m: &mut Maker) -> Option<Node> {
    m.with("in place")?;
    let buffer = m.writable()?;
    let (a, b) = (m.fresh("h"), m.fresh("h"));
    let (u, v) = (m.fresh("v"), m.fresh("v"));
    let n = m.fresh("n");
    let holes = vec![
        def(&n),
        buffer.hole(),
        def(&a),
        def(&b),
        buffer.hole(),
        name(&n),
        def(&u),
        def(&v),
        name(&a),
        name(&b),
        name(&u),
        name(&v),
        name(&v),
        name(&u),
    ];
    let template = "{ let @ = @.len() / 2; let (@, @) = @.split_at_mut(@); for (@, @) in @.iter_mut().zip(@.iter_mut()) { \
                    *@ += *@ * `0.5`; *@ = (*@).sin(); } }";
    Some(node(Kind::Stmt, "split_at_mut", template, holes))
}

/// A product of a matrix and a vector, with indices.
fn matrix(m: &mut Maker) -> Option<Node> {
    m.with("rows")?;
    let (source, target) = (m.buffer(|_| true)?, m.writable()?);
    if source.place.root == target.place.root {
        return None;
    }
    let (i, j, sum) = (m.fresh("i"), m.fresh("i"), m.fresh("t"));
    let holes = vec![
        def(&i),
        target.hole(),
        def(&sum),
        def(&j),
        source.hole(),
        name(&sum),
        source.hole(),
        name(&j),
        name(&i),
        name(&j),
        target.hole(),
        name(&i),
        name(&sum),
    ];
    let template = "for @ in 0..@.len() { let mut @: $ = `0.0`; for @ in 0..@.len() { @ += @[@] * «((@ + 2 * @) % 3)»; } @[@] = @; }";
    Some(node(Kind::Stmt, "matrix and vector", template, holes))
}
