//! Functions beside the function: inlined or not, that read or change slices, that call themselves, with structs,
//! enums, Options and Results.

use super::guard::inlining;
use super::maker::{Buffer, Maker, Place, Production, Scope};
use super::{enumeration, local};
use crate::tree::{Kind, Node, def, name, node};

/// A call that gives a float, of a helper that is made for it.
pub fn call(m: &mut Maker) -> Option<Node> {
    if m.helping >= 2 {
        return None;
    }
    m.helping += 1;
    let made = m.choose(CALLS);
    m.helping -= 1;
    made
}

/// A call of a helper that changes something.
pub fn call_statement(m: &mut Maker) -> Option<Node> {
    m.with("helper")?;
    if m.helping >= 2 {
        return None;
    }
    m.helping += 1;
    let made = m.choose(&[(4, change_slice), (1, change_struct), (1, result_statement)]);
    m.helping -= 1;
    made
}

const CALLS: &[Production] = &[
    (4, scalars),
    (4, reads_slice),
    (2, gives_vec),
    (2, pair),
    (2, tuple),
    (2, model),
    (2, form),
    (4, recursion),
    (4, results),
    (3, options),
    (2, with_closure),
    (1, generic),
    (1, method),
];

impl Maker {
    /// The inside of another function, which knows nothing of what is around it.
    fn elsewhere<T>(&mut self, stays: bool, make: impl FnOnce(&mut Maker) -> T) -> T {
        let outer = std::mem::take(&mut self.scope);
        let nesting = std::mem::take(&mut self.nesting);
        self.scope = Scope {
            stays,
            depth: 1,
            ..Scope::default()
        };
        let made = make(self);
        self.scope = outer;
        self.nesting = nesting;
        made
    }

    /// Some statements and a float.
    fn body(&mut self) -> Node {
        let sum = self.fresh("s");
        let first = self.leaf();
        self.scope.floats.push(Place::variable(&sum));
        let mut statements = Vec::new();
        let count = self.rng.usize(..3);
        for _ in 0..count {
            statements.extend(self.statement());
        }
        let last = self.float();
        let block = crate::tree::block(statements);
        let holes = vec![
            def(&sum),
            first.into(),
            block.into(),
            last.into(),
            name(&sum),
        ];
        node(Kind::Other, "", "let mut @: $ = @;@ @ + @", holes)
    }

    /// Adds an item, with how much it is inlined before it.
    fn item(&mut self, feature: &'static str, template: &str, holes: Vec<crate::tree::Hole>) {
        let inlining = inlining(self);
        let feature = match (feature, inlining.contains("never")) {
            ("helper", true) => "helper that is not inlined",
            (other, _) => other,
        };
        let template = format!("{inlining}{template}");
        let item = node(Kind::Item, feature, &template, holes);
        self.items.push(item);
    }
}

fn scalars(m: &mut Maker) -> Option<Node> {
    m.with("helper")?;
    let (helper, a, b) = (m.fresh("h"), m.fresh("q"), m.fresh("q"));
    let body = m.elsewhere(false, |m| {
        m.bind(&a);
        m.bind(&b);
        m.body()
    });
    let holes = vec![def(&helper), def(&a), def(&b), body.into()];
    m.item("helper", "fn @(@: $, @: $) -> $ { @ }", holes);
    let holes = vec![name(&helper), m.float().into(), m.leaf().into()];
    Some(node(Kind::Float, "", "@(@, @)", holes))
}

/// A buffer that is a parameter of a helper.
fn slice(name: &str, writable: bool) -> Buffer {
    Buffer {
        place: Place {
            writable,
            ..Place::fixed(name)
        },
        len: None,
        growable: false,
    }
}

fn reads_slice(m: &mut Maker) -> Option<Node> {
    m.with("helper")?;
    let buffer = m.buffer(|_| true)?;
    let (helper, v, k) = (m.fresh("h"), m.fresh("q"), m.fresh("q"));
    let body = m.elsewhere(false, |m| {
        m.bind(&k);
        m.scope.buffers.push(slice(&v, false));
        m.body()
    });
    let holes = vec![def(&helper), def(&v), def(&k), body.into()];
    m.item("helper", "fn @(@: &[$], @: $) -> $ { @ }", holes);
    let holes = vec![name(&helper), buffer.hole(), m.leaf().into()];
    Some(node(Kind::Float, "", "@(&@[..], @)", holes))
}

