//! Starts the engine, hands it a request, and hears it out within its limits.

use std::env;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use trace::{Collector, Event, Point, Request, Trace, WireError};

use crate::advice;
use crate::exit;
use crate::input::Module;
use crate::report::Failure;
use crate::trust;

/// What the engine said.
pub struct Answer {
    /// The trace that its events add up to.
    pub trace: Trace,
    /// The module that it gave back, if it was asked for one.
    pub module: Option<Vec<u8>>,
    /// What LLVM and Enzyme printed, the end of it.
    pub words: String,
}

/// The engine's executable: what `IRAD_ENGINE` names, or the one beside this program.
pub fn locate() -> Result<PathBuf, Failure> {
    let path = match env::var_os("IRAD_ENGINE") {
        Some(path) => PathBuf::from(path),
        None => env::current_exe()
            .ok()
            .and_then(|own| Some(own.parent()?.join("irad-engine")))
            .unwrap_or_else(|| PathBuf::from("irad-engine")),
    };
    if path.is_file() {
        return Ok(path);
    }
    Err(Failure {
        code: exit::CRASHED,
        ..Failure::usage(
            "engine_missing",
            format!("the engine is not at {}", path.display()),
        )
        .help("build it (cargo build --release), or set IRAD_ENGINE to where irad-engine is")
    })
}

/// Asks and waits. An engine that fails, in whatever way, is a [`Failure`].
pub fn ask(request: &Request, module: &Module) -> Result<Answer, Failure> {
    let (answer, ending) = hear(request, module, &mut |_| {})?;
    if let Some(diagnosis) = &answer.trace.failure {
        return Err(advice::refused(
            diagnosis,
            request,
            module,
            answer.trace.signature.as_ref(),
        ));
    }
    match ending {
        None => Ok(answer),
        Some(failure) => Err(failure),
    }
}

/// An engine that was started before it was known what to ask it.
static WARM: Mutex<Option<Child>> = Mutex::new(None);
/// Engines that were told to end and may not have done so yet.
static DYING: Mutex<Vec<Child>> = Mutex::new(Vec::new());

/// Starts an engine for the next request: it loads LLVM while the input is read. If none comes, it ends
/// with this process, of which it hears by the end of its input.
///
/// `is_large` says that it will be given much to read.
pub fn warm_up(is_large: bool) {
    let mut warm = WARM.lock().unwrap_or_else(PoisonError::into_inner);
    if warm.is_none() {
        *warm = spawn(is_large).ok();
    }
}

/// Collects engines that have ended, or with `all` waits for those that still have to.
pub fn reap(all: bool) {
    let mut dying = DYING.lock().unwrap_or_else(PoisonError::into_inner);
    if all && let Some(mut unused) = WARM.lock().unwrap_or_else(PoisonError::into_inner).take() {
        let _ = unused.kill();
        dying.push(unused);
    }
    dying.retain_mut(|child| match all {
        true => {
            let _ = child.wait();
            false
        }
        false => matches!(child.try_wait(), Ok(None)),
    });
}

/// How a program's allocator is told what to do.
const TUNABLES: &str = "GLIBC_TUNABLES";

/// From this size of a module on, in bytes, LLVM takes much memory for it.
const LARGE: usize = 1 << 20;

fn spawn(is_large: bool) -> Result<Child, Failure> {
    let path = locate()?;
    same_addresses();
    let mut command = Command::new(&path);
    // LLVM then takes memory by the hundred megabytes, in small pieces: fewer and larger pages, and fewer calls
    // for more of them, are a fifth of the time. Other allocators than glibc's do not look.
    if is_large && std::env::var_os(TUNABLES).is_none() {
        command.env(
            TUNABLES,
            "glibc.malloc.hugetlb=1:glibc.malloc.top_pad=33554432",
        );
    }
    command
        .env("IRAD_ENGINE_PARENT", std::process::id().to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| cannot_start(&path, &error))
}

