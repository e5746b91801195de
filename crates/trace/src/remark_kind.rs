//! What a remark says: its kind, with its facts.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::caching::Caching;
use crate::doubt::Doubt;
use crate::misfit::Misfit;

/// The kinds of remark. The words are made where somebody reads them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemarkKind {
    /// LLVM or Enzyme said something that irad knows no more of.
    Said {
        /// Its name among Enzyme's or LLVM's remarks; empty for what has none.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        name: String,
        /// The words.
        text: String,
    },
    /// Enzyme keeps a value for the reverse sweep, or says why it may have to.
    Cached {
        /// Why.
        why: Caching,
        /// Enzyme's own words.
        text: String,
    },
    /// Enzyme keeps memory on the heap that could have been a local.
    NotPromoted {
        /// Enzyme's own words.
        text: String,
    },
    /// Enzyme guessed a type.
    GuessedType {
        /// What of which instruction.
        of: String,
    },
    /// Enzyme was told to guess types.
    LooseTypes,
    /// Enzyme was told to take for constant what it knows nothing of.
    AssumesInactive {
        /// The option that says so.
        option: String,
    },
    /// The module's own call to Enzyme does not count.
    CallPassedOver,
    /// The module's own call to Enzyme was read, and not run.
    CallRead,
    /// Several calls in the module ask for different derivatives.
    OtherCalls {
        /// The functions that make them.
        callers: Vec<String>,
    },
    /// The debug info is of another shape than the function.
    DebugInfoUnfit {
        /// The signature that it has.
        known: String,
        /// The signature that the IR has.
        found: String,
    },
    /// What of the debug info does not fit.
    DebugInfoMisfit(Misfit),
    /// An `enzyme_type` attribute does not count.
    AttributeUnused {
        /// The parameter.
        parameter: String,
    },
    /// An `enzyme_type` attribute cannot be read.
    AttributeUnreadable {
        /// The parameter.
        parameter: String,
        /// The attribute.
        text: String,
    },
    /// A type nests too deep.
    TypesTooDeep,
    /// Functions were inlined that return a float beside something else.
    MixedReturnsInlined {
        /// Their symbols.
        functions: Vec<String>,
    },
    /// Functions without a body take and give integers alone.
    IntegersAlone {
        /// Their symbols.
        functions: Vec<String>,
    },
    /// Functions make text of numbers or read it, or speak to the system.
    TextAlone {
        /// Their symbols.
        functions: Vec<String>,
    },
    /// What sorts was given bodies that move each element once.
    SortingCompleted {
        /// Their symbols.
        functions: Vec<String>,
    },
    /// Functions of the standard library without a body were given one.
    LibraryCompleted {
        /// Their symbols.
        functions: Vec<String>,
    },
    /// `__rust_realloc` was given a body.
    GrowthExpanded,
    /// The types of what a function's paths load contradict each other, and Enzyme was told not to mix them.
    TypesInPlaces,
    /// The same, and activity is decided at run time.
    TypesAndActivityInPlaces,
    /// Somebody's word that a function is inactive.
    InactiveByFlag {
        /// Its symbol.
        function: String,
    },
    /// Somebody's word that pointers do not overlap.
    NoaliasByFlag {
        /// The functions' symbols, or `*`.
        functions: Vec<String>,
    },
    /// Somebody's word that memory is not overwritten.
    UnchangedByFlag {
        /// The functions' symbols, or `*`.
        functions: Vec<String>,
    },
    /// Somebody's word that memory is not overwritten, which says nothing new.
    UnchangedWithoutEffect,
    /// Results were to be kept, and nothing returns them.
    KeptWithoutEffect,
    /// Panics whose message is made at run time.
    PanicsTrapped {
        /// How many.
        trapped: u32,
        /// Of how many.
        of: u32,
    },
    /// How the rest of the module uses what a function reaches was hidden.
    UsesHidden {
        /// Functions whose uses were hidden, the first few.
        functions: Vec<String>,
        /// How many more there are.
        more: usize,
    },
    /// A function may be another one in the linked program.
    Replaceable {
        /// Its symbol.
        function: String,
    },
    /// The module holds assembly.
    ModuleAssembly,
    /// A reason to doubt the derivative.
    Doubt(Doubt),
}

impl RemarkKind {
    /// True for a type that was guessed, which a check can confirm.
    pub fn is_guess(&self) -> bool {
        matches!(
            self,
            RemarkKind::LooseTypes | RemarkKind::GuessedType { .. }
        )
    }

    /// True for a warning of something that a check settles: where it finds the derivative right, nobody needs it.
    pub fn is_settled_by_check(&self) -> bool {
        self.is_guess() || matches!(self, RemarkKind::Doubt(Doubt::FilledOnce { .. }))
    }
}

/// Every function, where a list of functions says so.
fn listed(functions: &[String]) -> String {
    match functions.iter().any(|name| name == "*") {
        true => "every function".to_owned(),
        false => functions.join(", "),
    }
}

