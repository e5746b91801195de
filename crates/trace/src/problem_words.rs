//! What is said of a problem.

use std::fmt;

use crate::problem::Problem;

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Said(it) => f.write_str(it),
            Problem::NoSuchFunction { symbol } => write!(f, "the module has no function {symbol}"),
            Problem::Declared { symbol } => write!(
                f,
                "{symbol} is declared here, but its body is in another module"
            ),
            Problem::OptionValue { given } => {
                write!(f, "Enzyme does not take this value: {}", given.join(", "))
            }
            Problem::NotBoolean { option, value } => {
                write!(f, "{option} is true or false, not {value}")
            }
            Problem::UnknownOption { option } => write!(f, "Enzyme has no option {option}"),
            Problem::NoDerivativeOf { function } => write!(f, "No derivative found for {function}"),
            Problem::NoDerivativeAndNoWord => {
                f.write_str("Enzyme gave no derivative and did not say why")
            }
            Problem::NothingLeftByPass { symbol } => {
                write!(f, "Enzyme's pass ran, but left no derivative of {symbol}")
            }
            Problem::InactivePrimal { symbol } => write!(
                f,
                "{symbol} is what is differentiated, and cannot be inactive"
            ),
            Problem::CaseOfTwoCalls => {
                f.write_str("a case is one call of Enzyme's pass, and --split asks for two")
            }
            Problem::NoCase => f.write_str("no call of Enzyme's pass could be built for it"),
            Problem::ExplainsNoSplit => {
                f.write_str("a derivative in two halves cannot be explained")
            }
            Problem::NoPrimal => f.write_str("Enzyme gave no primal to differentiate"),
            Problem::Directions { width } => {
                write!(f, "a derivative cannot follow {width} directions")
            }
            Problem::LocateInDirections { width } => write!(
                f,
                "locate follows one direction, and this derivative has {width} at once"
            ),
            Problem::ReverseHasNoWidth => {
                f.write_str("reverse mode follows one output, and has no width")
            }
            Problem::ForwardHasNoTape => {
                f.write_str("forward mode needs no tape, and cannot be split")
            }
            Problem::Misfit(it) => it.fmt(f),
            Problem::NotDifferentiable {
                parameter,
                ty,
                reason,
            } => write!(f, "{parameter} ({ty}) cannot be differentiated: {reason}"),
            Problem::WrtContradicts {
                parameter,
                activity,
                named,
            } => write!(
                f,
                "{parameter} is stated to be {activity}, and {} among those of --wrt",
                if *named { "is" } else { "is not" }
            ),
            Problem::Twice { flag, parameter } => write!(f, "{flag} names {parameter} twice"),
            Problem::NoResultToActivate => {
                f.write_str("the function returns nothing that could be active")
            }
            Problem::Activity {
                parameter,
                ty,
                activity,
                mode,
            } => write!(f, "{parameter} ({ty}) cannot be {activity} in {mode} mode"),
            Problem::NoSuchParameter { parameter } => {
                write!(f, "the function has no parameter {parameter}")
            }
            Problem::NothingFlows {
                mode,
                function,
                inputs,
            } => write!(
                f,
                "{mode} mode makes no sense for {function}: {}",
                if *inputs {
                    "no result can be differentiated"
                } else {
                    "no parameter can be differentiated"
                }
            ),
            Problem::TraitObject { parameter, ty } => write!(
                f,
                "{parameter} ({ty}) is a trait object, and which of its methods is called is known only at run time"
            ),
            Problem::OtherMode { function, mode } => {
                write!(f, "{function} calls Enzyme in the other mode than {mode}")
            }
            Problem::SeveralCalls {
                function,
                count,
                mode,
            } => write!(
                f,
                "{function} makes {count} different calls of Enzyme in {mode} mode"
            ),
            Problem::NoTarget { triple, why } => write!(
                f,
                "this LLVM writes no code for {triple}{}",
                why.as_ref()
                    .map_or_else(String::new, |why| format!(": {why}"))
            ),
            Problem::NoProcessor { cpu, triple } => {
                write!(f, "LLVM knows no processor {cpu} for {triple}")
            }
            Problem::SymbolTaken { symbol } => {
                write!(f, "the module has a symbol {symbol} of its own")
            }
            Problem::Invalid { words } => write!(f, "LLVM finds it invalid: {words}"),
            Problem::LocalVariable { variable } => write!(
                f,
                "the derivative uses the variable {variable}, which only the object that rustc makes can hold, and which is local to it"
            ),
            Problem::Undefined { symbol } => {
                write!(f, "the derivative refers to {symbol}, which nobody defines")
            }
            Problem::NoCode { words } => write!(f, "the code generator refused: {words}"),
            Problem::ByValueInMemory { parameter } => write!(
                f,
                "{parameter} is passed by value in memory, and its shadow would be a copy"
            ),
            Problem::NoCommonType { name, ty } => write!(
                f,
                "{name} is of type {ty}, which C and Rust have no common word for"
            ),
            Problem::OtherForm { what } => write!(
                f,
                "Enzyme's derivative is not of the form that irad expects: {what}"
            ),
            Problem::NoExport => f.write_str("its exported function could not be built"),
            Problem::TakesOneFunction => {
                f.write_str("this takes a derivative that is one function, and --split makes two")
            }
            Problem::ManualIsReverse => {
                f.write_str("a hand-written backward function is compared in reverse mode")
            }
            Problem::FlagNamesNoParameter { flag, parameter } => {
                write!(f, "{flag}: the function has no parameter {parameter}")
            }
            Problem::FixedLength { parameter, ty } => {
                write!(
                    f,
                    "--len: {parameter} is {ty}, whose type says how many elements it has"
                )
            }
            Problem::TooManyElements {
                count,
                parameter,
                most,
            } => write!(
                f,
                "{count} elements for {parameter} are too many: at most {most}"
            ),
            Problem::TooManyBytes { bytes, label } => {
                write!(f, "{bytes} bytes for {label} are too many")
            }
            Problem::InputUnfit {
                place,
                takes,
                given,
            } => write!(f, "{place} takes {takes}, and {given} is given"),
            Problem::NoInputs { parameter, ty, why } => {
                write!(f, "no inputs can be made up for {parameter}: {ty}: {why}")
            }
            Problem::OtherMachine { there, here } => {
                write!(f, "it was compiled for {there}, and this machine is {here}")
            }
            Problem::OtherFloats { ty } => {
                write!(
                    f,
                    "it computes with {ty}, and irad compares f16, f32 and f64 only"
                )
            }
            Problem::NotAsExpected { what } => {
                write!(f, "the derivative is not what irad expects: {what}")
            }
            Problem::MapNamesNoParameter {
                function,
                parameter,
            } => write!(f, "--map: {function} has no parameter {parameter}"),
            Problem::MapsToNothing {
                function,
                parameter,
                what,
            } => write!(
                f,
                "{function}: {what} for its parameter {parameter} is none"
            ),
            Problem::Unmapped {
                function,
                parameter,
            } => write!(
                f,
                "{function}: nothing says what its parameter {parameter} stands for"
            ),
            Problem::OtherTypes {
                parameter,
                ty,
                primal,
                primal_ty,
            } => write!(
                f,
                "{parameter} is {ty} in the hand-written function, and {primal} ({primal_ty}) in the primal"
            ),
            Problem::Unresolved { symbols } => {
                write!(f, "it needs {symbols}, which has no body here")
            }
            Problem::Panicked {
                who,
                place,
                message,
            } => match place {
                Some(place) => write!(f, "{who} panicked at {place}: {message}"),
                None => write!(f, "{who} panicked: {message}"),
            },
            Problem::WroteBeside { who, what } => write!(
                f,
                "{who} wrote beside {what}: it takes more memory than it was given"
            ),
            Problem::Forbidden { call } => write!(f, "the function wants to {call}"),
            Problem::Hidden => {
                f.write_str("the function calls the system in a way that hides what it wants")
            }
            Problem::NoAnswer => {
                f.write_str("the function ended the process, or wrote over what irad computed")
            }
            Problem::NoGuard { why } => write!(
                f,
                "nothing here can keep the function from doing more than to compute: {why}"
            ),
            Problem::Stopped { who, signal } => {
                write!(f, "{who} was stopped: {}", signal_words(*signal))
            }
        }
    }
}

/// What a signal means.
fn signal_words(signal: i32) -> &'static str {
    match signal {
        4 => "an illegal instruction, which is how aborts and `unreachable` look",
        7 => "a bus error",
        14 => "it ran for too long",
        8 => "an arithmetic exception, as a division by zero is",
        _ => "it read or wrote memory that it was not given (segmentation fault)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activity::Activity;
    use crate::runner::Runner;

    #[test]
    fn facts_become_words() {
        let problem = Problem::WrtContradicts {
            parameter: "x".to_owned(),
            activity: Activity::Const,
            named: true,
        };
        assert_eq!(
            problem.to_string(),
            "x is stated to be Const, and is among those of --wrt"
        );
        let panicked = Problem::Panicked {
            who: Runner::Primal,
            place: None,
            message: "no".to_owned(),
        };
        assert_eq!(panicked.to_string(), "the function panicked: no");
    }
}
