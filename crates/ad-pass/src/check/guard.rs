//! Where code of the module runs: in a process that has given up everything else.
//!
//! The engine compiles what a check needs, and then forks. The fork closes its door (`door.rs`), runs the code,
//! and writes what it found to a pipe. So no code of the module runs before the door is closed, nothing is
//! compiled behind it, and the engine goes on whatever becomes of the fork.
#![allow(
    unsafe_code,
    reason = "forks, and shares a page of memory with the fork"
)]

use std::fs::File;
use std::hash::RandomState;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;

use rustix::process::{Resource, Rlimit, Signal};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use trace::{Check, CheckNote, Diagnosis, Help, Kind, Note, Printed, Problem, SystemCall};

use super::door;
use crate::channel::fault;
use crate::channel::recorder::Recorder;

/// Whether code of the module may do more than to compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guard {
    /// It may compute, and nothing else.
    Closed,
    /// It may do what it likes: somebody trusts it.
    Open,
}

impl Guard {
    /// As the request has it.
    pub(crate) fn of(check: &Check) -> Self {
        match check.unguarded {
            true => Guard::Open,
            false => Guard::Closed,
        }
    }
}

/// What `work` found, in a process of its own, and a note of what the code printed there.
///
/// All that `work` calls has to be compiled before. It must not use a recorder, because nothing that it sends
/// arrives. What it gives back travels as JSON.
pub(crate) fn confined<T: Serialize + DeserializeOwned>(
    guard: Guard,
    recorder: &Recorder,
    work: impl FnOnce() -> Result<T, Diagnosis>,
) -> Result<(T, Option<CheckNote>), Diagnosis> {
    // The fork must not have anything to say that was said before.
    llvm_shim::flush_output();
    recorder.flush();
    let run = Run::new().map_err(|error| no_guard(error.to_string()))?;
    // SAFETY: the fork runs no code but `live`, which does not return. It uses no lock that another thread of
    // this process may hold: the sender of events has none that `work` takes, and the allocator survives forks.
    match unsafe { libc::fork() } {
        -1 => Err(no_guard(io::Error::last_os_error().to_string())),
        0 => live(run, guard, work),
        child => outcome(run, child),
    }
}

/// Whether this kernel can close the door: the error says why it cannot.
pub(crate) fn available(recorder: &Recorder) -> Result<(), Diagnosis> {
    confined(Guard::Closed, recorder, || Ok(())).map(|_| ())
}

/// What a fork and the engine have between them.
struct Run {
    /// The fork writes its answer here …
    answer: OwnedFd,
    /// … and the engine reads it there.
    incoming: OwnedFd,
    /// The code prints here …
    prints: [OwnedFd; 2],
    /// … and the engine reads it there, all of it: whoever prints into a full file takes that for an error.
    printed: [OwnedFd; 2],
    /// The number of the system call that was refused.
    refused: &'static AtomicI64,
    parent: u32,
}

/// What a fork says.
#[derive(Serialize, Deserialize)]
enum Answer<T> {
    /// The work is done.
    Done(Box<Result<T, Diagnosis>>),
    /// The door does not close.
    NoDoor(String),
}

/// No system call has this number.
const NOTHING: i64 = -1;
/// Where the fork finds its descriptors.
const ANSWER: RawFd = 3;
/// More bytes than this are not kept of what is printed.
const MOST_PRINTED: usize = 1 << 20;
/// No answer has more bytes than this.
const MOST_ANSWERED: u64 = 1 << 28;
/// The exit code of a fork that panicked.
const PANICKED: i32 = 98;

impl Run {
    fn new() -> io::Result<Self> {
        let pipe = || rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC);
        let (incoming, answer) = pipe()?;
        let (printed, prints) = pipe()?;
        let (printed_errors, prints_errors) = pipe()?;
        Ok(Run {
            answer,
            incoming,
            prints: [prints, prints_errors],
            printed: [printed, printed_errors],
            refused: shared_number()?,
            parent: std::process::id(),
        })
    }
}

