//! Turns what LLVM and Enzyme say into remarks and diagnoses.

use inkwell::module::Module;
use inkwell::values::{AnyValue, BasicValueEnum, InstructionValue};
use llvm_shim::{End, Severity};
use trace::{Diagnosis, Frame, Kind, SourceLine};

use crate::cause;
use crate::chain;
use crate::differentiate::Options;
use crate::enzyme::{self, Refusal};
use crate::record::Recorder;

/// Hears everything that LLVM and Enzyme report about a differentiation from now on. Errors end the
/// process: neither goes on sensibly after one.
pub(crate) fn listen(
    module: &Module<'_>,
    options: &Options,
    input: cause::Input,
    recorder: &Recorder,
) {
    let (refusals, asked) = (recorder.clone(), options.clone());
    enzyme::on_refusal(move |refusal| {
        let mut diagnosis = diagnose(refusal, &asked);
        cause::explain(&mut diagnosis, &asked.ad, input);
        refusals.failed(diagnosis);
    });
    let (ends, asked) = (recorder.clone(), options.clone());
    llvm_shim::hear_end(move |end, message, file, line| {
        let mut diagnosis = ended(end, message, file, line);
        cause::explain(&mut diagnosis, &asked.ad, input);
        ends.failed(diagnosis);
        std::process::exit(0);
    });
    listen_to_llvm(module, recorder);
}

/// Hears why LLVM or Enzyme end the process, without knowing what it was doing.
pub(crate) fn listen_to_ends(recorder: &Recorder) {
    let ends = recorder.clone();
    llvm_shim::hear_end(move |end, message, file, line| {
        ends.failed(ended(end, message, file, line));
        std::process::exit(0);
    });
}

/// Hears LLVM's diagnostics alone, which Enzyme's pass also reports by when nobody asked it to do
/// otherwise.
pub(crate) fn listen_to_llvm(module: &Module<'_>, recorder: &Recorder) {
    let diagnostics = recorder.clone();
    llvm_shim::handle_diagnostics(
        module.get_context(),
        move |severity, message, position, function| {
            let severity = match severity {
                Severity::Error => {
                    let mut diagnosis = Diagnosis::new(Kind::Other, message.trim());
                    if !position.is_empty() {
                        diagnosis.frames.push(Frame {
                            function: function.to_owned(),
                            place: position.to_owned(),
                        });
                    }
                    diagnosis.instruction =
                        (!function.is_empty()).then(|| SourceLine::alone(function, ""));
                    diagnostics.failed(diagnosis);
                    std::process::exit(0);
                }
                Severity::Warning => trace::Severity::Warning,
                Severity::Remark => trace::Severity::Remark,
                Severity::Note => trace::Severity::Note,
            };
            let message = message.trim();
            diagnostics.located(position, message);
            match message.strip_prefix("failed to deduce ") {
                // Said only where types are guessed, and what makes the result wrong if it is.
                Some(guess) => diagnostics.remark(
                    trace::Severity::Warning,
                    &format!(
                        "guessed: the {}",
                        guess.lines().next().map_or(String::new(), squeezed)
                    ),
                ),
                None => diagnostics.remark(severity, &without_numbers(message)),
            }
        },
    );
}

fn diagnose(refusal: Refusal, options: &Options) -> Diagnosis {
    let mut message = words(&refusal.message);
    // Enzyme checks its own books before it says what is wrong with a callee.
    if message.starts_with("overwritten_args")
        && let Some(callee) = &refusal.global
    {
        message = format!("No derivative found for {callee}");
    }
    let mut diagnosis = Diagnosis::new(refusal.kind, message);
    if let Some((held, found)) = contradiction(&refusal.message) {
        diagnosis.note(format!("what the type was taken for: {}", tree(held)));
        diagnosis.note(format!("what this use makes of it: {}", tree(found)));
    }
    if let Some(instruction) = refusal.instruction {
        diagnosis.instruction = Some(line(instruction));
        diagnosis.frames = chain::frames(instruction, &options.function);
        diagnosis.types = types(instruction, &refusal.types);
    } else if let Some(global) = &refusal.global {
        diagnosis.instruction = Some(SourceLine::alone("", format!("@{global}")));
    }
    match (refusal.kind, refusal.operand) {
        (Kind::MixedActivity, Some(operand)) => {
            let what = if refusal.is_pointer {
                CONSTANT_POINTER
            } else {
                "the constant part"
            };
            diagnosis.note(format!("{what}: {operand}"));
        }
        (Kind::NoDerivative, Some(callee)) if refusal.global.is_some() => {
            diagnosis.note(format!("the function that is called: {callee}"));
        }
        _ => {}
    }
    diagnosis
}

