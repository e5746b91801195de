//! A hand-written backward function beside a derivative.

use trace::Manual;

use super::inputs::pair;
use crate::failure::Failure;
use session::module::Module;

/// Which one, and what its parameters stand for.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct ManualArgs {
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
}

impl ManualArgs {
    /// The function in the module.
    pub fn resolve(&self, module: &Module) -> Result<Option<Manual>, Failure> {
        let Some(manual) = &self.manual else {
            return Ok(None);
        };
        Ok(Some(Manual {
            function: module.resolve(manual)?.symbol,
            map: self.map.clone(),
        }))
    }
}

fn mapped(text: &str) -> Result<(String, String), String> {
    pair(text, "dw=d.w")
}
