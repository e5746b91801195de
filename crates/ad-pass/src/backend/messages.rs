//! Enzyme's messages and remarks: the only place where causes are read from its words.

use trace::{Caching, RemarkKind, enzyme};

use crate::backend::text::{squeezed, without_metadata};

/// The one line of a message that says what is wrong, without the IR that is shown apart.
pub(crate) fn words(message: &str) -> String {
    let lines = || {
        message
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
    };
    let telling = |line: &&str| TELLING.iter().any(|start| line.starts_with(start));
    if let Some(line) = lines().find(|line| line.starts_with(enzyme::OVERWRITTEN_ARGUMENTS)) {
        return line.to_owned();
    }
    let line = lines()
        .rfind(telling)
        .or_else(|| lines().find(|line| !line.starts_with(['%', ';', '@'])))
        .unwrap_or("no reason was given");
    // An instruction is printed with two spaces before it, so behind a word there are three. Types
    // are shown apart, and a function's other name says nothing more.
    let end = ["   ", enzyme::PREVIOUS_TYPE, "("]
        .iter()
        .filter_map(|end| line.find(end))
        .min()
        .unwrap_or(line.len());
    line[..end]
        .trim_end_matches([':', ' '])
        .trim_end_matches(" for")
        .to_owned()
}

/// How lines begin that say what is wrong; around them are dumps of whole functions.
const TELLING: [&str; 14] = [
    enzyme::BEGINS_CANNOT,
    enzyme::BEGINS_CANNOT_CAPITAL,
    enzyme::BEGINS_COULDNT,
    enzyme::BEGINS_COULD_NOT,
    enzyme::BEGINS_NO,
    enzyme::BEGINS_MISMATCHED,
    enzyme::BEGINS_ILLEGAL,
    enzyme::BEGINS_ACTIVE_ATOMIC,
    enzyme::BEGINS_CONSTANT_FUNCTION,
    enzyme::BEGINS_NUMBER,
    enzyme::BEGINS_UNHANDLED,
    enzyme::BEGINS_UNIMPLEMENTED,
    enzyme::BEGINS_FUNCTION_FAILED,
    enzyme::BEGINS_ERROR,
];

/// The two types of `… prev:{…} new: {…}`.
pub(crate) fn contradiction(message: &str) -> Option<(&str, &str)> {
    let (_, rest) = message.lines().next()?.split_once(enzyme::PREVIOUS_TYPE)?;
    rest.split_once(enzyme::NEW_TYPE)
}

/// What a message complains of, as far as its words tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Complaint {
    /// Inline assembly.
    Assembly,
    /// A global without a shadow.
    Global,
    /// An operation on integers that may be the bits of a float.
    IntegerOperation,
    /// An adjoint of a pointer.
    PointerValue,
    /// Two types of the same bytes.
    SharedBytes,
    /// A type that a rule does not know.
    RuleOfAnotherType,
    /// No rule for a call.
    Call,
    /// A call of what is not known.
    UnknownCall,
}

/// What the telling line of a message complains of.
pub(crate) fn complaint(line: &str) -> Option<Complaint> {
    let table = [
        (enzyme::SAYS_ASSEMBLY, Complaint::Assembly),
        (enzyme::SAYS_GLOBAL, Complaint::Global),
        (enzyme::SAYS_BINARY_OPERATOR, Complaint::IntegerOperation),
        (enzyme::SAYS_CAST, Complaint::IntegerOperation),
        (enzyme::ASSERTS_BIT_WIDTH, Complaint::PointerValue),
        (enzyme::ASSERTS_POINTER, Complaint::PointerValue),
        (enzyme::ASSERTS_ADDING_TYPE, Complaint::PointerValue),
        (enzyme::ASSERTS_LEGAL_OR, Complaint::SharedBytes),
        (enzyme::ASSERTS_SUBTYPE, Complaint::RuleOfAnotherType),
        (enzyme::NO_AUGMENTED, Complaint::Call),
        (enzyme::NO_FREE_EMPTY, Complaint::Call),
        (enzyme::NO_FREE_UNKNOWN, Complaint::UnknownCall),
        (enzyme::NO_REVERSE_PASS, Complaint::Call),
        (enzyme::NO_FORWARD_MODE, Complaint::Call),
    ];
    let found = table.into_iter().find(|(words, _)| line.contains(words));
    found.map(|(_, complaint)| complaint)
}

/// The function that a message names: `No reverse pass found for f(…`.
pub(crate) fn named_in(line: &str) -> Option<&str> {
    let name = line.split(enzyme::FOUND_FOR).nth(1)?;
    name.split(['(', ' ']).next()
}

/// True when Enzyme checks its own books before it says what is wrong with a callee.
pub(crate) fn hides_callee(line: &str) -> bool {
    line.starts_with(enzyme::OVERWRITTEN_ARGUMENTS)
}

/// The kind of a remark of LLVM's or Enzyme's, by its name and then by its words.
pub(crate) fn remark(name: &str, text: &str) -> RemarkKind {
    let said = || RemarkKind::Said {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    let cached = |why| RemarkKind::Cached {
        why,
        text: text.to_owned(),
    };
    match name {
        enzyme::REMARK_TYPE => match text.strip_prefix(enzyme::FAILED_TO_DEDUCE) {
            Some(guess) => RemarkKind::GuessedType {
                of: guess.lines().next().map_or(String::new(), squeezed),
            },
            None => said(),
        },
        enzyme::REMARK_ALLOCATION => RemarkKind::NotPromoted {
            text: text.to_owned(),
        },
        enzyme::REMARK_CACHE | enzyme::REMARK_CHOICE => caching(text).map_or_else(said, cached),
        _ => said(),
    }
}

/// Why a value is kept, as a remark says it.
fn caching(text: &str) -> Option<Caching> {
    let to_blame = || Some(without_metadata(text.split_once(enzyme::DUE_TO)?.1));
    if text.starts_with(enzyme::LOAD_MAY_NEED_CACHING) {
        return to_blame().map(|by| {
            if by.contains(llvm_shim::OVERWRITTEN) {
                Caching::OverwrittenLater
            } else {
                Caching::Overwritten { by }
            }
        });
    }
    if text.starts_with(enzyme::CHOOSING_TO_CACHE) {
        return to_blame().map(|value| Caching::ChosenFor { value });
    }
    let rest = text.strip_prefix(enzyme::CACHING_INSTRUCTION)?;
    let (instruction, verdict) = rest.rsplit_once(enzyme::LEGAL_RECOMPUTE)?;
    Some(
        match (verdict.starts_with('0'), instruction.contains("= phi ")) {
            (true, true) => Caching::LoopCarried,
            (true, false) => Caching::NotRecomputable,
            (false, _) => Caching::Costly,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_telling_line_is_found_between_dumps() {
        let message = "; Function Attrs: nounwind\ndefine i64 @f() {\n}\n\n cannot handle unknown binary operator:   %_3 = sub i64 1, %x\n";
        assert_eq!(words(message), "cannot handle unknown binary operator");
        assert_eq!(
            words("Mismatched activity for:   %x = phi i64 [ 8, %a ] const val: i64 8"),
            "Mismatched activity"
        );
        assert_eq!(
            words(
                "in Mode: ReverseModeCombined\ncannot handle unknown instruction\n  %a = cmpxchg"
            ),
            "cannot handle unknown instruction"
        );
        assert_eq!(words("  \n"), "no reason was given");
    }
}
