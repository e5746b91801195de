//! The global values of a bitcode module, and which function mentions which.
//!
//! LLVM's reader can leave functions unread, but cannot say who uses one without reading all. This
//! reads no more of a function than the numbers in its records: an operand is the distance from the
//! value that stands there to the value that is meant, so how many values stand before a record is all
//! that must be known. A number that is no operand may look like one, so that a function may be said to
//! mention what it does not; the other way round never. What is not known here is not guessed at:
//! anything but what LLVM writes today makes the whole answer `None`.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use super::bits::{Entry, Numbers, Reader, Start};

/// What a bitcode module holds.
#[derive(Clone, Debug, Default)]
pub struct Bitcode {
    /// Its global values, in their order.
    pub globals: Vec<Global>,
    /// The values of the module's level, constants among them, by number.
    values: Vec<Value>,
    /// Mentions of a value of the module's level in a constant of that level: the constant, the value.
    in_constants: Vec<(u32, u32)>,
    /// What functions mention, as different threads found it.
    parts: Vec<Part>,
}

/// What some functions mention.
#[derive(Clone, Debug, Default)]
struct Part {
    /// Functions by their place among those with a body, and where in `mentions` theirs stand.
    bodies: Vec<(usize, Range<usize>)>,
    /// Values of the module's level.
    mentions: Vec<u32>,
}

/// A function, variable, alias or ifunc.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Global {
    /// What it is.
    pub kind: GlobalKind,
    /// Its name; empty if it has none.
    pub name: Vec<u8>,
    /// False for what is only declared.
    pub is_defined: bool,
    /// For a function: its type, as a place in the module's table.
    ty: usize,
    /// Where the name stands in the string table, and how long it is.
    place: (usize, usize),
}

/// The kinds of global value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GlobalKind {
    /// A variable.
    Variable,
    /// A function.
    Function,
    /// Another name for a global value, fixed or found at load time.
    Alias,
}

#[derive(Clone, Copy, Debug)]
enum Value {
    Global,
    /// A constant that mentions other values.
    Constant,
    /// A number, a string and so on.
    Plain,
}

/// What must be known of a type.
#[derive(Clone, Copy, Debug)]
enum Type {
    Void,
    Function { returns: usize, parameters: u32 },
    Other,
}

mod block {
    pub(super) const MODULE: u64 = 8;
    pub(super) const CONSTANTS: u64 = 11;
    pub(super) const FUNCTION: u64 = 12;
    pub(super) const TYPES: u64 = 17;
    pub(super) const STRINGS: u64 = 23;
}

impl Bitcode {
    /// The global values with their names.
    pub fn names(bytes: &[u8]) -> Option<Self> {
        Some(Scanner::read(bytes, false)?.found)
    }

    /// The same, and what mentions what.
    pub fn uses(bytes: &[u8]) -> Option<Self> {
        let uses = Uses::begin(bytes)?;
        uses.help();
        uses.end()
    }

    /// The functions that may mention one of `wanted`, which are given by kind and place among those of
    /// that kind; in order, by place among all functions.
    pub fn users(&self, wanted: &[(GlobalKind, usize)]) -> Vec<usize> {
        let wanted: FxHashSet<(GlobalKind, usize)> = wanted.iter().copied().collect();
        let mut is_wanted = vec![false; self.values.len()];
        let mut seen: FxHashMap<GlobalKind, usize> = FxHashMap::default();
        let mut defined = Vec::new();
        for (number, global) in self.globals.iter().enumerate() {
            let nth = seen.entry(global.kind).or_default();
            is_wanted[number] = wanted.contains(&(global.kind, *nth));
            if global.kind == GlobalKind::Function && global.is_defined {
                defined.push(*nth);
            }
            *nth += 1;
        }
        // A constant may mention one that stands behind it.
        let mut grows = true;
        while grows {
            grows = false;
            for &(constant, value) in &self.in_constants {
                let (constant, value) = (constant as usize, value as usize);
                if is_wanted[value] && !is_wanted[constant] {
                    is_wanted[constant] = true;
                    grows = true;
                }
            }
        }
        let mut users: Vec<usize> = self
            .parts
            .iter()
            .flat_map(|part| {
                let bodies = part.bodies.iter().filter(|(_, place)| {
                    let mut mentions = part.mentions[place.clone()].iter();
                    mentions.any(|&value| is_wanted[value as usize])
                });
                bodies.map(|(body, _)| defined[*body])
            })
            .collect();
        users.sort_unstable();
        users
    }
}

/// A module of which everything but its functions is read. Threads take turns at those.
pub struct Uses<'a> {
    /// Everything but the functions.
    module: Bitcode,
    types: Vec<Type>,
    /// Functions with a body: how many parameters they have, and where they begin.
    bodies: Vec<(u32, Start<'a>)>,
    /// The next function that nobody has taken yet.
    next: AtomicUsize,
    /// Something is not known, or nobody wants to know any more.
    is_over: AtomicBool,
    parts: Mutex<Vec<Part>>,
}

