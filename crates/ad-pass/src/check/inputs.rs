//! Makes up the memory that a function is run on.

use inkwell::targets::TargetData;
use inkwell::types::BasicTypeEnum;
use inkwell::values::FunctionValue;
use serde_json::Value;
use trace::{Check, Diagnosis, Help, Kind, Problem, RustType, TypeSource, Unmakeable};

use super::defaults::Defaults;
use super::image::Image;
use super::made::Made;
use super::maker::{Maker, unmakeable};
use super::random::Random;
use super::result;
use super::strided;
use crate::types::shape::Shape;
use crate::types::ty::Ty;

/// The inputs at one point.
pub(super) struct Inputs {
    pub(super) image: Image,
    /// What each parameter was made of, by its name.
    made: Vec<(String, Made)>,
}

impl Inputs {
    /// The value of each parameter, by its name, as it is given to `--inputs`.
    pub(super) fn values(&self) -> Vec<(String, Value)> {
        let value = |(name, made): &(String, Made)| (name.clone(), made.value(&self.image));
        self.made.iter().map(value).collect()
    }
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
        choices: Random::new(check.seed, u64::from(point) + (1 << 33)),
        point,
        defaults,
        smallest: smallest(shapes, check, given, defaults),
        parameter: 0,
        name: String::new(),
        ty: String::new(),
        source: TypeSource::Uses,
        length: defaults.length,
        is_length_stated: false,
        range: None,
        within: 1,
        least: 0,
        sizes: 0,
        lower: Random::new(check.seed, defaults.stream + (1 << 34)),
        has_matrix: shapes
            .iter()
            .filter(|shape| !is_result(shape))
            .any(|shape| shape.known.as_ref().is_some_and(strided::has_sides)),
    };
    let types = function.get_type().get_param_types();
    let mut all = Vec::new();
    for (at, shape) in shapes.iter().enumerate() {
        let length = stated(&check.lengths, |(name, _)| name, shapes, at);
        let range = stated(&check.ranges, |(name, ..)| name, shapes, at);
        let range = range.map(|(_, low, high)| (*low, *high));
        maker.begin(at, shape, length.map(|(_, length)| *length), range)?;
        let first = maker.image.arguments.len();
        for ty in types.iter().skip(shape.first).take(shape.count) {
            let not_plain = |()| {
                unmakeable(
                    &shape.name,
                    &shape.text(),
                    Unmakeable::NotPlain,
                    shape.source,
                )
            };
            let ty = BasicTypeEnum::try_from(*ty).map_err(not_plain)?;
            let bytes = usize::try_from(layout.get_store_size(&ty))
                .unwrap_or(0)
                .max(1);
            let block = maker.image.block(bytes);
            maker.image.arguments.push(block);
        }
        let arguments = maker.image.arguments[first..].to_vec();
        if let Ty::Result { contents, bytes } = &shape.ty {
            let known = match &shape.known {
                Some(known) => known.clone(),
                None => {
                    let of = maker.element(contents)?;
                    let count = bytes.unwrap_or(8).div_ceil(of.bytes().unwrap_or(8));
                    RustType::Array {
                        of: Box::new(of),
                        count,
                    }
                }
            };
            place_of_result(&mut maker, arguments[0], &known, *bytes)?;
            continue;
        }
        let given = given.and_then(|given| {
            let mut given = given.iter();
            given
                .find(|(name, _)| find(shapes, name) == Some(at))
                .map(|(_, value)| value)
        });
        let made = maker.parameter(function, shape, &arguments, layout, given)?;
        all.push((shape.name.clone(), made));
    }
    Ok(Inputs {
        image: maker.image,
        made: all,
    })
}

/// Room for a result that is too large for registers. It holds nothing before the function has run.
fn place_of_result(
    maker: &mut Maker,
    argument: usize,
    ty: &RustType,
    bytes: Option<u64>,
) -> Result<(), Diagnosis> {
    let bytes = ty.bytes().unwrap_or(0).max(bytes.unwrap_or(0));
    let block = maker.room(bytes, "return")?;
    maker.image.point(argument, 0, block);
    for mut float in result::floats(ty, "return") {
        float.block = block;
        float.parameter = maker.parameter;
        maker.image.floats.push(float);
    }
    Ok(())
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
        return fixed(shapes, check).map_or(Ok(()), Err);
    };
    let inputs = shapes.iter().filter(|shape| !is_result(shape));
    let names = inputs.map(|shape| shape.name.clone()).collect();
    Err(Diagnosis::new(
        Kind::Signature,
        Problem::FlagNamesNoParameter {
            flag: flag.to_owned(),
            parameter: name.clone(),
        },
    )
    .with_help(Help::Parameters(names)))
}

/// A length was stated for a parameter that has none to choose.
fn fixed(shapes: &[Shape], check: &Check) -> Option<Diagnosis> {
    let stated = check
        .lengths
        .iter()
        .filter_map(|(name, _)| find(shapes, name));
    let mut shapes = stated.map(|at| &shapes[at]);
    let shape = shapes.find(|shape| shape.known.as_ref().is_some_and(is_fixed))?;
    let problem = Problem::FixedLength {
        parameter: shape.name.clone(),
        ty: shape.text(),
    };
    Some(Diagnosis::new(Kind::Signature, problem))
}

/// True for numbers, arrays and structs of them, and references to them.
fn is_fixed(ty: &RustType) -> bool {
    match ty {
        RustType::Float(_) | RustType::Integer { .. } => true,
        RustType::Array { of, .. } => is_fixed(of),
        RustType::Pointer { text, to } => text.starts_with('&') && is_fixed(to),
        RustType::Struct { fields, .. } => fields.iter().all(|field| is_fixed(&field.ty)),
        _ => false,
    }
}

fn is_result(shape: &Shape) -> bool {
    matches!(shape.ty, Ty::Result { .. })
}

/// The parameter of that name or number.
fn find(shapes: &[Shape], name: &str) -> Option<usize> {
    let mut all = (0..shapes.len()).filter(|&at| !is_result(&shapes[at]));
    let by_name = all.clone().find(|&at| shapes[at].name == *name);
    by_name.or_else(|| all.nth(name.parse().ok()?))
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
            (Some(RustType::Pointer { to, .. }), _) => !matches!(**to, RustType::Vec { .. }),
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