fn change_slice(m: &mut Maker) -> Option<Node> {
    let buffer = m.writable()?;
    let (helper, v, k) = (m.fresh("h"), m.fresh("q"), m.fresh("q"));
    let body = m.elsewhere(true, |m| {
        m.bind(&k);
        m.scope.depth = 0;
        m.scope.buffers.push(slice(&v, true));
        let count = 1 + m.rng.usize(..2);
        crate::tree::block((0..count).filter_map(|_| m.statement()).collect())
    });
    let holes = vec![def(&helper), def(&v), def(&k), body.into()];
    m.item(
        "helper that changes a slice",
        "fn @(@: &mut [$], @: $) {@ }",
        holes,
    );
    let value = m.fresh("t");
    let holes = vec![
        def(&value),
        m.leaf().into(),
        name(&helper),
        buffer.hole(),
        name(&value),
    ];
    let template = "let @: $ = @; @(&mut @[..], @);";
    Some(node(Kind::Stmt, "", template, holes))
}

fn gives_vec(m: &mut Maker) -> Option<Node> {
    m.with("helper")?;
    let buffer = m.buffer(|_| true)?;
    let (helper, v, e) = (m.fresh("h"), m.fresh("q"), m.fresh("e"));
    let inner = m.elsewhere(true, |m| {
        m.bind(&e);
        m.inner_float()
    });
    let holes = vec![def(&helper), def(&v), name(&v), def(&e), inner.into()];
    let template = "fn @(@: &[$]) -> Vec<$> { @.iter().map(|&@| @).collect() }";
    m.item("helper that gives a Vec", template, holes);
    let holes = vec![name(&helper), buffer.hole()];
    let template = "@(&@[..]).iter().sum::<$>()";
    Some(node(Kind::Float, "", template, holes))
}

fn pair(m: &mut Maker) -> Option<Node> {
    m.with("struct")?;
    let (helper, p) = (m.fresh("h"), m.fresh("q"));
    let (a, b) = m.elsewhere(false, |m| {
        for path in [".a", ".b"] {
            m.scope.floats.push(Place {
                root: p.clone(),
                path,
                writable: false,
            });
        }
        (m.inner_float(), m.float())
    });
    let holes = vec![
        def(&helper),
        def(&p),
        name("Pair"),
        name("Pair"),
        name("Pair"),
        a.into(),
        b.into(),
    ];
    let by_reference = m.chance(50);
    let template = if by_reference {
        "fn @(@: &@) -> @ { @ { a: @, b: @ } }"
    } else {
        "fn @(@: @) -> @ { @ { a: @, b: @ } }"
    };
    m.item("helper with a struct", template, holes);
    let result = m.fresh("t");
    let holes = vec![
        def(&result),
        name(&helper),
        name("Pair"),
        m.float().into(),
        m.leaf().into(),
        name(&result),
        name(&result),
    ];
    let template = if by_reference {
        "({ let @ = @(&@ { a: @, b: @ }); @.a - @.b })"
    } else {
        "({ let @ = @(@ { a: @, b: @ }); @.a - @.b })"
    };
    Some(node(Kind::Float, "", template, holes))
}

fn tuple(m: &mut Maker) -> Option<Node> {
    m.with("tuple")?;
    let (helper, q) = (m.fresh("h"), m.fresh("q"));
    let (a, b) = m.elsewhere(true, |m| {
        m.bind(&q);
        (m.inner_float(), m.float())
    });
    let holes = vec![def(&helper), def(&q), a.into(), b.into()];
    let template = "fn @(@: $) -> ($, $) { (@, @) }";
    m.item("helper that gives a tuple", template, holes);
    let (u, v) = (m.fresh("t"), m.fresh("t"));
    let holes = vec![
        def(&u),
        def(&v),
        name(&helper),
        m.float().into(),
        name(&u),
        name(&v),
    ];
    let template = "({ let (@, @) = @(@); @ * `0.5` + @ })";
    Some(node(Kind::Float, "", template, holes))
}

