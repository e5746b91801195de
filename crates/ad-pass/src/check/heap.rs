//! The heap of the code that is compiled at run time: Rust's allocator and C's, with an account of every
//! block.
//!
//! Memory that nothing was written to, that was freed, or that lies behind a block is filled with
//! [`POISON`]: as a float that is not a number, so that what reads it gets a wrong result. Freed
//! blocks are kept until the account is closed, so that no address is given out twice.
#![allow(unsafe_code, reason = "hands memory to compiled code")]

use std::alloc::{self, Layout};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ptr;
use std::slice;

use inkwell::execution_engine::ExecutionEngine;
use inkwell::module::Module;
use trace::{Allocator, MemoryFault};

/// Fills what no code may read.
const POISON: u8 = 0xFF;
/// Bytes behind each block that no code may write to.
const FENCE: usize = 64;

thread_local! {
    static HEAP: RefCell<Heap> = RefCell::default();
}

#[derive(Default)]
struct Heap {
    /// By address.
    blocks: BTreeMap<usize, Block>,
    /// Memory of the inputs that belongs to the code, by address: its size, and whether it still has it.
    lent: BTreeMap<usize, (usize, bool)>,
    faults: Vec<MemoryFault>,
    used: trace::Heap,
    /// Bytes that are allocated now.
    live: u64,
}

#[derive(Clone, Copy)]
struct Block {
    /// As asked for, without the fence.
    layout: Layout,
    allocator: Allocator,
    live: bool,
}

/// What a run did to the heap.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Account {
    /// What it did that no code may do.
    pub(crate) faults: Vec<MemoryFault>,
    /// What it did not free.
    pub(crate) left: Vec<String>,
    /// How much it took.
    pub(crate) used: trace::Heap,
    /// It freed memory that was handed over.
    pub(crate) frees_inputs: bool,
}

/// Closes the account of everything that ran since it was closed the last time, and gives all memory
/// back.
pub(crate) fn close() -> Account {
    let mut heap = HEAP.take();
    heap.close();
    Account {
        left: heap
            .blocks
            .values()
            .filter(|block| block.live)
            .map(|block| format!("{} bytes of {:?}'s", block.layout.size(), block.allocator))
            .collect(),
        used: heap.used,
        frees_inputs: heap.lent.values().any(|(_, live)| !live),
        faults: heap.faults,
    }
}

/// True where all of so many bytes lie in a block that was allocated and not freed.
pub(super) fn holds(address: usize, size: usize) -> bool {
    HEAP.with_borrow(|heap| {
        let before = heap.blocks.range(..=address).next_back();
        before.is_some_and(|(start, block)| {
            let end = address.checked_add(size);
            block.live && end.is_some_and(|end| end <= start + block.layout.size())
        })
    })
}

/// True where they lie in such a block, or in memory of the inputs that belongs to the code and was not freed.
pub(super) fn is_there(address: usize, size: usize) -> bool {
    holds(address, size)
        || HEAP.with_borrow(|heap| {
            let before = heap.lent.range(..=address).next_back();
            before.is_some_and(|(start, (length, live))| {
                let end = address.checked_add(size);
                *live && end.is_some_and(|end| end <= start + length)
            })
        })
}

/// How many blocks were allocated and not freed.
pub(super) fn live_blocks() -> usize {
    HEAP.with_borrow(|heap| heap.blocks.values().filter(|block| block.live).count())
}

/// True for memory of the inputs that was freed.
pub(super) fn was_freed(address: usize) -> bool {
    HEAP.with_borrow(|heap| heap.lent.get(&address).is_some_and(|(_, live)| !live))
}

/// Hands over memory that stays where it is: what runs until the account is closed may free it, as if
/// Rust's allocator had given it.
pub(crate) fn lend(address: *const u8, size: usize) {
    if size > 0 {
        HEAP.with_borrow_mut(|heap| heap.lent.insert(address as usize, (size, true)));
    }
}

/// Gives the module's declarations of allocators their bodies here.
pub(crate) fn connect<'c>(jit: &ExecutionEngine<'c>, module: &Module<'c>) {
    for function in module.get_functions() {
        if let Some(address) = body(&function.get_name().to_string_lossy()) {
            jit.add_global_mapping(&function, address as usize);
        }
    }
}

