//! Starts an engine, hands it a request, and hears it out within its limits.

use std::env;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::MemfdFlags;
use trace::{Collector, Greeting, Kind, Point, Request, Task, Trace};

use super::channel::{Heard, Incoming, Listened, listen, read_events};
use super::ending::{self, EndCause, Ended};
use super::installed::{Installed, Needs, locate, newer};
use super::start_error::StartError;

/// What the engine said.
pub struct Answer {
    /// The trace that its events add up to.
    pub trace: Trace,
    /// The module that it gave back, if it was asked for one.
    pub module: Option<Vec<u8>>,
    /// What LLVM and Enzyme printed.
    pub printed: Printed,
}

/// What a process printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printed {
    /// On standard output.
    pub stdout: Vec<u8>,
    /// On standard error.
    pub stderr: Vec<u8>,
}

/// A running engine.
struct Engine {
    from: Installed,
    child: Child,
    /// Requests go out by it and events come in: a descriptor of its own, because LLVM prints on both of
    /// the standard ones.
    channel: UnixStream,
    stdout: File,
    stderr: File,
}

/// An engine that was started before it was known what to ask it.
static WARM: Mutex<Option<Engine>> = Mutex::new(None);
/// Engines that were told to end and may not have done so yet.
static DYING: Mutex<Vec<Child>> = Mutex::new(Vec::new());

/// Starts an engine for the next request: it loads LLVM while the input is read. If none comes, it ends
/// with this process, of which it hears by the end of its input.
///
/// `is_large` says that it will be given much to read.
pub fn warm_up(is_large: bool) {
    let mut warm = WARM.lock().unwrap_or_else(PoisonError::into_inner);
    if warm.is_none() {
        *warm = locate(None).and_then(|from| spawn(from, is_large)).ok();
    }
}

