//! Faults that the engine commits when it is told to, so that tests see what becomes of them.

use std::env;
use std::io::Write;

/// Names the fault and the stage to commit it in: `segfault@cleanup`.
const VARIABLE: &str = "IRAD_ENGINE_FAULT";

/// The fault that is asked for in this stage.
pub(crate) fn asked(stage: &str) -> Option<String> {
    let asked = env::var(VARIABLE).ok()?;
    let (fault, wanted) = asked.split_once('@').unwrap_or((&asked, "enzyme"));
    (wanted == stage).then(|| fault.to_owned())
}

/// Commits it. Some faults are of the stream of events, which is `out`.
pub(crate) fn commit(fault: &str, out: &mut dyn Write) {
    match fault {
        // A frame of a thousand bytes, and only some of them.
        "half" => {
            let _ = out.write_all(&1000_u32.to_le_bytes());
            let _ = out.write_all(b"{\"text\":");
            let _ = out.flush();
            std::process::exit(0);
        }
        "silence" => std::process::exit(0),
        "panic" => panic!("asked to"),
        _ => {}
    }
}