/// Asks and waits, and gives back what was said even when the engine did not come to its end.
///
/// `meanwhile` is shown the trace as it grows.
pub fn hear(
    request: &Request,
    module: &Module,
    meanwhile: &mut dyn FnMut(&Trace),
) -> Result<(Answer, Option<Failure>), Failure> {
    reap(false);
    let warm = WARM.lock().unwrap_or_else(PoisonError::into_inner).take();
    let mut child = match warm {
        Some(child) => child,
        None => spawn(module.sent().len() >= LARGE)?,
    };
    let started = Instant::now();
    let (mut stdin, stdout, stderr) = (
        child.stdin.take().expect("piped"),
        child.stdout.take().expect("piped"),
        child.stderr.take().expect("piped"),
    );
    let (sender, receiver) = mpsc::channel();
    let reader = thread::spawn(move || read_events(stdout, &sender));
    let last_words = thread::spawn(move || tail(stderr));

    // The writer runs beside this thread: an engine that does not read must not block us.
    let header = serde_json::to_vec(request).expect("a request is plain data");
    let mut collector = Collector::new(request.clone());
    let mut bytes = None;
    let limit = Duration::from_secs(request.limits.seconds);
    let (timed_out, damage) = thread::scope(|scope| {
        scope.spawn(move || {
            // An engine that ends early breaks the pipe; its own words say why.
            let _ = trace::write_frame(&mut stdin, &header)
                .and_then(|()| trace::write_frame(&mut stdin, module.sent()))
                .and_then(|()| stdin.flush());
        });
        let deadline = started + limit;
        let outcome = listen(&receiver, deadline, &mut collector, &mut bytes, meanwhile);
        if collector.is_complete() {
            // It has said its last word; nothing that it does on its way out matters.
        } else if outcome.0 {
            stop(&mut child);
        }
        outcome
    });
    let status = end(child, collector.is_complete());
    let complete = collector.is_complete();
    // An engine closes its standard error before its last word; its output only ends with it.
    if !complete {
        let _ = reader.join();
    }
    let words = last_words.join().unwrap_or_default();

    let stage = collector.stage().unwrap_or("start").to_owned();
    let mut trace = collector.finish();
    trust::weigh(&mut trace, module);
    // The engine may have read no more than a part of the file.
    if let Some(place) = trace
        .failure
        .as_mut()
        .and_then(|failure| failure.place.as_mut())
    {
        *place = module.original(*place);
    }
    let answer = Answer {
        trace,
        module: bytes,
        words,
    };
    if complete {
        return Ok((answer, None));
    }
    let mut failure = ended_badly(request, &stage, timed_out, damage, status, &answer.words);
    if let Some(derivative) = answer.trace.point(Point::Derivative) {
        let path = ir_load::demangle(&derivative.0.function).into_owned();
        failure.note_first(format!("the derivative was there before: {path}"));
        failure.help.push(
            "irad diff --after derivative --cleanup none shows it as Enzyme made it".to_owned(),
        );
    }
    Ok((answer, Some(failure)))
}

/// Has every engine laid out at the same addresses. LLVM and Enzyme order some of their work by
/// address, and the same command must print the same bytes.
#[cfg(target_os = "linux")]
fn same_addresses() {
    use nix::sys::personality::{self, Persona};
    // A sandbox may forbid it; then the order of a few instructions may differ from run to run.
    if let Ok(persona) = personality::get() {
        let _ = personality::set(persona | Persona::ADDR_NO_RANDOMIZE);
    }
}

#[cfg(not(target_os = "linux"))]
fn same_addresses() {}

type Heard = Result<Frame, WireError>;

enum Frame {
    Event(Box<Event>),
    Module(Vec<u8>),
}

/// Reads events until the stream ends, and hands on at once what came at once: to wake the other
/// side for each of thousands costs more than they are worth.
fn read_events(stdout: impl Read, sender: &mpsc::Sender<Vec<Heard>>) {
    let mut stdout = BufReader::with_capacity(1 << 18, stdout);
    let mut batch = Vec::new();
    loop {
        let heard = match trace::read_event(&mut stdout) {
            Ok(None) => break,
            Ok(Some(Event::Module)) => match trace::read_frame(&mut stdout) {
                Ok(Some(bytes)) => Ok(Frame::Module(bytes)),
                Ok(None) => break,
                Err(error) => Err(error),
            },
            Ok(Some(event)) => Ok(Frame::Event(Box::new(event))),
            Err(error) => Err(error),
        };
        let failed = heard.is_err();
        batch.push(heard);
        if failed {
            break;
        }
        if stdout.buffer().is_empty() && sender.send(std::mem::take(&mut batch)).is_err() {
            return;
        }
    }
    let _ = sender.send(batch);
}

/// Takes events in until the stream ends, the last word is said, or time is up. Says whether time
/// was up, and what was wrong with the stream.
fn listen(
    receiver: &mpsc::Receiver<Vec<Heard>>,
    deadline: Instant,
    collector: &mut Collector,
    bytes: &mut Option<Vec<u8>>,
    meanwhile: &mut dyn FnMut(&Trace),
) -> (bool, Option<WireError>) {
    while !collector.is_complete() {
        let left = deadline.saturating_duration_since(Instant::now());
        let batch = match receiver.recv_timeout(left) {
            Ok(batch) => batch,
            Err(RecvTimeoutError::Timeout) => return (true, None),
            Err(RecvTimeoutError::Disconnected) => return (false, None),
        };
        for heard in batch {
            match heard {
                Ok(Frame::Event(event)) => collector.take(*event),
                Ok(Frame::Module(module)) => *bytes = Some(module),
                Err(error) => return (false, Some(error)),
            }
        }
        meanwhile(collector.so_far());
    }
    (false, None)
}

/// Ends an engine that is out of time.
fn stop(child: &mut Child) {
    let _ = child.kill();
}

