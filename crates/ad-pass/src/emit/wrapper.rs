//! The exported function: the derivative with parameters and results that C and Rust agree about.
//!
//! Scalars and pointers are passed as they are; aggregates by value are passed as their scalars. What
//! the derivative returns is stored where the first parameter points, unless it is one scalar.

use enzyme_sys::logic;
use inkwell::AddressSpace;
use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::builder::Builder;
use inkwell::module::{Linkage, Module};
use inkwell::types::{BasicMetadataTypeEnum, BasicType, BasicTypeEnum};
use inkwell::values::{BasicMetadataValueEnum, BasicValue, BasicValueEnum, FunctionValue};
use trace::{
    Activity, CParameter, CResult, CType, Diagnosis, Help, Interface, Kind, Mode, Panics,
    Parameter, Problem, ResultKind, Role, Signature, Unexpected,
};

use super::shape::{self, Names, Passed};
use crate::backend::activities::argument_activities;

/// Adds the function to the module and says what it is to its caller.
pub(super) fn wrap<'c>(
    module: &Module<'c>,
    signature: &Signature,
    primal: FunctionValue<'c>,
    derivative: FunctionValue<'c>,
    symbol: &str,
) -> Result<(FunctionValue<'c>, Interface), Diagnosis> {
    let mut names = Names::default();
    let passed = passed(signature, primal, derivative, &mut names)?;
    let results = results(signature, primal, derivative, &mut names)?;
    let context = module.get_context();
    let pointer = context.ptr_type(AddressSpace::default());

    let scalars: Vec<BasicTypeEnum<'c>> = results
        .iter()
        .flat_map(|(ty, _)| shape::scalars(*ty))
        .collect();
    let described: Vec<CResult> = results.into_iter().flat_map(|(_, each)| each).collect();
    let by_pointer = match described.as_slice() {
        [] => false,
        [only] => !is_returned_alike(only.ty),
        _ => true,
    };
    let record = context.struct_type(&scalars, false);
    let mut parameters = Vec::new();
    let mut types: Vec<BasicMetadataTypeEnum<'c>> = Vec::new();
    if by_pointer {
        types.push(pointer.into());
        parameters.push(CParameter {
            name: names.fresh("results"),
            ty: CType::Pointer,
            role: Role::Results,
            of: None,
            bytes: None,
            align: None,
            read_only: false,
            unaliased: true,
            by_value: false,
        });
    }
    for each in &passed {
        types.extend(
            shape::scalars(each.ty)
                .into_iter()
                .map(BasicMetadataTypeEnum::from),
        );
        parameters.extend(each.parameters.iter().cloned());
    }
    let ty = match (by_pointer, scalars.first()) {
        (false, Some(scalar)) => scalar.fn_type(&types, false),
        _ => context.void_type().fn_type(&types, false),
    };
    let wrapper = module.add_function(symbol, ty, Some(Linkage::External));
    for (value, parameter) in wrapper.get_param_iter().zip(&parameters) {
        value.set_name(&parameter.name);
    }
    like(primal, wrapper);
    promise(module, wrapper, &parameters);

    let builder = context.create_builder();
    builder.position_at_end(context.append_basic_block(wrapper, "start"));
    let mut values = Vec::new();
    for (value, parameter) in wrapper.get_param_iter().zip(&parameters) {
        values.push(match (parameter.by_value, parameter.bytes) {
            (true, Some(bytes)) => {
                own(&builder, module, value, bytes, parameter.align).ok_or_else(unbuilt)?
            }
            _ => value,
        });
    }
    let mut values = values.into_iter();
    let results_at = by_pointer.then(|| values.next()).flatten();
    let mut arguments: Vec<BasicMetadataValueEnum<'c>> = Vec::new();
    for each in &passed {
        let value = shape::gather(&builder, each.ty, &mut values).ok_or_else(unbuilt)?;
        arguments.push(value.into());
    }
    let call = builder
        .build_call(derivative, &arguments, "")
        .map_err(|_| unbuilt())?;
    call.set_call_convention(derivative.get_call_conventions());
    for at in 0..derivative.count_params() {
        let location = AttributeLoc::Param(at);
        for attribute in derivative.attributes(location) {
            if ABI.contains(&kind_name(attribute).as_str()) {
                call.add_attribute(location, attribute);
            }
        }
    }
    // The derivative exists for this call alone.
    for name in ["noinline", "optnone"] {
        let kind = Attribute::get_named_enum_kind_id(name);
        derivative.remove_enum_attribute(AttributeLoc::Function, kind);
    }
    call.add_attribute(AttributeLoc::Function, plain(module, "alwaysinline", 0));

    let mut found = Vec::new();
    if let Some(value) = call.try_as_basic_value().basic() {
        shape::scatter(&builder, value, &mut found).ok_or_else(unbuilt)?;
    }
    let returned = match results_at {
        Some(at) => {
            for (index, value) in found.iter().enumerate() {
                let index = u32::try_from(index).expect("few results");
                let place = builder
                    .build_struct_gep(record, at.into_pointer_value(), index, "")
                    .map_err(|_| unbuilt())?;
                builder.build_store(place, *value).map_err(|_| unbuilt())?;
            }
            None
        }
        None => found.first().copied(),
    };
    let returned: Option<&dyn BasicValue<'c>> = match &returned {
        Some(value) => Some(value),
        None => None,
    };
    builder.build_return(returned).map_err(|_| unbuilt())?;
    let interface = Interface {
        symbol: symbol.to_owned(),
        parameters,
        results: described,
        by_pointer,
        panics: Panics::Drop,
        unwinds: true,
    };
    Ok((wrapper, interface))
}

