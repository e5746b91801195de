//! The line between a stage and its notes: a socket beside nobody's files, of which either end may go.

use std::collections::hash_map::DefaultHasher;
use std::env;
use std::fs::{self, Permissions};
use std::hash::{Hash, Hasher};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Where a stage is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The screen, from 0.
    pub at: usize,
    /// How far on it.
    pub part: usize,
    /// Nothing is shown.
    pub is_blank: bool,
}

impl Place {
    fn line(self) -> String {
        format!("{} {} {}\n", self.at, self.part, u8::from(self.is_blank))
    }

    fn read(line: &str) -> Option<Self> {
        let mut numbers = line.split_whitespace().map(str::parse::<usize>);
        let mut next = || numbers.next()?.ok();
        Some(Place {
            at: next()?,
            part: next()?,
            is_blank: next()? != 0,
        })
    }
}

/// Where the socket of a talk is.
fn path_of(talk: &Path) -> PathBuf {
    let talk = fs::canonicalize(talk).unwrap_or_else(|_| talk.to_owned());
    let mut hasher = DefaultHasher::new();
    talk.hash(&mut hasher);
    let name = format!("irad-talk-{:016x}.sock", hasher.finish());
    env::var_os("XDG_RUNTIME_DIR")
        .map_or_else(env::temp_dir, PathBuf::from)
        .join(name)
}

/// The stage's end.
pub struct Speaker {
    listeners: Arc<Mutex<Vec<UnixStream>>>,
    last: Arc<Mutex<Place>>,
    path: PathBuf,
}

impl Speaker {
    /// Opens it. Notes may come at any time.
    pub fn open(talk: &Path) -> io::Result<Self> {
        let path = path_of(talk);
        // One that was left behind is in the way; one that is at work loses its notes to this one.
        let _ = fs::remove_file(&path);
        let socket = UnixListener::bind(&path)?;
        fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        let speaker = Speaker {
            listeners: Arc::default(),
            last: Arc::default(),
            path,
        };
        let (listeners, last) = (Arc::clone(&speaker.listeners), Arc::clone(&speaker.last));
        thread::spawn(move || {
            for stream in socket.incoming() {
                let Ok(mut stream) = stream else { return };
                let place = *last.lock().unwrap_or_else(PoisonError::into_inner);
                // One that does not read must not hold the stage up.
                let is_there = stream.set_nonblocking(true).is_ok()
                    && stream.write_all(place.line().as_bytes()).is_ok();
                if is_there {
                    listeners
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(stream);
                }
            }
        });
        Ok(speaker)
    }

    /// Tells where the stage is. Who is gone is forgotten.
    pub fn tell(&self, place: Place) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = place;
        let line = place.line();
        let mut listeners = self
            .listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        listeners.retain_mut(|stream| stream.write_all(line.as_bytes()).is_ok());
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// The notes' end: hears where the stage is, until that goes. An error where there is no stage.
pub fn listen(talk: &Path, heard: &mut dyn FnMut(Place) -> bool) -> io::Result<()> {
    let stream = UnixStream::connect(path_of(talk))?;
    for line in BufReader::new(stream).lines() {
        if let Some(place) = Place::read(&line?)
            && !heard(place)
        {
            return Ok(());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::time::Duration;

    #[test]
    fn either_end_may_go() {
        let folder = env::temp_dir().join(format!("irad-line-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let talk = folder.join("TALK.toml");
        fs::write(&talk, "").unwrap();
        assert!(listen(&talk, &mut |_| true).is_err());
        let speaker = Speaker::open(&talk).unwrap();
        speaker.tell(Place {
            at: 3,
            part: 1,
            is_blank: false,
        });
        let (sender, receiver) = mpsc::channel();
        let own = talk.clone();
        let notes = thread::spawn(move || listen(&own, &mut |place| sender.send(place).is_ok()));
        let wait = Duration::from_secs(20);
        assert_eq!(
            receiver.recv_timeout(wait).unwrap(),
            Place {
                at: 3,
                part: 1,
                is_blank: false
            }
        );
        // The line is there once the first word was heard; the next one may come before the stage knows of it.
        let place = Place {
            at: 4,
            part: 0,
            is_blank: true,
        };
        while receiver.try_recv() != Ok(place) {
            speaker.tell(place);
            thread::sleep(Duration::from_millis(5));
        }
        drop(receiver);
        // Nobody listens any more, and the stage goes on.
        for at in 0..100 {
            speaker.tell(Place { at, ..place });
        }
        drop(speaker);
        assert!(notes.join().unwrap().is_ok());
        assert!(listen(&talk, &mut |_| true).is_err());
        fs::remove_dir_all(&folder).unwrap();
    }
}
