//! The flags of the check that goes beside a view.

use std::env;

use session::verdict::Checking;
use trace::Check;

use super::inputs::InputArgs;
use crate::failure::Failure;

/// Whether and how the derivative is checked beside what is shown or written.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Check")]
pub struct CheckingArgs {
    /// Do not run the function and its derivative to see whether it is right.
    #[arg(long)]
    pub no_check: bool,
    /// Seconds that this may take; 2, or what IRAD_CHECK_LIMIT says, if not given.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=31_536_000))]
    pub check_limit: Option<u64>,
    #[command(flatten)]
    pub inputs: InputArgs,
}

impl CheckingArgs {
    fn seconds(&self) -> Result<u64, Failure> {
        /// Somebody is waiting for a view.
        const SECONDS: u64 = 2;
        if let Some(seconds) = self.check_limit {
            return Ok(seconds);
        }
        let Some(stated) = env::var_os("IRAD_CHECK_LIMIT").filter(|stated| !stated.is_empty())
        else {
            return Ok(SECONDS);
        };
        let seconds = stated.to_str().and_then(|stated| stated.parse().ok());
        seconds.filter(|seconds| *seconds > 0).ok_or_else(|| {
            let words = format!("IRAD_CHECK_LIMIT is {}", stated.display());
            Failure::usage("environment", words)
                .help("it takes a whole number of seconds, as --check-limit does")
        })
    }

    /// How the derivative is checked, if it is.
    pub fn checking(&self) -> Result<Option<Checking>, Failure> {
        if self.no_check {
            return Ok(None);
        }
        Ok(Some(Checking {
            check: Check {
                cross: false,
                ..self.inputs.check()?
            },
            seconds: self.seconds()?,
        }))
    }
}
