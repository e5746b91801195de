//! Measures the explorer in a terminal: until the first frame of a saved run, and from a key to the last byte of
//! what it changes. The run is made up: 10,000 steps of a function of 50,000 lines.
//!
//! A key is answered by the last frame before the screen is quiet. Where that frame says that it is being compared, what
//! comes of it later is counted, too, in the figure `until it was compared`: no key is left out of either. A machine that
//! does something else meanwhile makes keys wait for a processor; how long the thread that paints and the one
//! that reads here did, the system says (`schedstat`), and a third figure leaves that out.
//!
//! `cargo run --release -p explore --example latency -- target/release/irad`

#[path = "../../view-model/tests/made/run.rs"]
mod made;

use std::collections::BTreeMap;
use std::env;
use std::fmt;
use std::fs;
use std::io::{Read, Write};
use std::num::NonZero;
use std::path::PathBuf;
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
/// A key is to be answered within so many milliseconds.
const LIMIT: f64 = 16.0;
/// What stands last in a frame, where nobody types: the cursor is hidden.
const FRAME_ENDS: &[u8] = b"\x1b[?25l";
/// What a screen says whose texts have not been compared yet.
const COMPARING: &str = "comparing";
/// Columns and rows.
const SIZE: (u16, u16) = (160, 50);

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
        rows: SIZE.1,
        cols: SIZE.0,
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
            if sender
                .send((Instant::now(), part[..count].to_vec()))
                .is_err()
            {
                return;
            }
        }
    });
    let cells = |count: u16| NonZero::new(count).expect("cells");
    let mut terminal = vt100::Parser::new(cells(SIZE.1), cells(SIZE.0), 0);
    let mut first = None;
    let mut code = None;
    while code.is_none() || first.is_none() {
        let (at, part) = receiver
            .recv_timeout(Duration::from_secs(60))
            .expect("a first frame");
        terminal.process(&part);
        let text = terminal.screen().contents();
        first = first.or(text.contains("help").then_some(at));
        code = code.or(text.contains("fmul").then_some(at));
    }
    let millis = |at: Option<Instant>| {
        at.map_or(f64::NAN, |at| at.duration_since(begun).as_secs_f64() * 1e3)
    };
    settle(&receiver, &mut terminal, Duration::from_secs(2));
    let process = child.process_id().unwrap_or(0);
    let mut keys: Vec<Pressed> = Vec::new();
    for (number, key) in [
        "j", "k", "\x1b[6~", "l", "h", "]", "z", "z", "1", "1", "v", "v", "v", "v", "a", "a", "s",
        "s", "s", "\t", "F", "F", "F", ">", "b", "<", "G", "g", "/x499\r", "n", "m", "l", "m", "C",
        "C", "w", "w", "?", "q",
    ]
    .iter()
    .cycle()
    .take(780)
    .enumerate()
    {
        let queued = in_queue(process);
        let sent = Instant::now();
        writer.write_all(key.as_bytes()).expect("a key");
        let since = |at: Instant| at.duration_since(sent).as_secs_f64() * 1e3;
        let Some(answer) = settle(&receiver, &mut terminal, QUIET) else {
            continue;
        };
        let mut pressed = Pressed {
            number,
            key,
            answered: since(answer.seen.unwrap_or(answer.last)),
            whole: since(answer.last),
            waited: answer.seen.is_some(),
            queued: 0.0,
        };
        // What is being compared comes, however long it takes, before the next key.
        while terminal.screen().contents().contains(COMPARING) {
            pressed.waited = true;
            match settle(&receiver, &mut terminal, Duration::from_secs(10)) {
                Some(found) => pressed.whole = since(found.last),
                None => panic!("{key:?} is never answered"),
            }
        }
        pressed.queued = in_queue(process) - queued;
        keys.push(pressed);
    }
    let status = fs::read_to_string(format!("/proc/{process}/status"));
    let status = status.unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap_or(" ?")
        .trim()
        .to_owned();
    let _ = writer.write_all(b"q");
    let _ = child.wait();
    let answered = Spread::of(keys.iter().map(|pressed| pressed.answered));
    let whole = Spread::of(keys.iter().map(|pressed| pressed.whole));
    println!(
        "{name:<6} first frame {:>6.1} ms, with code {:>7.1} ms; a key {answered}; {peak}",
        millis(first),
        millis(code),
    );
    println!("       until it was compared {whole}");
    let alone = Spread::of(keys.iter().map(Pressed::without_queue));
    println!("       without waiting for a processor {alone}");
    let waited = keys.iter().filter(|pressed| pressed.waited).count();
    println!(
        "       {waited} of {} keys waited for texts to be compared",
        keys.len()
    );
    let mut slow: Vec<&Pressed> = keys
        .iter()
        .filter(|pressed| pressed.whole > LIMIT)
        .collect();
    slow.sort_by(|one, other| other.whole.total_cmp(&one.whole));
    let own = slow
        .iter()
        .filter(|pressed| pressed.without_queue() > LIMIT);
    println!(
        "       {} keys above {LIMIT} ms, {} without waiting for a processor",
        slow.len(),
        own.count()
    );
    for pressed in slow.iter().take(MOST_NAMED) {
        let why = match pressed.waited {
            true => "compared",
            false => "painted",
        };
        println!(
            "         {:>3} {:<9} {:>6.1} ms, {why} {:>6.1} ms, a processor was waited for {:>6.1} ms",
            pressed.number,
            format!("{:?}", pressed.key),
            pressed.answered,
            pressed.whole,
            pressed.queued,
        );
    }
    // Which keys to look at next: by their medians, which a busy machine disturbs less.
    let mut by_key: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for pressed in &keys {
        by_key.entry(pressed.key).or_default().push(pressed.whole);
    }
    let mut medians: Vec<(f64, &str)> = by_key
        .iter()
        .map(|(key, times)| (Spread::of(times.iter().copied()).at(0.5), *key))
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

