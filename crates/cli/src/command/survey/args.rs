//! The flags of `irad survey`.

use std::path::PathBuf;

use clap::ValueEnum;
use regex::Regex;

use crate::args::ad::AdArgs;
use crate::args::checking::CheckingArgs;
use crate::args::mode::ModeName;

/// Tries every function of a module that has something to differentiate, each in an engine of its
/// own, and says of each whether Enzyme accepts it or why not.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  irad survey model.ll
  irad survey model.ll --mode reverse
  irad survey crate.ll --mode forward --match 'model::*' --sort ratio
  irad survey model.ll --mode reverse --report map.html
  irad survey model.ll --mode reverse --shard 1/2 --json > 1.json
  irad survey model.ll --mode reverse --shard 2/2 --json > 2.json
  irad survey --merge 1.json 2.json")]
pub struct Args {
    /// LLVM IR: `.ll`, `.bc`, or `-` for standard input.
    #[arg(required_unless_present = "merge")]
    pub file: Option<PathBuf>,
    /// Forward or reverse; if not given, reverse for functions whose result is one float, and forward for others.
    #[arg(long, value_enum, value_name = "MODE")]
    pub mode: Option<ModeName>,
    /// Only functions whose path or symbol matches: `*` stands for anything, `?` for one character.
    #[arg(long = "match", value_name = "GLOB", value_parser = glob)]
    pub matching: Option<Regex>,
    /// The user's own crate, if not the one that the module says it was made of.
    #[arg(long = "crate", value_name = "NAME")]
    pub of_crate: Option<String>,
    /// Try functions of other crates, too.
    #[arg(long)]
    pub all: bool,
    /// What to sort by; times and sizes sort the largest first.
    #[arg(long, value_enum, default_value_t = Sort::Order)]
    pub sort: Sort,
    /// Try one part of the functions: `2/8` is the second of eight. Each part is a job of its own, and --merge puts the
    /// documents together.
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub shard: Option<Shard>,
    /// Put the documents of all parts together that --shard and --json wrote.
    #[arg(long, value_name = "PART.json", num_args = 1.., conflicts_with_all = ["file", "shard", "matching"])]
    pub merge: Vec<PathBuf>,
    /// How many engines at once; as many as there are cores, if not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Which module of a dump that holds several, from 1.
    #[arg(long, value_name = "N")]
    pub module: Option<usize>,
    /// Give each engine the whole module, and not only what its function needs.
    #[arg(long)]
    pub no_slice: bool,
    /// One JSON document instead of a table.
    #[arg(long)]
    pub json: bool,
    /// Run each derivative that is found right once, as irad profile does: how many instructions it executes for each of
    /// the function's, and how many bytes it keeps.
    #[arg(long, conflicts_with = "no_check")]
    pub profile: bool,
    /// Write a map of the module, too: one HTML page with what became of each function, and why.
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,
    #[command(flatten)]
    pub ad: AdArgs,
    #[command(flatten)]
    pub checking: CheckingArgs,
}

/// A column to sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Sort {
    /// As in the file; rows are shown as soon as they are known.
    Order,
    /// Demangled name.
    Name,
    /// Accepted first, then by reason.
    Reason,
    /// Time that the engine took.
    Time,
    /// Instructions of the derivative.
    Size,
    /// Instructions of the derivative for each of the primal.
    Ratio,
    /// Executed instructions of the derivative for each of the primal (--profile).
    Work,
}

/// `*` and `?` as in file names.
fn glob(text: &str) -> Result<Regex, String> {
    let pattern: String = text
        .chars()
        .map(|c| match c {
            '*' => ".*".to_owned(),
            '?' => ".".to_owned(),
            c => regex::escape(&c.to_string()),
        })
        .collect();
    Regex::new(&format!("^{pattern}$")).map_err(|error| error.to_string())
}

/// One of several parts, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which.
    pub number: usize,
    /// Of how many.
    pub of: usize,
}

impl Shard {
    /// The places of its elements among so many.
    pub fn range(self, count: usize) -> std::ops::Range<usize> {
        count * (self.number - 1) / self.of..count * self.number / self.of
    }
}

fn shard(text: &str) -> Result<Shard, String> {
    let numbers = text.split_once('/').and_then(|(number, of)| {
        Some(Shard {
            number: number.trim().parse().ok()?,
            of: of.trim().parse().ok()?,
        })
    });
    numbers
        .filter(|shard| (1..=shard.of).contains(&shard.number) && shard.of <= 100_000)
        .ok_or_else(|| format!("{text} is no part, as 2/8 is the second of eight"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_a_whole() {
        for count in [0, 1, 7, 8, 100] {
            let parts = (1..=8).map(|number| Shard { number, of: 8 }.range(count));
            let all: Vec<usize> = parts.flatten().collect();
            assert_eq!(all, (0..count).collect::<Vec<_>>());
        }
        for wrong in ["0/2", "3/2", "1", "a/b", "1/0"] {
            assert!(shard(wrong).is_err(), "{wrong}");
        }
    }
}
