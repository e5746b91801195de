//! Stacks for tools that draw flame graphs.

use std::collections::BTreeMap;

use trace::{AdRole, Counted, Explained, Profile};

/// A line for each stack: what it is, and its instructions.
pub(super) fn folded(profile: &Profile, explained: &Explained) -> String {
    let mut stacks: BTreeMap<String, u64> = BTreeMap::new();
    add(&mut stacks, "primal", &profile.primal, explained);
    add(&mut stacks, "derivative", &profile.derivative, explained);
    let lines = stacks
        .into_iter()
        .filter(|(_, instructions)| *instructions > 0);
    lines
        .map(|(stack, instructions)| format!("{stack} {instructions}\n"))
        .collect()
}

fn add(stacks: &mut BTreeMap<String, u64>, root: &str, counted: &Counted, explained: &Explained) {
    for (nth, function) in counted.functions.iter().enumerate() {
        for one in &function.instructions {
            let mut stack = root.to_owned();
            let mut push = |frame: &str| {
                stack.push(';');
                // What separates frames, and what ends a stack.
                stack.push_str(&frame.replace([';', '\n'], "_"));
            };
            if let Some(role) = one.role.map(AdRole::name) {
                push(role);
            }
            if nth > 0 {
                push(&ir_load::demangle(&function.symbol));
            }
            let of = one.of.and_then(|of| explained.primal.get(of as usize - 1));
            let source = of.and_then(|of| of.source.as_ref()).or(one.source.as_ref());
            match source {
                Some((file, line)) => push(&format!("{file}:{line}")),
                None => push("no line"),
            }
            *stacks.entry(stack).or_default() += one.cost.instructions;
        }
    }
}
