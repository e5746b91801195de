//! The function's name, as a word of its own or with `--fn`.

use crate::failure::Failure;

/// What is asked where no function is named.
const WHICH: &str = "which function?";

/// Which function.
#[derive(clap::Args, Clone, Debug)]
pub struct FunctionArgs {
    /// The function: a symbol, a demangled path, or a unique end of one.
    #[arg(value_name = "FUNCTION")]
    word: Option<String>,
    /// The same as a flag.
    #[arg(long = "fn", value_name = "NAME", conflicts_with = "word")]
    flag: Option<String>,
}

impl FunctionArgs {
    /// The name, if there is one.
    pub fn given(&self) -> Option<&str> {
        self.flag.as_deref().or(self.word.as_deref())
    }

    /// The name; IR always needs one.
    pub fn name(&self) -> Result<&str, Failure> {
        function_name(self.given())
    }
}

/// The name that was given; IR always needs one.
pub fn function_name(name: Option<&str>) -> Result<&str, Failure> {
    name.ok_or_else(|| {
        Failure::usage("usage", WHICH)
            .help("its name stands behind the file: a symbol, a path or the end of one; irad list shows them")
    })
}

/// True where a command failed because no function was named.
pub fn is_missing(failure: &Failure) -> bool {
    failure.title == WHICH
}
