//! What is done with `Form`, an enum.

use super::maker::{Buffer, Maker, Place};
use crate::tree::{Kind, Node, def, name, node};

/// A float from an enum that is in scope, or from one that is made on the spot.
pub fn match_form(m: &mut Maker) -> Option<Node> {
    m.with("enum")?;
    let forms = m.scope.forms.clone();
    let form = match m.one(&forms) {
        Some(form) if m.chance(80) => node(Kind::Other, "", "@", vec![name(&form)]),
        _ => made(m)?,
    };
    let (r, a, b, c) = (m.fresh("e"), m.fresh("e"), m.fresh("e"), m.fresh("w"));
    let circle = m.closure(&[&r], Maker::float);
    let rect = m.closure(&[&a, &b], Maker::float);
    let tri = m.closure(&[], |m| {
        let corners = Buffer {
            place: Place::fixed(&c),
            len: Some(3),
            growable: false,
        };
        let element = m.element(&corners);
        m.scope.buffers.push(corners);
        let holes = vec![element.into(), m.leaf().into()];
        node(Kind::Float, "", "@ * @", holes)
    });
    let dot = m.leaf();
    let holes = vec![
        form.into(),
        name("Form"),
        dot.into(),
        name("Form"),
        def(&r),
        circle.into(),
        name("Form"),
        def(&a),
        def(&b),
        rect.into(),
        name("Form"),
        def(&c),
        tri.into(),
    ];
    let template =
        "(match *@ { @::Dot => @, @::Circle(@) => @, @::Rect(@, @) => @, @::Tri(@) => @ })";
    Some(node(Kind::Float, "match on an enum", template, holes))
}

/// A reference to a new value.
fn made(m: &mut Maker) -> Option<Node> {
    let holes = vec![
        m.condition().into(),
        name("Form"),
        m.float().into(),
        name("Form"),
        m.leaf().into(),
        m.leaf().into(),
    ];
    let template = "(&if @ { @::Circle(@) } else { @::Rect(@, @) })";
    Some(node(Kind::Other, "enum that is made", template, holes))
}
