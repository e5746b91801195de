//! What to try after a refusal, each in one sentence.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::activity::{Activity, Mode};

/// One thing to try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Help {
    /// Words of somebody else, or of an older irad.
    Said(String),
    /// A function that is trusted may do what it likes.
    Unguarded,
    /// Names that are close to what was given.
    DidYouMean(Vec<String>),
    /// The body of a called function can be had.
    GiveBody,
    /// A called function can be given a derivative.
    GiveDerivative,
    /// A mathematical function can be written in Rust.
    WriteInRust,
    /// Printing can be taken out.
    TakePrintingOut,
    /// Memory can come from the caller.
    CallerAllocates,
    /// A function can be a type parameter.
    MakeCallDirect,
    /// Assembly can be replaced.
    ReplaceAssembly,
    /// Both paths can lead to memory of one kind.
    SameMemoryOnBothPaths,
    /// A float can be returned alone.
    KeepFloatOut,
    /// Locks can stay outside.
    KeepLocksOutside,
    /// Volatile memory can be read before.
    ReadVolatileBefore,
    /// The IR can be emitted without unwinding.
    PanicAbort,
    /// A use can show a type.
    ShowType,
    /// Floats can have fields of their own.
    FieldsOfTheirOwn,
    /// Bits need not be computed with.
    NoBits,
    /// Sorting can be done before.
    SortBefore,
    /// Vectors can be left to LLVM.
    PlainArithmetic,
    /// A global can be a parameter.
    PassGlobal,
    /// Plain structs can take the place of maps.
    PlainStructs,
    /// The IR can be emitted before rustc optimises it.
    NoPrepopulatePasses,
    /// Another module defines a function.
    DefiningModule,
    /// All directions are those of one.
    LocateInOne,
    /// What values an option of Enzyme's takes.
    OptionValues,
    /// Bitcode of another epoch.
    OtherEpoch {
        /// The LLVM that is linked.
        llvm: String,
    },
    /// IR from before opaque pointers.
    TypedPointers {
        /// The LLVM that is linked.
        llvm: String,
    },
    /// Bitcode of a newer LLVM.
    NewerLlvm {
        /// The LLVM that is linked.
        llvm: String,
        /// Who wrote it.
        producer: String,
    },
    /// Bitcode that is not whole.
    DamagedBitcode,
    /// Something else than IR.
    IsItIr,
    /// Processors that are close to what was given.
    Processors(Vec<String>),
    /// How many directions there may be.
    WidthTakes {
        /// At most.
        most: u32,
    },
    /// Only forward mode has a width.
    WidthIsForward,
    /// Only reverse mode is split.
    SplitIsReverse,
    /// Where parameters can be seen.
    ListShowsParameters,
    /// What --wrt takes.
    WrtNames,
    /// Two flags that say the opposite.
    WrtOrActivity,
    /// A parameter is named once.
    NamedOnce,
    /// What a parameter can be.
    CanBe(Vec<Activity>),
    /// There is no parameter to name.
    NoParameters,
    /// The parameters that there are, which have numbers, too.
    ParametersByNumber(Vec<String>),
    /// The parameters that there are.
    Parameters(Vec<String>),
    /// A function of floats is wanted.
    ChooseFloats,
    /// A trait can be a type parameter.
    TypeParameter,
    /// A function can be a type parameter.
    FunctionParameter,
    /// A trait object can be stated to be constant.
    ConstantObject {
        /// The parameter.
        parameter: String,
    },
    /// Another mode, or the primal itself.
    OtherModeOrPrimal {
        /// The primal.
        primal: String,
        /// The mode that was asked for.
        mode: Mode,
    },
    /// Primals of which one is meant.
    NamePrimal(Vec<String>),
    /// What --inactive takes.
    InactiveNames,
    /// --split does not go with this.
    NoSplit,
    /// Another symbol.
    AnotherName,
    /// A static can be shared.
    ShareStatic,
    /// A value can be passed by reference.
    ByReference,
    /// A value can be passed behind a reference.
    BehindReference,
    /// One function is taken.
    WithoutSplit,
    /// Reverse mode is wanted.
    ReverseMode,
    /// Types can be stated or compiled in.
    StateTypes,
    /// Types can be stated.
    StateSignature,
    /// IR of another machine.
    OtherMachine,
    /// What --map takes.
    Map {
        /// The parameter that stands for something.
        parameter: String,
        /// The parameters of the primal.
        primal: Vec<String>,
    },
    /// --map can say something else.
    MapInstead,
    /// A symbol can be defined.
    DefineIt,
    /// Other inputs.
    ChooseInputs,
}

