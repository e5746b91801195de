//! LLVM's bitstream: numbers of any width, blocks, and records written in ways that the stream defines.
//!
//! Nothing is assumed of the bytes. What cannot be read ends the reading with `None`.

use std::sync::Arc;

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
type Abbreviation = Arc<[Operand]>;

/// Abbreviations that every block of a kind begins with, by kind. Blocks share them.
type Known = FxHashMap<u64, Arc<Vec<Abbreviation>>>;

/// A position in a stream.
#[derive(Clone, Copy)]
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

    /// Goes past so many numbers as [`Bits::vbr`] reads them.
    #[inline(always)]
    fn pass(&mut self, width: u32, mut count: u64) -> Option<()> {
        const WHOLE: u32 = 56;
        /// By width, the highest bit of each group that lies in a word whole.
        const LAST: [u64; 33] = {
            let mut table = [0; 33];
            let mut width = 1;
            while width < table.len() {
                let mut at = width - 1;
                while at < WHOLE as usize {
                    table[width] |= 1 << at;
                    at += width;
                }
                width += 1;
            }
            table
        };
        let last = *LAST.get(width as usize)?;
        while count > 0 {
            let (byte, shift) = (self.at / 8, self.at % 8);
            let Some(word) = self.bytes.get(byte..byte + 8) else {
                self.vbr(width)?;
                count -= 1;
                continue;
            };
            let word = u64::from_le_bytes(word.try_into().ok()?) >> shift;
            // Where numbers end.
            let mut ends = !word & last;
            let found = u64::from(ends.count_ones());
            if found < count {
                self.at += (WHOLE / width * width) as usize;
                count -= found;
                continue;
            }
            for _ in 1..count {
                ends &= ends - 1;
            }
            self.at += ends.trailing_zeros() as usize + 1;
            break;
        }
        Some(())
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
    known: Arc<Known>,
    /// Nothing more may become known.
    is_part: bool,
    values: Vec<u64>,
    blob: &'a [u8],
}

/// A block that was entered.
struct Open {
    width: u32,
    abbreviations: Arc<Vec<Abbreviation>>,
}

/// A place in a stream where a block has just begun, and what was known there.
#[derive(Clone)]
pub(super) struct Start<'a> {
    bits: Bits<'a>,
    known: Arc<Known>,
}

