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

#[cfg(test)]
mod tests {
    use std::env;
    use std::io::Read;
    use std::thread;

    use portable_pty::{CommandBuilder, PtySize, native_pty_system};

    use super::Held;

    /// Says to this test that it is the program in the terminal.
    const PANICS: &str = "IRAD_TEST_PANICS";

    /// The program is this test itself, in a terminal of its own.
    #[test]
    fn a_panic_gives_the_terminal_back_before_its_words() {
        if env::var_os(PANICS).is_some() {
            let _held = Held::take().unwrap();
            panic!("on purpose");
        }
        let pair = native_pty_system().openpty(PtySize::default()).unwrap();
        let mut command = CommandBuilder::new(env::current_exe().unwrap());
        command.args([
            "--exact",
            "--nocapture",
            "terminal::tests::a_panic_gives_the_terminal_back_before_its_words",
        ]);
        command.env(PANICS, "1");
        command.env("TERM", "xterm-256color");
        let before = pair.master.get_termios().unwrap();
        let mut child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let reading = thread::spawn(move || {
            let mut bytes = Vec::new();
            // Where the last program of a terminal has gone, reading fails.
            let _ = reader.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        });
        assert!(!child.wait().unwrap().success());
        let after = pair.master.get_termios().unwrap();
        drop(pair.slave);
        let said = reading.join().unwrap();
        assert_eq!(after, before);
        let place = |what: &str| {
            said.find(what)
                .unwrap_or_else(|| panic!("no {what:?} in {said:?}"))
        };
        let words = place("on purpose");
        assert!(place("\x1b[?1049h") < words);
        for given_back in ["\x1b[?1049l", "\x1b[?25h", "\x1b[?2004l", "\x1b[?1000l"] {
            assert!(place(given_back) < words, "{given_back:?} in {said:?}");
        }
    }
}
