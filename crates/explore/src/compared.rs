//! Two texts that were compared, on their way to the model.

use view_model::Comparison;

/// Two texts, compared.
pub struct Compared {
    /// The two.
    pub comparison: Comparison,
    /// Which makings of their runs they are of.
    pub made: [u64; 2],
    /// Somebody waits for it.
    pub is_awaited: bool,
}
