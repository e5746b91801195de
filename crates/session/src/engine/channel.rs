//! Frames from an engine: read in a thread of their own, and added up to a trace.

use std::io::{self, BufReader, Read};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use trace::{Collector, Event, Greeting, Trace, WireError};

/// The engine's end of a socket. One that ends before it has read everything resets the connection, which
/// is an end like any other.
pub struct Incoming(pub UnixStream);

impl Read for Incoming {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Ok(0),
            read => read,
        }
    }
}

/// A frame, or what is wrong with the stream.
pub type Heard = Result<Frame, WireError>;

/// What a frame holds.
pub enum Frame {
    /// The first: who is there.
    Greeting(Box<Greeting>),
    /// An event.
    Event(Box<Event>),
    /// A module.
    Module(Vec<u8>),
}

/// How listening came to its end.
#[derive(Debug)]
pub enum Listened {
    /// The stream ended, or the last word was said.
    Ended,
    /// The stream ended before it had begun.
    Silent,
    /// The engine does not belong to this program.
    Stranger(Box<Greeting>),
    /// Time was up.
    TimedOut,
    /// Nobody wants the answer any more.
    Stopped,
    /// More was printed than anybody reads.
    PrintedTooMuch,
    /// The stream is damaged.
    Damaged(WireError),
}

impl Listened {
    /// True when the engine would go on if it were let.
    pub fn has_to_stop(&self) -> bool {
        matches!(
            self,
            Listened::TimedOut
                | Listened::Stopped
                | Listened::PrintedTooMuch
                | Listened::Stranger(_)
        )
    }
}

/// Reads events until the stream ends, and hands on at once what came at once: to wake the other
/// side for each of thousands costs more than they are worth.
pub fn read_events(incoming: impl Read, sender: &mpsc::Sender<Vec<Heard>>) {
    let mut incoming = BufReader::with_capacity(1 << 18, incoming);
    let mut batch = Vec::new();
    match trace::read_json(&mut incoming) {
        Ok(None) => return,
        Ok(Some(greeting)) => {
            let _ = sender.send(vec![Ok(Frame::Greeting(Box::new(greeting)))]);
        }
        Err(error) => {
            let _ = sender.send(vec![Err(error)]);
            return;
        }
    }
    loop {
        let heard = match trace::read_event(&mut incoming) {
            Ok(None) => break,
            Ok(Some(Event::Module)) => match trace::read_frame(&mut incoming) {
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
        if incoming.buffer().is_empty() && sender.send(std::mem::take(&mut batch)).is_err() {
            return;
        }
    }
    let _ = sender.send(batch);
}

/// How often an engine is looked after that says nothing.
const GLANCE: Duration = Duration::from_millis(50);

/// Takes events in until the stream ends, the last word is said, or the engine has to be stopped. Once all of the
/// derivative is told, what is left is `then_check`.
pub fn listen(
    receiver: &mpsc::Receiver<Vec<Heard>>,
    ours: &Greeting,
    mut deadline: Instant,
    mut then_check: Option<Duration>,
    collector: &mut Collector,
    module: &mut Option<Vec<u8>>,
    meanwhile: &mut dyn FnMut(&Trace),
    has_printed_too_much: &dyn Fn() -> bool,
    stop: &AtomicBool,
) -> Listened {
    let mut has_greeted = false;
    while !collector.is_complete() {
        if stop.load(Ordering::Relaxed) {
            return Listened::Stopped;
        }
        let left = deadline.saturating_duration_since(Instant::now());
        let batch = match receiver.recv_timeout(left.min(GLANCE)) {
            Ok(batch) => batch,
            Err(RecvTimeoutError::Timeout) if left <= GLANCE => return Listened::TimedOut,
            Err(RecvTimeoutError::Timeout) if has_printed_too_much() => {
                return Listened::PrintedTooMuch;
            }
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) if !has_greeted => return Listened::Silent,
            Err(RecvTimeoutError::Disconnected) => return Listened::Ended,
        };
        for heard in batch {
            match heard {
                Ok(Frame::Greeting(theirs)) if !ours.fits(&theirs) => {
                    return Listened::Stranger(theirs);
                }
                Ok(Frame::Greeting(_)) => has_greeted = true,
                Ok(Frame::Event(event)) => collector.take(*event),
                Ok(Frame::Module(bytes)) => *module = Some(bytes),
                Err(error) => return Listened::Damaged(error),
            }
        }
        meanwhile(collector.so_far());
        if collector.so_far().is_derived
            && let Some(patience) = then_check.take()
        {
            deadline = Instant::now() + patience;
        }
    }
    Listened::Ended
}
