//! What makes a derivative doubtful though Enzyme gives one.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A reason to doubt a derivative. Each is a warning above every view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// The input unwinds.
    Unwinds,
    /// rustc has vectorised the input.
    Vectorised,
    /// Floats are written to a global.
    GlobalWritten {
        /// Its name.
        global: String,
    },
    /// A global that holds floats is filled once, and taken for a constant.
    FilledOnce {
        /// Its name.
        global: String,
    },
    /// Functions return a float beside something else.
    MixedReturn {
        /// Their symbols.
        functions: Vec<String>,
    },
    /// A loop reads floats that another iteration of it overwrites.
    LoopOverwrites {
        /// The functions that hold such loops.
        functions: Vec<String>,
    },
    /// Memory is moved onto itself.
    MovedOntoItself {
        /// The functions that do so.
        functions: Vec<String>,
    },
    /// Elements that begin with an integer and hold a float later are copied in lengths known at run time.
    MixedElementsCopied {
        /// The function that copies.
        function: String,
    },
    /// A function is called through a pointer.
    PointerCall,
    /// A function is called through a pointer that is constant to the derivative.
    ConstantFunction {
        /// The parameter that it comes from.
        parameter: String,
    },
    /// Floats are moved as integers, and Enzyme is not told what they are.
    FloatsAsIntegers {
        /// The functions that move them.
        functions: Vec<String>,
    },
    /// Methods of a trait object are called that is stated to be constant.
    ConstantObject {
        /// The parameter.
        parameter: String,
    },
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Doubt::Unwinds => f.write_str(
                "the input unwinds, and Enzyme drops the edges that unwinding takes: what is caught or dropped there has no derivative; emit the IR with -C panic=abort",
            ),
            Doubt::Vectorised => f.write_str(
                "rustc has vectorised this already: the derivative is longer than it needs to be, and Enzyme knows fewer of its operations; emit the IR with -C no-prepopulate-passes",
            ),
            Doubt::GlobalWritten { global } => write!(
                f,
                "{global} is a global that floats are written to, and it has no shadow: the derivative misses what flows through it; pass it as a parameter"
            ),
            Doubt::FilledOnce { global } => write!(
                f,
                "{global} is filled once, and taken for a constant: if what fills it depends on what is differentiated, the derivative misses that, which irad check tells; pass it as a parameter then"
            ),
            Doubt::MixedReturn { functions } => write!(
                f,
                "{} returns a float beside something else, and Enzyme may drop the float's derivative: let it be inlined (--prepare o2), or return the float alone",
                functions.join(", ")
            ),
            Doubt::LoopOverwrites { functions } => write!(
                f,
                "a loop reads floats that another iteration of it writes over (in {}): Enzyme may keep no copy of them, and then the gradient is wrong, which irad check tells; write into another slice, or carry the neighbour in a variable",
                functions.join(", ")
            ),
            Doubt::MovedOntoItself { functions } => write!(
                f,
                "memory is moved onto itself (memmove, in {}): where it goes to the left and overlaps, Enzyme's gradient is wrong, which irad check tells; assign in a loop, or copy into other memory",
                functions.join(", ")
            ),
            Doubt::MixedElementsCopied { function } => write!(
                f,
                "memory is copied in lengths known at run time (in {function}), and holds elements that begin with an integer and have a float later: Enzyme may take the floats for integers there and lose their adjoints; put the float first, or reserve room (Vec::with_capacity) so that nothing is copied"
            ),
            Doubt::PointerCall => f.write_str(
                "a function is called through a pointer: the shadow of that pointer must lead to its derivative, which only Enzyme makes, or the program ends at run time; make it a type parameter (impl Fn) instead",
            ),
            Doubt::ConstantFunction { parameter } => write!(
                f,
                "{parameter} is Const, and a function is called through it: what that makes of its arguments is missing from the derivative; make it a type parameter (impl Fn) instead"
            ),
            Doubt::FloatsAsIntegers { functions } => write!(
                f,
                "floats are moved as integers (in {}), and Enzyme may take them for integers, which have no derivative: irad check tells; move them as floats (let t = x[i]; x[i] = x[j]; x[j] = t;) in a function that knows their type",
                functions.join(", ")
            ),
            Doubt::ConstantObject { parameter } => write!(
                f,
                "{parameter} is Const, because --activity says so: what its methods make of their arguments is missing from the derivative"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubt_names_what_it_is_about() {
        let doubt = Doubt::LoopOverwrites {
            functions: vec!["f".to_owned(), "g".to_owned()],
        };
        assert!(doubt.to_string().contains("(in f, g)"));
    }
}
