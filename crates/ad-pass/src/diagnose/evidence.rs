//! What a refusal shows of its cause.

use inkwell::values::InstructionValue;

use crate::backend::messages::Complaint;
use crate::ir::instruction::{Callee, callee};

/// The facts that a cause is told from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    /// The offending instruction.
    pub(crate) instruction: Option<InstructionValue<'static>>,
    /// The function or global that it is about, where there is no instruction.
    pub(crate) global: Option<String>,
    /// What the message complains of.
    pub(crate) complaint: Option<Complaint>,
    /// The function that the message names.
    pub(crate) named: Option<String>,
    /// The two type trees of a contradiction.
    pub(crate) contradiction: Option<(String, String)>,
    /// The constant part of a value of mixed activity is a pointer.
    pub(crate) is_pointer: bool,
    /// No chain of calls leads to the instruction from the chosen function.
    pub(crate) is_called_through_pointer: bool,
}

impl Evidence {
    /// What the instruction calls.
    pub(crate) fn callee(&self) -> Option<Callee> {
        callee(self.instruction?)
    }

    /// The symbol of the function that is called, or that it is about.
    pub(crate) fn called(&self) -> Option<String> {
        let by_instruction = match self.callee() {
            Some(Callee::Function(symbol)) => Some(symbol),
            _ => None,
        };
        by_instruction
            .or_else(|| self.global.clone())
            .or_else(|| self.named.clone())
    }
}
