//! What the input was like before anything ran on it.

use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::module::Module;
use inkwell::types::AnyTypeEnum;
use inkwell::values::{FunctionValue, InstructionOpcode};

use crate::ir::call_graph::reached;

/// What the input was like before anything ran on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Input {
    /// Something that the function reaches unwinds.
    pub(crate) unwinds: bool,
    /// It computes with vectors.
    pub(crate) vectorised: bool,
    /// Its locals are all in memory.
    pub(crate) unoptimised: bool,
    /// It has atomic accesses.
    pub(crate) atomic: bool,
    /// Something is known of a parameter, as of most that rustc makes with optimisation.
    says_something: bool,
}

/// Modules of the standard library that compute with vectors because their authors wrote it so.
const WRITTEN_WITH_VECTORS: [&str; 2] = ["core_arch", "core_simd"];

/// True for what a caller of such functions does with their vectors.
fn passes_on(opcode: InstructionOpcode) -> bool {
    use InstructionOpcode::{Alloca, Call, Invoke, Load};
    matches!(opcode, Alloca | Call | Invoke | Load)
}

impl Input {
    /// Looks at a function and what it calls.
    pub(crate) fn of(module: &Module<'_>, symbol: &str) -> Self {
        let mut input = Input::default();
        for function in reached(module, symbol) {
            input.look(function);
        }
        // One function that says nothing may have been written so.
        input.unoptimised &= !input.says_something;
        // Where panics abort, rustc says so of all that it makes. The standard library was made for both,
        // and its edges for unwinding are never taken then.
        let nounwind = Attribute::get_named_enum_kind_id("nounwind");
        input.unwinds &= module.get_function(symbol).is_none_or(|primal| {
            primal
                .get_enum_attribute(AttributeLoc::Function, nounwind)
                .is_none()
        });
        input
    }

    fn look(&mut self, function: FunctionValue<'_>) {
        let symbol = function.get_name().to_string_lossy();
        let is_written = WRITTEN_WITH_VECTORS
            .iter()
            .any(|name| symbol.contains(name));
        let noundef = Attribute::get_named_enum_kind_id("noundef");
        let says_something = (0..function.count_params()).any(|parameter| {
            let location = AttributeLoc::Param(parameter);
            function.get_enum_attribute(location, noundef).is_some()
        });
        let mut locals = 0;
        for block in function.get_basic_blocks() {
            let mut next = block.get_first_instruction();
            while let Some(instruction) = next {
                next = instruction.get_next_instruction();
                let opcode = instruction.get_opcode();
                let is_vector = matches!(instruction.get_type(), AnyTypeEnum::VectorType(_));
                self.vectorised |= !is_written && is_vector && !passes_on(opcode);
                match opcode {
                    InstructionOpcode::Alloca => locals += 1,
                    InstructionOpcode::Invoke | InstructionOpcode::LandingPad => {
                        self.unwinds = true
                    }
                    InstructionOpcode::InsertElement
                    | InstructionOpcode::ExtractElement
                    | InstructionOpcode::ShuffleVector => self.vectorised |= !is_written,
                    InstructionOpcode::AtomicRMW | InstructionOpcode::AtomicCmpXchg => {
                        self.atomic = true;
                    }
                    _ => {}
                }
            }
        }
        // Without optimisation rustc says nothing about parameters and gives every local a place.
        self.says_something |= says_something;
        self.unoptimised |= locals >= 3 && !says_something && function.count_params() > 0;
    }
}