impl Start<'_> {
    /// True if what is known in both places is the same.
    pub(super) fn knows_as(&self, other: &Start<'_>) -> bool {
        Arc::ptr_eq(&self.known, &other.known)
    }
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
                abbreviations: Arc::default(),
            }],
            known: Arc::default(),
            is_part: false,
            values: Vec::new(),
            blob: &[],
        })
    }

    /// A reader of one block, which began there; [`Reader::enter`] goes on.
    pub(super) fn of_block(start: &Start<'a>) -> Self {
        Reader {
            bits: start.bits,
            open: Vec::new(),
            known: Arc::clone(&start.known),
            is_part: true,
            values: Vec::new(),
            blob: &[],
        }
    }

    /// Where the reader is.
    pub(super) fn start(&self) -> Start<'a> {
        Start {
            bits: self.bits,
            known: Arc::clone(&self.known),
        }
    }

    /// Goes to a block that began elsewhere in the same stream.
    pub(super) fn restart(&mut self, start: &Start<'a>) {
        self.bits = start.bits;
        self.open.clear();
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
        self.open.len()
    }

    /// True when nothing is left at the top of the stream.
    pub(super) fn is_at_end(&self) -> bool {
        self.open.len() == 1 && (self.bits.bytes.len() * 8).saturating_sub(self.bits.at) < 32
    }

    /// The next block or record. Definitions of how records are written are read on the way.
    pub(super) fn next(&mut self) -> Option<Entry> {
        self.next_of(|_| true)
    }

    /// The same. Only records of codes that are `wanted` have their values read.
    #[inline(always)]
    pub(super) fn next_of(&mut self, wanted: impl Fn(u64) -> bool) -> Option<Entry> {
        loop {
            let open = self.open.last()?;
            match self.bits.fixed(open.width)? {
                0 => {
                    self.bits.align()?;
                    if self.open.len() > 1 || self.is_part {
                        self.open.pop();
                    }
                    return Some(Entry::End);
                }
                1 => {
                    let id = self.bits.vbr(8)?;
                    if id != BLOCK_INFO {
                        return Some(Entry::Block(id));
                    }
                    if self.is_part {
                        return None;
                    }
                    self.enter(id)?;
                    self.block_info()?;
                }
                2 => {
                    let abbreviation = definition(&mut self.bits)?;
                    let own = &mut self.open.last_mut()?.abbreviations;
                    Arc::make_mut(own).push(abbreviation);
                }
                3 => {
                    self.values.clear();
                    self.blob = &[];
                    // A copy lives in registers.
                    let mut bits = self.bits;
                    let code = bits.vbr(6)?;
                    let count = bits.vbr(6)?;
                    if wanted(code) {
                        for _ in 0..count {
                            self.values.push(bits.vbr(6)?);
                        }
                    } else {
                        bits.pass(6, count)?;
                    }
                    self.bits = bits;
                    return Some(Entry::Record(code));
                }
                id => {
                    self.values.clear();
                    self.blob = &[];
                    let at = usize::try_from(id - 4).ok()?;
                    // The code comes first, and is as a rule spelt out in the definition.
                    let (&first, rest) = open.abbreviations.get(at)?.split_first()?;
                    let mut bits = self.bits;
                    let code = bits.value(first)?;
                    if wanted(code) {
                        self.blob = bits.operands(rest, |value| self.values.push(value))?;
                    } else {
                        bits.operands(rest, |_| {})?;
                    }
                    self.bits = bits;
                    return Some(Entry::Record(code));
                }
            }
        }
    }

    /// Goes into a block whose beginning was just read.
    pub(super) fn enter(&mut self, id: u64) -> Option<()> {
        let (width, _) = self.head()?;
        let abbreviations = self.known.get(&id).map_or_else(Arc::default, Arc::clone);
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
                    let abbreviation = definition(&mut self.bits)?;
                    let known = Arc::make_mut(&mut self.known).entry(of?).or_default();
                    Arc::make_mut(known).push(abbreviation);
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
}

/// How a record is written, of which the definition stands next.
fn definition(bits: &mut Bits<'_>) -> Option<Abbreviation> {
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

impl<'a> Bits<'a> {
    /// The values of a record that is written like this, and its bytes.
    #[inline(always)]
    fn operands(&mut self, operands: &[Operand], mut take: impl FnMut(u64)) -> Option<&'a [u8]> {
        let mut blob: &[u8] = &[];
        let mut operands = operands.iter();
        while let Some(&operand) = operands.next() {
            match operand {
                Operand::Array => {
                    let element = *operands.next()?;
                    // Elements of no bits could be more than there is memory for.
                    if matches!(element, Operand::Literal(_)) {
                        return None;
                    }
                    for _ in 0..self.vbr(6)? {
                        take(self.value(element)?);
                    }
                }
                Operand::Blob => {
                    let length = usize::try_from(self.vbr(6)?).ok()?;
                    self.align()?;
                    let start = self.at / 8;
                    blob = self.bytes.get(start..start.checked_add(length)?)?;
                    self.at += length * 8;
                    self.align()?;
                }
                operand => take(self.value(operand)?),
            }
        }
        Some(blob)
    }

    #[inline(always)]
    fn value(&mut self, operand: Operand) -> Option<u64> {
        match operand {
            Operand::Literal(value) => Some(value),
            Operand::Fixed(width) => self.fixed(width),
            Operand::Vbr(width) => self.vbr(width),
            Operand::Char6 => {
                const CHARS: &[u8; 64] =
                    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._";
                Some(u64::from(CHARS[usize::try_from(self.fixed(6)?).ok()?]))
            }
            Operand::Array | Operand::Blob => None,
        }
    }
}
