//! The memory that a function is run on: its arguments and all that they point to.
//!
//! An [`Image`] is a plan; an [`Instance`] is the plan carried out at real addresses, as often as it is
//! wanted: once for the primal, once more for its shadow.

use std::cell::RefCell;

/// Blocks of memory that point to each other, with a note of every number in them.
#[derive(Clone, Debug, Default)]
pub(super) struct Image {
    pub(super) blocks: Vec<Vec<u8>>,
    /// The block that holds each IR parameter's value.
    pub(super) arguments: Vec<usize>,
    pointers: Vec<Pointer>,
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
}

/// An integer's place.
#[derive(Clone, Debug)]
pub(super) struct Integer {
    pub(super) block: usize,
    pub(super) at: usize,
    pub(super) bytes: usize,
}

/// Which float or integer of an image.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scalar {
    /// A float, by its position.
    Float(usize),
    /// An integer, by its position.
    Integer(usize),
}

impl Image {
    pub(super) fn block(&mut self, bytes: usize) -> usize {
        self.blocks.push(vec![0; bytes]);
        self.blocks.len() - 1
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

    pub(super) fn get(&self, float: &Float) -> f64 {
        read(self.buffers[float.block].bytes(), float)
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
    fn is_intact(&self) -> bool {
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

/// True where nothing was written. This is asked after every run, so it goes by words.
fn is_poison(bytes: &[u8]) -> bool {
    let words = bytes.chunks_exact(16);
    let rest = words.remainder();
    let mut all = u128::MAX;
    for word in words {
        all &= u128::from_ne_bytes(word.try_into().expect("sixteen bytes"));
    }
    all == u128::MAX && rest.iter().all(|&byte| byte == POISON)
}

pub(super) fn read(bytes: &[u8], float: &Float) -> f64 {
    let at = float.at;
    match float.bits {
        32 => f64::from(f32::from_le_bytes(
            bytes[at..at + 4].try_into().expect("four bytes"),
        )),
        _ => f64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes")),
    }
}

pub(super) fn write(bytes: &mut [u8], float: &Float, value: f64) {
    let at = float.at;
    match float.bits {
        32 => bytes[at..at + 4].copy_from_slice(&(value as f32).to_le_bytes()),
        _ => bytes[at..at + 8].copy_from_slice(&value.to_le_bytes()),
    }
}

/// The tangent of the float at an address.
pub(super) fn tangent(at: *const u8, bits: u32) -> f64 {
    match bits {
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
