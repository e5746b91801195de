//! The flags that say how a function is differentiated.

use ir_load::NameError;
use trace::{Activity, AdOptions, Mode, Panics, Pipeline, RustSignature};

use crate::input::Module;
use crate::output::Global;
use crate::report::{Failure, name_failure};

/// How to differentiate.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Differentiation")]
pub struct AdArgs {
    /// What runs before Enzyme: `o2`, `o3`, `none`, `rustc` (what nightly does, its settings of
    /// Enzyme's options too), or a pipeline in LLVM's syntax.
    #[arg(long, value_name = "PIPELINE", default_value = "o2")]
    pub prepare: Pipeline,
    /// What runs after Enzyme: `o2`, `o3`, `none`, `rustc`, or a pipeline in LLVM's syntax.
    #[arg(long, value_name = "PIPELINE", default_value = "o2")]
    pub cleanup: Pipeline,
    /// An option of Enzyme's by its own name (`strict-aliasing=false`); several may be given.
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value)]
    pub enzyme: Vec<(String, String)>,
    /// What parameters are to the derivative, by name or position:
    /// `w=Duplicated,x=Const,return=Active`.
    #[arg(long, value_name = "NAME=ACTIVITY,…", value_delimiter = ',', value_parser = activity)]
    pub activity: Vec<(String, Activity)>,
    /// Differentiate with respect to these parameters; all others are constant.
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub wrt: Vec<String>,
    /// The function's Rust signature: `(w: &[f64], y: f64) -> f64`. It says what memory holds.
    #[arg(long, value_name = "SIGNATURE", value_parser = crate::rust_signature::parse)]
    pub sig: Option<RustSignature>,
    /// Follow so many directions at once in forward mode: each tangent and shadow is an array of
    /// them.
    #[arg(long, value_name = "N", default_value_t = 1,
        value_parser = clap::value_parser!(u32).range(1..=i64::from(AdOptions::MOST_DIRECTIONS)))]
    pub width: u32,
    /// Whether the derivative also returns what the primal returns.
    #[arg(long, value_name = "BOOL", default_value_t = true, default_missing_value = "true",
        num_args = 0..=1, require_equals = true, action = clap::ArgAction::Set)]
    pub return_primal: bool,
    /// Reverse mode as two functions: one that runs the primal and keeps a tape, and one that takes
    /// the tape and gives the gradient.
    #[arg(long)]
    pub split: bool,
    /// What becomes of the primal's panics: Enzyme leaves them and their checks out (`drop`), or they
    /// stay in (`keep`).
    #[arg(long, value_name = "WHAT", default_value = "drop")]
    pub panics: Panics,
    /// Let Enzyme guess types that it cannot deduce; the result may be wrong, and says so.
    #[arg(long)]
    pub loose_types: bool,
    /// Take it that no derivative flows through this function; several may be given.
    #[arg(long, value_name = "NAME")]
    pub inactive: Vec<String>,
    /// Take it that this function's pointer parameters and their shadows do not overlap, even where
    /// they are only read; several may be given, `*` is every function.
    #[arg(long, value_name = "NAME")]
    pub noalias: Vec<String>,
    /// Take it that nobody overwrites what this function only reads, so that Enzyme keeps no copy of
    /// it; several may be given, `*` is every function.
    #[arg(long, value_name = "NAME")]
    pub unchanged: Vec<String>,
    /// Give LLVM the whole module, and let it optimise what the function calls by what other functions
    /// pass to that, as a build of the whole program does.
    #[arg(long)]
    pub whole_program: bool,
}

fn key_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text
        .split_once('=')
        .ok_or("it needs a value: KEY=VALUE, as in strict-aliasing=false")?;
    // The names are known with and without their prefix.
    let key = key.trim_start_matches('-');
    let key = key.strip_prefix("enzyme-").unwrap_or(key);
    match (key, value) {
        ("", _) => Err("it needs a name: KEY=VALUE, as in strict-aliasing=false".to_owned()),
        (_, "") => Err(format!("{key} needs a value, as in {key}=true")),
        _ => Ok((key.to_owned(), value.to_owned())),
    }
}

fn activity(text: &str) -> Result<(String, Activity), String> {
    let (name, activity) = text
        .split_once('=')
        .ok_or("it needs an activity: NAME=ACTIVITY, as in w=Duplicated")?;
    Ok((name.trim().to_owned(), activity.trim().parse()?))
}

impl AdArgs {
    /// Warns of flags that say how to differentiate where nothing is.
    pub fn warn_unused(&self, why: &str, global: &Global) {
        let given = [
            ("--prepare", self.prepare != Pipeline::O2),
            ("--cleanup", self.cleanup != Pipeline::O2),
            ("--enzyme", !self.enzyme.is_empty()),
            ("--inactive", !self.inactive.is_empty()),
            ("--noalias", !self.noalias.is_empty()),
            ("--unchanged", !self.unchanged.is_empty()),
            ("--activity", !self.activity.is_empty()),
            ("--wrt", !self.wrt.is_empty()),
            ("--sig", self.sig.is_some()),
            ("--width", self.width != 1),
            ("--panics", self.panics != Panics::Drop),
            ("--return-primal", !self.return_primal),
            ("--split", self.split),
            ("--loose-types", self.loose_types),
        ];
        let unused: Vec<&str> = given
            .iter()
            .filter(|(_, given)| *given)
            .map(|(flag, _)| *flag)
            .collect();
        if !unused.is_empty() {
            global.warn(&[format!("{} without effect: {why}", unused.join(" and "))]);
        }
    }

    /// The same for the engine; names are those of functions in `module`.
    pub fn resolve(&self, mode: Mode, module: &Module) -> Result<AdOptions, Failure> {
        if mode == Mode::Reverse && self.width > 1 {
            return Err(Failure::usage(
                "usage",
                "--width is for forward mode: reverse mode gives the whole gradient at once",
            )
            .help("--mode forward, or leave --width away"));
        }
        if mode == Mode::Forward && self.split {
            return Err(Failure::usage(
                "usage",
                "--split is for reverse mode: forward mode needs no tape",
            )
            .help("--mode reverse, or leave --split away"));
        }
        let index = module.names();
        let mut inactive = Vec::new();
        for name in &self.inactive {
            inactive.push(match ir_load::resolve(index, name) {
                Ok(found) => found.symbol,
                // What is marked is as a rule what has no body here.
                Err(NameError::Declared { symbol, .. }) => symbol,
                Err(error) => return Err(name_failure(error, &module.origin)),
            });
        }
        let bodies = |names: &[String]| {
            names
                .iter()
                .map(|name| match name.as_str() {
                    "*" => Ok("*".to_owned()),
                    name => ir_load::resolve(index, name)
                        .map(|found| found.symbol)
                        .map_err(|error| name_failure(error, &module.origin)),
                })
                .collect::<Result<Vec<String>, Failure>>()
        };
        let noalias = bodies(&self.noalias)?;
        let unchanged = bodies(&self.unchanged)?;
        let mut enzyme = self.enzyme.clone();
        if self.loose_types {
            enzyme.push(("loose-types".to_owned(), "true".to_owned()));
        }
        Ok(AdOptions {
            mode,
            prepare: self.prepare.clone(),
            cleanup: self.cleanup.clone(),
            enzyme,
            inactive,
            noalias,
            unchanged,
            signature: self.sig.clone(),
            activities: self.activity.clone(),
            wrt: self.wrt.clone(),
            width: self.width,
            return_primal: self.return_primal,
            split: self.split,
            panics: self.panics,
            whole_program: self.whole_program,
        })
    }
}
