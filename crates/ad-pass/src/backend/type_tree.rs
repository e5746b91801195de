//! Enzyme's type trees, made of what is known of a parameter.
#![allow(unsafe_code, reason = "type trees are made through Enzyme's C API")]

use enzyme_sys::type_tree::{self, CTypeTreeRef};
use inkwell::llvm_sys::prelude::LLVMContextRef;
use inkwell::types::BasicTypeEnum;
use trace::Concrete;

use crate::types::contents::float_name;
use crate::types::places::Places;

/// A tree of what lies where.
pub(crate) fn stated_tree(places: &Places, context: LLVMContextRef) -> CTypeTreeRef {
    // SAFETY: a live context, and as many indices as are said; the tree is owned by the caller.
    unsafe {
        let tree = type_tree::EnzymeNewTypeTree();
        for (place, concrete) in places {
            let concrete = match concrete {
                Concrete::Float(16) => type_tree::DT_HALF,
                Concrete::Float(32) => type_tree::DT_FLOAT,
                Concrete::Float(128) => type_tree::DT_FP128,
                Concrete::Float(_) => type_tree::DT_DOUBLE,
                Concrete::Integer => type_tree::DT_INTEGER,
                Concrete::Pointer => type_tree::DT_POINTER,
            };
            type_tree::EnzymeTypeTreeInsertEq(tree, place.as_ptr(), place.len(), concrete, context);
        }
        tree
    }
}

/// What the IR type alone says about a value.
pub(crate) fn type_tree_of(ty: Option<BasicTypeEnum<'_>>, context: LLVMContextRef) -> CTypeTreeRef {
    let concrete = match ty {
        Some(BasicTypeEnum::FloatType(float)) => match float_name(float) {
            "f16" => Some(type_tree::DT_HALF),
            "bf16" => Some(type_tree::DT_BFLOAT16),
            "f32" => Some(type_tree::DT_FLOAT),
            "f64" => Some(type_tree::DT_DOUBLE),
            "f80" => Some(type_tree::DT_X86_FP80),
            "f128" => Some(type_tree::DT_FP128),
            _ => None,
        },
        Some(BasicTypeEnum::PointerType(_)) => Some(type_tree::DT_POINTER),
        // An integer may hold the bits of a float.
        _ => None,
    };
    // SAFETY: a live context; the tree is owned by the caller.
    unsafe {
        match concrete {
            Some(concrete) => {
                let tree = type_tree::EnzymeNewTypeTreeCT(concrete, context);
                type_tree::EnzymeTypeTreeOnlyEq(tree, -1);
                tree
            }
            None => type_tree::EnzymeNewTypeTree(),
        }
    }
}
