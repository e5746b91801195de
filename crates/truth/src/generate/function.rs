//! A whole function.

use clap::Args;
use fastrand::Rng;

use super::local;
use super::maker::{Buffer, Maker, Place};
use crate::parameter::{Parameter, Shape, types};
use crate::program::Program;
use crate::tree::{Kind, Node, block, def, name, node};

/// What kind of functions are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    Usual,
    /// A statement or two, which take less time.
    Small,
    /// Made to be difficult for a check.
    Difficult,
}

/// The style, as arguments say it.
#[derive(Args)]
pub struct StyleArgs {
    /// Functions that are made to be difficult for a check
    #[arg(long, conflicts_with = "small")]
    difficult: bool,
    /// Small functions, which take less time
    #[arg(long)]
    small: bool,
}

impl StyleArgs {
    pub fn style(&self) -> Style {
        match (self.difficult, self.small) {
            (true, _) => Style::Difficult,
            (_, true) => Style::Small,
            _ => Style::Usual,
        }
    }
}

/// Function number `index` of a seed: always the same.
pub fn program(seed: u64, index: u64, style: Style) -> Program {
    let mut rng = Rng::with_seed(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ index);
    // Neighbouring seeds begin alike.
    let state = rng.u64(..);
    let (fuel, most) = match style {
        Style::Small => (9, 2),
        _ => (20 + i32::try_from(index % 5).unwrap_or(0) * 12, 5),
    };
    let mut maker = Maker::new(Rng::with_seed(state), fuel);
    maker.swarm(style == Style::Difficult);
    let parameters = parameters(&mut maker);

    let mut statements = Vec::new();
    if maker.chance(70) {
        statements.extend(local::local_buffer(&mut maker));
    }
    let sum = maker.fresh("s");
    maker.scope.floats.push(Place::variable(&sum));
    statements.push(node(
        Kind::Stmt,
        "",
        "let mut @: $ = `0.0`;",
        vec![def(&sum)],
    ));
    let count = 1 + maker.rng.usize(..most);
    for _ in 0..count {
        statements.extend(maker.statement());
    }
    let result = result(&mut maker, &sum);
    let holes = vec![block(statements).into(), result.into()];
    let mut items = types();
    items.append(&mut maker.items);
    Program {
        parameters,
        items,
        body: node(Kind::Other, "", "@\n    @", holes),
    }
}

/// What the function returns: something of all that it computed.
fn result(m: &mut Maker, sum: &str) -> Node {
    m.fuel = m.fuel.max(3);
    let mut result = m.float();
    let buffers = m.scope.buffers.clone();
    for buffer in buffers.iter().filter(|one| one.place.writable) {
        let template = match m.rng.usize(..3) {
            0 => "@ + @.iter().map(|e| e * e).sum::<$>()",
            1 => "@ + @.iter().enumerate().map(|(i, e)| «i» * e).sum::<$>()",
            _ => "@ + @.iter().fold(`0.0`, |a, e| a * `0.5` + e)",
        };
        result = node(
            Kind::Float,
            "",
            template,
            vec![result.into(), buffer.hole()],
        );
    }
    let template = if m.chance(10) { "@ * @" } else { "@ + @" };
    let sum = node(Kind::Float, "", "@", vec![name(sum)]);
    node(Kind::Float, "", template, vec![result.into(), sum.into()])
}

fn parameters(m: &mut Maker) -> Vec<Parameter> {
    let mut shapes = match m.rng.usize(..24) {
        0..=7 => vec![Shape::Slice],
        8..=9 => vec![Shape::Slice, Shape::Slice],
        10 => vec![Shape::Array(4)],
        11 => vec![Shape::Array(3), Shape::Slice],
        12..=13 => vec![Shape::SliceMut],
        14 => vec![Shape::SliceMut, Shape::Slice],
        15 => vec![Shape::ArrayMut(4)],
        16..=17 => vec![Shape::Scalar, Shape::Scalar],
        18 => vec![Shape::Scalar],
        19 => vec![Shape::Slice, Shape::Scalar],
        20 => vec![Shape::Model, Shape::Slice],
        21 => vec![Shape::ModelMut],
        22 => vec![
            m.one(&[Shape::Pair, Shape::ModelValue])
                .unwrap_or(Shape::Pair),
        ],
        _ => vec![Shape::Form, Shape::Slice],
    };
    if m.chance(15) {
        shapes.push(Shape::Count);
    }
    let mut parameters = Vec::new();
    for (at, shape) in shapes.into_iter().enumerate() {
        let name = ["x", "y", "w", "p", "q"][at].to_owned();
        match shape {
            Shape::Scalar => m.scope.floats.push(Place::variable(&name)),
            Shape::Count => m.scope.ints.push(Place::fixed(&name)),
            Shape::Model => local::model(m, &name, false),
            Shape::ModelMut | Shape::ModelValue => local::model(m, &name, true),
            Shape::Pair => {
                for path in [".a", ".b"] {
                    m.scope.floats.push(Place {
                        root: name.clone(),
                        path,
                        writable: true,
                    });
                }
            }
            Shape::Form => m.scope.forms.push(name.clone()),
            Shape::Slice | Shape::SliceMut | Shape::Array(_) | Shape::ArrayMut(_) => {
                m.scope.buffers.push(Buffer {
                    place: Place {
                        writable: shape.is_output(),
                        ..Place::fixed(&name)
                    },
                    len: shape.floats(),
                    growable: false,
                });
            }
        }
        parameters.push(Parameter { name, shape });
    }
    parameters
}