/// So many slow keys are named.
const MOST_NAMED: usize = 30;

/// A key, and what came of it.
struct Pressed<'k> {
    /// Its place among the keys.
    number: usize,
    key: &'k str,
    /// Milliseconds until the last byte of the frame that answers it.
    answered: f64,
    /// Until the last byte of what came of it, when all was compared.
    whole: f64,
    /// The first answer said that it is being compared.
    waited: bool,
    /// Milliseconds for which a thread was ready and had no processor.
    queued: f64,
}

impl Pressed<'_> {
    fn without_queue(&self) -> f64 {
        (self.whole - self.queued).max(0.0)
    }
}

/// Milliseconds for which the first thread of a process, which paints, and the one of this process that reads, were
/// ready and had no processor.
fn in_queue(process: u32) -> f64 {
    let own = fs::read_dir("/proc/self/task").into_iter().flatten();
    let own = own.flatten().map(|thread| thread.path());
    let main = std::process::id().to_string();
    let own = own.filter(|thread| !thread.ends_with(&main));
    let first = PathBuf::from(format!("/proc/{process}/task/{process}"));
    let nanos = own.chain([first]).filter_map(|thread| {
        let text = fs::read_to_string(thread.join("schedstat")).ok()?;
        text.split(' ').nth(1)?.parse::<f64>().ok()
    });
    nanos.sum::<f64>() / 1e6
}

/// Times, the shortest first.
struct Spread(Vec<f64>);

impl Spread {
    fn of(times: impl Iterator<Item = f64>) -> Self {
        let mut times: Vec<f64> = times.collect();
        times.sort_by(f64::total_cmp);
        Spread(times)
    }

    fn at(&self, share: f64) -> f64 {
        let last = self.0.len() - 1;
        self.0[(last as f64 * share) as usize]
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:>5.1} ms, 99th percentile {:>5.1} ms, the worst {:>6.1} ms",
            self.at(0.5),
            self.at(0.99),
            self.at(1.0)
        )
    }
}

/// What came until the terminal was quiet.
struct Answer {
    /// The last byte.
    last: Instant,
    /// The last byte of a screen that said that something is being compared, where a later one said it no more.
    seen: Option<Instant>,
}

/// Waits until nothing comes any more.
fn settle(
    receiver: &Receiver<(Instant, Vec<u8>)>,
    terminal: &mut vt100::Parser,
    quiet: Duration,
) -> Option<Answer> {
    let mut parts = Vec::new();
    while let Ok(part) = receiver.recv_timeout(quiet) {
        parts.push(part);
    }
    // What takes time to read is read when nobody measures any more.
    let mut seen = None;
    for (at, part) in &parts {
        terminal.process(part);
        // Half of a frame that takes the words away has them still.
        if part.ends_with(FRAME_ENDS) && terminal.screen().contents().contains(COMPARING) {
            seen = Some(*at);
        }
    }
    let last = parts.last()?.0;
    Some(Answer {
        last,
        seen: seen.filter(|seen| *seen != last),
    })
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