impl fmt::Display for RemarkKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RemarkKind::Said { text, .. }
            | RemarkKind::Cached { text, .. }
            | RemarkKind::NotPromoted { text } => f.write_str(text),
            RemarkKind::GuessedType { of } => write!(f, "guessed: the {of}"),
            RemarkKind::LooseTypes => f.write_str(
                "types that Enzyme could not deduce were guessed (--loose-types): the derivative may be wrong",
            ),
            RemarkKind::AssumesInactive { option } => write!(
                f,
                "{option} has Enzyme take for constant what it knows nothing of: the derivative may miss what flows there"
            ),
            RemarkKind::CallPassedOver => f.write_str(
                "the module's own call to Enzyme was skipped, because the flags say how to differentiate",
            ),
            RemarkKind::CallRead => f.write_str(
                "the module's own call to Enzyme was read and not run: Enzyme was asked for the same derivative without it",
            ),
            RemarkKind::OtherCalls { callers } => write!(
                f,
                "{} ask Enzyme for different derivatives of it, and this is none of them: --fn with one of these names runs its own",
                callers.join(", ")
            ),
            RemarkKind::DebugInfoUnfit { known, found } => write!(
                f,
                "the debug info does not fit what the function is by now, and was not used: it has {known}, the IR {found}"
            ),
            RemarkKind::DebugInfoMisfit(misfit) => write!(f, "what does not fit: {misfit}"),
            RemarkKind::AttributeUnused { parameter } => write!(
                f,
                "the enzyme_type attribute of {parameter} was not used, because the signature is stated"
            ),
            RemarkKind::AttributeUnreadable { parameter, text } => write!(
                f,
                "the enzyme_type attribute of {parameter} cannot be read: {text}"
            ),
            RemarkKind::TypesTooDeep => f.write_str(
                "a type nests deeper than Enzyme follows; what lies deeper has no type",
            ),
            RemarkKind::MixedReturnsInlined { functions } => write!(
                f,
                "inlined, because Enzyme drops the adjoint of a float that is returned beside something else: {}",
                functions.join(", ")
            ),
            RemarkKind::IntegersAlone { functions } => write!(
                f,
                "taken for inactive, because it has no body and takes and gives integers alone: {}",
                functions.join(", ")
            ),
            RemarkKind::TextAlone { functions } => write!(
                f,
                "taken for inactive, because text, hashes and what the system says have no derivative: {}",
                functions.join(", ")
            ),
            RemarkKind::SortingCompleted { functions } => write!(
                f,
                "sorted by an order that is found first, because only the moves have a derivative: {}",
                functions.join(", ")
            ),
            RemarkKind::LibraryCompleted { functions } => write!(
                f,
                "this build left them in the standard library, so irad's own bodies stand for them: {}",
                functions.join(", ")
            ),
            RemarkKind::GrowthExpanded => f.write_str(
                "growing an allocation (__rust_realloc) was spelt out for Enzyme: allocate, copy, free",
            ),
            RemarkKind::TypesInPlaces => f.write_str(
                "types contradict each other, as those of an enum's variants do: Enzyme was told to believe each only where it is used (--enzyme strict-aliasing=false)",
            ),
            RemarkKind::TypesAndActivityInPlaces => f.write_str(
                "types contradict each other, as those of an enum's variants do: Enzyme was told to believe each only where it is used, and to decide at run time whether memory is active (--enzyme strict-aliasing=false --enzyme runtime-activity=true)",
            ),
            RemarkKind::InactiveByFlag { function } => write!(
                f,
                "no derivative flows through {function}, because --inactive says so"
            ),
            RemarkKind::NoaliasByFlag { functions } => write!(
                f,
                "what the pointers of {} reach does not overlap, because --noalias says so",
                listed(functions)
            ),
            RemarkKind::UnchangedByFlag { functions } => write!(
                f,
                "what {} only reads is not overwritten, because --unchanged says so",
                listed(functions)
            ),
            RemarkKind::UnchangedWithoutEffect => f.write_str(
                "--unchanged has no effect: nothing is read only through a parameter that overlaps no other (see --noalias)",
            ),
            RemarkKind::KeptWithoutEffect => f.write_str(
                "--keep has no effect: no such function is called for a number",
            ),
            RemarkKind::PanicsTrapped { trapped, of } => write!(
                f,
                "{trapped} of {of} panics end the process without their message, which is made at run time"
            ),
            RemarkKind::UsesHidden { functions, more } => {
                let mut names = functions.clone();
                if *more > 0 {
                    names.push(format!("{more} more"));
                }
                write!(
                    f,
                    "the rest of the module uses {}, too, and how was left out of account (--whole-program has LLVM go by it)",
                    names.join(", ")
                )
            }
            RemarkKind::Replaceable { function } => write!(
                f,
                "{function} may be replaced when the program is linked, and the derivative is that of the definition in this module"
            ),
            RemarkKind::ModuleAssembly => f.write_str(
                "the module's own assembly (global_asm!) is left to the object that rustc makes",
            ),
            RemarkKind::Doubt(doubt) => doubt.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_made_of_facts() {
        let hidden = RemarkKind::UsesHidden {
            functions: vec!["f".to_owned()],
            more: 2,
        };
        assert!(
            hidden
                .to_string()
                .starts_with("the rest of the module uses f, 2 more, too")
        );
        let every = RemarkKind::NoaliasByFlag {
            functions: vec!["*".to_owned()],
        };
        assert!(every.to_string().contains("of every function reach"));
    }

    #[test]
    fn kinds_come_back_from_json() {
        for kind in [
            RemarkKind::LooseTypes,
            RemarkKind::Doubt(Doubt::Unwinds),
            RemarkKind::Cached {
                why: Caching::LoopCarried,
                text: "Caching instruction".to_owned(),
            },
        ] {
            let json = serde_json::to_string(&kind).unwrap();
            assert_eq!(serde_json::from_str::<RemarkKind>(&json).unwrap(), kind);
        }
    }
}
