//! The main paths in tmux, under a shell, as people use it: what a shell and a terminal do with the program.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::terminal::{PATIENCE, root};

/// A tmux of its own, with a shell in it.
struct Tmux {
    folder: TempDir,
}

impl Tmux {
    fn start(columns: u16, rows: u16) -> Self {
        let tmux = Tmux {
            folder: tempfile::tempdir().unwrap(),
        };
        let (x, y) = (columns.to_string(), rows.to_string());
        tmux.run(&[
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            &x,
            "-y",
            &y,
            "bash",
            "--norc",
            "--noprofile",
        ]);
        // What a program copies comes into a buffer of tmux's.
        tmux.run(&["set-option", "-g", "set-clipboard", "on"]);
        tmux.wait_for("$");
        tmux
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = Command::new("tmux")
            .args(["-S", self.folder.path().join("socket").to_str().unwrap()])
            .args(arguments)
            .current_dir(root())
            .env_remove("TMUX")
            .env_remove("NO_COLOR")
            .env("LANG", "C.UTF-8")
            .env("LC_ALL", "C.UTF-8")
            .env("PS1", "$ ")
            .env("COLORFGBG", "15;0")
            .env("IRAD", env!("CARGO_BIN_EXE_irad"))
            .env("IRAD_CONFIG", "")
            // Where a stage and its notes find each other.
            .env("XDG_RUNTIME_DIR", self.folder.path())
            .env("IRAD_CHECK_LIMIT", "60")
            .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
            .output()
            .unwrap_or_else(|error| panic!("tmux is missing ({error}): scripts/setup.sh test"));
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {words}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Presses keys, by tmux's names for them.
    fn keys(&self, keys: &[&str]) {
        self.run(&[&["send-keys"], keys].concat());
    }

    /// Types a command and Enter.
    fn command(&self, words: &str) {
        self.run(&["send-keys", "-l", words]);
        self.keys(&["Enter"]);
    }

    fn text(&self) -> String {
        self.run(&["capture-pane", "-p"])
    }

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
            thread::sleep(Duration::from_millis(30));
        }
    }

    /// What a terminal is set to by whoever is in it.
    fn modes(&self) -> String {
        let modes = "#{alternate_on} #{mouse_any_flag} #{cursor_flag}";
        self.run(&["display-message", "-p", modes])
            .trim()
            .to_owned()
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _ = Command::new("tmux")
            .arg("-S")
            .arg(self.folder.path().join("socket"))
            .arg("kill-server")
            .output();
    }
}

#[test]
fn a_run_is_explored_under_a_shell() {
    let tmux = Tmux::start(100, 30);
    tmux.command("echo before; $IRAD explore fixtures/model.ll --fn loss --mode reverse");
    tmux.wait_for("right at 40 points");
    tmux.keys(&["Tab"]);
    tmux.wait_for("step 1 of");
    tmux.keys(&[">", "C"]);
    tmux.wait_for("a adjoint");
    tmux.keys(&["/"]);
    tmux.command("fmul fast");
    tmux.keys(&["b"]);
    tmux.wait_for("made by");
    tmux.keys(&["p"]);
    tmux.wait_for("pair, on the derivative");
    tmux.keys(&["y"]);
    tmux.wait_for("copied the line");
    let until = Instant::now() + PATIENCE;
    while !tmux.run(&["list-buffers"]).contains("fmul fast") {
        assert!(Instant::now() < until, "nothing comes to the clipboard");
        thread::sleep(Duration::from_millis(30));
    }
    for (columns, rows) in [("60", "15"), ("160", "50")] {
        tmux.run(&["resize-window", "-x", columns, "-y", rows]);
        tmux.wait_until("the last row", |text| {
            let last = text.trim_end().lines().last();
            let count = text.trim_end().lines().count();
            count.to_string() == rows && last.is_some_and(|last| last.contains("help"))
        });
    }
    // The shell gets its terminal back for a while, and then for good.
    tmux.keys(&["C-z"]);
    let text = tmux.wait_for("Stopped");
    assert!(text.contains("before"), "{text}");
    assert_eq!(tmux.modes(), "0 0 1");
    tmux.command("fg");
    tmux.wait_for("pair, on the derivative");
    tmux.keys(&["q"]);
    // What is typed while it leaves is not the shell's.
    tmux.wait_until("the shell", |_| tmux.modes() == "0 0 1");
    thread::sleep(Duration::from_millis(200));
    tmux.command("echo after $?");
    let text = tmux.wait_for("after 0");
    assert!(text.contains("before"), "{text}");
    assert_eq!(tmux.modes(), "0 0 1");
}

#[test]
fn a_talk_and_its_notes_stand_in_two_panes() {
    let tmux = Tmux::start(100, 60);
    tmux.command("$IRAD explore --notes talk/TALK.toml");
    tmux.run(&[
        "split-window",
        "-v",
        "-l",
        "40",
        "bash",
        "--norc",
        "--noprofile",
    ]);
    tmux.wait_for("$");
    tmux.command("$IRAD explore --present talk/TALK.toml");
    tmux.wait_for("1 of 13");
    tmux.keys(&["Space"]);
    tmux.wait_for("2 of 13");
    let notes = |wanted: &str| {
        let until = Instant::now() + PATIENCE;
        loop {
            let text = tmux.run(&["capture-pane", "-p", "-t", "{top}"]);
            if text.contains(wanted) {
                return;
            }
            assert!(Instant::now() < until, "{wanted} does not come:\n{text}");
            thread::sleep(Duration::from_millis(30));
        }
    };
    notes("2 of 13");
    // The stage goes on without its notes, and notes come back.
    tmux.run(&["send-keys", "-t", "{top}", "q"]);
    notes("$");
    tmux.keys(&["5", "Enter"]);
    tmux.wait_for("5 of 13");
    tmux.run(&[
        "send-keys",
        "-t",
        "{top}",
        "$IRAD explore --notes talk/TALK.toml",
        "Enter",
    ]);
    notes("5 of 13");
    tmux.keys(&["q"]);
    tmux.wait_for("$");
}
