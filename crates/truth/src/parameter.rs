//! The shapes of parameters, and how each is made from numbers.

use serde::{Deserialize, Serialize};

use crate::tree::{Kind, Node, node};

/// A parameter of a generated function.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Parameter {
    pub name: String,
    pub shape: Shape,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shape {
    /// `&[f64]`
    Slice,
    /// `&mut [f64]`
    SliceMut,
    /// `&[f64; N]`
    Array(usize),
    /// `&mut [f64; N]`
    ArrayMut(usize),
    /// `f64`
    Scalar,
    /// `usize`
    Count,
    /// `&Model`
    Model,
    /// `&mut Model`
    ModelMut,
    /// `Model`
    ModelValue,
    /// `Pair`
    Pair,
    /// `&Form`, an enum
    Form,
}

impl Shape {
    /// Its type, as a template.
    pub fn ty(self) -> String {
        match self {
            Shape::Slice => "&[$]".to_owned(),
            Shape::SliceMut => "&mut [$]".to_owned(),
            Shape::Array(n) => format!("&[$; {n}]"),
            Shape::ArrayMut(n) => format!("&mut [$; {n}]"),
            Shape::Scalar => "$".to_owned(),
            Shape::Count => "usize".to_owned(),
            Shape::Model => "&Model".to_owned(),
            Shape::ModelMut => "&mut Model".to_owned(),
            Shape::ModelValue => "Model".to_owned(),
            Shape::Pair => "Pair".to_owned(),
            Shape::Form => "&Form".to_owned(),
        }
    }

    /// The type that it needs beside it.
    pub fn item(self) -> Option<&'static str> {
        match self {
            Shape::Model | Shape::ModelMut | Shape::ModelValue => Some("Model"),
            Shape::Pair => Some("Pair"),
            Shape::Form => Some("Form"),
            _ => None,
        }
    }

    /// How many numbers it holds, if that is not free.
    pub fn floats(self) -> Option<usize> {
        match self {
            Shape::Slice | Shape::SliceMut => None,
            Shape::Array(n) | Shape::ArrayMut(n) => Some(n),
            Shape::Scalar => Some(1),
            Shape::Count => Some(0),
            Shape::Model | Shape::ModelMut | Shape::ModelValue => Some(5),
            Shape::Pair => Some(2),
            Shape::Form => Some(3),
        }
    }

    /// Whether the function changes what the caller sees.
    pub fn is_output(self) -> bool {
        matches!(self, Shape::SliceMut | Shape::ArrayMut(_) | Shape::ModelMut)
    }

    /// Whether it has an integer that the caller chooses.
    pub fn has_integer(self) -> bool {
        self == Shape::Count || self.item().is_some_and(|item| item != "Pair")
    }

    /// Whether a derivative takes it as memory, and not as scalars.
    pub fn is_memory(self) -> bool {
        !matches!(self, Shape::Scalar | Shape::Count | Shape::Pair)
    }
}

/// The types that generated functions use.
pub fn types() -> Vec<Node> {
    let item = |name: &str, template: &str| {
        let mut item = node(Kind::Item, "", template, vec![]);
        // The name is a definition, so that an unused type is left out.
        let text = match item.parts.remove(0) {
            crate::tree::Part::Text(text) => text,
            other => panic!("{other:?}"),
        };
        let (before, after) = text.split_once(name).expect("the type's name");
        let parts = [
            crate::tree::Part::Text(before.to_owned()),
            crate::tree::Part::Def(name.to_owned()),
            crate::tree::Part::Text(after.to_owned()),
        ];
        item.parts.splice(0..0, parts);
        item
    };
    vec![
        item(
            "Model",
            "#[derive(Clone)]\npub struct Model { pub a: $, pub c: [$; 3], pub n: usize, pub b: $ }",
        ),
        item(
            "Pair",
            "#[derive(Clone, Copy)]\npub struct Pair { pub a: $, pub b: $ }",
        ),
        item(
            "Form",
            "#[derive(Clone, Copy)]\npub enum Form { Dot, Circle($), Rect($, $), Tri([$; 3]) }",
        ),
    ]
}
