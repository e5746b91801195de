//! Which blocks of the primal have run.

use std::collections::BTreeSet;

use llvm_shim::Block;
use trace::{Blocks, MissedBlock};

/// The blocks that count, and those that ran.
#[derive(Debug)]
pub(super) struct Coverage {
    blocks: Vec<Block>,
    ran: Vec<bool>,
    /// Those that ran where no numbers are equal: elsewhere a derivative that is another one may be that of a side.
    ran_untied: Vec<bool>,
    /// How many blocks ran in all, as a measure of work that is the same on every machine.
    pub(super) work: u64,
}

impl Coverage {
    /// Of these blocks, in the order of their counters.
    pub(super) fn of(blocks: Vec<Block>) -> Self {
        let none = vec![false; blocks.len()];
        Coverage {
            blocks,
            ran: none.clone(),
            ran_untied: none,
            work: 0,
        }
    }

    /// Takes note of what ran since this was done last. True when a block that counts ran for the first time, or any
    /// block for the first time without ties.
    pub(super) fn note(&mut self, has_ties: bool) -> bool {
        let counts = llvm_shim::take_counts(self.blocks.len());
        self.add(&counts, has_ties)
    }

    fn add(&mut self, times: &[u64], has_ties: bool) -> bool {
        let mut is_new = false;
        for (at, times) in times.iter().enumerate().filter(|(_, times)| **times > 0) {
            self.work += times;
            is_new |= match self.ran[at] {
                true => !has_ties && !self.ran_untied[at],
                false => counts(&self.blocks[at]),
            };
            self.ran[at] = true;
            self.ran_untied[at] |= !has_ties;
        }
        is_new
    }

    /// Forgets what ran since notes were taken last.
    pub(super) fn forget(&self) {
        llvm_shim::take_counts(self.blocks.len());
    }

    /// True when every block that counts has run, and what ran at all has run without ties, too.
    pub(super) fn is_whole(&self) -> bool {
        let mut all = self.blocks.iter().enumerate();
        all.all(|(at, block)| match self.ran[at] {
            true => self.ran_untied[at],
            false => !counts(block),
        })
    }

    /// How many ran, of how many, and where the others are.
    pub(super) fn sum(&self) -> Blocks {
        let counted = || {
            let all = self.blocks.iter().zip(&self.ran);
            all.filter(|(block, _)| counts(block))
        };
        let missed: BTreeSet<MissedBlock> = counted()
            .filter(|(_, ran)| !**ran)
            .map(|(block, _)| MissedBlock {
                function: format!("{:#}", rustc_demangle::demangle(&block.function)),
                line: block.line.clone(),
            })
            .collect();
        Blocks {
            of: counted().count() as u64,
            reached: counted().filter(|(_, ran)| **ran).count() as u64,
            missed: missed.into_iter().collect(),
        }
    }
}

/// True for a block that a check should reach: of the user's own code, and not leading into a panic.
fn counts(block: &Block) -> bool {
    !block.is_dead_end && !ir_load::is_library(&block.function)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(function: &str, is_dead_end: bool) -> Block {
        Block {
            function: function.to_owned(),
            line: None,
            is_dead_end,
        }
    }

    /// A path for zero in a library, which only points with several zeros have taken.
    #[test]
    fn what_ran_with_ties_only_is_looked_for_again() {
        let library = "_ZN4core3ptr4read17h0123456789abcdefE";
        let mut coverage = Coverage::of(vec![block("loss", false), block(library, false)]);
        assert!(coverage.add(&[1, 0], false));
        assert!(coverage.is_whole());
        assert!(!coverage.add(&[1, 1], true));
        assert!(!coverage.is_whole());
        assert!(coverage.add(&[1, 1], false));
        assert!(coverage.is_whole());
        assert!(!coverage.add(&[2, 2], false));
    }

    #[test]
    fn blocks_of_libraries_and_panics_do_not_count() {
        assert!(counts(&block("loss", false)));
        assert!(!counts(&block("loss", true)));
        assert!(!counts(&block(
            "_ZN4core3ptr4read17h0123456789abcdefE",
            false
        )));
        assert!(counts(&block("_ZN5model4loss17h0123456789abcdefE", false)));
    }
}
