//! Turns what LLVM and Enzyme say into remarks and diagnoses.

use inkwell::module::Module;
use llvm_shim::Severity;
use trace::{Diagnosis, Frame, Kind, RemarkKind, SourceLine};

use crate::backend::messages;
use crate::backend::refusal::on_refusal;
use crate::backend::text::without_numbers;
use crate::channel::recorder::Recorder;
use crate::diagnose::causes::add_cause;
use crate::diagnose::input::Input;
use crate::diagnose::refusal::{diagnose, ended};
use crate::options::Options;

/// Hears everything that LLVM and Enzyme report about a differentiation from now on. Errors end the
/// process: neither goes on sensibly after one.
pub(crate) fn listen(module: &Module<'_>, options: &Options, input: Input, recorder: &Recorder) {
    let (refusals, asked) = (recorder.clone(), options.clone());
    on_refusal(move |refusal| {
        let (mut diagnosis, evidence) = diagnose(refusal, &asked);
        add_cause(&mut diagnosis, &evidence, &asked.ad, input);
        refusals.failed(diagnosis);
    });
    let (ends, asked) = (recorder.clone(), options.clone());
    llvm_shim::hear_end(move |end, message, file, line| {
        let (mut diagnosis, evidence) = ended(end, message, file, line);
        add_cause(&mut diagnosis, &evidence, &asked.ad, input);
        ends.failed(diagnosis);
        std::process::exit(0);
    });
    listen_to_llvm(module, recorder);
}

/// Hears why LLVM or Enzyme end the process, without knowing what it was doing.
pub(crate) fn listen_to_ends(recorder: &Recorder) {
    let ends = recorder.clone();
    llvm_shim::hear_end(move |end, message, file, line| {
        let (diagnosis, _) = ended(end, message, file, line);
        ends.failed(diagnosis);
        std::process::exit(0);
    });
}

/// Hears LLVM's diagnostics alone, which Enzyme's pass also reports by when nobody asked it to do
/// otherwise.
pub(crate) fn listen_to_llvm(module: &Module<'_>, recorder: &Recorder) {
    let diagnostics = recorder.clone();
    llvm_shim::handle_diagnostics(module.get_context(), move |diagnostic| {
        let llvm_shim::LlvmDiagnostic {
            severity,
            message,
            position,
            function,
            name,
        } = diagnostic;
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
        match messages::remark(name, message) {
            // Said only where types are guessed, and what makes the result wrong if it is.
            guess @ RemarkKind::GuessedType { .. } => {
                let (name, text) = (name.to_owned(), message.to_owned());
                diagnostics.located(function, position, RemarkKind::Said { name, text });
                diagnostics.remark(trace::Severity::Warning, guess);
            }
            kind => {
                diagnostics.located(function, position, kind);
                let kind = messages::remark(name, &without_numbers(message));
                diagnostics.remark(severity, kind);
            }
        }
    });
}
