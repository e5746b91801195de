//! One module: what the engine is given, and where functions are found in it.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use ir_load::{Candidate, Index, Name, NameError, Slice, resolve, slice};
use trace::{Limits, Place, Request, Task};

use crate::declared::Declarations;
use crate::engine::{self, Needs};
use crate::error::Error;
use crate::made_of::MadeOf;
use crate::oddity::Oddity;
use crate::refusal::Refusal;
use crate::tools;

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
    pub oddities: Vec<Oddity>,
    /// Text or bitcode.
    pub(crate) bytes: &'static [u8],
    /// The same as text, which functions are found in; for bitcode, LLVM's rendering of it, or of the
    /// part of it that is needed.
    pub(crate) text: OnceLock<&'static [u8]>,
    pub(crate) index: OnceLock<Index<'static>>,
    /// The functions of bitcode of which there may be no text yet, and how many variables and aliases
    /// there are beside them.
    pub(crate) names: Option<(Index<'static>, usize)>,
    slice: Option<Slice>,
    /// Where an engine finds the bytes without being sent them.
    pub(crate) file: Option<PathBuf>,
    pub(crate) limits: Limits,
    /// Which LLVM reads it.
    pub(crate) needs: Needs,
    /// The sources that irad made it of, if it did.
    pub(crate) made_of: Option<Arc<MadeOf>>,
}

/// From this size on, in bytes, LLVM takes longer to read the whole of a module than irad takes to
/// find what a function needs of it.
const LARGE: usize = 4 << 20;

/// Bitcode is smaller than text.
pub(crate) const LARGE_BITCODE: usize = LARGE / 4;

impl Module {
    pub(crate) fn new(origin: String, short: String, bytes: &'static [u8]) -> Self {
        Module {
            origin,
            short,
            oddities: Vec::new(),
            bytes,
            text: OnceLock::from(bytes),
            index: OnceLock::new(),
            names: None,
            slice: None,
            file: None,
            limits: Limits::default(),
            needs: Needs::default(),
            made_of: None,
        }
    }

    /// A module that was never in a file.
    pub fn from_text(name: &str, text: &str) -> Self {
        Module::from_bytes(name, text.as_bytes().to_vec())
    }

    /// The same, for an engine with this LLVM.
    #[must_use]
    pub fn of_llvm(mut self, llvm: Option<u32>) -> Self {
        self.needs = Needs::new(llvm);
        self
    }

    /// A module that is only passed on to the engine.
    pub fn from_bytes(name: &str, bytes: Vec<u8>) -> Self {
        Module::new(name.to_owned(), name.to_owned(), bytes.leak())
    }

    /// Notes what irad made it of, if it did, and so which LLVM wrote it.
    pub(crate) fn was_made_of(&mut self, made_of: Option<MadeOf>) {
        if made_of.is_some() && self.needs.llvm().is_none() {
            self.needs = Needs::new(engine::of_rustc(&tools::rustc()));
        }
        self.made_of = made_of.map(Arc::new);
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
    pub fn need_text(&self) -> Result<(), Error> {
        if self.text.get().is_none() {
            let text = self.disassembled()?;
            self.text.get_or_init(|| text.leak());
        }
        Ok(())
    }

    /// LLVM's rendering of it as text.
    pub(crate) fn disassembled(&self) -> Result<Vec<u8>, Error> {
        printed(self, Task::Disassemble)
    }

    /// What is odd about it, in words.
    pub fn warnings(&self) -> Vec<String> {
        let oddities = self.oddities.iter();
        oddities.map(|oddity| oddity.words(&self.origin)).collect()
    }

    /// The one function that a name means.
    pub fn resolve(&self, name: &str) -> Result<Name, Error> {
        resolve(self.names(), name).map_err(|mut error| {
            if let (Some(_), NameError::Declared { line, .. }) = (&self.names, &mut error) {
                // Bitcode has no lines.
                *line = 0;
            }
            if let (None, NameError::Ambiguous { candidates, .. }) = (&self.names, &mut error) {
                tell_apart(candidates, self.index());
            }
            Error::Name {
                error,
                origin: self.origin.clone(),
                made_of: self.made_of.clone(),
            }
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
    pub fn cut_to(&mut self, symbols: &[&str]) -> Result<(), Error> {
        if self.text.get().is_none() {
            let task = Task::Extract {
                functions: symbols.iter().map(|&symbol| symbol.to_owned()).collect(),
                file: self.file.clone(),
            };
            let text = match self.file {
                Some(_) => {
                    let mut sent = Module::new(self.origin.clone(), self.short.clone(), &[]);
                    sent.limits = self.limits;
                    sent.needs = self.needs.clone();
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
            return Err(Error::CannotCut {
                symbols: symbols.iter().map(|&symbol| symbol.to_owned()).collect(),
                origin: self.origin.clone(),
            });
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
        part.needs = self.needs.clone();
        part.slice = slice(self.index(), &[symbol]);
        part
    }

    /// The same module once more, whole.
    pub fn again(&self) -> Module {
        let mut again = Module::new(self.origin.clone(), self.short.clone(), self.bytes);
        again.text = self.text.clone();
        again.file = self.file.clone();
        again.limits = self.limits;
        again.needs = self.needs.clone();
        again.made_of.clone_from(&self.made_of);
        again
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

/// Gives functions that are called alike the types that debug info has of them: names of the older kind differ only by
/// a hash.
fn tell_apart(candidates: &mut [Candidate], index: &Index<'_>) {
    let mut paths: Vec<&str> = candidates.iter().map(|each| each.path.as_str()).collect();
    paths.sort_unstable();
    let count = paths.len();
    paths.dedup();
    if paths.len() == count {
        return;
    }
    let declarations = Declarations::of(index);
    for candidate in candidates {
        let function = index.get(&candidate.symbol);
        let declared = function.and_then(|function| declarations.get(index, &function));
        if let Some(declared) = declared {
            candidate.types = format!("{}{}", declared.generics, declared.types());
        }
    }
}

/// What LLVM writes of a module.
fn printed(module: &Module, task: Task) -> Result<Vec<u8>, Error> {
    let request = Request {
        source: module.origin.clone(),
        task,
        llvm_options: Vec::new(),
        limits: module.limits,
    };
    let (answer, ended) = engine::run(&request, module.sent(), &module.needs, &mut |_| {})?;
    if let Some(diagnosis) = answer.trace.failure {
        return Err(Refusal::of(diagnosis, &module.origin, module.text()).into());
    }
    if let Some(ended) = ended {
        return Err(ended.into());
    }
    answer.module.ok_or(Error::NoModule)
}
