//! Counters of instructions, as what each of them did.

use llvm_shim::{CountedInstruction as Instruction, Measures};
use trace::{AdRole, Cost, Counted, CountedFunction, CountedInstruction, Heap, Part, RemarkKind};

use crate::differentiate::called::CalledFunctions;
use crate::ir::lookup::derived_from;

/// The instructions of a function and of its derivative, which count.
pub(super) struct Tally {
    /// The function's symbol, and all instructions that may run.
    pub(super) primal: (String, Vec<Instruction>),
    /// The derivative's.
    pub(super) derivative: (String, Vec<Instruction>),
    /// What the derivative's own instructions are there for.
    pub(super) parts: Vec<Part>,
    /// What those of functions that are called are there for.
    pub(super) called: CalledFunctions,
}

impl Tally {
    /// What the function did, by the values of the counters.
    pub(super) fn primal(&self, counters: &[u64], heap: Heap) -> Counted {
        let (symbol, instructions) = &self.primal;
        self.counted(symbol, instructions, counters, heap, |_, instruction| {
            Part {
                role: AdRole::Primal,
                of: (instruction.number > 0).then_some(instruction.number),
            }
        })
    }

    /// What the derivative did.
    pub(super) fn derivative(&self, counters: &[u64], heap: Heap) -> Counted {
        let (symbol, instructions) = &self.derivative;
        let unknown = Part {
            role: AdRole::Control,
            of: None,
        };
        self.counted(symbol, instructions, counters, heap, |at, _| {
            self.parts.get(at).copied().unwrap_or(unknown)
        })
    }

    /// Functions with what they did, the one of that symbol first; `part` says what an instruction of this one, by its
    /// place, is there for and which of the primal's it belongs to.
    fn counted(
        &self,
        symbol: &str,
        all: &[Instruction],
        counters: &[u64],
        heap: Heap,
        part: impl Fn(usize, &Instruction) -> Part,
    ) -> Counted {
        let mut functions: Vec<CountedFunction> = Vec::new();
        for instructions in all.chunk_by(|a, b| a.function == b.function) {
            let name = &instructions[0].function;
            let is_own = name == symbol;
            let instructions: Vec<CountedInstruction> = instructions
                .iter()
                .enumerate()
                .map(|(at, one)| {
                    let mut counted = CountedInstruction {
                        executions: one.executions(counters),
                        cost: cost(one, counters),
                        role: None,
                        of: None,
                        source: None,
                        because: Vec::new(),
                        needed_by: Vec::new(),
                    };
                    if is_own {
                        let part = part(at, one);
                        (counted.role, counted.of) = (Some(part.role), part.of);
                    } else {
                        (counted.role, counted.source) = self.called(name, at, one);
                        if counted.kept() > 0 {
                            (counted.because, counted.needed_by) = self.kept(name, at);
                        }
                    }
                    counted
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

    /// The role and the source line of an instruction of a function that is called.
    fn called(
        &self,
        symbol: &str,
        at: usize,
        one: &Instruction,
    ) -> (Option<AdRole>, Option<(String, u32)>) {
        let line = |of: &str, number: u32| {
            let lines = &self.called.functions.get(of)?.sources;
            lines.get((number as usize).checked_sub(1)?)?.clone()
        };
        if let Some((of, parts)) = self.called.derivatives.get(symbol) {
            return match parts.as_ref().map(|parts| parts.get(at)) {
                Some(part) => (
                    part.map(|part| part.role),
                    part.and_then(|part| line(of, part.of?)),
                ),
                None => (None, line(of, one.number)),
            };
        }
        if self.called.functions.contains_key(symbol) {
            return (Some(AdRole::Primal), line(symbol, one.number));
        }
        // Lines in what Enzyme made of a numbered function are numbers.
        let source = one.source.clone();
        (None, source.filter(|_| derived_from(symbol).is_none()))
    }

    /// Of the value that an instruction of a called function's derivative keeps: what Enzyme said of it, and the lines
    /// that use it.
    fn kept(&self, symbol: &str, at: usize) -> (Vec<RemarkKind>, Vec<(String, u32)>) {
        let known = || {
            let (of, parts) = self.called.derivatives.get(symbol)?;
            let number = parts.as_ref()?.get(at)?.of?;
            let place = (number as usize).checked_sub(1)?;
            Some((self.called.functions.get(of)?, place))
        };
        let Some((function, place)) = known() else {
            return (Vec::new(), Vec::new());
        };
        let because = function.because.get(place).cloned().unwrap_or_default();
        let users = function.users.get(place).into_iter().flatten();
        let mut lines: Vec<(String, u32)> = users
            .filter_map(|user| function.sources.get(*user)?.clone())
            .collect();
        lines.sort();
        lines.dedup();
        (because, lines)
    }
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