/// Has the module's declarations of Rust's allocator call that of this process, without an account: for code whose calls
/// are timed.
pub(crate) fn connect_fast<'c>(jit: &ExecutionEngine<'c>, module: &Module<'c>) {
    for function in module.get_functions() {
        let path = format!(
            "{:#}",
            rustc_demangle::demangle(&function.get_name().to_string_lossy())
        );
        let address = match path.trim_start_matches("__rustc::") {
            "__rust_alloc" => fast_alloc as *const (),
            "__rust_alloc_zeroed" => fast_alloc_zeroed as *const (),
            "__rust_realloc" => fast_realloc as *const (),
            "__rust_dealloc" => fast_dealloc as *const (),
            "__rust_no_alloc_shim_is_unstable_v2" => nothing as *const (),
            // C's are those of the process anyway.
            _ => continue,
        };
        jit.add_global_mapping(&function, address as usize);
    }
}

extern "C" fn fast_alloc(size: usize, align: usize) -> *mut u8 {
    // SAFETY: what Rust's allocator asks of its callers, the code that calls it owes.
    unsafe { alloc::alloc(Layout::from_size_align_unchecked(size, align)) }
}

extern "C" fn fast_alloc_zeroed(size: usize, align: usize) -> *mut u8 {
    // SAFETY: as above.
    unsafe { alloc::alloc_zeroed(Layout::from_size_align_unchecked(size, align)) }
}

extern "C" fn fast_realloc(old: *mut u8, size: usize, align: usize, new_size: usize) -> *mut u8 {
    // SAFETY: as above.
    unsafe {
        alloc::realloc(
            old,
            Layout::from_size_align_unchecked(size, align),
            new_size,
        )
    }
}

extern "C" fn fast_dealloc(address: *mut u8, size: usize, align: usize) {
    // SAFETY: as above.
    unsafe { alloc::dealloc(address, Layout::from_size_align_unchecked(size, align)) }
}

/// True for an allocator's symbol.
pub(crate) fn serves(symbol: &str) -> bool {
    body(symbol).is_some()
}

/// Where the check has what a symbol names of Rust's allocator.
pub(super) fn of_rust(symbol: &str) -> Option<usize> {
    let address = symbol.contains("__rust_").then(|| body(symbol))??;
    Some(address as usize)
}

fn body(symbol: &str) -> Option<*const ()> {
    let path = format!("{:#}", rustc_demangle::demangle(symbol));
    Some(match path.trim_start_matches("__rustc::") {
        "__rust_alloc" => rust_alloc as *const (),
        "__rust_alloc_zeroed" => rust_alloc_zeroed as *const (),
        "__rust_realloc" => rust_realloc as *const (),
        "__rust_dealloc" => rust_dealloc as *const (),
        "__rust_no_alloc_shim_is_unstable_v2" => nothing as *const (),
        "malloc" => malloc as *const (),
        "calloc" => calloc as *const (),
        "realloc" => realloc as *const (),
        "free" => free as *const (),
        _ => return None,
    })
}

extern "C" fn rust_alloc(size: usize, align: usize) -> *mut u8 {
    allocate(Allocator::Rust, size, align, POISON)
}

extern "C" fn rust_alloc_zeroed(size: usize, align: usize) -> *mut u8 {
    allocate(Allocator::Rust, size, align, 0)
}

extern "C" fn rust_dealloc(address: *mut u8, size: usize, align: usize) {
    release(Allocator::Rust, address, Some((size, align)));
}

extern "C" fn rust_realloc(
    old: *mut u8,
    old_size: usize,
    align: usize,
    new_size: usize,
) -> *mut u8 {
    let new = allocate(Allocator::Rust, new_size, align, POISON);
    if new.is_null() {
        return new;
    }
    copy(old, new);
    release(Allocator::Rust, old, Some((old_size, align)));
    new
}

/// What `__rust_no_alloc_shim_is_unstable_v2` does.
extern "C" fn nothing() {}

extern "C" fn malloc(size: usize) -> *mut u8 {
    allocate(Allocator::C, size, 16, POISON)
}

extern "C" fn calloc(count: usize, size: usize) -> *mut u8 {
    match count.checked_mul(size) {
        Some(size) => allocate(Allocator::C, size, 16, 0),
        None => ptr::null_mut(),
    }
}

extern "C" fn realloc(old: *mut u8, size: usize) -> *mut u8 {
    let new = malloc(size);
    if !new.is_null() {
        copy(old, new);
        free(old);
    }
    new
}

extern "C" fn free(address: *mut u8) {
    if !address.is_null() {
        release(Allocator::C, address, None);
    }
}