/// Waits for the engine's end. One that has said its last word is not left to tidy up: the system
/// does that faster.
fn end(mut child: Child, complete: bool) -> Option<ExitStatus> {
    if complete {
        let _ = child.kill();
        // To take its memory back takes the system a while, in which there is something to do here.
        let mut dying = DYING.lock().unwrap_or_else(PoisonError::into_inner);
        dying.push(child);
        return None;
    }
    let patience = Instant::now() + Duration::from_secs(2);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < patience => thread::sleep(Duration::from_millis(1)),
            _ => {
                let _ = child.kill();
                return child.wait().ok();
            }
        }
    }
}

/// How much of an engine's standard error is kept: its end.
const TAIL: usize = 64 * 1024;

fn tail(mut stderr: impl Read) -> String {
    let mut kept = Vec::new();
    let mut buffer = [0; 8192];
    while let Ok(count) = stderr.read(&mut buffer) {
        if count == 0 {
            break;
        }
        kept.extend_from_slice(&buffer[..count]);
        if kept.len() > 2 * TAIL {
            kept.drain(..kept.len() - TAIL);
        }
    }
    String::from_utf8_lossy(&kept).into_owned()
}

fn cannot_start(path: &Path, error: &io::Error) -> Failure {
    Failure {
        code: exit::CRASHED,
        ..Failure::usage(
            "engine_missing",
            format!("the engine {} cannot be started: {error}", path.display()),
        )
    }
}

fn ended_badly(
    request: &Request,
    stage: &str,
    timed_out: bool,
    damage: Option<WireError>,
    status: Option<ExitStatus>,
    words: &str,
) -> Failure {
    let limits = request.limits;
    let out_of_memory = ["out of memory", "bad_alloc", "memory allocation of"]
        .iter()
        .any(|sign| words.contains(sign));
    let (kind, title) = if timed_out {
        (
            "timeout",
            format!(
                "the engine was stopped after {} seconds, in stage {stage}",
                limits.seconds
            ),
        )
    } else if out_of_memory {
        (
            "memory",
            format!(
                "the engine ran out of memory ({} MiB), in stage {stage}",
                limits.memory_mib
            ),
        )
    } else if words.contains("stack overflow") {
        (
            "stack",
            format!("the engine ran out of stack, in stage {stage}: it recursed too deeply"),
        )
    } else {
        (
            "crash",
            format!("the engine crashed in stage {stage}{}", manner(status)),
        )
    };
    let mut failure = Failure {
        code: exit::CRASHED,
        ..Failure::usage(kind, title)
    };
    if let Some(place) = words
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("irad-engine: in "))
        .filter(|place| *place != stage)
    {
        failure.notes.push(format!("it was in {place}"));
    }
    if let Some(last) = last_word(words) {
        failure.notes.push(format!("its last words: {last}"));
    }
    if let Some(damage) = damage {
        failure.notes.push(damage.to_string());
    }
    failure.help.push(match kind {
        "timeout" => format!("give it longer: --timeout {}", limits.seconds.saturating_mul(5)),
        "memory" => format!("give it more: --memory {}", limits.memory_mib.saturating_mul(4)),
        _ => "this is a fault of LLVM, Enzyme or irad's engine, not of the way it was called; other pipelines (--prepare, --cleanup) may avoid it".to_owned(),
    });
    failure
}

#[cfg(unix)]
fn manner(status: Option<ExitStatus>) -> String {
    use std::os::unix::process::ExitStatusExt;
    match status.map(|status| (status.signal(), status.code())) {
        Some((Some(signal), _)) => match signal {
            4 => " (illegal instruction)".to_owned(),
            6 => " (abort)".to_owned(),
            9 => " (killed)".to_owned(),
            11 => " (segmentation fault)".to_owned(),
            24 => " (out of CPU time)".to_owned(),
            other => format!(" (signal {other})"),
        },
        Some((_, Some(code))) => format!(" (exit code {code})"),
        _ => String::new(),
    }
}

#[cfg(not(unix))]
fn manner(status: Option<ExitStatus>) -> String {
    status.map_or_else(String::new, |status| format!(" ({status})"))
}

/// The line of standard error that says most about the end.
fn last_word(words: &str) -> Option<String> {
    let telling = |line: &&str| {
        line.contains("Assertion") || line.contains("LLVM ERROR") || line.contains("UNREACHABLE")
    };
    let ours = |line: &&str| {
        !line.trim().is_empty()
            && !line.starts_with("irad-engine: in ")
            && !line.starts_with("PLEASE submit")
            && !line.starts_with("Stack dump")
            && !line.trim_start().starts_with('#')
    };
    // Rust says where on one line and what on the next.
    let panicked = words
        .lines()
        .skip_while(|line| !line.contains("panicked at"))
        .nth(1);
    let line = words
        .lines()
        .rev()
        .find(telling)
        .or(panicked)
        .or_else(|| words.lines().rev().find(ours))?;
    Some(line.trim().chars().take(400).collect())
}
