//! What irad knows about the causes of refusals, and what to try.
//!
//! A diagnosis comes in with Enzyme's words and the instruction that it stumbled over; from these and
//! from what the input was like the cause is told, as far as it can be told.

use trace::{AdOptions, Cause, Diagnosis, Kind, Pipeline};

use crate::backend::refusal::types_were_too_deep;
use crate::diagnose::input::Input;
use crate::diagnose::words::CONSTANT_POINTER;
use crate::transform::allocator;

/// Names the cause, says what is known about it, and suggests what may help.
pub(crate) fn explain(diagnosis: &mut Diagnosis, ad: &AdOptions, input: Input) {
    let text = diagnosis
        .instruction
        .as_ref()
        .map_or_else(String::new, |line| line.text.clone());
    let said = diagnosis.message.clone();
    let moves_on = text.contains("extractvalue");
    let before = diagnosis
        .instruction
        .iter()
        .filter(|_| moves_on)
        .flat_map(|line| &line.before)
        .find_map(|line| by_line(line));
    let in_allocator = diagnosis.kind != Kind::NoDerivative
        && diagnosis.frames.first().is_some_and(|frame| {
            let path = format!("{:#}", rustc_demangle::demangle(&frame.function));
            ["alloc::raw_vec::", "alloc::alloc::", "alloc::boxed::"]
                .iter()
                .any(|module| path.trim_start_matches('<').starts_with(module))
        });
    let broke_on_atomics = diagnosis.kind == Kind::Assertion && input.atomic;
    let cause = by_line(&text)
        .or(before)
        .or(in_allocator.then_some(Cause::Allocation))
        .or(broke_on_atomics.then_some(Cause::Atomic))
        .or_else(|| by_words(diagnosis.kind, &said, &text))
        .or_else(|| by_kind(diagnosis, &text));
    diagnosis.cause = cause;
    match cause {
        Some(cause) => tell(diagnosis, cause, &text),
        None => general(diagnosis),
    }
    about_input(diagnosis, ad, input);
    if types_were_too_deep() {
        diagnosis.note("a type nests deeper than Enzyme follows; what lies deeper has no type");
        diagnosis.suggest(
            &["--enzyme", "max-type-depth=12"],
            "follows pointers to pointers further",
        );
    }
}

/// The symbol that a call or a declaration in a line of IR names.
fn callee(line: &str) -> Option<String> {
    let rest = &line[line.find('@')? + 1..];
    let name = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => rest
            .split(|c: char| !(c.is_ascii_alphanumeric() || "._$-".contains(c)))
            .next()?,
    };
    (!name.is_empty()).then(|| name.to_owned())
}

/// What the instruction itself shows.
fn by_line(line: &str) -> Option<Cause> {
    let has = |word: &str| line.split([' ', '(']).any(|w| w == word);
    if has("asm") {
        Some(Cause::InlineAssembly)
    } else if has("cmpxchg") || has("atomicrmw") || has("atomic") {
        Some(Cause::Atomic)
    } else if has("volatile") {
        Some(Cause::Volatile)
    } else {
        None
    }
}

fn by_words(kind: Kind, said: &str, line: &str) -> Option<Cause> {
    let any = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if any(&["asm "]) {
        return Some(Cause::InlineAssembly);
    }
    if any(&["global variable"]) {
        return Some(Cause::GlobalMemory);
    }
    if any(&["unknown binary operator", "above cast"]) {
        return Some(Cause::FloatBits);
    }
    if any(&["getIntegerBitWidth", "isPointerTy", "adding type"]) && kind == Kind::Assertion {
        return Some(Cause::PointerValue);
    }
    if kind == Kind::Assertion && any(&["LegalOr"]) {
        return Some(Cause::SharedBytes);
    }
    if kind == Kind::Assertion && any(&["unknown subtype"]) {
        return Some(Cause::MathLibrary);
    }
    let is_call = kind == Kind::NoDerivative
        && (any(&[
            "No augmented",
            "No reverse pass",
            "No forward mode",
            "No derivative found",
        ]) || line.starts_with('@'));
    if !is_call {
        return None;
    }
    let called = callee(line).or_else(|| named_in(said))?;
    Some(of_callee(&called))
}

