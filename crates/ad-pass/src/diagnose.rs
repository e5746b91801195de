//! Turns what LLVM and Enzyme say into remarks and diagnoses.

use inkwell::module::Module;
use pass_watch::Severity;
use trace::{Diagnosis, Kind, SourceLine};

use crate::enzyme::{self, Refusal};
use crate::record::Recorder;

/// Hears everything that LLVM and Enzyme report from now on. Errors end the process: neither goes
/// on sensibly after one.
pub(crate) fn listen(module: &Module<'_>, recorder: &Recorder) {
    let refusals = recorder.clone();
    enzyme::on_refusal(move |refusal| refusals.failed(diagnose(refusal)));
    listen_to_llvm(module, recorder);
}

/// Hears LLVM's diagnostics alone, which Enzyme's pass also reports by when nobody asked it to do
/// otherwise.
pub(crate) fn listen_to_llvm(module: &Module<'_>, recorder: &Recorder) {
    let diagnostics = recorder.clone();
    pass_watch::handle_diagnostics(
        module.get_context(),
        move |severity, message, position, function| {
            let severity = match severity {
                Severity::Error => {
                    let mut diagnosis = Diagnosis::new(Kind::Other, message.trim());
                    if !position.is_empty() {
                        diagnosis.rust = Some(position.to_owned());
                    }
                    diagnosis.instruction = (!function.is_empty()).then(|| SourceLine {
                        function: function.to_owned(),
                        text: String::new(),
                    });
                    diagnostics.failed(diagnosis);
                    std::process::exit(0);
                }
                Severity::Warning => trace::Severity::Warning,
                Severity::Remark => trace::Severity::Remark,
                Severity::Note => trace::Severity::Note,
            };
            diagnostics.remark(severity, message.trim());
        },
    );
}

fn diagnose(refusal: Refusal) -> Diagnosis {
    // The first line is the words; what follows is a dump of the whole function or type tree.
    let message = refusal
        .message
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or("Enzyme gave no reason");
    let mut diagnosis = Diagnosis::new(refusal.kind, message);
    diagnosis.instruction = refusal
        .line
        .map(|(text, function)| SourceLine { function, text });
    diagnosis.rust = refusal
        .source
        .and_then(|lines| lines.lines().next().map(str::to_owned));
    diagnosis
}
