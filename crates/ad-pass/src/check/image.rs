//! The memory that a function is run on: its arguments and all that they point to.
//!
//! An [`Image`] is a plan; an [`Instance`] is the plan carried out at real addresses, as often as it is
//! wanted: once for the primal, once more for its shadow.

use std::cell::RefCell;

use super::half;

/// Blocks of memory that point to each other, with a note of every number in them.
#[derive(Clone, Debug, Default)]
pub(super) struct Image {
    pub(super) blocks: Vec<Vec<u8>>,
    /// The block that holds each IR parameter's value.
    pub(super) arguments: Vec<usize>,
    pointers: Vec<Pointer>,
    /// Blocks that belong to a box or a vector, which may free them.
    owned: Vec<usize>,
    pub(super) floats: Vec<Float>,
    /// Integers that are no length, by parameter.
    pub(super) integers: Vec<Integer>,
}

#[derive(Clone, Copy, Debug)]
struct Pointer {
    block: usize,
    at: usize,
    to: usize,
}

/// A float's place.
#[derive(Clone, Debug)]
pub(super) struct Float {
    pub(super) block: usize,
    pub(super) at: usize,
    pub(super) bits: u32,
    /// The Rust parameter that leads there.
    pub(super) parameter: usize,
    /// What it is called: `w[3]`.
    pub(super) label: String,
    /// It is there only as long as all of these hold.
    pub(super) when: Vec<When>,
    /// It is part of the place where the result is written, and no input.
    pub(super) is_result: bool,
}

/// What holds while an enum is of a certain variant.
#[derive(Clone, Debug)]
pub(super) struct When {
    /// Where in the float's block the tag is.
    pub(super) at: usize,
    pub(super) bytes: usize,
    pub(super) tags: Tags,
}

/// The tags of a variant.
#[derive(Clone, Debug)]
pub(super) enum Tags {
    /// This one.
    Only(u64),
    /// All but these, which stand for the others.
    AllBut(Vec<u64>),
}

impl When {
    pub(super) fn holds(&self, block: &[u8]) -> bool {
        let mut tag = [0; 8];
        tag[..self.bytes].copy_from_slice(&block[self.at..self.at + self.bytes]);
        let tag = u64::from_le_bytes(tag);
        match &self.tags {
            Tags::Only(value) => tag == *value,
            Tags::AllBut(others) => !others.contains(&tag),
        }
    }
}

impl Float {
    /// True if the enums that it is part of are of the variants that have it. `block` is what its block
    /// holds.
    pub(super) fn is_there(&self, block: &[u8]) -> bool {
        self.when.iter().all(|when| when.holds(block))
    }
}

/// An integer's place.
#[derive(Clone, Debug)]
pub(super) struct Integer {
    pub(super) block: usize,
    pub(super) at: usize,
    pub(super) bytes: usize,
    pub(super) kind: IntegerKind,
}

/// What an integer is to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IntegerKind {
    Bool,
    Char,
    Signed,
    Unsigned,
    /// Nobody knows its type.
    Word,
}

impl Image {
    pub(super) fn block(&mut self, bytes: usize) -> usize {
        self.blocks.push(vec![0; bytes]);
        self.blocks.len() - 1
    }

    /// Notes that a block belongs to what points to it.
    pub(super) fn own(&mut self, block: usize) {
        self.owned.push(block);
    }

    pub(super) fn point(&mut self, block: usize, at: usize, to: usize) {
        self.pointers.push(Pointer { block, at, to });
    }

    pub(super) fn put(&mut self, block: usize, at: usize, bytes: &[u8]) {
        self.blocks[block][at..at + bytes.len()].copy_from_slice(bytes);
    }

    pub(super) fn put_integer(&mut self, integer: &Integer, value: i128) {
        let bytes = value.to_le_bytes();
        self.put(
            integer.block,
            integer.at,
            &bytes[..integer.bytes.min(bytes.len())],
        );
    }

    pub(super) fn integer(&self, integer: &Integer) -> i128 {
        let mut bytes = [0; 16];
        let length = integer.bytes.min(16);
        let found = &self.blocks[integer.block][integer.at..integer.at + length];
        bytes[..length].copy_from_slice(found);
        let is_negative = found.last().is_some_and(|last| last & 0x80 != 0);
        if is_negative && matches!(integer.kind, IntegerKind::Signed | IntegerKind::Word) {
            bytes[length..].fill(0xFF);
        }
        i128::from_le_bytes(bytes)
    }

