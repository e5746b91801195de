//! From a path and a function's name to the module and symbol that the engine is given.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ir_load::{
    Bitcode, GlobalKind, Index, Kind, LoadError, Lost, Name, NameError, Origin, Slice, Source,
    demangle, resolve, slice,
};
use trace::{Limits, Place, Request, SavedError, Task, Trace};

use crate::engine;
use crate::output::Global;
use crate::report::{Failure, name_failure};

/// One module, ready for the engine.
///
/// Its bytes live as long as the process: a command reads a module or two and ends with them, and
/// the system takes mapped files back faster than they could be given.
pub struct Module {
    /// What to call it in messages.
    pub origin: String,
    /// What to call it in titles: the file's name without its folder.
    pub short: String,
    /// What is odd about it, though it can be read.
    pub warnings: Vec<String>,
    /// Text or bitcode.
    bytes: &'static [u8],
    /// The same as text, which functions are found in; for bitcode, LLVM's rendering of it, or of the
    /// part of it that is needed.
    text: OnceLock<&'static [u8]>,
    index: OnceLock<Index<'static>>,
    /// The functions of bitcode of which there may be no text yet, and how many variables and aliases
    /// there are beside them.
    names: Option<(Index<'static>, usize)>,
    slice: Option<Slice>,
    /// Where an engine finds the bytes without being sent them.
    file: Option<PathBuf>,
    limits: Limits,
}

/// From this size on, in bytes, LLVM takes longer to read the whole of a module than irad takes to
/// find what a function needs of it.
const LARGE: usize = 4 << 20;

/// Bitcode is smaller than text.
const LARGE_BITCODE: usize = LARGE / 4;

impl Module {
    fn new(origin: String, short: String, bytes: &'static [u8]) -> Self {
        Module {
            origin,
            short,
            warnings: Vec::new(),
            bytes,
            text: OnceLock::from(bytes),
            index: OnceLock::new(),
            names: None,
            slice: None,
            file: None,
            limits: Limits::default(),
        }
    }

    /// A module that was never in a file.
    pub fn from_text(name: &str, text: &str) -> Self {
        Module::from_bytes(name, text.as_bytes().to_vec())
    }

    /// A module that is only passed on to the engine.
    pub fn from_bytes(name: &str, bytes: Vec<u8>) -> Self {
        Module::new(name.to_owned(), name.to_owned(), bytes.leak())
    }

    /// What the engine is given.
    pub fn sent(&self) -> &[u8] {
        match &self.slice {
            Some(slice) => &slice.text,
            None => self.bytes,
        }
    }

    /// Its text; for bitcode, LLVM's rendering of as much of it as was needed, or the bitcode itself
    /// where none was.
    pub fn text(&self) -> &'static [u8] {
        self.text.get().copied().unwrap_or(self.bytes)
    }

    /// Where its functions lie in its text.
    pub fn index(&self) -> &Index<'static> {
        self.index.get_or_init(|| Index::of(self.text()))
    }

    /// What its functions are called.
    pub fn names(&self) -> &Index<'static> {
        match &self.names {
            Some((names, _)) => names,
            None => self.index(),
        }
    }

    /// Has LLVM write bitcode out as text, if it has not yet.
    pub fn need_text(&self) -> Result<(), Failure> {
        if self.text.get().is_none() {
            let text = printed(self, Task::Disassemble)?;
            self.text.get_or_init(|| text.leak());
        }
        Ok(())
    }

    /// The one function that a name means.
    pub fn resolve(&self, name: &str) -> Result<Name, Failure> {
        resolve(self.names(), name).map_err(|mut error| {
            if let (Some(_), NameError::Declared { line, .. }) = (&self.names, &mut error) {
                // Bitcode has no lines.
                *line = 0;
            }
            name_failure(error, &self.origin)
        })
    }

    /// True when it pays to give the engine no more than some functions need, or when it is a must.
    pub fn is_worth_cutting(&self) -> bool {
        match self.names {
            Some(_) => self.bytes.len() >= LARGE_BITCODE,
            None => self.text().len() >= LARGE || self.index().cut_off().is_some(),
        }
    }

    /// From now on the engine is given no more than these functions need.
    pub fn cut_to(&mut self, symbols: &[&str]) -> Result<(), Failure> {
        if self.text.get().is_none() {
            let task = Task::Extract {
                functions: symbols.iter().map(|&symbol| symbol.to_owned()).collect(),
                file: self.file.clone(),
            };
            let text = match self.file {
                Some(_) => {
                    let mut sent = Module::new(self.origin.clone(), self.short.clone(), &[]);
                    sent.limits = self.limits;
                    printed(&sent, task)?
                }
                None => printed(self, task)?,
            };
            self.text = OnceLock::from(&*text.leak());
            // One that was made before is of the bitcode, in which no text stands.
            self.index = OnceLock::new();
        }
        self.slice = slice(self.index(), symbols);
        if self.slice.is_none() {
            let symbols = symbols.join(" and ");
            let message = format!("{symbols} cannot be cut out of {}", self.origin);
            return Err(Failure::usage("slice", message));
        }
        if let (Some((names, globals)), Some(slice)) = (&self.names, &mut self.slice) {
            // Most of what is left out was never read.
            let (functions, _) = names.defined();
            let index = self.index.get().expect("it was needed for the slice");
            let read = index.defined();
            slice.report.functions_dropped += functions.saturating_sub(read.0);
            slice.report.globals_dropped += globals.saturating_sub(read.1);
        }
        Ok(())
    }

    /// The same module, of which the engine is given no more than this function needs.
    pub fn part(&self, symbol: &str) -> Module {
        let mut part = Module::new(self.origin.clone(), self.short.clone(), self.bytes);
        part.text = self.text.clone();
        part.limits = self.limits;
        part.slice = slice(self.index(), &[symbol]);
        part
    }

    /// The part that the engine is given, if it is a part.
    pub fn slice(&self) -> Option<&Slice> {
        self.slice.as_ref()
    }

    /// Where a place in what the engine was given stands in the file.
    pub fn original(&self, place: Place) -> Place {
        let Some(slice) = &self.slice else {
            return place;
        };
        let (line, column) = slice.original(self.text(), place.line, place.column);
        Place { line, column }
    }
}

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
    global: &Global,
) -> Result<Input, Failure> {
    let source = Source::read(path)?;
    if source.kind != Kind::Trace {
        let module = module(source, path, wanted, function, global)?;
        return Ok(Input::Module(Box::new(module)));
    }
    let trace = Trace::from_json(source.bytes()).map_err(|error| {
        let failure = Failure::usage("trace", format!("cannot read {}: {error}", source.origin));
        match error {
            SavedError::Newer { .. } => {
                failure.help("read it with the irad that wrote it, or newer")
            }
            _ => failure.help("save it again: irad passes FILE --fn F --save TRACE"),
        }
    })?;
    Ok(Input::Trace(Box::new(trace), short(&source, path)))
}

