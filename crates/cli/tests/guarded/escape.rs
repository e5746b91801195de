//! Functions that do more than to compute. Each act has a function of its own, which Enzyme is told to leave
//! alone, and is tried by the function `try_ACT` before that computes.
//!
//! The files that they try to change are in the working folder: `kept`, `made`, and `socket`, at which somebody
//! listens.

#![no_std]

use core::arch::asm;
use core::ffi::{c_char, c_int, c_long, c_uint, c_void};

unsafe extern "C" {
    fn open(path: *const c_char, flags: c_int, ...) -> c_int;
    fn creat(path: *const c_char, mode: c_uint) -> c_int;
    fn mkdir(path: *const c_char, mode: c_uint) -> c_int;
    fn unlink(path: *const c_char) -> c_int;
    fn fopen(path: *const c_char, mode: *const c_char) -> *mut c_void;
    fn system(command: *const c_char) -> c_int;
    fn socket(domain: c_int, kind: c_int, protocol: c_int) -> c_int;
    fn connect(socket: c_int, address: *const c_void, length: c_uint) -> c_int;
    fn fork() -> c_int;
    fn getppid() -> c_int;
    fn kill(process: c_int, signal: c_int) -> c_int;
    fn write(file: c_int, bytes: *const u8, count: usize) -> isize;
    fn puts(text: *const c_char) -> c_int;
    fn mmap(at: *mut c_void, size: usize, prot: c_int, flags: c_int, file: c_int, from: c_long) -> *mut c_void;
    fn mprotect(at: *mut c_void, size: usize, prot: c_int) -> c_int;
    fn sigaction(signal: c_int, new: *const c_void, old: *mut c_void) -> c_int;
}

macro_rules! path {
    ($name:literal) => {
        concat!($name, "\0").as_ptr().cast::<c_char>()
    };
}

unsafe fn raw(number: c_long, a: c_long, b: c_long, c: c_long, d: c_long) -> c_long {
    let out;
    unsafe {
        asm!("syscall", inlateout("rax") number => out, in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d,
            in("r8") -1 as c_long, in("r9") 0, lateout("rcx") _, lateout("r11") _);
    }
    out
}

macro_rules! acts {
    ($($try:ident $act:ident $body:block)*) => {
        $(
            #[unsafe(no_mangle)]
            #[inline(never)]
            pub extern "C" fn $act() {
                #[allow(unused_unsafe)]
                let _ = unsafe { $body };
            }
            #[unsafe(no_mangle)]
            pub fn $try(x: f64) -> f64 {
                $act();
                x * x
            }
        )*
    };
}

/// `struct sockaddr_un` of the socket.
fn address() -> [u8; 110] {
    let mut address = [0; 110];
    address[0] = 1;
    let mut at = 0;
    while at < 6 {
        address[2 + at] = b"socket"[at];
        at += 1;
    }
    address
}

const RET: [u8; 1] = [0xC3];

