//! Keys for finding lines of two functions that belong together.
//!
//! LLVM numbers unnamed values, metadata and attribute groups through; one line more renumbers all
//! that follow. For finding lines that belong together, a numbered value is replaced by what
//! computes it, followed a few steps back.

use std::hash::{Hash, Hasher};
use std::ops::Range;

use rustc_hash::{FxHashMap, FxHasher};

use super::definition::{Defined, Definition, definition};
use super::walk::said;
use crate::function::{Function, Line, LineKind};
use crate::lex::{Token, TokenKind};

/// How far a numbered value is followed back to what it is computed from.
const DEPTH: usize = 4;

/// What one line defines, and two keys for finding its like.
#[derive(Clone, Debug)]
pub struct Form {
    /// Where in the line the local value or block stands that it defines; at an end where it defines none.
    defines: Range<u32>,
    /// Equal for lines that say the same.
    pub strong: u64,
    /// Equal for lines that play the same part.
    pub weak: u64,
}

/// What a temporary's name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// Which one it is: both texts come from one compilation.
    Kept,
    /// Little: rustc numbers its temporaries through (`%_22`), as LLVM does, and LLVM appends a number to a name that
    /// is taken (`%self5`). One more renumbers all that follow.
    Anew,
}

impl Form {
    /// The local value or block that the line defines, whose form this is.
    pub fn defines<'f>(&self, line: &'f Line) -> Option<Token<'f>> {
        let text = line
            .text
            .get(self.defines.start as usize..self.defines.end as usize)?;
        let kind = match line.kind {
            LineKind::Label => TokenKind::Label,
            _ => TokenKind::Local,
        };
        (!text.is_empty()).then_some(Token { kind, text })
    }
}

/// The forms of a function's lines, in their order.
pub fn forms(function: &Function, names: Names) -> Vec<Form> {
    let mut tokens = Vec::with_capacity(function.lines.len() * 10);
    let ends: Vec<usize> = function
        .lines
        .iter()
        .map(|line| {
            said(line, &mut tokens);
            tokens.len()
        })
        .collect();
    let starts = [0].into_iter().chain(ends.iter().copied());
    let lines: Vec<KeyLine<'_, '_>> = function
        .lines
        .iter()
        .zip(starts.zip(&ends))
        .map(|(line, (start, &end))| KeyLine {
            kind: line.kind,
            defines: definition(line.kind, &tokens[start..end]),
            tokens: &tokens[start..end],
        })
        .collect();
    let numbered = numbered(&lines, names);
    lines
        .iter()
        .zip(&function.lines)
        .map(|(line, shown)| {
            let defines = line.defines.map(|definition| definition.name);
            Form {
                strong: strong(line.kind, line.tokens, &numbered),
                weak: weak(line.kind, line.tokens, defines, &numbered),
                defines: place(&shown.text, defines),
            }
        })
        .collect()
}

/// What one line says, and what it defines.
struct KeyLine<'t, 'f> {
    kind: LineKind,
    tokens: &'t [Token<'f>],
    defines: Option<Definition<'f>>,
}

/// Where in a line a token of it stands.
fn place(line: &str, token: Option<Token<'_>>) -> Range<u32> {
    let Some(token) = token else { return 0..0 };
    let start = token.text.as_ptr() as usize - line.as_ptr() as usize;
    let position = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    position(start)..position(start + token.text.len())
}

/// What computes each numbered local, as a hash.
struct Numbered<'a> {
    /// Positions in `hashes` by name.
    ids: FxHashMap<&'a str, usize>,
    hashes: Vec<u64>,
    /// Names of other locals without the number that LLVM may have appended, where such a number says nothing.
    stems: FxHashMap<&'a str, &'a str>,
}

impl Numbered<'_> {
    fn get(&self, name: &str) -> u64 {
        self.ids.get(name).map_or(0, |&id| self.hashes[id])
    }

    /// What of a name says which local it is.
    fn stem<'n>(&'n self, name: &'n str) -> &'n str {
        self.stems.get(name).copied().unwrap_or(name)
    }
}

/// A part of a line: words that say what they say, or a numbered local.
enum Piece {
    Words(u64),
    Local(usize),
}

