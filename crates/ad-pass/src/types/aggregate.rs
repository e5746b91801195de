//! Structs, arrays and vectors by value.

use inkwell::types::BasicTypeEnum;

use crate::types::contents;

/// An aggregate in Rust's words.
pub(crate) fn words(ty: BasicTypeEnum<'_>) -> String {
    match ty {
        BasicTypeEnum::FloatType(float) => contents::float_name(float).to_owned(),
        BasicTypeEnum::PointerType(_) => "*_".to_owned(),
        BasicTypeEnum::ArrayType(array) => {
            format!("[{}; {}]", words(array.get_element_type()), array.len())
        }
        BasicTypeEnum::StructType(fields) => {
            let fields: Vec<String> = fields.get_field_types().into_iter().map(words).collect();
            format!("({})", fields.join(", "))
        }
        other => inkwell::types::AnyType::print_to_string(&other).to_string(),
    }
}

/// What is in it.
pub(crate) fn holds(ty: BasicTypeEnum<'_>) -> Holds {
    let mut parts = Parts::default();
    parts.add(ty);
    match parts {
        Parts { scalable: true, .. } => Holds::Scalable,
        Parts { floats: false, .. } => Holds::NoFloat,
        Parts { pointers: true, .. } => Holds::FloatsAndPointers,
        Parts { numbers: true, .. } => Holds::FloatsAndNumbers,
        _ => Holds::Floats,
    }
}

/// What is in a struct, array or vector by value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Floats and nothing else.
    Floats,
    /// Floats beside integers.
    FloatsAndNumbers,
    /// Floats beside what leads to memory.
    FloatsAndPointers,
    /// No float.
    NoFloat,
    /// As many elements as the processor chooses.
    Scalable,
}

/// The kinds of parts that were seen.
#[derive(Default)]
struct Parts {
    floats: bool,
    numbers: bool,
    pointers: bool,
    scalable: bool,
}

impl Parts {
    fn add(&mut self, ty: BasicTypeEnum<'_>) {
        match ty {
            BasicTypeEnum::FloatType(_) => self.floats = true,
            BasicTypeEnum::IntType(_) => self.numbers = true,
            BasicTypeEnum::PointerType(_) => self.pointers = true,
            BasicTypeEnum::ScalableVectorType(_) => self.scalable = true,
            BasicTypeEnum::ArrayType(array) => self.add(array.get_element_type()),
            BasicTypeEnum::VectorType(vector) => self.add(vector.get_element_type()),
            BasicTypeEnum::StructType(fields) => {
                for field in fields.get_field_types() {
                    self.add(field);
                }
            }
        }
    }
}