impl fmt::Display for Help {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Help::Said(it) => f.write_str(it),
            Help::DidYouMean(it) => write!(f, "did you mean {}?", it.join(", ")),
            Help::GiveBody => f.write_str("give its body to the module: cargo irad with --bin, --example or --test takes in all that is linked, also from std; a generic or #[inline] function comes in by itself"),
            Help::GiveDerivative => f.write_str("or give it a derivative of its own: metadata !enzyme_augment and !enzyme_gradient (reverse), !enzyme_derivative (forward) on its declaration"),
            Help::WriteInRust => f.write_str("write it in Rust, or by functions that have a rule (exp, log, sin, tanh, pow, erf, …): those of f64 and f32 in std do"),
            Help::TakePrintingOut => f.write_str("take the printing out, or use eprintln!, which Enzyme knows to be inactive"),
            Help::CallerAllocates => f.write_str("let the caller allocate and pass slices, or reserve room before the loop (Vec::with_capacity)"),
            Help::MakeCallDirect => f.write_str("make the function a type parameter (impl Fn(f64) -> f64) instead of a fn pointer or &dyn, so that the call is direct"),
            Help::ReplaceAssembly => f.write_str("use the function of core or std that does the same, or take black_box out of what is differentiated"),
            Help::SameMemoryOnBothPaths => f.write_str("give both paths memory of the same kind: a parameter that is not constant, or a local copy of the constant"),
            Help::KeepFloatOut => f.write_str("keep the float out of the Option or tuple that is returned by value, or have the function that returns it inlined (#[inline(always)])"),
            Help::KeepLocksOutside => f.write_str("keep locks and atomics outside: lock before, and pass the data in as a slice or reference"),
            Help::ReadVolatileBefore => f.write_str("read volatile memory before, and pass the value in"),
            Help::PanicAbort => f.write_str("emit the IR with -C panic=abort"),
            Help::ShowType => f.write_str("compute with the moved values in the same function (a sum, a product), or move them one by one, so that their type can be seen"),
            Help::FieldsOfTheirOwn => f.write_str("keep what is differentiated in fields of its own, outside of enums with other payloads"),
            Help::NoBits => f.write_str("use f64::abs, copysign, signum and the like instead of to_bits and masks; pass small arrays of floats by reference"),
            Help::SortBefore => f.write_str("sort or rank before, and pass the order in as indices; a sort by hand that swaps floats (slice::swap) has a derivative, too"),
            Help::PlainArithmetic => f.write_str("compute with floats and arrays instead: LLVM makes instructions for vectors of that by itself"),
            Help::PassGlobal => f.write_str("pass it in as a parameter; a global that is only read can be a const"),
            Help::PlainStructs => f.write_str("use slices and plain structs instead of maps and pointers to pointers"),
            Help::NoPrepopulatePasses => f.write_str("emit the IR with -C no-prepopulate-passes, and leave optimising to irad"),
            Help::DefiningModule => f.write_str("give the module that defines it: with -C codegen-units=1 there is one for each crate, and cargo irad with --bin, --example or --test makes one of all that is linked"),
            Help::LocateInOne => f.write_str("leave --width out, or state what is differentiated (--wrt x): all directions are those of one, side by side"),
            Help::OptionValues => f.write_str("its options are true or false, or a number"),
            Help::OtherEpoch { llvm } => write!(f, "LLVM {llvm} reads only bitcode of its own epoch: emit it with a rustc whose `rustc -vV` says LLVM 22, or as text with --emit=llvm-ir"),
            Help::TypedPointers { llvm } => write!(f, "this looks like IR with typed pointers (`double*`), which LLVM gave up in version 17; LLVM {llvm} writes `ptr`: emit the IR again with rustc 1.70 or newer"),
            Help::NewerLlvm { llvm, producer } => write!(f, "{producer} wrote it, and this engine has LLVM {llvm}: make engine-23 builds one with LLVM 23, which irad takes by itself; or emit it with a rustc whose `rustc -vV` says LLVM {}", llvm.split('.').next().unwrap_or_default()),
            Help::DamagedBitcode => f.write_str("the bitcode is damaged or cut off: emit it again"),
            Help::IsItIr => f.write_str("is this LLVM IR? rustc writes it with --emit=llvm-ir"),
            Help::Processors(it) => write!(f, "did you mean {}? `rustc --print target-cpus` lists them; native is this machine's", it.join(", ")),
            Help::WidthTakes { most } => write!(f, "--width takes a number from 1 to {most}"),
            Help::WidthIsForward => f.write_str("--mode forward takes --width; reverse mode gives the whole gradient at once"),
            Help::SplitIsReverse => f.write_str("--split is for --mode reverse"),
            Help::ListShowsParameters => f.write_str("irad list shows each function's parameters; a slice is a pointer and a length there"),
            Help::WrtNames => f.write_str("--wrt names floats and memory that holds floats"),
            Help::WrtOrActivity => f.write_str("what --wrt names is differentiated, and all else is Const: leave one of the two flags away"),
            Help::NamedOnce => f.write_str("each parameter is named once, by its name or its position"),
            Help::CanBe(it) => write!(f, "it can be {}", it.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")),
            Help::NoParameters => f.write_str("it has no parameters at all"),
            Help::ParametersByNumber(it) => write!(f, "its parameters are {} (or 0 to {})", it.join(", "), it.len().saturating_sub(1)),
            Help::Parameters(it) => write!(f, "its parameters are {}", it.join(", ")),
            Help::ChooseFloats => f.write_str("choose a function that takes and gives floats: irad list shows the types of each"),
            Help::FunctionParameter => f.write_str("make it a type parameter (`f: impl Fn(f64) -> f64`), and check a function that passes one"),
            Help::TypeParameter => f.write_str("make it a type parameter: `impl Trait` instead of `dyn Trait`"),
            Help::ConstantObject { parameter } => write!(f, "--activity {parameter}=Const takes what its methods do for constant"),
            Help::OtherModeOrPrimal { primal, mode } => write!(f, "leave --mode away, or name the primal: --fn {primal} --mode {mode}"),
            Help::NamePrimal(it) => write!(f, "name a primal: {}", it.join(", ")),
            Help::InactiveNames => f.write_str("--inactive names a function that it calls"),
            Help::NoSplit => f.write_str("leave --split away"),
            Help::AnotherName => f.write_str("choose another name: --name NAME"),
            Help::ShareStatic => f.write_str("a static that can change must be one for both: make it pub, in a pub module, or #[no_mangle], or pass it as a parameter"),
            Help::ByReference => f.write_str("take it by reference"),
            Help::BehindReference => f.write_str("pass it behind a reference"),
            Help::WithoutSplit => f.write_str("leave --split out: the halves compute what the whole does"),
            Help::ReverseMode => f.write_str("use --mode reverse"),
            Help::StateTypes => f.write_str("state the types with --sig, or compile with -C debuginfo=2, which says what lies where"),
            Help::StateSignature => f.write_str("state the types with --sig"),
            Help::OtherMachine => f.write_str("emit the IR for this machine, or run irad where it runs"),
            Help::Map { parameter, primal } => write!(f, "--map {0}=NAME for a parameter of the primal ({1}), {0}=d.NAME for its gradient or seed, {0}=seed for the adjoint of the result, or {0}=2 for a number", parameter, primal.join(", ")),
            Help::MapInstead => f.write_str("--map says what it stands for instead"),
            Help::Unguarded => f.write_str("--unguarded lets it do what it likes: only for code that you trust as if you ran it yourself"),
            Help::DefineIt => f.write_str("give a module that defines it: cargo irad makes one with all that is linked into a program (--bin NAME, --example NAME, --test NAME)"),
            Help::ChooseInputs => f.write_str("choose inputs that it accepts: --len w=8 for slices and buffers, --range n=4..4 for numbers, or --inputs FILE.json"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_listed() {
        let can_be = Help::CanBe(vec![Activity::Active, Activity::Const]);
        assert_eq!(can_be.to_string(), "it can be Active or Const");
        let names = Help::ParametersByNumber(vec!["x".to_owned(), "w".to_owned()]);
        assert_eq!(names.to_string(), "its parameters are x, w (or 0 to 1)");
    }
}
