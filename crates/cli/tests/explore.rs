//! The explorer in a terminal: what stands on the screen, and how the terminal is left.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// The program in a terminal, and what an emulator makes of what it writes.
struct Terminal {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    parser: Arc<Mutex<vt100::Parser>>,
    raw: Arc<Mutex<Vec<u8>>>,
}

/// How long something may take until it is on the screen, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

impl Terminal {
    fn start(arguments: &[&str], (rows, cols): (u16, u16), variables: &[(&str, &str)]) -> Self {
        let size = PtySize {
            rows,
            cols,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
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
        let parser = Arc::new(Mutex::new(vt100::Parser::new(cells(rows), cells(cols), 0)));
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

    fn send(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    fn text(&self) -> String {
        self.parser.lock().unwrap().screen().contents()
    }

    /// Waits until that stands on the screen.
    #[track_caller]
    fn wait_for(&self, wanted: &str) -> String {
        self.wait_until(wanted, |text| text.contains(wanted))
    }

    #[track_caller]
    fn wait_until(&self, what: &str, is_so: impl Fn(&str) -> bool) -> String {
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

    /// Waits for the program's end, and holds the terminal against what it was.
    #[track_caller]
    fn has_ended(mut self) {
        let until = Instant::now() + PATIENCE;
        while self.child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < until, "it does not end:\n{}", self.text());
            thread::sleep(Duration::from_millis(10));
        }
        self.is_as_it_was();
    }

    #[track_caller]
    fn is_as_it_was(&self) {
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
        let modes = format!("{:?}", self.master.get_termios().unwrap().local_flags);
        let is_set = |wanted: &str| {
            let mut set = modes.split(|c: char| !c.is_ascii_alphanumeric());
            set.any(|mode| mode == wanted)
        };
        for mode in ["ICANON", "ECHO", "ISIG"] {
            assert!(is_set(mode), "{modes}");
        }
    }
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// A saved run of `fixtures/model.ll`, made once.
fn saved() -> &'static Path {
    static SAVED: std::sync::OnceLock<(tempfile::TempDir, PathBuf)> = std::sync::OnceLock::new();
    let (_, path) = SAVED.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("loss.trace");
        let output = Command::new(env!("CARGO_BIN_EXE_irad"))
            .args([
                "passes",
                "fixtures/model.ll",
                "--fn",
                "loss",
                "--mode",
                "reverse",
                "--save",
            ])
            .arg(&path)
            .current_dir(root())
            .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
            .env("IRAD_CHECK_LIMIT", "60")
            .output()
            .unwrap();
        assert!(output.status.success());
        (folder, path)
    });
    path
}

fn open_saved(size: (u16, u16)) -> Terminal {
    let terminal = Terminal::start(&["explore", saved().to_str().unwrap()], size, &[]);
    terminal.wait_for("input");
    terminal
}

#[test]
fn a_run_fills_the_screen_and_leaving_gives_it_back() {
    let mut terminal = Terminal::start(
        &[
            "explore",
            "fixtures/model.ll",
            "--fn",
            "loss",
            "--mode",
            "reverse",
        ],
        (24, 80),
        &[],
    );
    terminal.wait_for("right at 40 points");
    terminal.send(">");
    terminal.wait_for("cleanup/");
    terminal.send("p");
    terminal.wait_for("pair, on the derivative");
    terminal.wait_for("instruction");
    terminal.send("\x1b");
    terminal.wait_for("unified");
    terminal.send("q");
    terminal.has_ended();
}

#[test]
fn the_terminal_is_given_back_when_the_system_asks_to_end() {
    for signal in [nix::sys::signal::SIGTERM, nix::sys::signal::SIGHUP] {
        let terminal = open_saved((24, 80));
        let id = i32::try_from(terminal.child.process_id().unwrap()).unwrap();
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(id), signal).unwrap();
        terminal.has_ended();
    }
}

#[test]
fn the_terminal_is_given_back_for_a_while() {
    use nix::sys::signal::{SIGCONT, kill};
    let mut terminal = open_saved((24, 80));
    let id = i32::try_from(terminal.child.process_id().unwrap()).unwrap();
    terminal.send("\x1a");
    terminal.is_as_it_was();
    kill(nix::unistd::Pid::from_raw(id), SIGCONT).unwrap();
    terminal.send("l");
    terminal.wait_for("step 1 of");
    assert!(terminal.parser.lock().unwrap().screen().alternate_screen());
    terminal.send("q");
    terminal.has_ended();
}

#[test]
fn resizes_in_quick_succession_end_in_the_last_size() {
    let mut terminal = open_saved((24, 80));
    for at in 0..60_u16 {
        let (rows, cols) = (15 + at % 20, 60 + 2 * at % 90);
        terminal
            .parser
            .lock()
            .unwrap()
            .screen_mut()
            .set_size(cells(rows), cells(cols));
        terminal
            .master
            .resize(PtySize {
                rows,
                cols,
                pixel_width: 0,
                pixel_height: 0,
            })
            .unwrap();
    }
    let (rows, cols) = (20, 70);
    terminal
        .parser
        .lock()
        .unwrap()
        .screen_mut()
        .set_size(cells(rows), cells(cols));
    terminal
        .master
        .resize(PtySize {
            rows,
            cols,
            pixel_width: 0,
            pixel_height: 0,
        })
        .unwrap();
    terminal.send("l");
    terminal.wait_until("the last row", |text| {
        text.lines().count() == 20
            && text
                .lines()
                .last()
                .is_some_and(|last| last.contains("help"))
    });
    terminal.send("q");
    terminal.has_ended();
}

