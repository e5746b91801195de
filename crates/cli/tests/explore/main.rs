//! The explorer in a terminal: what stands on the screen, and how the terminal is left.

mod frames;
mod roles;
mod terminal;
mod tmux;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use terminal::{Terminal, root};

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
    // It stops itself after that.
    while !std::fs::read_to_string(format!("/proc/{id}/stat"))
        .unwrap()
        .contains(") T ")
    {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
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
        terminal.resize((15 + at % 20, 60 + 2 * at % 90));
    }
    terminal.resize((20, 70));
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

/// The engine that a run waits for.
fn engine_of(terminal: &Terminal) -> nix::unistd::Pid {
    let id = terminal.child.process_id().unwrap();
    let tasks = std::fs::read_dir(format!("/proc/{id}/task")).unwrap();
    // The child of one of its threads.
    let children: String = tasks
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("children")).ok())
        .collect();
    let engines: Vec<i32> = children
        .split_whitespace()
        .map(|id| id.parse().unwrap())
        .filter(|id| {
            let variables = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&variables).contains("irad-engine")
        })
        .collect();
    assert_eq!(engines.len(), 1, "{children}");
    nix::unistd::Pid::from_raw(engines[0])
}

#[test]
fn keys_work_while_an_engine_hangs_and_after_it_is_killed_or_stopped() {
    for is_killed in [true, false] {
        let mut terminal = Terminal::start(
            &[
                "explore",
                "fixtures/model.ll",
                "--fn",
                "loss",
                "--mode",
                "reverse",
                "--no-check",
            ],
            (24, 120),
            &[("IRAD_ENGINE_FAULT", "loop@cleanup")],
        );
        terminal.wait_for("working");
        // Until there are as many steps as there are before the cleanup.
        let begun = std::time::Instant::now();
        while !terminal.text().contains("enzyme/export") {
            assert!(begun.elapsed() < terminal::PATIENCE, "{}", terminal.text());
            terminal.send(">");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        terminal.send("<l");
        terminal.wait_for("step 1 of");
        match is_killed {
            true => {
                nix::sys::signal::kill(engine_of(&terminal), nix::sys::signal::SIGKILL).unwrap();
                terminal.wait_for("the engine crashed in stage cleanup (killed)");
            }
            false => {
                terminal.send("\x1b");
                terminal.wait_for("stopped, r runs it again");
            }
        }
        terminal.send("l");
        terminal.wait_for("step 2 of");
        terminal.send("q");
        terminal.has_ended();
    }
}

#[test]
fn a_file_that_changes_is_run_again_and_the_place_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cube.ll");
    let ir = std::fs::read_to_string(root().join("fixtures/scalar.ll")).unwrap();
    std::fs::write(&path, &ir).unwrap();
    let file = path.to_str().unwrap();
    let mut terminal = Terminal::start(
        &[
            "explore", file, "--fn", "cube", "--mode", "reverse", "--watch",
        ],
        (40, 140),
        &[],
    );
    terminal.wait_for("right at 40 points");
    terminal.send(">h");
    terminal.wait_until("the step before the last", |text| {
        let place = text.lines().next().unwrap_or_default();
        place.contains("cleanup/")
    });
    let title = |text: &str| {
        let title = text.lines().next().unwrap_or_default();
        title.trim_end().to_owned()
    };
    terminal.settle_with("cleanup/");
    let place = title(&terminal.text());
    // By hand, and by the file.
    for by_hand in [true, false] {
        match by_hand {
            true => terminal.send("r"),
            false => {
                std::fs::write(&path, format!("{ir}; more\n")).unwrap();
                terminal.wait_for("the file has changed");
            }
        }
        terminal.settle_with("cleanup/");
        terminal.wait_for("right at 40 points");
    }
    assert_eq!(title(&terminal.text()), place);
    terminal.send("q");
    terminal.has_ended();
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
        text.contains("right at 40 points") && text.contains("\nadded, adjoint: "),
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
