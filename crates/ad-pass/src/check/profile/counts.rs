//! Counters of instructions, as what each of them did.

use llvm_shim::{CountedInstruction as Instruction, Measures};
use trace::{Cost, Counted, CountedFunction, CountedInstruction, Heap, Part};

/// The instructions of a function and of its derivative, which count.
pub(super) struct Tally {
    /// The function's symbol, and all instructions that may run.
    pub(super) primal: (String, Vec<Instruction>),
    /// The derivative's.
    pub(super) derivative: (String, Vec<Instruction>),
    /// What the derivative's own instructions are there for.
    pub(super) parts: Vec<Part>,
}

impl Tally {
    /// What the function did, by the values of the counters.
    pub(super) fn primal(&self, counters: &[u64], heap: Heap) -> Counted {
        let (symbol, instructions) = &self.primal;
        counted(symbol, instructions, counters, heap, |_, instruction| {
            (None, (instruction.number > 0).then_some(instruction.number))
        })
    }

    /// What the derivative did.
    pub(super) fn derivative(&self, counters: &[u64], heap: Heap) -> Counted {
        let (symbol, instructions) = &self.derivative;
        counted(symbol, instructions, counters, heap, |at, _| {
            let part = self.parts.get(at);
            (part.map(|part| part.role), part.and_then(|part| part.of))
        })
    }
}

/// Functions with what they did, the one of that symbol first; `part` says what an instruction of this one, by its place,
/// is there for and which of the primal's it belongs to.
fn counted(
    symbol: &str,
    all: &[Instruction],
    counters: &[u64],
    heap: Heap,
    part: impl Fn(usize, &Instruction) -> (Option<trace::AdRole>, Option<u32>),
) -> Counted {
    let mut functions: Vec<CountedFunction> = Vec::new();
    for instructions in all.chunk_by(|a, b| a.function == b.function) {
        let name = &instructions[0].function;
        let is_own = name == symbol;
        let instructions: Vec<CountedInstruction> = instructions
            .iter()
            .enumerate()
            .map(|(at, one)| {
                let (role, of) = match is_own {
                    true => part(at, one),
                    false => (None, None),
                };
                CountedInstruction {
                    executions: one.executions(counters),
                    cost: cost(one, counters),
                    role,
                    of,
                    // The lines of a numbered function are its numbers.
                    source: one.source.clone().filter(|_| !is_own),
                }
            })
            .collect();
        let did_run = instructions.iter().any(|one| one.executions > 0);
        let function = CountedFunction {
            symbol: name.clone(),
            instructions,
        };
        match is_own {
            true => functions.insert(0, function),
            false if did_run => functions.push(function),
            false => {}
        }
    }
    Counted { functions, heap }
}

fn cost(one: &Instruction, counters: &[u64]) -> Cost {
    let times = one.executions(counters);
    let measured = one.measured(counters);
    let (is_moved, is_set) = (
        one.measures == Measures::Moved,
        matches!(one.measures, Measures::Moved | Measures::Set),
    );
    Cost {
        instructions: times * u64::from(one.counts),
        operations: times * one.operations,
        loaded: times * one.loaded + if is_moved { measured } else { 0 },
        stored: times * one.stored + if is_set { measured } else { 0 },
        calls: times * u64::from(one.calls),
        allocated: if one.measures == Measures::Allocated {
            measured
        } else {
            0
        },
    }
}
