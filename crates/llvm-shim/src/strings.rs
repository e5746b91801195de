//! Strings and bytes that cross the boundary.
#![allow(
    unsafe_code,
    reason = "reads and frees what the folder `cpp` has allocated"
)]

use std::borrow::Cow;
use std::ffi::{CStr, CString, c_char, c_void};
use std::slice;

use crate::boundary::irad_free;

/// Copies a string that the C++ allocated and frees it there; `None` for null.
///
/// # Safety
/// `text` is null or a result of a function of `boundary.h`, and is not used again.
pub(crate) unsafe fn take(text: *mut c_char) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: such a result is a NUL-terminated string that `irad_free` frees.
    unsafe {
        let owned = CStr::from_ptr(text).to_string_lossy().into_owned();
        irad_free(text);
        Some(owned)
    }
}

/// # Safety
/// `text` is NUL-terminated and lives as long as the result.
pub(crate) unsafe fn borrow<'a>(text: *const c_char) -> Cow<'a, str> {
    // SAFETY: promised by the caller.
    unsafe { CStr::from_ptr(text) }.to_string_lossy()
}

/// A string for C++, without the NULs that it may hold.
pub(crate) fn c_string(text: &str) -> CString {
    CString::new(text.replace('\0', "")).expect("no NUL is left")
}

/// The elements that C++ passes as a pointer, which may be null or dangle for none, and their number.
///
/// # Safety
/// `first` points to `count` elements that live as long as the result.
pub(crate) unsafe fn elements<'a, T>(first: *const T, count: usize) -> &'a [T] {
    if count == 0 {
        return &[];
    }
    // SAFETY: promised by the caller.
    unsafe { slice::from_raw_parts(first, count) }
}

/// Appends to the vector of bytes that is its context: a receiver for what comes in one piece.
pub(crate) extern "C" fn append(
    context: *mut c_void,
    _part: i32,
    bytes: *const c_char,
    length: usize,
) {
    // SAFETY: whoever passes this passes a vector of bytes with it, and C++ a buffer of that length.
    unsafe {
        let out = &mut *context.cast::<Vec<u8>>();
        out.extend_from_slice(elements(bytes.cast::<u8>(), length));
    }
}