impl<'a> Uses<'a> {
    /// Reads everything but the functions.
    pub fn begin(bytes: &'a [u8]) -> Option<Self> {
        let Scanner {
            types,
            mut found,
            defined,
            starts,
            ..
        } = Scanner::read(bytes, true)?;
        let count = found.values.len();
        let is_there = |&(_, value): &(u32, u32)| (value as usize) < count;
        found.in_constants.retain(is_there);
        u32::try_from(count).ok()?;
        let parameters = |at: &usize| match types.get(found.globals[*at].ty)? {
            Type::Function { parameters, .. } => Some(*parameters),
            _ => None,
        };
        let bodies = defined
            .iter()
            .zip(starts)
            .map(|(at, start)| Some((parameters(at)?, start)))
            .collect::<Option<_>>()?;
        Some(Uses {
            module: found,
            types,
            bodies,
            next: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
            parts: Mutex::default(),
        })
    }

    /// Reads functions until none is left to take. Any number of threads may do so at once.
    pub fn help(&self) {
        let mut part = Part::default();
        // The last function that mentioned a value, by the value's number.
        let mut last = vec![usize::MAX; self.module.values.len()];
        let mut reader = None;
        while !self.is_over.load(Ordering::Relaxed) {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let Some((parameters, start)) = self.bodies.get(number) else {
                break;
            };
            let reader = reader.get_or_insert_with(|| Reader::of_block(start));
            reader.restart(start);
            let from = part.mentions.len();
            let mentioned = Mentioned {
                values: &self.module.values,
                last: &mut last,
                number,
                found: &mut part.mentions,
            };
            if function(reader, *parameters, &self.types, mentioned).is_none() {
                self.stop();
            }
            part.bodies.push((number, from..part.mentions.len()));
        }
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        parts.push(part);
    }

    /// Sends everyone who helps home.
    pub fn stop(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    /// What mentions what; `None` where that is not known, or not all functions were read.
    pub fn end(&self) -> Option<Bitcode> {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        let read: usize = parts.iter().map(|part| part.bodies.len()).sum();
        if self.is_over.load(Ordering::Relaxed) || read != self.bodies.len() {
            return None;
        }
        Some(Bitcode {
            parts: std::mem::take(&mut parts),
            ..self.module.clone()
        })
    }
}

struct Scanner<'a> {
    reader: Reader<'a>,
    types: Vec<Type>,
    found: Bitcode,
    /// Place in `found.globals` of each function with a body.
    defined: Vec<usize>,
    /// Where bodies begin.
    starts: Vec<Start<'a>>,
}

impl<'a> Scanner<'a> {
    fn read(bytes: &'a [u8], with_uses: bool) -> Option<Self> {
        let mut scanner = Scanner {
            reader: Reader::new(bytes)?,
            types: Vec::new(),
            found: Bitcode::default(),
            defined: Vec::new(),
            starts: Vec::new(),
        };
        let mut is_read = false;
        let mut strings: Option<&[u8]> = None;
        while !scanner.reader.is_at_end() {
            match scanner.reader.next()? {
                // A file may hold several modules, which share a string table or do not.
                Entry::Block(block::MODULE) if is_read => return None,
                Entry::Block(block::MODULE) => {
                    scanner.module(with_uses)?;
                    is_read = true;
                }
                Entry::Block(block::STRINGS) if is_read && strings.is_none() => {
                    scanner.reader.enter(block::STRINGS)?;
                    loop {
                        match scanner.reader.next()? {
                            Entry::End => break,
                            Entry::Block(_) => scanner.reader.skip()?,
                            Entry::Record(_) => strings = Some(scanner.reader.blob()),
                        }
                    }
                }
                Entry::Block(_) => scanner.reader.skip()?,
                Entry::End | Entry::Record(_) => return None,
            }
        }
        let strings = strings?;
        for global in &mut scanner.found.globals {
            let (start, length) = global.place;
            global.name = strings.get(start..start.checked_add(length)?)?.to_vec();
        }
        let is_whole = scanner.starts.len() == scanner.defined.len();
        (is_read && (!with_uses || is_whole)).then_some(scanner)
    }

