//! The functions that a derivative calls, with the work that each does.

use diff_view::{Paint, Tone};
use trace::{Cost, CountedFunction};
use unicode_width::UnicodeWidthStr;

use super::numbers::{counted, grouped, share};
use super::paint::Painter;

impl Painter<'_> {
    /// The functions with the most work, at most so many, where the derivative is more than one function.
    pub(super) fn functions(&mut self, most: usize) {
        let functions = &self.run.profile.derivative.functions;
        if functions.len() < 2 {
            return;
        }
        let (_, whole) = self.whole();
        let mut ranked: Vec<(u64, &CountedFunction)> = functions
            .iter()
            .map(|function| {
                let cost: Cost = function.instructions.iter().map(|one| one.cost).sum();
                (cost.instructions, function)
            })
            .collect();
        ranked.sort_by_key(|(instructions, _)| std::cmp::Reverse(*instructions));
        let title = "derivative  instructions  function";
        self.canvas.line(title, Tone::Muted.style());
        let hidden = ranked.split_off(most.min(ranked.len()));
        for (instructions, function) in ranked {
            let numbers = format!(
                "{:>10}{:>14}  ",
                share(instructions, whole),
                grouped(instructions)
            );
            self.canvas.text(&numbers, Tone::Plain.style());
            let name = ir_load::demangle(&function.symbol);
            self.canvas
                .paragraph(&name, numbers.width(), self.width, Tone::Plain.style());
        }
        if !hidden.is_empty() {
            let work = hidden.iter().map(|(instructions, _)| instructions).sum();
            let words = format!(
                "{} more with {} of the derivative (--lines N)",
                counted(hidden.len() as u64, "function"),
                share(work, whole)
            );
            self.canvas.line(&words, Tone::Muted.style());
        }
        self.canvas.newline();
    }
}
