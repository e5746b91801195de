//! What lies where behind a parameter, as Enzyme is told it.

use trace::Concrete;

/// What lies where behind a parameter, as Enzyme is told it.
pub(crate) type Places = Vec<(Vec<i64>, Concrete)>;
