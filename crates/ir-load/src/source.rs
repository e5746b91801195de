//! Where bytes came from, and what kind they are.

use std::borrow::Cow;
use std::fmt;
use std::fs;
use std::io;
use std::iter;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::thread;

use memchr::{memchr_iter, memmem};

use crate::archive;
use crate::bitcode;
use crate::error::LoadError;
use crate::foreign::{Foreign, embedded_bitcode, foreign};
use crate::index::Index;
use crate::lex::Seen;
use crate::map::{Bytes, LIMIT, read};
use crate::outline::Layout;

/// Bytes of IR with their kind.
#[derive(Debug)]
pub struct Source {
    /// Where they came from.
    pub origin: Origin,
    /// What they are.
    pub kind: SourceKind,
    bytes: Bytes,
    /// What was read of text to tell that it is one module.
    layout: Option<Layout>,
    /// Where each module lies; the whole where there is only one.
    modules: Vec<Range<usize>>,
    /// Nothing was taken out of something else.
    is_whole: bool,
}

/// Where bytes came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::File(path) => path.display().fmt(f),
            Origin::Stdin => f.write_str("standard input"),
        }
    }
}

/// What bytes are, told by the bytes themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// LLVM's text form.
    Text,
    /// LLVM's bitcode.
    Bitcode,
    /// Text with several modules in it, and other lines between them, as rustc prints it.
    Dump,
    /// A trace that irad saved.
    Trace,
}

impl Source {
    /// Reads a file, or standard input for `-`.
    pub fn read(path: &Path) -> Result<Self, LoadError> {
        if path == Path::new("-") {
            let bytes = read(&mut io::stdin()).map_err(LoadError::Stdin)?;
            let bytes = bytes.ok_or_else(|| endless(Origin::Stdin))?;
            return Source::new(Origin::Stdin, bytes);
        }
        if path.is_dir() {
            let mut candidates = ir_files(path);
            candidates.truncate(5);
            return Err(LoadError::Directory {
                path: path.to_owned(),
                candidates,
            });
        }
        if path.extension().is_some_and(|end| end == "rs") && path.exists() {
            return Err(LoadError::Foreign {
                origin: path.display().to_string(),
                what: Foreign::Rust,
            });
        }
        let bytes = Bytes::of(path).map_err(|source| LoadError::Open {
            path: path.to_owned(),
            source,
        })?;
        let bytes = bytes.ok_or_else(|| endless(Origin::File(path.to_owned())))?;
        Source::of(Origin::File(path.to_owned()), bytes)
    }

    /// Takes bytes that are already there.
    pub fn new(origin: Origin, bytes: Vec<u8>) -> Result<Self, LoadError> {
        Source::of(origin, Bytes::Read(bytes))
    }

    fn of(origin: Origin, bytes: Bytes) -> Result<Self, LoadError> {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(LoadError::Empty {
                origin: origin.to_string(),
            });
        }
        let embedded = embedded_bitcode(&bytes).map(<[u8]>::to_vec);
        let is_whole = embedded.is_none();
        let bytes = embedded.map_or(bytes, Bytes::Read);
        if let Some(several) = archive::modules(&bytes).or_else(|| bitcode::split(&bytes))
            && !several.is_empty()
        {
            return Ok(Source::of_bitcode(origin, &several));
        }
        let readable = without_unreadable(&bytes);
        let is_whole = is_whole && readable.is_none();
        let bytes = readable.map_or(bytes, Bytes::Read);
        if let Some(what) = foreign(&bytes) {
            return Err(LoadError::Foreign {
                origin: origin.to_string(),
                what,
            });
        }
        let (kind, modules, layout) = classify(&bytes);
        Ok(Source {
            origin,
            kind,
            bytes,
            layout,
            modules,
            is_whole,
        })
    }

    /// Modules of bitcode that were found in something else.
    fn of_bitcode(origin: Origin, several: &[Vec<u8>]) -> Self {
        let mut bytes = Vec::new();
        let mut modules = Vec::new();
        for module in several {
            let start = bytes.len();
            bytes.extend_from_slice(module);
            modules.push(start..bytes.len());
        }
        Source {
            origin,
            kind: SourceKind::Bitcode,
            bytes: Bytes::Read(bytes),
            layout: None,
            modules,
            is_whole: false,
        }
    }

    /// True when the bytes are all that the file holds, so that another program finds the same in it.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// How many modules there are.
    pub fn module_count(&self) -> usize {
        self.modules.len()
    }

    /// The bytes as they were read.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes of module `number`, counted from 1. In a dump, everything that does not belong to
    /// it is blanked out but for its line ends, so that line numbers stay those of the source.
    pub fn module(&self, number: usize) -> Result<Cow<'_, [u8]>, LoadError> {
        let range = number
            .checked_sub(1)
            .and_then(|index| self.modules.get(index))
            .ok_or_else(|| LoadError::NoSuchModule {
                origin: self.origin.to_string(),
                wanted: number,
                count: self.modules.len(),
            })?;
        if self.kind != SourceKind::Dump {
            return Ok(Cow::Borrowed(&self.bytes[range.clone()]));
        }
        let newlines = memchr_iter(b'\n', &self.bytes[..range.start]).count();
        let mut out = vec![b'\n'; newlines];
        let mut in_body = false;
        for line in self.bytes[range.clone()].split_inclusive(|&byte| byte == b'\n') {
            if in_body || is_top_level(line) {
                out.extend_from_slice(line);
            } else {
                out.push(b'\n');
            }
            if line.starts_with(b"define") && line.trim_ascii_end().ends_with(b"{") {
                in_body = true;
            } else if line.trim_ascii_end() == b"}" {
                in_body = false;
            }
        }
        Ok(Cow::Owned(out))
    }

    /// The same for the rest of the process's life: bytes that were mapped stay mapped. With what the
    /// text's index is made of, if it was read as one module.
    pub fn into_module(
        self,
        number: usize,
    ) -> Result<(&'static [u8], Option<Index<'static>>), LoadError> {
        if let Cow::Owned(module) = self.module(number)? {
            return Ok((module.leak(), None));
        }
        let range = self.modules[number - 1].clone();
        let bytes: &'static [u8] = match self.bytes {
            Bytes::Read(bytes) => bytes.leak(),
            mapped => Box::leak(Box::new(mapped)),
        };
        let index = self.layout.map(|layout| Index::with(bytes, layout));
        Ok((&bytes[range], index))
    }
}

