//! Enzyme's options of a request, as LLVM's parser takes them: one place for the engine, which sets them,
//! and for commands of LLVM's own tools.

use crate::ad_options::AdOptions;
use crate::enzyme;

/// What nightly rustc sets of Enzyme's options. What the request says of one takes precedence.
const OF_RUSTC: [(&str, &str); 2] = [
    (enzyme::OPTION_STRICT_ALIASING, "false"),
    (enzyme::OPTION_RUST_TYPE, "true"),
];

/// Settings of Enzyme's C API that are no options of LLVM's.
const OF_THE_API: [&str; 2] = ["runtime-activity", "strong-zero"];

impl AdOptions {
    /// The options that are stated, and before them those that nightly rustc sets, where all is to be as
    /// there and nothing else is stated of them. Names are Enzyme's own, without `enzyme-`.
    pub fn enzyme_settings(&self) -> Vec<(&str, &str)> {
        let stated = self.enzyme.iter();
        let stated: Vec<(&str, &str)> = stated.map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let of_rustc = OF_RUSTC.map(|(option, value)| (enzyme::key(option), value));
        let of_rustc = of_rustc.into_iter().filter(|(key, _)| {
            self.prepare.is_of_rustc() && !stated.iter().any(|(given, _)| given == key)
        });
        let mut settings: Vec<(&str, &str)> = of_rustc.collect();
        settings.extend(stated);
        settings
    }

    /// The same as options for LLVM's parser, dashes included. Settings of Enzyme's C API are none.
    pub fn llvm_options(&self) -> Vec<String> {
        self.enzyme_settings()
            .into_iter()
            .filter(|(key, _)| !OF_THE_API.contains(key))
            .map(|(key, value)| match key.contains('_') {
                // Two of Enzyme's options are spelt with underscores throughout.
                true => format!("-enzyme_{key}={value}"),
                false => format!("-enzyme-{key}={value}"),
            })
            .collect()
    }

    /// What is stated of an option of Enzyme's, if anything is.
    pub fn stated(&self, option: &'static str) -> Option<&str> {
        let mut stated = self.enzyme.iter().rev();
        let (_, value) = stated.find(|(key, _)| key == enzyme::key(option))?;
        Some(value)
    }

    /// States an option of Enzyme's.
    pub fn state(&mut self, option: &'static str, value: &str) {
        let key = enzyme::key(option).to_owned();
        self.enzyme.push((key, value.to_owned()));
    }

    /// True when Enzyme may guess types that it cannot deduce.
    pub fn guesses_types(&self) -> bool {
        self.enzyme
            .iter()
            .any(|(key, value)| key == loose_types() && value == "true")
    }

    /// Lets Enzyme guess types, or not.
    pub fn guess_types(&mut self, guesses: bool) {
        self.enzyme.retain(|(key, _)| key != loose_types());
        if guesses {
            self.enzyme
                .push((loose_types().to_owned(), "true".to_owned()));
        }
    }
}

/// Enzyme's name for guessing types.
fn loose_types() -> &'static str {
    enzyme::key(enzyme::OPTION_LOOSE_TYPES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activity::Mode;
    use crate::pipeline::Pipeline;

    #[test]
    fn the_compilers_settings_come_with_its_pipeline() {
        let mut ad = AdOptions::new(Mode::Reverse);
        assert!(ad.llvm_options().is_empty());
        ad.prepare = Pipeline::Rustc;
        assert_eq!(
            ad.llvm_options(),
            ["-enzyme-strict-aliasing=false", "-enzyme-rust-type=true"]
        );
        ad.enzyme.push(("strict-aliasing".into(), "true".into()));
        ad.enzyme.push(("strong-zero".into(), "true".into()));
        ad.guess_types(true);
        assert_eq!(
            ad.llvm_options(),
            [
                "-enzyme-rust-type=true",
                "-enzyme-strict-aliasing=true",
                "-enzyme-loose-types=true"
            ]
        );
    }
}
