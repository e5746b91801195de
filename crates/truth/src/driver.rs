//! The source of a batch's driver: a library with the reference of each function, and a wrapper around each of its
//! derivatives.

use std::fmt::Write;
use std::path::PathBuf;

use serde_json::Value;

use crate::parameter::{Parameter, Shape};
use crate::print::Number;
use crate::program::Program;

/// A derivative that irad has emitted.
pub struct Emitted {
    pub mode: &'static str,
    /// `irad emit --json`'s description of it.
    pub interface: Value,
    pub binding: PathBuf,
    pub object: PathBuf,
}

const HEAD: &str = "#![allow(warnings)]\n";
const RUNTIME: [&str; 2] = [
    include_str!("../runtime/number.rs"),
    include_str!("../runtime/driver.rs"),
];

/// The driver of functions and their derivatives, each with its number in the batch.
pub fn source<'a>(
    functions: impl Iterator<Item = (usize, &'a Program, &'a [Emitted])>,
    number: Number,
) -> String {
    let mut out = HEAD.to_owned();
    out.extend(RUNTIME);
    for (at, program, derivatives) in functions {
        let source = program.source("f", Number::Dual);
        _ = writeln!(out, "\nmod r{at} {{\nuse super::R;\n{source}}}");
        reference(&mut out, at, program);
        if derivatives.is_empty() {
            continue;
        }
        let types: String = crate::parameter::types()
            .iter()
            .map(|item| crate::print::source(item, number) + "\n")
            .collect();
        _ = writeln!(out, "mod c{at} {{\n{types}}}");
        for emitted in derivatives {
            let mode = emitted.mode;
            let path = emitted.binding.display();
            _ = writeln!(
                out,
                "mod b{at}_{mode} {{ include!({:?}); }}",
                path.to_string()
            );
            derivative(&mut out, at, program, emitted, number);
        }
    }
    out
}

fn reference(out: &mut String, at: usize, program: &Program) {
    let mut arguments = Vec::new();
    let mut before = String::new();
    let mut after = String::new();
    for (index, parameter) in program.parameters.iter().enumerate() {
        let given = format!("(*given.add({index}))");
        let module = format!("r{at}");
        arguments.push(match parameter.shape {
            Shape::Slice => format!("std::slice::from_raw_parts({given}.numbers, {given}.len)"),
            Shape::SliceMut => {
                format!("std::slice::from_raw_parts_mut({given}.numbers, {given}.len)")
            }
            Shape::Array(n) => format!("&*{given}.numbers.cast::<[R; {n}]>()"),
            Shape::ArrayMut(n) => format!("&mut *{given}.numbers.cast::<[R; {n}]>()"),
            Shape::Count => format!("{given}.integer"),
            shape => {
                let numbers = format!("{given}.numbers");
                let value = made(shape, &module, &numbers, &format!("{given}.integer"));
                let value = value.replace("as_number", "");
                match shape {
                    Shape::Model | Shape::Form => format!("&{value}"),
                    Shape::ModelMut => {
                        _ = writeln!(before, "let mut p{index} = {value};");
                        for (field, place) in fields(shape).iter().enumerate() {
                            _ = writeln!(after, "*{numbers}.add({field}) = p{index}.{place};");
                        }
                        format!("&mut p{index}")
                    }
                    _ => value,
                }
            }
        });
    }
    let arguments = arguments.join(", ");
    _ = writeln!(
        out,
        "#[unsafe(no_mangle)]
pub unsafe extern \"C\" fn reference_{at}(given: *const Given, result: *mut R) -> u32 {{
    let run = || unsafe {{
        {before}let value = r{at}::f({arguments});
        {after}value
    }};
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)) {{
        Ok(value) => {{ unsafe {{ *result = value }}; 0 }}
        Err(_) => 1,
    }}
}}"
    );
}

/// The floats of a type, as places in it.
fn fields(shape: Shape) -> &'static [&'static str] {
    match shape {
        Shape::Model | Shape::ModelMut | Shape::ModelValue => &["a", "c[0]", "c[1]", "c[2]", "b"],
        Shape::Pair => &["a", "b"],
        _ => &[],
    }
}

/// A value of a type, made from numbers.
fn made(shape: Shape, module: &str, numbers: &str, integer: &str) -> String {
    let number = |at: usize| format!("as_number(*{numbers}.add({at}))");
    match shape {
        Shape::Model | Shape::ModelMut | Shape::ModelValue => format!(
            "{module}::Model {{ a: {}, c: [{}, {}, {}], n: {integer}, b: {} }}",
            number(0),
            number(1),
            number(2),
            number(3),
            number(4)
        ),
        Shape::Pair => format!("{module}::Pair {{ a: {}, b: {} }}", number(0), number(1)),
        Shape::Form => format!(
            "match {integer} {{ 0 => {module}::Form::Dot, 1 => {module}::Form::Circle({}), \
             2 => {module}::Form::Rect({}, {}), _ => {module}::Form::Tri([{}, {}, {}]) }}",
            number(0),
            number(0),
            number(1),
            number(0),
            number(1),
            number(2)
        ),
        Shape::Scalar => number(0),
        other => unreachable!("{other:?} is made otherwise"),
    }
}