/// The words of an instruction without the attributes and metadata behind it.
fn squeezed(line: &str) -> String {
    let end = line.find(") #").map_or(line.len(), |at| at + 1);
    let words: Vec<&str> = line[..end].split_whitespace().collect();
    words.join(" ")
}

/// How a note begins that names a pointer to constant memory.
pub(crate) const CONSTANT_POINTER: &str = "the constant part, a pointer";

fn ended(end: End, message: &str, file: &str, line: u32) -> Diagnosis {
    let file = file.rsplit('/').next().unwrap_or(file);
    let (kind, message) = match end {
        // `assert(0 && "words")` has its words in quotes.
        End::Assertion => (
            Kind::Assertion,
            match message.split_once("&& \"") {
                Some((_, words)) => words.trim_end_matches('"').to_owned(),
                None => format!("`{message}` does not hold"),
            },
        ),
        End::Unreachable => (Kind::Assertion, message.to_owned()),
        End::Fatal => (Kind::Fatal, message.to_owned()),
    };
    let message = match end {
        End::Fatal => words(&message),
        _ => message,
    };
    let mut diagnosis = Diagnosis::new(kind, message);
    if !file.is_empty() {
        diagnosis.note(format!("in {file}, line {line}, of Enzyme's sources"));
    }
    diagnosis
}

/// How lines begin that say what is wrong; around them are dumps of whole functions.
const TELLING: [&str; 14] = [
    "cannot ",
    "Cannot ",
    "couldn't ",
    "could not ",
    "No ",
    "Mismatched ",
    "Illegal ",
    "Active atomic",
    "constant function",
    "Number of arg",
    "unhandled",
    "Unimplemented",
    "function failed",
    "Error",
];

/// The one line of a message that says what is wrong, without the IR that is shown apart.
fn words(message: &str) -> String {
    let lines = || {
        message
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
    };
    let telling = |line: &&str| TELLING.iter().any(|start| line.starts_with(start));
    if let Some(line) = lines().find(|line| line.starts_with("overwritten_args")) {
        return line.to_owned();
    }
    let line = lines()
        .rfind(telling)
        .or_else(|| lines().find(|line| !line.starts_with(['%', ';', '@'])))
        .unwrap_or("no reason was given");
    // An instruction is printed with two spaces before it, so behind a word there are three. Types
    // are shown apart, and a function's other name says nothing more.
    let end = ["   ", " prev:", "("]
        .iter()
        .filter_map(|end| line.find(end))
        .min()
        .unwrap_or(line.len());
    line[..end]
        .trim_end_matches([':', ' '])
        .trim_end_matches(" for")
        .to_owned()
}

/// The two types of `… prev:{…} new: {…}`.
fn contradiction(message: &str) -> Option<(&str, &str)> {
    let (_, rest) = message.lines().next()?.split_once(" prev:")?;
    rest.split_once(" new: ")
}

/// A type tree with runs of equal bytes drawn together: `{[-1]:Pointer, [-1,0..7]:Integer}`.
fn tree(text: &str) -> String {
    let inner = text.trim().trim_start_matches('{').trim_end_matches('}');
    let mut runs: Vec<(String, i64, i64, String)> = Vec::new();
    for part in inner.split(", [") {
        let Some((path, concrete)) = part.trim_start_matches('[').split_once("]:") else {
            return text.trim().to_owned();
        };
        let (above, last) = match path.rsplit_once(',') {
            Some((above, last)) => (format!("{above},"), last),
            None => (String::new(), path),
        };
        let Ok(last) = last.parse::<i64>() else {
            return text.trim().to_owned();
        };
        match runs.last_mut() {
            Some(run) if run.0 == above && run.3 == concrete && run.2 + 1 == last && last > 0 => {
                run.2 = last;
            }
            _ => runs.push((above, last, last, concrete.to_owned())),
        }
    }
    let parts: Vec<String> = runs
        .into_iter()
        .map(|(above, first, last, concrete)| match first == last {
            true => format!("[{above}{first}]:{concrete}"),
            false => format!("[{above}{first}..{last}]:{concrete}"),
        })
        .collect();
    format!("{{{}}}", parts.join(", "))
}

/// How many neighbours of a line are shown on either side.
const AROUND: usize = 2;

