//! What `-Zautodiff=…` says of how rustc runs Enzyme, where that changes the derivative.

use std::fs;
use std::path::Path;

use super::error::NightlyError;

/// The words that rustc was run with, as the wrapper keeps them: a zero byte behind each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words(Vec<String>);

impl Words {
    /// Reads what was kept.
    pub fn read(path: &Path) -> Result<Self, NightlyError> {
        let bytes = fs::read(path).map_err(NightlyError::io(path))?;
        Ok(Words::of(&bytes))
    }

    /// From what was kept.
    pub fn of(bytes: &[u8]) -> Self {
        let words = bytes
            .split(|&byte| byte == 0)
            .filter(|word| !word.is_empty());
        let words = words.map(|word| String::from_utf8_lossy(word).into_owned());
        Words(words.collect())
    }

    /// The words.
    pub fn all(&self) -> &[String] {
        &self.0
    }

    /// Enzyme's options by their own names, as rustc sets them for these words.
    pub fn enzyme(&self) -> Vec<(String, String)> {
        /// rustc's name for a setting, and Enzyme's.
        const KNOWN: [(&str, &str); 2] = [("LooseTypes", "loose-types"), ("Inline", "inline")];
        let pairs = self.0.windows(2).filter(|pair| pair[0] == "-Z");
        let apart = pairs.map(|pair| pair[1].as_str());
        let joined = self.0.iter().filter_map(|word| word.strip_prefix("-Z"));
        let said: Vec<&str> = apart
            .chain(joined)
            .filter_map(|option| option.strip_prefix("autodiff="))
            .flat_map(|settings| settings.split(','))
            .collect();
        let known = KNOWN.iter().filter(|(name, _)| said.contains(name));
        known
            .map(|(_, key)| ((*key).to_owned(), "true".to_owned()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_a_derivative_is_told() {
        let of = |words: &str| Words::of(words.as_bytes()).enzyme();
        let loose = ("loose-types".to_owned(), "true".to_owned());
        assert_eq!(
            of("-Zautodiff=Enable\0-Zautodiff=PrintTA,LooseTypes\0"),
            [loose.clone()]
        );
        assert_eq!(of("-Z\0autodiff=LooseTypes\0x.rs\0"), [loose]);
        assert!(of("-Zautodiff=Enable\0LooseTypes\0").is_empty());
    }
}
