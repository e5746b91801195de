//! Chooses a variant of an enum and makes it: a different one at each point.

use serde_json::Value;
use trace::{Diagnosis, Field, RustType, Tag, Takes, Unmakeable, Variant};

use super::given;
use super::image::{Tags, When};
use super::library;
use super::made::Made;
use super::maker::{Maker, Spot, index};

impl Maker {
    /// Makes a value of an enum.
    ///
    /// JSON has it as serde does: the name of a variant without fields, `{"Circle": 0.5}` for one with a
    /// field, `{"Rect": [1, 2]}` for several. An `Option` is null, or what it holds.
    pub(super) fn variant(
        &mut self,
        name: &str,
        tag: Option<Tag>,
        variants: &[Variant],
        spot: &Spot,
        given: Option<&Value>,
    ) -> Result<Made, Diagnosis> {
        let is_option = is_option(name, variants);
        let (nth, given) = match given {
            Some(given) if is_option => in_option(given, variants),
            Some(given) => named(given, variants, &spot.label)?,
            None => match self.choose(variants, spot) {
                Some(nth) => (nth, None),
                None => return Err(self.unmakeable(spot, name, Unmakeable::ValidBytes)),
            },
        };
        let variant = &variants[nth];
        let mut inside = spot.clone();
        if let Some(tag) = tag {
            if let Some(value) = variant.value {
                let bytes = value.to_le_bytes();
                let at = spot.at + index(tag.offset);
                self.image.put(spot.block, at, &bytes[..index(tag.bytes)]);
            }
            inside.when.push(when(tag, variants, nth, spot.at));
        }
        inside.is_alone = false;
        if !is_option && variants.len() > 1 {
            inside.label = format!("{}.{}", spot.label, variant.name);
        }
        let fields: Vec<&Field> = variant.fields.iter().collect();
        let is_single = matches!(fields.as_slice(), [only] if only.name == "0");
        let made = match fields.as_slice() {
            [] => {
                if let Some(given) = given.filter(|given| !given.is_null()) {
                    return Err(given::unfit(&inside.label, Takes::NoFields, given));
                }
                return Ok(match is_option {
                    true => Made::Nothing,
                    false => Made::Variant(variant.name.clone(), None),
                });
            }
            [only] if is_single => self.place(&only.ty, &inside.field(only.offset, ""), given)?,
            several => self.fields(several, true, &inside, given)?,
        };
        let made = Box::new(made);
        Ok(match is_option {
            true => Made::Present(made),
            false => Made::Variant(variant.name.clone(), Some(made)),
        })
    }

    /// Which variant to make: those with floats first, each once at the first points and elements, and
    /// any of them later. `None` if none can be made.
    fn choose(&mut self, variants: &[Variant], spot: &Spot) -> Option<usize> {
        let mut order: Vec<usize> = (0..variants.len())
            .filter(|&nth| can_make_fields(&variants[nth].fields))
            .collect();
        let has_no_float = |nth: &usize| {
            let mut fields = variants[*nth].fields.iter();
            !fields.any(|field| field.ty.reaches_float() == Some(true))
        };
        order.sort_by_key(has_no_float);
        let count = order.len();
        let turn = index(u64::from(self.point));
        let last = i128::try_from(count)
            .ok()?
            .checked_sub(1)
            .filter(|last| *last >= 0)?;
        let nth = match turn < count {
            true => (turn + spot.nth) % count,
            false => usize::try_from(self.choices.integer(0, last)).unwrap_or(0),
        };
        Some(order[nth])
    }
}

/// What holds while an enum that lies at `at` is of a variant.
pub(super) fn when(tag: Tag, variants: &[Variant], nth: usize, at: usize) -> When {
    let tags = match variants[nth].value {
        Some(value) => Tags::Only(value),
        None => Tags::AllBut(variants.iter().filter_map(|other| other.value).collect()),
    };
    When {
        at: at + index(tag.offset),
        bytes: index(tag.bytes),
        tags,
    }
}

pub(super) fn is_option(name: &str, variants: &[Variant]) -> bool {
    name.starts_with("Option<")
        && matches!(variants, [none, some] if none.name == "None" && some.name == "Some")
}

/// `null`, what there is, or `{"Some": …}`.
fn in_option<'v>(given: &'v Value, variants: &[Variant]) -> (usize, Option<&'v Value>) {
    let position = |name: &str| variants.iter().position(|variant| variant.name == name);
    let none = position("None").unwrap_or(0);
    let some = position("Some").unwrap_or(0);
    match given {
        Value::Null => (none, None),
        Value::Object(object) if object.len() == 1 && object.contains_key("Some") => {
            (some, object.get("Some"))
        }
        given => (some, Some(given)),
    }
}

/// `"Empty"` or `{"Circle": 0.5}`.
fn named<'v>(
    given: &'v Value,
    variants: &[Variant],
    place: &str,
) -> Result<(usize, Option<&'v Value>), Diagnosis> {
    let (name, inside) = match given {
        Value::String(name) => (Some(name), None),
        Value::Object(object) if object.len() == 1 => {
            let (name, inside) = object.iter().next().expect("one");
            (Some(name), Some(inside))
        }
        _ => (None, None),
    };
    let found = name.and_then(|name| variants.iter().position(|variant| variant.name == *name));
    found.map(|found| (found, inside)).ok_or_else(|| {
        let names = variants
            .iter()
            .map(|variant| variant.name.clone())
            .collect();
        let with_fields = variants
            .iter()
            .find(|variant| !variant.fields.is_empty())
            .map(|variant| variant.name.clone());
        given::unfit(place, Takes::Variants { names, with_fields }, given)
    })
}

/// True if values of these types can be made up.
fn can_make_fields(fields: &[Field]) -> bool {
    fields.iter().all(|field| can_make(&field.ty))
}

fn can_make(ty: &RustType) -> bool {
    match ty {
        RustType::Float(bits) => *bits <= 64,
        RustType::Integer { .. } => true,
        ty if ty.is_object() => false,
        RustType::Pointer { to, .. } => to.bytes().is_some() && can_make(to),
        RustType::Slice { of, .. } | RustType::Vec { of, .. } | RustType::Array { of, .. } => {
            can_make(of)
        }
        RustType::Tail { head, of, .. } => can_make_fields(head) && can_make(of),
        RustType::Struct { name, fields, .. } => {
            !library::is_closed(name, fields) && can_make_fields(fields)
        }
        RustType::Enum { variants, .. } => variants
            .iter()
            .any(|variant| can_make_fields(&variant.fields)),
        RustType::Opaque { bytes, .. } => *bytes == Some(0),
    }
}
