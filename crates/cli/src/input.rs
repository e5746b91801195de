//! From a path and a function's name to the module and symbol that the engine is given.

use std::path::Path;

use ir_load::{Index, Kind, LoadError, Name, NameError, Source, resolve};
use trace::{Request, SavedError, Task, Trace};

use crate::engine;
use crate::output::Global;
use crate::report::{Failure, name_failure};

/// One module, ready for the engine.
pub struct Module {
    /// What to call it in messages.
    pub origin: String,
    /// What to call it in titles: the file's name without its folder.
    pub short: String,
    /// Text or bitcode.
    pub bytes: Vec<u8>,
    /// What is odd about it, though it can be read.
    pub warnings: Vec<String>,
    /// The same as text, which functions are found in.
    text: Option<Vec<u8>>,
}

impl Module {
    /// A module that was never in a file.
    pub fn from_text(name: &str, text: &str) -> Self {
        Module {
            origin: name.to_owned(),
            short: name.to_owned(),
            bytes: text.as_bytes().to_vec(),
            warnings: Vec::new(),
            text: None,
        }
    }

    /// Its text; for bitcode, LLVM's rendering of it.
    pub fn text(&self) -> &[u8] {
        self.text.as_deref().unwrap_or(&self.bytes)
    }

    /// Where its functions lie.
    pub fn index(&self) -> Index<'_> {
        Index::of(self.text())
    }

    /// The one function that a name means.
    pub fn resolve(&self, name: &str) -> Result<Name, Failure> {
        let index = self.index();
        match resolve(&index, name) {
            Ok(name) => Ok(name),
            Err(error) => Err(name_failure(error, &self.origin)),
        }
    }
}

/// What a file turned out to be.
pub enum Input {
    /// IR to work on.
    Module(Module),
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
        return module(&source, path, wanted, function, global).map(Input::Module);
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
    module(&source, path, wanted, function, global)
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
    source: &Source,
    path: &Path,
    wanted: Option<usize>,
    function: Option<&str>,
    global: &Global,
) -> Result<Module, Failure> {
    let number = match wanted {
        Some(number) => number,
        None => pick(source, function)?,
    };
    let mut module = Module {
        origin: source.origin.to_string(),
        short: short(source, path),
        bytes: source.module(number)?,
        warnings: Vec::new(),
        text: None,
    };
    if wanted.is_none() && function.is_none() && source.module_count() > 1 {
        module.warnings.push(format!(
            "{} holds {} modules, and this is the first: --module N chooses another",
            module.origin,
            source.module_count()
        ));
    }
    let is_text = source.kind != Kind::Bitcode;
    if !is_text {
        module.text = Some(disassemble(&module, global)?);
    }
    let index = module.index();
    let is_empty = index.functions().is_empty();
    let has_typed_pointers = index
        .functions()
        .iter()
        .any(|function| index.signature(function).contains('*'));
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