fn numbered<'s, 'a>(lines: &'s [KeyLine<'s, 'a>], names: Names) -> Numbered<'a> {
    let mut defining: Vec<(usize, &'s [Token<'a>])> = Vec::new();
    let mut all = Numbered {
        ids: FxHashMap::default(),
        hashes: Vec::new(),
        stems: FxHashMap::default(),
    };
    let mut parameters = 0_u64;
    for (at, line) in lines.iter().enumerate() {
        let is_meant = |definition: &Definition<'_>| {
            let is_value = matches!(definition.what, Defined::Value { .. });
            definition.name.is_numbered()
                || (names == Names::Anew && is_value && is_temporary(definition.name.name()))
        };
        let Some(Definition { name, what }) = line.defines.filter(is_meant) else {
            if let (Names::Anew, Some(defined)) = (names, line.defines)
                && let Defined::Value { .. } = defined.what
            {
                let name = defined.name.name();
                let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
                if !stem.is_empty() && stem != name {
                    all.stems.insert(name, stem);
                }
            }
            continue;
        };
        let id = *all.ids.entry(name.name()).or_insert(all.hashes.len());
        if id == all.hashes.len() {
            all.hashes.push(0);
        }
        match what {
            Defined::Parameter => {
                parameters += 1;
                all.hashes[id] = hash(&("parameter", parameters));
            }
            // A numbered block is known by what it begins with.
            Defined::Block => {
                let next = lines.get(at + 1).map_or(&[][..], |line| line.tokens);
                defining.push((id, next));
            }
            Defined::Value { .. } => defining.push((id, &line.tokens[2..])),
        }
    }
    // Each line is taken apart once, however often it is gone through.
    let mut pieces = Vec::new();
    let lines: Vec<(usize, Range<usize>)> = defining
        .into_iter()
        .map(|(id, tokens)| {
            let start = pieces.len();
            take_apart(tokens, &all, &mut pieces);
            (id, start..pieces.len())
        })
        .collect();
    let mut next = all.hashes.clone();
    for _ in 0..DEPTH {
        for (id, range) in &lines {
            let mut hasher = FxHasher::default();
            for piece in &pieces[range.clone()] {
                hasher.write_u64(match piece {
                    Piece::Words(words) => *words,
                    Piece::Local(local) => all.hashes[*local],
                });
            }
            next[*id] = hasher.finish();
        }
        all.hashes.copy_from_slice(&next);
    }
    all
}

fn take_apart(tokens: &[Token<'_>], all: &Numbered<'_>, pieces: &mut Vec<Piece>) {
    let mut words = FxHasher::default();
    for token in tokens {
        let local = matches!(token.kind, TokenKind::Local | TokenKind::Label)
            .then(|| all.ids.get(token.name()))
            .flatten();
        match local {
            Some(&local) => {
                pieces.push(Piece::Words(words.finish()));
                pieces.push(Piece::Local(local));
                words = FxHasher::default();
            }
            None => hash_token(token, all, &mut words),
        }
    }
    pieces.push(Piece::Words(words.finish()));
}

fn strong(kind: LineKind, tokens: &[Token<'_>], numbered: &Numbered<'_>) -> u64 {
    let tokens = without_metadata(tokens);
    let (head, operands) = commutative(tokens);
    // The order of these operands says nothing; that it changed is seen when tokens are compared.
    let operands = operands.iter().fold(0_u64, |sum, part| {
        sum.wrapping_add(hash_tokens(part, numbered))
    });
    hash(&(kind, hash_tokens(head, numbered), operands))
}

/// An instruction before its operands, and the operands, where their order does not matter.
fn commutative<'s, 'a>(tokens: &'s [Token<'a>]) -> (&'s [Token<'a>], Vec<&'s [Token<'a>]>) {
    let opcode = tokens
        .iter()
        .position(|t| t.kind == TokenKind::Word)
        .filter(|&at| at == 2 && tokens[1].text == "=");
    match opcode.map(|at| tokens[at].text) {
        Some("fadd" | "fmul" | "add" | "mul" | "and" | "or" | "xor") => {
            let comma = tokens.iter().rposition(|t| t.text == ",");
            match comma {
                // `= op flags type a , b`
                Some(comma) if comma > 3 && comma + 2 == tokens.len() => (
                    &tokens[..comma - 1],
                    vec![&tokens[comma - 1..comma], &tokens[comma + 1..]],
                ),
                _ => (tokens, Vec::new()),
            }
        }
        Some("phi") => match tokens.iter().position(|t| t.text == "[") {
            Some(first) => (
                &tokens[..first],
                tokens[first..].split(|t| t.text == "]").collect(),
            ),
            None => (tokens, Vec::new()),
        },
        _ => (tokens, Vec::new()),
    }
}

