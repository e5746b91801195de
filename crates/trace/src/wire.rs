//! Frames: a length of four bytes, little-endian, then that many bytes.

use std::io::{self, Read, Write};
use std::string::FromUtf8Error;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::event::Event;
use crate::text::Text;

/// The longest frame that is believed. A longer one means that the stream is damaged.
pub const MAX_FRAME: usize = 1 << 31;

/// Why a frame could not be read.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The other side ended in the middle of a frame, or the pipe broke.
    #[error("the stream ended in the middle of a frame")]
    Cut(#[source] io::Error),
    /// The length is not believable.
    #[error("a frame claims {0} bytes")]
    TooLong(usize),
    /// The bytes are not the expected JSON.
    #[error("a frame does not hold the expected JSON")]
    Json(#[from] serde_json::Error),
    /// The bytes are no text.
    #[error("a frame does not hold the expected text")]
    Text(#[source] FromUtf8Error),
}

/// Writes `bytes` as one frame.
pub fn write_frame(out: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len())
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "frame over 4 GiB"))?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(bytes)
}

/// Reads one frame; `None` when the stream ends between two frames.
pub fn read_frame(input: &mut impl Read) -> Result<Option<Vec<u8>>, WireError> {
    let mut length = [0; 4];
    match input.read(&mut length[..1]) {
        Ok(0) => return Ok(None),
        Ok(_) => {}
        Err(error) => return Err(WireError::Cut(error)),
    }
    input.read_exact(&mut length[1..]).map_err(WireError::Cut)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > MAX_FRAME {
        return Err(WireError::TooLong(length));
    }
    // Grow with what really arrives: a damaged length must not allocate gigabytes.
    let mut bytes = Vec::with_capacity(length.min(1 << 20));
    let read = input
        .take(length as u64)
        .read_to_end(&mut bytes)
        .map_err(WireError::Cut)?;
    if read < length {
        return Err(WireError::Cut(io::ErrorKind::UnexpectedEof.into()));
    }
    Ok(Some(bytes))
}

/// Writes `value` as JSON in one frame.
pub fn write_json(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    write_frame(out, &serde_json::to_vec(value)?)
}

/// Reads one frame of JSON; `None` when the stream ends between two frames.
pub fn read_json<T: DeserializeOwned>(input: &mut impl Read) -> Result<Option<T>, WireError> {
    match read_frame(input)? {
        Some(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        None => Ok(None),
    }
}

/// Writes an event. A text's body, which may be megabytes long, goes as it is in a frame of its own.
pub fn write_event(out: &mut impl Write, event: Event) -> io::Result<()> {
    match event {
        Event::Text(Text { body, metadata }) => {
            let head = Event::Text(Text {
                body: String::new(),
                metadata,
            });
            write_json(out, &head)?;
            write_frame(out, body.as_bytes())
        }
        event => write_json(out, &event),
    }
}

/// Reads an event; `None` when the stream ends between two.
pub fn read_event(input: &mut impl Read) -> Result<Option<Event>, WireError> {
    let mut event = read_json(input)?;
    if let Some(Event::Text(text)) = &mut event {
        let cut = || WireError::Cut(io::ErrorKind::UnexpectedEof.into());
        let body = read_frame(input)?.ok_or_else(cut)?;
        text.body = String::from_utf8(body).map_err(WireError::Text)?;
    }
    Ok(event)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_texts_body_comes_back_and_its_end_is_missed() {
        let text = Text {
            body: "define void @f()\n".to_owned(),
            metadata: vec![3, 1],
        };
        let mut bytes = Vec::new();
        write_event(&mut bytes, Event::Text(text.clone())).unwrap();
        write_event(&mut bytes, Event::Done).unwrap();
        let mut input = bytes.as_slice();
        let read = read_event(&mut input).unwrap().unwrap();
        assert!(matches!(read, Event::Text(read) if read == text));
        assert!(matches!(read_event(&mut input).unwrap(), Some(Event::Done)));
        assert!(read_event(&mut input).unwrap().is_none());
        let half = &bytes[..bytes.len() / 2];
        let error = read_event(&mut &half[..]).unwrap_err();
        assert!(matches!(error, WireError::Cut(_)));
    }

    #[test]
    fn frames_come_back_and_the_end_is_seen() {
        let mut bytes = Vec::new();
        write_json(&mut bytes, &"first").unwrap();
        write_frame(&mut bytes, b"second").unwrap();
        let mut input = bytes.as_slice();
        assert_eq!(read_json::<String>(&mut input).unwrap().unwrap(), "first");
        assert_eq!(read_frame(&mut input).unwrap().unwrap(), b"second");
        assert!(read_frame(&mut input).unwrap().is_none());
    }

    #[test]
    fn a_frame_cut_anywhere_is_an_error() {
        let mut bytes = Vec::new();
        write_frame(&mut bytes, b"something").unwrap();
        for end in 1..bytes.len() {
            let error = read_frame(&mut &bytes[..end]).unwrap_err();
            assert!(matches!(error, WireError::Cut(_)), "cut at {end}: {error}");
        }
    }

    #[test]
    fn an_unbelievable_length_is_refused_without_allocating_it() {
        let error = read_frame(&mut &[0xff, 0xff, 0xff, 0xff, 0][..]).unwrap_err();
        assert!(matches!(error, WireError::TooLong(_)));
    }
}