/// The text without what LLVM writes and cannot read: the order in which inline assembly is used. Each such line
/// becomes a comment, so that places stay where they are.
fn without_unreadable(text: &[u8]) -> Option<Vec<u8>> {
    const ORDER: &[u8] = b"uselistorder ptr asm ";
    let stands_first = |at: usize| {
        let before = &text[..at];
        let line = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        before[line..].iter().all(u8::is_ascii_whitespace)
    };
    let found: Vec<usize> = memmem::find_iter(text, ORDER)
        .filter(|&at| stands_first(at))
        .collect();
    if found.is_empty() {
        return None;
    }
    let mut readable = text.to_vec();
    for at in found {
        readable[at] = b';';
    }
    Some(readable)
}

fn endless(origin: Origin) -> LoadError {
    LoadError::Endless {
        origin: origin.to_string(),
        limit: LIMIT >> 30,
    }
}

/// The IR file in the same directory whose name is closest to one that is not there.
pub fn beside(path: &Path) -> Option<PathBuf> {
    let wanted = path.file_name()?.to_string_lossy();
    let dir = match path.parent() {
        Some(dir) if dir != Path::new("") => dir,
        _ => Path::new("."),
    };
    ir_files(dir)
        .into_iter()
        .map(|file| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            (strsim::jaro_winkler(&wanted, &name), file.clone())
        })
        // Another file is no help unless its name is nearly that one.
        .filter(|(score, _)| *score > 0.9)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, file)| file)
}

/// Files in a directory that look like IR.
fn ir_files(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "ll" || extension == "bc")
        })
        .collect();
    found.sort();
    found
}

fn classify(bytes: &[u8]) -> (SourceKind, Vec<Range<usize>>, Option<Layout>) {
    let whole: Vec<Range<usize>> = iter::once(0..bytes.len()).collect();
    if bytes.starts_with(b"BC\xc0\xde") || bytes.starts_with(&[0xde, 0xc0, 0x17, 0x0b]) {
        return (SourceKind::Bitcode, whole, None);
    }
    let start = bytes
        .iter()
        .position(|byte| !byte.is_ascii_whitespace())
        .unwrap_or(0);
    if bytes[start..].starts_with(b"{")
        && memmem::find(&bytes[start..], b"\"irad_trace\"").is_some()
    {
        return (SourceKind::Trace, whole, None);
    }
    // Where modules begin can be told while one is read, and large ones need not be read twice.
    let layout = begins_with_head(bytes).then(|| Layout::of(bytes));
    if layout.as_ref().is_some_and(Layout::is_of_one_module) {
        return (SourceKind::Text, whole, layout);
    }
    let mut starts = module_starts(bytes);
    match starts.as_slice() {
        // A text without the usual first line is one module all the same.
        [] => (SourceKind::Text, whole, layout),
        // Comments above the first line are no reason to call it a dump.
        [only] if bytes[..*only].split(|&byte| byte == b'\n').all(is_comment) => {
            (SourceKind::Text, whole, layout)
        }
        _ => {
            starts.push(bytes.len());
            let modules = starts.windows(2).map(|pair| pair[0]..pair[1]).collect();
            (SourceKind::Dump, modules, None)
        }
    }
}

