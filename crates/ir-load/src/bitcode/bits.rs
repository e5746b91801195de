//! LLVM's bitstream: numbers of any width, blocks, and records written in ways that the stream defines.
//!
//! Nothing is assumed of the bytes. What cannot be read ends the reading with `None`.

use std::rc::Rc;

use rustc_hash::FxHashMap;

/// How one value of an abbreviated record is written.
#[derive(Clone, Copy, Debug)]
enum Operand {
    Literal(u64),
    Fixed(u32),
    Vbr(u32),
    Array,
    Char6,
    Blob,
}

/// How a record is written.
type Abbreviation = Rc<[Operand]>;

/// A position in a stream.
#[derive(Clone)]
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    /// So many bits; none where no number has as many, or the stream has not.
    #[inline(always)]
    fn fixed(&mut self, width: u32) -> Option<u64> {
        let (byte, shift) = (self.at / 8, self.at % 8);
        // Nearly every number is found in one word.
        if width <= 56
            && let Some(word) = self.bytes.get(byte..byte + 8)
        {
            self.at += width as usize;
            let word = u64::from_le_bytes(word.try_into().ok()?);
            return Some(word >> shift & ((1 << width) - 1));
        }
        self.slowly(width)
    }

    #[cold]
    fn slowly(&mut self, width: u32) -> Option<u64> {
        let count = width as usize;
        if width > u64::BITS || (self.bytes.len() * 8).saturating_sub(self.at) < count {
            return None;
        }
        let (byte, shift) = (self.at / 8, self.at % 8);
        self.at += count;
        let word = self.bytes[byte..]
            .iter()
            .take(9)
            .enumerate()
            .fold(0, |word, (at, &byte)| word | u128::from(byte) << (8 * at));
        Some((word >> shift & ((1 << width) - 1)) as u64)
    }

    /// Groups of `width` bits, low group first; the highest bit of each says that more follow.
    #[inline(always)]
    fn vbr(&mut self, width: u32) -> Option<u64> {
        let more = 1_u64.checked_shl(width.checked_sub(1)?)?;
        let group = self.fixed(width)?;
        if group & more == 0 {
            return Some(group);
        }
        let mut value = group & (more - 1);
        let mut shift = width - 1;
        loop {
            let group = self.fixed(width)?;
            value |= (group & (more - 1)).checked_shl(shift)?;
            if group & more == 0 {
                return Some(value);
            }
            shift += width - 1;
        }
    }

    /// On to the next word of 32 bits.
    fn align(&mut self) -> Option<()> {
        self.at = self.at.next_multiple_of(32);
        (self.at <= self.bytes.len() * 8).then_some(())
    }
}

/// What stands next in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// Nothing: the block has ended.
    End,
    /// A block of this kind; [`Reader::enter`] or [`Reader::skip`] goes on.
    Block(u64),
    /// A record of this code; [`Reader::values`] holds it.
    Record(u64),
}

/// Reads a stream block by block.
pub(super) struct Reader<'a> {
    bits: Bits<'a>,
    open: Vec<Open>,
    /// Abbreviations that every block of a kind begins with.
    known: FxHashMap<u64, Vec<Abbreviation>>,
    values: Vec<u64>,
    blob: &'a [u8],
}

/// A block that was entered.
struct Open {
    width: u32,
    abbreviations: Vec<Abbreviation>,
}

const BLOCK_INFO: u64 = 0;
/// Widths beyond this are read by nobody.
const WIDEST: u32 = 32;

