//! The files that a page is made from again, as it carries them.

use std::collections::BTreeMap;
use std::io;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::pack::{pack, unpack};

/// Where a page has it.
pub(crate) const ID: &str = "bundle";

/// More than this, in bytes, no page carries.
const MOST: u64 = 1 << 31;

/// The files that a page is made from again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// The words of the command, to run where the files are.
    pub command: Vec<String>,
    /// Versions of what took part.
    pub versions: Vec<(String, String)>,
    /// Files by their paths, which are relative and go down only. Text where it is text.
    files: BTreeMap<String, File>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum File {
    Text(String),
    Base64(String),
}

/// Why nothing can be taken out of a page.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// It is no page of irad's.
    #[error("it carries no files: it is no page that irad report wrote")]
    None,
    /// It is not whole.
    #[error("what it carries is damaged")]
    Packed(#[source] io::Error),
    /// It was changed by hand.
    #[error("what it carries is damaged")]
    Form(#[source] serde_json::Error),
    /// A file would land elsewhere than in the folder.
    #[error("it carries a file that would not stay in the folder: {0:?}")]
    Path(String),
}

impl Bundle {
    /// Adds a file.
    pub fn add(&mut self, path: &str, bytes: &[u8]) {
        let file = match std::str::from_utf8(bytes) {
            Ok(text) => File::Text(text.to_owned()),
            Err(_) => File::Base64(STANDARD.encode(bytes)),
        };
        self.files.insert(path.to_owned(), file);
    }

    /// The files.
    pub fn files(&self) -> impl Iterator<Item = (&str, Vec<u8>)> {
        self.files.iter().map(|(path, file)| {
            let bytes = match file {
                File::Text(text) => text.clone().into_bytes(),
                File::Base64(text) => STANDARD.decode(text).unwrap_or_default(),
            };
            (path.as_str(), bytes)
        })
    }

    /// Paths and sizes.
    pub fn listed(&self) -> Vec<(&str, usize)> {
        let files = self.files.iter();
        files
            .map(|(path, file)| match file {
                File::Text(text) => (path.as_str(), text.len()),
                File::Base64(text) => (path.as_str(), text.len() / 4 * 3),
            })
            .collect()
    }

    /// As a page carries it.
    pub(crate) fn packed(&self) -> String {
        pack(&serde_json::to_vec(self).unwrap_or_default())
    }

    /// What a page carries.
    pub fn of_page(html: &str) -> Result<Self, BundleError> {
        let begin = format!("id=\"{ID}\">");
        let at = html.rfind(&begin).ok_or(BundleError::None)? + begin.len();
        let end = html[at..].find("</script>").ok_or(BundleError::None)?;
        let bytes = unpack(&html[at..at + end], MOST).map_err(BundleError::Packed)?;
        let bundle: Bundle = serde_json::from_slice(&bytes).map_err(BundleError::Form)?;
        for path in bundle.files.keys() {
            if !stays(path) {
                return Err(BundleError::Path(path.clone()));
            }
        }
        Ok(bundle)
    }
}

/// True for a path that stays below the folder that it is taken from.
pub fn stays(path: &str) -> bool {
    let is_plain =
        |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', ':', '\0']);
    path.split('/').all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_back_and_none_climbs_out() {
        let mut bundle = Bundle::default();
        bundle.add("a.ll", b"define </script>");
        bundle.add("sources/b.rs", b"\xff\xfe");
        let html = format!(
            "<script type=\"x\" id=\"bundle\">{}</script>",
            bundle.packed()
        );
        assert_eq!(Bundle::of_page(&html).unwrap(), bundle);
        for path in ["../a", "/a", "a/../b", "a//b", "", "C:\\a"] {
            let mut bundle = Bundle::default();
            bundle.add(path, b"");
            let html = format!("<script id=\"bundle\">{}</script>", bundle.packed());
            assert!(
                matches!(Bundle::of_page(&html), Err(BundleError::Path(_))),
                "{path}"
            );
        }
        assert!(matches!(Bundle::of_page("<p>"), Err(BundleError::None)));
    }
}