/// Reads a file and picks one module of it: number `wanted`, else the first that defines
/// `function`, else the first.
pub fn load(
    path: &Path,
    wanted: Option<usize>,
    function: Option<&str>,
    global: &Global,
) -> Result<Module, Failure> {
    let source = Source::read(path)?;
    if source.kind == Kind::Trace {
        return Err(Failure::usage(
            "trace",
            format!("{} is a saved trace, and this needs IR", source.origin),
        )
        .help("irad diff and irad passes read saved traces"));
    }
    module(source, path, wanted, function, global)
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
    global: &Global,
) -> Result<Module, Failure> {
    let number = match wanted {
        Some(number) => number,
        None => pick(&source, function)?,
    };
    let (is_text, count) = (source.kind != Kind::Bitcode, source.module_count());
    let (origin, short) = (source.origin.to_string(), short(&source, path));
    let file = match &source.origin {
        // What is no plain file can be read once only.
        Origin::File(path) if path.is_file() => Some(path.clone()),
        _ => None,
    };
    if !is_text {
        engine::warm_up(source.bytes().len() >= LARGE_BITCODE);
    }
    let (bytes, index) = source.into_module(number)?;
    let mut module = Module::new(origin, short, bytes);
    module.index = index.map_or_else(OnceLock::new, OnceLock::from);
    module.file = file;
    if wanted.is_none() && function.is_none() && count > 1 {
        module.warnings.push(format!(
            "{} holds {count} modules, and this is the first: --module N chooses another",
            module.origin,
        ));
    }
    module.limits = global.limits();
    if !is_text {
        module.text = OnceLock::new();
        module.names = function.and_then(|_| names(module.bytes));
        // Functions are found by their names alone; everything else needs the text.
        if module.names.is_some() {
            return Ok(module);
        }
        module.need_text()?;
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
        printed(&module, Task::Disassemble)?;
    }
    if has_typed_pointers {
        module.warnings.push(format!(
            "{} has typed pointers (`double*`), as LLVM wrote them before version 15; LLVM reads them as `ptr` and forgets what they point to",
            module.origin
        ));
    }
    if let Some((name, line)) = cut_off {
        let what = match &name {
            Some(name) => format!("{}, which begins in line {line}", demangle(name)),
            None => format!("what begins in line {line}"),
        };
        module.warnings.push(format!(
            "{} is cut off in the middle of {what}; what would follow it (debug info and attributes stand last) is missing",
            module.origin
        ));
    }
    if let Some(Lost { group, line, count }) = lost {
        let others = match count {
            1 => String::new(),
            _ => format!(", and {} more", count - 1),
        };
        module.warnings.push(format!(
            "{} lacks attribute groups that it refers to (#{group} in line {line}{others}): it was cut off between two functions, or changed by hand, and functions go without these attributes",
            module.origin
        ));
    }
    Ok(module)
}

fn pick(source: &Source, function: Option<&str>) -> Result<usize, LoadError> {
    let Some(function) = function.filter(|_| source.module_count() > 1) else {
        return Ok(1);
    };
    for number in 1..=source.module_count() {
        let bytes = source.module(number)?;
        let found = resolve(&Index::of(&bytes), function);
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

/// What LLVM writes of a module.
fn printed(module: &Module, task: Task) -> Result<Vec<u8>, Failure> {
    let request = Request {
        source: module.origin.clone(),
        task,
        llvm_options: Vec::new(),
        limits: module.limits,
    };
    let answer = engine::ask(&request, module)?;
    answer
        .module
        .ok_or_else(|| Failure::usage("engine", "the engine answered without a module"))
}