/// A block, or null where there is none of that size. Enzyme asks for what a loop would need that does not run, and then
/// needs nothing of it.
fn allocate(allocator: Allocator, size: usize, align: usize, fill: u8) -> *mut u8 {
    HEAP.with_borrow_mut(|heap| {
        if allocator == Allocator::Rust && size == 0 {
            heap.faults.push(MemoryFault::EmptyAllocation);
        }
        let fits = size.checked_add(FENCE);
        let fits = fits.is_some_and(|fenced| Layout::from_size_align(fenced, align).is_ok());
        let Some(layout) = Layout::from_size_align(size, align).ok().filter(|_| fits) else {
            return ptr::null_mut();
        };
        let block = Block {
            layout,
            allocator,
            live: true,
        };
        // SAFETY: the fence makes the size greater than zero, and both fills stay within it.
        let address = unsafe {
            let address = alloc::alloc(block.fenced());
            if address.is_null() {
                return address;
            }
            address.write_bytes(fill, size);
            address.add(size).write_bytes(POISON, FENCE);
            address
        };
        heap.blocks.insert(address as usize, block);
        let bytes = size as u64;
        heap.live += bytes;
        heap.used.blocks += 1;
        heap.used.bytes += bytes;
        heap.used.peak = heap.used.peak.max(heap.live);
        address
    })
}

fn release(allocator: Allocator, address: *mut u8, claim: Option<(usize, usize)>) {
    HEAP.with_borrow_mut(|heap| {
        if heap.release_lent(allocator, address as usize, claim) {
            return;
        }
        let Some(block) = heap.blocks.get_mut(&(address as usize)) else {
            heap.faults.push(MemoryFault::FreesUnknown {
                by: allocator,
                address: address as usize,
            });
            return;
        };
        let (size, align) = (block.layout.size(), block.layout.align());
        if !block.live {
            heap.faults.push(MemoryFault::FreesTwice {
                by: allocator,
                size,
            });
        } else if block.allocator != allocator {
            heap.faults.push(MemoryFault::FreesOther {
                by: allocator,
                of: block.allocator,
                size,
            });
        } else {
            block.live = false;
            let freed = size as u64;
            // SAFETY: the block is kept until the heap is closed.
            unsafe { address.write_bytes(POISON, size) };
            if let Some(claim) = claim.filter(|&claim| claim != (size, align)) {
                heap.faults.push(MemoryFault::FreedAs {
                    layout: (size, align),
                    claim,
                });
            }
            heap.live -= freed;
        }
    });
}

/// Copies as much as both blocks hold; a block that nobody allocated holds nothing.
fn copy(from: *const u8, to: *mut u8) {
    HEAP.with_borrow(|heap| {
        let size = |address| {
            let block = heap.blocks.get(&address).map(|block| block.layout.size());
            let lent = || heap.lent.get(&address).map(|(size, _)| *size);
            block.or_else(lent).unwrap_or(0)
        };
        let size = size(from as usize).min(size(to as usize));
        // SAFETY: the blocks are two, and both have that size.
        unsafe { to.copy_from_nonoverlapping(from, size) };
    });
}

impl Heap {
    /// Takes memory back that was lent; false if it was not.
    fn release_lent(
        &mut self,
        allocator: Allocator,
        address: usize,
        claim: Option<(usize, usize)>,
    ) -> bool {
        let Some((size, live)) = self.lent.get_mut(&address) else {
            return false;
        };
        let size = *size;
        if !std::mem::replace(live, false) {
            self.faults.push(MemoryFault::FreesTwice {
                by: allocator,
                size,
            });
        } else if allocator == Allocator::C {
            self.faults.push(MemoryFault::FreesOther {
                by: allocator,
                of: Allocator::Rust,
                size,
            });
        } else if let Some((claimed, align)) = claim
            && claimed != size
        {
            self.faults.push(MemoryFault::FreedAs {
                layout: (size, align),
                claim: (claimed, align),
            });
        }
        true
    }

    /// Looks for writes where there was nothing to write to, and gives all memory back.
    fn close(&mut self) {
        for (&address, block) in &self.blocks {
            let address = address as *mut u8;
            let size = block.layout.size();
            // SAFETY: the block and its fence were allocated with this layout and initialised, and
            // nothing refers to them any more.
            let (inside, fence) = unsafe {
                let fence = slice::from_raw_parts(address.add(size), FENCE);
                (slice::from_raw_parts(address, size), fence)
            };
            let written = |bytes: &[u8]| bytes.iter().any(|&byte| byte != POISON);
            if written(fence) {
                self.faults.push(MemoryFault::WroteBehind { size });
            }
            if !block.live && written(inside) {
                self.faults.push(MemoryFault::WroteFreed { size });
            }
            // SAFETY: as above; nothing is read from it afterwards.
            unsafe { alloc::dealloc(address, block.fenced()) };
        }
    }
}

