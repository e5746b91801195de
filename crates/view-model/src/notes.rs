//! Notes on a line of Rust: what it became.

use diff_view::{Row, Tone};
use trace::AdRole;

use crate::comparison::Comparison;
use crate::marks::{Mark, count};
use crate::model::Model;
use crate::roles::look;

/// What a line of Rust became that has become these pairs: how many instructions, of which roles, and of the primal
/// what the derivative needs of it. Nothing of a line that became none.
pub fn row(
    model: &Model,
    of: &Comparison,
    pairs: &[usize],
    marks: Option<&Vec<Mark>>,
) -> Option<Row> {
    let marks = marks?;
    let lines = pairs.iter().filter_map(|&at| of.diff.pairs[at].after);
    let own: Vec<Mark> = lines
        .filter_map(|line| marks.get(line).copied())
        .filter(|mark| mark.begins)
        .collect();
    if own.is_empty() {
        return None;
    }
    let mut row = Row::default();
    let counts = count(&own);
    if counts.known.is_empty() {
        let instructions = match own.len() {
            1 => "instruction",
            _ => "instructions",
        };
        row.push(
            &format!("{} {instructions}", own.len()),
            Tone::Muted.style(),
            None,
        );
    }
    for (at, (role, count)) in counts.known.iter().enumerate() {
        let comma = if at > 0 { ", " } else { "" };
        row.push(comma, Tone::Muted.style(), None);
        row.push(&format!("{count} {role}"), look(*role).style(), None);
    }
    for (words, role) in fates(model, &own) {
        row.push(model.glyphs.dot(), Tone::Muted.style(), None);
        row.push(&words, look(role).style(), None);
    }
    Some(row)
}

/// What becomes of the primal's values that this line computes.
fn fates(model: &Model, own: &[Mark]) -> Vec<(String, AdRole)> {
    let is_primal = model.primal().is_some_and(|primal| model.view.at <= primal);
    let explained = model
        .run()
        .and_then(|run| run.story.trace.explained.as_ref());
    let Some(explained) = explained.filter(|_| is_primal) else {
        return Vec::new();
    };
    let known = || {
        own.iter()
            .filter_map(|mark| explained.primal.get(mark.of?.checked_sub(1)? as usize))
    };
    let mut found = Vec::new();
    let kept = known().filter(|known| known.cached).count();
    if kept > 0 {
        let mut why: Vec<String> = known().flat_map(|known| known.reasons()).collect();
        why.dedup();
        let why = why.first().map_or(String::new(), |why| {
            format!(": {}", diff_view::printable(&ir_load::demangle_words(why)))
        });
        found.push((format!("{kept} kept{why}"), AdRole::Cache));
    }
    let again = known().filter(|known| known.recomputed).count();
    if again > 0 {
        found.push((format!("{again} computed again"), AdRole::Recompute));
    }
    let active = known().filter(|known| known.propagates).count();
    if active > 0 {
        found.push((format!("{active} active"), AdRole::Adjoint));
    }
    found
}
