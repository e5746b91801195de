//! What a person does, and the names of texts.

use trace::TextId;

/// A text of one of the runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TextKey {
    /// Position among the runs.
    pub run: usize,
    /// The text.
    pub text: TextId,
}

/// Something that a person does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// A letter, digit or sign.
    Char(char),
    /// A letter with the control key.
    Control(char),
    /// Enter.
    Enter,
    /// Esc.
    Escape,
    /// The key that deletes what is before the cursor.
    Backspace,
    /// Tab.
    Tab,
    /// Tab with shift.
    BackTab,
    /// An arrow.
    Up,
    /// An arrow.
    Down,
    /// An arrow.
    Left,
    /// An arrow.
    Right,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// The first.
    Home,
    /// The last.
    End,
    /// Text from the clipboard.
    Paste(String),
    /// A click, by column and row.
    Click(u16, u16),
    /// The wheel, by column and row, downwards for more than 0.
    Wheel(u16, u16, i8),
}