#[test]
fn a_megabyte_that_is_pasted_is_read_and_nothing_else() {
    let mut terminal = open_saved((24, 80));
    let text = "q\u{1b}]0;title\u{7}".repeat(1 << 17);
    terminal.send("\x1b[200~");
    terminal.send(&text);
    terminal.send("\x1b[201~");
    terminal.send("l");
    terminal.wait_for("step 1 of");
    terminal.send("q");
    terminal.has_ended();
}

#[test]
fn a_truncated_run_is_told_in_place() {
    let whole = std::fs::read(saved()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("half.trace");
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let mut terminal = Terminal::start(&["explore", path.to_str().unwrap()], (24, 80), &[]);
    terminal.wait_for("damaged");
    terminal.send("x");
    terminal.wait_until("the message's end", |text| !text.contains("damaged"));
    terminal.send("q");
    terminal.has_ended();
}

#[test]
fn an_engine_that_crashes_leaves_the_steps_that_there_were() {
    for fault in ["abort@cleanup", "silence@cleanup"] {
        let mut terminal = Terminal::start(
            &[
                "explore",
                "fixtures/model.ll",
                "--fn",
                "loss",
                "--mode",
                "reverse",
            ],
            (24, 120),
            &[("IRAD_ENGINE_FAULT", fault)],
        );
        terminal.wait_for("the engine crashed");
        terminal.send("ll");
        let text = terminal.wait_for("prepare");
        assert!(text.contains("steps)"), "{text}");
        terminal.send("q");
        terminal.has_ended();
    }
}

#[test]
fn a_refusal_stands_below_its_steps() {
    let mut terminal = Terminal::start(
        &[
            "explore",
            "fixtures/refused/external.ll",
            "--fn",
            "surface",
            "--mode",
            "reverse",
        ],
        (40, 120),
        &[],
    );
    terminal.wait_until("a refusal or why there is none", |text| {
        text.contains("error") || text.contains("cannot")
    });
    terminal.send("\x1bq");
    terminal.send("q");
    terminal.has_ended();
}

#[test]
fn nothing_of_the_ir_orders_the_terminal_about() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("evil.ll");
    let name = "%\"x\\1B]0;owned\\07\\9B2J\\E2\\80\\AE\"";
    let ir = format!(
        "define double @f(double %a) {{\n  {name} = fmul double %a, %a\n  ret double {name}\n}}\n"
    );
    std::fs::write(&path, ir).unwrap();
    let mut terminal = Terminal::start(
        &["explore", path.to_str().unwrap(), "--fn", "f"],
        (24, 80),
        &[],
    );
    terminal.wait_for("fmul");
    terminal.send("/owned\ry");
    terminal.wait_for("copied the line");
    terminal.send("q");
    let raw = Arc::clone(&terminal.raw);
    terminal.has_ended();
    let raw = raw.lock().unwrap();
    let text = String::from_utf8_lossy(&raw);
    assert!(
        !text.contains("\x1b]0;owned") && !text.contains('\u{202e}') && !text.contains('\u{9b}')
    );
}

#[test]
fn without_colour_and_without_unicode_it_says_the_same() {
    let mut terminal = Terminal::start(
        &["explore", saved().to_str().unwrap()],
        (15, 60),
        &[("NO_COLOR", "1"), ("LANG", "C")],
    );
    terminal.wait_for("input");
    terminal.send("l");
    terminal.wait_for("step 1 of");
    terminal.send("q");
    let raw = Arc::clone(&terminal.raw);
    terminal.has_ended();
    let raw = raw.lock().unwrap();
    assert!(raw.is_ascii());
    let text = String::from_utf8_lossy(&raw);
    for colour in ["[31m", "[32m", "[38;", "[48;"] {
        assert!(!text.contains(colour), "{colour}");
    }
}

#[test]
fn without_a_terminal_there_is_a_way_that_needs_none() {
    let irad = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_irad"))
            .args(arguments)
            .current_dir(root())
            .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
            .env("IRAD_CHECK_LIMIT", "60")
            .output()
            .unwrap()
    };
    let output = irad(&["explore", "fixtures/model.ll", "--fn", "loss"]);
    assert_eq!(output.status.code(), Some(2));
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(
        words.contains("irad passes") && words.contains("--plain"),
        "{words}"
    );
    let output = irad(&[
        "explore",
        "fixtures/scalar.ll",
        "--fn",
        "cube",
        "--mode",
        "reverse",
        "--plain",
    ]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.contains("right at 40 points") && text.contains("\nadded: "),
        "{text}"
    );
    assert!(text.is_ascii() && !text.contains('\u{1b}'));
}

/// Every name in the talk that ships with the repository means something, and every screen fits.
#[test]
fn the_talk_can_be_given() {
    let output = Command::new(env!("CARGO_BIN_EXE_irad"))
        .args(["explore", "--rehearse", "talk/TALK.toml"])
        .current_dir(root())
        // It takes no engine.
        .env("IRAD_ENGINE", "/nowhere")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}");
}

#[test]
fn a_talk_goes_on_by_space_and_jumps_by_number() {
    let mut terminal = Terminal::start(&["explore", "--present", "talk/TALK.toml"], (24, 80), &[]);
    terminal.wait_for("1 of 13");
    terminal.send(" ");
    terminal.wait_for("pub fn loss");
    terminal.send("8\r");
    terminal.wait_for("WRONG");
    terminal.send(" ");
    terminal.wait_for("a later iteration has overwritten");
    terminal.send("q");
    terminal.has_ended();
}