/// `_22`, `_22.i`: rustc's number for a temporary, and what LLVM adds where it inlines.
fn is_temporary(name: &str) -> bool {
    let digits = name.strip_prefix('_').unwrap_or("");
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    count > 0 && matches!(digits.as_bytes().get(count), None | Some(b'.'))
}

fn weak(
    kind: LineKind,
    tokens: &[Token<'_>],
    defines: Option<Token<'_>>,
    numbered: &Numbered<'_>,
) -> u64 {
    let has_name =
        |token: &Token<'_>| !token.is_numbered() && !numbered.ids.contains_key(token.name());
    if let Some(name) = defines.filter(has_name) {
        return match numbered.stems.get(name.name()) {
            // Several have this stem.
            Some(stem) => hash(&(kind, stem, tokens.get(2).map(|opcode| opcode.text))),
            None => hash(&(kind, name.name())),
        };
    }
    let words = |count: usize| -> Vec<&str> {
        tokens
            .iter()
            .filter(|t| t.kind == TokenKind::Word)
            .map(|t| t.text)
            .take(count)
            .collect()
    };
    match kind {
        LineKind::Instruction => {
            // What Enzyme adds is `fast`, what the primal had is not.
            let fast = tokens.iter().any(|t| t.text == "fast");
            let opcode = words(1);
            let target = match opcode.first() {
                // A store is known by where it goes, a call by what it calls.
                Some(&"store") => tokens.iter().rev().find(|t| t.kind == TokenKind::Local),
                Some(&"call" | &"invoke" | &"tail") => {
                    tokens.iter().find(|t| t.kind == TokenKind::Global)
                }
                _ => None,
            };
            let target = target.filter(|target| has_name(target)).map(Token::name);
            hash(&(kind, opcode, fast, target))
        }
        LineKind::Record => hash(&(kind, tokens.len())),
        _ => hash(&kind),
    }
}

/// An instruction without the metadata that is attached to it (`, !dbg !7`).
pub fn without_metadata<'s, 'a>(tokens: &'s [Token<'a>]) -> &'s [Token<'a>] {
    let attached = tokens.windows(3).position(|window| {
        window[0].text == ","
            && window[1].kind == TokenKind::Metadata
            && !window[1].is_numbered()
            && window[2].kind == TokenKind::Metadata
    });
    attached.map_or(tokens, |at| &tokens[..at])
}

fn hash_tokens(tokens: &[Token<'_>], numbered: &Numbered<'_>) -> u64 {
    let mut hasher = FxHasher::default();
    for token in tokens {
        match token.kind {
            TokenKind::Local | TokenKind::Label
                if token.is_numbered() || numbered.ids.contains_key(token.name()) =>
            {
                hasher.write_u64(numbered.get(token.name()));
            }
            _ => hash_token(token, numbered, &mut hasher),
        }
    }
    hasher.finish()
}

/// Takes in what a token says, whatever number it has.
fn hash_token(token: &Token<'_>, numbered: &Numbered<'_>, hasher: &mut FxHasher) {
    match token.kind {
        TokenKind::Local | TokenKind::Label if token.is_numbered() => hasher.write_u64(0),
        TokenKind::Local | TokenKind::Label => {
            '%'.hash(hasher);
            numbered.stem(token.name()).hash(hasher);
        }
        TokenKind::Metadata if token.is_numbered() => '!'.hash(hasher),
        _ => token.text.hash(hasher),
    }
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}
