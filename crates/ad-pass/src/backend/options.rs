//! Enzyme's options: those that it is told at each derivative, and those that LLVM's parser takes.

use trace::{AdOptions, Diagnosis, Help, Kind, Problem, enzyme};

use crate::ir::llvm_words;

/// What Enzyme is told at each derivative; its other options are LLVM's.
#[derive(Clone, Copy, Default)]
pub(crate) struct Settings {
    /// Decide at run time whether memory is active, by comparing a pointer with its shadow.
    pub(crate) runtime_activity: bool,
    /// Zero times infinity is zero.
    pub(crate) strong_zero: bool,
    /// Guess types that cannot be deduced.
    pub(crate) guesses: bool,
}

/// Options that let Enzyme assume what nobody has shown.
pub(crate) const ASSUMING: [&str; 2] = [
    enzyme::OPTION_GLOBALS_INACTIVE,
    enzyme::OPTION_EMPTY_INACTIVE,
];

/// Hands Enzyme's options to LLVM's parser, which knows them all, and keeps those that are none.
pub(crate) fn settings(ad: &AdOptions) -> Result<Settings, Diagnosis> {
    let (settings, options) = read(ad)?;
    llvm_shim::parse_options(&options).map_err(|error| match error.to_string() {
        // LLVM says what is wrong with a value elsewhere.
        said if said.is_empty() => {
            let given = ad.enzyme.iter().map(|(k, v)| format!("{k}={v}")).collect();
            Diagnosis::new(Kind::Option, Problem::OptionValue { given })
                .with_help(Help::OptionValues)
        }
        said => unknown_option(&said),
    })?;
    Ok(settings)
}

/// What of Enzyme's options is none of LLVM's, and the rest as LLVM's parser takes it.
pub(crate) fn read(ad: &AdOptions) -> Result<(Settings, Vec<String>), Diagnosis> {
    let mut settings = Settings::default();
    for (key, value) in ad.enzyme_settings() {
        let truth = || match value {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(Diagnosis::new(
                Kind::Option,
                Problem::NotBoolean {
                    option: key.to_owned(),
                    value: value.to_owned(),
                },
            )),
        };
        match key {
            "loose-types" => settings.guesses = truth()?,
            "runtime-activity" => settings.runtime_activity = truth()?,
            "strong-zero" => settings.strong_zero = truth()?,
            _ => {}
        }
    }
    Ok((settings, ad.llvm_options()))
}

/// What LLVM says of an option.
fn unknown_option(said: &str) -> Diagnosis {
    let Some((option, near)) = llvm_words::unknown_option(said) else {
        return Diagnosis::new(Kind::Option, llvm_words::without_program(said));
    };
    let diagnosis = Diagnosis::new(Kind::Option, Problem::UnknownOption { option });
    match near {
        Some(near) => diagnosis.with_help(Help::DidYouMean(vec![near])),
        None => diagnosis,
    }
}
