//! The terminal: taken, and given back as it was however the program ends.

use std::io::{self, Write};
use std::panic;
use std::thread;

use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};

/// Presses and the wheel of the mouse, in columns and rows of any number; its movements are nobody's business.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1000l";

/// Holds the terminal until it is dropped.
pub struct Held(());

impl Held {
    /// Takes the terminal. A panic gives it back before its words are printed.
    pub fn take() -> io::Result<Self> {
        let own = thread::current().id();
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            // A thread beside this one says nothing on the screen; what it did is missing, and that shows.
            if thread::current().id() == own {
                give_back();
                before(info);
            }
        }));
        seize()?;
        Ok(Held(()))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        give_back();
    }
}

/// Takes the terminal, again after it was given back for a while.
pub fn seize() -> io::Result<()> {
    enable_raw_mode()?;
    let mut out = io::stdout();
    execute!(out, EnterAlternateScreen, EnableBracketedPaste, Hide)?;
    out.write_all(MOUSE_ON)?;
    out.flush()
}

/// Gives the terminal back. Who cannot be told has gone.
pub fn give_back() {
    let mut out = io::stdout();
    let _ = out.write_all(MOUSE_OFF);
    let _ = execute!(out, DisableBracketedPaste, LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
}
