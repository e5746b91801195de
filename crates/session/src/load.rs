//! From a path to the module that it holds, or to a run that was saved.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use ir_load::{
    Bitcode, GlobalKind, Index, LoadError, NameError, Origin, Source, SourceKind, llvm_major,
    producer, resolve,
};
use trace::{Limits, Trace};

use crate::engine;
use crate::error::Error;
use crate::instrumented::{bitcode_instrumented_by, instrumented_by};
use crate::module::{LARGE_BITCODE, Module};
use crate::oddity::Oddity;
use crate::requests;
use crate::sources;

/// What a file turned out to be.
pub enum Input {
    /// IR to work on.
    Module(Box<Module>),
    /// A run that was saved, with its file's name.
    Trace(Box<Trace>, String),
}

/// Reads a file that may be a saved trace. IR is picked from as in [`load`].
pub fn load_any(
    path: &Path,
    wanted: Option<usize>,
    function: Option<&str>,
    limits: Limits,
) -> Result<Input, Error> {
    let (source, made_of) = sources::read(path)?;
    if source.kind != SourceKind::Trace {
        let mut module = module(source, path, wanted, function, limits)?;
        module.was_made_of(made_of);
        return Ok(Input::Module(Box::new(module)));
    }
    let trace = Trace::from_json(source.bytes()).map_err(|error| Error::SavedTrace {
        origin: source.origin.to_string(),
        error: Arc::new(error),
    })?;
    Ok(Input::Trace(Box::new(trace), short(&source, path)))
}

/// Reads a file and picks one module of it: number `wanted`, else the first that defines
/// `function`, else the first.
pub fn load(
    path: &Path,
    wanted: Option<usize>,
    function: Option<&str>,
    limits: Limits,
) -> Result<Module, Error> {
    let (source, made_of) = sources::read(path)?;
    if source.kind == SourceKind::Trace {
        return Err(Error::NeedsIr {
            origin: source.origin.to_string(),
        });
    }
    let mut module = module(source, path, wanted, function, limits)?;
    module.was_made_of(made_of);
    Ok(module)
}

/// Reads a file and takes the last of its modules.
pub fn last(path: &Path, limits: Limits) -> Result<Module, Error> {
    let (source, _) = sources::read(path)?;
    let count = source.module_count();
    module(source, path, Some(count), None, limits)
}

fn short(source: &Source, path: &Path) -> String {
    path.file_name().map_or_else(
        || source.origin.to_string(),
        |name| match name.to_string_lossy() {
            name if name == "-" => source.origin.to_string(),
            name => name.into_owned(),
        },
    )
}

fn module(
    source: Source,
    path: &Path,
    wanted: Option<usize>,
    function: Option<&str>,
    limits: Limits,
) -> Result<Module, Error> {
    let number = match wanted {
        Some(number) => number,
        None => pick(&source, function)?,
    };
    let (is_text, count) = (source.kind != SourceKind::Bitcode, source.module_count());
    let (origin, short) = (source.origin.to_string(), short(&source, path));
    let file = match &source.origin {
        // What is no plain file can be read once only.
        Origin::File(path) if source.is_whole() && path.is_file() => Some(path.clone()),
        _ => None,
    };
    // Text names its rustc at most. What reads it is found out by trying.
    let llvm = producer(source.bytes()).and_then(|name| llvm_major(&name));
    if !is_text {
        engine::warm_up(source.bytes().len() >= LARGE_BITCODE);
    }
    let (bytes, index) = source.into_module(number)?;
    let mut module = Module::new(origin, short, bytes);
    module.needs = engine::Needs::new(llvm);
    module.index = index.map_or_else(OnceLock::new, OnceLock::from);
    module.file = file;
    if wanted.is_none() && function.is_none() && count > 1 {
        module.oddities.push(Oddity::SeveralModules { count });
    }
    module.limits = limits;
    if !is_text {
        module.text = OnceLock::new();
        if let Some(flag) = bitcode_instrumented_by(module.bytes) {
            module.oddities.push(Oddity::Instrumented { flag });
        }
        module.names = function.and_then(|_| names(module.bytes));
        // Functions are found by their names alone; everything else needs the text.
        if module.names.is_some() {
            return Ok(module);
        }
        module.need_text()?;
    }
    if is_text
        && module.index().cut_off().is_none()
        && let Some(text) = requests::spelled_out(module.index())
    {
        let text: &'static [u8] = text.leak();
        module.bytes = text;
        module.text = OnceLock::from(text);
        module.index = OnceLock::new();
        module.file = None;
    }
    let index = module.index();
    let (is_empty, has_typed_pointers) = (index.is_empty(), index.has_typed_pointers());
    let cut_off = index.cut_off();
    // LLVM tells of everything else that is missing.
    let lost = if is_text && cut_off.is_none() {
        index.lost_attributes()
    } else {
        None
    };
    if is_text && is_empty {
        // It may be IR in a form that only LLVM knows, or no IR at all; either way LLVM's word is
        // better than ours.
        module.disassembled()?;
    }
    if is_text && let Some(flag) = instrumented_by(module.text()) {
        module.oddities.push(Oddity::Instrumented { flag });
    }
    if has_typed_pointers {
        module.oddities.push(Oddity::TypedPointers);
    }
    if let Some((name, line)) = cut_off {
        module.oddities.push(Oddity::CutOff { name, line });
    }
    if let Some(lost) = lost {
        module.oddities.push(Oddity::LacksAttributes(lost));
    }
    Ok(module)
}

fn pick(source: &Source, function: Option<&str>) -> Result<usize, LoadError> {
    let Some(function) = function.filter(|_| source.module_count() > 1) else {
        return Ok(1);
    };
    for number in 1..=source.module_count() {
        let bytes = source.module(number)?;
        let found = match source.kind {
            SourceKind::Bitcode => match names(&bytes) {
                Some((names, _)) => resolve(&names, function),
                None => continue,
            },
            _ => resolve(&Index::of(&bytes), function),
        };
        if matches!(found, Ok(_) | Err(NameError::Ambiguous { .. })) {
            return Ok(number);
        }
    }
    Ok(1)
}

/// The functions of bitcode as an index of their names alone, and how many variables and aliases with a
/// name there are. `None` where only LLVM can tell.
fn names(bytes: &[u8]) -> Option<(Index<'static>, usize)> {
    let bitcode = Bitcode::names(bytes)?;
    let mut text = Vec::new();
    let mut variables = 0;
    for global in bitcode.globals {
        let (before, after) = match (global.kind, global.is_defined) {
            _ if global.name.is_empty() => continue,
            (GlobalKind::Function, true) => ("define void @\"", "\"() {}\n"),
            (GlobalKind::Function, false) => ("declare void @\"", "\"()\n"),
            // Lists of what is used are LLVM's, and one may have been put in.
            _ => {
                variables += usize::from(!global.name.starts_with(b"llvm."));
                continue;
            }
        };
        text.extend_from_slice(before.as_bytes());
        for &byte in &global.name {
            match byte {
                b'"' | b'\\' => text.extend_from_slice(format!("\\{byte:02X}").as_bytes()),
                _ => text.push(byte),
            }
        }
        text.extend_from_slice(after.as_bytes());
    }
    Some((Index::of(text.leak()), variables))
}
