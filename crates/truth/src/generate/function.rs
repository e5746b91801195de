//! A whole function.

use fastrand::Rng;

use super::maker::{Buffer, Maker};
use super::statement::local_buffer;
use crate::parameter::{Parameter, Shape, types};
use crate::program::Program;
use crate::tree::{Kind, block, def, name, node};

/// Function number `index` of a seed: always the same.
pub fn program(seed: u64, index: u64) -> Program {
    let mut rng = Rng::with_seed(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ index);
    // Neighbouring seeds begin alike.
    let state = rng.u64(..);
    let fuel = 25 + i32::try_from(index % 5).unwrap_or(0) * 15;
    let mut maker = Maker::new(Rng::with_seed(state), fuel);
    maker.swarm();
    let parameters = parameters(&mut maker);

    let mut statements = Vec::new();
    statements.extend(local_buffer(&mut maker));
    let sum = maker.fresh("s");
    maker.scope.floats.push((sum.clone(), true));
    statements.push(node(
        Kind::Stmt,
        "",
        "let mut @: $ = `0.0`;",
        vec![def(&sum)],
    ));
    let count = 2 + maker.rng.usize(..4);
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
fn result(maker: &mut Maker, sum: &str) -> crate::tree::Node {
    let mut result = maker.float();
    let buffers = maker.scope.buffers.clone();
    for buffer in buffers.iter().filter(|one| one.writable) {
        let holes = vec![result.into(), name(&buffer.name)];
        result = node(
            Kind::Float,
            "",
            "@ + @.iter().map(|e| e * e).sum::<$>()",
            holes,
        );
    }
    node(Kind::Float, "", "@ + @", vec![result.into(), name(sum)])
}

fn parameters(maker: &mut Maker) -> Vec<Parameter> {
    let mut shapes = match maker.rng.usize(..10) {
        0..=4 => vec![Shape::Slice],
        5 => vec![Shape::Slice, Shape::Slice],
        6 => vec![Shape::Array(4)],
        7 => vec![Shape::SliceMut],
        8 => vec![Shape::Scalar, Shape::Scalar],
        _ => vec![Shape::Slice, Shape::Scalar],
    };
    if maker.chance(10) {
        shapes.push(Shape::Count);
    }
    let mut parameters = Vec::new();
    for (at, shape) in shapes.into_iter().enumerate() {
        let name = ["x", "y", "w", "p", "q"][at].to_owned();
        match shape {
            Shape::Scalar => maker.scope.floats.push((name.clone(), true)),
            Shape::Count => maker.scope.ints.push(name.clone()),
            _ => maker.scope.buffers.push(Buffer {
                name: name.clone(),
                len: shape.floats(),
                writable: shape.is_output(),
                growable: false,
            }),
        }
        parameters.push(Parameter { name, shape });
    }
    parameters
}
