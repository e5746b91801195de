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

/// True if floats are in it.
pub(crate) fn has_floats(ty: BasicTypeEnum<'_>) -> bool {
    match ty {
        BasicTypeEnum::FloatType(_) => true,
        BasicTypeEnum::ArrayType(array) => has_floats(array.get_element_type()),
        BasicTypeEnum::VectorType(vector) => has_floats(vector.get_element_type()),
        BasicTypeEnum::StructType(fields) => fields.get_field_types().into_iter().any(has_floats),
        _ => false,
    }
}

/// True if nothing else is in it.
pub(crate) fn floats_only(ty: BasicTypeEnum<'_>) -> bool {
    match ty {
        BasicTypeEnum::FloatType(_) => true,
        BasicTypeEnum::ArrayType(array) => floats_only(array.get_element_type()),
        BasicTypeEnum::VectorType(vector) => floats_only(vector.get_element_type()),
        BasicTypeEnum::StructType(fields) => fields.get_field_types().into_iter().all(floats_only),
        _ => false,
    }
}