impl Block {
    fn fenced(&self) -> Layout {
        Layout::from_size_align(self.layout.size() + FENCE, self.layout.align()).unwrap()
    }
}

/// A block with these numbers.
#[cfg(test)]
pub(super) fn allocate_for_test(numbers: &[f64]) -> usize {
    let block = rust_alloc(size_of_val(numbers), 8);
    // SAFETY: the block is as large.
    unsafe {
        block
            .cast::<f64>()
            .copy_from_nonoverlapping(numbers.as_ptr(), numbers.len())
    };
    block as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(run: impl FnOnce()) -> String {
        run();
        let faults = close().faults;
        let words: Vec<String> = faults.iter().map(ToString::to_string).collect();
        words.join("; ")
    }

    #[test]
    fn a_leak_is_found() {
        rust_alloc(24, 8);
        let account = close();
        assert_eq!(account.left, ["24 bytes of Rust's"]);
        let used = trace::Heap {
            blocks: 1,
            bytes: 24,
            peak: 24,
        };
        assert_eq!(account.used, used);
        assert_eq!(close(), Account::default());
    }

    #[test]
    fn what_is_too_large_is_refused_and_no_fault() {
        let found = faults(|| {
            for huge in [usize::MAX, usize::MAX / 2, usize::MAX - 3] {
                assert!(malloc(huge).is_null());
                assert!(calloc(huge, 8).is_null());
                free(malloc(huge));
                let block = malloc(24);
                assert!(realloc(block, huge).is_null());
                free(block);
            }
        });
        assert_eq!(found, "");
    }

    #[test]
    fn a_double_free_is_found() {
        let found = faults(|| {
            let address = rust_alloc(24, 8);
            rust_dealloc(address, 24, 8);
            rust_dealloc(address, 24, 8);
        });
        assert!(found.contains("24 bytes a second time"), "{found}");
    }

    #[test]
    fn what_is_lent_may_be_freed_once() {
        let memory = [1_u8; 24];
        let address = memory.as_ptr().cast_mut();
        let lend = || {
            lend(address, 24);
            rust_dealloc(address, 24, 8);
        };
        lend();
        assert!(close().frees_inputs);
        assert_eq!(faults(lend), "");
        let found = faults(|| {
            lend();
            rust_dealloc(address, 24, 8);
        });
        assert!(found.contains("24 bytes a second time"), "{found}");
        let found = faults(|| rust_dealloc(address, 24, 8));
        assert!(found.contains("which nobody allocated"), "{found}");
    }

    #[test]
    fn what_is_lent_may_grow() {
        let memory = [7_u8; 24];
        lend(memory.as_ptr(), 24);
        let grown = rust_realloc(memory.as_ptr().cast_mut(), 24, 8, 48);
        // SAFETY: the block has 48 bytes until the account is closed.
        let start = unsafe { slice::from_raw_parts(grown, 24) };
        assert_eq!(start, memory);
        assert_eq!(close().faults, []);
    }

    #[test]
    fn a_wrong_size_is_found() {
        let found = faults(|| rust_dealloc(rust_alloc(24, 8), 32, 8));
        assert!(found.contains("(24, 8) is freed as (32, 8)"), "{found}");
    }

    #[test]
    fn a_wrong_allocator_is_found() {
        let found = faults(|| free(rust_alloc(24, 8)));
        assert!(found.contains("C's frees 24 bytes of Rust's"), "{found}");
    }

    #[test]
    fn a_write_behind_a_block_is_found() {
        let found = faults(|| {
            let address = rust_alloc_zeroed(24, 8);
            // SAFETY: the fence is there.
            unsafe { address.add(24).write(1) };
            rust_dealloc(address, 24, 8);
        });
        assert!(
            found.contains("wrote behind a block of 24 bytes"),
            "{found}"
        );
    }

    #[test]
    fn a_write_to_freed_memory_is_found() {
        let found = faults(|| {
            let address = rust_realloc(rust_alloc(24, 8), 24, 8, 48);
            rust_dealloc(address, 48, 8);
            // SAFETY: the memory is kept until the account is closed.
            unsafe { address.write(1) };
        });
        assert!(
            found.contains("wrote to 48 bytes that were freed"),
            "{found}"
        );
    }
}
