//! Strings of Enzyme's that irad depends on, all of them. A test finds each in the sources that are built
//! (`ad-pass/tests/enzyme_strings.rs`), so that a changed wording is noticed. Those that only C++ needs
//! stand in `llvm-shim/cpp/enzyme_strings.h`. `ir-load` and `ir-text` do not import this crate: the one finds calls to
//! Enzyme by their first letters, the other knows the names of values and blocks, which stand here, too.

strings! {
    /// The name of remarks about types that are guessed.
    REMARK_TYPE = "CannotDeduceType";
    /// The name of remarks about values that are kept.
    REMARK_CACHE = "Uncacheable";
    /// The name of remarks about values that are kept so that others need not be.
    REMARK_CHOICE = "ChosenCache";
    /// The name of remarks about allocations that stay on the heap.
    REMARK_ALLOCATION = "NotPromotable";

    /// Before what has no type.
    FAILED_TO_DEDUCE = "failed to deduce ";
    /// Before a load whose memory may be overwritten.
    LOAD_MAY_NEED_CACHING = "Load may need caching ";
    /// Before a value that is kept.
    CACHING_INSTRUCTION = "Caching instruction ";
    /// Before a use that is kept.
    CHOOSING_TO_CACHE = "Choosing to cache use ";
    /// Before what is to blame.
    DUE_TO = " due to ";
    /// Before whether a value can be computed again.
    LEGAL_RECOMPUTE = " legalRecompute: ";

    /// What it says of a value without a shadow.
    NO_SHADOW = "cannot find shadow";

    /// Before the type that was known, in a contradiction.
    PREVIOUS_TYPE = " prev:";
    /// Before the type that a use has, in a contradiction.
    NEW_TYPE = " new: ";
    /// What Enzyme complains of before it says that a callee has no derivative.
    OVERWRITTEN_ARGUMENTS = "overwritten_args";
    /// Behind what analysis knows of a value.
    INTEGER_VALUES = ", intvals";
    /// Before the function that has no derivative.
    FOUND_FOR = " found for ";

    /// No rule for a call, in reverse mode.
    NO_AUGMENTED = "No augmented";
    /// No rule for a call, in the reverse sweep.
    NO_REVERSE_PASS = "No reverse pass";
    /// A call of a function without a body, which may free memory.
    NO_FREE_EMPTY = "No create nofree of empty function";
    /// A call of what is not known, which may free memory.
    NO_FREE_UNKNOWN = "No create nofree of unknown value";
    /// No rule for a call, in forward mode.
    NO_FORWARD_MODE = "No forward mode";
    /// Inline assembly.
    SAYS_ASSEMBLY = "asm ";
    /// A global without a shadow.
    SAYS_GLOBAL = "global variable";
    /// An operation on bits of a float.
    SAYS_BINARY_OPERATOR = "unknown binary operator";
    /// A cast of bits of a float.
    SAYS_CAST = "above cast";
    /// An assertion about an adjoint's type.
    ASSERTS_BIT_WIDTH = "getIntegerBitWidth";
    /// An assertion about a shadow's type.
    ASSERTS_POINTER = "isPointerTy";
    /// An assertion about the type of what is accumulated.
    ASSERTS_ADDING_TYPE = "adding type";
    /// An assertion about two types of the same bytes.
    ASSERTS_LEGAL_OR = "LegalOr";
    /// An assertion about a type that a rule does not know.
    ASSERTS_SUBTYPE = "unknown subtype";

    /// How lines begin that say what is wrong.
    BEGINS_CANNOT = "cannot ";
    /// As above.
    BEGINS_CANNOT_CAPITAL = "Cannot ";
    /// As above.
    BEGINS_COULDNT = "couldn't ";
    /// As above.
    BEGINS_COULD_NOT = "could not ";
    /// As above.
    BEGINS_NO = "No ";
    /// As above.
    BEGINS_MISMATCHED = "Mismatched ";
    /// As above.
    BEGINS_ILLEGAL = "Illegal ";
    /// As above.
    BEGINS_ACTIVE_ATOMIC = "Active atomic";
    /// As above.
    BEGINS_CONSTANT_FUNCTION = "constant function";
    /// As above.
    BEGINS_NUMBER = "Number of arg";
    /// As above.
    BEGINS_UNHANDLED = "unhandled";
    /// As above.
    BEGINS_UNIMPLEMENTED = "Unimplemented";
    /// As above.
    BEGINS_FUNCTION_FAILED = "function failed";
    /// As above.
    BEGINS_ERROR = "Error";

    /// Before the symbol of a function that Enzyme has simplified for itself.
    PREPROCESSED = "preprocess_";
    /// Before the symbol of an augmented primal.
    AUGMENTED = "augmented_";
    /// Before the symbol of a function that only looks like one, and an underscore.
    FAKE_AUGMENTED = "fakeaugmented";
    /// Before the symbol of a function whose shadows were made to fit.
    FIXED = "fixderivative_";
    /// Before the symbol of a function around a call.
    CALL_WRAPPER = "callwrap_";
    /// Before the symbol of a derivative in forward mode.
    FORWARD = "fwddiffe";
    /// Before the symbol of a derivative in reverse mode.
    REVERSE = "diffe";
    /// What is called where a function pointer has no derivative.
    RUNTIME_INACTIVE = "__enzyme_runtimeinactiveerr";

    /// Before the symbols of functions and variables that Enzyme looks for.
    RESERVED = "__enzyme_";
    /// Asks Enzyme's pass for reverse mode.
    CALL_REVERSE = "__enzyme_autodiff";
    /// The same, by its other name.
    CALL_REVERSE_TOO = "__enzyme_reverse";
    /// Asks Enzyme's pass for forward mode.
    CALL_FORWARD = "__enzyme_fwddiff";
    /// Before the names of markers.
    MARKER = "enzyme_";
    /// A constant argument.
    MARKER_CONST = "enzyme_const";
    /// An argument whose adjoint is returned.
    MARKER_OUT = "enzyme_out";
    /// An argument with a shadow.
    MARKER_DUP = "enzyme_dup";
    /// An argument with a shadow, whose own value is not needed.
    MARKER_DUP_NO_NEED = "enzyme_dupnoneed";
    /// How many directions.
    MARKER_WIDTH = "enzyme_width";
    /// An argument with the shadows of all directions behind each other.
    MARKER_DUP_V = "enzyme_dupv";
    /// The same, whose own value is not needed.
    MARKER_DUP_NO_NEED_V = "enzyme_dupnoneedv";
    /// The size of a tape.
    MARKER_ALLOCATED = "enzyme_allocated";
    /// A tape.
    MARKER_TAPE = "enzyme_tape";
    /// An argument that is passed by reference.
    MARKER_BY_REFERENCE = "enzyme_byref";
    /// An interface to probabilistic programming.
    MARKER_INTERFACE = "enzyme_interface";
    /// A constant result.
    MARKER_CONST_RETURN = "enzyme_const_return";
    /// A result with a seed.
    MARKER_ACTIVE_RETURN = "enzyme_active_return";
    /// A result with a shadow.
    MARKER_DUP_RETURN = "enzyme_dup_return";
    /// The derivative returns the primal's result, too.
    MARKER_PRIMAL_RETURN = "enzyme_primal_return";

    /// The attribute that gives a function the name that Enzyme knows it by.
    KNOWN_AS = "enzyme_math";
    /// The attribute of a function that no derivative flows through.
    INACTIVE = "enzyme_inactive";
    /// The attribute of a function that the analysis of types passes by.
    UNTYPED = "enzyme_notypeanalysis";
    /// The attribute of a function that hands out no memory which the reverse pass would have to free.
    FREES_ITSELF = "enzyme_no_escaping_allocation";
    /// The attribute that says what lies where behind a parameter.
    TYPE = "enzyme_type";
    /// What allocates, by the name that Enzyme knows.
    RUST_ALLOC = "__rust_alloc";
    /// What frees, by the name that Enzyme knows and writes.
    RUST_DEALLOC = "__rust_dealloc";

    /// Before the names of options.
    OPTION_PREFIX = "enzyme-";
    /// Has Enzyme guess types.
    OPTION_LOOSE_TYPES = "enzyme-loose-types";
    /// Whether memory holds one type only.
    OPTION_STRICT_ALIASING = "enzyme-strict-aliasing";
    /// Whether types are read from Rust's debug info.
    OPTION_RUST_TYPE = "enzyme-rust-type";
    /// How deep types may nest.
    OPTION_MAX_TYPE_DEPTH = "enzyme-max-type-depth";
    /// Takes globals for constant.
    OPTION_GLOBALS_INACTIVE = "enzyme-globals-default-inactive";
    /// Takes functions without a body for constant.
    OPTION_EMPTY_INACTIVE = "enzyme-emptyfn-inactive";

    /// A pass that prints types.
    PASS_TYPES = "print-type-analysis";
    /// A pass that prints activities.
    PASS_ACTIVITIES = "print-activity-analysis";

    /// A concrete type.
    INTEGER = "Integer";
    /// As above.
    POINTER = "Pointer";
    /// As above.
    ANYTHING = "Anything";
    /// As above.
    UNKNOWN = "Unknown";
    /// Before the name of a float's type.
    FLOAT = "Float@";

    /// Before a block of the reverse sweep.
    REVERSE_BLOCK = "invert";
    /// Behind the name of a value that is computed again.
    RECOMPUTED = "_unwrap";
}

/// The key of an option of Enzyme's, as `--enzyme KEY=VALUE` has it.
pub fn key(option: &'static str) -> &'static str {
    option.strip_prefix(OPTION_PREFIX).unwrap_or(option)
}
