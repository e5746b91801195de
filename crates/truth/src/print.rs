//! A tree as Rust, for one of the types of numbers.

use crate::tree::{Kind, Node, Part};

/// What `$` is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Number {
    F64,
    F32,
    /// The dual number of the reference (`runtime/number.rs`).
    Dual,
}

impl Number {
    /// Its name in Rust.
    pub fn name(self) -> &'static str {
        match self {
            Number::F64 => "f64",
            Number::F32 => "f32",
            Number::Dual => "R",
        }
    }

    fn literal(self, value: f64) -> String {
        let plain = match value {
            _ if value.abs() >= 1e6 || (value != 0.0 && value.abs() < 1e-4) => format!("{value:e}"),
            _ => format!("{value:?}"),
        };
        match self {
            Number::Dual => format!("R::c({plain}f64)").replace(".0f64", ".0"),
            _ if value < 0.0 => format!("({plain}{})", self.name()),
            _ => format!("{plain}{}", self.name()),
        }
    }
}

/// The source of a node.
pub fn source(node: &Node, number: Number) -> String {
    let mut out = String::new();
    write(node, number, 0, &mut out);
    out
}

fn write(node: &Node, number: Number, depth: usize, out: &mut String) {
    if node.kind == Kind::Block {
        for child in node.children() {
            out.push('\n');
            out.push_str(&"    ".repeat(depth));
            write(child, number, depth, out);
        }
        return;
    }
    for part in &node.parts {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Def(name) | Part::Use(name) => out.push_str(name),
            Part::Literal(value) => out.push_str(&number.literal(*value)),
            Part::Float => out.push_str(number.name()),
            Part::CastOpen if number == Number::Dual => out.push_str("R::of("),
            Part::CastOpen => out.push('('),
            Part::CastClose if number == Number::Dual => out.push(')'),
            Part::CastClose => out.push_str(&format!(" as {})", number.name())),
            Part::IntOpen if number == Number::Dual => out.push_str("R::int("),
            Part::IntOpen => out.push('('),
            Part::IntClose if number == Number::Dual => out.push(')'),
            Part::IntClose => out.push_str(" as usize)"),
            Part::Child(child) => {
                let deeper = depth + usize::from(child.kind == Kind::Block);
                write(child, number, deeper, out);
            }
        }
    }
}
