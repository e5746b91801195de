//! What a module's build left in the standard library, such as reading a number: from the library of the toolchain that
//! made the module, where it is installed.
//!
//! Symbols carry a hash of the compiler, so a library that has a symbol has what it means. What the library allocates comes
//! from the heap of the check, which the module's own code may free.
#![allow(
    unsafe_code,
    reason = "loads a library, and puts the check's allocator in the place of its own"
)]

use std::cell::OnceCell;
use std::env::{self, consts};
use std::ffi::{CStr, CString, c_void};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::heap;

thread_local! {
    /// The library that has been loaded, if there is one that was asked for.
    static LIBRARY: OnceCell<Option<usize>> = const { OnceCell::new() };
}

/// Where the standard library has what the symbol names. The first symbol that is asked for chooses the library.
pub(super) fn address(symbol: &str) -> Option<usize> {
    let path = format!("{:#}", rustc_demangle::demangle(symbol));
    let path = path.trim_start_matches('<').trim_start_matches('&');
    let is_mangled = symbol.starts_with("_R") || symbol.starts_with("_ZN");
    let names_library = ["core::", "alloc::", "std::"]
        .iter()
        .any(|root| path.contains(root));
    if !is_mangled || !names_library {
        return None;
    }
    let symbol = CString::new(symbol).ok()?;
    let library = LIBRARY.with(|library| *library.get_or_init(|| load(&symbol)))?;
    find(library as *mut c_void, &symbol)
}

fn find(library: *mut c_void, symbol: &CStr) -> Option<usize> {
    // SAFETY: the library stays loaded, and the name ends with a zero.
    let address = unsafe { libc::dlsym(library, symbol.as_ptr()) };
    (!address.is_null()).then_some(address as usize)
}

/// Loads the installed library that has a symbol.
fn load(symbol: &CStr) -> Option<usize> {
    installed().into_iter().find_map(|path| {
        let path = CString::new(path.as_os_str().as_bytes()).ok()?;
        // SAFETY: a toolchain's own library, whose initialisation only looks at the program's arguments.
        let library = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        if library.is_null() {
            return None;
        }
        match find(library, symbol) {
            Some(address) if share_heap(address) => Some(library as usize),
            _ => {
                // SAFETY: nothing of it is in use.
                unsafe { libc::dlclose(library) };
                None
            }
        }
    })
}

/// The standard libraries of all toolchains that rustup has, and of the compiler in the path.
fn installed() -> Vec<PathBuf> {
    let rustup = env::var_os("RUSTUP_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".rustup")));
    let toolchains = rustup.map(|rustup| files(&rustup.join("toolchains")));
    let in_path = env::var_os("PATH").map(|path| env::split_paths(&path).collect::<Vec<_>>());
    let compilers = in_path
        .into_iter()
        .flatten()
        .filter(|folder| folder.join("rustc").is_file())
        .filter_map(|folder| folder.parent().map(Path::to_path_buf));
    toolchains
        .into_iter()
        .flatten()
        .chain(compilers)
        .map(|root| {
            root.join(format!(
                "lib/rustlib/{}-unknown-linux-gnu/lib",
                consts::ARCH
            ))
        })
        .flat_map(|folder| files(&folder))
        .filter(|file| {
            let name = file.file_name().unwrap_or_default().as_bytes();
            name.starts_with(b"libstd-") && name.ends_with(b".so")
        })
        .collect()
}

/// What is in a folder, in an order that is always the same.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.sort();
    files
}

/// An entry of the table that says where the dynamic linker finds what.
#[repr(C)]
struct Dynamic {
    tag: i64,
    value: u64,
}

const TABLE_END: i64 = 0;
const SIZE_OF_CALLS: i64 = 2;
const STRINGS: i64 = 5;
const SYMBOLS: i64 = 6;
const RELOCATIONS: i64 = 7;
const SIZE_OF_RELOCATIONS: i64 = 8;
const CALLS: i64 = 23;

/// Puts the check's allocator in the place of the library's, wherever the library calls it. False where that cannot be
/// done.
fn share_heap(inside: usize) -> bool {
    // Those that hold the address of a symbol.
    let kinds: [u32; 2] = match consts::ARCH {
        "x86_64" => [6, 7],
        "aarch64" => [1025, 1026],
        _ => return false,
    };
    let mut shared = 0;
    // SAFETY: `dladdr` says where the library lies, and the dynamic linker has read the same tables when it loaded it.
    // Slots are words of the library's own, which nothing else writes: the engine has one thread that runs it.
    unsafe {
        let mut found: libc::Dl_info = std::mem::zeroed();
        if libc::dladdr(inside as *const c_void, &raw mut found) == 0 {
            return false;
        }
        let base = found.dli_fbase as usize;
        let header = &*(base as *const libc::Elf64_Ehdr);
        let segments = std::slice::from_raw_parts(
            (base + header.e_phoff as usize) as *const libc::Elf64_Phdr,
            usize::from(header.e_phnum),
        );
        let Some(dynamic) = segments
            .iter()
            .find(|segment| segment.p_type == libc::PT_DYNAMIC)
        else {
            return false;
        };
        let table = (base + dynamic.p_vaddr as usize) as *const Dynamic;
        let entry = |tag| {
            (0..)
                .map(|at| &*table.add(at))
                .take_while(|entry| entry.tag != TABLE_END)
                .find(|entry| entry.tag == tag)
                .map(|entry| entry.value as usize)
        };
        // The C library may leave addresses as they are in the file.
        let absolute = |address: usize| if address < base { base + address } else { address };
        let (Some(symbols), Some(strings)) = (entry(SYMBOLS), entry(STRINGS)) else {
            return false;
        };
        let (symbols, strings) = (absolute(symbols), absolute(strings));
        for (relocations, size) in [(RELOCATIONS, SIZE_OF_RELOCATIONS), (CALLS, SIZE_OF_CALLS)] {
            let (Some(relocations), Some(size)) = (entry(relocations), entry(size)) else {
                continue;
            };
            let relocations = std::slice::from_raw_parts(
                absolute(relocations) as *const libc::Elf64_Rela,
                size / size_of::<libc::Elf64_Rela>(),
            );
            for relocation in relocations {
                let (symbol, kind) = (relocation.r_info >> 32, relocation.r_info as u32);
                if symbol == 0 || !kinds.contains(&kind) {
                    continue;
                }
                let symbol = &*(symbols as *const libc::Elf64_Sym).add(symbol as usize);
                let name = CStr::from_ptr((strings + symbol.st_name as usize) as *const _);
                let Some(own) = name.to_str().ok().and_then(heap::of_rust) else {
                    continue;
                };
                let slot = base + relocation.r_offset as usize;
                if !write(slot, own) {
                    return false;
                }
                shared += 1;
            }
        }
    }
    shared > 0
}

/// Writes a word of the library's that may be read only by now.
///
/// # Safety
///
/// `slot` is such a word.
unsafe fn write(slot: usize, value: usize) -> bool {
    // SAFETY: the caller's; a page stays readable.
    unsafe {
        let size = libc::sysconf(libc::_SC_PAGESIZE) as usize;
        let page = (slot / size * size) as *mut c_void;
        if libc::mprotect(page, size, libc::PROT_READ | libc::PROT_WRITE) != 0 {
            return false;
        }
        *(slot as *mut usize) = value;
    }
    true
}
