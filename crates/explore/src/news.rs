//! What the explorer hears: from its person, its engines and the system.

use session::error::Error;
use trace::{Explained, Trace, Values, Verdict};
use view_model::Key;
use view_model::functions::Listed;
use view_model::growth::Growth;
use view_model::run::Ask;

use crate::compared::Compared;

/// Something that was heard.
pub enum News {
    /// A person did something.
    Key(Key),
    /// The screen has another size.
    Resized(u16, u16),
    /// The system asks to end.
    End,
    /// The system asks to stop for a while.
    Suspend,
    /// The process goes on after it was stopped.
    Resume,
    /// The file was read: its functions, and what of it was asked for.
    Loaded(Vec<Listed>, Option<Ask>),
    /// The file, or another one, is a saved run.
    Saved(Option<usize>, Box<Trace>, Vec<Listed>, Option<String>),
    /// Something cannot be read: the file itself, or a run's.
    Unreadable(Option<usize>, Box<Error>),
    /// A run begins; what exactly was asked.
    Began(usize, Ask),
    /// A run has grown.
    Grew(usize, u64, Box<Growth>),
    /// A run's engine has ended; why, if early.
    Ended(usize, u64, Option<Box<Error>>),
    /// What a check of a run came to.
    Checked(usize, u64, Box<Verdict>, Vec<trace::Remark>),
    /// What each instruction of a run is there for.
    Explained(usize, Result<Box<Explained>, Box<Error>>),
    /// The numbers on a run's lines.
    Values(usize, Result<Box<Values>, Box<Error>>),
    /// A run that looked for where the derivative goes wrong.
    Located(usize, Result<Box<Trace>, Box<Error>>),
    /// Two texts, compared.
    Compared(Box<Compared>),
    /// The file has changed.
    Changed,
}
