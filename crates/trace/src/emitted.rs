//! What `irad emit` writes: the kinds of output, and the function that they export as C sees it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::panics::Panics;

/// What a derivative is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputKind {
    /// LLVM's text form.
    Text,
    /// LLVM's bitcode.
    Bitcode,
    /// An object that linkers take.
    Object,
    /// The same as assembly text.
    Assembly,
}

impl fmt::Display for OutputKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            OutputKind::Text => "LLVM IR",
            OutputKind::Bitcode => "LLVM bitcode",
            OutputKind::Object => "an object",
            OutputKind::Assembly => "assembly",
        })
    }
}

/// How a derivative becomes code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emission {
    /// The symbol that is exported.
    pub symbol: String,
    /// What is written.
    pub kind: OutputKind,
    /// The processor to compile for by LLVM's name for it, or `native`; as the input says if `None`.
    pub cpu: Option<String>,
    /// How hard the code generator tries, from 0 to 3.
    pub level: u8,
}

/// What was emitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emitted {
    /// The exported function.
    pub interface: Interface,
    /// Symbols that others must define, in their order in the module.
    pub needs: Vec<String>,
    /// Those of them that are variables, which the object that rustc makes has as well.
    pub variables: Vec<String>,
    /// Those of them that stand for Rust's allocator, whose own symbols the input does not tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allocator: Vec<AllocatorSymbol>,
}

/// A symbol that stands for an entry point of Rust's allocator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllocatorSymbol {
    /// The symbol.
    pub symbol: String,
    /// What it stands for.
    pub entry: AllocatorEntry,
}

/// An entry point of Rust's allocator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AllocatorEntry {
    /// `std::alloc::alloc`.
    Alloc,
    /// `std::alloc::alloc_zeroed`.
    AllocZeroed,
    /// `std::alloc::dealloc`.
    Dealloc,
}

impl AllocatorEntry {
    /// Its name in `std::alloc`.
    pub fn name(self) -> &'static str {
        match self {
            AllocatorEntry::Alloc => "alloc",
            AllocatorEntry::AllocZeroed => "alloc_zeroed",
            AllocatorEntry::Dealloc => "dealloc",
        }
    }
}

/// The exported function as C sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    /// Its symbol.
    pub symbol: String,
    /// Its parameters.
    pub parameters: Vec<CParameter>,
    /// What it computes, besides what it leaves in memory.
    pub results: Vec<CResult>,
    /// True when the results are stored where the first parameter points; else there is at most one,
    /// and it is returned.
    pub by_pointer: bool,
    /// What it does where the primal panics.
    pub panics: Panics,
    /// True when a panic may leave it.
    pub unwinds: bool,
}

/// A parameter of the exported function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CParameter {
    /// Its name, which is a Rust identifier.
    pub name: String,
    /// Its type.
    pub ty: CType,
    /// What it is for.
    pub role: Role,
    /// Position of the primal's parameter that it belongs to; none for what belongs to its result.
    pub of: Option<usize>,
    /// Bytes behind a pointer that are surely there.
    pub bytes: Option<u64>,
    /// What the address is a multiple of.
    pub align: Option<u64>,
    /// True when the memory is only read.
    pub read_only: bool,
    /// True when the primal has it that nothing else leads to this memory, unless both only read.
    pub unaliased: bool,
    /// True when the primal takes what lies there by value: a copy is made.
    pub by_value: bool,
}

/// What a parameter of the exported function is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Where the results are stored.
    Results,
    /// The primal's own parameter, or a part of it.
    Primal,
    /// Where the primal stores what it returns, if that is too large for registers.
    Returned,
    /// The adjoints (reverse) or tangents (forward) of what stands before it.
    Shadow,
    /// The length of a slice and of its shadow, in elements.
    Length,
    /// The adjoint of the primal's result.
    Seed,
}

/// One result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CResult {
    /// Its name, which is a Rust identifier.
    pub name: String,
    /// Its type.
    pub ty: CType,
    /// What it is.
    pub kind: ResultKind,
    /// Position of the primal's parameter that it is the adjoint of.
    pub of: Option<usize>,
}

/// What a result is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResultKind {
    /// What the primal returns.
    Value,
    /// The tangent of what the primal returns.
    Tangent,
    /// The adjoint of a scalar parameter.
    Adjoint,
}

/// A type that C and Rust agree about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CType {
    /// 32 bits of float.
    F32,
    /// 64 bits of float.
    F64,
    /// True or false.
    Bool,
    /// An integer of so many bits.
    Int(u32),
    /// An address.
    Pointer,
}
