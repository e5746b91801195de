//! From a path and a function's name to the module and symbol that the engine is given.

use std::path::Path;
use std::sync::OnceLock;

use ir_load::{Index, Kind, LoadError, Name, NameError, Slice, Source, demangle, resolve, slice};
use trace::{Place, Request, SavedError, Task, Trace};

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
    /// The same as text, which functions are found in; for bitcode, LLVM's rendering of it.
    text: &'static [u8],
    index: OnceLock<Index<'static>>,
    slice: Option<Slice>,
}

impl Module {
    fn new(origin: String, short: String, bytes: &'static [u8]) -> Self {
        Module {
            origin,
            short,
            warnings: Vec::new(),
            bytes,
            text: bytes,
            index: OnceLock::new(),
            slice: None,
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

    /// Its text; for bitcode, LLVM's rendering of it.
    pub fn text(&self) -> &'static [u8] {
        self.text
    }

    /// Where its functions lie.
    pub fn index(&self) -> &Index<'static> {
        self.index.get_or_init(|| Index::of(self.text))
    }

    /// The one function that a name means.
    pub fn resolve(&self, name: &str) -> Result<Name, Failure> {
        match resolve(self.index(), name) {
            Ok(name) => Ok(name),
            Err(error) => Err(name_failure(error, &self.origin)),
        }
    }

    /// From now on the engine is given no more than these functions need.
    pub fn cut_to(&mut self, symbols: &[&str]) {
        self.slice = slice(self.index(), symbols);
    }

    /// The same module, of which the engine is given no more than this function needs.
    pub fn part(&self, symbol: &str) -> Module {
        let mut part = Module::new(self.origin.clone(), self.short.clone(), self.bytes);
        part.text = self.text;
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
        let (line, column) = slice.original(self.text, place.line, place.column);
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
    let mut module = Module::new(origin, short, source.into_module(number)?);
    if wanted.is_none() && function.is_none() && count > 1 {
        module.warnings.push(format!(
            "{} holds {count} modules, and this is the first: --module N chooses another",
            module.origin,
        ));
    }
    if !is_text {
        module.text = disassemble(&module, global)?.leak();
    }
    let index = module.index();
    let (is_empty, has_typed_pointers) = (index.is_empty(), index.has_typed_pointers());
    let cut_off = index.cut_off();
    if is_text && is_empty {
        // It may be IR in a form that only LLVM knows, or no IR at all; either way LLVM's word is
        // better than ours.
        disassemble(&module, global)?;
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

fn disassemble(module: &Module, global: &Global) -> Result<Vec<u8>, Failure> {
    let request = Request {
        source: module.origin.clone(),
        task: Task::Disassemble,
        llvm_options: Vec::new(),
        limits: global.limits(),
    };
    let answer = engine::ask(&request, module)?;
    answer
        .module
        .ok_or_else(|| Failure::usage("engine", "the engine answered without a module"))
}