    /// Moves what lies in one block to where its parts belong: for each the block and where its bytes
    /// begin and end in the one that is taken apart.
    pub(super) fn take_apart(&mut self, whole: usize, parts: &[(usize, usize, usize)]) {
        let bytes = std::mem::take(&mut self.blocks[whole]);
        for &(block, begin, end) in parts {
            let end = end.min(bytes.len());
            self.blocks[block][..end - begin].copy_from_slice(&bytes[begin..end]);
        }
        let part = |at: usize| {
            let part = parts
                .iter()
                .find(|(_, begin, end)| (*begin..*end).contains(&at));
            part.map(|&(block, begin, _)| (block, at - begin))
        };
        // What is passed by value stays of the variant that it is.
        let here = self.floats.iter_mut().filter(|float| float.block == whole);
        here.for_each(|float| float.when.clear());
        let floats = self.floats.iter_mut().map(|f| (&mut f.block, &mut f.at));
        let integers = self.integers.iter_mut().map(|i| (&mut i.block, &mut i.at));
        let pointers = self.pointers.iter_mut().map(|p| (&mut p.block, &mut p.at));
        for (block, at) in floats.chain(integers).chain(pointers) {
            if *block == whole
                && let Some((to, offset)) = part(*at)
            {
                (*block, *at) = (to, offset);
            }
        }
    }

    /// The block that the value in the first bytes of a block points to.
    pub(super) fn behind(&self, block: usize) -> Option<usize> {
        let mut pointers = self.pointers.iter();
        let first = pointers.find(|pointer| (pointer.block, pointer.at) == (block, 0))?;
        Some(first.to)
    }

    /// What a block holds, by the name of its first float.
    pub(super) fn name_of(&self, block: usize) -> String {
        let first = self.floats.iter().find(|float| float.block == block);
        match first {
            Some(float) => match float.label.split_once('[') {
                Some((name, _)) => name.to_owned(),
                None => float.label.clone(),
            },
            None => "memory without floats".to_owned(),
        }
    }

    pub(super) fn float(&self, float: &Float) -> f64 {
        read(&self.blocks[float.block], float)
    }

    pub(super) fn set_float(&mut self, float: &Float, value: f64) {
        write(&mut self.blocks[float.block], float, value);
    }
}

/// An image at real addresses.
#[derive(Debug)]
pub(super) struct Instance {
    buffers: Vec<Buffer>,
}

impl Instance {
    pub(super) fn of(image: &Image) -> Self {
        // A check makes thousands of them, nearly all of one form.
        let fits = |buffers: &Vec<Buffer>| {
            let lengths = buffers.iter().map(|buffer| buffer.length);
            lengths.eq(image.blocks.iter().map(Vec::len))
        };
        let used = USED.with_borrow_mut(|used| {
            let at = used.iter().position(fits)?;
            Some(used.swap_remove(at))
        });
        let fresh = || image.blocks.iter().map(|b| Buffer::new(b.len())).collect();
        let mut instance = Instance {
            buffers: used.unwrap_or_else(fresh),
        };
        instance.reset(image);
        instance
    }

    /// Makes the memory what the image says again.
    pub(super) fn reset(&mut self, image: &Image) {
        for (buffer, block) in self.buffers.iter_mut().zip(&image.blocks) {
            buffer.bytes_mut().copy_from_slice(block);
        }
        for pointer in &image.pointers {
            let address = self.buffers[pointer.to].address() as u64;
            self.buffers[pointer.block].bytes_mut()[pointer.at..pointer.at + 8]
                .copy_from_slice(&address.to_le_bytes());
        }
    }

    /// Where memory is that the code may free, and how large it is.
    pub(super) fn owned<'a>(
        &'a self,
        image: &'a Image,
    ) -> impl Iterator<Item = (*const u8, usize)> {
        image.owned.iter().map(|&block| {
            let bytes = self.buffers[block].bytes();
            (bytes.as_ptr(), bytes.len())
        })
    }

    /// The blocks that code may free, and where they are.
    pub(super) fn owned_blocks<'a>(
        &'a self,
        image: &'a Image,
    ) -> impl Iterator<Item = (usize, usize)> {
        let owned = image.owned.iter();
        owned.map(|&block| (block, self.buffers[block].address()))
    }

    /// The blocks that something was written beside.
    pub(super) fn torn(&self) -> Vec<usize> {
        (0..self.buffers.len())
            .filter(|&block| !self.buffers[block].is_intact())
            .collect()
    }

    /// Where a block lies.
    pub(super) fn address(&mut self, block: usize) -> *mut u8 {
        self.buffers[block].bytes_mut().as_mut_ptr()
    }

    pub(super) fn bytes(&self, block: usize) -> &[u8] {
        self.buffers[block].bytes()
    }

    pub(super) fn set_bytes(&mut self, block: usize, bytes: &[u8]) {
        self.buffers[block].bytes_mut().copy_from_slice(bytes);
    }

    /// Where a float is.
    pub(super) fn address_of(&self, float: &Float) -> usize {
        self.buffers[float.block].bytes().as_ptr() as usize + float.at
    }

    pub(super) fn get(&self, float: &Float) -> f64 {
        read(self.buffers[float.block].bytes(), float)
    }

    /// True if the enums that the float is part of are of the variants that have it.
    pub(super) fn has(&self, float: &Float) -> bool {
        float.when.is_empty() || float.is_there(self.buffers[float.block].bytes())
    }

    pub(super) fn set(&mut self, float: &Float, value: f64) {
        write(self.buffers[float.block].bytes_mut(), float, value);
    }
}

