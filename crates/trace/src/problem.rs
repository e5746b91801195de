//! What is wrong with a request, in facts.

use serde::{Deserialize, Serialize};

use crate::activity::{Activity, Mode};
use crate::activity_reason::ActivityReason;
use crate::misfit::Misfit;
use crate::runner::Runner;
use crate::system_call::SystemCall;
use crate::takes::Takes;
use crate::unexpected::Unexpected;
use crate::unmakeable::Unmakeable;

/// What is wrong. What LLVM and Enzyme say stands in their own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// Words of LLVM's or Enzyme's, or of an older irad.
    Said(String),
    /// The module has no such function.
    NoSuchFunction {
        /// Its symbol.
        symbol: String,
    },
    /// A function without a body.
    Declared {
        /// Its symbol.
        symbol: String,
    },
    /// Enzyme does not take an option's value.
    OptionValue {
        /// What was given, as KEY=VALUE.
        given: Vec<String>,
    },
    /// An option that is true or false.
    NotBoolean {
        /// Its name.
        option: String,
        /// What was given.
        value: String,
    },
    /// Enzyme has no such option.
    UnknownOption {
        /// Its name.
        option: String,
    },
    /// Enzyme has no derivative of a function.
    NoDerivativeOf {
        /// Its symbol.
        function: String,
    },
    /// Enzyme gave nothing.
    NoDerivativeAndNoWord,
    /// Enzyme's pass left no derivative.
    NothingLeftByPass {
        /// The primal.
        symbol: String,
    },
    /// The primal itself is said to be inactive.
    InactivePrimal {
        /// Its symbol.
        symbol: String,
    },
    /// A case that is split.
    CaseOfTwoCalls,
    /// A case could not be built.
    NoCase,
    /// An explanation that is split.
    ExplainsNoSplit,
    /// Enzyme simplified nothing.
    NoPrimal,
    /// More directions than there can be.
    Directions {
        /// How many.
        width: u32,
    },
    /// A width in reverse mode.
    ReverseHasNoWidth,
    /// A derivative of several directions is to be followed.
    LocateInDirections {
        /// How many.
        width: u32,
    },
    /// A split in forward mode.
    ForwardHasNoTape,
    /// A signature that does not fit.
    Misfit(Misfit),
    /// What --wrt names has no derivative.
    NotDifferentiable {
        /// Its name.
        parameter: String,
        /// Its type.
        ty: String,
        /// Why.
        reason: ActivityReason,
    },
    /// Two flags that say the opposite.
    WrtContradicts {
        /// Its name.
        parameter: String,
        /// What it is stated to be.
        activity: Activity,
        /// --wrt names it.
        named: bool,
    },
    /// A parameter that is named twice.
    Twice {
        /// The flag.
        flag: String,
        /// Its name.
        parameter: String,
    },
    /// The function returns nothing.
    NoResultToActivate,
    /// An activity that does not fit.
    Activity {
        /// Its name.
        parameter: String,
        /// Its type.
        ty: String,
        /// The activity.
        activity: Activity,
        /// The mode.
        mode: Mode,
    },
    /// The function has no such parameter.
    NoSuchParameter {
        /// What was given.
        parameter: String,
    },
    /// Nothing can be differentiated.
    NothingFlows {
        /// The mode.
        mode: Mode,
        /// The function.
        function: String,
        /// There are inputs, but no result.
        inputs: bool,
    },
    /// Methods of a trait object are called.
    TraitObject {
        /// The parameter.
        parameter: String,
        /// Its type.
        ty: String,
    },
    /// The module calls Enzyme in the other mode.
    OtherMode {
        /// The function that calls.
        function: String,
        /// The mode that was asked for.
        mode: Mode,
    },
    /// The module asks for several derivatives.
    SeveralCalls {
        /// The function that calls.
        function: String,
        /// How many.
        count: usize,
        /// The mode.
        mode: Mode,
    },
    /// LLVM writes no code for a target.
    NoTarget {
        /// The target.
        triple: String,
        /// LLVM's words.
        why: Option<String>,
    },
    /// LLVM knows no such processor.
    NoProcessor {
        /// Its name.
        cpu: String,
        /// The target.
        triple: String,
    },
    /// The module has that symbol.
    SymbolTaken {
        /// The symbol.
        symbol: String,
    },
    /// LLVM finds a module invalid.
    Invalid {
        /// Its words.
        words: String,
    },
    /// A derivative that uses a variable of another object.
    LocalVariable {
        /// Its name.
        variable: String,
    },
    /// A derivative that refers to what nobody defines.
    Undefined {
        /// The symbol.
        symbol: String,
    },
    /// The code generator refused.
    NoCode {
        /// Its words.
        words: String,
    },
    /// A value in memory whose shadow would be a copy.
    ByValueInMemory {
        /// The parameter.
        parameter: String,
    },
    /// A type that C and Rust have no common word for.
    NoCommonType {
        /// What is of that type.
        name: String,
        /// The type.
        ty: String,
    },
    /// A derivative of another form than expected.
    OtherForm {
        /// What is different.
        what: Unexpected,
    },
    /// An exported function could not be built.
    NoExport,
    /// A split derivative, where one function is taken.
    TakesOneFunction,
    /// A backward function in forward mode.
    ManualIsReverse,
    /// A flag that names no parameter.
    FlagNamesNoParameter {
        /// The flag.
        flag: String,
        /// What it names.
        parameter: String,
    },
    /// `--len` for something that has as many elements as its type says.
    FixedLength {
        /// The parameter.
        parameter: String,
        /// Its type.
        ty: String,
    },
    /// More elements than can be made.
    TooManyElements {
        /// How many.
        count: u64,
        /// For which parameter.
        parameter: String,
        /// At most.
        most: u64,
    },
    /// More bytes than can be made.
    TooManyBytes {
        /// How many.
        bytes: u64,
        /// For what.
        label: String,
    },
    /// An input that is not what its place takes.
    InputUnfit {
        /// The place: `w[3]`, `model.bias`.
        place: String,
        /// What it takes.
        takes: Takes,
        /// What was given.
        given: String,
    },
    /// No inputs can be made up.
    NoInputs {
        /// The parameter.
        parameter: String,
        /// Its type.
        ty: String,
        /// Why.
        why: Unmakeable,
    },
    /// IR for another machine.
    OtherMachine {
        /// The target of the IR.
        there: String,
        /// This machine.
        here: String,
    },
    /// Code that computes with floats which a check does not know.
    OtherFloats {
        /// What they are.
        ty: String,
    },
    /// A derivative that cannot be called.
    NotAsExpected {
        /// What is different.
        what: Unexpected,
    },
    /// --map names no parameter of the backward function.
    MapNamesNoParameter {
        /// The backward function.
        function: String,
        /// What it names.
        parameter: String,
    },
    /// --map says what there is not.
    MapsToNothing {
        /// The backward function.
        function: String,
        /// Its parameter.
        parameter: String,
        /// What it is said to stand for.
        what: String,
    },
    /// Nothing says what a parameter stands for.
    Unmapped {
        /// The backward function.
        function: String,
        /// Its parameter.
        parameter: String,
    },
    /// A parameter of another type than the primal's.
    OtherTypes {
        /// The parameter.
        parameter: String,
        /// Its type.
        ty: String,
        /// The primal's parameter.
        primal: String,
        /// Its type.
        primal_ty: String,
    },
    /// A symbol without a body.
    Unresolved {
        /// Its name, or several.
        symbols: String,
    },
    /// A function panicked.
    Panicked {
        /// Which function.
        who: Runner,
        /// File, line and column.
        place: Option<String>,
        /// The panic's words.
        message: String,
    },
    /// A function wrote beside its memory.
    WroteBeside {
        /// Which function.
        who: Runner,
        /// Beside what.
        what: String,
    },
    /// A function wants more than to compute.
    Forbidden {
        /// What.
        call: SystemCall,
    },
    /// A function wants more than to compute, and hides what that is.
    Hidden,
    /// A function left nothing behind that could be read.
    NoAnswer,
    /// Nothing keeps a function from doing more than to compute.
    NoGuard {
        /// The system's words.
        why: String,
    },
    /// A function was stopped by a signal.
    Stopped {
        /// Which function.
        who: Runner,
        /// The signal.
        signal: i32,
    },
}

impl From<String> for Problem {
    fn from(words: String) -> Self {
        Problem::Said(words)
    }
}

impl From<&str> for Problem {
    fn from(words: &str) -> Self {
        Problem::Said(words.to_owned())
    }
}
