//! Hides from LLVM how the rest of a module uses what a function reaches.
//!
//! LLVM knows every use of a local function: it makes constants of arguments that all callers agree on, and
//! drops what none of them needs. So how a function is optimised depends on who else calls what it calls, and
//! a part of a module gives something else than the whole. irad asks about one function, and hides the rest
//! from LLVM: what is shared has uses that nobody knows, in the whole as in a slice, and passes come to what the
//! function reaches before they come to anything else.

use inkwell::module::{Linkage, Module};
use inkwell::values::FunctionValue;
use trace::{RemarkKind, Severity};

use crate::channel::recorder::Recorder;
use crate::ir::call_graph::reached;

/// Local functions of which LLVM could have learnt from users that it is not shown.
#[derive(Debug, Default)]
pub(crate) struct Shield(Vec<String>);

/// Keeps a local function through module passes: inlined everywhere, it would be gone.
pub(crate) fn keep<'c>(module: &Module<'c>, function: FunctionValue<'c>) {
    if matches!(function.get_linkage(), Linkage::Internal | Linkage::Private) {
        llvm_shim::keep(module, function);
    }
}

impl Shield {
    /// Keeps the function through module passes, and hides how the rest of the module uses what it reaches,
    /// unless that is to be seen.
    pub(crate) fn raise<'c>(
        module: &Module<'c>,
        function: FunctionValue<'c>,
        whole_program: bool,
    ) -> Self {
        keep(module, function);
        match whole_program {
            true => Shield::default(),
            false => Shield(llvm_shim::shield(module, function)),
        }
    }

    /// Says what was hidden and can have made a difference: what is inlined everywhere is optimised for the
    /// one caller that counts.
    pub(crate) fn tell(&self, module: &Module<'_>, symbol: &str, recorder: &Recorder) {
        const MOST: usize = 3;
        if self.0.is_empty() {
            return;
        }
        let mut functions: Vec<String> = reached(module, symbol)
            .into_iter()
            .map(|function| function.get_name().to_string_lossy().into_owned())
            .filter(|name| self.0.contains(name))
            .collect();
        if functions.is_empty() {
            return;
        }
        let more = functions.len().saturating_sub(MOST);
        functions.truncate(MOST);
        recorder.remark(Severity::Note, RemarkKind::UsesHidden { functions, more });
    }
}