/// A `Model` from what is in scope.
fn new_model(m: &mut Maker) -> Node {
    let holes = vec![
        name("Model"),
        m.float().into(),
        m.leaf().into(),
        m.leaf().into(),
        m.between(1, 4),
        m.leaf().into(),
    ];
    let template = "@ { a: @, c: [@, `0.3`, @], n: @, b: `0.8` * @ }";
    node(Kind::Other, "", template, holes)
}

fn model(m: &mut Maker) -> Option<Node> {
    m.with("struct")?;
    let (helper, p) = (m.fresh("h"), m.fresh("q"));
    let body = m.elsewhere(false, |m| {
        local::model(m, &p, false);
        m.body()
    });
    let holes = vec![def(&helper), def(&p), name("Model"), body.into()];
    m.item("helper with a struct", "fn @(@: &@) -> $ { @ }", holes);
    let holes = vec![name(&helper), new_model(m).into()];
    Some(node(Kind::Float, "", "@(&@)", holes))
}

fn change_struct(m: &mut Maker) -> Option<Node> {
    m.with("struct")?;
    let target = m.mutable_float()?;
    let (helper, p) = (m.fresh("h"), m.fresh("q"));
    let body = m.elsewhere(true, |m| {
        local::model(m, &p, true);
        let count = 1 + m.rng.usize(..3);
        crate::tree::block((0..count).filter_map(|_| m.statement()).collect())
    });
    let holes = vec![def(&helper), def(&p), name("Model"), body.into()];
    m.item(
        "helper that changes a struct",
        "fn @(@: &mut @) {@ }",
        holes,
    );
    let local = m.fresh("p");
    let holes = vec![
        def(&local),
        new_model(m).into(),
        name(&helper),
        name(&local),
        target.hole(),
        name(&local),
        name(&local),
    ];
    let template = "let mut @ = @; @(&mut @); @ += @.a * @.c[1];";
    Some(node(Kind::Stmt, "", template, holes))
}

fn form(m: &mut Maker) -> Option<Node> {
    m.with("enum")?;
    let (helper, q) = (m.fresh("h"), m.fresh("q"));
    let body = m.elsewhere(false, |m| {
        m.scope.forms.push(q.clone());
        enumeration::match_form(m)
    })?;
    let holes = vec![def(&helper), def(&q), name("Form"), body.into()];
    m.item("helper with an enum", "fn @(@: &@) -> $ { @ }", holes);
    let template = match m.rng.usize(..3) {
        0 => "@(&@::Circle(@))",
        1 => "@(&@::Rect(@, `0.5`))",
        _ => "@(&@::Tri([@, `0.2`, `0.6`]))",
    };
    let holes = vec![name(&helper), name("Form"), m.float().into()];
    Some(node(Kind::Float, "", template, holes))
}

fn recursion(m: &mut Maker) -> Option<Node> {
    m.with("recursion")?;
    let (helper, q, n) = (m.fresh("h"), m.fresh("q"), m.fresh("n"));
    let inner = m.elsewhere(false, |m| {
        m.bind(&q);
        m.inner_float()
    });
    if m.chance(50) {
        let holes = vec![
            def(&helper),
            def(&n),
            def(&q),
            name(&n),
            name(&q),
            name(&helper),
            name(&n),
            inner.into(),
        ];
        let template = m.one(&[
            "fn @(@: usize, @: $) -> $ { if @ == 0 { return @; } @(@ - 1, @) }",
            "fn @(@: usize, @: $) -> $ { if @ == 0 { @ } else { `0.5` * @(@ - 1, @) + `0.3` } }",
        ])?;
        m.items
            .push(node(Kind::Item, "recursion on a number", template, holes));
        let times = match m.int() {
            Some(int) => node(Kind::Int, "", "@ % 5", vec![int.hole()]),
            None => node(Kind::Int, "", "@", vec![m.between(1, 4)]),
        };
        let holes = vec![name(&helper), times.into(), m.float().into()];
        return Some(node(Kind::Float, "", "@(@, @)", holes));
    }
    let buffer = m.buffer(|_| true)?;
    let template = m.one(&[
        "fn @(@: &[$]) -> $ { match @.split_first() { Some((&@, rest)) => @ + `0.5` * @(rest), None => `0.2` } }",
        "fn @(@: &[$]) -> $ { let Some((&@, rest)) = @.split_last() else { return `0.3`; }; @ * @(rest) }",
    ])?;
    let holes = if template.contains("split_last") {
        vec![
            def(&helper),
            def(&n),
            def(&q),
            name(&n),
            inner.into(),
            name(&helper),
        ]
    } else {
        vec![
            def(&helper),
            def(&n),
            name(&n),
            def(&q),
            inner.into(),
            name(&helper),
        ]
    };
    let feature = "recursion on a slice";
    m.items.push(node(Kind::Item, feature, template, holes));
    let holes = vec![name(&helper), buffer.hole()];
    Some(node(Kind::Float, "", "@(&@[..])", holes))
}