/// A number that a fork shares with its parent.
fn shared_number() -> io::Result<&'static AtomicI64> {
    // SAFETY: a new page at an address of the kernel's choice.
    let page = unsafe {
        libc::mmap(
            ptr::null_mut(),
            size_of::<AtomicI64>(),
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_SHARED | libc::MAP_ANONYMOUS,
            -1,
            0,
        )
    };
    if page == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the page is aligned, holds zeros, and is never given back: there are two or three in a process
    // that ends soon.
    let number = unsafe { &*page.cast::<AtomicI64>() };
    number.store(NOTHING, Ordering::Relaxed);
    Ok(number)
}

/// The fork's life, from its first instruction to its last.
fn live<T: Serialize>(run: Run, guard: Guard, work: impl FnOnce() -> Result<T, Diagnosis>) -> ! {
    // Whoever prints a backtrace opens files.
    std::panic::set_hook(Box::new(|info| eprintln!("{info}")));
    let lived = catch_unwind(AssertUnwindSafe(|| {
        let answer = match shut(&run, guard) {
            Ok(()) => Answer::Done(Box::new(work())),
            Err(why) => Answer::NoDoor(why),
        };
        say(&answer);
    }));
    // SAFETY: ends this process. Nothing of the engine's is taken apart: it is the engine's own.
    unsafe { libc::_exit(if lived.is_ok() { 0 } else { PANICKED }) }
}

/// Gives up everything. Here the door closes: behind it runs code of the module.
fn shut(run: &Run, guard: Guard) -> Result<(), String> {
    let said = |error: rustix::io::Errno| io::Error::from(error).to_string();
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).map_err(said)?;
    // A parent that was gone by then sends nothing any more.
    let parent = rustix::process::getppid().map(|parent| parent.as_raw_nonzero().get());
    if parent != i32::try_from(run.parent).ok() {
        return Err("the engine is gone".to_owned());
    }
    let [out, errors] = &run.prints;
    rustix::stdio::dup2_stdout(out).map_err(said)?;
    rustix::stdio::dup2_stderr(errors).map_err(said)?;
    // SAFETY: from here on this process uses the standard descriptors and ANSWER only, and drops nothing that
    // owns another: it ends in `live`.
    let closed = unsafe {
        libc::dup2(run.answer.as_raw_fd(), ANSWER) == ANSWER
            && libc::close_range(ANSWER as libc::c_uint + 1, libc::c_uint::MAX, 0) == 0
    };
    if !closed {
        return Err(io::Error::last_os_error().to_string());
    }
    let cap = |value| Rlimit {
        current: Some(value),
        maximum: Some(value),
    };
    llvm_shim::settle_down(run.refused);
    // The first of a thread asks for random numbers.
    let _ = RandomState::new();
    if guard == Guard::Open {
        return Ok(());
    }
    if fault::asked(FAULT).is_some() {
        return Err("it was asked to fail".to_owned());
    }
    // Pipes have no size that this limits.
    rustix::process::setrlimit(Resource::Fsize, cap(0)).map_err(said)?;
    door::close(&[1, 2, ANSWER])
}

/// The fault under which no door closes.
const FAULT: &str = "guard";

fn say<T: Serialize>(answer: &Answer<T>) {
    let bytes = serde_json::to_vec(answer).expect("plain data");
    // SAFETY: the fork owns it, and nothing else does any more.
    let mut out = File::from(unsafe { OwnedFd::from_raw_fd(ANSWER) });
    // An engine that is gone has nobody left to tell.
    let _ = out.write_all(&bytes);
    // Closing it is not ours to ask for.
    std::mem::forget(out);
}

