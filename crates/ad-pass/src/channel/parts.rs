//! Roles, as traces have them.

use llvm_shim::Roles;
use trace::{AdRole, Part};

/// What each instruction is there for.
pub(crate) fn parts(roles: &Roles) -> Vec<Part> {
    let numbered = roles.roles.iter().zip(&roles.numbers);
    numbered
        .map(|(&role, &of)| Part {
            role: AdRole::ALL[usize::from(role)],
            of: (of > 0).then_some(of),
        })
        .collect()
}