impl<'a> Reader<'a> {
    /// A reader of a whole bitcode file. `None` for anything that does not begin as one.
    pub(super) fn new(bytes: &'a [u8]) -> Option<Self> {
        let bytes = match bytes {
            // A wrapper header says where the bitcode begins and how long it is.
            [0xde, 0xc0, 0x17, 0x0b, ..] => {
                let word = |at: usize| {
                    let word = u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?);
                    usize::try_from(word).ok()
                };
                let rest = bytes.get(word(8)?..)?;
                rest.get(..word(12)?).unwrap_or(rest)
            }
            _ => bytes,
        };
        bytes.strip_prefix(b"BC\xc0\xde")?;
        Some(Reader {
            bits: Bits { bytes, at: 32 },
            open: vec![Open {
                width: 2,
                abbreviations: Vec::new(),
            }],
            known: FxHashMap::default(),
            values: Vec::new(),
            blob: &[],
        })
    }

    /// The last record's values, its code left out.
    pub(super) fn values(&self) -> &[u64] {
        &self.values
    }

    /// The last record's bytes, if it had some.
    pub(super) fn blob(&self) -> &'a [u8] {
        self.blob
    }

    /// How deep in blocks the reader is.
    pub(super) fn depth(&self) -> usize {
        self.open.len() - 1
    }

    /// True when nothing is left at the top of the stream.
    pub(super) fn is_at_end(&self) -> bool {
        self.open.len() == 1 && (self.bits.bytes.len() * 8).saturating_sub(self.bits.at) < 32
    }

    /// The next block or record. Definitions of how records are written are read on the way.
    pub(super) fn next(&mut self) -> Option<Entry> {
        loop {
            let open = self.open.last()?;
            match self.bits.fixed(open.width)? {
                0 => {
                    self.bits.align()?;
                    if self.open.len() > 1 {
                        self.open.pop();
                    }
                    return Some(Entry::End);
                }
                1 => {
                    let id = self.bits.vbr(8)?;
                    if id != BLOCK_INFO {
                        return Some(Entry::Block(id));
                    }
                    self.enter(id)?;
                    self.block_info()?;
                }
                2 => {
                    let abbreviation = self.definition()?;
                    self.open.last_mut()?.abbreviations.push(abbreviation);
                }
                3 => {
                    let code = self.bits.vbr(6)?;
                    let count = self.bits.vbr(6)?;
                    self.values.clear();
                    self.blob = &[];
                    for _ in 0..count {
                        self.values.push(self.bits.vbr(6)?);
                    }
                    return Some(Entry::Record(code));
                }
                id => {
                    let abbreviation = open.abbreviations.get(usize::try_from(id - 4).ok()?)?;
                    let abbreviation = Rc::clone(abbreviation);
                    return Some(Entry::Record(self.record(&abbreviation)?));
                }
            }
        }
    }

    /// Goes into a block whose beginning was just read.
    pub(super) fn enter(&mut self, id: u64) -> Option<()> {
        let (width, _) = self.head()?;
        let abbreviations = self.known.get(&id).cloned().unwrap_or_default();
        self.open.push(Open {
            width,
            abbreviations,
        });
        Some(())
    }

    /// Goes past a block whose beginning was just read.
    pub(super) fn skip(&mut self) -> Option<()> {
        let (_, length) = self.head()?;
        self.bits.at = self.bits.at.checked_add(length)?;
        (self.bits.at <= self.bits.bytes.len() * 8).then_some(())
    }

    /// The width of a block's abbreviations, and its length in bits.
    fn head(&mut self) -> Option<(u32, usize)> {
        let width = u32::try_from(self.bits.vbr(4)?).ok()?;
        self.bits.align()?;
        let words = usize::try_from(self.bits.fixed(32)?).ok()?;
        ((2..=WIDEST).contains(&width)).then_some((width, words.checked_mul(32)?))
    }

    fn block_info(&mut self) -> Option<()> {
        const SET_BLOCK: u64 = 1;
        let mut of = None;
        loop {
            let open = self.open.last()?;
            match self.bits.fixed(open.width)? {
                0 => {
                    self.bits.align()?;
                    self.open.pop();
                    return Some(());
                }
                2 => {
                    let abbreviation = self.definition()?;
                    self.known.entry(of?).or_default().push(abbreviation);
                }
                3 => {
                    let code = self.bits.vbr(6)?;
                    for at in 0..self.bits.vbr(6)? {
                        let value = self.bits.vbr(6)?;
                        if code == SET_BLOCK && at == 0 {
                            of = Some(value);
                        }
                    }
                }
                _ => return None,
            }
        }
    }

    fn definition(&mut self) -> Option<Abbreviation> {
        let bits = &mut self.bits;
        let width = |width: u64| u32::try_from(width).ok().filter(|width| *width <= WIDEST);
        let mut operands = Vec::new();
        for _ in 0..bits.vbr(5)? {
            operands.push(if bits.fixed(1)? == 1 {
                Operand::Literal(bits.vbr(8)?)
            } else {
                match bits.fixed(3)? {
                    // No bits at all are how a zero is written.
                    1 => match width(bits.vbr(5)?)? {
                        0 => Operand::Literal(0),
                        width => Operand::Fixed(width),
                    },
                    2 => match width(bits.vbr(5)?)? {
                        0 => Operand::Literal(0),
                        1 => return None,
                        width => Operand::Vbr(width),
                    },
                    3 => Operand::Array,
                    4 => Operand::Char6,
                    5 => Operand::Blob,
                    _ => return None,
                }
            });
        }
        Some(operands.into())
    }

    fn record(&mut self, operands: &[Operand]) -> Option<u64> {
        self.values.clear();
        self.blob = &[];
        // The code comes first, and is as a rule spelt out in the definition.
        let (&first, rest) = operands.split_first()?;
        let code = self.value(first)?;
        let mut operands = rest.iter();
        while let Some(&operand) = operands.next() {
            match operand {
                Operand::Array => {
                    let element = *operands.next()?;
                    for _ in 0..self.bits.vbr(6)? {
                        let value = self.value(element)?;
                        self.values.push(value);
                    }
                }
                Operand::Blob => {
                    let length = usize::try_from(self.bits.vbr(6)?).ok()?;
                    self.bits.align()?;
                    let start = self.bits.at / 8;
                    self.blob = self.bits.bytes.get(start..start.checked_add(length)?)?;
                    self.bits.at += length * 8;
                    self.bits.align()?;
                }
                operand => {
                    let value = self.value(operand)?;
                    self.values.push(value);
                }
            }
        }
        Some(code)
    }

    #[inline(always)]
    fn value(&mut self, operand: Operand) -> Option<u64> {
        match operand {
            Operand::Literal(value) => Some(value),
            Operand::Fixed(width) => self.bits.fixed(width),
            Operand::Vbr(width) => self.bits.vbr(width),
            Operand::Char6 => {
                const CHARS: &[u8; 64] =
                    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._";
                Some(u64::from(CHARS[usize::try_from(self.bits.fixed(6)?).ok()?]))
            }
            Operand::Array | Operand::Blob => None,
        }
    }
}
