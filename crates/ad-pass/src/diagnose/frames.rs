//! The path from the chosen function to an instruction, through calls and what was inlined.

use std::collections::{HashMap, HashSet, VecDeque};

use inkwell::values::{BasicValue, FunctionValue, InstructionValue};
use trace::{Frame, enzyme};

use crate::ir::call_graph::calls;
use crate::ir::instruction::{Callee, callee};
use crate::ir::lookup::name;

/// The frames of an instruction, innermost first, up to the function with the symbol `chosen`, and whether calls
/// lead from there to it.
pub(crate) fn frames(instruction: InstructionValue<'_>, chosen: &str) -> (Vec<Frame>, bool) {
    let Some(holder) = instruction
        .get_parent()
        .and_then(|block| block.get_parent())
    else {
        return (Vec::new(), true);
    };
    let functions = all(holder);
    let holder = original(&name(holder), &functions);
    let mut frames = frames_at(instruction, &holder);
    let by = path(chosen, &holder, &functions);
    let asks_enzyme = || {
        let callees = functions.get(chosen).copied().into_iter().flat_map(calls);
        callees
            .into_iter()
            .any(|(_, called)| called.starts_with(enzyme::RESERVED))
    };
    let leads_there = holder == chosen || !by.is_empty() || asks_enzyme();
    for (call, caller) in by {
        frames.extend(frames_at(call, &caller));
    }
    let leads_there = leads_there || frames.iter().any(|frame| frame.function == chosen);
    // Enzyme's own copies may have lost the name of what they were made from.
    (frames, leads_there || !calls_pointers(chosen, &functions))
}

/// True where something is called through a pointer by a function or what it reaches by direct calls.
fn calls_pointers(symbol: &str, functions: &HashMap<String, FunctionValue<'_>>) -> bool {
    let mut seen = HashSet::from([symbol.to_owned()]);
    let mut todo = vec![symbol.to_owned()];
    while let Some(symbol) = todo.pop() {
        let Some(function) = functions.get(&symbol).copied() else {
            continue;
        };
        let mut instructions = function
            .get_basic_block_iter()
            .flat_map(|block| block.get_instructions());
        if instructions.any(|instruction| callee(instruction) == Some(Callee::Pointer)) {
            return true;
        }
        let callees = calls(function).into_iter().map(|(_, callee)| callee);
        todo.extend(callees.filter(|callee| seen.insert(callee.clone())));
    }
    false
}

/// The inlined calls at one instruction, with the function that holds it last.
fn frames_at(instruction: InstructionValue<'_>, holder: &str) -> Vec<Frame> {
    let lines = lines(instruction);
    if lines.is_empty() {
        return vec![Frame {
            function: holder.to_owned(),
            place: String::new(),
        }];
    }
    lines
        .into_iter()
        .map(|(function, place)| Frame { function, place })
        .collect()
}

/// Where an instruction stands in the source. What a pass has made without a location is there for what it uses.
fn lines(instruction: InstructionValue<'_>) -> Vec<(String, String)> {
    /// How many instructions are looked at.
    const MOST: usize = 8;
    let mut seen = HashSet::new();
    let mut todo = VecDeque::from([instruction]);
    while let Some(at) = todo.pop_front() {
        let lines = llvm_shim::source_lines(at);
        if !lines.is_empty() {
            return lines;
        }
        if seen.len() == MOST || !seen.insert(at) {
            continue;
        }
        let operands = (0..at.get_num_operands()).filter_map(|nth| at.get_operand(nth)?.value());
        todo.extend(operands.filter_map(|value| value.as_instruction_value()));
    }
    Vec::new()
}

/// Every function of the module that holds `function`, by symbol.
fn all<'c>(function: FunctionValue<'c>) -> HashMap<String, FunctionValue<'c>> {
    let before = std::iter::successors(Some(function), |f| f.get_previous_function());
    let after = std::iter::successors(function.get_next_function(), |f| f.get_next_function());
    before.chain(after).map(|f| (name(f), f)).collect()
}

/// The function that a clone or derivative of Enzyme's was made from.
fn original(symbol: &str, functions: &HashMap<String, FunctionValue<'_>>) -> String {
    const PREFIXES: [&str; 7] = [
        enzyme::PREPROCESSED,
        enzyme::FAKE_AUGMENTED,
        enzyme::AUGMENTED,
        enzyme::FIXED,
        enzyme::CALL_WRAPPER,
        enzyme::FORWARD,
        enzyme::REVERSE,
    ];
    for prefix in PREFIXES {
        let Some(mut rest) = symbol.strip_prefix(prefix) else {
            continue;
        };
        if prefix == enzyme::FAKE_AUGMENTED {
            rest = rest.strip_prefix('_').unwrap_or(rest);
        }
        if functions.contains_key(rest) {
            return original(rest, functions);
        }
    }
    symbol.to_owned()
}

/// The calls that lead from one function to another by the shortest path, the last one first, each
/// with the function that makes it.
fn path<'c>(
    from: &str,
    to: &str,
    functions: &HashMap<String, FunctionValue<'c>>,
) -> Vec<(InstructionValue<'c>, String)> {
    let mut came_by: HashMap<String, (InstructionValue<'c>, String)> = HashMap::new();
    let mut seen: HashSet<String> = HashSet::from([from.to_owned()]);
    let mut todo = VecDeque::from([from.to_owned()]);
    while let Some(caller) = todo.pop_front() {
        if caller == to {
            break;
        }
        let Some(function) = functions.get(&caller) else {
            continue;
        };
        for (call, callee) in calls(*function) {
            if seen.insert(callee.clone()) {
                came_by.insert(callee.clone(), (call, caller.clone()));
                todo.push_back(callee);
            }
        }
    }
    let mut path = Vec::new();
    let mut at = to.to_owned();
    while let Some((call, caller)) = came_by.remove(&at) {
        at.clone_from(&caller);
        path.push((call, caller));
    }
    path
}