/// Attributes that are part of how an argument is passed.
const ABI: [&str; 8] = [
    "byval",
    "sret",
    "byref",
    "inreg",
    "zeroext",
    "signext",
    "swiftself",
    "nest",
];

/// Names of attributes that this file asks about by number.
fn kind_name(attribute: Attribute) -> String {
    let id = match attribute.is_enum() || attribute.is_type() {
        true => attribute.get_enum_kind_id(),
        false => return String::new(),
    };
    ABI.iter()
        .find(|name| Attribute::get_named_enum_kind_id(name) == id)
        .map_or_else(String::new, |name| (*name).to_owned())
}

/// Rust and C return floats and whole words in registers alike; for anything else there is a pointer.
fn is_returned_alike(ty: CType) -> bool {
    matches!(
        ty,
        CType::F32 | CType::F64 | CType::Int(32 | 64) | CType::Pointer
    )
}

/// What the derivative takes, in its order.
fn passed<'c>(
    signature: &Signature,
    primal: FunctionValue<'c>,
    derivative: FunctionValue<'c>,
    names: &mut Names,
) -> Result<Vec<Passed<'c>>, Diagnosis> {
    let activities = argument_activities(primal, signature);
    let mut takes = derivative.get_type().get_param_types().into_iter();
    let mut take = |what: &str| {
        let ty = takes.next().ok_or_else(|| {
            strange(Unexpected::NoParameter {
                name: what.to_owned(),
                function: signature.function.clone(),
            })
        })?;
        BasicTypeEnum::try_from(ty).map_err(|()| {
            strange(Unexpected::Metadata {
                name: what.to_owned(),
            })
        })
    };
    let mut passed = Vec::new();
    for (index, value) in primal.get_params().into_iter().enumerate() {
        let ty = value.get_type();
        let found = signature
            .parameters
            .iter()
            .position(|p| (p.first..p.first + p.count).contains(&index));
        let is_result = found.is_none() && is_sret(primal, index);
        let base = match found {
            Some(at) => part_name(&signature.parameters[at], index, primal),
            None if is_result => "returned".to_owned(),
            None => format!("arg{index}"),
        };
        if take(&base)? != ty {
            return Err(strange(Unexpected::OtherType {
                name: base.to_string(),
            }));
        }
        let parameter = match found {
            Some(at) => Some(&signature.parameters[at]),
            None => signature.returns.as_ref().filter(|_| is_result),
        };
        let is_length = !is_result && parameter.is_some_and(|p| is_length(p, index, primal));
        let role = match (is_length, is_result) {
            (true, _) => Role::Length,
            (_, true) => Role::Returned,
            _ => Role::Primal,
        };
        let facts = shape::Facts::of(primal, index, parameter);
        passed.push(Passed::new(ty, &base, role, found, facts, names)?);
        if matches!(
            activities[index],
            logic::DFT_DUP_ARG | logic::DFT_DUP_NONEED
        ) {
            let name = format!("d_{base}");
            let shadow = take(&name)?;
            let lanes = match shadow {
                BasicTypeEnum::ArrayType(lanes) if shadow != ty => lanes.get_element_type() == ty,
                _ => shadow == ty,
            };
            if !lanes {
                return Err(strange(Unexpected::OtherShadow {
                    shadow: name.clone(),
                    of: base.to_string(),
                }));
            }
            if is_byval(derivative, passed.len()) {
                return Err(Diagnosis::new(
                    Kind::Emit,
                    Problem::ByValueInMemory {
                        parameter: base.to_string(),
                    },
                )
                .with_help(Help::ByReference));
            }
            let facts = facts.of_shadow(signature.mode);
            passed.push(Passed::new(
                shadow,
                &name,
                Role::Shadow,
                found,
                facts,
                names,
            )?);
        }
    }
    let seeded = signature.mode == Mode::Reverse
        && signature
            .returns
            .as_ref()
            .is_some_and(|returns| returns.activity == Activity::Active);
    if seeded {
        let ty = take("the seed")?;
        passed.push(Passed::new(
            ty,
            "seed",
            Role::Seed,
            None,
            shape::Facts::default(),
            names,
        )?);
    }
    if take("").is_ok() {
        return Err(strange(Unexpected::FurtherParameter));
    }
    Ok(passed)
}