fn line(instruction: InstructionValue<'_>) -> SourceLine {
    let function = instruction
        .get_parent()
        .and_then(|block| block.get_parent())
        .map(|function| function.get_name().to_string_lossy().into_owned());
    let text = |instruction: InstructionValue<'_>| {
        without_groups(&instruction.print_to_string().to_string_lossy())
    };
    let mut before: Vec<String> =
        std::iter::successors(instruction.get_previous_instruction(), |at| {
            at.get_previous_instruction()
        })
        .take(AROUND)
        .map(text)
        .collect();
    before.reverse();
    SourceLine {
        function: function.unwrap_or_default(),
        text: text(instruction),
        before,
        after: std::iter::successors(instruction.get_next_instruction(), |at| {
            at.get_next_instruction()
        })
        .take(AROUND)
        .map(text)
        .collect(),
    }
}

/// The line without its attribute groups and metadata, whose numbers mean nothing outside of the
/// module.
fn without_groups(line: &str) -> String {
    let is_group = |word: &str| {
        word.strip_prefix('#')
            .is_some_and(|number| number.parse::<u32>().is_ok())
    };
    let mut words: Vec<&str> = Vec::new();
    for word in line.trim().split(' ') {
        if word.starts_with('!') && words.last().is_some_and(|last| last.ends_with(',')) {
            break;
        }
        match word.strip_suffix(',') {
            _ if is_group(word) => {}
            // What follows is metadata, which means nothing here either.
            Some(group) if is_group(group) => break,
            _ => words.push(word),
        }
    }
    // An argument may be metadata: `@llvm.experimental.noalias.scope.decl(metadata !7)`.
    without_numbers(words.join(" ").trim_end_matches(','))
}

/// The text without the numbers of attribute groups and metadata: what LLVM counts in the whole module
/// depends on what else is in it.
fn without_numbers(text: &str) -> String {
    let is_digit = |c: char| c.is_ascii_digit();
    let words = text.split(' ').filter_map(|word| {
        let rest = word
            .trim_start_matches(['#', '!'])
            .trim_start_matches(is_digit);
        let numbered = word.strip_suffix(rest)?;
        match numbered.as_bytes() {
            [b'#', digit, ..] if digit.is_ascii_digit() => {
                (!rest.is_empty()).then(|| rest.to_owned())
            }
            [b'!', digit, ..] if digit.is_ascii_digit() => Some(format!("!…{rest}")),
            _ => Some(word.to_owned()),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// What an analysis says of the instruction and its operands: `%x: {[-1]:Float@double}`.
fn types(instruction: InstructionValue<'_>, analysis: &str) -> Vec<String> {
    let mut wanted = vec![instruction.print_to_string().to_string()];
    for operand in instruction
        .get_operands()
        .flatten()
        .filter_map(|operand| operand.value())
    {
        wanted.push(match operand {
            BasicValueEnum::PointerValue(value) => value.print_to_string().to_string(),
            other => other.print_to_string().to_string(),
        });
    }
    let mut found = Vec::new();
    for printed in wanted {
        let printed = printed.trim();
        let known = analysis.lines().find_map(|line| {
            let rest = line.trim().strip_prefix(printed)?.strip_prefix(": ")?;
            Some(rest.split(", intvals").next().unwrap_or(rest))
        });
        let Some(known) = known else { continue };
        let name = match printed.split_once(" = ") {
            Some((name, _)) => name,
            None => printed.rsplit(' ').next().unwrap_or(printed),
        };
        let known = match known {
            "{}" => "nothing".to_owned(),
            known => tree(known),
        };
        let line = format!("{name}: {known}");
        if !found.contains(&line) {
            found.push(line);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{tree, without_numbers, words};

    #[test]
    fn equal_bytes_are_drawn_together() {
        assert_eq!(
            tree(
                "{[-1]:Pointer, [-1,0]:Integer, [-1,1]:Integer, [-1,2]:Integer, [-1,8]:Float@double}"
            ),
            "{[-1]:Pointer, [-1,0..2]:Integer, [-1,8]:Float@double}"
        );
    }

    #[test]
    fn numbers_of_the_whole_module_are_left_out() {
        let text = "%0 = call double @f(double %x, metadata !7) #12, !dbg !9 of %12 #dbg_value(!3)";
        assert_eq!(
            without_numbers(text),
            "%0 = call double @f(double %x, metadata !…) , !dbg !… of %12 #dbg_value(!3)"
        );
    }

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
