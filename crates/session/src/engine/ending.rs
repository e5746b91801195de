//! How an engine ended that did not come to its end.

use std::fmt;
use std::process::ExitStatus;

use trace::{Limits, Request, llvm};

use super::channel::Listened;

/// An engine that ended before it had said its last word.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Why, as far as can be told.
    pub cause: EndCause,
    /// The stage that it had begun last.
    pub stage: String,
    /// What it was allowed.
    pub limits: Limits,
    /// The pass that it was in, and on what, where that is known.
    pub place: Option<String>,
    /// The line of its standard error that says most.
    pub last_words: Option<String>,
    /// What was wrong with the stream of its events.
    pub damage: Option<String>,
    /// The symbol of the derivative, if that was there before.
    pub derivative: Option<String>,
    /// True when the memory that irad itself may use is less than what the engine was allowed.
    pub is_outer_limit: bool,
}

/// Why an engine ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndCause {
    /// Its time was up.
    TimedOut,
    /// Nobody wants its answer any more.
    Stopped,
    /// It printed more than anybody reads.
    PrintedTooMuch,
    /// It ran out of memory.
    OutOfMemory,
    /// It ran out of stack.
    OutOfStack,
    /// Anything else.
    Crashed(Option<ExitStatus>),
}

impl EndCause {
    /// A word for programs.
    pub fn word(self) -> &'static str {
        match self {
            EndCause::TimedOut => "timeout",
            EndCause::Stopped => "stopped",
            EndCause::PrintedTooMuch => "noise",
            EndCause::OutOfMemory => "memory",
            EndCause::OutOfStack => "stack",
            EndCause::Crashed(_) => "crash",
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Limits {
            seconds,
            memory_mib,
        } = self.limits;
        match self.cause {
            EndCause::TimedOut => write!(f, "the engine was stopped after {seconds} seconds")?,
            EndCause::Stopped => f.write_str("the engine was stopped")?,
            EndCause::PrintedTooMuch => {
                f.write_str("the engine was stopped because it printed without end")?;
            }
            EndCause::OutOfMemory => {
                write!(f, "the engine ran out of memory ({memory_mib} MiB)")?;
            }
            EndCause::OutOfStack => {
                let stage = &self.stage;
                return write!(
                    f,
                    "the engine ran out of stack, in stage {stage}: it recursed too deeply"
                );
            }
            EndCause::Crashed(status) => {
                let stage = &self.stage;
                return write!(f, "the engine crashed in stage {stage}{}", manner(status));
            }
        }
        write!(f, ", in stage {}", self.stage)
    }
}

/// What LLVM, C++, Rust and the system's loader say where there is no memory left.
const OUT_OF_MEMORY: [&str; 4] = [
    llvm::OUT_OF_MEMORY,
    "bad_alloc",
    "memory allocation of",
    "failed to map segment from shared object",
];

/// Tells the cause from what the engine left behind.
pub(super) fn ended(
    request: &Request,
    stage: String,
    listened: Listened,
    status: Option<ExitStatus>,
    stderr: &[u8],
    derivative: Option<String>,
) -> Ended {
    let words = tail(stderr);
    let is_said = |signs: &[&str]| signs.iter().any(|sign| words.contains(sign));
    let cause = match listened {
        Listened::TimedOut => EndCause::TimedOut,
        Listened::Stopped => EndCause::Stopped,
        Listened::PrintedTooMuch => EndCause::PrintedTooMuch,
        _ if is_said(&OUT_OF_MEMORY) => EndCause::OutOfMemory,
        _ if is_said(&["stack overflow"]) => EndCause::OutOfStack,
        _ => EndCause::Crashed(status),
    };
    let is_outer_limit = allowed_here().is_some_and(|mib| mib < request.limits.memory_mib);
    let mut limits = request.limits;
    if is_outer_limit {
        limits.memory_mib = allowed_here().unwrap_or(limits.memory_mib);
    }
    let place = words
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("irad-engine: in "))
        .filter(|place| *place != stage)
        .map(str::to_owned);
    Ended {
        cause,
        limits,
        is_outer_limit,
        place,
        last_words: last_words(&words),
        damage: match listened {
            Listened::Damaged(error) => Some(error.to_string()),
            _ => None,
        },
        derivative,
        stage,
    }
}

/// How much memory the shell or the container lets this process have, in MiB.
fn allowed_here() -> Option<u64> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max address space"))?;
    let bytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(bytes >> 20)
}

/// How much of an engine's standard error is looked at: its end.
const TAIL: usize = 64 * 1024;

fn tail(stderr: &[u8]) -> String {
    let from = stderr.len().saturating_sub(TAIL);
    String::from_utf8_lossy(&stderr[from..]).into_owned()
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
fn last_words(words: &str) -> Option<String> {
    let telling = |line: &&str| {
        line.contains("Assertion")
            || line.contains(llvm::FATAL_ERROR)
            || line.contains("UNREACHABLE")
    };
    let ours = |line: &&str| {
        !line.trim().is_empty()
            && !line.starts_with("irad-engine: in ")
            && !line.starts_with(llvm::PLEASE_REPORT)
            && !line.starts_with(llvm::STACK_DUMP)
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
