//! Some functions out of bitcode, without reading the rest of it.

use std::path::Path;
use std::sync::OnceLock;
use std::thread;

use inkwell::context::Context;
use ir_load::{Bitcode, GlobalKind, Source, Uses};
use trace::{Diagnosis, Kind};

use crate::ir::load::parse_error;

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
    let reading = OnceLock::new();
    let begun = || reading.get_or_init(|| Uses::begin(bytes)).as_ref();
    thread::scope(|scope| {
        // Who uses what is found out while LLVM reads the rest. A thread that cannot be had is done
        // without.
        let mut helpers: Vec<_> = (0..helpers())
            .filter_map(|_| {
                let help = || {
                    if let Some(uses) = begun() {
                        uses.help();
                    }
                };
                thread::Builder::new().spawn_scoped(scope, help).ok()
            })
            .collect();
        let mut found = None;
        let mut users = |wanted: &[(bool, usize)]| {
            let found = found.get_or_insert_with(|| {
                // LLVM waits for this, and so its thread takes its share.
                let uses = begun()?;
                uses.help();
                for helper in helpers.drain(..) {
                    helper.join().expect("reading does not panic");
                }
                uses.end()
            });
            let kind = |is_function| match is_function {
                true => GlobalKind::Function,
                false => GlobalKind::Variable,
            };
            let wanted: Vec<_> = wanted.iter().map(|&(is, at)| (kind(is), at)).collect();
            found.as_ref().map(|found: &Bitcode| found.users(&wanted))
        };
        let text = llvm_shim::extract(context, bytes, source, functions, &mut users);
        // What nobody asked about need not be read to its end.
        if let Some(Some(uses)) = reading.get() {
            uses.stop();
        }
        text.map_err(|message| parse_error(&message, source, bytes))
    })
}

/// How many threads read beside LLVM's.
fn helpers() -> usize {
    const MOST: usize = 4;
    thread::available_parallelism().map_or(1, |count| (count.get() - 1).clamp(1, MOST))
}
