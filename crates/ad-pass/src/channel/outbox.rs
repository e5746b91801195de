//! Sends what is written to it from a thread of its own, a few milliseconds later.
//!
//! A run of passes writes thousands of small events, and to hand each to the system costs more than
//! the pass it is about. What was written is on its way soon whatever the writer does then: it may
//! loop for ever, and a crash waits for it (see `irad_report_crashes`).

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How long bytes wait at most; half of what a crash waits for.
const PAUSE: Duration = Duration::from_millis(4);
/// Past this many bytes the writer waits for them to be gone, so that they do not fill memory.
const FULL: usize = 16 << 20;

/// A writer that returns at once.
pub(crate) struct Outbox<W> {
    queue: Arc<Queue<W>>,
}

struct Queue<W> {
    /// Locked before `waiting` is taken from, so that bytes leave in the order in which they came.
    out: Mutex<W>,
    waiting: Mutex<Vec<u8>>,
}

impl<W: Write + Send + 'static> Outbox<W> {
    /// Sends to `out`. Without a thread to be had, everything waits for [`Write::flush`].
    pub(crate) fn new(out: W) -> Self {
        let queue = Arc::new(Queue {
            out: Mutex::new(out),
            waiting: Mutex::new(Vec::new()),
        });
        let sender = Arc::downgrade(&queue);
        let _ = thread::Builder::new().stack_size(64 << 10).spawn(move || {
            while let Some(queue) = sender.upgrade() {
                // A reader that is gone has nobody left to tell.
                if queue.send().is_err() {
                    return;
                }
                drop(queue);
                thread::sleep(PAUSE);
            }
        });
        Outbox { queue }
    }
}

impl<W: Write> Queue<W> {
    fn send(&self) -> io::Result<()> {
        let mut out = lock(&self.out);
        let bytes = mem::take(&mut *lock(&self.waiting));
        if bytes.is_empty() {
            return Ok(());
        }
        out.write_all(&bytes)?;
        out.flush()
    }
}

impl<W: Write> Write for Outbox<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let waiting = {
            let mut waiting = lock(&self.queue.waiting);
            waiting.extend_from_slice(bytes);
            waiting.len()
        };
        if waiting > FULL {
            self.queue.send()?;
        }
        Ok(bytes.len())
    }

    /// Returns when everything is with the system.
    fn flush(&mut self) -> io::Result<()> {
        self.queue.send()
    }
}

/// Nobody panics while holding one of these.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    struct Channel(mpsc::Sender<Vec<u8>>);

    impl Write for Channel {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(bytes.to_vec()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn bytes_leave_by_themselves_and_in_order() {
        let (sender, receiver) = mpsc::channel();
        let mut outbox = Outbox::new(Channel(sender));
        outbox.write_all(b"first ").unwrap();
        let mut got = receiver.recv_timeout(Duration::from_secs(5)).unwrap();
        outbox.write_all(b"second ").unwrap();
        outbox.write_all(b"third").unwrap();
        outbox.flush().unwrap();
        drop(outbox);
        got.extend(receiver.iter().flatten());
        assert_eq!(got, b"first second third");
    }
}
