//! What an answer is written as.

use clap::ValueEnum;

use crate::picture::Form;

/// The flags.
#[derive(clap::Args, Clone, Debug)]
pub struct FormArgs {
    /// Text for people, a picture, a fragment of HTML, or JSON.
    #[arg(long, value_enum, default_value_t = FormName::Text)]
    format: FormName,
    /// One JSON document instead of text: the same as `--format json`.
    #[arg(long)]
    json: bool,
}

/// What an answer is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormName {
    /// For people.
    Text,
    /// A picture, for slides. `--theme light` or `dark` and `--columns` fit it to them.
    Svg,
    /// A fragment of HTML with its own styles, for posts.
    Html,
    /// For programs.
    Json,
}

impl FormArgs {
    /// True when JSON is wanted.
    pub fn wants_json(&self) -> bool {
        self.json || self.format == FormName::Json
    }

    /// What is drawn, if text is not to be text.
    pub fn drawn(&self) -> Option<Form> {
        match self.format {
            _ if self.json => None,
            FormName::Svg => Some(Form::Svg),
            FormName::Html => Some(Form::Html),
            FormName::Text | FormName::Json => None,
        }
    }
}
