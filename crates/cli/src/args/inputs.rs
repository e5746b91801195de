//! The flags that say on which inputs a function is run.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use trace::Check;

use crate::failure::Failure;

/// On which inputs a function is run.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Inputs")]
pub struct InputArgs {
    /// Where the pseudo-random numbers begin.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Elements of slices, vectors and buffers: `w=8,x=4`.
    #[arg(long, value_name = "NAME=N,…", value_delimiter = ',', value_parser = length)]
    pub len: Vec<(String, u64)>,
    /// Ranges of floats and integers, both ends included: `x=-1..1,n=3..3`.
    #[arg(long, value_name = "NAME=A..B,…", value_delimiter = ',', value_parser = range, allow_hyphen_values = true)]
    pub range: Vec<(String, f64, f64)>,
    /// Values from a JSON file: an object `{"w": [0.5, 1], "n": 2}` for one point, or a list of such for several.
    /// What is missing is made up. The JSON itself will do instead of a file. docs/inputs.md describes the format.
    #[arg(long, value_name = "FILE.json")]
    pub inputs: Option<PathBuf>,
}

impl InputArgs {
    /// A check on these inputs, and by default in all else.
    pub fn check(&self) -> Result<Check, Failure> {
        Ok(Check {
            seed: self.seed,
            lengths: self.len.clone(),
            ranges: self.range.clone(),
            inputs: self.values()?,
            ..Check::default()
        })
    }

    /// The values of the file, an object for each point.
    pub fn values(&self) -> Result<Vec<Map<String, Value>>, Failure> {
        values(self.inputs.as_deref())
    }
}

/// Reads a file of inputs: an object for each point.
fn values(path: Option<&Path>) -> Result<Vec<Map<String, Value>>, Failure> {
    let Some(path) = path else {
        return Ok(Vec::new());
    };
    let given = path.to_string_lossy();
    let is_written_out = given.trim_start().starts_with(['{', '[']) && !path.is_file();
    let origin = match is_written_out {
        true => format!("--inputs {given}"),
        false => given.to_string(),
    };
    let wrong = |what: String| {
        let failure = Failure::usage("inputs", format!("{origin}: {what}"))
            .help("an object with a value for each parameter, {\"w\": [0.5, 1.0], \"n\": 2}, or a list of such");
        match is_written_out {
            true => failure.help("quote it for the shell: --inputs '{\"w\": [0.5, 1.0]}'"),
            false => failure,
        }
    };
    let text = match is_written_out {
        true => given.as_bytes().to_vec(),
        false => fs::read(path).map_err(|error| wrong(error.to_string()))?,
    };
    let value: Value = serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))?;
    let list = match value {
        Value::Array(list) => list,
        other => vec![other],
    };
    let points: Vec<Map<String, Value>> = list
        .into_iter()
        .map(|value| match value {
            Value::Object(map) => Ok(map),
            other => Err(wrong(format!("{other} is no object"))),
        })
        .collect::<Result<_, _>>()?;
    match points.is_empty() {
        true => Err(wrong("the list is empty".to_owned())),
        false => Ok(points),
    }
}

/// Takes `NAME=VALUE` apart.
pub fn pair(text: &str, example: &str) -> Result<(String, String), String> {
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
