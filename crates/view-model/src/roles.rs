//! What roles look like, and the words that say what their letters mean.

use diff_view::Role;
use trace::AdRole;

use crate::marks::RoleCounts;

/// How a role looks.
pub fn look(role: AdRole) -> Role {
    match role {
        AdRole::Primal => Role::Primal,
        AdRole::Shadow => Role::Shadow,
        AdRole::Adjoint | AdRole::Tangent => Role::Derivative,
        AdRole::Cache => Role::Cache,
        AdRole::Recompute => Role::Recompute,
        AdRole::Control => Role::Control,
    }
}

/// What the letters mean, with how many instructions have each role.
pub fn legend(counts: &RoleCounts) -> Vec<(String, Option<AdRole>)> {
    let known = counts.known.iter().map(|&(role, count)| {
        let words = format!("{} {role} {count}", role.letter());
        (words, Some(role))
    });
    let unknown = (counts.unknown > 0).then(|| (format!("? unknown {}", counts.unknown), None));
    known.chain(unknown).collect()
}
