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
#[derive(Debug)]
struct Layout {
    operands: Vec<Operand>,
    short: Option<Short>,
}

/// A record whose numbers all lie in one word, if none of them is longer than a group.
#[derive(Debug)]
struct Short {
    code: u64,
    /// Its length in bits.
    width: u32,
    /// The bits that say of a number that it is longer.
    more: u64,
    /// For each number how far to shift the word, what to keep of it, and what to put in.
    numbers: Vec<(u32, u64, u64)>,
    /// No number is greater.
    most: u64,
}

/// So many bits can be had at once, wherever in a byte they begin.
const WORD: u32 = 56;

impl Layout {
    fn new(operands: Vec<Operand>) -> Self {
        let short = Short::of(&operands);
        Layout { operands, short }
    }
}

impl Short {
    fn of(operands: &[Operand]) -> Option<Self> {
        let (&Operand::Literal(code), rest) = operands.split_first()? else {
            return None;
        };
        let mut short = Short {
            code,
            width: 0,
            more: 0,
            numbers: Vec::new(),
            most: 0,
        };
        for operand in rest {
            let (width, kept, literal) = match *operand {
                Operand::Literal(value) => (0, 0, value),
                Operand::Fixed(width) => (width, width, 0),
                Operand::Vbr(width) => (width, width - 1, 0),
                Operand::Array | Operand::Char6 | Operand::Blob => return None,
            };
            let at = short.width;
            short.width += width;
            if short.width > WORD {
                return None;
            }
            if kept < width {
                short.more |= 1 << (at + kept);
            }
            let mask = (1 << kept) - 1;
            short.numbers.push((at, mask, literal));
            short.most = short.most.max(mask | literal);
        }
        Some(short)
    }
}

type Abbreviation = Arc<Layout>;

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

    /// The next bits, at least [`WORD`] of them, if the stream has as many.
    #[inline(always)]
    fn word(&self) -> Option<u64> {
        let (byte, shift) = (self.at / 8, self.at % 8);
        let word = self.bytes.get(byte..byte + 8)?;
        Some(u64::from_le_bytes(word.try_into().ok()?) >> shift)
    }

    /// So many numbers in groups of six bits.
    #[inline(always)]
    fn sixes(&mut self, mut count: u64, mut take: impl FnMut(u64)) -> Option<()> {
        const GROUPS: u32 = WORD / 6;
        /// The highest bit of each group in a word.
        const LAST: u64 = 0o40_40_40_40_40_40_40_40_40;
        while count > 0 {
            let word = self.word().unwrap_or(u64::MAX);
            // Where numbers end.
            let mut ends = !word & LAST;
            let mut from = 0;
            while ends != 0 && count > 0 {
                let end = ends.trailing_zeros() + 1;
                // The groups of one number, without the bits that say that more follow.
                let groups = word >> from & ((1 << (end - from)) - 1);
                let group = |at: u32| (groups >> (6 * at) & 0o37) << (5 * at);
                let mut value = group(0) | group(1) | group(2) | group(3);
                if end - from > 24 {
                    value |= (4..GROUPS).map(group).fold(0, |all, group| all | group);
                }
                take(value);
                from = end;
                ends &= ends - 1;
                count -= 1;
            }
            if from == 0 {
                // It is longer than a word, or the stream ends here.
                take(self.vbr(6)?);
                count -= 1;
            }
            self.at += from as usize;
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

/// What is to be done with the numbers of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    /// They say nothing.
    Pass,
    /// They become [`Reader::values`].
    Keep,
    /// Those that are greater than this are handed over one by one, and others may be.
    Above(u64),
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
        self.next_of(|_| Numbers::Keep, |_| {})
    }

    /// The same. What is to be done with numbers depends on the record's code.
    #[inline(always)]
    pub(super) fn next_of(
        &mut self,
        numbers: impl Fn(u64) -> Numbers,
        mut take: impl FnMut(u64),
    ) -> Option<Entry> {
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
                    match numbers(code) {
                        Numbers::Pass => bits.sixes(count, |_| {})?,
                        Numbers::Keep => bits.sixes(count, |value| self.values.push(value))?,
                        Numbers::Above(_) => bits.sixes(count, &mut take)?,
                    }
                    self.bits = bits;
                    return Some(Entry::Record(code));
                }
                id => {
                    self.values.clear();
                    self.blob = &[];
                    let at = usize::try_from(id - 4).ok()?;
                    let layout = open.abbreviations.get(at)?;
                    if let Some(short) = &layout.short
                        && let Some(word) = self.bits.word()
                        && word & short.more == 0
                    {
                        self.bits.at += short.width as usize;
                        let all = short.numbers.iter();
                        let all = all.map(|&(at, mask, put)| word >> at & mask | put);
                        match numbers(short.code) {
                            Numbers::Keep => self.values.extend(all),
                            Numbers::Above(least) if short.most > least => all.for_each(&mut take),
                            _ => {}
                        }
                        return Some(Entry::Record(short.code));
                    }
                    // The code comes first, and is as a rule spelt out in the definition.
                    let (&first, rest) = layout.operands.split_first()?;
                    let mut bits = self.bits;
                    let code = bits.value(first)?;
                    match numbers(code) {
                        Numbers::Pass => bits.operands(rest, |_| {})?,
                        Numbers::Keep => {
                            self.blob = bits.operands(rest, |value| self.values.push(value))?;
                            self.blob
                        }
                        Numbers::Above(_) => bits.operands(rest, &mut take)?,
                    };
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
    Some(Arc::new(Layout::new(operands)))
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
                    let count = self.vbr(6)?;
                    if matches!(element, Operand::Vbr(6)) {
                        self.sixes(count, &mut take)?;
                        continue;
                    }
                    for _ in 0..count {
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