/// A helper that fails for some numbers, and one that passes that on.
fn results(m: &mut Maker) -> Option<Node> {
    m.with("result")?;
    let (first, second) = failing(m)?;
    _ = first;
    let template = m.one(&[
        "@(@, @).unwrap_or(@)",
        "(match @(@, @) { Ok(y) => y, Err(n) => «n» * @ })",
        "@(@, @).map_or(@, |y| y * `0.5`)",
        "@(@, @).ok().unwrap_or(@)",
        "@(@, @).map(|y| y.sin()).unwrap_or_else(|_| @)",
    ])?;
    let holes = vec![
        name(&second),
        m.float().into(),
        m.leaf().into(),
        m.leaf().into(),
    ];
    Some(node(Kind::Float, "", template, holes))
}

/// The names of two helpers that return Results; the second calls the first.
fn failing(m: &mut Maker) -> Option<(String, String)> {
    let (first, second) = (m.fresh("h"), m.fresh("h"));
    let q = m.fresh("q");
    let (condition, good) = m.elsewhere(true, |m| {
        m.bind(&q);
        (m.simple_condition(), m.inner_float())
    });
    let holes = vec![def(&first), def(&q), condition.into(), good.into()];
    let template = "fn @(@: $) -> Result<$, usize> { if @ { return Err(3); } Ok(@) }";
    m.item("helper that gives a Result", template, holes);
    let (a, b, u, v) = (m.fresh("q"), m.fresh("q"), m.fresh("t"), m.fresh("t"));
    let last = m.elsewhere(true, |m| {
        for one in [&a, &b, &u, &v] {
            m.bind(one);
        }
        m.inner_float()
    });
    let holes = vec![
        def(&second),
        def(&a),
        def(&b),
        def(&u),
        name(&first),
        name(&a),
        def(&v),
        name(&first),
        name(&b),
        last.into(),
    ];
    let template = "fn @(@: $, @: $) -> Result<$, usize> { let @ = @(@)?; let @ = @(@)?; Ok(@) }";
    m.item("question mark", template, holes);
    Some((first, second))
}

fn result_statement(m: &mut Maker) -> Option<Node> {
    m.with("result")?;
    let target = m.mutable_float()?;
    let (_, helper) = failing(m)?;
    let found = m.fresh("v");
    let holes = vec![
        def(&found),
        name(&helper),
        m.leaf().into(),
        m.leaf().into(),
        target.hole(),
        name(&found),
    ];
    let template = "if let Ok(@) = @(@, @) { @ += @; }";
    Some(node(Kind::Stmt, "if let Ok", template, holes))
}