/// The function that Enzyme's words name: `No reverse pass found for f(…`.
fn named_in(said: &str) -> Option<String> {
    let name = said.split(" found for ").nth(1)?;
    Some(name.split(['(', ' ']).next()?.to_owned())
}

fn of_callee(symbol: &str) -> Cause {
    let path = format!("{:#}", rustc_demangle::demangle(symbol));
    if allocator::entry_point(symbol).is_some() || path.contains("raw_vec") {
        Cause::Allocation
    } else if MATH.contains(&symbol.trim_end_matches(['f', 'l'])) || MATH.contains(&symbol) {
        Cause::MathLibrary
    } else if path.contains("_print") || path.contains("core::fmt") || path.contains("as core::fmt")
    {
        Cause::Printing
    } else {
        Cause::ExternalCall
    }
}

/// Functions of C's mathematical library, without the suffixes of their types.
const MATH: [&str; 49] = [
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cbrt",
    "ceil",
    "copysign",
    "cos",
    "cosh",
    "erf",
    "erfc",
    "exp",
    "exp10",
    "exp2",
    "expm1",
    "fabs",
    "fdim",
    "floor",
    "fma",
    "fmax",
    "fmin",
    "fmod",
    "frexp",
    "hypot",
    "ilogb",
    "j0",
    "j1",
    "jn",
    "ldexp",
    "lgamma",
    "lgamma_r",
    "log",
    "log10",
    "log1p",
    "log2",
    "logb",
    "modf",
    "nextafter",
    "pow",
    "remainder",
    "remquo",
    "scalbn",
    "sin",
    "tan",
    "tgamma",
    "trunc",
];

fn by_kind(diagnosis: &Diagnosis, line: &str) -> Option<Cause> {
    match diagnosis.kind {
        Kind::MixedActivity => Some(Cause::MixedActivity),
        Kind::NoType => Some(Cause::UnknownType),
        Kind::IllegalTypeAnalysis => {
            let types = diagnosis.notes.join(" ");
            let floats = types.contains("Float@") && types.contains("Integer");
            Some(match floats && types.matches("Pointer").count() <= 2 {
                true => Cause::FloatBits,
                false => Cause::SharedBytes,
            })
        }
        Kind::NoShadow if line.contains("call") && !line.contains('@') => Some(Cause::IndirectCall),
        _ => None,
    }
}

