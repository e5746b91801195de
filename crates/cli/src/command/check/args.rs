//! The flags of `irad check`.

use std::path::PathBuf;

use crate::args::ad::AdArgs;
use crate::args::mode::ModeName;

/// Runs a function and its derivative on numbers, and compares the derivative with dual numbers, with central
/// differences, with the other mode, and with a hand-written backward function.
///
/// Inputs are made up (--seed), within --range and with --len elements, or read from --inputs. Sizes
/// that nobody stated are tried until the function runs. Points are of both signs and of many kinds, and
/// more are tried until every block of the function has run. A panic of the function is reported, and what
/// it says. Exit code 1 means that the derivative is wrong, 5 that this could not be decided.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  irad check model.ll --fn loss --mode reverse
  irad check model.ll --fn loss --mode forward --len w=8,x=8 --range y=0..1
  irad check layer.ll --fn forward --mode reverse --manual backward --map dout=d.out,scale=2")]
pub struct Args {
    /// LLVM IR: `.ll`, `.bc`, or `-` for standard input.
    pub file: PathBuf,
    /// The function: a symbol, a demangled path, or a unique end of one.
    #[arg(long = "fn", value_name = "NAME")]
    pub function: String,
    /// Forward or reverse.
    #[arg(long, value_enum, value_name = "MODE")]
    pub mode: ModeName,
    /// Where the pseudo-random numbers begin.
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Inputs")]
    pub seed: u64,
    /// At how many points derivatives are compared at most. More are looked for where these leave blocks of the
    /// function out.
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=10_000), help_heading = "Inputs")]
    pub points: u32,
    /// How many elements of a parameter are compared one by one; all the others at once.
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=1_000_000), help_heading = "Inputs")]
    pub samples: u32,
    /// Elements of slices, vectors and buffers: `w=8,x=4`.
    #[arg(long, value_name = "NAME=N,…", value_delimiter = ',', value_parser = length, help_heading = "Inputs")]
    pub len: Vec<(String, u64)>,
    /// Ranges of floats and integers, both ends included: `x=-1..1,n=3..3`.
    #[arg(long, value_name = "NAME=A..B,…", value_delimiter = ',', value_parser = range, allow_hyphen_values = true, help_heading = "Inputs")]
    pub range: Vec<(String, f64, f64)>,
    /// Values from a JSON file: an object `{\"w\": [0.5, 1], \"n\": 2}`, or a list of such, one for
    /// each point. What is missing is made up.
    #[arg(long, value_name = "FILE.json", help_heading = "Inputs")]
    pub inputs: Option<PathBuf>,
    /// Compare with this hand-written backward function, too. It runs after the primal, on the same
    /// memory.
    #[arg(long, value_name = "NAME", help_heading = "Comparisons")]
    pub manual: Option<String>,
    /// What the parameters of --manual stand for: `w=w,dw=d.w,dloss=seed,n=4`. Names that match need
    /// none.
    #[arg(
        long,
        value_name = "NAME=WHAT,…",
        value_delimiter = ',',
        requires = "manual",
        value_parser = mapped,
        help_heading = "Comparisons"
    )]
    pub map: Vec<(String, String)>,
    /// Leave the comparison of forward with reverse mode out.
    #[arg(long, help_heading = "Comparisons")]
    pub no_cross: bool,
    /// Which module of a dump that holds several, from 1.
    #[arg(long, value_name = "N")]
    pub module: Option<usize>,
    #[command(flatten)]
    pub ad: AdArgs,
    /// One JSON document instead of text.
    #[arg(long)]
    pub json: bool,
}

fn pair(text: &str, example: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err(format!("it needs a name and a value, as in {example}")),
    }
}

fn length(text: &str) -> Result<(String, u64), String> {
    let (name, value) = pair(text, "w=8")?;
    let value = value
        .parse()
        .map_err(|_| format!("{value} is no number of elements, as in w=8"))?;
    Ok((name, value))
}

fn range(text: &str) -> Result<(String, f64, f64), String> {
    let (name, value) = pair(text, "x=-1..1")?;
    let (low, high) = value.split_once("..").unwrap_or((&value, &value));
    let number = |text: &str| {
        text.trim_start_matches('=')
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
            .ok_or_else(|| format!("{value} is no range, as in x=-1..1"))
    };
    let (low, high) = (number(low)?, number(high)?);
    match low <= high {
        true => Ok((name, low, high)),
        false => Err(format!("{value} is empty: {low} is more than {high}")),
    }
}

fn mapped(text: &str) -> Result<(String, String), String> {
    pair(text, "dw=d.w")
}
