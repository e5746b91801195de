//! What was measured, as a document.

use serde_json::{Map, Value, json};
use trace::{AdRole, Cost, Counted};

use super::found::{Run, Size, Timing, median};
use super::growth::law;
use super::tally::{self, Share};
use crate::heading;
use crate::verdict;

/// The answer.
pub(super) fn document(run: &Run) -> Value {
    let profile = &run.profile;
    let by_source: Vec<Value> = tally::by_source(profile, &run.explained, &run.users)
        .iter()
        .map(|(line, of)| {
            let mut object = share(of);
            object["source"] = line.as_ref().map_or(
                Value::Null,
                |(file, line)| json!({ "file": file, "line": line }),
            );
            object
        })
        .collect();
    let by_primal: Vec<Value> = tally::by_primal(profile, &run.explained, &run.users)
        .iter()
        .map(|(number, of)| {
            let mut object = share(of);
            object["number"] = json!(number);
            object
        })
        .collect();
    json!({
        "signature": run.trace.signature.as_ref().map(session::signature::line),
        "verdict": verdict::json(run.trace.verdict.as_ref()),
        "warnings": heading::warnings(&run.trace),
        "inputs": profile.inputs,
        "primal": side(&profile.primal),
        "derivative": side(&profile.derivative),
        "roles": roles(&tally::by_role(&profile.derivative)),
        "tape": profile.derivative.tape(),
        "by_source": by_source,
        "by_primal": by_primal,
        "times": match &run.times {
            Timing::Measured(times) => json!({
                "calls": times.calls,
                "primal": times.primal,
                "derivative": times.derivative,
                "by_hand": (!times.by_hand.is_empty()).then_some(&times.by_hand),
                "median": {
                    "primal": median(&times.primal, times.calls),
                    "derivative": median(&times.derivative, times.calls),
                    "by_hand": (!times.by_hand.is_empty()).then(|| median(&times.by_hand, times.calls)),
                },
            }),
            Timing::NotAsked | Timing::FreesInputs => Value::Null,
        },
        "machine": run.machine,
        "growth": run.growth.as_ref().map(|growth| {
            let fitted = |of: fn(&Size) -> u64| {
                let numbers: Vec<u64> = growth.points.iter().map(of).collect();
                let law = law(&growth.sweep.sizes, &numbers);
                json!({
                    "numbers": numbers,
                    "factor": law.map(|law| law.factor),
                    "power": law.map(|law| law.power),
                    "constant": law.map(|law| law.constant),
                })
            };
            json!({
                "parameters": growth.sweep.names,
                "sizes": growth.sweep.sizes,
                "primal_operations": fitted(|size| size.primal_operations),
                "operations": fitted(|size| size.operations),
                "instructions": fitted(|size| size.instructions),
                "tape": fitted(|size| size.tape),
                "primal_peak": fitted(|size| size.primal_peak),
                "peak": fitted(|size| size.peak),
                "times": growth.points.iter().map(|size| size.time).collect::<Vec<_>>(),
            })
        }),
        "notes": profile.notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn side(counted: &Counted) -> Value {
    let functions: Vec<Value> = counted
        .functions
        .iter()
        .map(|function| {
            let cost: Cost = function.instructions.iter().map(|one| one.cost).sum();
            json!({
                "name": ir_load::demangle(&function.symbol),
                "symbol": function.symbol,
                "cost": cost,
            })
        })
        .collect();
    json!({
        "cost": counted.total(),
        "heap": counted.heap,
        "functions": functions,
    })
}

fn share(of: &Share) -> Value {
    json!({
        "primal": of.primal,
        "derivative": of.derivative,
        "roles": roles(&of.roles),
        "kept": of.kept,
        "because": of.because,
        "needed_by": of.needed_by.iter().map(|(file, line)| json!({ "file": file, "line": line })).collect::<Vec<_>>(),
    })
}

fn roles(costs: &std::collections::BTreeMap<Option<AdRole>, Cost>) -> Value {
    let named = costs.iter().map(|(role, cost)| {
        let name = role.map_or("called", AdRole::name);
        (name.to_owned(), json!(cost))
    });
    Value::Object(named.collect::<Map<_, _>>())
}
