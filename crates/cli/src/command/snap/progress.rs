//! How far snapshots are, on standard error.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use snapshots::compute::Progress;

/// A bar, where standard error is a terminal.
pub struct Bar(ProgressBar);

impl Bar {
    /// A bar of so many entries.
    pub fn of(count: usize) -> Self {
        let target = match io::stderr().is_terminal() {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        let style = ProgressStyle::with_template("{bar:24} {pos}/{len} {wide_msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        Bar(ProgressBar::with_draw_target(Some(count as u64), target).with_style(style))
    }

    /// Takes it away.
    pub fn clear(&self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Bar {
    fn begins(&self, entry: &str) {
        self.0.set_message(entry.to_owned());
    }

    fn ends(&self) {
        self.0.inc(1);
    }

    fn aside(&self, act: &mut dyn FnMut()) {
        self.0.suspend(act);
    }
}
