//! Reads `enzyme_type` attributes, in which rustc says what lies where behind a parameter.

use inkwell::attributes::AttributeLoc;
use inkwell::values::FunctionValue;
use trace::{Concrete, enzyme};

use crate::types::places::Places;

/// What the attribute of an IR parameter says; `Err` with its text where it cannot be read.
pub(crate) fn of_parameter(
    function: FunctionValue<'_>,
    index: usize,
) -> Option<Result<Places, String>> {
    let location = AttributeLoc::Param(u32::try_from(index).ok()?);
    let attribute = function.get_string_attribute(location, enzyme::TYPE)?;
    let text = attribute.get_string_value().to_string_lossy().into_owned();
    Some(parse(&text).ok_or(text))
}

/// `{[-1]:Pointer, [-1,-1]:Float@double}`. What has a type that irad has no word for (`Anything`, other
/// floats) is left out: Enzyme reads the attribute itself, too.
fn parse(text: &str) -> Option<Places> {
    let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
    let mut places = Places::new();
    while !rest.is_empty() {
        let (offsets, after) = rest.strip_prefix('[')?.split_once(']')?;
        let place: Vec<i64> = match offsets.trim() {
            "" => Vec::new(),
            offsets => offsets
                .split(',')
                .map(|offset| offset.trim().parse().ok())
                .collect::<Option<_>>()?,
        };
        let after = after.trim_start().strip_prefix(':')?;
        let (concrete, after) = after.split_once(',').unwrap_or((after, ""));
        match concrete.trim() {
            enzyme::POINTER => places.push((place, Concrete::Pointer)),
            enzyme::INTEGER => places.push((place, Concrete::Integer)),
            enzyme::ANYTHING | enzyme::UNKNOWN => {}
            other => match other.strip_prefix(enzyme::FLOAT)? {
                "half" => places.push((place, Concrete::Float(16))),
                "float" => places.push((place, Concrete::Float(32))),
                "double" => places.push((place, Concrete::Float(64))),
                "fp128" => places.push((place, Concrete::Float(128))),
                "bfloat16" | "x86_fp80" => {}
                _ => return None,
            },
        }
        rest = after.trim_start();
    }
    Some(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rustc_writes_is_read() {
        assert_eq!(
            parse("{[-1]:Pointer, [-1,0]:Float@double, [-1,8]:Integer}"),
            Some(vec![
                (vec![-1], Concrete::Pointer),
                (vec![-1, 0], Concrete::Float(64)),
                (vec![-1, 8], Concrete::Integer),
            ])
        );
        assert_eq!(
            parse("{[-1]:Float@float}"),
            Some(vec![(vec![-1], Concrete::Float(32))])
        );
        assert_eq!(parse("{[-1]:Anything}"), Some(Vec::new()));
        assert_eq!(parse("{}"), Some(Vec::new()));
    }

    #[test]
    fn anything_else_is_not() {
        for text in [
            "",
            "{",
            "Pointer",
            "{[-1]}",
            "{[x]:Pointer}",
            "{[-1]:Double}",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