/// What is known about a cause, and what helps.
fn tell(diagnosis: &mut Diagnosis, cause: Cause, line: &str) {
    let called = callee(line)
        .or_else(|| named_in(&diagnosis.message))
        .unwrap_or_default();
    match cause {
        Cause::ExternalCall => {
            diagnosis.note(format!(
                "{called} has no body in this module, and Enzyme has no rule for it"
            ));
            diagnosis.help.extend([
                "give its body to the module: a Rust dependency comes in with -C lto=fat -C embed-bitcode, std with -Zbuild-std, a generic or #[inline] function by itself".to_owned(),
                "or give it a derivative of its own: metadata !enzyme_augment and !enzyme_gradient (reverse), !enzyme_derivative (forward) on its declaration".to_owned(),
            ]);
            inactive(diagnosis, &called);
        }
        Cause::MathLibrary => {
            diagnosis.note("Enzyme has rules for most of C's mathematical library, but none that works for this function".to_owned());
            diagnosis.help.push("write it in Rust, or by functions that have a rule (exp, log, sin, tanh, pow, erf, …): those of f64 and f32 in std do".to_owned());
        }
        Cause::Printing => {
            diagnosis.note("printing formats its arguments through function pointers, and no derivative flows through it".to_owned());
            diagnosis.help.push(
                "take the printing out, or use eprintln!, which Enzyme knows to be inactive"
                    .to_owned(),
            );
            inactive(diagnosis, &called);
        }
        Cause::Allocation => {
            let grows = diagnosis.frames.iter().any(|frame| {
                ["finish_grow", "grow_one", "grow_amortized"]
                    .iter()
                    .any(|name| frame.function.contains(name))
            });
            diagnosis.note(match grows {
                true => "this is growth (push, extend, reserve): the standard library returns an enum in memory there, whose bytes are pointers in one variant and sizes in another",
                false => "this is the standard library's allocation, which makes pointers of sizes and keeps both in the same bytes",
            });
            diagnosis.note("irad tells Enzyme which functions are Rust's allocator, and has growth inlined; this use of memory is beyond that");
            diagnosis.help.push("let the caller allocate and pass slices, or reserve room before the loop (Vec::with_capacity)".to_owned());
        }
        Cause::IndirectCall => {
            diagnosis.note("which function is called is known only at run time, and a derivative would have to be looked up there too".to_owned());
            diagnosis.help.push("make the function a type parameter (impl Fn(f64) -> f64) instead of a fn pointer or &dyn, so that the call is direct".to_owned());
        }
        Cause::InlineAssembly => {
            diagnosis.note(
                "Enzyme does not read assembly; core::hint::black_box is an empty piece of it"
                    .to_owned(),
            );
            diagnosis.help.push("use the function of core or std that does the same, or take black_box out of what is differentiated".to_owned());
        }
        Cause::MixedActivity => {
            let is_pointer = diagnosis
                .notes
                .iter()
                .any(|note| note.starts_with(CONSTANT_POINTER));
            if is_pointer {
                diagnosis.note("one value is a pointer to differentiated memory on one path and to constant memory on another, so that its shadow would be the constant memory itself");
                diagnosis.suggest(
                    &["--enzyme", "runtime-activity=true"],
                    "decides at run time, at some cost, whether memory is active",
                );
                diagnosis.help.push("give both paths memory of the same kind: a parameter that is not constant, or a local copy of the constant".to_owned());
            } else {
                diagnosis.note("one value holds a float that is differentiated beside something of unknown type that is not (the tag of an Option, a count); Enzyme cannot tell whether that is a pointer");
                diagnosis.help.push("keep the float out of the Option or tuple that is returned by value, or have the function that returns it inlined (#[inline(always)])".to_owned());
            }
        }
        Cause::Atomic => {
            diagnosis.note("adjoints are not accumulated through atomic accesses, which locks (Mutex, RwLock) and counters (Arc) are made of".to_owned());
            diagnosis.help.push("keep locks and atomics outside: lock before, and pass the data in as a slice or reference".to_owned());
        }
        Cause::Volatile => {
            diagnosis.note("a volatile access must stay as it is, and Enzyme would have to repeat or leave it out".to_owned());
            diagnosis
                .help
                .push("read volatile memory before, and pass the value in".to_owned());
        }
        Cause::Unwinding => {
            diagnosis.note("Enzyme drops the edges that unwinding takes".to_owned());
            diagnosis
                .help
                .push("emit the IR with -C panic=abort".to_owned());
        }
        Cause::UnknownType => {
            diagnosis.note("IR says that bytes are moved, not what they are; Enzyme looks for a use that shows it, and found none".to_owned());
            if diagnosis.types.is_empty() {
                diagnosis.note("nothing is known about the values at hand".to_owned());
            }
            diagnosis.help.push("compute with the moved values in the same function (a sum, a product), or move them one by one, so that their type can be seen".to_owned());
            diagnosis.suggest(
                &["--loose-types"],
                "lets Enzyme guess; the result may be wrong, and says so",
            );
        }
        Cause::SharedBytes => {
            diagnosis.note("the same bytes are used as values of different types: the variants of an enum share them, as do unions and results".to_owned());
            diagnosis.help.push("keep what is differentiated in fields of its own, outside of enums with other payloads".to_owned());
        }
        Cause::FloatBits => {
            diagnosis.note("the bits of a float are computed with as an integer (to_bits, or floats that rustc packs into an integer), which has no derivative".to_owned());
            diagnosis.help.push("use f64::abs, copysign, signum and the like instead of to_bits; pass small arrays of floats by reference".to_owned());
        }
        Cause::GlobalMemory => {
            diagnosis.note(
                "a derivative would have to flow through this global, which has no shadow"
                    .to_owned(),
            );
            diagnosis.help.push(
                "pass it in as a parameter; a global that is only read can be a const".to_owned(),
            );
            diagnosis.suggest(
                &["--enzyme", "globals-default-inactive=true"],
                "takes every global for constant: right only if no derivative flows through one",
            );
        }
        Cause::PointerValue => {
            diagnosis.note("Enzyme came to add an adjoint to a pointer: it took an address for the value that is differentiated".to_owned());
            diagnosis.help.push(
                "use slices and plain structs instead of maps and pointers to pointers".to_owned(),
            );
        }
        Cause::Unoptimised | Cause::OverOptimised => {}
    }
}

