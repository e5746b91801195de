//! What a page is made of.

use view_model::story::Story;

use crate::bundle::Bundle;
use crate::said::Said;
use crate::source::Sources;

/// What a page is made of.
pub struct Page<'a> {
    /// The runs: one, or two that are compared.
    pub runs: Vec<Run<'a>>,
    /// The command that makes it, from the files in its bundle where there are any.
    pub command: String,
    /// Versions of what took part.
    pub versions: Vec<(String, String)>,
    /// What was left out, and what else is to be known of the page.
    pub notes: Vec<String>,
    /// What the page is made from again.
    pub bundle: Bundle,
}

/// A run on a page.
pub struct Run<'a> {
    /// What the function is called.
    pub function: String,
    /// What was done with it: `reverse mode`.
    pub what: String,
    /// What a command is given to show it, as it is written in a shell: the file, the function, the mode.
    pub request: String,
    /// Its states.
    pub story: &'a Story,
    /// What is said of it.
    pub said: Said,
    /// The source of its lines; empty where it is not to be shown.
    pub sources: Sources,
}
