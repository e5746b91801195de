//! Has what LLVM and Enzyme make lie in memory in the order in which they make it.
#![allow(unsafe_code, reason = "calls into order.cpp")]

use crate::boundary::irad_order;

/// As long as it lives, C++ objects that this thread makes lie in the order in which it makes them.
pub struct InOrder(());

impl InOrder {
    /// From now on.
    #[must_use]
    pub fn begin() -> Self {
        // SAFETY: it sets a flag of this thread.
        unsafe { irad_order(true) };
        InOrder(())
    }
}

impl Drop for InOrder {
    fn drop(&mut self) {
        // SAFETY: as above.
        unsafe { irad_order(false) };
    }
}
