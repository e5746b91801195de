//! Traces in files.

use serde::Deserialize;
use serde_json::Value;

use crate::trace::{TRACE_VERSION, Trace};
use crate::upgrade::from_version_1;

/// Why a saved trace could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    /// A newer irad wrote it.
    #[error("the trace has version {found}, but this irad reads up to version {TRACE_VERSION}")]
    Newer {
        /// Its version.
        found: u32,
    },
    /// It is not whole, or was changed by hand.
    #[error("the trace is damaged: {0}")]
    Damaged(#[source] serde_json::Error),
    /// It refers to a text that it does not hold.
    #[error("the trace is damaged: it refers to text {0}, which it does not hold")]
    MissingText(usize),
    /// One of its texts refers to a metadata definition that it does not hold.
    #[error("the trace is damaged: it refers to definition {0}, which it does not hold")]
    MissingDefinition(u32),
}

impl Trace {
    /// The trace as JSON, as `--save` writes it.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a trace is plain data")
    }

    /// Reads what [`Trace::to_json`] wrote.
    pub fn from_json(bytes: &[u8]) -> Result<Self, SavedError> {
        #[derive(Deserialize)]
        struct Version {
            irad_trace: u32,
        }
        // The version comes first: a newer format may hold anything.
        let version: Version = serde_json::from_slice(bytes).map_err(SavedError::Damaged)?;
        if version.irad_trace > TRACE_VERSION {
            return Err(SavedError::Newer {
                found: version.irad_trace,
            });
        }
        let mut trace: Trace = match version.irad_trace {
            0 | 1 => {
                let mut older: Value =
                    serde_json::from_slice(bytes).map_err(SavedError::Damaged)?;
                from_version_1(&mut older);
                serde_json::from_value(older)
            }
            _ => serde_json::from_slice(bytes),
        }
        .map_err(SavedError::Damaged)?;
        trace.irad_trace = TRACE_VERSION;
        let referred = trace.points.iter().map(|point| point.text).chain(
            trace
                .steps
                .iter()
                .flat_map(|step| step.changed.iter().map(|c| c.text)),
        );
        let referred = referred.chain(trace.roles.iter().map(|roles| roles.text));
        for id in referred {
            if id >= trace.texts.len() {
                return Err(SavedError::MissingText(id));
            }
        }
        for text in &trace.texts {
            if let Some(&id) = text
                .metadata
                .iter()
                .find(|&&id| id as usize >= trace.definitions.len())
            {
                return Err(SavedError::MissingDefinition(id));
            }
        }
        Ok(trace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::Collector;
    use crate::event::Event;
    use crate::point::Point;
    use crate::request::{Limits, Request, Task};
    use crate::text::{PointText, Text};

    fn trace() -> Trace {
        let mut collector = Collector::new(Request {
            source: "a.ll".to_owned(),
            task: Task::Disassemble,
            llvm_options: Vec::new(),
            limits: Limits::default(),
        });
        collector.take(Event::Text(Text {
            body: "define void @f() {\n}\n".to_owned(),
            metadata: Vec::new(),
        }));
        collector.take(Event::Point(PointText {
            point: Point::Input,
            function: "f".to_owned(),
            text: 0,
        }));
        collector.finish()
    }

    #[test]
    fn a_trace_comes_back() {
        assert_eq!(Trace::from_json(&trace().to_json()).unwrap(), trace());
    }

    #[test]
    fn an_older_trace_is_read_as_one_of_this_version() {
        let json = String::from_utf8(trace().to_json()).unwrap();
        let older = json.replacen("\"irad_trace\":2", "\"irad_trace\":1", 1);
        assert_eq!(Trace::from_json(older.as_bytes()).unwrap(), trace());
    }

    #[test]
    fn newer_damaged_and_dangling_traces_are_refused() {
        let json = String::from_utf8(trace().to_json()).unwrap();
        let newer = json.replacen("\"irad_trace\":2", "\"irad_trace\":3", 1);
        assert!(matches!(
            Trace::from_json(newer.as_bytes()),
            Err(SavedError::Newer { found: 3 })
        ));
        for end in 0..json.len() {
            assert!(matches!(
                Trace::from_json(&json.as_bytes()[..end]),
                Err(SavedError::Damaged(_))
            ));
        }
        let mut dangling = trace();
        dangling.texts.clear();
        assert!(matches!(
            Trace::from_json(&dangling.to_json()),
            Err(SavedError::MissingText(0))
        ));
    }
}
