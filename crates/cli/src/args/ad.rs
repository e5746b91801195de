//! The flags that say how a function is differentiated, as clap takes them.

use clap::builder::ValueParser;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use session::ad_flags::{FLAGS, Flag, ValueKind};
use session::module::Module;
use session::resolve::resolved;
use trace::{AdOptions, Mode};

use crate::failure::Failure;
use crate::output::Global;

/// How to differentiate. The flags are those of [`session::ad_flags`].
#[derive(Clone, Debug)]
pub struct AdArgs {
    /// What they say; the mode is a flag of its own.
    pub options: AdOptions,
}

impl AdArgs {
    /// Warns of flags that say how to differentiate where nothing is.
    pub fn warn_unused(&self, why: &str, global: &Global) {
        let given = FLAGS
            .iter()
            .filter(|flag| !flag.values(&self.options).is_empty());
        let unused: Vec<String> = given.map(|flag| format!("--{}", flag.name)).collect();
        if !unused.is_empty() {
            global.warn(&[format!("{} without effect: {why}", unused.join(" and "))]);
        }
    }

    /// The same for the engine; names are those of functions in `module`.
    pub fn resolve(&self, mode: Mode, module: &Module) -> Result<AdOptions, Failure> {
        Ok(resolved(&self.options, mode, module)?)
    }
}

fn argument(flag: &'static Flag) -> Arg {
    let argument = Arg::new(flag.name)
        .long(flag.name)
        .help(flag.help)
        .value_parser(ValueParser::from(move |value: &str| {
            // Whatever it is, it is read again where the others are.
            let mut scratch = AdOptions::new(Mode::Reverse);
            flag.set(&mut scratch, value).map(|()| value.to_owned())
        }));
    match flag.kind {
        ValueKind::Text(value, None) => argument.value_name(value),
        ValueKind::Text(value, Some(default)) | ValueKind::Number(value, default) => {
            argument.value_name(value).default_value(default)
        }
        ValueKind::Switch => argument
            .num_args(0)
            .value_parser(clap::value_parser!(bool))
            .action(ArgAction::SetTrue),
        ValueKind::OnUnlessFalse => argument
            .value_name("BOOL")
            .num_args(0..=1)
            .require_equals(true)
            .value_parser(clap::value_parser!(bool))
            .default_value("true")
            .default_missing_value("true"),
        ValueKind::Repeated(value) => argument.value_name(value).action(ArgAction::Append),
        ValueKind::List(value) => argument
            .value_name(value)
            .value_delimiter(',')
            .action(ArgAction::Append),
    }
}

impl clap::Args for AdArgs {
    fn augment_args(command: Command) -> Command {
        command
            .next_help_heading("Differentiation")
            .args(FLAGS.iter().map(argument))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for AdArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut args = AdArgs {
            options: AdOptions::new(Mode::Reverse),
        };
        args.update_from_arg_matches(matches)?;
        Ok(args)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for flag in &FLAGS {
            // What nobody said takes nothing back that another flag says (`--enzyme loose-types=true`).
            let is_switch = matches!(flag.kind, ValueKind::Switch);
            if is_switch && matches.value_source(flag.name) == Some(ValueSource::DefaultValue) {
                continue;
            }
            let values: Vec<String> = match flag.kind {
                ValueKind::Switch | ValueKind::OnUnlessFalse => {
                    let value = matches.get_one::<bool>(flag.name).copied();
                    value.iter().map(ToString::to_string).collect()
                }
                _ => matches
                    .get_many::<String>(flag.name)
                    .into_iter()
                    .flatten()
                    .cloned()
                    .collect(),
            };
            for value in values {
                flag.set(&mut self.options, &value).map_err(|words| {
                    clap::Error::raw(clap::error::ErrorKind::InvalidValue, words)
                })?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args, FromArgMatches};

    use super::*;

    #[test]
    fn what_one_flag_says_no_other_takes_back() {
        let options = |words: &[&str]| {
            let command = AdArgs::augment_args(Command::new("irad"));
            let matches = command.try_get_matches_from(words).unwrap();
            AdArgs::from_arg_matches(&matches).unwrap().options
        };
        let by_name = options(&["irad", "--enzyme", "loose-types=true"]);
        assert!(by_name.guesses_types());
        assert_eq!(by_name, options(&["irad", "--loose-types"]));
        assert!(!options(&["irad"]).guesses_types());
    }
}