/// Collects engines that have ended, or with `all` waits for those that still have to.
pub fn reap(all: bool) {
    let mut dying = DYING.lock().unwrap_or_else(PoisonError::into_inner);
    if all && let Some(mut unused) = WARM.lock().unwrap_or_else(PoisonError::into_inner).take() {
        let _ = unused.child.kill();
        dying.push(unused.child);
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

/// Bytes that may be on their way to the front at once: the text of a large function.
const IN_FLIGHT: usize = 1 << 20;

fn spawn(from: Installed, is_large: bool) -> Result<Engine, StartError> {
    start(&from, is_large).map_err(|error| StartError::CannotStart {
        path: from.path,
        error: Arc::new(error),
    })
}

fn start(from: &Installed, is_large: bool) -> io::Result<Engine> {
    same_addresses();
    let mut command = Command::new(&from.path);
    // LLVM then takes memory by the hundred megabytes, in small pieces: fewer and larger pages, and fewer calls
    // for more of them, are a fifth of the time. Other allocators than glibc's do not look.
    if is_large && env::var_os(TUNABLES).is_none() {
        command.env(
            TUNABLES,
            "glibc.malloc.hugetlb=1:glibc.malloc.top_pad=33554432",
        );
    }
    let (channel, theirs) = UnixStream::pair()?;
    // A socket may refuse to grow; it is as good as it was.
    let _ = rustix::net::sockopt::set_socket_send_buffer_size(&theirs, IN_FLIGHT);
    let (stdout, stderr) = (memory("irad-stdout")?, memory("irad-stderr")?);
    let child = command
        .env("IRAD_ENGINE_PARENT", std::process::id().to_string())
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::from(stdout.try_clone()?))
        .stderr(Stdio::from(stderr.try_clone()?))
        .spawn()?;
    Ok(Engine {
        from: from.clone(),
        child,
        channel,
        stdout,
        stderr,
    })
}

/// A file in memory. What is printed to it is there whatever becomes of who printed it.
fn memory(name: &str) -> io::Result<File> {
    Ok(File::from(rustix::fs::memfd_create(
        name,
        MemfdFlags::CLOEXEC,
    )?))
}

/// Asks and waits, and gives back what was said even when the engine did not come to its end.
///
/// `sent` is the module, which is read by the LLVM that it needs; `meanwhile` is shown the trace as it grows.
pub fn run(
    request: &Request,
    sent: &[u8],
    needs: &Needs,
    meanwhile: &mut dyn FnMut(&Trace),
) -> Result<(Answer, Option<Ended>), StartError> {
    run_until(request, sent, needs, meanwhile, &AtomicBool::new(false))
}

/// The same, until `stop` is set: the engine is killed then, and what it has said so far is given back.
pub fn run_until(
    request: &Request,
    sent: &[u8],
    needs: &Needs,
    meanwhile: &mut dyn FnMut(&Trace),
    stop: &AtomicBool,
) -> Result<(Answer, Option<Ended>), StartError> {
    let heard = run_with(request, sent, locate(needs.llvm())?, meanwhile, stop)?;
    // What one LLVM cannot read may have been written by a newer one.
    let is_unread = |(answer, _): &(Answer, Option<Ended>)| {
        let failure = answer.trace.failure.as_ref();
        failure.is_some_and(|failure| failure.kind == Kind::Parse)
    };
    if is_unread(&heard)
        && let Some(newer) = newer(needs.llvm())
    {
        let again = run_with(request, sent, locate(Some(newer))?, meanwhile, stop)?;
        if !is_unread(&again) {
            needs.set(newer);
            return Ok(again);
        }
    }
    Ok(heard)
}

/// The same, by this engine.
fn run_with(
    request: &Request,
    sent: &[u8],
    from: Installed,
    meanwhile: &mut dyn FnMut(&Trace),
    stop: &AtomicBool,
) -> Result<(Answer, Option<Ended>), StartError> {
    reap(false);
    // One with another LLVM waits for a module of its own.
    let warm = {
        let mut warm = WARM.lock().unwrap_or_else(PoisonError::into_inner);
        warm.take_if(|engine| engine.from == from)
    };
    let Engine {
        from,
        mut child,
        channel,
        stdout,
        stderr,
    } = match warm {
        Some(engine) => engine,
        None => spawn(from, sent.len() >= LARGE)?,
    };
    let started = Instant::now();
    let mut collector = Collector::new(request.clone());
    let mut module = None;
    let limit = Duration::from_secs(request.limits.seconds);
    let then_check = match &request.task {
        Task::Differentiate { then_check, .. } => then_check.as_ref(),
        _ => None,
    };
    let then_check = then_check.map(|then| Duration::from_secs(then.seconds));
    let (sender, receiver) = mpsc::channel::<Vec<Heard>>();
    let reader = channel
        .try_clone()
        .map(|incoming| thread::spawn(move || read_events(Incoming(incoming), &sender)));

    // The writer runs beside this thread: an engine that does not read must not block us.
    let ours = Greeting::new(String::new());
    let greeting = serde_json::to_vec(&ours).expect("a greeting is plain data");
    let header = serde_json::to_vec(request).expect("a request is plain data");
    let mut outgoing = &channel;
    let listened = thread::scope(|scope| {
        scope.spawn(move || {
            // An engine that ends early breaks the channel; its own words say why.
            let _ = trace::write_frame(&mut outgoing, &greeting)
                .and_then(|()| trace::write_frame(&mut outgoing, &header))
                .and_then(|()| trace::write_frame(&mut outgoing, sent))
                .and_then(|()| outgoing.flush());
        });
        let has_printed_too_much = || size(&stdout) + size(&stderr) > MOST_PRINTED;
        let listened = listen(
            &receiver,
            &ours,
            started + limit,
            then_check,
            &mut collector,
            &mut module,
            meanwhile,
            &has_printed_too_much,
            stop,
        );
        // One that has said its last word is ended below: nothing that it does on its way out matters.
        if !collector.is_complete() && listened.has_to_stop() {
            let _ = child.kill();
        }
        listened
    });
    let complete = collector.is_complete();
    let status = end(child, complete);
    if !complete && let Ok(reader) = reader {
        // What it said before it ended may still be on its way.
        let _ = reader.join();
    }
    let printed = Printed {
        stdout: contents(&stdout),
        stderr: contents(&stderr),
    };
    if let Listened::Stranger(theirs) = listened {
        return Err(StartError::Stranger {
            path: from.path,
            ours: Box::new(ours),
            theirs,
        });
    }
    let stage = collector.stage().unwrap_or("start").to_owned();
    let trace = collector.finish();
    let has_greeted = !matches!(listened, Listened::Silent);
    let ended = (!complete).then(|| {
        let derivative = trace.point(Point::Derivative);
        let derivative = derivative.map(|(point, _)| point.function.clone());
        ending::ended(
            request,
            stage,
            listened,
            status,
            &printed.stderr,
            derivative,
        )
    });
    if let (false, Some(ended)) = (has_greeted, &ended)
        && ended.cause == EndCause::Crashed(status)
        && status.is_some_and(|status| status.code().is_some())
    {
        return Err(StartError::Silent {
            path: from.path,
            ours: Box::new(ours),
            words: ended.last_words.clone(),
        });
    }
    let answer = Answer {
        trace,
        module,
        printed,
    };
    Ok((answer, ended))
}

/// More than this, in bytes, nobody reads, and it is all in memory.
const MOST_PRINTED: u64 = 1 << 30;

fn size(file: &File) -> u64 {
    file.metadata().map_or(0, |found| found.len())
}

fn contents(file: &File) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(size(file)).unwrap_or_default()];
    match file.read_exact_at(&mut bytes, 0) {
        Ok(()) => bytes,
        Err(_) => Vec::new(),
    }
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
