//! What is odd about a module that can be read all the same.

use ir_load::{Lost, demangle};

/// Something odd about a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// The file holds several, and nobody chose.
    SeveralModules {
        /// How many.
        count: usize,
    },
    /// LLVM wrote it before version 15.
    TypedPointers,
    /// The file ends in the middle of something.
    CutOff {
        /// Its symbol, if it has one.
        name: Option<String>,
        /// Where it begins.
        line: usize,
    },
    /// It was built to be watched: what counts and checks is part of what is differentiated.
    Instrumented {
        /// rustc's flag for it.
        flag: &'static str,
    },
    /// Attribute groups that are referred to are not there.
    LacksAttributes(Lost),
}

impl Oddity {
    /// A sentence about the module that is called `origin`.
    pub fn words(&self, origin: &str) -> String {
        match self {
            Oddity::SeveralModules { count } => format!(
                "{origin} holds {count} modules, and this is the first: --module N chooses another"
            ),
            Oddity::Instrumented { flag } => format!(
                "{origin} was built with {flag}, and what that adds is differentiated, too: build without it"
            ),
            Oddity::TypedPointers => format!(
                "{origin} has typed pointers (`double*`), as LLVM wrote them before version 15; LLVM reads them as `ptr` and forgets what they point to"
            ),
            Oddity::CutOff { name, line } => {
                let what = match name {
                    Some(name) => format!("{}, which begins in line {line}", demangle(name)),
                    None => format!("what begins in line {line}"),
                };
                format!(
                    "{origin} is cut off in the middle of {what}; what would follow it (debug info and attributes stand last) is missing"
                )
            }
            Oddity::LacksAttributes(Lost { group, line, count }) => {
                let others = match count {
                    1 => String::new(),
                    _ => format!(", and {} more", count - 1),
                };
                format!(
                    "{origin} lacks attribute groups that it refers to (#{group} in line {line}{others}): it was cut off between two functions, or changed by hand, and functions go without these attributes"
                )
            }
        }
    }
}