/// Waits for the fork's end, and says how that was.
fn outcome<T: DeserializeOwned>(
    run: Run,
    child: libc::pid_t,
) -> Result<(T, Option<CheckNote>), Diagnosis> {
    drop((run.answer, run.prints));
    let readers = run.printed.map(|printed| thread::spawn(|| drain(printed)));
    let mut bytes = Vec::new();
    let incoming = File::from(run.incoming);
    // One that goes on and on is cut off, and then it is no answer.
    let _ = incoming.take(MOST_ANSWERED).read_to_end(&mut bytes);
    let status = wait(child);
    let [(out, more), (errors, more_errors)] =
        readers.map(|reader| reader.join().unwrap_or_default());
    let printed = Printed::of(&[out, errors.clone()].concat(), more + more_errors);
    let end = End {
        status,
        refused: run.refused.load(Ordering::Relaxed),
    };
    let refused = |problem: Problem| {
        let mut diagnosis = Diagnosis::new(Kind::Guard, problem).with_help(Help::Unguarded);
        diagnosis.notes.extend(printed.clone().map(Note::Printed));
        Err(diagnosis)
    };
    if let Some(problem) = end.refusal() {
        return refused(problem);
    }
    if !end.is_orderly() {
        end.pass_on(&errors);
    }
    match serde_json::from_slice(&bytes) {
        Ok(Answer::Done(done)) => match *done {
            Ok(found) => Ok((found, printed.map(CheckNote::Printed))),
            Err(mut diagnosis) => {
                diagnosis.notes.extend(printed.map(Note::Printed));
                Err(diagnosis)
            }
        },
        Ok(Answer::NoDoor(why)) => Err(no_guard(why)),
        Err(_) => refused(Problem::NoAnswer),
    }
}

/// How a fork ended.
struct End {
    status: i32,
    refused: i64,
}

impl End {
    /// What was refused, if something was.
    fn refusal(&self) -> Option<Problem> {
        // The kernel ends a process that calls it in the way of another architecture.
        if libc::WIFSIGNALED(self.status) && libc::WTERMSIG(self.status) == libc::SIGSYS {
            return Some(Problem::Hidden);
        }
        (self.refused != NOTHING).then(|| Problem::Forbidden {
            call: system_call(self.refused),
        })
    }

    fn is_orderly(&self) -> bool {
        libc::WIFEXITED(self.status) && libc::WEXITSTATUS(self.status) == 0
    }

    /// Ends this process like the fork, with its last words: the front tells what they mean.
    fn pass_on(&self, last_words: &[u8]) {
        let _ = io::stderr().write_all(last_words);
        if libc::WIFSIGNALED(self.status) {
            let signal = libc::WTERMSIG(self.status);
            // SAFETY: neither touches memory of ours.
            unsafe {
                libc::signal(signal, libc::SIG_DFL);
                libc::raise(signal);
            }
        }
        if libc::WIFEXITED(self.status) && libc::WEXITSTATUS(self.status) == PANICKED {
            std::process::abort();
        }
        // Code of the module may end the process as it likes, and then there is no answer.
    }
}

fn system_call(number: i64) -> SystemCall {
    let known = usize::try_from(number).ok().and_then(syscalls::Sysno::new);
    SystemCall {
        number,
        name: known.map(|known| known.name().to_owned()),
    }
}

fn wait(child: libc::pid_t) -> i32 {
    let mut status = 0;
    loop {
        // SAFETY: the status is ours.
        let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
        if waited == child {
            return status;
        }
        // Nobody else waits for it, so that only a signal can come between.
        if io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
            return status;
        }
    }
}

/// Reads a pipe to its end: what is kept of it, and how many lines came after that.
fn drain(from: OwnedFd) -> (Vec<u8>, u64) {
    let mut from = File::from(from);
    let (mut kept, mut more) = (Vec::new(), 0);
    let mut piece = [0; 1 << 16];
    loop {
        let read = match from.read(&mut piece) {
            Ok(0) => return (kept, more),
            Ok(read) => &piece[..read],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return (kept, more),
        };
        let (keep, rest) = read.split_at(read.len().min(MOST_PRINTED - kept.len()));
        kept.extend_from_slice(keep);
        more += rest.iter().filter(|byte| **byte == b'\n').count() as u64;
    }
}

fn no_guard(why: String) -> Diagnosis {
    Diagnosis::new(Kind::Guard, Problem::NoGuard { why }).with_help(Help::Unguarded)
}