fn inactive(diagnosis: &mut Diagnosis, called: &str) {
    diagnosis.suggest(
        &["--inactive", called],
        "takes your word for it that no derivative flows through it",
    );
}

fn general(diagnosis: &mut Diagnosis) {
    match diagnosis.kind {
        Kind::Assertion | Kind::Fatal | Kind::InternalError => {
            diagnosis.note("this is a fault of Enzyme's or LLVM's, not of the way it was called");
        }
        Kind::NoDerivative => {
            diagnosis.note("Enzyme has no rule for this operation");
        }
        _ => {}
    }
}

/// What the input and the pipelines have to do with it.
fn about_input(diagnosis: &mut Diagnosis, ad: &AdOptions, input: Input) {
    let vectors = diagnosis
        .instruction
        .as_ref()
        .is_some_and(|line| line.text.contains(" x double>") || line.text.contains(" x float>"));
    if input.vectorised && vectors {
        diagnosis.cause = Some(Cause::OverOptimised);
        diagnosis.note("rustc has vectorised this already");
        diagnosis.help.push(
            "emit the IR with -C no-prepopulate-passes, and leave optimising to irad".to_owned(),
        );
    }
    if input.unwinds {
        diagnosis.cause.get_or_insert(Cause::Unwinding);
        diagnosis.note("the input unwinds, and Enzyme drops the edges that unwinding takes");
        diagnosis
            .help
            .push("emit the IR with -C panic=abort".to_owned());
    }
    if ad.prepare == Pipeline::None {
        if input.unoptimised {
            diagnosis.cause = Some(Cause::Unoptimised);
            diagnosis.note(
                "the input was not optimised at all (-C opt-level=0): every local is in memory",
            );
        }
        diagnosis.suggest(
            &["--prepare", "o2"],
            "prepares the function as irad does by default",
        );
    } else {
        diagnosis.suggest(
            &["--prepare", "none"],
            "hands Enzyme the function as rustc emitted it, with its structs and names",
        );
    }
    let given = |key: &str| ad.enzyme.iter().any(|(name, _)| name == key);
    let typed = matches!(diagnosis.kind, Kind::NoType | Kind::IllegalTypeAnalysis);
    if typed && !given("strict-aliasing") {
        diagnosis.suggest(
            &["--enzyme", "strict-aliasing=false"],
            "lets memory hold values of several types, as Rust does",
        );
    }
    if typed && !given("rust-type") {
        diagnosis.suggest(
            &["--enzyme", "rust-type=true"],
            "reads types from Rust's debug info; needs -C debuginfo=2",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::{Cause, by_line, callee, of_callee};

    #[test]
    fn a_line_names_what_it_calls() {
        assert_eq!(
            callee("%a = tail call double @lookup(double %x)").unwrap(),
            "lookup"
        );
        assert_eq!(callee("call void @\"a b\"(ptr %x)").unwrap(), "a b");
        assert_eq!(callee("fadd double %x, %y"), None);
    }

    #[test]
    fn causes_are_told_apart() {
        assert_eq!(
            by_line("%o = atomicrmw add ptr %p, i64 %x seq_cst"),
            Some(Cause::Atomic)
        );
        assert_eq!(
            by_line("call void asm sideeffect \"\", \"r\"(ptr %x)"),
            Some(Cause::InlineAssembly)
        );
        assert_eq!(
            by_line("%x = load volatile double, ptr %p"),
            Some(Cause::Volatile)
        );
        assert_eq!(of_callee("nextafterf"), Cause::MathLibrary);
        assert_eq!(
            of_callee("_RNvCsfLfy6EI15iL_7___rustc14___rust_realloc"),
            Cause::Allocation
        );
        assert_eq!(of_callee("lookup"), Cause::ExternalCall);
    }
}
