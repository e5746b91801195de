//! Some functions out of bitcode, without reading the rest of it.

use std::path::Path;
use std::thread;

use inkwell::context::Context;
use ir_load::{Bitcode, GlobalKind, Source};
use trace::{Diagnosis, Kind};

use crate::module::parse_error;

/// The bytes of a file, which stay as long as the process does.
pub(crate) fn read(path: &Path) -> Result<&'static [u8], Diagnosis> {
    let source = Source::read(path).and_then(|source| source.into_module(1));
    match source {
        Ok((bytes, _)) => Ok(bytes),
        Err(error) => Err(Diagnosis::new(Kind::Parse, error.to_string())),
    }
}

/// The text of what `functions` reach, and of what uses something local of that.
pub(crate) fn extract(
    context: &Context,
    bytes: &[u8],
    source: &str,
    functions: &[String],
) -> Result<Vec<u8>, Diagnosis> {
    thread::scope(|scope| {
        // Who uses what is found out while LLVM reads the rest.
        let mut reading = Some(scope.spawn(|| Bitcode::uses(bytes)));
        let mut uses = None;
        let mut users = |wanted: &[(bool, usize)]| {
            if let Some(reading) = reading.take() {
                uses = reading.join().expect("reading does not panic");
            }
            let kind = |is_function| match is_function {
                true => GlobalKind::Function,
                false => GlobalKind::Variable,
            };
            let wanted: Vec<_> = wanted.iter().map(|&(is, at)| (kind(is), at)).collect();
            uses.as_ref().map(|uses: &Bitcode| uses.users(&wanted))
        };
        pass_watch::extract(context, bytes, source, functions, &mut users)
            .map_err(|message| parse_error(&message, source, bytes))
    })
}