/// True when nothing but comments stands before the first line that heads a module.
fn begins_with_head(bytes: &[u8]) -> bool {
    bytes
        .split(|&byte| byte == b'\n')
        .take_while(|line| is_comment(line) || HEADS.iter().any(|(head, _)| line.starts_with(head)))
        .any(|line| HEADS.iter().any(|(head, _)| line.starts_with(head)))
}

fn is_comment(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    line.is_empty() || line.starts_with(b";")
}

/// How lines begin that head modules, and whether another may follow in the same module.
const HEADS: [(&[u8], bool); 2] = [(Seen::HEAD, true), (b"source_filename = ", false)];

/// Where modules begin: at `; ModuleID`, or at `source_filename` when there is none before it.
fn module_starts(bytes: &[u8]) -> Vec<usize> {
    let mut found = heads(bytes, 0..bytes.len());
    found.sort_unstable();
    let mut starts = Vec::new();
    let mut headed = false;
    for (at, heads) in found {
        if heads || !headed {
            starts.push(at);
        }
        headed = heads;
    }
    starts
}

/// Lines that head modules in `range`, and whether each is of the first kind. A large range is looked
/// through from both ends of its middle at once.
fn heads(bytes: &[u8], range: Range<usize>) -> Vec<(usize, bool)> {
    const LARGE: usize = 8 << 20;
    if range.len() >= LARGE && range.len() == bytes.len() {
        let middle = range.len() / 2;
        return thread::scope(|scope| {
            let second = scope.spawn(|| heads(bytes, middle..range.end));
            let mut found = heads(bytes, 0..middle);
            found.extend(second.join().expect("looking does not panic"));
            found
        });
    }
    let mut found: Vec<(usize, bool)> = Vec::new();
    for (line, is_first_kind) in HEADS {
        // A line may begin in the range and end behind it.
        let end = bytes.len().min(range.end + line.len() - 1);
        let lines = memmem::find_iter(&bytes[range.start..end], line).map(|at| range.start + at);
        let at_start = |&at: &usize| at == 0 || bytes[at - 1] == b'\n';
        found.extend(lines.filter(at_start).map(|at| (at, is_first_kind)));
    }
    found
}

/// True for a line that may stand at a module's top level.
fn is_top_level(line: &[u8]) -> bool {
    const STARTS: [&[u8]; 16] = [
        b";",
        b"source_filename",
        b"target ",
        b"module asm",
        b"@",
        b"%",
        b"$",
        b"^",
        b"define ",
        b"declare ",
        b"attributes #",
        b"!",
        b"uselistorder",
        b"}",
        b"\n",
        b"\r\n",
    ];
    STARTS.iter().any(|start| line.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::new(Origin::Stdin, text.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn a_dump_is_split_and_keeps_its_line_numbers() {
        let dump = source(
            "warning: x\n; ModuleID = 'a'\nsource_filename = \"a\"\nnoise\ndefine void @f() {\n  ret void\n}\n   Compiling\n; ModuleID = 'b'\ndeclare void @g()\n",
        );
        assert_eq!(dump.kind, SourceKind::Dump);
        assert_eq!(dump.module_count(), 2);
        let first = String::from_utf8(dump.module(1).unwrap().into_owned()).unwrap();
        assert_eq!(
            first,
            "\n; ModuleID = 'a'\nsource_filename = \"a\"\n\ndefine void @f() {\n  ret void\n}\n\n"
        );
        let second = String::from_utf8(dump.module(2).unwrap().into_owned()).unwrap();
        assert_eq!(second.lines().nth(9), Some("declare void @g()"));
        assert!(dump.module(3).is_err());
        assert!(dump.module(0).is_err());
    }

    #[test]
    fn kinds_are_told_by_bytes() {
        assert_eq!(
            source("; made by x\n; ModuleID = 'a'\n").kind,
            SourceKind::Text
        );
        assert_eq!(source("define void @f() {\n}\n").kind, SourceKind::Text);
        assert_eq!(source("BC\u{c0}").kind, SourceKind::Text);
        assert_eq!(source("{ \"irad_trace\": 1 }").kind, SourceKind::Trace);
        let bitcode = Source::new(Origin::Stdin, b"BC\xc0\xde1".to_vec()).unwrap();
        assert_eq!(bitcode.kind, SourceKind::Bitcode);
        assert!(matches!(
            Source::new(Origin::Stdin, b" \n".to_vec()),
            Err(LoadError::Empty { .. })
        ));
    }
}
