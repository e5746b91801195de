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

use object::{
    Object as _, ObjectSymbol as _, ObjectSymbolTable as _, RelocationFlags, RelocationTarget,
    SymbolKind, elf,
};

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
    if path.starts_with("std::sys::") && path.ends_with("::hashmap_random_keys") {
        return Some(hash_keys as *const () as usize);
    }
    if path.starts_with("std::sys::thread_local::destructors::") && path.ends_with("::register") {
        return Some(outlive as *const () as usize);
    }
    let symbol = CString::new(symbol).ok()?;
    let library = LIBRARY.with(|library| *library.get_or_init(|| load(&symbol)))?;
    find(library as *mut c_void, &symbol)
}

/// What is to happen to a variable of a thread when the thread ends, which does not: what runs a function ends at once.
extern "C" fn outlive(_variable: *mut u8, _drop: *const c_void) {}

/// Two numbers, returned as rustc returns a pair of them.
#[repr(C)]
struct Keys(u64, u64);

/// What a process begins its maps' hashes with. They are random there, for which the library asks the system; the same command
/// is to print the same.
extern "C" fn hash_keys() -> Keys {
    Keys(0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344)
}

fn find(library: *mut c_void, symbol: &CStr) -> Option<usize> {
    // SAFETY: the library stays loaded, and the name ends with a zero.
    let address = unsafe { libc::dlsym(library, symbol.as_ptr()) };
    (!address.is_null()).then_some(address as usize)
}

/// Loads the installed library that has a symbol.
fn load(symbol: &CStr) -> Option<usize> {
    installed().into_iter().find_map(|path| {
        let name = CString::new(path.as_os_str().as_bytes()).ok()?;
        // SAFETY: a toolchain's own library, whose initialisation only looks at the program's arguments.
        let library = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        if library.is_null() {
            return None;
        }
        let is_ready = find(library, symbol).is_some() && {
            let bytes = fs::read(&path).unwrap_or_default();
            let file = object::File::parse(&*bytes).ok();
            file.is_some_and(|file| {
                let base = base(&file, library);
                base.is_some_and(|base| prepare(&file, base))
            })
        };
        if !is_ready {
            // SAFETY: nothing of it is in use.
            unsafe { libc::dlclose(library) };
        }
        is_ready.then_some(library as usize)
    })
}

/// Where a library lies: a function of it tells, which has the same address in each thread.
fn base(file: &object::File<'_>, library: *mut c_void) -> Option<usize> {
    let mut symbols = file.dynamic_symbols();
    let function = symbols.find(|symbol| {
        symbol.is_definition() && symbol.is_global() && symbol.kind() == SymbolKind::Text
    })?;
    let address = find(library, &CString::new(function.name_bytes().ok()?).ok()?)?;
    address.checked_sub(function.address() as usize)
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

/// What there is once in a program, and what makes it: a function without parameters that returns one address.
const MADE_ONCE: [&str; 1] = ["std::io::stdio::stdout"];

/// Has the library at `base` make what it keeps for the whole program, and then puts the check's allocator in the place of
/// its own. The other way round the buffer of standard output would lie in memory that is taken back after each run. False
/// where the library is not as it should be.
fn prepare(library: &object::File<'_>, base: usize) -> bool {
    for symbol in library.dynamic_symbols() {
        let name = symbol.name().unwrap_or_default();
        let path = format!("{:#}", rustc_demangle::demangle(name));
        if MADE_ONCE.contains(&path.as_str()) && symbol.is_definition() {
            let address = base + symbol.address() as usize;
            // SAFETY: a function of the library that takes nothing and returns a reference.
            let make: extern "C" fn() -> *const c_void = unsafe { std::mem::transmute(address) };
            make();
        }
    }
    share_heap(library, base).is_some()
}

/// Puts the check's allocator in the place of the library's, wherever the library calls it.
fn share_heap(library: &object::File<'_>, base: usize) -> Option<()> {
    // Those that hold the address of a symbol.
    let kinds = match consts::ARCH {
        "x86_64" => [elf::R_X86_64_GLOB_DAT, elf::R_X86_64_JUMP_SLOT],
        "aarch64" => [elf::R_AARCH64_GLOB_DAT, elf::R_AARCH64_JUMP_SLOT],
        _ => return None,
    };
    let symbols = library.dynamic_symbol_table()?;
    let mut shared = 0;
    for (offset, relocation) in library.dynamic_relocations()? {
        let RelocationFlags::Elf { r_type } = relocation.flags() else {
            continue;
        };
        let RelocationTarget::Symbol(symbol) = relocation.target() else {
            continue;
        };
        let symbol = symbols.symbol_by_index(symbol).ok()?;
        if !kinds.contains(&r_type) {
            continue;
        }
        let Some(own) = symbol.name().ok().and_then(heap::of_rust) else {
            continue;
        };
        // SAFETY: slots are words of the library's own, which nothing else writes: the engine has one thread that runs it.
        if !unsafe { write(base + offset as usize, own) } {
            return None;
        }
        shared += 1;
    }
    (shared > 0).then_some(())
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