    fn module(&mut self, with_uses: bool) -> Option<()> {
        const VERSION: u64 = 1;
        const VARIABLE: u64 = 7;
        const FUNCTION: u64 = 8;
        const ALIAS_OLD: u64 = 9;
        const ALIAS: u64 = 14;
        const IFUNC: u64 = 15;
        self.reader.enter(block::MODULE)?;
        let mut version = 0;
        loop {
            match self.reader.next()? {
                // From version 2 on, names stand in a table of strings, and operands are distances.
                Entry::End => return (version == 2).then_some(()),
                // Whatever functions refer to stands before them.
                Entry::Block(block::TYPES | block::CONSTANTS) if !self.starts.is_empty() => {
                    return None;
                }
                Entry::Block(block::TYPES) => self.types()?,
                Entry::Block(block::CONSTANTS) if with_uses => {
                    self.reader.enter(block::CONSTANTS)?;
                    self.constants()?;
                }
                Entry::Block(block::FUNCTION) if with_uses => {
                    let start = self.reader.start();
                    if let Some(first) = self.starts.first()
                        && !first.knows_as(&start)
                    {
                        return None;
                    }
                    self.starts.push(start);
                    self.reader.skip()?;
                }
                Entry::Block(_) => self.reader.skip()?,
                Entry::Record(VERSION) => version = *self.reader.values().first()?,
                Entry::Record(code @ (VARIABLE | FUNCTION | ALIAS | IFUNC)) => {
                    if self.found.globals.len() != self.found.values.len()
                        || !self.starts.is_empty()
                    {
                        return None;
                    }
                    let values = self.reader.values();
                    let at = |at: usize| usize::try_from(*values.get(at)?).ok();
                    let (kind, is_defined) = match code {
                        VARIABLE => (GlobalKind::Variable, at(4)? != 0),
                        FUNCTION => (GlobalKind::Function, at(4)? == 0),
                        _ => (GlobalKind::Alias, true),
                    };
                    let global = Global {
                        kind,
                        name: Vec::new(),
                        is_defined,
                        ty: at(2)?,
                        place: (at(0)?, at(1)?),
                    };
                    if kind == GlobalKind::Function && is_defined {
                        self.defined.push(self.found.globals.len());
                    }
                    self.found.globals.push(global);
                    self.found.values.push(Value::Global);
                }
                Entry::Record(ALIAS_OLD) => return None,
                Entry::Record(_) => {}
            }
        }
    }

    fn types(&mut self) -> Option<()> {
        const COUNT: u64 = 1;
        const VOID: u64 = 2;
        const FUNCTION_OLD: u64 = 9;
        const NAME: u64 = 19;
        const FUNCTION: u64 = 21;
        self.reader.enter(block::TYPES)?;
        loop {
            let code = match self.reader.next()? {
                Entry::End => return Some(()),
                Entry::Block(_) => return None,
                Entry::Record(code) => code,
            };
            let values = self.reader.values();
            self.types.push(match code {
                COUNT | NAME => continue,
                VOID => Type::Void,
                FUNCTION_OLD => return None,
                FUNCTION => Type::Function {
                    returns: usize::try_from(*values.get(1)?).ok()?,
                    parameters: u32::try_from(values.len() - 2).ok()?,
                },
                _ => Type::Other,
            });
        }
    }

    /// Constants of the module's level.
    fn constants(&mut self) -> Option<()> {
        loop {
            let code = match self.reader.next()? {
                Entry::End => return Some(()),
                Entry::Block(_) => return None,
                Entry::Record(code) => code,
            };
            let Some(mentions) = mentions(code) else {
                continue;
            };
            let own = u32::try_from(self.found.values.len()).ok()?;
            self.found.values.push(match mentions {
                true => Value::Constant,
                false => Value::Plain,
            });
            if mentions {
                let values = self.reader.values().iter();
                let values = values.filter_map(|&value| u32::try_from(value).ok());
                self.found
                    .in_constants
                    .extend(values.map(|value| (own, value)));
            }
        }
    }
}

/// What one function mentions.
fn function(
    reader: &mut Reader<'_>,
    parameters: u32,
    types: &[Type],
    mut mentioned: Mentioned<'_>,
) -> Option<()> {
    // How many values stand before the next record.
    let outer = u32::try_from(mentioned.values.len()).ok()?;
    let mut count = outer.checked_add(parameters)?;
    reader.enter(block::FUNCTION)?;
    let depth = reader.depth();
    loop {
        if reader.depth() > depth {
            // Constants of its own.
            match reader.next()? {
                Entry::End => {}
                Entry::Block(_) => return None,
                Entry::Record(code) => {
                    let Some(mentions) = mentions(code) else {
                        continue;
                    };
                    count = count.checked_add(1)?;
                    if mentions {
                        let values = reader.values().iter();
                        values.for_each(|&value| mentioned.value(value));
                    }
                }
            }
            continue;
        }
        // How many values there are for a distance to stay within the function.
        let own = u64::from(count - outer);
        let numbers = |code| match kind(code) {
            Makes::Nothing | Makes::Value => Numbers::Above(own),
            Makes::Call | Makes::Phi => Numbers::Keep,
            Makes::Silence | Makes::Unknown => Numbers::Pass,
        };
        let found = reader.next_of(numbers, |distance| {
            // Distances are written modulo 2³².
            mentioned.value(u64::from(count.wrapping_sub(distance as u32)));
        });
        let code = match found? {
            Entry::End => return Some(()),
            Entry::Block(block::CONSTANTS) => {
                reader.enter(block::CONSTANTS)?;
                continue;
            }
            Entry::Block(block::FUNCTION) => return None,
            Entry::Block(_) => {
                reader.skip()?;
                continue;
            }
            Entry::Record(code) => code,
        };
        let makes = match kind(code) {
            Makes::Silence | Makes::Nothing => false,
            Makes::Value => true,
            Makes::Phi => {
                for &value in reader.values() {
                    let distance = (value >> 1).cast_signed();
                    let distance = if value & 1 == 1 { -distance } else { distance };
                    let value = i64::from(count).wrapping_sub(distance);
                    mentioned.value(value.cast_unsigned());
                }
                true
            }
            Makes::Call => {
                for &value in reader.values() {
                    let value = count.wrapping_sub(value as u32);
                    mentioned.value(u64::from(value));
                }
                call(code, reader.values(), types)?
            }
            Makes::Unknown => return None,
        };
        count = count.checked_add(u32::from(makes))?;
    }
}

