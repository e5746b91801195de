//! What a piece of text means, whatever it looks like in the end.

use crate::syntax::Syntax;

/// What a piece of text means, and what it is in IR.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// What it means.
    pub tone: Tone,
    /// True for a changed word.
    pub emphasis: bool,
    /// What it is in IR, for a theme to colour; none for what is no IR.
    pub syntax: Option<Syntax>,
    /// What the instruction is there for that it is part of, where colours are to say that.
    pub role: Option<Role>,
}

/// What an instruction of a derivative is there for, to a painter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Computes what the primal computes.
    Primal,
    /// Finds or makes memory for derivatives.
    Shadow,
    /// Computes a derivative: an adjoint or a tangent.
    Derivative,
    /// Keeps a value for the reverse sweep, or takes it back.
    Cache,
    /// Computes a value again in the reverse sweep.
    Recompute,
    /// Decides what runs next.
    Control,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 6] = [
        Role::Primal,
        Role::Shadow,
        Role::Derivative,
        Role::Cache,
        Role::Recompute,
        Role::Control,
    ];

    /// A role on its own.
    pub fn style(self) -> Style {
        Style {
            role: Some(self),
            ..Style::default()
        }
    }
}

/// What a piece of text means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// A line of both sides.
    #[default]
    Plain,
    /// Part of a line that is new.
    Added,
    /// Part of a line that is gone.
    Removed,
    /// Something about the text and not of it.
    Muted,
    /// A title.
    Title,
    /// Where a hunk begins.
    Hunk,
    /// What needs attention.
    Warning,
    /// A derivative among what is none.
    Derivative,
}

impl Tone {
    /// A tone on its own.
    pub fn style(self) -> Style {
        Style {
            tone: self,
            ..Style::default()
        }
    }
}
