//! Finds functions by their symbols, and names of functions and values.

use inkwell::module::Module;
use inkwell::values::{BasicValueEnum, FunctionValue};
use trace::{Diagnosis, Help, Kind, Problem, enzyme};

/// The function of that symbol; a declaration is refused.
pub(crate) fn find<'c>(module: &Module<'c>, symbol: &str) -> Result<FunctionValue<'c>, Diagnosis> {
    let function = module.get_function(symbol).ok_or_else(|| {
        Diagnosis::new(
            Kind::Function,
            Problem::NoSuchFunction {
                symbol: symbol.to_owned(),
            },
        )
    })?;
    if function.count_basic_blocks() == 0 {
        return Err(Diagnosis::new(
            Kind::Function,
            Problem::Declared {
                symbol: symbol.to_owned(),
            },
        )
        .with_help(Help::DefiningModule));
    }
    Ok(function)
}

/// The symbol of a function.
pub(crate) fn name(function: FunctionValue<'_>) -> String {
    function.get_name().to_string_lossy().into_owned()
}

/// The name of a value, if it has one.
pub(crate) fn value_name(value: BasicValueEnum<'_>) -> Option<String> {
    let name = match value {
        BasicValueEnum::ArrayValue(v) => v.get_name().to_owned(),
        BasicValueEnum::IntValue(v) => v.get_name().to_owned(),
        BasicValueEnum::FloatValue(v) => v.get_name().to_owned(),
        BasicValueEnum::PointerValue(v) => v.get_name().to_owned(),
        BasicValueEnum::StructValue(v) => v.get_name().to_owned(),
        BasicValueEnum::VectorValue(v) => v.get_name().to_owned(),
        BasicValueEnum::ScalableVectorValue(v) => v.get_name().to_owned(),
    };
    let name = name.to_string_lossy();
    (!name.is_empty()).then(|| name.into_owned())
}

/// The symbol of the function that Enzyme made a derivative of, by the derivative's: as it stands there, and without the
/// number that the second derivative of a function has behind its name.
pub(crate) fn derived_from(symbol: &str) -> Option<[&str; 2]> {
    const MADE: [&str; 3] = [enzyme::REVERSE, enzyme::FORWARD, enzyme::AUGMENTED];
    let rest = MADE.iter().find_map(|prefix| symbol.strip_prefix(prefix))?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let numbered = rest.rsplit_once('.').filter(|(_, end)| is_number(end));
    Some([rest, numbered.map_or(rest, |(symbol, _)| symbol)])
}

/// True for the symbol of a function, and for that of anything that Enzyme makes of it.
pub(crate) fn is_made_of(symbol: &str, function: &str) -> bool {
    let fake = format!("{}_", enzyme::FAKE_AUGMENTED);
    let prefixes = [enzyme::PREPROCESSED, &fake];
    let bare = prefixes
        .into_iter()
        .find_map(|prefix| symbol.strip_prefix(prefix));
    symbol == function
        || bare == Some(function)
        || derived_from(symbol).is_some_and(|names| names.contains(&function))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_enzyme_makes_is_known_by_its_name() {
        for made in [
            "f",
            "preprocess_f",
            "fakeaugmented_f",
            "augmented_f.3",
            "diffef",
            "diffef.12",
        ] {
            assert!(is_made_of(made, "f"), "{made}");
        }
        for other in ["ff", "diffeg", "preprocess_ff", "augmented_f.x"] {
            assert!(!is_made_of(other, "f"), "{other}");
        }
    }
}