acts! {
    try_open act_open { open(path!("kept"), 0o1001 /* write, truncate */) }
    try_open_raw act_open_raw { raw(2, path!("kept") as c_long, 0o1001, 0, 0) }
    try_openat_raw act_openat_raw { raw(257, -100, path!("kept") as c_long, 0o1001, 0) }
    try_fopen act_fopen { fopen(path!("kept"), c"w".as_ptr()) }
    try_create act_create { creat(path!("made"), 0o600) }
    try_create_raw act_create_raw { raw(85, path!("made") as c_long, 0o600, 0, 0) }
    try_mkdir act_mkdir { mkdir(path!("made"), 0o700) }
    try_unlink act_unlink { unlink(path!("kept")) }
    try_unlink_raw act_unlink_raw { raw(87, path!("kept") as c_long, 0, 0, 0) }
    try_connect act_connect {
        let socket = socket(1, 1, 0);
        let address = address();
        connect(socket, address.as_ptr().cast(), 110)
    }
    try_connect_raw act_connect_raw {
        let socket = raw(41, 1, 1, 0, 0);
        let address = address();
        raw(42, socket, address.as_ptr() as c_long, 110, 0)
    }
    try_fork act_fork { if fork() == 0 { creat(path!("made"), 0o600); } }
    try_fork_raw act_fork_raw { if raw(57, 0, 0, 0, 0) == 0 { raw(85, path!("made") as c_long, 0o600, 0, 0); } }
    try_clone_raw act_clone_raw { if raw(56, 17, 0, 0, 0) == 0 { raw(85, path!("made") as c_long, 0o600, 0, 0); } }
    try_clone3_raw act_clone3_raw {
        let mut arguments = [0u64; 8];
        arguments[4] = 17;
        if raw(435, arguments.as_mut_ptr() as c_long, 64, 0, 0) == 0 { raw(85, path!("made") as c_long, 0o600, 0, 0); }
    }
    try_system act_system { system(c"touch made".as_ptr()) }
    try_exec_raw act_exec_raw {
        let touch = c"/usr/bin/touch".as_ptr();
        let arguments = [touch, path!("made"), core::ptr::null()];
        let nothing = [core::ptr::null::<c_char>()];
        raw(59, touch as c_long, arguments.as_ptr() as c_long, nothing.as_ptr() as c_long, 0)
    }
    // Where the parent is not told, its group stands for it; never everybody.
    try_signal_parent act_signal_parent { kill(getppid().max(0), 15) }
    try_signal_group act_signal_group { kill(0, 15) }
    try_signal_group_raw act_signal_group_raw { raw(62, 0, 15, 0, 0) }
    try_trace_parent act_trace_parent { raw(101, 16 /* attach */, raw(110, 0, 0, 0, 0), 0, 0) }
    try_trace_me act_trace_me { raw(101, 0, 0, 0, 0) }
    try_peek act_peek { raw(310, 1, 0, 0, 0) }
    try_every_descriptor act_every_descriptor {
        let mut file = 0;
        while file < 256 {
            write(file, b"garbage\n".as_ptr(), 8);
            file += 1;
        }
    }
    try_descriptors_above act_descriptors_above {
        let mut file = 4;
        while file < 256 {
            write(file, b"garbage\n".as_ptr(), 8);
            file += 1;
        }
    }
    try_answer act_answer { write(3, b"{\"Done\":".as_ptr(), 8) }
    try_executable act_executable { mmap(core::ptr::null_mut(), 4096, 7, 0x22, -1, 0) }
    try_executable_later act_executable_later {
        let page = mmap(core::ptr::null_mut(), 4096, 3, 0x22, -1, 0);
        *page.cast::<[u8; 1]>() = RET;
        mprotect(page, 4096, 5);
        core::mem::transmute::<*mut c_void, extern "C" fn()>(page)();
    }
    try_executable_raw act_executable_raw { raw(9, 0, 4096, 7, 0x22) }
    try_pkey_raw act_pkey_raw {
        let page = mmap(core::ptr::null_mut(), 4096, 3, 0x22, -1, 0);
        raw(329, page as c_long, 4096, 5, -1)
    }
    try_memfd_raw act_memfd_raw { raw(319, c"x".as_ptr() as c_long, 0, 0, 0) }
    try_ring_raw act_ring_raw { raw(425, 8, 0, 0, 0) }
    try_handler act_handler {
        let mut action = [0u64; 19];
        action[0] = 1; // ignored
        sigaction(31, action.as_ptr().cast(), core::ptr::null_mut());
        creat(path!("made"), 0o600)
    }
    try_handler_only act_handler_only {
        let mut action = [0u64; 19];
        action[0] = 1;
        sigaction(10, action.as_ptr().cast(), core::ptr::null_mut())
    }
    try_blocked act_blocked {
        // If SIGSYS is blocked, no handler hears of it.
        let set: u64 = 1 << 30;
        raw(14, 0, &raw const set as c_long, 0, 8);
        raw(85, path!("made") as c_long, 0o600, 0, 0)
    }
    // System calls of 32 bits: a file is created.
    try_old_way act_old_way {
        let page = mmap(core::ptr::null_mut(), 4096, 3, 0x62 /* below 4 GiB */, -1, 0).cast::<u8>();
        let path = path!("made").cast::<u8>();
        let mut at = 0;
        while at < 4000 {
            *page.add(at) = *path.add(at);
            if *path.add(at) == 0 { break }
            at += 1;
        }
        asm!("push rbx", "mov ebx, esi", "int 0x80", "pop rbx",
            inlateout("rax") 8u64 => _, in("rsi") page, in("rcx") 0o600u64);
    }
    try_x32 act_x32 { raw(85 | 0x4000_0000, path!("made") as c_long, 0o600, 0, 0) }
    try_print act_print { puts(c"hello from inside".as_ptr()) }
    // More than anybody keeps.
    try_flood act_flood {
        let line = [b'x'; 4096];
        let mut count = 0;
        while count < 4096 {
            write(1, line.as_ptr(), 4096);
            count += 1;
        }
    }
    try_end act_end { raw(231, 0, 0, 0, 0) }
    // For ever, and no alarm wakes it.
    try_stay act_stay {
        let set: u64 = !0;
        raw(14, 0, &raw const set as c_long, 0, 8);
        loop { asm!("pause") }
    }
}
