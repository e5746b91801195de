//! The flags of `irad profile`.

use std::path::PathBuf;

use crate::args::ad::AdArgs;
use crate::args::checking::CheckingArgs;
use crate::args::function::FunctionArgs;
use crate::args::guard::GuardArgs;
use crate::args::inputs::pair;
use crate::args::manual::ManualArgs;
use crate::args::mode::ModeName;
use crate::args::slicing::SlicingArgs;

/// Runs a function and its derivative once, and shows where the derivative's work goes: by role, by line of the Rust
/// source, and by line of the IR.
///
/// Work is counted and not sampled: how often each instruction runs, times what it does. The same inputs give the same
/// counts on every machine. The function is counted as Enzyme simplified it, after the cleanup pipeline, as the
/// derivative is. The tape is what the derivative stores of the primal's values for its reverse sweep.
///
/// Times are medians of runs in turn, at the optimisation level that `irad emit` uses, with the spread of the middle
/// half.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  irad profile model.ll --fn loss --mode reverse --len w=1000,x=1000
  irad profile model.ll --fn loss --mode reverse --ir
  irad profile layer.ll --fn forward --mode reverse --manual backward --map dout=d.out,scale=2
  irad profile model.ll --fn loss --mode reverse --sweep w,x=100,1000,10000
  irad profile model.ll --fn loss --mode reverse --folded > loss.folded")]
pub struct Args {
    /// LLVM IR: `.ll`, `.bc`, or `-` for standard input.
    pub file: PathBuf,
    #[command(flatten)]
    pub function: FunctionArgs,
    /// Forward or reverse.
    #[arg(long, value_enum, value_name = "MODE")]
    pub mode: Option<ModeName>,
    /// Lines of the IR instead of lines of the Rust source.
    #[arg(long)]
    pub ir: bool,
    /// As many lines are shown, those with the most work.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub lines: usize,
    /// How work grows with the elements of parameters: `w=100,1000,10000`, or `w,x=100,1000` for several that grow
    /// together.
    #[arg(long, value_name = "NAME=N,N,…", value_parser = sweep)]
    pub sweep: Option<Sweep>,
    /// Count machine instructions, too, as `irad emit` makes them: both run once, one instruction at a time. On x86-64, up
    /// to a million.
    #[arg(long, conflicts_with = "folded")]
    pub machine: bool,
    /// Do not measure times: what is printed is the same each time then.
    #[arg(long)]
    pub no_times: bool,
    #[command(flatten)]
    pub manual: ManualArgs,
    /// Stacks for tools that draw flame graphs: a line for each, with its instructions.
    #[arg(long, conflicts_with_all = ["json", "sweep", "ir"])]
    pub folded: bool,
    /// Which module of a dump that holds several, from 1.
    #[arg(long, value_name = "N")]
    pub module: Option<usize>,
    #[command(flatten)]
    pub guard: GuardArgs,
    #[command(flatten)]
    pub ad: AdArgs,
    #[command(flatten)]
    pub checking: CheckingArgs,
    #[command(flatten)]
    pub slicing: SlicingArgs,
    /// Leave symbols as they are.
    #[arg(long)]
    pub raw_names: bool,
    /// One JSON document instead of text.
    #[arg(long)]
    pub json: bool,
}

/// Parameters whose elements grow together, and through which numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// The parameters.
    pub names: Vec<String>,
    /// Increasing.
    pub sizes: Vec<u64>,
}

fn sweep(text: &str) -> Result<Sweep, String> {
    const EXAMPLE: &str = "w=100,1000,10000";
    let (names, sizes) = pair(text, EXAMPLE)?;
    let sizes: Vec<u64> = sizes
        .split(',')
        .map(|size| size.trim().parse().ok().filter(|size| *size > 0))
        .collect::<Option<_>>()
        .ok_or_else(|| format!("{sizes} are no numbers of elements, as in {EXAMPLE}"))?;
    if sizes.len() < 2 || !sizes.is_sorted_by(|a, b| a < b) {
        return Err(format!(
            "it takes two numbers of elements or more, each greater than the one before, as in {EXAMPLE}"
        ));
    }
    let names = names.split(',').map(|name| name.trim().to_owned());
    Ok(Sweep {
        names: names.collect(),
        sizes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_grow() {
        let both = sweep("w, x=10,100").unwrap();
        assert_eq!((both.names.len(), both.sizes), (2, vec![10, 100]));
        for wrong in ["w", "w=10", "w=10,10", "w=100,10", "w=0,10", "w=a,b"] {
            assert!(sweep(wrong).is_err(), "{wrong}");
        }
    }
}
