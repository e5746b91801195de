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

type Handler = Box<dyn FnMut(Severity, &str, &str, &str)>;

/// Hands every diagnostic of the context to `handler`: severity, message, source position (empty
/// when unknown) and function (empty when unknown). Enzyme's remarks are switched on.
///
/// The handler lives as long as the process, which serves one request and ends.
pub fn handle_diagnostics<'c>(
    context: impl AsContextRef<'c>,
    handler: impl FnMut(Severity, &str, &str, &str) + 'static,
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
        handler(
            severity,
            &borrow(diagnostic.message),
            &borrow(diagnostic.position),
            &borrow(diagnostic.function),
        );
    }
}
