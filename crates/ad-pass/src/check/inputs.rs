//! Makes up the memory that a function is run on.

use inkwell::targets::TargetData;
use inkwell::types::BasicTypeEnum;
use inkwell::values::FunctionValue;
use serde_json::Value;
use trace::{Check, Diagnosis, Help, Kind, Problem, RustType, Unmakeable};

use super::defaults::Defaults;
use super::describe::words;
use super::given::take;
use super::image::Image;
use super::maker::{Maker, is_vec, unmakeable};
use super::random::Random;
use crate::types::shape::Shape;
use crate::types::ty::Ty;

/// The inputs at one point, and in words.
pub(super) struct Inputs {
    pub(super) image: Image,
    pub(super) words: Vec<(String, String)>,
}

/// Makes inputs for `function`, whose parameters are `shapes`.
pub(super) fn make(
    function: FunctionValue<'_>,
    shapes: &[Shape],
    layout: &TargetData,
    check: &Check,
    point: u32,
    defaults: Defaults,
) -> Result<Inputs, Diagnosis> {
    known_names(shapes, check)?;
    let given = match check.inputs.len() {
        0 => None,
        several => check.inputs.get(point as usize % several),
    };
    let mut maker = Maker {
        image: Image::default(),
        random: Random::new(check.seed, defaults.stream),
        scalars: Vec::new(),
        parameter: 0,
        name: String::new(),
        length: defaults.length,
        is_length_given: false,
        range: None,
        defaults,
        smallest: smallest(shapes, check, given, defaults),
    };
    let types = function.get_type().get_param_types();
    let mut values = Vec::new();
    for (at, shape) in shapes.iter().enumerate() {
        maker.begin(at, shape, check, given)?;
        let first = maker.image.arguments.len();
        for ty in types.iter().skip(shape.first).take(shape.count) {
            let ty = BasicTypeEnum::try_from(*ty)
                .map_err(|()| unmakeable(&shape.name, &shape.text(), Unmakeable::NotPlain))?;
            let bytes = usize::try_from(layout.get_store_size(&ty))
                .unwrap_or(0)
                .max(1);
            let block = maker.image.block(bytes);
            maker.image.arguments.push(block);
        }
        let arguments = maker.image.arguments[first..].to_vec();
        maker.parameter(function, shape, &arguments, layout)?;
        if let Some(value) = given.and_then(|given| given.get(&shape.name)) {
            take(&mut maker.image, &maker.scalars, &shape.name, value)?;
        }
        values.push((
            shape.name.clone(),
            words(&maker.image, &maker.scalars, shape),
        ));
    }
    Ok(Inputs {
        image: maker.image,
        words: values,
    })
}

/// Every name in the request is that of a parameter.
fn known_names(shapes: &[Shape], check: &Check) -> Result<(), Diagnosis> {
    let ranges = check.ranges.iter().map(|(name, ..)| ("--range", name));
    let lengths = check.lengths.iter().map(|(name, _)| ("--len", name));
    let inputs = check.inputs.iter().flat_map(|given| given.keys());
    let mut names = ranges
        .chain(lengths)
        .chain(inputs.map(|name| ("--inputs", name)));
    let unknown = names.find(|(_, name)| find(shapes, name).is_none());
    let Some((flag, name)) = unknown else {
        return Ok(());
    };
    let names = shapes.iter().map(|shape| shape.name.clone()).collect();
    Err(Diagnosis::new(
        Kind::Signature,
        Problem::FlagNamesNoParameter {
            flag: flag.to_owned(),
            parameter: name.clone(),
        },
    )
    .with_help(Help::Parameters(names)))
}

/// The parameter of that name or number.
fn find(shapes: &[Shape], name: &str) -> Option<usize> {
    let by_name = shapes.iter().position(|shape| shape.name == *name);
    by_name.or_else(|| name.parse().ok().filter(|&at: &usize| at < shapes.len()))
}

fn stated<'a, T>(
    list: &'a [T],
    name: impl Fn(&T) -> &str,
    shapes: &[Shape],
    at: usize,
) -> Option<&'a T> {
    list.iter()
        .rev()
        .find(|item| find(shapes, name(item)) == Some(at))
}

/// The length of the shortest slice of anything but integers: what indices stay below.
fn smallest(
    shapes: &[Shape],
    check: &Check,
    given: Option<&serde_json::Map<String, Value>>,
    defaults: Defaults,
) -> i128 {
    let lengths = shapes.iter().enumerate().filter_map(|(at, shape)| {
        let is_indices = match (&shape.known, &shape.ty) {
            (Some(RustType::Slice { of, .. }), _) => matches!(**of, RustType::Integer { .. }),
            (None, Ty::Slice(contents)) => contents.floats.is_empty(),
            (Some(RustType::Pointer { to, .. }), _) => {
                !matches!(**to, RustType::Struct { ref name, .. } if is_vec(name))
            }
            (None, Ty::Pointer { bytes: None, .. }) => true,
            _ => true,
        };
        if is_indices {
            return None;
        }
        let stated =
            stated(&check.lengths, |(name, _)| name, shapes, at).map(|(_, length)| *length);
        let given = given
            .and_then(|given| given.get(&shape.name))
            .and_then(Value::as_array)
            .map(|list| list.len() as u64);
        Some(i128::from(given.or(stated).unwrap_or(defaults.length)))
    });
    lengths.min().unwrap_or_else(|| i128::from(defaults.length))
}
