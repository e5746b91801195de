//! The program in a terminal, read by an emulator.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// The program in a terminal, and what an emulator makes of what it writes.
pub struct Terminal {
    pub master: Box<dyn MasterPty + Send>,
    pub writer: Box<dyn Write + Send>,
    pub child: Box<dyn Child + Send + Sync>,
    pub parser: Arc<Mutex<vt100::Parser>>,
    pub raw: Arc<Mutex<Vec<u8>>>,
}

/// How long something may take until it is on the screen, on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

impl Terminal {
    pub fn start(arguments: &[&str], size: (u16, u16), variables: &[(&str, &str)]) -> Self {
        let pair = native_pty_system().openpty(pty_size(size)).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_irad"));
        command.args(arguments);
        command.cwd(root());
        for name in [
            "NO_COLOR",
            "CLICOLOR",
            "CLICOLOR_FORCE",
            "COLUMNS",
            "LC_ALL",
            "LC_CTYPE",
        ] {
            command.env_remove(name);
        }
        command.env("TERM", "xterm-256color");
        command.env("COLORFGBG", "15;0");
        command.env("LANG", "C.UTF-8");
        command.env("IRAD_CONFIG", "");
        command.env("IRAD_CHECK_LIMIT", "60");
        command.env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"));
        for (name, value) in variables {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        let (rows, columns) = (cells(size.0), cells(size.1));
        let parser = Arc::new(Mutex::new(vt100::Parser::new(rows, columns, 0)));
        let raw = Arc::new(Mutex::new(Vec::new()));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (screen, bytes) = (Arc::clone(&parser), Arc::clone(&raw));
        thread::spawn(move || {
            let mut part = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut part) {
                screen.lock().unwrap().process(&part[..count]);
                bytes.lock().unwrap().extend_from_slice(&part[..count]);
            }
        });
        let writer = pair.master.take_writer().unwrap();
        // The slave's end stays open as long as the master does, so that what it is set to can be read.
        std::mem::forget(pair.slave);
        Terminal {
            master: pair.master,
            writer,
            child,
            parser,
            raw,
        }
    }

    /// Gives it another size, in rows and columns.
    pub fn resize(&self, size: (u16, u16)) {
        let mut parser = self.parser.lock().unwrap();
        parser.screen_mut().set_size(cells(size.0), cells(size.1));
        drop(parser);
        self.master.resize(pty_size(size)).unwrap();
    }

    pub fn send(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    pub fn text(&self) -> String {
        self.parser.lock().unwrap().screen().contents()
    }

    /// Waits until that stands on the screen.
    #[track_caller]
    pub fn wait_for(&self, wanted: &str) -> String {
        self.wait_until(wanted, |text| text.contains(wanted))
    }

    #[track_caller]
    pub fn wait_until(&self, what: &str, is_so: impl Fn(&str) -> bool) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let text = self.text();
            if is_so(&text) {
                return text;
            }
            assert!(Instant::now() < until, "{what} does not come:\n{text}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until that stands on the screen and nothing changes any more.
    #[track_caller]
    pub fn settle_with(&self, wanted: &str) {
        self.wait_for(wanted);
        let mut last = self.text();
        let mut since = Instant::now();
        while since.elapsed() < Duration::from_millis(400) {
            thread::sleep(Duration::from_millis(20));
            let text = self.text();
            if text != last {
                (last, since) = (text, Instant::now());
            }
        }
    }

    /// Waits for the program's end, and holds the terminal against what it was.
    #[track_caller]
    pub fn has_ended(mut self) {
        let until = Instant::now() + PATIENCE;
        while self.child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < until, "it does not end:\n{}", self.text());
            thread::sleep(Duration::from_millis(10));
        }
        self.is_as_it_was();
    }

    #[track_caller]
    pub fn is_as_it_was(&self) {
        let is_so = || {
            let parser = self.parser.lock().unwrap();
            let screen = parser.screen();
            !screen.alternate_screen()
                && !screen.hide_cursor()
                && !screen.bracketed_paste()
                && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
        };
        let until = Instant::now() + PATIENCE;
        while !is_so() {
            assert!(Instant::now() < until, "the terminal is not given back");
            thread::sleep(Duration::from_millis(10));
        }
        // How keys come is set back after what the screen shows.
        loop {
            let modes = format!("{:?}", self.master.get_termios().unwrap().local_flags);
            let is_set = |wanted: &&str| {
                let mut set = modes.split(|c: char| !c.is_ascii_alphanumeric());
                set.any(|mode| mode == *wanted)
            };
            if ["ICANON", "ECHO", "ISIG"].iter().all(is_set) {
                return;
            }
            assert!(Instant::now() < until, "{modes}");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

fn pty_size((rows, cols): (u16, u16)) -> PtySize {
    PtySize {
        rows,
        cols,
        pixel_width: 0,
        pixel_height: 0,
    }
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).unwrap()
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}