fn options(m: &mut Maker) -> Option<Node> {
    m.with("option")?;
    let buffer = m.buffer(|_| true)?;
    let (helper, v) = (m.fresh("h"), m.fresh("q"));
    let (a, b) = (m.fresh("t"), m.fresh("t"));
    let last = m.elsewhere(true, |m| {
        m.bind(&a);
        m.bind(&b);
        m.inner_float()
    });
    let holes = vec![
        def(&helper),
        def(&v),
        def(&a),
        name(&v),
        def(&b),
        name(&v),
        m.either(&[
            "get(1)",
            "last()",
            "get(4)",
            "iter().max_by(|a, b| a.total_cmp(b))",
        ]),
        last.into(),
    ];
    let template = "fn @(@: &[$]) -> Option<$> { let @ = *@.first()?; let @ = *@.@?; Some(@) }";
    m.item("question mark on an Option", template, holes);
    let holes = vec![name(&helper), buffer.hole(), m.leaf().into()];
    Some(node(Kind::Float, "", "@(&@[..]).unwrap_or(@)", holes))
}

fn with_closure(m: &mut Maker) -> Option<Node> {
    m.with("closure")?;
    let buffer = m.buffer(|_| true)?;
    let (helper, v, f) = (m.fresh("h"), m.fresh("q"), m.fresh("c"));
    let holes = vec![def(&helper), def(&v), def(&f), name(&v), name(&f)];
    let (feature, template) = m.one(&[
        (
            "helper that takes a closure",
            "fn @<F: Fn($) -> $>(@: &[$], @: F) -> $ { @.iter().map(|&q| @(q)).sum() }",
        ),
        (
            "helper that takes a closure",
            "fn @(@: &[$], @: impl Fn($) -> $) -> $ { @.iter().fold(`0.1`, |a, &q| a * `0.5` + @(q)) }",
        ),
        (
            "helper that takes a dynamic closure",
            "fn @(@: &[$], @: &dyn Fn($) -> $) -> $ { @.iter().map(|&q| @(q)).sum() }",
        ),
    ])?;
    if feature == "helper that takes a dynamic closure" {
        m.with("dynamic")?;
    }
    m.item(feature, template, holes);
    let argument = m.fresh("e");
    let inner = m.closure(&[&argument], Maker::float);
    let holes = vec![name(&helper), buffer.hole(), def(&argument), inner.into()];
    let template = if feature == "helper that takes a dynamic closure" {
        "@(&@[..], &|@: $| @)"
    } else {
        "@(&@[..], |@: $| @)"
    };
    Some(node(Kind::Float, "", template, holes))
}

fn generic(m: &mut Maker) -> Option<Node> {
    m.with("helper")?;
    let buffer = m.buffer(|_| true)?;
    let (helper, v) = (m.fresh("h"), m.fresh("q"));
    let holes = vec![def(&helper), def(&v), name(&v)];
    let template = "fn @(@: impl Iterator<Item = $>) -> $ { let mut s = `0.0`; for q in @ { s = s * `0.5` + q; } s }";
    m.item("helper that takes an iterator", template, holes);
    let element = m.fresh("e");
    let inner = m.closure(&[&element], Maker::float);
    let holes = vec![name(&helper), buffer.hole(), def(&element), inner.into()];
    let template = "@(@.iter().map(|&@| @))";
    Some(node(Kind::Float, "", template, holes))
}

fn method(m: &mut Maker) -> Option<Node> {
    m.with("struct")?;
    let (ty, value) = (m.fresh("S"), m.fresh("q"));
    let inner = m.elsewhere(true, |m| {
        m.bind(&value);
        m.inner_float()
    });
    let holes = vec![def(&ty), name(&ty), def(&value), inner.into()];
    let template = "struct @ { sum: $, count: usize }\nimpl @ { fn push(&mut self, @: $) { self.sum += @; self.count += 1; } \
                    fn mean(&self) -> $ { if self.count == 0 { `0.0` } else { self.sum / «self.count» } } }";
    m.items.push(node(Kind::Item, "methods", template, holes));
    let buffer = m.buffer(|_| true)?;
    let (local, element) = (m.fresh("p"), m.fresh("v"));
    let holes = vec![
        def(&local),
        name(&ty),
        m.leaf().into(),
        def(&element),
        buffer.hole(),
        name(&local),
        name(&element),
        name(&local),
    ];
    let template =
        "({ let mut @ = @ { sum: @, count: 0 }; for &@ in @.iter() { @.push(@); } @.mean() })";
    Some(node(Kind::Float, "", template, holes))
}