/// True when the derivative's parameter of that position is a copy of what its pointer leads to.
fn is_byval(derivative: FunctionValue<'_>, position: usize) -> bool {
    let kind = Attribute::get_named_enum_kind_id("byval");
    u32::try_from(position)
        .ok()
        .and_then(|at| derivative.get_enum_attribute(AttributeLoc::Param(at), kind))
        .is_some()
}

/// A slice is one parameter in Rust, and its length the second of two here.
fn is_length(parameter: &Parameter, index: usize, primal: FunctionValue<'_>) -> bool {
    let at = |index: usize| primal.get_nth_param(u32::try_from(index).unwrap_or(u32::MAX));
    parameter.count == 2
        && index == parameter.first + 1
        && !parameter.ty.starts_with('(')
        && at(parameter.first).is_some_and(|value| value.is_pointer_value())
        && at(index).is_some_and(|value| value.is_int_value())
}

/// True for where a result is stored that is too large for registers.
fn is_sret(primal: FunctionValue<'_>, index: usize) -> bool {
    let sret = Attribute::get_named_enum_kind_id("sret");
    let location = AttributeLoc::Param(u32::try_from(index).unwrap_or(u32::MAX));
    primal.get_enum_attribute(location, sret).is_some()
}

fn part_name(parameter: &Parameter, index: usize, primal: FunctionValue<'_>) -> String {
    match index - parameter.first {
        0 if parameter.count == 1 => parameter.name.clone(),
        0 if is_length(parameter, index + 1, primal) => parameter.name.clone(),
        1 if is_length(parameter, index, primal) => format!("{}_len", parameter.name),
        part => format!("{}_{part}", parameter.name),
    }
}

