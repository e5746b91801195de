//! Hands LLVM's diagnostics, Enzyme's among them, to a handler.
#![allow(unsafe_code, reason = "calls into diagnostics.cpp")]

use std::ffi::c_void;

use inkwell::context::AsContextRef;

use crate::boundary::{
    RawDiagnostic, SEVERITY_ERROR, SEVERITY_NOTE, SEVERITY_REMARK, SEVERITY_WARNING,
    irad_handle_diagnostics,
};
use crate::strings::borrow;

/// How grave a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The work cannot go on.
    Error,
    /// The result may not be what was meant.
    Warning,
    /// A decision that was made.
    Remark,
    /// A side note.
    Note,
}

/// What LLVM reports, or Enzyme through it.
#[derive(Clone, Copy, Debug)]
pub struct LlvmDiagnostic<'a> {
    /// How grave it is.
    pub severity: Severity,
    /// The words.
    pub message: &'a str,
    /// `file:line:column`, empty when unknown.
    pub position: &'a str,
    /// The function that it is about, empty when unknown.
    pub function: &'a str,
    /// A remark's name, which tells its kind; empty for what is no remark.
    pub name: &'a str,
}

type Handler = Box<dyn FnMut(LlvmDiagnostic<'_>)>;

/// Hands every diagnostic of the context to `handler`. Enzyme's remarks are switched on.
///
/// The handler lives as long as the process, which serves one request and ends.
pub fn handle_diagnostics<'c>(
    context: impl AsContextRef<'c>,
    handler: impl FnMut(LlvmDiagnostic<'_>) + 'static,
) {
    let handler: Handler = Box::new(handler);
    let data = Box::into_raw(Box::new(handler));
    // SAFETY: the context is live, and the leaked box outlives it.
    unsafe { irad_handle_diagnostics(context.as_ctx_ref(), on_diagnostic, data.cast()) }
}

extern "C" fn on_diagnostic(data: *mut c_void, diagnostic: *const RawDiagnostic) {
    // SAFETY: `handle_diagnostics` leaked the box, so it lives; the diagnostic and its strings live through
    // the call.
    unsafe {
        let handler = &mut *data.cast::<Handler>();
        let diagnostic = &*diagnostic;
        let severity = match diagnostic.severity {
            SEVERITY_ERROR => Severity::Error,
            SEVERITY_WARNING => Severity::Warning,
            SEVERITY_REMARK => Severity::Remark,
            SEVERITY_NOTE => Severity::Note,
            severity => unreachable!("no severity: {severity}"),
        };
        handler(LlvmDiagnostic {
            severity,
            message: &borrow(diagnostic.message),
            position: &borrow(diagnostic.position),
            function: &borrow(diagnostic.function),
            name: &borrow(diagnostic.name),
        });
    }
}
