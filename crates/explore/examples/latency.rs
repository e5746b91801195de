//! Measures the explorer in a terminal: until the first frame of a saved run, and from a key to the last byte of
//! what it changes. The run is made up: 10,000 steps of a function of 50,000 lines.
//!
//! `cargo run --release -p explore --example latency -- target/release/irad`

#[path = "../../view-model/tests/made/run.rs"]
mod made;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{Read, Write};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use trace::Trace;

const LINES: usize = 50_000;
const STEPS: usize = 10_000;
/// As many steps changed the function.
const CHANGES: usize = 8;
/// When nothing comes for so long, a frame is whole.
const QUIET: Duration = Duration::from_millis(60);

fn main() {
    let irad = env::args()
        .nth(1)
        .unwrap_or_else(|| "target/release/irad".to_owned());
    let irad = fs::canonicalize(irad).expect("irad");
    let folder = env::temp_dir().join(format!("irad-latency-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder for a run");
    for (name, trace) in [("small", run(200, 60)), ("large", run(LINES, STEPS))] {
        let path = folder.join("run.trace");
        fs::write(&path, trace.to_json()).expect("a file for a run");
        measure(
            irad.to_str().expect("a path of text"),
            path.to_str().expect("a path of text"),
            name,
        );
    }
    let _ = fs::remove_dir_all(&folder);
}

fn measure(irad: &str, path: &str, name: &str) {
    let size = PtySize {
        rows: 50,
        cols: 160,
        pixel_width: 0,
        pixel_height: 0,
    };
    let pair = native_pty_system().openpty(size).expect("a terminal");
    let mut command = CommandBuilder::new(irad);
    command.args(["explore", path]);
    command.env("TERM", "xterm-256color");
    command.env("COLORFGBG", "15;0");
    command.env("LANG", "C.UTF-8");
    let begun = Instant::now();
    let mut child = pair.slave.spawn_command(command).expect("irad");
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().expect("what it writes");
    let mut writer = pair.master.take_writer().expect("what it reads");
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut part = [0; 1 << 16];
        while let Ok(count @ 1..) = reader.read(&mut part) {
            let text = String::from_utf8_lossy(&part[..count]).into_owned();
            if sender.send((Instant::now(), text)).is_err() {
                return;
            }
        }
    });
    let mut text = String::new();
    let mut first = None;
    let mut code = None;
    while code.is_none() || first.is_none() {
        let (at, part) = receiver
            .recv_timeout(Duration::from_secs(60))
            .expect("a first frame");
        text.push_str(&part);
        first = first.or(text.contains("help").then_some(at));
        code = code.or(text.contains("fmul").then_some(at));
    }
    let millis = |at: Option<Instant>| {
        at.map_or(f64::NAN, |at| at.duration_since(begun).as_secs_f64() * 1e3)
    };
    settle(&receiver, Duration::from_secs(2));
    let mut times = Vec::new();
    for key in [
        "j", "k", "\x1b[6~", "l", "h", "]", "z", "z", "1", "1", "v", "v", "v", "v", "a", "a", "s",
        "s", "s", "\t", "F", "F", "F", ">", "b", "<", "G", "g", "/x499\r", "n", "m", "l", "m", "C",
        "C", "w", "w", "?", "q",
    ]
    .iter()
    .cycle()
    .take(780)
    {
        let sent = Instant::now();
        writer.write_all(key.as_bytes()).expect("a key");
        if let Some(last) = settle(&receiver, QUIET) {
            times.push((last.duration_since(sent).as_secs_f64() * 1e3, *key));
        }
    }
    let status = fs::read_to_string(format!("/proc/{}/status", child.process_id().unwrap_or(0)));
    let status = status.unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap_or(" ?")
        .trim()
        .to_owned();
    let _ = writer.write_all(b"q");
    let _ = child.wait();
    times.sort_by(|one, other| one.0.total_cmp(&other.0));
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].0;
    println!(
        "{name:<6} first frame {:>6.1} ms, with code {:>7.1} ms; a key {:>5.1} ms, 99th percentile {:>5.1} ms, the worst {:>6.1} ms; {peak}",
        millis(first),
        millis(code),
        at(0.5),
        at(0.99),
        at(1.0),
    );
    // Which keys to look at next: by their medians, which a busy machine disturbs less.
    let mut by_key: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (time, key) in &times {
        by_key.entry(key).or_default().push(*time);
    }
    let mut medians: Vec<(f64, &str)> = by_key
        .iter()
        .map(|(key, times)| (times[times.len() / 2], *key))
        .collect();
    medians.sort_by(|one, other| other.0.total_cmp(&one.0));
    let slowest: Vec<String> = medians
        .iter()
        .take(10)
        .map(|(time, key)| format!("{key:?} {time:.1}"))
        .collect();
    println!(
        "       the slowest keys in the median: {}",
        slowest.join(", ")
    );
}

/// Waits until nothing comes any more, and gives when the last of it came.
fn settle(receiver: &Receiver<(Instant, String)>, quiet: Duration) -> Option<Instant> {
    let mut last = None;
    while let Ok((at, _)) = receiver.recv_timeout(quiet) {
        last = Some(at);
    }
    last
}

/// A run of as many lines and steps.
fn run(lines: usize, steps: usize) -> Trace {
    let texts = (0..=CHANGES).map(|state| {
        let mut body = "define double @f(double %a) {\nstart:\n".to_owned();
        for line in 0..lines {
            // Each state lacks and has some lines of its own.
            if line % 997 != state {
                body.push_str(&format!("  %x{line} = fmul double %a, {line}.0\n"));
            }
        }
        body.push_str("  ret double %a\n}\n");
        body
    });
    let every = steps / CHANGES;
    let passes = (0..steps).map(|step| {
        let state = step / every + 1;
        let changes = step % every == 0 && state <= CHANGES;
        (format!("Pass{step}"), changes.then_some(state))
    });
    made::run(texts, passes)
}