/// Collects what one function mentions, each once.
struct Mentioned<'s> {
    values: &'s [Value],
    last: &'s mut [usize],
    number: usize,
    found: &'s mut Vec<u32>,
}

impl Mentioned<'_> {
    #[inline(always)]
    fn value(&mut self, value: u64) {
        let Ok(at) = usize::try_from(value) else {
            return;
        };
        if let Some(Value::Global | Value::Constant) = self.values.get(at)
            && self.last[at] != self.number
        {
            self.last[at] = self.number;
            self.found.push(at as u32);
        }
    }
}

/// Whether a constant record of this code may mention other values; `None` for one that makes no value.
fn mentions(code: u64) -> Option<bool> {
    match code {
        // The type of those that follow.
        1 => None,
        // Null, undef, numbers, strings, data, poison.
        2..=6 | 8 | 9 | 22 | 26 => Some(false),
        _ => Some(true),
    }
}

/// What a record of a function does.
#[derive(Clone, Copy)]
enum Makes {
    /// Makes no value, and mentions none but for debugging.
    Silence,
    /// Makes no value.
    Nothing,
    /// Makes a value.
    Value,
    /// Makes a value, of distances that have a sign.
    Phi,
    /// Makes a value if what it calls returns one.
    Call,
    /// What is not known here.
    Unknown,
}

const INVOKE: u64 = 13;
const CALL: u64 = 34;
const CALLBR: u64 = 57;

/// What records of this code do.
fn kind(code: u64) -> Makes {
    const KINDS: [Makes; 67] = {
        let mut kinds = [Makes::Unknown; 67];
        let mut code = 0;
        while code < kinds.len() {
            kinds[code] = match code as u64 {
                // How many blocks there are, the end of an unreachable one, locations, users of block
                // addresses, debug records.
                1 | 15 | 33 | 35 | 60..=66 => Makes::Silence,
                // Ends of blocks, fences, stores, operand bundles.
                10..=12 | 31 | 36 | 39 | 44 | 45 | 48 | 49 | 55 => Makes::Nothing,
                16 => Makes::Phi,
                INVOKE | CALL | CALLBR => Makes::Call,
                // Arithmetic, casts, selections, comparisons, vectors and aggregates, alloca, load,
                // va_arg, atomics, exceptions that are values, freeze.
                2
                | 3
                | 5..=9
                | 19
                | 20
                | 23
                | 26..=29
                | 41
                | 43
                | 46
                | 47
                | 50..=52
                | 56
                | 58
                | 59 => Makes::Value,
                _ => Makes::Unknown,
            };
            code += 1;
        }
        kinds
    };
    let place = usize::try_from(code).unwrap_or(usize::MAX);
    KINDS.get(place).copied().unwrap_or(Makes::Unknown)
}

/// Whether a call makes a value; `None` for one that is not written as LLVM does.
fn call(code: u64, values: &[u64], types: &[Type]) -> Option<bool> {
    const FAST_MATH: u64 = 1 << 17;
    let at = |at: usize| values.get(at).copied();
    // By kind of call, the bit that says that the function's type follows, and where it does.
    let (explicit, ty) = match code {
        INVOKE => (13, 4),
        CALLBR => (15, usize::try_from(at(3)?).ok()?.checked_add(4)?),
        _ => (15, 2 + usize::from(at(1)? & FAST_MATH != 0)),
    };
    if at(1)? >> explicit & 1 == 0 {
        return None;
    }
    match types.get(usize::try_from(at(ty)?).ok()?)? {
        Type::Function { returns, .. } => Some(!matches!(types.get(*returns)?, Type::Void)),
        _ => None,
    }
}