/// What the derivative returns, in its order.
fn results<'c>(
    signature: &Signature,
    primal: FunctionValue<'c>,
    derivative: FunctionValue<'c>,
    names: &mut Names,
) -> Result<Vec<(BasicTypeEnum<'c>, Vec<CResult>)>, Diagnosis> {
    let Some(returned) = derivative.get_type().get_return_type() else {
        return Ok(Vec::new());
    };
    let value = primal.get_type().get_return_type();
    let wanted: Vec<(ResultKind, Option<usize>, Option<BasicTypeEnum<'c>>, String)> =
        match signature.mode {
            Mode::Forward => vec![(ResultKind::Tangent, None, value, "tangent".to_owned())],
            Mode::Reverse => {
                let activities = argument_activities(primal, signature);
                let active = (0..primal.count_params())
                    .filter(|&at| activities[at as usize] == logic::DFT_OUT_DIFF);
                active
                    .map(|at| {
                        let index = at as usize;
                        let of = signature
                            .parameters
                            .iter()
                            .position(|p| (p.first..p.first + p.count).contains(&index));
                        let base = of.map_or_else(
                            || format!("arg{index}"),
                            |of| part_name(&signature.parameters[of], index, primal),
                        );
                        let ty = primal.get_nth_param(at).map(|value| value.get_type());
                        (ResultKind::Adjoint, of, ty, format!("d_{base}"))
                    })
                    .collect()
            }
        };
    let value = (ResultKind::Value, None, value, "value".to_owned());
    let with_value: Vec<_> = [value.clone()].into_iter().chain(wanted.clone()).collect();
    let fits = |parts: &[(ResultKind, Option<usize>, Option<BasicTypeEnum<'c>>, String)],
                types: &[BasicTypeEnum<'c>]| {
        parts.len() == types.len()
            && parts.iter().zip(types).all(|((kind, _, wanted, _), ty)| {
                Some(*ty) == *wanted
                    || matches!((kind, ty), (ResultKind::Tangent, BasicTypeEnum::ArrayType(lanes))
                        if Some(lanes.get_element_type()) == *wanted)
            })
    };
    let fields = match returned {
        BasicTypeEnum::StructType(fields) => fields.get_field_types(),
        BasicTypeEnum::ArrayType(lanes) => vec![lanes.get_element_type(); lanes.len() as usize],
        _ => Vec::new(),
    };
    let has_tangent = signature
        .returns
        .as_ref()
        .is_some_and(|returns| returns.activity != Activity::Const);
    let alone = match signature.mode {
        Mode::Forward if has_tangent => wanted.clone(),
        Mode::Forward => vec![value.clone()],
        Mode::Reverse if wanted.is_empty() => vec![value],
        Mode::Reverse => wanted.clone(),
    };
    // An aggregate of its parts, or the one part itself.
    let (parts, types) = if fits(&with_value, &fields) {
        (with_value, fields)
    } else if !wanted.is_empty() && fits(&wanted, &fields) {
        (wanted, fields)
    } else if fits(&alone, &[returned]) {
        (alone, vec![returned])
    } else if fits(&alone, &fields) {
        (alone, fields)
    } else if fields.is_empty() && returned.is_struct_type() {
        (Vec::new(), Vec::new())
    } else {
        return Err(strange(Unexpected::Returns {
            ty: inkwell::types::AnyType::print_to_string(&returned).to_string(),
        }));
    };
    parts
        .into_iter()
        .zip(types)
        .map(|((kind, of, _, name), ty)| {
            let scalars = shape::scalars(ty);
            let several = scalars.len() > 1;
            let described = scalars
                .into_iter()
                .enumerate()
                .map(|(at, scalar)| {
                    Ok(CResult {
                        name: names.fresh(&match several {
                            true => format!("{name}_{at}"),
                            false => name.clone(),
                        }),
                        ty: shape::c_type(scalar, &name)?,
                        kind,
                        of,
                    })
                })
                .collect::<Result<_, Diagnosis>>()?;
            Ok((ty, described))
        })
        .collect()
}

/// Gives the wrapper what the primal has that code generation goes by.
fn like(primal: FunctionValue<'_>, wrapper: FunctionValue<'_>) {
    const COPIED: [&str; 5] = [
        "target-cpu",
        "target-features",
        "tune-cpu",
        "frame-pointer",
        "probe-stack",
    ];
    for key in COPIED {
        if let Some(found) = primal.get_string_attribute(AttributeLoc::Function, key) {
            wrapper.add_attribute(AttributeLoc::Function, found);
        }
    }
    let lazy = Attribute::get_named_enum_kind_id("nonlazybind");
    if let Some(found) = primal.get_enum_attribute(AttributeLoc::Function, lazy) {
        wrapper.add_attribute(AttributeLoc::Function, found);
    }
}

/// States what the binding's contract states, and no more.
fn promise(module: &Module<'_>, wrapper: FunctionValue<'_>, parameters: &[CParameter]) {
    for (at, parameter) in (0..).zip(parameters) {
        let add = |name: &str, value: u64| {
            wrapper.add_attribute(AttributeLoc::Param(at), plain(module, name, value));
        };
        add("noundef", 0);
        if parameter.ty != CType::Pointer {
            continue;
        }
        if parameter.role == Role::Results {
            add("nonnull", 0);
        }
        if parameter.unaliased {
            add("noalias", 0);
        }
        if let Some(bytes) = parameter.bytes {
            add("nonnull", 0);
            add("dereferenceable", bytes);
        }
        if let Some(align) = parameter.align {
            add("align", align);
        }
    }
}

fn plain(module: &Module<'_>, name: &str, value: u64) -> Attribute {
    module
        .get_context()
        .create_enum_attribute(Attribute::get_named_enum_kind_id(name), value)
}

/// A copy of what an argument points to: the primal may do with it what it likes.
fn own<'c>(
    builder: &Builder<'c>,
    module: &Module<'c>,
    value: BasicValueEnum<'c>,
    bytes: u64,
    align: Option<u64>,
) -> Option<BasicValueEnum<'c>> {
    let context = module.get_context();
    let ty = context.i8_type().array_type(u32::try_from(bytes).ok()?);
    let align = u32::try_from(align.unwrap_or(1)).ok()?;
    let copy = builder.build_alloca(ty, "copy").ok()?;
    copy.as_instruction()?.set_alignment(align).ok()?;
    let size = context.i64_type().const_int(bytes, false);
    builder
        .build_memcpy(copy, align, value.into_pointer_value(), align, size)
        .ok()?;
    Some(copy.into())
}

fn strange(what: Unexpected) -> Diagnosis {
    Diagnosis::new(Kind::Emit, Problem::OtherForm { what })
}

fn unbuilt() -> Diagnosis {
    Diagnosis::new(Kind::Emit, Problem::NoExport)
}