fn derivative(out: &mut String, at: usize, program: &Program, emitted: &Emitted, number: Number) {
    let (mode, ty) = (emitted.mode, number.name());
    let interface = &emitted.interface["interface"];
    let mut before = String::new();
    let mut after = String::new();
    for (index, parameter) in program.parameters.iter().enumerate() {
        if parameter.shape.is_memory() {
            memory(&mut before, &mut after, at, index, parameter, number);
        }
    }
    let mut taken = vec![[0usize; 2]; program.parameters.len()];
    let mut arguments = Vec::new();
    for one in interface["parameters"].as_array().into_iter().flatten() {
        let of = one["of"].as_u64().and_then(|of| usize::try_from(of).ok());
        let role = one["role"].as_str().unwrap_or_default();
        let given = format!("(*given.add({}))", of.unwrap_or(0));
        arguments.push(match (role, of) {
            ("results", _) => "results.as_mut_ptr().cast()".to_owned(),
            ("seed", _) => format!("seed as {ty}"),
            ("length", _) => format!("{given}.len"),
            (role, Some(of)) => {
                let is_shadow = role == "shadow";
                let stem = if is_shadow { "s" } else { "m" };
                let shape = program.parameters[of].shape;
                match shape {
                    Shape::Count => format!("{given}.integer"),
                    Shape::Scalar | Shape::Pair => {
                        let piece = taken[of][usize::from(is_shadow)];
                        taken[of][usize::from(is_shadow)] += 1;
                        let from = if is_shadow { "shadow" } else { "numbers" };
                        format!("*{given}.{from}.add({piece}) as {ty}")
                    }
                    Shape::Slice | Shape::SliceMut | Shape::Array(_) | Shape::ArrayMut(_) => {
                        format!("{stem}{of}.start().cast()")
                    }
                    _ => format!("(&raw mut {stem}{of}).cast()"),
                }
            }
            _ => format!("compile_error!(\"no argument for {one}\")"),
        });
    }
    let results = interface["results"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let by_pointer = interface["by_pointer"] == true;
    let mut pieces = vec![0usize; program.parameters.len()];
    for (place, result) in results.iter().enumerate() {
        let value = if by_pointer {
            format!("Cell::plain(results[{place}])")
        } else {
            "Cell::plain(returned)".to_owned()
        };
        let of = result["of"]
            .as_u64()
            .and_then(|of| usize::try_from(of).ok());
        _ = match (result["kind"].as_str().unwrap_or_default(), of) {
            ("value", _) => writeln!(after, "*out = {value};"),
            ("tangent", None) => writeln!(after, "*out.add(1) = {value};"),
            ("adjoint", Some(of)) => {
                let piece = pieces[of];
                pieces[of] += 1;
                writeln!(after, "*(*given.add({of})).shadow.add({piece}) += {value};")
            }
            _ => writeln!(after, "compile_error!(\"no place for {result}\");"),
        };
    }
    let symbol = interface["symbol"].as_str().unwrap_or_default();
    let arguments = arguments.join(", ");
    _ = writeln!(
        out,
        "#[unsafe(no_mangle)]
pub unsafe extern \"C\" fn derivative_{at}_{mode}(given: *const Argument, seed: f64, out: *mut f64) -> u32 {{
    let run = || unsafe {{
        let mut results = [{ty}::NAN; 32];
        let mut whole = true;
        {before}let returned = b{at}_{mode}::{symbol}({arguments});
        {after}whole
    }};
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)) {{
        Ok(true) => 0,
        Ok(false) => 2,
        Err(_) => 1,
    }}
}}"
    );
}

/// Memory for a parameter and its shadow, and how both come back from there.
fn memory(
    before: &mut String,
    after: &mut String,
    at: usize,
    index: usize,
    parameter: &Parameter,
    number: Number,
) {
    let ty = number.name();
    let given = format!("(*given.add({index}))");
    for (stem, from) in [("m", "numbers"), ("s", "shadow")] {
        let local = format!("{stem}{index}");
        match parameter.shape {
            Shape::Slice | Shape::SliceMut | Shape::Array(_) | Shape::ArrayMut(_) => {
                _ = writeln!(
                    before,
                    "let mut {local} = Buffer::<{ty}>::new({given}.{from}, {given}.len);"
                );
                _ = writeln!(after, "whole &= {local}.back({given}.{from});");
            }
            shape => {
                let numbers = format!("{given}.{from}");
                let value = made(
                    shape,
                    &format!("c{at}"),
                    &numbers,
                    &format!("{given}.integer"),
                );
                let value = value.replace("as_number(", &format!("<{ty} as Cell>::make("));
                _ = writeln!(before, "let mut {local} = {value};");
                for (field, place) in fields(shape).iter().enumerate() {
                    _ = writeln!(
                        after,
                        "*{numbers}.add({field}) = Cell::plain({local}.{place});"
                    );
                }
                if shape == Shape::Form {
                    _ = writeln!(
                        after,
                        "match {local} {{ c{at}::Form::Circle(a) => *{numbers} = Cell::plain(a), \
                         c{at}::Form::Rect(a, b) => {{ *{numbers} = Cell::plain(a); *{numbers}.add(1) = Cell::plain(b) }} \
                         c{at}::Form::Tri(c) => for i in 0..3 {{ *{numbers}.add(i) = Cell::plain(c[i]) }} _ => {{}} }}"
                    );
                }
            }
        }
    }
}