thread_local! {
    /// Buffers of instances that are no longer needed.
    static USED: RefCell<Vec<Vec<Buffer>>> = const { RefCell::new(Vec::new()) };
}

impl Drop for Instance {
    fn drop(&mut self) {
        /// As many are kept.
        const MOST: usize = 4;
        let buffers = std::mem::take(&mut self.buffers);
        if buffers.iter().all(Buffer::is_intact) {
            USED.with_borrow_mut(|used| {
                if used.len() == MOST {
                    used.remove(0);
                }
                used.push(buffers);
            });
        }
    }
}

/// Bytes that begin where any type may, with room behind them.
#[derive(Debug)]
pub(super) struct Buffer {
    memory: Vec<u8>,
    start: usize,
    length: usize,
}

/// What a block's address is a multiple of.
const ALIGNMENT: usize = 64;
/// Bytes on both sides of a block that nobody may write to.
const FENCE: usize = 512;
/// What is in them: as a float, not a number.
const POISON: u8 = 0xFF;

impl Buffer {
    pub(super) fn new(length: usize) -> Self {
        let memory = vec![POISON; length + 2 * FENCE + ALIGNMENT];
        let start = FENCE + memory[FENCE..].as_ptr().align_offset(ALIGNMENT);
        let mut buffer = Buffer {
            memory,
            start,
            length,
        };
        buffer.bytes_mut().fill(0);
        buffer
    }

    /// True when nothing was written beside the block.
    pub(super) fn is_intact(&self) -> bool {
        let (before, rest) = self.memory.split_at(self.start);
        is_poison(before) && is_poison(&rest[self.length..])
    }

    fn address(&self) -> usize {
        self.bytes().as_ptr() as usize
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.memory[self.start..self.start + self.length]
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.memory[self.start..self.start + self.length]
    }
}

/// True where nothing was written. This is asked after every run; to compare memory is the fastest way.
fn is_poison(bytes: &[u8]) -> bool {
    static UNTOUCHED: [u8; FENCE + ALIGNMENT] = [POISON; FENCE + ALIGNMENT];
    bytes
        .chunks(UNTOUCHED.len())
        .all(|part| part == &UNTOUCHED[..part.len()])
}

pub(super) fn read(bytes: &[u8], float: &Float) -> f64 {
    let at = float.at;
    match float.bits {
        16 => half::to_f64(u16::from_le_bytes(
            bytes[at..at + 2].try_into().expect("two bytes"),
        )),
        32 => f64::from(f32::from_le_bytes(
            bytes[at..at + 4].try_into().expect("four bytes"),
        )),
        _ => f64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes")),
    }
}

pub(super) fn write(bytes: &mut [u8], float: &Float, value: f64) {
    let at = float.at;
    match float.bits {
        16 => bytes[at..at + 2].copy_from_slice(&half::from_f64(value).to_le_bytes()),
        32 => bytes[at..at + 4].copy_from_slice(&(value as f32).to_le_bytes()),
        _ => bytes[at..at + 8].copy_from_slice(&value.to_le_bytes()),
    }
}

/// The tangent of the float at an address.
pub(super) fn tangent(at: *const u8, bits: u32) -> f64 {
    match bits {
        16 => {
            let mut bytes = [0; 2];
            llvm_shim::tangent(at, &mut bytes);
            half::to_f64(u16::from_le_bytes(bytes))
        }
        32 => {
            let mut bytes = [0; 4];
            llvm_shim::tangent(at, &mut bytes);
            f64::from(f32::from_le_bytes(bytes))
        }
        _ => {
            let mut bytes = [0; 8];
            llvm_shim::tangent(at, &mut bytes);
            f64::from_le_bytes(bytes)
        }
    }
}
